"""The door to the disk: takes masked frames and finished batches, no picture that is not masked."""

import threading
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.choosing.choice import Choice
from uploader.draft import drafted, entry_of
from uploader.encode import jpeg
from uploader.errors import NotMasked, SpoolError
from uploader.identity import BatchKind, new_id, object_key
from uploader.lines.log_files import noted
from uploader.lines.tombstones import Tombstones
from uploader.queue.admission import LetGo
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entries import CHOOSING, CLOCK, RECORDS
from uploader.queue.entry import Entry
from uploader.queue.entry_name import EntryName
from uploader.queue.waiting import Backlog
from uploader.receipts.chain import Chain
from uploader.receipts.key import DeviceKey
from uploader.record import Record
from uploader.settings import SpoolSettings
from uploader.steady import open_clock
from uploader.vouched import Vouch, vouched

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
BEGINNINGS: Mapping[BatchKind, bytes] = {"records": GZIP, "tombstones": GZIP, "sensors": PARQUET}
"""How they begin: a picture cannot pass as a batch."""
DAY_S = 86_400
OLD_AT_ONCE = 500
"""Entries that are let go at once for their age: each step stays short."""


class Spool:
    """What producers see of the queue of this device. Thread-safe; a context manager.

    queue: what the uploader takes from. chain: of the receipts of all frames that were accepted.
    tombstones: of what was let go. clock: by which what waits grows old.
    """

    def __init__(
        self,
        folder: Path,
        settings: SpoolSettings,
        site: str,
        device: str,
        jpeg_quality: int,
        key: DeviceKey,
    ) -> None:
        """key: signs the records.

        Raises SpoolError when the folder is no spool, is in use, or cannot be written.
        """
        self.queue = DiskQueue(folder, settings)
        try:
            self.chain = Chain(self.queue, key)
            self.queue.spare(noted(folder / RECORDS))
        except SpoolError:
            self.queue.close()
            raise
        self.clock = open_clock(folder / CHOOSING / CLOCK, self.queue.newest_day * DAY_S)
        self.tombstones = Tombstones(self, site, device, key)
        self._site, self._device, self._quality = site, device, jpeg_quality
        self._max_age_days, self._looked_on = settings.max_age_days, -1

    @property
    def waiting(self) -> Backlog:
        """How many entries wait, and their bytes."""
        return self.queue.waiting

    @property
    def quarantined(self) -> Backlog:
        """How many files were set aside, now and in earlier runs, and their bytes."""
        return self.queue.quarantined

    @property
    def arrived(self) -> threading.Event:
        """Set whenever something was accepted."""
        return self.queue.arrived

    def put(
        self,
        masked: MaskedFrame,
        prediction: Prediction,
        choice: Choice,
        vouch: Vouch | None = None,
    ) -> Record:
        """Accepts a frame; returns when it would survive a power cut.

        vouch: is shown the picture exactly as it would be stored, until it covers nothing more.
        Raises NotMasked for anything but a MaskedFrame that shows something, SpoolFull at a bound,
        SpoolError when the disk fails: then nothing was accepted.
        """
        if vouch is None:
            body = self._encode(masked)
        else:
            masked, body = vouched(masked, self._encode, vouch)
        self._tidy()
        return self.chain.put(
            drafted(self._site, self._device, masked, prediction, choice, body),
            lambda record, fields: self.queue.arrive(entry_of(record, fields, body), *self._terms),
        )

    def put_object(
        self,
        kind: BatchKind,
        body: bytes,
        content_type: str,
        at: datetime,
        metadata: Mapping[str, str] | None = None,
        id: str | None = None,
    ) -> str:
        """Accepts a finished object that holds no picture and returns its key; raises like `put`.

        at: UTC, the date under which readers find it. id: one made earlier, by which a batch that
        was interrupted is finished; an entry that has it already is left as it is.
        Raises NotMasked for a body that is neither gzip (records) nor Parquet (sensors).
        """
        if kind not in BEGINNINGS or not body.startswith(BEGINNINGS[kind]):
            raise NotMasked(f"{kind} of this form are not taken: frames go through `put`, masked")
        id, digest = id or new_id(at), sha256(body).hexdigest()
        key = object_key(kind, self._site, self._device, at, id, digest)
        if not self.queue.has(id):
            if kind == "sensors":
                self._tidy()
            entry = Entry(id, kind, key, content_type, digest, body, metadata or {})
            self.queue.accept(entry, *self._terms)
        return key

    def let_go_of_old(self) -> None:
        """Lets go of some of what waited longer than `max_age_days`. Raises SpoolError."""
        today = self.today
        if self._max_age_days is None or self._looked_on == today:
            return
        old = self.queue.expired(today - self._max_age_days, OLD_AT_ONCE)
        if old:
            self.tombstones.let_go(old, "max_age")
        else:
            self._looked_on = today

    def set_aside(self, name: EntryName, why: str) -> None:
        """Puts an entry into quarantine with the reason; it is never sent."""
        self.chain.keep()
        self.queue.quarantine(name, why)

    @property
    def today(self) -> int:
        """The day, by the steady clock."""
        return int(self.clock.now_s() // DAY_S)

    @property
    def oldest_days(self) -> int:
        """For how many days the oldest has waited."""
        return max(0, self.today - self.queue.oldest_day) if self.waiting.entries else 0

    def close(self) -> None:
        """Lets another process use the folder; what waits stays on the disk."""
        self.queue.close()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _tidy(self) -> None:
        """What has to be done before anything can be let go."""
        self.tombstones.recover()
        self.let_go_of_old()

    @property
    def _terms(self) -> tuple[int, LetGo]:
        """What the queue is told of every entry: the day, and what makes room for it."""
        return self.today, self.tombstones.let_go

    def _encode(self, masked: MaskedFrame) -> bytes:
        return jpeg(masked, self._quality)
