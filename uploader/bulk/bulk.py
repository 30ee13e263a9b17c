"""Every sensor reading, collected into Parquet files that go the way of all uploads.

In the folder, `<sensor>.open` takes readings as records and `<sensor>.<id>.sealed` takes no more:
it is about to become the spool entry `<id>`. A file holds readings of one date only, so that
`date=` in its key tells readers the truth. What happens, and what the next start finds after an end
(kill -9 or power cut) in between:

    step                                  the next start
    1 record written to <sensor>.open     has it; after a power cut, those up to the last sync
    2 renamed to <sensor>.<id>.sealed     seals what is open, or goes on with 3
    3 entry <id> written durably          makes the entry again: same id, same bytes, same key
    4 <sensor>.<id>.sealed removed        knows nothing of it: the entry waits, or was sent

A sync is due a second after the one before, and when a journal is sealed; those who add readings
never wait for it. When the spool takes nothing, so many sealed journals wait
(uploader/bulk/journals.py); then new readings are lost, and counted: what was accepted is kept.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from types import MappingProxyType, TracebackType

from models import durable
from uploader.bulk.journals import SEALED, Journals, Signals
from uploader.bulk.parquet import CONTENT_TYPE, SCHEMA, check_parquet, parquet
from uploader.bulk.readings import Readings, read_journal
from uploader.errors import SpoolError, UploaderError
from uploader.identity import EPOCH
from uploader.queue.object_spool import ObjectSpool
from uploader.record import rfc3339
from uploader.settings import BulkSettings

log = logging.getLogger("uploader")


class Collected(Enum):
    """What a step came to."""

    IDLE = "idle"
    SPOOLED = "spooled"
    REFUSED = "refused"


WAIT_S = 0.5
"""Between two steps while nothing is to be spooled: what comes is to be synced in time."""
OFFER_AGAIN_S = 5.0
"""After the spool refused."""


class Bulk:
    """Collects readings of any number of sensors. `add` is thread-safe; `step` is for one thread.

    wait_s: after a step, the time until the next one is useful. files: spooled since the start.
    """

    def __init__(
        self,
        folder: Path,
        spool: ObjectSpool,
        settings: BulkSettings,
        site: str,
        device: str,
        signals: Signals = MappingProxyType({}),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes up what an earlier run left. Raises UploaderError.

        signals: sensor → signal → unit, as the configuration names them: each file of that sensor
        has these columns. What is not named becomes a column when it comes.
        """
        check_parquet()
        self.wait_s = 0.0
        self.files = 0
        self._folder, self._spool, self._settings = folder, spool, settings
        self._origin = {"site": site, "device": device}
        self._clock, self._again_s, self._problem = clock, clock(), ""
        try:
            self._journals = Journals(folder, settings, signals, clock)
        except OSError as error:
            raise UploaderError(
                f"{folder} cannot take sensor readings ({error.strerror}): make it writable, "
                "or name another data folder"
            ) from error

    @property
    def losses(self) -> Mapping[str, int]:
        """Readings that are in no file, by reason.

        disk (full or broken), backlog (too much waits for the spool), torn (what a power cut left
        half), damaged (NaN or infinite), closed (came after the end).
        """
        return self._journals.losses

    @property
    def problem(self) -> str:
        """What keeps readings from being collected or spooled now, as a sentence; else empty."""
        return self._journals.problem or self._problem

    def add(self, sensor: str, at: datetime, values: Mapping[str, float]) -> None:
        """Keeps a reading, which kill -9 does not lose any more. Counts what a bad disk loses.

        sensor: its name in the configuration. at: UTC.
        """
        self._journals.add(sensor, at, values)

    def step(self) -> Collected:
        """Closes the journals that are due, and spools one that is closed."""
        self._journals.seal(older_than_s=self._settings.every_s)
        self._journals.sync()
        outcome = self._spool_one() if self._clock() >= self._again_s else Collected.REFUSED
        self.wait_s = 0.0 if outcome is Collected.SPOOLED else WAIT_S
        return outcome

    def close(self) -> None:
        """Spools all that was collected; what the spool refuses, the next start offers again."""
        self._journals.close()
        while self._spool_one() is Collected.SPOOLED:
            pass

    def __enter__(self) -> "Bulk":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _spool_one(self) -> Collected:
        sealed = self._journals.oldest()
        if sealed is None:
            return Collected.IDLE
        try:
            readings = read_journal(sealed)
            self._put(sealed, readings)
            sealed.unlink()
            durable.sync_folder(self._folder)
        except SpoolError as error:
            self._again_s = self._clock() + OFFER_AGAIN_S
            return self._refused(str(error))
        except OSError as error:
            self._journals.postpone()
            return self._refused(f"{sealed} cannot be read or removed ({error.strerror})")
        self._journals.done(readings.torn)
        self._problem = ""
        return Collected.SPOOLED

    def _put(self, sealed: Path, readings: Readings) -> None:
        rows = len(readings.times_us)
        if not rows:
            return
        sensor, id = sealed.name.removesuffix(SEALED).split(".")
        origin = self._origin | {"sensor": sensor}
        first_at, last_at = (
            EPOCH + timedelta(microseconds=int(readings.times_us[i])) for i in (0, -1)
        )
        metadata = origin | {
            "schema": SCHEMA,
            "rows": str(rows),
            "first-at": rfc3339(first_at),
            "last-at": rfc3339(last_at),
        }
        body = parquet(readings, origin)
        self._spool.put_object("sensors", body, CONTENT_TYPE, first_at, metadata, id)
        self.files += 1

    def _refused(self, problem: str) -> Collected:
        if problem != self._problem:
            log.warning("%s", problem)
        self._problem = problem
        return Collected.REFUSED
