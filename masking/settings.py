"""What the configuration says of masking."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from masking.fill import FillName
from models.faces import DetectorChoice


class MaskingSettings(BaseModel):
    """The `[masking]` block. There is no value here that switches masking off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: DetectorChoice = "auto"
    """auto: whatever finds most within budget_ms on this machine."""
    budget_ms: Annotated[float, Field(gt=0, le=10_000)] = 12.0
    """What auto may spend on a frame of 1280x720, milliseconds of one core."""
    threshold: Annotated[float, Field(gt=0, le=0.5)] | None = None
    """Score from which a detection is a face; lower masks more. Default: the detector's own."""
    max_side: Annotated[int, Field(ge=128, le=4096)] | None = None
    """Longer side of what the detector sees, pixels; larger finds smaller faces, slower.
    Default: 640, or what auto takes."""
    detect_every: Annotated[int, Field(ge=1, le=11)] | None = None
    """The detector looks at every n-th frame; masks are carried between. At most look_ahead + 1, so
    that no frame is shown before a look at it or at a later one. Default: 1, or what auto takes."""
    hold: Annotated[int, Field(ge=0, le=60)] = 5
    """For so many frames a face stays masked after it was last seen."""
    look_ahead: Annotated[int, Field(ge=0, le=10)] = 2
    """So many frames are waited for, and what is found in them is masked before it was seen."""
    grow: Annotated[float, Field(ge=1.0, le=3.0)] = 1.6
    """Masks are the found box with its sides multiplied by this."""
    fill: FillName = "solid"
    """What masks are filled with."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """A detector that takes longer has its frame redacted whole."""
    second_look_side: Annotated[int, Field(ge=128, le=4096)] = 1280
    """Longer side for the second look at frames that are about to be kept, pixels."""
    second_detector: DetectorChoice = "auto"
    """Another detector, which looks at frames that are about to be kept."""
    judge: DetectorChoice = "auto"
    """One that looks at what would be stored, and has it covered again or withheld."""

    @model_validator(mode="after")
    def _no_frame_before_a_look(self) -> "MaskingSettings":
        if self.detect_every is not None and self.detect_every > self.look_ahead + 1:
            raise ValueError(
                f"detect_every = {self.detect_every} needs look_ahead = {self.detect_every - 1} "
                "or more: no frame may be shown before a look at it or at a later one"
            )
        return self
