"""What must hold of the records of a device, whatever happened to it."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any

from uploader.receipts.signing import record_hash, signed

Line = dict[str, Any]


def check_chains(lines: Iterable[Line], stones: Iterable[Line] = ()) -> Counter[str]:
    """No chain has a gap or a fork, and every link is signed; returns how long each chain is.

    stones: tombstones, each of which stands for the record that went with its frame.
    """
    chains: dict[str, list[Line]] = {}
    for line in chain(lines, (stone for stone in stones if stone["chain"]["number"])):
        chains.setdefault(line["chain"]["chain"], []).append(line)
    for found in chains.values():
        found.sort(key=lambda line: int(line["chain"]["number"]))
        assert numbers(found) == list(range(1, len(found) + 1))
        _check_links(found)
    return Counter({chain: len(found) for chain, found in chains.items()})


def numbers(lines: Iterable[Line]) -> list[int]:
    return [line["chain"]["number"] for line in lines]


def _check_links(lines: list[Line]) -> None:
    previous = ""
    for line in lines:
        link, digest = line["chain"], record_hash(line)
        assert signed(link["public_key"], digest, link["signature"])
        assert link.get("previous", previous) == previous
        previous = link.get("sha256") or digest.hex()
