"""Kept frames read back from the bytes of a record, with what a test wants in it."""

import io
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from tests.vision_app.export.device import Shop
from uploader.lines.reading import read_line
from vision_app.export.kept import Kept, kept
from vision_app.export.writer import open_writer

FRAMES = "s3://farm-frames/site-a"

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
"""What may be a label: any text. (What holds NUL, Python's csv before 3.11 does not read.)"""
labels = st.lists(texts, min_size=1, max_size=4, unique=True).map(tuple)
reasons = st.lists(st.from_regex("[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True), min_size=1)


@lru_cache
def written() -> dict[str, Any]:
    """A record that a device wrote, of a frame with one face in it."""
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        with shop.device() as device:
            device.keep(camera="door")
            device.send()
        (line,) = shop.lines()
    return line


def frame(**changes: Any) -> Kept:
    """That of the record, with these fields instead."""
    line = json.dumps(written() | changes, ensure_ascii=False).encode()
    return kept(read_line(line), "", FRAMES)


def labelled(labels: tuple[str, ...], **changes: Any) -> Kept:
    """One with these labels, of which the first is the best."""
    scores = [0.75, *[0.25 / len(labels)] * (len(labels) - 1)]
    return frame(labels=labels, scores=scores, label=labels[0], confidence=0.75, **changes)


def exported(form: str, frames: Iterable[Kept]) -> bytes:
    """What the writer of a format makes of them."""
    file = io.BytesIO()
    writer = open_writer(form, file)
    for each in frames:
        writer.add(each)
    writer.finish()
    writer.close()
    return file.getvalue()
