from pathlib import Path

import pytest

from models.anomaly.in_use import InUse
from models.anomaly.stream import AnomalyModel
from models.bundles.activation import STATE
from models.errors import ModelError, StoreError
from tests.models.anomaly.anomaly_bundles import write


def in_use(tmp_path: Path) -> InUse:
    """Of a sensor with version 1 of the hand-made model."""
    configured = write(tmp_path / "configured")
    return InUse.of(tmp_path / "kept", "box", configured, AnomalyModel.open(configured))


def version(used: InUse) -> str:
    return AnomalyModel.open(used.path).id.version


def test_the_configured_model_is_in_use_until_another_takes_its_place(tmp_path: Path) -> None:
    used = in_use(tmp_path)
    assert (used.path, used.stamp()) == (tmp_path / "configured", None)
    used.replace(write(tmp_path / "next", "2"), "better")
    assert used.stamp() is not None
    assert version(used) == "2"


def test_the_one_before_comes_back_and_before_that_there_is_none(tmp_path: Path) -> None:
    used = in_use(tmp_path)
    used.replace(write(tmp_path / "next", "2"), "better")
    before = used.stamp()
    used.rollback()
    assert version(used) == "1"
    assert used.stamp() != before
    with pytest.raises(StoreError, match="nothing to go back to"):
        used.rollback()
    assert version(used) == "1"


def test_what_was_given_may_go_and_only_two_are_kept(tmp_path: Path) -> None:
    used = in_use(tmp_path)
    for number in ("2", "3", "4"):
        used.replace(write(tmp_path / "next", number, replace=True), "better")
    (tmp_path / "next").rename(tmp_path / "gone")
    kept = sorted(path.name[0] for path in used.folder.iterdir() if path.is_dir())
    assert (version(used), kept) == ("4", ["3", "4"])


def test_a_bundle_that_is_damaged_takes_nobodys_place(tmp_path: Path) -> None:
    used, bad = in_use(tmp_path), write(tmp_path / "next", "2")
    (bad / "weights.npz").write_bytes(b"not what the manifest says")
    with pytest.raises(ModelError):
        used.replace(bad, "better")
    assert used.path == tmp_path / "configured"


def test_another_configured_model_is_in_use_at_once(tmp_path: Path) -> None:
    used = in_use(tmp_path)
    used.replace(write(tmp_path / "next", "2"), "better")
    other = AnomalyModel.open("greenhouse-climate")
    again = InUse.of(tmp_path / "kept", "box", Path("greenhouse-climate"), other)
    assert again.path == Path("greenhouse-climate")


def test_a_built_in_model_gives_way_and_comes_back(tmp_path: Path) -> None:
    name = Path("greenhouse-climate")
    used = InUse.of(tmp_path / "kept", "box", name, AnomalyModel.open(name))
    used.replace(write(tmp_path / "next", "2"), "better")
    used.rollback()
    assert AnomalyModel.open(used.path).id == AnomalyModel.open(name).id


def test_a_damaged_note_is_said_with_the_way_out(tmp_path: Path) -> None:
    used = in_use(tmp_path)
    used.replace(write(tmp_path / "next", "2"), "better")
    (used.folder / STATE).write_text("?")
    with pytest.raises(StoreError, match="then it is the configured one"):
        _ = used.path
