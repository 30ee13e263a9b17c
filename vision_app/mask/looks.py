"""Everyone who looks at one photograph: the masker, the second look and the judge."""

from types import TracebackType

from devices.frame import Frame
from masking.errors import Withheld
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.second_look import SecondLook
from uploader.vouched import Encode, vouched
from vision_app.mask.report import End, Unmasked


class Looks:
    """What one photograph at a time goes through. `close` may be called twice."""

    def __init__(self, masker: Masker, second_look: SecondLook) -> None:
        self._masker, self._second_look = masker, second_look

    def through(self, frame: Frame, encode: Encode) -> tuple[MaskedFrame, bytes]:
        """The frame with every face covered that anyone found, and its file as the judge saw it.

        Raises Unmasked: nobody knows where the faces are, or one shows even so.
        """
        masked = self._masker.mask_alone(frame)
        if masked.redacted:
            raise Unmasked(End.REDACTED, masked.receipt.reason)
        try:
            again = self._second_look.look(masked)
            return vouched(again, encode, self._second_look.vouch)
        except Withheld as error:
            raise Unmasked(End.WITHHELD, str(error)) from None

    def close(self) -> None:
        """Ends the threads of the detectors."""
        self._masker.close()
        self._second_look.close()

    def __enter__(self) -> "Looks":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
