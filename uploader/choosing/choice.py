"""That a frame is kept, and why: what the spool and the record are told of it."""

from dataclasses import dataclass

from uploader.choosing.alerts import Alerted


@dataclass(frozen=True, slots=True)
class Choice:
    """Why one frame is kept.

    reasons: of every policy that matched, in the order of the configuration.
    by: the reason of the first of them with budget left; the frame counts against it.
    value: 0..1, what a label of it would be worth; what is worth least goes first when the spool
    must let go. suppressed: wanted frames of this camera, since the one kept before, that were not
    kept because they showed nearly what a kept one had shown. alerts: those that counted for its
    camera when it came.
    """

    reasons: tuple[str, ...]
    by: str
    value: float = 0.5
    suppressed: int = 0
    alerts: tuple[Alerted, ...] = ()
