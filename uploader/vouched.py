"""Encodes a masked frame, and shows the picture to a judge until there is nothing more to cover."""

from collections.abc import Callable

from masking.errors import Withheld
from masking.masked_frame import MaskedFrame
from uploader.encode import Pixels, decoded
from uploader.errors import NotEncoded

Vouch = Callable[[MaskedFrame, Pixels], MaskedFrame]
"""Is shown a frame and its picture as it would be stored, (height, width, 3) uint8 BGR. Returns the
frame with more faces covered, to be encoded and shown again, or as it is; raises to keep it out."""
Encode = Callable[[MaskedFrame], bytes]
ENCODINGS = 2


def vouched(masked: MaskedFrame, encode: Encode, vouch: Vouch) -> tuple[MaskedFrame, bytes]:
    """The frame as the judge let it pass, and the very bytes that it was shown, decoded.

    Raises NotEncoded when those bytes are no picture, Withheld when the judge still covers more of
    the second ones, and whatever encode and vouch raise.
    """
    for _ in range(ENCODINGS):
        body = encode(masked)
        stored = decoded(body)
        if stored is None:
            raise NotEncoded("a frame was encoded wrongly and is not kept: report this")
        judged = vouch(masked, stored)
        if judged.faces == masked.faces:
            return judged, body
        masked = judged
    raise Withheld("a face shows even after it was covered twice")
