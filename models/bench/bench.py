"""Measures every way to run a bundle on this machine, one at a time, and finds the best."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from models.bench.bench_task import FindWays, Measure, Ways
from models.bench.measurement import Measurement, best_first
from models.bench.own_process import ProcessFailed, answer_of
from models.bundles.bundle import Bundle
from models.choice import CPU, backends_for
from models.settings import ModelSettings
from models.way import Choice

CHILD = "models.bench.bench_one"
ROUNDS = (math.inf, 2.0, 1.25)
"""In a later round those are measured again that took at most this many times as long as the best:
what else happened on the machine meanwhile disturbs a way in one round, and hardly in all."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: numbers of threads, seconds for each way and round, limits for one.

    A device may have to compile the network first, which takes minutes on small boards.
    """

    threads: tuple[int, ...]
    seconds: float = 1.0
    cpu_limit_s: float = 120.0
    device_limit_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What is measured next: the round, from 1, how many of its ways are done, and of how many."""

    round: int
    done: int
    total: int
    choice: Choice


Follow = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Report:
    """Every way that was tried: the usable ones best first, then those that differ, then failures.

    notes: what could not be tried at all, and what to do about it.
    """

    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...]

    @property
    def best(self) -> Measurement | None:
        """What "auto" takes from now on; None where nothing runs the bundle."""
        first = self.measurements[0] if self.measurements else None
        return first if first and first.usable else None


def thread_counts(cores: int) -> tuple[int, ...]:
    """1, 2, 4, … up to all cores, and all but one, which is left to the rest of the service."""
    powers = [1 << power for power in range(cores.bit_length())]
    return tuple(sorted({*powers, max(1, cores - 1), cores}))


def bench(bundle: Bundle, settings: ModelSettings, effort: Effort, follow: Follow) -> Report:
    """Measures everything; a way that crashes, hangs or refuses is told, and is not the end.

    settings: only what they say of runtimes counts here. follow: hears what is measured next.
    """
    here = settings.model_copy(update={"bundle": str(bundle.folder), "store": None})
    notes: list[str] = []
    ways = list(_ways(bundle, here, effort, notes))
    found: dict[Choice, Measurement] = {}
    for number, slack in enumerate(ROUNDS, 1):
        again = [way for way in ways if _is_close(way, found, slack)]
        if number > 1 and len(again) == 1:
            break
        for done, choice in enumerate(again):
            if _failed_with_other_threads(choice, found):
                continue
            follow(Progress(number, done, len(again), choice))
            measured = _measured(Measure(here, choice, effort.seconds), effort)
            found[choice] = _better(found.get(choice), measured)
    return Report(_sorted(found.values()), tuple(dict.fromkeys(notes)))


def _ways(
    bundle: Bundle, settings: ModelSettings, effort: Effort, notes: list[str]
) -> Iterator[Choice]:
    for backend in backends_for(bundle):
        task = FindWays(settings, backend, effort.threads)
        try:
            answer = answer_of(CHILD, TypeAdapter(FindWays).dump_json(task), effort.cpu_limit_s)
        except ProcessFailed as error:
            notes.append(f"{backend} could not be asked what it can do here: {error}")
            continue
        ways = TypeAdapter(Ways).validate_json(answer)
        notes.extend(ways.notes)
        yield from ways.choices


def _is_close(choice: Choice, found: dict[Choice, Measurement], slack: float) -> bool:
    """Whether a way may yet be the best."""
    if choice not in found:
        return True
    best_ms = min((one.p50_ms for one in found.values() if one.usable), default=0.0)
    return found[choice].usable and found[choice].p50_ms <= best_ms * slack


def _failed_with_other_threads(choice: Choice, found: dict[Choice, Measurement]) -> bool:
    """What fails with one number of threads is not tried with another."""
    failed = (one.choice for one in found.values() if one.figures is None)
    return any(_on_one_thread(choice) == _on_one_thread(other) for other in failed)


def _on_one_thread(choice: Choice) -> Choice:
    return replace(choice, placement=replace(choice.placement, threads=1))


def _measured(task: Measure, effort: Effort) -> Measurement:
    on_cpu = task.choice.placement.device == CPU
    limit_s = effort.cpu_limit_s if on_cpu else effort.device_limit_s
    try:
        answer = answer_of(CHILD, TypeAdapter(Measure).dump_json(task), limit_s)
    except ProcessFailed as error:
        return Measurement(task.choice, None, str(error))
    return TypeAdapter(Measurement).validate_json(answer)


def _better(before: Measurement | None, now: Measurement) -> Measurement:
    """The faster round; one that failed, or differed, tells more than one that went well."""
    if before is None or not now.usable:
        return now
    return min(before, now, key=lambda one: one.p50_ms)


def _sorted(found: Iterable[Measurement]) -> tuple[Measurement, ...]:
    listed = sorted(found, key=lambda one: one.p50_ms)
    return (*best_first(listed), *(one for one in listed if not one.usable))
