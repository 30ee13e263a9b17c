"""How long a durable put takes, one after the other and by several threads at once."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from benchmarks.spooling.ways import Way

Figures = Mapping[str, NDArray[np.float64]]
"""Of each way, one for each round; those of a round were taken together."""

WARM = 10


def one_by_one(ways: Mapping[str, Way], rounds: int) -> Figures:
    """Milliseconds; in each round every way has one turn, in an order that is drawn."""
    draw = np.random.default_rng(0)
    took_ms: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(WARM + rounds):
        for name in draw.permutation(list(ways)):
            began = time.perf_counter()
            ways[name]()
            took_ms[name].append((time.perf_counter() - began) * 1e3)
    return {name: np.array(took[WARM:]) for name, took in took_ms.items()}


def at_once(ways: Mapping[str, Way], threads: int, each: int, rounds: int) -> Figures:
    """Puts in a second while so many threads put as fast as they can; turns as above."""
    draw = np.random.default_rng(threads)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    with ThreadPoolExecutor(threads) as producers:
        for _ in range(1 + rounds):
            for name in draw.permutation(list(ways)):
                rates[name].append(_rate(producers, ways[name], threads, each))
    return {name: np.array(rate[1:]) for name, rate in rates.items()}


def _rate(producers: ThreadPoolExecutor, way: Way, threads: int, each: int) -> float:
    began = time.perf_counter()
    for done in [producers.submit(_repeat, way, each) for _ in range(threads)]:
        done.result()
    return threads * each / (time.perf_counter() - began)


def _repeat(way: Way, times: int) -> None:
    for _ in range(times):
        way()
