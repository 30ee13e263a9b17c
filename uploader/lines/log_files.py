"""The files of a log of lines in the spool, and which entries their lines are about."""

import json
from collections.abc import Iterator
from pathlib import Path

from uploader.identity import is_id
from uploader.queue.disk_errors import translated

OPEN, SEALING = "open.jsonl", ".sealing"
"""The file that takes lines, and the ending of one that is about to become an entry."""


def log_files(folder: Path) -> Iterator[Path]:
    """Those that are there. Raises OSError."""
    if (folder / OPEN).exists():
        yield folder / OPEN
    yield from sorted(folder.glob(f"*{SEALING}"))


def noted(folder: Path) -> Iterator[str]:
    """The ids of the entries that the lines in the folder of a log are about."""
    with translated(folder):
        for path in log_files(folder):
            yield from filter(None, map(id_in, path.read_bytes().splitlines(keepends=True)))


def id_in(line: bytes) -> str:
    """The id of the entry that a whole line is about, else nothing."""
    try:
        fields = json.loads(line) if line.endswith(b"\n") else {}
    except ValueError:
        return ""
    id = str(fields.get("id", "")) if isinstance(fields, dict) else ""
    return id if is_id(id) else ""
