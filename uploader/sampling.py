"""Which frames are worth a label; everything else stays on the device."""

from dataclasses import dataclass

from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.choosing.settings import KeepSettings


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a frame is kept; no reason: it is not."""

    reasons: tuple[str, ...] = ()

    @property
    def keep(self) -> bool:
        """Whether any reason was found."""
        return bool(self.reasons)


def decide(prediction: Prediction, masked: MaskedFrame, settings: KeepSettings) -> Decision:
    """Every reason that applies, in a fixed order; a redacted frame shows nothing and has none."""
    if masked.redacted:
        return Decision()
    reasons = {
        "low_confidence": prediction.confidence < settings.below,
        "high_confidence": prediction.confidence > settings.above,
        "masked": settings.masked and masked.faces > 0,
    }
    return Decision(tuple(reason for reason, applies in reasons.items() if applies))
