"""What an audit of a store came to: what was seen, and everything that is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from uploader.audit.finding import Finding
from uploader.audit.ledger import Chain
from uploader.audit.tally import Counts, ExemptSeen, Recordless
from uploader.receipts.key import fingerprint

SCHEMA = "vision-app/receipts/1"


@dataclass(frozen=True, slots=True)
class ChainSeen:
    """One chain: whose, from which record to which, how many of them, when the first was made."""

    chain: str
    devices: tuple[str, ...]
    first: int
    last: int
    records: int
    begun: datetime


@dataclass(frozen=True, slots=True)
class KeySeen:
    """A key that signed records. trusted: None where no key was named."""

    fingerprint: str
    public_key: str
    devices: tuple[str, ...]
    records: int
    trusted: bool | None


@dataclass(frozen=True, slots=True)
class Verification:
    """store: its address. proven: whether only keys that the auditor named were trusted.

    sources: where records say that frames lie → how many do. let_go: why devices let something go
    that they had kept → how much. recordless: frames that have a tombstone instead of a record.
    """

    store: str
    proven: bool
    counts: Counts
    exempt: tuple[ExemptSeen, ...]
    sources: Mapping[str, int]
    let_go: Mapping[str, int]
    recordless: tuple[Recordless, ...]
    chains: tuple[ChainSeen, ...]
    keys: tuple[KeySeen, ...]
    findings: tuple[Finding, ...]

    @property
    def fine(self) -> bool:
        """Whether nothing wrong was found."""
        return not self.findings

    @property
    def proves_something(self) -> bool:
        """Whether there are records, and nothing wrong was found."""
        return self.fine and self.counts.records > 0


def chains_seen(chains: Iterable[Chain]) -> tuple[ChainSeen, ...]:
    """Those that have records of the days that are asked about, by device and beginning."""
    seen = []
    for chain in chains:
        numbers = chain.numbers
        if numbers and chain.begun:
            devices, (_, begun) = tuple(sorted(chain.devices)), chain.begun
            ends = numbers[0], numbers[-1]
            seen.append(ChainSeen(chain.name, devices, *ends, len(numbers), begun))
    return tuple(sorted(seen, key=lambda chain: (chain.devices, chain.begun)))


def keys_seen(chains: Iterable[Chain], trusted: frozenset[str]) -> tuple[KeySeen, ...]:
    """Every key that signed something."""
    records: Counter[str] = Counter()
    devices: dict[str, set[str]] = {}
    for chain in chains:
        for key, count in chain.keys.items():
            records[key] += count
            devices.setdefault(key, set()).update(chain.devices)
    return tuple(
        KeySeen(
            fingerprint(key),
            key,
            tuple(sorted(devices[key])),
            count,
            key in trusted if trusted else None,
        )
        for key, count in records.most_common()
    )
