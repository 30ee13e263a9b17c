"""The next model beside the present one, fitted on made-up readings of a machine that has aged."""

import csv
import math
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from models.anomaly.bundle import WEIGHTS, open_bundle, write_bundle
from models.anomaly.compare import Comparison, compare
from models.anomaly.fit import FitOptions, fit
from models.anomaly.manifest import Manifest
from models.anomaly.source import Source
from tests.parts import need

DAY = timedelta(days=1)
START = datetime(2026, 1, 31, tzinfo=timezone.utc)
LATER = START + DAY


@pytest.fixture(autouse=True, scope="module")
def _scikit_learn() -> None:
    try:
        import sklearn
    except ImportError:
        sklearn = None
    need("scikit-learn (pip install scikit-learn)", sklearn)


def table(path: Path, start: datetime, rows: Iterable[tuple[float, ...]]) -> Path:
    """A row a second."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("time", "a_c", "b"))
        for i, row in enumerate(rows):
            out.writerow(((start + timedelta(seconds=i)).isoformat(), *row))
    return path


def machine(level: float, seed: int, count: int = 3000) -> list[tuple[float, float]]:
    noise = np.random.default_rng(seed).normal(0, 0.1, (count, 2)).tolist()
    return [(level + math.sin(i / 50) + a, 5 + b) for i, (a, b) in enumerate(noise)]


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: what was normal, what is now, and a model of each."""
    folder = tmp_path_factory.mktemp("aged")
    options = FitOptions(window_s=20.0, held_out=0.4)
    fit(Source(table(folder / "old.csv", START, machine(20, 1))), folder / "present", options)
    fit(Source(table(folder / "new.csv", LATER, machine(23, 2))), folder / "next", options)
    return folder


def of(folder: Path, present: str, next: str, data: str = "new.csv") -> Comparison:
    return compare(folder / present, folder / next, Source(folder / data))


def changed(folder: Path, name: str, **update: object) -> str:
    """The next model with another manifest."""
    bundle = open_bundle(folder / "next")
    values = bundle.manifest.model_dump(by_alias=True) | update
    manifest = Manifest.model_validate(values)
    write_bundle(folder / name, manifest, (folder / "next" / WEIGHTS).read_bytes(), replace=True)
    return name


def test_a_model_of_what_is_normal_now_may_replace_one_of_what_was(aged: Path) -> None:
    found = of(aged, "present", "next")
    assert found.may_replace
    assert found.present is not None
    assert found.next is not None
    assert found.present.share_above > 0.9
    assert found.next.share_above < 0.05
    low, high = found.next.interval
    assert low <= found.next.share_above <= high < 0.2
    shift = found.shifts[0]
    assert (shift.signal, shift.feature, shift.deviations > 3) == ("a_c", "mean", True)


def test_a_model_of_what_was_normal_may_not_replace_one_of_what_is(aged: Path) -> None:
    found = of(aged, "next", "present")
    assert not found.may_replace
    assert found.verdict.startswith("worse: the next model calls")


def test_only_what_neither_has_learnt_is_judged(aged: Path) -> None:
    learnt_until = open_bundle(aged / "next").manifest.trained_from.until
    assert learnt_until is not None
    assert of(aged, "present", "next").since >= learnt_until
    fit(Source(aged / "new.csv"), aged / "all", FitOptions(window_s=20.0, replace=True))
    found = of(aged, "present", "all")
    assert not found.may_replace
    assert found.verdict.startswith(
        "not comparable: of these readings neither has learnt, 0 windows"
    )


def test_a_model_that_does_not_say_what_it_learnt_may_have_learnt_all_before_it_was_made(
    aged: Path,
) -> None:
    told = open_bundle(aged / "next").manifest.trained_from.model_dump() | {"until": None}
    name = changed(aged, "untold", trained_from=told, created=LATER + DAY)
    assert of(aged, "present", name).verdict.startswith("not comparable")
    name = changed(aged, "untold", trained_from=told, created=LATER)
    assert of(aged, "present", name).may_replace


def test_a_model_that_is_silent_whatever_happens_is_worse(aged: Path) -> None:
    found = of(aged, "next", changed(aged, "silent", threshold=0.99999))
    assert found.next is not None
    assert found.next.share_above == 0
    assert found.verdict.startswith("worse: of changes that were planted the next model finds")


def test_a_model_that_judges_fewer_signals_is_worse(aged: Path) -> None:
    only = Source(aged / "new.csv", signals=("a_c",))
    fit(only, aged / "fewer", FitOptions(window_s=20.0, held_out=0.4, replace=True))
    assert of(aged, "next", "fewer").verdict == "worse: the next model does not judge b"


def test_readings_that_lack_a_signal_compare_nothing(aged: Path) -> None:
    rows = (aged / "new.csv").read_text().splitlines()
    (aged / "lacking.csv").write_text("\n".join(row.rsplit(",", 1)[0] for row in rows))
    found = of(aged, "present", "next", "lacking.csv")
    assert (found.missing, found.may_replace) == (("b",), False)
    assert found.verdict.startswith("not comparable: these readings lack b")


def test_known_faults_are_no_normal_moments_and_tell_precision_and_recall(aged: Path) -> None:
    rows = machine(23, 3)
    rows[2500:2800] = [(a, b + 2) for a, b in rows[2500:2800]]
    data = Source(table(aged / "faulty.csv", LATER + DAY, rows))
    span = [LATER + DAY + timedelta(seconds=second) for second in (2500, 2800)]
    unlabelled = compare(aged / "next", aged / "next", data).next
    labelled = compare(aged / "next", aged / "next", data, [(span[0], span[1])]).next
    assert unlabelled is not None
    assert labelled is not None
    assert unlabelled.share_above > 0.3
    assert labelled.share_above < 0.05
    assert labelled.recall > 0.95
    assert labelled.precision > 0.9
    assert labelled.f1 > 0.9


def test_a_model_that_misses_known_faults_is_worse_where_they_are_known(aged: Path) -> None:
    """Planted changes are large; the known fault is one of the small ones."""
    rows = machine(23, 3)
    rows[2500:2800] = [(a, b + 0.1) for a, b in rows[2500:2800]]
    data = Source(table(aged / "small.csv", LATER + DAY, rows))
    span = (LATER + DAY + timedelta(seconds=2500), LATER + DAY + timedelta(seconds=2800))
    name = changed(aged, "dull", threshold=0.5)
    assert compare(aged / "next", aged / name, data).may_replace
    found = compare(aged / "next", aged / name, data, [span])
    assert found.verdict.startswith("worse: with the faults that are known F1 is")
