"""Measures one way to run a bundle, in a process of its own.

    python -m models.bench.bench_one < task > answer

Memory, pools of threads, and a crash are then of this way alone.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from models.bench.bench_task import FindWays, Measure, Ways
from models.bench.measurement import Figures, Measurement
from models.bench.usage import peak_bytes, processor_s, resident_bytes
from models.bundles.bundle import open_bundle
from models.choice import every_choice
from models.classifier import distance, unproven
from models.errors import ModelError
from models.resize import resized

Run = Callable[[], object]

WARM_UP = 0.25
"""Share of the time that is spent on runs that do not count."""
MIN_RUNS = 3
STDOUT, STDERR = 1, 2


def find_ways(task: FindWays) -> Ways:
    """Asks a backend what it can do here."""
    notes: list[str] = []
    bundle = open_bundle(task.settings.bundle)
    ways = every_choice(bundle, task.backend, task.settings, task.threads, notes)
    return Ways(tuple(ways), tuple(dict.fromkeys(notes)))


def measure(task: Measure) -> Measurement:
    """Opens, compares with the golden example, and times a picture of the network's own size."""
    bundle = open_bundle(task.settings.bundle)
    before = resident_bytes()
    try:
        with unproven(bundle, task.choice, task.settings.runtime) as classifier:
            away = distance(classifier, bundle.golden)
            rules = bundle.manifest.input
            picture = resized(bundle.golden.image, rules.width, rules.height)
            took_s, cpu_s = timed(lambda: classifier.classify(picture), task.seconds)
            added = peak_bytes() - before
    except ModelError as error:
        return Measurement(task.choice, None, str(error))
    return Measurement(task.choice, figures(took_s, cpu_s, max(added, 0), away))


def timed(run: Run, seconds: float) -> tuple[NDArray[np.float64], float]:
    """How long each of the runs took, float64 (runs,), and the processor time of all, in s."""
    _runs(run, seconds * WARM_UP, 1)
    before_s = processor_s()
    took_s = _runs(run, seconds, MIN_RUNS)
    return np.array(took_s), processor_s() - before_s


def figures(took_s: NDArray[np.float64], cpu_s: float, added_bytes: int, away: float) -> Figures:
    """The figures of runs that took that long."""
    p50, p95 = np.percentile(took_s, (50, 95)) * 1e3
    return Figures(
        p50_ms=float(p50),
        p95_ms=float(p95),
        images_per_s=took_s.size / float(took_s.sum()),
        cpu_ms=cpu_s * 1e3 / took_s.size,
        memory_mb=added_bytes / 1e6,
        difference=away,
        runs=took_s.size,
    )


def main() -> None:
    """Answers the task on standard input; what native code prints goes to standard error."""
    answer = _own_stdout()
    task = TypeAdapter[FindWays | Measure](FindWays | Measure).validate_json(
        sys.stdin.buffer.read()
    )
    if isinstance(task, Measure):
        answer.write(TypeAdapter(Measurement).dump_json(measure(task)))
    else:
        answer.write(TypeAdapter(Ways).dump_json(find_ways(task)))
    answer.close()


def _runs(run: Run, seconds: float, least: int) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    end = 0.0
    while end < until or len(took) < least:
        begin = time.perf_counter()
        run()
        end = time.perf_counter()
        took.append(end - begin)
    return took


def _own_stdout() -> BinaryIO:
    answer = os.fdopen(os.dup(STDOUT), "wb")
    os.dup2(STDERR, STDOUT)
    return answer


if __name__ == "__main__":
    main()
