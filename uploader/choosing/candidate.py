"""A frame that a policy asks for, before anybody knows whether it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from uploader.choosing.alerts import NOTHING, Standing
from uploader.choosing.looks.fingerprint import Fingerprint


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is weighed of a frame that at least one policy matches.

    at_s: steady seconds. reasons: of every policy that matches, in the order of the configuration.
    uncertainty: 0..1, one minus the margin. look: what it looks like, asked for
    only when everything else speaks for the frame (`once`). standing: the alerts of its moment.
    """

    camera: str
    at_s: float
    reasons: tuple[str, ...]
    label: str
    uncertainty: float
    look: Callable[[], Fingerprint]
    standing: Standing = NOTHING


class Refusal(str, Enum):
    """Why a frame that a policy asks for is not kept."""

    TOO_SOON = "too_soon"
    """One was wanted for the same reason a moment ago; consecutive frames teach nothing new."""
    OVER_BUDGET = "over_budget"
    """A limit of its policies, of its camera or of the device is reached."""
    NOT_TODAY = "not_today"
    """The day's reviews go to frames that are less certain than this one."""
    NEAR_DUPLICATE = "near_duplicate"
    """It shows nearly the same as one that was kept."""


def once(make: Callable[[], Fingerprint]) -> Callable[[], Fingerprint]:
    """Makes it when asked first, and remembers it."""
    made: list[Fingerprint] = []

    def get() -> Fingerprint:
        if not made:
            made.append(make())
        return made[0]

    return get
