"""Who uses a spool, asked from outside."""

import os
import subprocess
import sys
from pathlib import Path

from uploader.queue.lock import NAME, Lock, holder


def test_the_one_that_holds_it_is_named_while_it_does(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    assert holder(tmp_path) == os.getpid()
    lock.close()
    assert holder(tmp_path) == 0


def test_asking_lets_nobody_in_and_keeps_nobody_out(tmp_path: Path) -> None:
    Lock(tmp_path).close()
    holder(tmp_path)
    Lock(tmp_path).close()


def test_one_who_locks_another_file_does_not_count(tmp_path: Path) -> None:
    Lock(tmp_path / "other")
    other = Lock(tmp_path / "this")
    other.close()
    assert holder(tmp_path / "this") == 0


def test_a_lock_of_somebody_else_is_not_the_spools(tmp_path: Path) -> None:
    """A file of the same number on another disk, say."""
    Lock(tmp_path).close()
    hold = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, 2); print(flush=True); input()"
    command = [sys.executable, "-c", hold, str(tmp_path / NAME)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as somebody:
        assert somebody.stdout is not None
        somebody.stdout.readline()
        assert holder(tmp_path) == 0
        (tmp_path / NAME).write_text("")
        assert holder(tmp_path) == somebody.pid
        somebody.communicate(b"\n")
