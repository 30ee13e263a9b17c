"""One walk over a store, from the list of its objects to everything that is wrong with it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor

from uploader.audit.claims import Batch, Claim, stored_batch
from uploader.audit.finding import Finding, Kind
from uploader.audit.frames import FrameCheck, Looked, Unrecorded
from uploader.audit.layout import Place, place
from uploader.audit.ledger import Ledger
from uploader.audit.losses import LossFile, stored_losses
from uploader.audit.others import NOT_GONE, foreign, sensor_file
from uploader.audit.parallel import in_parallel
from uploader.audit.question import DAY, Question
from uploader.audit.tally import Tally
from uploader.lines.tombstone import Tombstone
from uploader.reading import Stored, StoreReader
from uploader.receipts.key import fingerprint

AHEAD = 32
"""Objects that are read before the first of them is looked at."""
NO_RECORD = (
    "no record names it: its records may still be on the device (verify again later), "
    "else it was injected"
)

Placed = tuple[Stored, Place]
Work = tuple[Claim, int, bool]
"""A record, the bytes of its frame, and whether nothing is wrong with the record."""


class Audit:
    """`run` once; then tally, ledger and findings say what was seen.

    progress: is told how many objects were read, of how many.
    """

    def __init__(
        self,
        reader: StoreReader,
        question: Question,
        progress: Callable[[int, int], None],
        pool: Executor,
    ) -> None:
        self._reader, self._question, self._pool = reader, question, pool
        self._check = FrameCheck(reader, question.detector)
        self._progress, self._done, self._total = progress, 0, 0
        self._frames: dict[str, int] = {}
        self._claimed: dict[str, bytes] = {}
        self._other: dict[str, str] = {}
        self._there: set[str] = set()
        self._buried: list[Placed] = []
        self._mourned: set[str] = set()
        self._recordless: dict[str, Tombstone] = {}
        self.tally, self.ledger = Tally(), Ledger()
        self.findings: list[Finding] = []

    def run(self) -> None:
        """Raises StoreUnavailable or StoreDenied when the store cannot be read."""
        batches = list(self._placed("records/"))
        sensors = self._listed()
        self._there = {*self._frames, *(stored.key for stored, _ in sensors)}
        self._total = sum(map(len, (batches, self._there, self._buried)))
        for work, looked in in_parallel(self._pool, self._recorded, self._works(batches), AHEAD):
            self._note(work, looked)
        for losses in in_parallel(self._pool, self._lost, self._buried, AHEAD):
            self._read_one()
            self.findings += (*losses.findings, *self._unfitting(losses))
        unrecorded = tuple(self._unrecorded())
        for looked in in_parallel(self._pool, self._check.unrecorded, unrecorded, AHEAD):
            self._read_one()
            self.findings += (*self._without_record(looked), *looked.findings)
        for found in in_parallel(self._pool, self._sensor, sensors, AHEAD):
            self._read_one()
            self.findings += found
        self._tell_changed()

    def _placed(self, prefix: str) -> Iterator[Placed]:
        """Batches of the days that are asked about, and of those beside them for the links."""
        for stored in self._reader.objects(prefix):
            where = place(stored.key)
            if where is not None and self._question.asks(where.date, DAY):
                yield stored, where

    def _listed(self) -> list[Placed]:
        """Notes frames, tombstones and foreign objects; returns the sensor files."""
        sensors: list[Placed] = []
        for stored in self._reader.objects():
            where = place(stored.key)
            if where is None:
                self.findings += foreign(stored)
            elif where.room == "tombstones":  # of any day: frames may have waited for long
                self._buried.append((stored, where))
            elif self._question.asks(where.date):
                if where.room == "frames":
                    self._frames[stored.key] = stored.size
                elif where.room == "sensors":
                    sensors.append((stored, where))
                self.tally.counts.label_files += where.room == "labels"
        counts = self.tally.counts
        counts.frames, counts.sensor_files = len(self._frames), len(sensors)
        return sensors

    def _works(self, batches: list[Placed]) -> Iterator[Work]:
        for (_, where), batch in in_parallel(self._pool, self._batch, batches, 4):
            self._read_one()
            inside = self._question.asks(where.date)
            faulty = {finding.about for finding in batch.findings}
            self.findings += batch.findings if inside else ()
            for claim in batch.claims:
                self.ledger.add(claim, inside)
                if inside:
                    sound = not {claim.record.id, claim.record.key} & faulty
                    yield from self._work(claim, sound)

    def _work(self, claim: Claim, sound: bool) -> Iterator[Work]:
        """What is to be looked at for a record: its frame, unless that is not there."""
        key = claim.record.key
        self.tally.count(claim)
        size = self._frames.pop(key, None)
        if size is not None:
            self._claimed[key] = claim.digest
            yield claim, size, sound and self._question.trusts(claim.record.chain.public_key)
        elif key not in self._claimed:
            text = "its record is there, but the frame is not: it was removed"
            self.findings.append(Finding(Kind.MISSING, key, text))
        elif self._claimed[key] != claim.digest:
            text = "another record describes it otherwise: a frame has one"
            self.findings.append(Finding(Kind.DUPLICATE, key, text))

    def _unfitting(self, losses: LossFile) -> Iterator[Finding]:
        """What is wrong with tombstones beside all else; notes those that explain something."""
        for stone in (loss.stone for loss in losses.losses if loss.genuine):
            if not self._question.trusts(stone.chain.public_key):
                named = fingerprint(stone.chain.public_key)
                text = f"its tombstone is signed with {named}, which is not one that you trust"
                yield Finding(Kind.WRONG_KEY, stone.id, text)
            elif stone.id in self._mourned:
                yield Finding(Kind.DUPLICATE, stone.id, "it has two tombstones: each has one")
            else:
                self._mourned.add(stone.id)
                yield from self._explained(stone)

    def _explained(self, stone: Tombstone) -> Iterator[Finding]:
        found = list(self.ledger.lose(stone))
        where = place(stone.key)
        if where is not None and self._question.asks(where.date):
            if stone.key not in self._there or found:
                self.tally.count_lost(stone.reason)
            elif stone.key in self._claimed or not self._vouched(stone, where):
                found.append(Finding(Kind.NOT_GONE, stone.key, NOT_GONE))
            else:  # its answer was lost: see whether it is what the device had
                self._recordless[stone.key] = stone
        yield from found

    def _vouched(self, stone: Tombstone, where: Place) -> bool:
        """Whether of a frame the key of a chain here signed it, or one that is trusted."""
        known = stone.chain.chain in self.ledger.chains or bool(self._question.trusted)
        return known or where.room != "frames"

    def _unrecorded(self) -> Iterator[Unrecorded]:
        for key, size in self._frames.items():
            yield key, size, self._buried_as(key)

    def _buried_as(self, key: str) -> str:
        """The SHA-256 that a tombstone names; empty without one."""
        stone = self._recordless.get(key)
        return stone.sha256 if stone else ""

    def _without_record(self, looked: Looked) -> Iterator[Finding]:
        """What is wrong with that; nothing where the device signed what lies there."""
        stone = self._recordless.get(looked.key)
        if stone is not None and looked.buried:
            self.tally.count_recordless(stone)
            return
        yield Finding(Kind.INJECTED, looked.key, NO_RECORD)
        if stone is not None:
            yield Finding(Kind.NOT_GONE, looked.key, NOT_GONE)

    def _note(self, work: Work, looked: Looked) -> None:
        self._read_one()
        _, _, sound = work
        self.findings += looked.findings
        if looked.other:
            self._other[looked.key] = looked.other
        self.tally.counts.verified += sound and not looked.findings and not looked.other

    def _tell_changed(self) -> None:
        """Says of frames that are not the recorded ones whether they are others of this store."""
        named = {key[-16:-4]: key for key in self._claimed} if self._other else {}
        for key, digest in self._other.items():
            owner = named.get(digest[:12])
            kind = Kind.SWAPPED if owner else Kind.CHANGED
            text = f"it holds the picture of {owner}" if owner else "it is not what was recorded"
            self.findings.append(Finding(kind, key, text))

    def _recorded(self, work: Work) -> tuple[Work, Looked]:
        claim, size, _ = work
        return work, self._check.recorded(claim, size)

    def _batch(self, placed: Placed) -> tuple[Placed, Batch]:
        return placed, stored_batch(self._reader, *placed)

    def _lost(self, placed: Placed) -> LossFile:
        return stored_losses(self._reader, *placed)

    def _sensor(self, placed: Placed) -> tuple[Finding, ...]:
        return tuple(sensor_file(self._reader, *placed, self._buried_as(placed[0].key)))

    def _read_one(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)
