"""What judging sensor readings costs: start, one reading, fast signals, exactness, a large fit."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from sklearn.svm import OneClassSVM

from devices.reading import Reading
from devices.readings.gate import Gate
from devices.readings.order import Order
from devices.sensor_settings import SignalSettings
from models.anomaly.bundle import AnomalyBundle
from models.anomaly.features import USUAL
from models.anomaly.fit import FitOptions, fit
from models.anomaly.in_use import InUse
from models.anomaly.learn import learn, learn_all
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.source import Source
from models.anomaly.standard import Standard
from models.anomaly.stream import AnomalyModel, Stream
from vision_app.sensors.drift_book import DriftBook
from vision_app.sensors.judging import LiveModel

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def main(million: bool) -> None:
    """Prints everything."""
    start()
    parity()
    for signals, vectors in ((6, 533), (32, 1000), (16, 1000)):
        speed(signals, vectors)
    served(16, 1000)
    fast(32, 1000)
    large_fit(1_000_000 if million else 100_000)


def start() -> None:
    """Prints what opening a model costs a fresh process, and what it does not import."""
    code = (
        "import sys, time; begin = time.perf_counter()\n"
        "from models.anomaly.stream import AnomalyModel\n"
        "imported = time.perf_counter()\n"
        "AnomalyModel.open('greenhouse-climate').new_stream()\n"
        "heavy = {'sklearn', 'scipy'} & set(sys.modules)\n"
        "print(f'import {(imported - begin) * 1000:.0f} ms, '\n"
        "      f'open {(time.perf_counter() - imported) * 1000:.0f} ms, '\n"
        "      f'of sklearn and scipy it imports {sorted(heavy) or \"none\"}')"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    print(f"start: {said[-1].stdout.strip()}")


def parity() -> None:
    """Prints how far decision values are from those of scikit-learn."""
    random = np.random.default_rng(0)
    known, asked = random.normal(size=(3000, 32)), 3 * random.normal(size=(2000, 32))
    reference = OneClassSVM(nu=0.1, gamma=1 / 32).fit(known)
    rho, expected = reference.offset_[0], reference.decision_function(asked)
    for dtype in (np.float64, np.float32):
        support = reference.support_vectors_.astype(dtype)
        ours = OneClassSvm(support, reference.dual_coef_[0] / rho, 1 / 32)
        said = np.array([-rho * ours.score(x) for x in asked])
        print(f"decision values in {dtype.__name__}: at most {abs(said - expected).max():.1e} away")


def speed(signals: int, vectors: int) -> None:
    """Prints how long one reading takes from arrival to score."""
    stream, names = stream_of(signals, vectors, 60.0)
    said = _timed(stream.update, names)
    print(f"reading to score, {2 * signals} features, {vectors} support vectors: {said}")


def served(signals: int, vectors: int) -> None:
    """Prints the same of the service, which looks at each value first and counts drift after it."""
    model, names = model_of(signals, vectors, 60.0)
    gate = Gate([SignalSettings(name=name, min=-1e6, max=1e6) for name in names], Order("ours"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_use = InUse.of(folder / "models", "bench", folder / "configured", model)
        book = DriftBook(folder / "drift", time.monotonic)
        judging = LiveModel("bench", in_use, model, book).new_stream()

        def journey(at: datetime, raw: Mapping[str, float]) -> None:
            reading = Reading("bench", at, time.monotonic(), gate.admit(at, raw))
            judging.update(reading.at, reading.values)

        said = _timed(journey, names)
    print(f"raw values to score in the service, drift counted, the same model: {said}")


def _timed(take: Callable[[datetime, dict[str, float]], object], names: Sequence[str]) -> str:
    """What one of 5,000 readings took, a second apart."""
    rows = np.random.default_rng(1).normal(size=(5000, len(names))).tolist()
    took_us = []
    for i, row in enumerate(rows):
        values, at = dict(zip(names, row, strict=True)), START + timedelta(seconds=i)
        begin_ns = time.perf_counter_ns()
        take(at, values)
        took_us.append((time.perf_counter_ns() - begin_ns) / 1000)
    settled = took_us[100:]
    return f"median {statistics.median(settled):.0f} us, p99 {np.percentile(settled, 99):.0f} us"


def fast(signals: int, vectors: int, rate_hz: int = 1000, seconds: int = 20) -> None:
    """Prints the share of a core that fast signals take."""
    stream, names = stream_of(signals, vectors, 10.0)
    rows = np.random.default_rng(1).normal(size=(seconds * rate_hz, signals)).tolist()
    readings = [
        (START + timedelta(seconds=i / rate_hz), dict(zip(names, row, strict=True)))
        for i, row in enumerate(rows)
    ]
    begin_s, scores = time.process_time(), 0
    for at, values in readings:
        scores += stream.update(at, values) is not None
    share = (time.process_time() - begin_s) / seconds
    print(f"{signals} channels at {rate_hz} Hz: {share:.1%} of one core, {scores} scores")


def large_fit(rows: int) -> None:
    """Prints how long an approximation to all rows takes, and a whole fit on a file of them."""
    random = np.random.default_rng(0)
    z = random.normal(size=(rows, 32))
    begin_s = time.perf_counter()
    learn_all(z, 0.05, 1 / 32)
    print(f"{rows} rows x 32, Nystroem and SGD: {time.perf_counter() - begin_s:.1f} s")
    begin_s = time.perf_counter()
    learn(z, 0.05, 1 / 32)
    print(
        f"{rows} rows x 32, exact on 10,000 that cover them: {time.perf_counter() - begin_s:.1f} s"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        _write(path, z[:, :8].cumsum(axis=0) % 7 + z[:, 8:16])
        begin_s = time.perf_counter()
        fit(Source(path), Path(folder) / "bundle", FitOptions())
        print(f"file of {rows} rows x 8, whole fit: {time.perf_counter() - begin_s:.1f} s")


def _write(path: Path, rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    with path.open("w") as file:
        file.write("time," + ",".join(f"s{i}" for i in range(rows.shape[1])) + "\n")
        for i, row in enumerate(rows.tolist()):
            file.write(f"{1_700_000_000 + i}," + ",".join(f"{x:.4f}" for x in row) + "\n")


def stream_of(signals: int, vectors: int, window_s: float) -> tuple[Stream, tuple[str, ...]]:
    """A stream of `model_of`, and the names of its signals."""
    model, names = model_of(signals, vectors, window_s)
    return model.new_stream(), names


def model_of(signals: int, vectors: int, window_s: float) -> tuple[AnomalyModel, tuple[str, ...]]:
    """A model of so many signals named s0, s1 …, with so many support vectors."""
    random, features = np.random.default_rng(0), 2 * signals
    names = tuple(f"s{i}" for i in range(signals))
    known = AnomalyModel.open("greenhouse-climate").manifest
    bundle = AnomalyBundle(
        known.model_copy(update={"signals": names, "window_s": window_s, "features": USUAL}),
        Standard(np.zeros(features), np.ones(features), np.ones(signals)),
        OneClassSvm(
            random.normal(size=(vectors, features)), np.full(vectors, 1 / vectors), 1 / features
        ),
    )
    return AnomalyModel(bundle), names
