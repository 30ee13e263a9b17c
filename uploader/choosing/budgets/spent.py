"""What was kept of late, as a file remembers it: after any end, nobody may keep more than allowed.

A frame is counted after the spool took it. So an end without `close` may leave one frame that is
kept and not counted; the next start counts one to every limit, and no second one before another
frame was counted: a device that starts again and again does not use up what it never kept.
"""

from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from uploader.choosing.budgets.limits import Taken

Seconds = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[int, Field(ge=0)]


class End(str, Enum):
    """How the run that wrote the file has ended, if it is not running still."""

    ORDERLY = "orderly"
    """Every frame that it kept is counted."""
    SUDDEN = "sudden"
    """One may be missing."""
    COUNTED = "counted"
    """Another run has ended so, the frame that may be missing was counted, and none was kept."""


class Spent(BaseModel):
    """All that limits must know again.

    at_s: steady seconds of the writing. taken: of each limit, by its name. largest: of each camera,
    bytes of a frame. saved: reviews that were saved up then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["vision-app/budgets/1"] = Field("vision-app/budgets/1", alias="schema")
    end: End
    at_s: Seconds
    taken: dict[str, tuple[tuple[Seconds, Seconds, Amount], ...]]
    largest: dict[str, Amount]
    saved: Seconds | None

    def taken_of(self, name: str, at_s: float) -> tuple[Taken, ...]:
        """Of one limit; moved back where the steady clock itself began anew behind it."""
        ahead_s = max(self.at_s - at_s, 0.0)
        return tuple(
            Taken(first_s - ahead_s, last_s - ahead_s, amount)
            for first_s, last_s, amount in self.taken.get(name, ())
        )
