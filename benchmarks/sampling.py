"""What it is worth to choose, and what it costs.

    python -m benchmarks.sampling [--seeds 6]

The photographs of ../shared/data/grocery are not part of this repository. Accuracies are of a
linear head on the embeddings of a network that knows none of the classes, ± the deviation over
seeds (benchmarks/labels/contest.py, scenes.py).
"""

import argparse
from collections.abc import Sequence

import numpy as np

from benchmarks.labels.contest import ROUND, ROUNDS, Learning, by_chance, by_device, learn
from benchmarks.labels.costs import decision_us, duplicate_ms
from benchmarks.labels.replays import replayed
from benchmarks.labels.scenes import coverages
from benchmarks.labels.shop import DATA, shop
from uploader.choosing.settings import KeepSettings

WRONG = (0.0, 0.1)
POLICIES = {
    "by the default policy": KeepSettings(),
    "by margin, 40 reviews a day": KeepSettings.model_validate(
        {"policy": [{"kind": "margin", "threshold": 0.3}], "budget": {"reviews_per_day": 40}}
    ),
}


def main() -> None:
    """Prints the costs, then what labels teach, then how many scenes they cover."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6)
    seeds = range(parser.parse_args().seeds)
    print(f"a decision: {decision_us(43):.1f} µs of 43 classes, {decision_us(1001):.1f} of 1001")
    print(f"a near-duplicate: {duplicate_ms(False):.2f} ms by the hash of a 1080p frame,", end=" ")
    print(f"{duplicate_ms(True):.3f} by an embedding, among 256", flush=True)
    for name, keep in POLICIES.items():
        run = replayed(keep)
        seen, kept = run.outcome.frames.total(), run.outcome.uploads
        print(f"a replay of {seen:,} frames, {name}: {run.took_s:.1f} s, {kept:,} kept", flush=True)
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there, and there is nothing to learn from")
    photographs = shop()
    for wrong in WRONG:
        print(f"\n{len(seeds)} seeds, {wrong:.0%} of the labels wrong\n")
        chance = learn(photographs, by_chance, seeds, wrong)
        _compare(chance, learn(photographs, by_device, seeds, wrong))
    _scenes(seeds)


def _compare(chance: Learning, device: Learning) -> None:
    print("| labels | by chance | by the device | ahead by |\n|---|---|---|---|")
    ahead = device.accuracy - chance.accuracy
    for done in range(ROUNDS):
        columns = (chance.accuracy[:, done], device.accuracy[:, done], ahead[:, done])
        print(f"| {ROUND * (done + 1)} | {' | '.join(map(_spread, columns))} |", flush=True)
    aim = float(chance.accuracy[:, -1].mean())
    needed = _labels_for(device.accuracy.mean(axis=0), aim)
    print(f"\nchance reaches {aim:.1%} with {ROUND * ROUNDS} labels, the device with {needed:.0f}:")
    print(f"{1 - needed / (ROUND * ROUNDS):.0%} fewer; {device.chosen:.0%} of them it chose")


def _labels_for(accuracy: np.ndarray, aim: float) -> float:
    """Labels after which the accuracy is reached, read off between two rounds."""
    labels = ROUND * np.arange(1, ROUNDS + 1)
    return float(np.interp(aim, np.maximum.accumulate(accuracy), labels))


def _scenes(seeds: Sequence[int]) -> None:
    found = coverages(shop(), seeds)
    ratios = np.array([one.suppressed / one.without for one in found])
    print("\nscenes covered, each seen twelve times:", end=" ")
    print(", ".join(f"{one.without} → {one.suppressed} of {one.labels} labels" for one in found))
    print(f"{ratios.mean():.2f} ± {ratios.std():.2f} × as many where near-duplicates are not kept")


def _spread(accuracies: np.ndarray) -> str:
    return f"{accuracies.mean() * 100:.1f} ± {accuracies.std() * 100:.1f}"


if __name__ == "__main__":
    main()
