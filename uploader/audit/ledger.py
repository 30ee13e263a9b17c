"""Puts the records of a store back into their chains, and finds where one does not hold.

Of each record some hundred bytes are held until the end, since batches come in any order.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from uploader.audit.claims import Claim
from uploader.audit.finding import Finding, Kind
from uploader.lines.tombstone import Tombstone
from uploader.receipts.key import fingerprint

NOT_YET = "still on the device (verify again later), set aside there (its health counts them)"


@dataclass(frozen=True, slots=True)
class Known:
    """A record that a chain must hold, as the device told of it by another way (health events)."""

    chain: str
    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What is kept of a record. inside: it is of a day that is asked about."""

    id: str
    digest: bytes
    previous: str
    public_key: str
    inside: bool


@dataclass(slots=True)
class Chain:
    """The records of one chain by number. edited: numbers that only edited records claim.

    lost: hashes of those that the device let go, as it signed.
    """

    name: str
    devices: set[str] = field(default_factory=set)
    noted: dict[int, list[Noted]] = field(default_factory=dict)
    edited: set[int] = field(default_factory=set)
    lost: dict[int, str] = field(default_factory=dict)
    begun: tuple[int, datetime] | None = None

    @property
    def numbers(self) -> list[int]:
        """Those of the days that are asked about, in order."""
        inside = (n for n, notes in self.noted.items() if any(note.inside for note in notes))
        return sorted(inside)

    @property
    def keys(self) -> dict[str, int]:
        """Public key → how many records of the days that are asked about it signed."""
        counts: dict[str, int] = {}
        for notes in self.noted.values():
            for note in notes:
                if note.inside:
                    counts[note.public_key] = counts.get(note.public_key, 0) + 1
        return counts

    @property
    def all_keys(self) -> set[str]:
        """Public keys that signed a record of any day."""
        return {note.public_key for notes in self.noted.values() for note in notes}

    def add(self, claim: Claim, inside: bool) -> None:
        """Notes a record; one that is not signed as it stands proves nothing but that it was."""
        link, record = claim.record.chain, claim.record
        if not claim.genuine:
            self.edited.add(link.number)
            return
        key = sys.intern(link.public_key)
        note = Noted(record.id, claim.digest, link.previous, key, inside)
        self.noted.setdefault(link.number, []).append(note)
        if inside:
            self.devices.add(f"{record.site}/{record.device}")
            if self.begun is None or link.number < self.begun[0]:
                self.begun = (link.number, record.captured_at)

    def findings(self, open_start: bool) -> Iterator[Finding]:
        """open_start: earlier days are not asked about, so the chain need not begin with 1."""
        numbers = self.numbers
        if not numbers:
            return
        first = numbers[0] if open_start else 1
        yield from self._gaps(first, numbers[-1])
        yield from self._doubles(numbers)
        yield from self._links(numbers)

    def _gaps(self, first: int, last: int) -> Iterator[Finding]:
        known = {*self.noted, *self.edited, *self.lost}
        there = sorted(n for n in known if first <= n <= last)
        for before, after in pairwise((first - 1, *there)):
            if after > before + 1:
                lost = _range(before + 1, after - 1)
                text = f"{lost} missing: {NOT_YET}, or removed from the store"
                yield Finding(Kind.GAP, self.name, text)

    def _doubles(self, numbers: list[int]) -> Iterator[Finding]:
        for number in numbers:
            notes = self.noted[number]
            digests = {note.digest for note in notes}
            if len(digests) > 1:
                ids = ", ".join(sorted({note.id for note in notes}))
                text = f"number {number} is signed with different content: {ids}"
                yield Finding(Kind.FORK, self.name, text)
            elif len(notes) > 1:
                text = f"the record stands in the store {len(notes)} times"
                yield Finding(Kind.DUPLICATE, notes[0].id, text)

    def _links(self, numbers: list[int]) -> Iterator[Finding]:
        for number in numbers:
            fits = self._hashes(number - 1) if number > 1 else {""}
            for note in {note.digest: note for note in self.noted[number]}.values():
                if number < 1 or (fits and note.previous not in fits):
                    text = f"its link does not fit the record before it (number {number - 1})"
                    yield Finding(Kind.BROKEN_LINK, note.id, text)

    def _hashes(self, number: int) -> set[str]:
        """Of the records of that number, in the store or gone by a tombstone."""
        hashes = {note.digest.hex() for note in self.noted.get(number, ())}
        return hashes | {self.lost[number]} if number in self.lost else hashes

    def lacks(self, known: Known) -> Iterator[Finding]:
        """What is wrong with the chain, seen from a record that it must hold."""
        last = max((*self.noted, *self.lost), default=0)
        hashes = self._hashes(known.number)
        if known.number > last:
            text = f"{_range(last + 1, known.number)} missing at its end: {NOT_YET}, or cut off"
            yield Finding(Kind.CUT_OFF, self.name, text)
        elif hashes and known.sha256 not in hashes:
            text = f"number {known.number} is not the record that the device told of"
            yield Finding(Kind.FORK, self.name, text)


def _range(first: int, last: int) -> str:
    return f"number {first} is" if first == last else f"numbers {first} to {last} are"


class Ledger:
    """The chains of a store."""

    def __init__(self) -> None:
        self.chains: dict[str, Chain] = {}

    def add(self, claim: Claim, inside: bool) -> None:
        """Notes a record. inside: it is of a day that is asked about."""
        name = claim.record.chain.chain
        self.chains.setdefault(name, Chain(name)).add(claim, inside)

    def lose(self, stone: Tombstone) -> Iterator[Finding]:
        """Notes a genuine tombstone, after all records.

        One explains a missing number only if it is signed with the key of its chain.
        """
        link = stone.chain
        chain = self.chains.get(link.chain)
        if chain is None:
            return
        if link.public_key not in chain.all_keys:
            named = fingerprint(link.public_key)
            text = f"its tombstone is signed with {named}, a key that signed none of the records"
            yield Finding(Kind.WRONG_KEY, stone.id, text)
        elif link.number in chain.noted:
            text = f"a tombstone says that number {link.number} was let go, yet its record is there"
            yield Finding(Kind.NOT_GONE, stone.id, text)
        else:
            chain.lost[link.number] = link.sha256

    def findings(self, open_start: bool, known: tuple[Known, ...]) -> Iterator[Finding]:
        """Everything that is wrong with the chains themselves; of keys, see trust.py."""
        for chain in self.chains.values():
            yield from chain.findings(open_start)
        for each in known:
            yield from self.chains.get(each.chain, Chain(each.chain)).lacks(each)
