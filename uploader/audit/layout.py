"""What lies where in a store: the key of an object tells its kind, its date and its content."""

import re
from dataclasses import dataclass
from typing import Literal

Room = Literal["frames", "records", "sensors", "tombstones", "labels"]

NAME = "[a-z0-9][a-z0-9_-]{0,62}"
DATE = r"\d{4}-\d{2}-\d{2}"
UPLOADED = re.compile(
    rf"(?P<folder>(?P<room>frames|records|sensors|tombstones)/site={NAME}/device={NAME}"
    rf"/date=(?P<date>{DATE}))"
    r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?P<sha12>[0-9a-f]{12})\.(?P<ending>[a-z.]+)"
)
LABELS = re.compile(rf"(?P<folder>(?P<room>labels)/date=(?P<date>{DATE}))/[A-Za-z0-9._-]+\.jsonl")
ENDINGS = {
    "frames": "jpg", "records": "jsonl.gz", "sensors": "parquet", "tombstones": "jsonl.gz"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """room, date and folder of a key. sha12: the beginning of its content's SHA-256, or empty."""

    room: Room
    date: str
    folder: str
    sha12: str = ""


def place(key: str) -> Place | None:
    """Where a key lies; None for what nothing of ours would ever write."""
    found = UPLOADED.fullmatch(key)
    if found and found["ending"] == ENDINGS[found["room"]]:
        return Place(_room(found["room"]), found["date"], found["folder"], found["sha12"])
    labels = LABELS.fullmatch(key)
    return Place("labels", labels["date"], labels["folder"]) if labels else None


def _room(name: str) -> Room:
    rooms: tuple[Room, ...] = ("frames", "records", "sensors", "tombstones")
    return next(room for room in rooms if room == name)
