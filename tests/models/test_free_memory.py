"""What a process gives back to the system, and that it goes on as before."""

import subprocess
import sys

from tests.parts import need

SHRINKS = """
import re
from pathlib import Path
import cv2, numpy, pydantic
from models.free_memory import unmap_code

def from_files():
    return int(re.search(r"RssFile:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

picture = numpy.arange(300 * 400 * 3, dtype=numpy.uint8).reshape(300, 400, 3)
blurred, before = cv2.GaussianBlur(picture, (5, 5), 0), from_files()
unmap_code()
after = from_files()
same = (cv2.GaussianBlur(picture, (5, 5), 0) == blurred).all()
print(before, after, same)
"""
GOES_ON = """
import ctypes, threading, zlib
import _ctypes, cv2, numpy
from models.free_memory import unmap_code

picture = numpy.arange(300 * 400 * 3, dtype=numpy.uint8).reshape(300, 400, 3)
expected, ended, wrong = zlib.crc32(cv2.GaussianBlur(picture, (5, 5), 0)), threading.Event(), []

def blur():
    while not ended.is_set():
        if zlib.crc32(cv2.GaussianBlur(picture, (5, 5), 0)) != expected:
            wrong.append("another picture")

def load():
    while not ended.is_set():
        _ctypes.dlclose(ctypes.CDLL("libutil.so.1")._handle)

threads = [threading.Thread(target=work) for work in (blur, blur, load)]
for thread in threads: thread.start()
for _ in range(20): unmap_code()
ended.set()
for thread in threads: thread.join()
print(wrong)
"""
PATIENCE_S = 60


def said(code: str) -> str:
    """By a process of its own."""
    need("Linux", sys.platform == "linux")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stderr == "", "one of its threads ended"
    return done.stdout.strip()


def test_code_that_ran_leaves_the_process_and_comes_back_when_it_is_called() -> None:
    before, after, same = said(SHRINKS).split()
    assert int(after) < int(before) / 2
    assert same == "True"


def test_code_is_unmapped_under_threads_that_run_it_load_and_unload() -> None:
    assert said(GOES_ON) == "[]"
