"""Counts what an audit meets on its way through a store."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from uploader.audit.claims import Claim
from uploader.audit.finding import Finding, Kind
from uploader.audit.treatment import judged_itself
from uploader.lines.tombstone import Tombstone


@dataclass(slots=True)
class Counts:
    """frames: those that lie in the store. masked, exempt: as their records say. verified: those
    that have a genuine record and no fault. faces: covers that records name; unproven: those of
    them whose fill leaves no way to see in the pixels that they are there. self_judged: frames
    whose judge is one of the detectors that masked them. between: frames that no detector saw
    live, whose masks came from looks at those around them. let_go: frames and sensor files that
    devices say, signed, they had no room for, and that are not there. recordless: frames that are.
    """

    frames: int = 0
    records: int = 0
    verified: int = 0
    masked: int = 0
    exempt: int = 0
    faces: int = 0
    unproven: int = 0
    self_judged: int = 0
    between: int = 0
    sensor_files: int = 0
    label_files: int = 0
    let_go: int = 0
    recordless: int = 0


@dataclass(frozen=True, slots=True)
class ExemptSeen:
    """An exempt camera, why it is, and how many of its frames have a record."""

    device: str
    camera: str
    reason: str
    frames: int


@dataclass(frozen=True, slots=True)
class Recordless:
    """A frame that its device sent, never learned so, and let go: only a tombstone tells of it."""

    key: str
    chain: str
    number: int


@dataclass(slots=True)
class Tally:
    """exempt: (device, camera, reason) → frames.

    sources: (device, where its records say that frames lie) → records. let_go: reason → entries.
    """

    counts: Counts = field(default_factory=Counts)
    exempt: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    sources: Counter[tuple[str, str]] = field(default_factory=Counter)
    let_go: Counter[str] = field(default_factory=Counter)
    recordless: list[Recordless] = field(default_factory=list)

    def count_lost(self, reason: str) -> None:
        """Counts a tombstone."""
        self.counts.let_go += 1
        self.let_go[reason] += 1

    def count_recordless(self, stone: Tombstone) -> None:
        """Counts a frame that is there and has a tombstone instead of a record."""
        self.counts.recordless += 1
        link = stone.chain
        self.recordless.append(Recordless(stone.key, link.chain, link.number))

    def count(self, claim: Claim) -> None:
        """Counts a record."""
        record, receipt, counts = claim.record, claim.record.receipt, self.counts
        device = f"{record.site}/{record.device}"
        counts.records += 1
        counts.faces += len(receipt.faces)
        if claim.source:
            self.sources[device, claim.source] += 1
        if receipt.treatment == "exempt":
            counts.exempt += 1
            self.exempt[device, record.camera, receipt.reason] += 1
        elif receipt.treatment == "masked":
            counts.masked += 1
            counts.self_judged += judged_itself(receipt)
            counts.between += all(look.role != "live" for look in receipt.looks)
            counts.unproven += len(receipt.faces) * (receipt.fill != "solid")

    def exempt_cameras(self) -> tuple[ExemptSeen, ...]:
        """By device and camera."""
        return tuple(ExemptSeen(*camera, frames) for camera, frames in sorted(self.exempt.items()))

    def addresses(self) -> dict[str, int]:
        """Where records say that frames lie → how many do."""
        counts: Counter[str] = Counter()
        for (_, source), records in self.sources.most_common():
            counts[source] += records
        return dict(counts)

    def led_astray(self, here: str) -> Iterator[Finding]:
        """source-ref is not signed, as a store may be copied; all of one device lead to one place.

        here: the address of the store itself, to which any may lead.
        """
        usual: dict[str, str] = {}
        for (device, source), records in self.sources.most_common():
            if usual.setdefault(device, source) != source and source != here:
                text = (
                    f"{records} records of {device} lead here for their frames, the others to "
                    f"{usual[device]}: source-ref was edited"
                )
                yield Finding(Kind.EDITED, source, text)
