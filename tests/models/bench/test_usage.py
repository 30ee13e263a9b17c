import os
import subprocess
import sys
import time
from threading import Thread

from models.bench.usage import peak_bytes, processor_s, processor_s_besides, resident_bytes

BUSY = (
    "import sys, time\n"
    "kept = bytearray(40_000_000)\n"
    "while time.process_time() < 0.3: pass\n"
    "print('done', flush=True); sys.stdin.read()"
)


def test_work_and_memory_of_processes_below_count() -> None:
    work_s, memory = processor_s(), peak_bytes()
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        added_s, added = processor_s() - work_s, peak_bytes() - memory
        child.communicate()
    assert added_s > 0.25
    assert added > 40_000_000


def test_memory_that_is_resident_is_at_most_the_peak() -> None:
    size = os.sysconf("SC_PAGE_SIZE")
    assert size < resident_bytes() <= peak_bytes()


def burn(seconds: float) -> None:
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        pass


def test_work_of_other_threads_does_not_count() -> None:
    """A camera that renders or decodes meanwhile would make every face detector look too slow."""
    camera = Thread(target=burn, args=(0.3,))
    camera.start()
    before_s, begun_s = processor_s_besides([camera]), time.process_time()
    turns, own_s, all_s = 0, 0.0, 0.0
    while all_s <= own_s + 0.02 and turns < 50:  # until the other one had its share, too
        burn(0.05)
        turns += 1
        own_s, all_s = processor_s_besides([camera]) - before_s, time.process_time() - begun_s
    camera.join()
    assert 0.04 * turns < own_s < 0.07 * turns
    assert all_s > own_s + 0.02
    assert processor_s_besides([camera]) > 0, "of one that ended nothing is known"
