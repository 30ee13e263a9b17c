from pathlib import Path

from models.backend import Placement
from models.bench.measurement import Measurement
from models.bundles.bundle import open_bundle
from models.choice import choices
from models.settings import ModelSettings
from models.way import Choice
from tests.models.bench.kept_measurements import kept, measured
from tests.models.networks import colour_bundle


def tried(settings: ModelSettings) -> list[Choice]:
    """What is tried, in order."""
    return list(choices(open_bundle(settings.bundle), settings, []))


def ways(settings: ModelSettings) -> list[tuple[str, int]]:
    """The same: backend and threads."""
    return [(choice.backend, choice.placement.threads) for choice in tried(settings)]


def test_measured_ways_stand_before_the_declared_ones_and_none_is_tried_twice(
    tmp_path: Path,
) -> None:
    folder = colour_bundle(tmp_path / "b")
    both = (measured(folder, "opencv", 5.0, 2), measured(folder, "opencv", 1.0))
    found = tried(kept(folder, *both))
    assert found[:2] == [both[1].choice, both[0].choice]
    assert all(found.count(choice) == 1 for choice in found)
    assert {*tried(ModelSettings(bundle=str(folder)))} <= {*found}


def test_threads_that_are_set_win(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    on_four, on_one = measured(folder, "quick", 1.0, 4), measured(folder, "opencv", 5.0, 1)
    assert ways(kept(folder, on_four, on_one))[0] == ("quick", 4)
    assert ways(kept(folder, on_four, on_one, threads=1))[0] == ("opencv", 1)
    assert {threads for _, threads in ways(kept(folder, on_four, on_one, threads=3))} == {3}


def test_a_backend_that_is_set_wins(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    both = (measured(folder, "quick", 1.0), measured(folder, "opencv", 5.0, 4))
    assert ways(kept(folder, *both))[0] == ("quick", 1)
    assert ways(kept(folder, *both, backend="opencv")) == [("opencv", 4), ("opencv", 2)]


def test_a_device_that_is_set_wins_and_takes_any_number_of_threads(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    one = measured(folder, "quick", 5.0)
    on_gpu = Measurement(Choice(one.choice.weights, "quick", Placement("gpu")), one.figures)
    told = kept(folder, on_gpu, measured(folder, "opencv", 1.0, 3), device="gpu", threads=3)
    first = next(choices(open_bundle(str(folder)), told, []))
    assert first.placement == Placement("gpu", threads=3)
