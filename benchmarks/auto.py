"""Whether "auto" after `vision-app model bench` is as fast as the best that a person finds by hand.

    python -m benchmarks.auto [BUNDLE …] [--seconds S]

By hand: each backend that reads the bundle, with every number of threads up to all cores, as one
would write it into [model]; opened and timed as the service does it, each in a process of its own.
The three fastest and auto then take turns, five times each; the best median of each counts.
Without a BUNDLE: MobileNetV2 (quantised, TFLite) and SqueezeNet (ONNX, converted from MXNet) of
../shared/data, which is not part of this repository.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from devices.boards.limits import usable_cores
from models.backend import backend_names
from models.bench.bench import Effort, Progress, bench, thread_counts
from models.bench.measured import keep
from models.bundles.bundle import open_bundle
from models.choice import backends_for
from models.classifier import open_classifier
from models.errors import ModelError
from models.importing.import_network import About, import_checkpoint, import_file
from models.importing.presets import Told, told_with
from models.resize import resized
from models.settings import ModelSettings, RuntimeSettings
from vision_app.screen.bench_report import label

DATA = Path(__file__).parents[2] / "shared" / "data"
FINALISTS, TURNS = 3, 5
LIMIT_S = 120.0
ALLOWED = 0.05


def one(settings: ModelSettings, seconds: float) -> None:
    """Prints the median time of a picture of the network's own size, in ms."""
    with open_bundle(settings.bundle) as bundle:
        rules, image = bundle.manifest.input, bundle.golden.image
    picture = resized(image, rules.width, rules.height)
    took: list[float] = []
    with open_classifier(settings) as classifier:
        begin = now = time.perf_counter()
        while now < begin + 1.25 * seconds:
            classifier.classify(picture)
            took.append((then := time.perf_counter()) - now)
            now = then
        counted = took[len(took) // 5 :]
        print(float(np.median(counted)) * 1e3)


def timed(settings: ModelSettings, seconds: float) -> float:
    """The same, in a process of its own; endless where it cannot be opened."""
    command = [sys.executable, "-m", "benchmarks.auto", "--one", settings.model_dump_json()]
    done = subprocess.run(
        [*command, "--seconds", str(seconds)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return float("inf") if done.returncode else float(done.stdout)


def by_hand(settings: ModelSettings) -> Iterator[ModelSettings]:
    """What a person would try."""
    with open_bundle(settings.bundle) as bundle:
        backends = backends_for(bundle)
    for backend in backends:
        for threads in range(1, usable_cores() + 1):
            yield settings.model_copy(update={"backend": backend, "threads": threads})


def name(settings: ModelSettings) -> str:
    """As in [model]."""
    threads = "" if settings.threads is None else f", threads {settings.threads}"
    return f"{settings.backend}{threads}"


def compare(where: str, seconds: float, store: Path) -> bool:
    """Prints what was found for a bundle; whether auto is within 5% of the best by hand."""
    alone = ModelSettings(bundle=where)
    auto = alone.model_copy(update={"store": store})
    with open_bundle(where) as bundle:
        effort = Effort(thread_counts(usable_cores()), seconds)
        report = bench(bundle, auto, effort, _unheard)
        keep(bundle, auto, datetime.now(timezone.utc), report.measurements)
        ways = f"{len(report.measurements)} ways measured by bench"
        chosen_way = label(report.best) if report.best else "none"
        print(f"\n{bundle.manifest.name}: {ways}; it chose {chosen_way}")
    found = [(timed(told, seconds), told) for told in by_hand(alone)]
    ranked = sorted(found, key=lambda pair: pair[0])
    for p50_ms, told in ranked:
        print(f"  by hand, {name(told)}: {p50_ms:.3f} ms")
    finalists = [auto, *(told for _, told in ranked[:FINALISTS])]
    turns = [[timed(told, seconds) for told in finalists] for _ in range(TURNS)]
    chosen = min(turn[0] for turn in turns)
    best = min(min(turn[1:]) for turn in turns)
    print(f"  auto {chosen:.3f} ms, best by hand {best:.3f} ms: {chosen / best - 1:+.1%}")
    return chosen <= (1 + ALLOWED) * best


def bundles(folder: Path) -> Iterator[str]:
    """The two networks of the shared data, as bundles."""
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there: name bundles")
    told, notes = told_with("coral", Told()), list[str]()
    mobilenet = DATA / "models" / "mobilenet_v2_1.0_224_quant.tflite"
    import_file(mobilenet, folder / "mobilenet", About(), told, RuntimeSettings(), notes)
    yield str(folder / "mobilenet")
    told = told_with("gluon", Told())
    squeezenet = [DATA / "mxnet" / "gluon_squeezenet1.1"]
    import_checkpoint(
        squeezenet, folder / "squeezenet", About(), told, None, RuntimeSettings(), notes
    )
    yield str(folder / "squeezenet")


def _unheard(progress: Progress) -> None:
    """The figures are at the end."""


def main() -> None:
    """Prints everything; exit code 1 where auto is slower than it should be."""
    parser = argparse.ArgumentParser(description="Compare auto with the best found by hand.")
    parser.add_argument("bundle", nargs="*")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        try:
            return one(ModelSettings.model_validate_json(asked.one), asked.seconds)
        except ModelError as error:
            raise SystemExit(str(error)) from None
    print(f"{usable_cores()} cores, backends {', '.join(backend_names())}")
    with tempfile.TemporaryDirectory() as folder:
        where = asked.bundle or list(bundles(Path(folder)))
        good = [compare(bundle, asked.seconds, Path(folder) / "store") for bundle in where]
    raise SystemExit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
