"""What the configuration says of masking."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class MaskingSettings(BaseModel):
    """The `[masking]` block. There is no value here that switches masking off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: Literal["centerface"] = "centerface"
    threshold: Annotated[float, Field(gt=0, le=0.5)] = 0.2
    """Score from which a detection is a face; lower masks more."""
    max_side: Annotated[int, Field(ge=128, le=4096)] = 640
    """Longer side of what the detector sees, pixels; larger finds smaller faces, slower."""
    grow: Annotated[float, Field(ge=1.0, le=3.0)] = 1.6
    """Masks are the detected box with its sides multiplied by this."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """A detector that takes longer has its frame redacted whole."""
    second_look_side: Annotated[int, Field(ge=128, le=4096)] = 1280
    """Longer side for the second look at frames that are about to be kept, pixels."""
