"""What is remembered of kept frames from one run to the next, as a file has it."""

from base64 import b64decode, b64encode
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from uploader.choosing.looks.looks import Looks
from uploader.choosing.value import MAX_LABELS

MAX_CAMERAS = 64
MAX_LOOKS = 256
"""So many of each camera, those seen last: of embeddings of 1024 numbers 0.7 MB."""
VECTORS, TIMES = "<f2", "<f8"
"""Little-endian on every machine; half precision moves a cosine by less than 0.001."""

Count = Annotated[int, Field(ge=0)]


class Seen(BaseModel):
    """Of one camera. vectors: in base64, of so many numbers each; kept_s, seen_s: steady seconds.

    Whoever reads numbers that do not fit together gets ValueError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera: str
    space: str
    suppressed: Count
    size: Annotated[int, Field(ge=1)]
    vectors: str
    kept_s: str
    seen_s: str

    def looks(self, most: int) -> Looks:
        """Those seen last, at most so many."""
        vectors = _unpacked(self.vectors, VECTORS).astype(np.float32).reshape(-1, self.size)
        times = _unpacked(self.kept_s, TIMES), _unpacked(self.seen_s, TIMES)
        if any(len(numbers) != len(vectors) for numbers in times):
            raise ValueError(f"it has {len(vectors)} looks of {self.camera}, but other times")
        return Looks(self.space, vectors, *times, self.suppressed).latest(most)


class Remembered(BaseModel):
    """All of it. cameras: those first that kept something the longest ago. labels: of how many
    kept frames each was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["vision-app/kept/1"] = Field("vision-app/kept/1", alias="schema")
    cameras: Annotated[tuple[Seen, ...], Field(max_length=MAX_CAMERAS)]
    labels: Annotated[dict[str, Count], Field(max_length=MAX_LABELS)]


def seen(camera: str, looks: Looks) -> Seen:
    """As a file remembers it."""
    last = looks.latest(MAX_LOOKS)
    return Seen(
        camera=camera,
        space=last.space,
        suppressed=last.suppressed,
        size=last.vectors.shape[1],
        vectors=_packed(last.vectors, VECTORS),
        kept_s=_packed(last.kept_s, TIMES),
        seen_s=_packed(last.seen_s, TIMES),
    )


def _packed(numbers: NDArray[Any], kind: str) -> str:
    return b64encode(numbers.astype(kind).tobytes()).decode()


def _unpacked(text: str, kind: str) -> NDArray[Any]:
    numbers = np.frombuffer(b64decode(text, validate=True), kind)
    if not np.isfinite(numbers).all():
        raise ValueError("it has numbers that are not finite")
    return numbers.astype(kind[1:])
