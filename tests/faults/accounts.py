"""What was accepted = what arrived, by hash: the sum at the end of every test of a fault."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from masking.fill import LEVEL
from uploader.audit.finding import Kind
from uploader.audit.question import Question
from uploader.audit.verification import Verification
from uploader.audit.verify import verify
from uploader.reading import StoreReader
from uploader.receipts.key import DeviceKey
from uploader.receipts.signing import record_hash, signed

Line = dict[str, Any]
Held = Mapping[str, bytes]
"""Everything in a store: address → body."""

COVER, JPEG_ERROR = slice(11, 21), 32
"""The inner part of the face that tests/uploader/samples.py's detector finds, in levels of grey."""


@dataclass(frozen=True)
class Arrived:
    """What a reader finds in a store, besides files of readings.

    frames: key → body. lines: of records. stones: tombstones.
    """

    frames: Mapping[str, bytes]
    lines: list[Line]
    stones: list[Line]


def audited(reader: StoreReader, key: DeviceKey) -> Verification:
    """What an auditor says of a store: no honest device is accused, whatever befell it.

    Of what these tests make it is said, rightly, that frames had no second look, and that readings
    are no Parquet.
    """
    found = verify(reader, Question(trusted=frozenset({key.public_key})))
    made_so = ("frames/", Kind.UNMASKED), ("sensors/", Kind.INJECTED)
    accused = [
        f for f in found.findings if (f.about[: f.about.find("/") + 1], f.kind) not in made_so
    ]
    assert not accused
    return found


def accepted_in(notes: Path) -> dict[str, str]:
    """What devices noted as accepted: key → SHA-256."""
    lines = [line for path in notes.glob("accepted.*") for line in path.read_text().splitlines()]
    found = dict(line.split() for line in lines)
    assert len(found) == len(lines)
    return found


def objects_below(folder: Path) -> dict[str, bytes]:
    """The same as a store in a folder holds it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {f"{folder.as_uri()}/{path.relative_to(folder)}": path.read_bytes() for path in files}


def check(
    held: Held, accepted: Mapping[str, str], one_chain: bool = True, more: bool = True
) -> Arrived:
    """Every accepted object is in the store, whole and once, or has its tombstone there.

    one_chain: of receipts; else several, as where a disk fails. None has a gap or a fork. more:
    whether a device was killed: then something may be there that nobody noted as accepted, or whose
    record went with its entry, since nobody noted that it was sent.
    """
    objects = {key_of(address): body for address, body in held.items()}
    frames = {key: body for key, body in objects.items() if key.startswith("frames/")}
    lines, stones = (list(_lines(objects, kind)) for kind in ("records/", "tombstones/"))
    for key, body in objects.items():
        assert f"-{sha256(body).hexdigest()[:12]}." in key
    _check_once(objects, lines, stones)
    _check_accepted(objects, stones, accepted, more)
    _check_stones(objects, stones, more)
    _check_lines(held, frames, lines, stones)
    for body in frames.values():
        _check_masked(body)
    chains = _check_chains(lines, stones)
    assert len(chains) == 1 or (chains and not one_chain)
    return Arrived(frames, lines, stones)


def key_of(address: str) -> str:
    """The key in an address: it begins with the kind."""
    kinds = ("frames", "records", "sensors", "tombstones")
    (begin,) = [address.index(f"/{kind}/") for kind in kinds if f"/{kind}/site=" in address]
    return address[begin + 1 :]


def id_of(key: str) -> str:
    return key.rpartition("/")[2][:36]


def _lines(objects: Held, kind: str) -> Iterator[Line]:
    for key, body in objects.items():
        if key.startswith(kind):
            yield from map(json.loads, gzip.decompress(body).splitlines())


def _check_once(objects: Held, lines: list[Line], stones: list[Line]) -> None:
    """Nothing lies under two keys, and nothing is told of twice."""
    assert set(Counter(map(id_of, objects)).values()) <= {1}
    told = Counter(line["id"] for line in [*lines, *stones])
    assert set(told.values()) <= {1}


def _check_accepted(
    objects: Held, stones: list[Line], accepted: Mapping[str, str], more: bool
) -> None:
    there = {key: sha256(body).hexdigest() for key, body in objects.items()}
    gone = {stone["key"]: stone["sha256"] for stone in stones}
    found = {key: there.get(key, gone.get(key)) for key in accepted}
    assert found == accepted
    if not more:
        kept = {key for key in there.keys() | gone if key.startswith(("frames/", "sensors/"))}
        assert kept == set(accepted)


def _check_stones(objects: Held, stones: list[Line], killed: bool) -> None:
    """What was let go is not there; only of a device that was killed, it may be, as it was."""
    both = [stone for stone in stones if stone["key"] in objects]
    assert killed or not both
    for stone in both:
        assert sha256(objects[stone["key"]]).hexdigest() == stone["sha256"]


def _check_lines(held: Held, frames: Held, lines: list[Line], stones: list[Line]) -> None:
    """A frame has a record line, or a tombstone where `_check_stones` allows one."""
    for line in lines:
        assert sha256(held[line["source-ref"]]).hexdigest() == line["sha256"]
    told = {line["id"] for line in [*lines, *stones]}
    assert not [key for key in frames if id_of(key) not in told]


def _check_masked(body: bytes) -> None:
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert abs(picture[COVER, COVER].astype(int) - LEVEL).max() <= JPEG_ERROR


def _check_chains(lines: list[Line], stones: list[Line]) -> set[str]:
    """Records and tombstones of frames are one row of links without a gap or a fork, and signed."""
    linked = [*lines, *(stone for stone in stones if stone["kind"] == "frame")]
    found = {line["chain"]["chain"] for line in linked}
    for chain in found:
        row = [line for line in linked if line["chain"]["chain"] == chain]
        row.sort(key=lambda line: int(line["chain"]["number"]))
        assert [line["chain"]["number"] for line in row] == list(range(1, len(row) + 1))
        _check_links(row)
    return found


def _check_links(row: list[Line]) -> None:
    before = ""
    for line in row:
        link, digest = line["chain"], record_hash(line)
        assert link.get("previous", before) == before
        assert signed(link["public_key"], digest, link["signature"])
        before = link.get("sha256") or digest.hex()
