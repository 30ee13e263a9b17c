"""What was learned of the classes, as a file remembers it; without it, it is learned again."""

from base64 import b64decode, b64encode
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from uploader.choosing.budgets.quantiles import BINS, MAX_CLASSES

FLOATS = "<f4"
"""Little-endian, on every machine."""

Positive = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Lesson(BaseModel):
    """Of one class. seen: its histogram, BINS floats in base64. easier: see uploader/review.py."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: str
    easier: Positive

    @field_validator("seen")
    @classmethod
    def _histogram(cls, seen: str) -> str:
        histogram = np.frombuffer(b64decode(seen, validate=True), FLOATS)
        if histogram.shape != (BINS,) or not (histogram >= 0).all() or np.isinf(histogram).any():
            raise ValueError(f"it is no histogram of {BINS} bins")
        return seen

    def histogram(self) -> NDArray[np.float64]:
        """(BINS,)"""
        return np.frombuffer(b64decode(self.seen), FLOATS).astype(np.float64)


class Learned(BaseModel):
    """Of all classes, in the order in which they came. at_s, age_s: steady seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["vision-app/learned/1"] = Field("vision-app/learned/1", alias="schema")
    at_s: Annotated[float, Field(allow_inf_nan=False)]
    age_s: Positive
    classes: Annotated[dict[str, Lesson], Field(max_length=MAX_CLASSES)]


def lesson(histogram: NDArray[np.float64], easier: float) -> Lesson:
    """histogram: (BINS,), frames."""
    packed = b64encode(histogram.astype(FLOATS).tobytes()).decode()
    return Lesson(seen=packed, easier=max(easier, 0.0))
