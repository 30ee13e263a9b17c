"""What the configuration says of masking."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.faces import DETECTORS, DetectorName


class MaskingSettings(BaseModel):
    """The `[masking]` block. There is no value here that switches masking off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: DetectorName = "centerface"
    threshold: Annotated[float, Field(gt=0, le=0.5)] = DETECTORS["centerface"].threshold
    """Score from which a detection is a face; lower masks more. Default: the detector's own."""
    max_side: Annotated[int, Field(ge=128, le=4096)] = 640
    """Longer side of what the detector sees, pixels; larger finds smaller faces, slower."""
    grow: Annotated[float, Field(ge=1.0, le=3.0)] = 1.6
    """Masks are the detected box with its sides multiplied by this."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """A detector that takes longer has its frame redacted whole."""
    second_look_side: Annotated[int, Field(ge=128, le=4096)] = 1280
    """Longer side for the second look at frames that are about to be kept, pixels."""

    @model_validator(mode="before")
    @classmethod
    def _with_its_own_threshold(cls, given: Any) -> Any:
        """Scores of one detector mean something else than those of another."""
        if not isinstance(given, Mapping) or "threshold" in given:
            return given
        name = given.get("detector", "centerface")
        own = [kind.threshold for known, kind in DETECTORS.items() if known == name]
        return {**given, "threshold": own[0]} if own else given
