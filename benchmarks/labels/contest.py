"""Which labels teach more: those of frames that the device chose, or as many drawn by chance.

A quarter of the photographs is held back to examine. Of the others 200 by chance are labelled, and
a head is trained. Then the rest arrives in random order, one frame every ten seconds; the first 200
that are kept get labels, a head is trained on all labels so far, and so on. The device decides with
its real chooser at its defaults. Where it keeps fewer than a round holds, chance fills the round.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.labels.device import Device
from benchmarks.labels.head import Head, trained
from benchmarks.labels.shop import Shop

ROUND, ROUNDS = 200, 5
EXAMINED = 4
"""One of so many photographs is never labelled."""

Indexes = NDArray[np.int64]
Pick = Callable[[Shop, Head, Indexes], Indexes]
"""The first ROUND of the arriving photographs, or fewer, that are to be labelled."""


@dataclass(frozen=True, slots=True)
class Learning:
    """accuracy: (seeds, rounds), after each round. chosen: the share that was not chance."""

    accuracy: NDArray[np.float64]
    chosen: float


def by_device(shop: Shop, head: Head, arriving: Indexes) -> Indexes:
    """Those that the default policy keeps."""
    device = Device(shop.names)
    seen = shop.embeddings[arriving]
    return arriving[list(device.keeps(head, seen, ROUND))]


def by_chance(shop: Shop, head: Head, arriving: Indexes) -> Indexes:
    """They arrive in random order."""
    return arriving[:ROUND]


def learn(shop: Shop, pick: Pick, seeds: Sequence[int], wrong: float) -> Learning:
    """wrong: the share of labels that a reviewer gets wrong."""
    runs = [list(_rounds(shop, pick, seed, wrong)) for seed in seeds]
    accuracy = np.array([[right for right, _ in run] for run in runs])
    return Learning(accuracy, float(np.mean([share for run in runs for _, share in run[1:]])))


def _rounds(shop: Shop, pick: Pick, seed: int, wrong: float) -> Iterator[tuple[float, float]]:
    """Accuracy, and the share of the round's labels that were picked."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(shop.truth))
    labels = _reviewed(shop, rng, wrong)
    examined, rest = np.split(order, [len(order) // EXAMINED])
    have, rest = np.split(rest, [ROUND])
    share = 1.0
    for done in range(ROUNDS):
        head = trained(shop.embeddings[have], labels[have], len(shop.names), ROUND)
        yield head.accuracy(shop.embeddings[examined], shop.truth[examined]), share
        if done + 1 < ROUNDS:
            arriving = rng.permutation(rest)
            picked = pick(shop, head, arriving)
            share = len(picked) / ROUND
            filled = np.setdiff1d(arriving, picked)[: ROUND - len(picked)]
            have = np.concatenate([have, picked, filled])
            rest = np.setdiff1d(rest, have)


def _reviewed(shop: Shop, rng: np.random.Generator, wrong: float) -> Indexes:
    """What the reviewer would answer for each photograph; a wrong answer is any other class."""
    others = (shop.truth + rng.integers(1, len(shop.names), len(shop.truth))) % len(shop.names)
    return np.where(rng.random(len(shop.truth)) < wrong, others, shop.truth)
