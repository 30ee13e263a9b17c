"""What a classifier can say: one label per line, in the order of the network's scores."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from models.errors import BundleError
from models.read_file import read_file

MAX_LABELS_BYTES = 16 << 20


def read_labels(content: bytes, file: str) -> tuple[str, ...]:
    """The labels of a bundle, all different; BundleError where they cannot be meant so.

    file: what the sentence is to name.
    """
    labels = _lines(content, file)
    if not labels or "" in labels:
        empty = labels.index("") + 1 if labels else 1
        raise BundleError(f"{file}: line {empty} is empty; write one label on every line")
    if twice := _repeated(labels):
        raise BundleError(f"{file}: make these labels different: {', '.join(twice[:10])}")
    return labels


def written_labels(labels: Sequence[str]) -> bytes:
    """The content of a labels.txt."""
    return ("\n".join(labels) + "\n").encode()


def import_labels(path: Path, notes: list[str]) -> tuple[str, ...]:
    """The labels in a file that was written for another program; notes say what was changed.

    Numbers before the labels are removed where they are the numbers of the classes, and classes of
    the same name are told apart by their number.
    """
    content = read_file(path, MAX_LABELS_BYTES)
    labels = _without_numbers(_lines(content.rstrip(), str(path)), notes)
    return read_labels(written_labels(_told_apart(labels, notes)), str(path))


def numbered(count: int) -> tuple[str, ...]:
    """Labels where nobody named the classes."""
    return tuple(f"class {number}" for number in range(count))


def _lines(content: bytes, file: str) -> tuple[str, ...]:
    try:
        return tuple(line.strip() for line in content.decode("utf-8-sig").splitlines())
    except UnicodeDecodeError as error:
        raise BundleError(f"{file} must be UTF-8 text, one label per line ({error})") from None


def _without_numbers(labels: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    found = [re.fullmatch(rf"{number}[\s:,]+(\S.*)", row) for number, row in enumerate(labels)]
    named = tuple(match[1] for match in found if match)
    if not labels or len(named) < len(labels):
        return labels
    notes.append("the numbers before the labels are those of the classes and were left out")
    return named


def _told_apart(labels: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    twice = _repeated(labels)
    different = tuple(
        f"{label} (class {number})" if label in twice else label
        for number, label in enumerate(labels)
    )
    for label in twice:
        names = [name for name, was in zip(different, labels, strict=True) if was == label]
        notes.append(f"{label!r} stands {len(names)} times and became {', '.join(names[:5])}")
    return different


def _repeated(labels: tuple[str, ...]) -> list[str]:
    return [label for label, count in Counter(labels).items() if count > 1]
