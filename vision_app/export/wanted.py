"""Which records are asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from uploader.record import Record

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records captured from `since` on and before `until`, UTC, that have one of each list.

    An empty list asks for all. labels: those that the model gave.
    """

    since: datetime | None = None
    until: datetime | None = None
    sites: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def first_day(self) -> str:
        """YYYY-MM-DD; empty where all days are asked for."""
        return f"{self.since:%Y-%m-%d}" if self.since else ""

    @property
    def last_day(self) -> str:
        """YYYY-MM-DD; greater than every day where all are asked for."""
        return f"{self.until - INSTANT:%Y-%m-%d}" if self.until else "9999-99-99"

    def asks(self, record: Record) -> bool:
        """Whether a record is asked for."""
        one_each = (
            (record.site, self.sites),
            (record.device, self.devices),
            (record.camera, self.cameras),
            (record.label, self.labels),
        )
        fits = all(not asked or one in asked for one, asked in one_each)
        return fits and self._when(record.captured_at) and self._why(record.reasons)

    def _when(self, at: datetime) -> bool:
        begun = self.since is None or at >= self.since
        return begun and (self.until is None or at < self.until)

    def _why(self, reasons: tuple[str, ...]) -> bool:
        return not self.reasons or not set(self.reasons).isdisjoint(reasons)
