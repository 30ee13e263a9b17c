"""Many threads share one heap of the C library."""

import platform
import subprocess
import sys
from pathlib import Path

from tests.parts import need

THREADS = 16
PROGRAM = f"""
import ctypes, sys
from threading import Barrier, Thread
from vision_app.machine.heaps import one_heap

said = one_heap() if sys.argv[1] == "one" else True
libc, all_here = ctypes.CDLL(None), Barrier({THREADS})
libc.fopen.restype = ctypes.c_void_p

def work():
    block = bytearray(50_000)
    all_here.wait()

threads = [Thread(target=work) for _ in range({THREADS})]
for thread in threads: thread.start()
for thread in threads: thread.join()
file = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(said)
"""


def heaps(folder: Path, how: str) -> tuple[str, int]:
    """What one_heap said, and how many heaps there are after so many threads."""
    need("glibc", platform.libc_ver()[0] == "glibc")
    info = folder / "malloc.xml"
    command = [sys.executable, "-c", PROGRAM, how, str(info)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip(), info.read_text().count("<heap nr=")


def test_threads_share_one_heap(tmp_path: Path) -> None:
    assert heaps(tmp_path, "one") == ("True", 1)


def test_left_alone_threads_take_more_heaps_than_that(tmp_path: Path) -> None:
    assert heaps(tmp_path, "left alone")[1] > 1
