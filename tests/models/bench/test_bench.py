from pathlib import Path

import pytest

from models.backend import Placement
from models.bench.bench import Effort, Progress, Report, bench, thread_counts
from models.bench.bench_one import find_ways, measure
from models.bench.bench_task import FindWays, Measure
from models.bench.measurement import Measurement
from models.bundles.bundle import open_bundle
from models.settings import ModelSettings
from models.way import Choice
from tests.models.networks import (
    colour_bundle,
    colour_network,
    read_manifest,
    weights_entry,
    write_manifest,
)
from tests.models.plugins import (
    Crashing,
    CrashingWhenAsked,
    Failing,
    Refusing,
    Talkative,
    WithoutDriver,
    Wrong,
    install_plugins,
    plugin_bundle,
)

SHORT_S = 0.01


def unheard(progress: Progress) -> None:
    """Nobody follows."""


def settings_of(folder: Path) -> ModelSettings:
    return ModelSettings(bundle=str(folder))


def on_opencv(folder: Path, threads: int = 1) -> Measurement:
    (weights,) = open_bundle(str(folder)).manifest.weights
    choice = Choice(weights, "opencv", Placement(threads=threads))
    return measure(Measure(settings_of(folder), choice, SHORT_S))


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, list[Progress]]:
    """What is found where good and bad backends are installed."""
    folder, heard = tmp_path_factory.mktemp("zoo"), list[Progress]()
    plugins = install_plugins(
        folder / "plugins",
        good=Talkative,
        wrong=Wrong,
        crashing=Crashing,
        failing=Failing,
        refusing=Refusing,
        driverless=WithoutDriver,
        fatal=CrashingWhenAsked,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(plugins))
        where = plugin_bundle(folder / "b")
        bundle = open_bundle(str(where))
        return bench(bundle, settings_of(where), Effort((1, 2), SHORT_S), heard.append), heard


def row(report: Report, backend: str) -> Measurement:
    """The one row of a backend."""
    (found,) = (one for one in report.measurements if one.choice.backend == backend)
    return found


def test_a_good_backend_is_measured_with_every_number_of_threads_whatever_it_prints(
    zoo: tuple[Report, list[Progress]],
) -> None:
    report, _ = zoo
    good = [one for one in report.measurements if one.choice.backend == "good"]
    assert sorted(one.choice.placement.threads for one in good) == [1, 2]
    assert all(one.verdict == "ok" for one in good)


def test_a_wrong_answer_is_told_with_its_figures_and_never_chosen(
    zoo: tuple[Report, list[Progress]],
) -> None:
    report, _ = zoo
    wrong = [one for one in report.measurements if one.choice.backend == "wrong"]
    assert len(wrong) == 2
    for one in wrong:
        assert one.figures is not None
        assert one.verdict.startswith("differs by 0.")
    assert report.best is not None
    assert report.best.choice.backend == "good"


@pytest.mark.parametrize(
    ("backend", "sentence"),
    [
        ("crashing", "it crashed (Segmentation fault)"),
        ("failing", "it failed (RuntimeError: a bug of theirs)"),
        ("refusing", "it needs a key: buy one"),
    ],
)
def test_a_backend_that_ends_badly_is_one_row_with_its_sentence(
    zoo: tuple[Report, list[Progress]], backend: str, sentence: str
) -> None:
    found = row(zoo[0], backend)
    assert found.figures is None
    assert found.verdict == sentence


def test_what_could_not_be_tried_is_told_with_what_to_do(
    zoo: tuple[Report, list[Progress]],
) -> None:
    report, _ = zoo
    assert "driverless cannot use npu: it has no driver: install it" in report.notes
    assert any(
        note.startswith("fatal could not be asked") and "Segmentation fault" in note
        for note in report.notes
    )


def test_usable_ways_stand_first_and_failures_last(zoo: tuple[Report, list[Progress]]) -> None:
    report, _ = zoo
    kinds = [
        0 if one.usable else 1 if one.figures is not None else 2 for one in report.measurements
    ]
    assert kinds == sorted(kinds)


def test_progress_tells_each_way_before_it_is_measured(zoo: tuple[Report, list[Progress]]) -> None:
    report, heard = zoo
    first = [now for now in heard if now.round == 1]
    assert {now.choice for now in first} == {one.choice for one in report.measurements}
    assert all(now.done < now.total for now in heard)
    assert max(now.round for now in heard) == 3


def test_a_real_network_is_measured_and_compared(tmp_path: Path) -> None:
    found = on_opencv(colour_bundle(tmp_path / "b"))
    assert found.verdict == "ok"
    assert found.figures is not None
    assert 0 < found.figures.p50_ms <= found.figures.p95_ms
    assert found.figures.cpu_ms > 0
    assert found.figures.difference < 1e-4


def test_weights_that_differ_have_figures_all_the_same(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    colour_network(folder / "model.onnx", gain=9.0)
    other = [weights_entry(folder / "model.onnx", "float32", "onnx", 1e-4)]
    write_manifest(folder, read_manifest(folder) | {"weights": other})
    found = on_opencv(folder)
    assert found.figures is not None
    assert found.verdict.startswith("differs by 0.0")
    assert found.verdict.endswith("0.0001 is allowed")


def test_the_ways_of_a_backend_are_all_its_threads(tmp_path: Path) -> None:
    settings = settings_of(colour_bundle(tmp_path / "b"))
    ways = find_ways(FindWays(settings, "opencv", (1, 2, 3)))
    assert [way.placement for way in ways.choices] == [Placement(threads=n) for n in (1, 2, 3)]
    assert ways.notes == ()


def test_a_backend_that_reads_another_format_is_not_worth_a_word(tmp_path: Path) -> None:
    ways = find_ways(FindWays(settings_of(colour_bundle(tmp_path / "b")), "litert", (1,)))
    assert (ways.choices, ways.notes) == ((), ())


def test_a_bundle_that_nothing_runs_leaves_no_best(tmp_path: Path) -> None:
    where = plugin_bundle(tmp_path / "b")
    report = bench(open_bundle(str(where)), settings_of(where), Effort((1,), SHORT_S), unheard)
    assert report.measurements == ()
    assert report.best is None


@pytest.mark.parametrize(
    ("cores", "counts"), [(1, (1,)), (2, (1, 2)), (4, (1, 2, 3, 4)), (6, (1, 2, 4, 5, 6))]
)
def test_threads_are_doubled_up_to_all_cores_and_once_one_core_is_left(
    cores: int, counts: tuple[int, ...]
) -> None:
    assert thread_counts(cores) == counts
