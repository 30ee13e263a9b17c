import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.bundles.own_folder import own_folder

HOLD = """
import os, sys
from models.bundles.own_folder import own_folder
with own_folder() as folder:
    (folder / "weights").write_bytes(b"0")
    os.utime(folder, (0, 0))
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Temporary folders of this test's own."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    yield tmp_path
    tempfile.tempdir = before


def held(temporary: Path) -> tuple["subprocess.Popen[str]", Path]:
    """Another process with a folder of its own, long ago."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_folder_goes_with_the_block(temporary: Path) -> None:
    with own_folder() as folder:
        (folder / "weights").write_bytes(b"0")
        assert folder.parent == temporary
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_taken_away_by_the_next(temporary: Path) -> None:
    process, left = held(temporary)
    with process:
        process.kill()
    assert (left / "weights").exists()
    with own_folder():
        assert not left.exists()


def test_what_another_process_uses_is_left_alone(temporary: Path) -> None:
    process, theirs = held(temporary)
    with process, own_folder():
        assert (theirs / "weights").exists()
        process.communicate("")
    assert not theirs.exists()
