import os
import subprocess
import sys

from models.bench.usage import peak_bytes, processor_s, resident_bytes

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
