"""Everyone who looks at one photograph: the masker, and a judge who had no part in the masking."""

from devices.frame import Frame
from masking.errors import Withheld
from masking.judge import Judge
from masking.masked_frame import MaskedFrame
from masking.photograph import PhotographMasker
from uploader.vouched import Encode, vouched
from vision_app.mask.report import End, Unmasked


class Looks:
    """What one photograph at a time goes through. `close` may be called twice.

    judge: None where somebody asked for one look, without a last word.
    """

    def __init__(self, masker: PhotographMasker, judge: Judge | None) -> None:
        self._masker, self._judge = masker, judge

    def through(self, frame: Frame, encode: Encode) -> tuple[MaskedFrame, bytes]:
        """The frame with every face covered that anyone found, and its file as the judge saw it.

        Raises Unmasked: nobody knows where the faces are, or one shows even so.
        """
        masked = self._masker.mask_alone(frame)
        if masked.redacted:
            raise Unmasked(End.REDACTED, masked.receipt.reason)
        if self._judge is None:
            return masked, encode(masked)
        try:
            return vouched(masked, encode, self._judge.vouch)
        except Withheld as error:
            raise Unmasked(End.WITHHELD, str(error)) from None

    def close(self) -> None:
        """Ends the threads of the detectors."""
        self._masker.close()
        if self._judge is not None:
            self._judge.close()
