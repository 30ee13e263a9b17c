import fcntl
import os
import shutil
from pathlib import Path

import pytest

from models.bundles.activation import read_history
from models.bundles.bundle import open_bundle
from models.bundles.store import Store, Stored
from models.classifier import open_classifier
from models.errors import BundleError, ModelError, StoreError
from models.settings import ModelSettings
from tests.models.networks import (
    colour_bundle,
    colour_network,
    patches,
    read_manifest,
    weights_entry,
    write_manifest,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(ModelSettings(store=tmp_path / "store", backend="opencv"))


def bundle(tmp_path: Path, version: str, **values: object) -> str:
    """A bundle of that version, outside of the store."""
    folder = tmp_path / f"bundle-{version}-{len(list(tmp_path.iterdir()))}"
    colour_bundle(folder)
    write_manifest(folder, read_manifest(folder) | {"version": version} | values)
    return str(folder)


def active(store: Store, name: str = "test-bundle") -> str:
    """What the name stands for to those who open it."""
    return open_bundle(name, store.folder).manifest.version


def there(store: Store) -> list[str]:
    return [f"{one.name}@{one.version}" for one in store.bundles()]


def test_the_first_version_of_a_name_is_active_at_once(store: Store, tmp_path: Path) -> None:
    added = store.add(bundle(tmp_path, "1"))
    place = store.folder / "test-bundle" / "1"
    assert added == Stored("test-bundle", "1", place, active=True, previous=False)
    assert active(store) == "1"


def test_what_a_killed_process_left_half_written_is_swept_away(
    store: Store, tmp_path: Path
) -> None:
    store.add(bundle(tmp_path, "1"))
    left = store.folder / "test-bundle" / "active.json.tmp"
    left.write_bytes(b"ha")
    store.add(bundle(tmp_path, "2"))
    assert not left.exists()
    assert active(store) == "1"


def test_a_further_version_waits_until_it_is_activated(store: Store, tmp_path: Path) -> None:
    store.add(bundle(tmp_path, "1"))
    assert not store.add(bundle(tmp_path, "2")).active
    assert active(store) == "1"
    assert store.activate("test-bundle@2").active
    assert active(store) == "2"
    assert [(one.version, one.active, one.previous) for one in store.bundles()] == [
        ("1", False, True),
        ("2", True, False),
    ]


def test_a_configuration_names_a_bundle_of_the_store(store: Store, tmp_path: Path) -> None:
    store.add(bundle(tmp_path, "1"))
    store.add(bundle(tmp_path, "2"))
    for wanted, version in {"test-bundle": "1", "test-bundle@2": "2"}.items():
        settings = ModelSettings(bundle=wanted, store=store.folder)
        with open_classifier(settings) as classifier:
            assert classifier.id.version == version
            assert classifier.classify(patches()).label == "red"


def test_the_store_goes_before_what_is_built_in(store: Store, tmp_path: Path) -> None:
    store.add(bundle(tmp_path, "77", name="greenhouse-tomatoes"))
    assert active(store, "greenhouse-tomatoes") == "77"
    assert open_bundle("greenhouse-tomatoes").manifest.version == "1"


def test_rollback_goes_back_step_by_step_and_ends_with_a_sentence(
    store: Store, tmp_path: Path
) -> None:
    for version in ("1", "2", "3"):
        store.add(bundle(tmp_path, version))
        store.activate(f"test-bundle@{version}")
    assert store.rollback("test-bundle").version == "2"
    assert active(store) == "2"
    assert store.rollback("test-bundle").version == "1"
    with pytest.raises(StoreError, match="no version of test-bundle was active before 1"):
        store.rollback("test-bundle")
    assert active(store) == "1"
    assert there(store) == ["test-bundle@1", "test-bundle@2", "test-bundle@3"]


def test_activating_what_is_active_forgets_nothing(store: Store, tmp_path: Path) -> None:
    for version in ("1", "2"):
        store.add(bundle(tmp_path, version))
    for _ in range(3):
        store.activate("test-bundle@2")
    assert store.rollback("test-bundle").version == "1"


def test_prune_keeps_the_active_version_and_the_one_before(store: Store, tmp_path: Path) -> None:
    for version in ("1", "2", "3", "4"):
        store.add(bundle(tmp_path, version))
    for version in ("2", "3"):
        store.activate(f"test-bundle@{version}")
    store.add(bundle(tmp_path, "1", name="other"))
    assert store.prune("test-bundle") == ("test-bundle@1", "test-bundle@4")
    assert there(store) == ["other@1", "test-bundle@2", "test-bundle@3"]
    assert store.rollback("test-bundle").version == "2"
    assert store.prune() == ("test-bundle@3",)


def test_what_was_pruned_is_forgotten(store: Store, tmp_path: Path) -> None:
    for version in ("1", "2", "3"):
        store.add(bundle(tmp_path, version))
        store.activate(f"test-bundle@{version}")
    store.prune()
    store.rollback("test-bundle")
    with pytest.raises(StoreError, match="no version of test-bundle was active before 2"):
        store.rollback("test-bundle")


def test_adding_the_same_bundle_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    where = bundle(tmp_path, "1")
    assert store.add(where) == store.add(where)


def test_a_version_that_was_damaged_here_is_mended_by_adding_it_again(
    store: Store, tmp_path: Path
) -> None:
    """One flipped bit on an SD card, and `add` said to copy the bundle again."""
    store.add(bundle(tmp_path, "1"))
    place = store.add(second := bundle(tmp_path, "2")).folder
    store.activate("test-bundle@2")
    (place / "labels.txt").write_text("red\ngreen\nblew\n")
    assert store.add(second).active
    assert active(store) == "2"
    assert there(store) == ["test-bundle@1", "test-bundle@2"]
    assert store.rollback("test-bundle").version == "1"


def test_a_name_whose_versions_somebody_removed_is_brought_in_anew(
    store: Store, tmp_path: Path
) -> None:
    shutil.rmtree(store.add(bundle(tmp_path, "1")).folder)
    assert store.add(bundle(tmp_path, "2")).active
    assert active(store) == "2"
    assert sorted(path.name for path in store.folder.iterdir()) == [".lock", "test-bundle"]


def test_another_bundle_of_a_version_that_is_here_is_refused(store: Store, tmp_path: Path) -> None:
    store.add(bundle(tmp_path, "1"))
    with pytest.raises(StoreError, match="another bundle of that name and version"):
        store.add(bundle(tmp_path, "1", licence="MIT"))
    assert open_bundle("test-bundle", store.folder).manifest.licence == "Apache-2.0"


def test_what_does_not_reproduce_its_golden_example_never_comes_in(
    store: Store, tmp_path: Path
) -> None:
    folder = Path(bundle(tmp_path, "1"))
    colour_network(folder / "model.onnx", gain=9.0)
    weights = [weights_entry(folder / "model.onnx", "float32", "onnx", 1e-4)]
    write_manifest(folder, read_manifest(folder) | {"weights": weights})
    with pytest.raises(ModelError, match=f"nothing here runs {folder}.*away from the golden"):
        store.add(str(folder))
    assert there(store) == []


def test_what_was_damaged_in_the_store_is_not_activated(store: Store, tmp_path: Path) -> None:
    store.add(bundle(tmp_path, "1"))
    store.add(bundle(tmp_path, "2"))
    labels = store.folder / "test-bundle" / "2" / "labels.txt"
    labels.write_bytes(labels.read_bytes().replace(b"red", b"RED"))
    with pytest.raises(BundleError, match=r"labels\.txt has sha256"):
        store.activate("test-bundle@2")
    assert active(store) == "1"


def test_what_computes_something_else_by_now_is_neither_activated_nor_rolled_back_to(
    store: Store, tmp_path: Path
) -> None:
    for version in ("1", "2"):
        store.add(bundle(tmp_path, version))
        store.activate(f"test-bundle@{version}")
    folder = store.folder / "test-bundle" / "1"
    colour_network(folder / "model.onnx", gain=9.0)
    weights = [weights_entry(folder / "model.onnx", "float32", "onnx", 1e-4)]
    write_manifest(folder, read_manifest(folder) | {"weights": weights})
    with pytest.raises(ModelError, match="away from the golden"):
        store.activate("test-bundle@1")
    with pytest.raises(ModelError, match="away from the golden"):
        store.rollback("test-bundle")
    assert active(store) == "2"


def test_a_previous_version_that_was_damaged_is_not_rolled_back_to(
    store: Store, tmp_path: Path
) -> None:
    for version in ("1", "2"):
        store.add(bundle(tmp_path, version))
        store.activate(f"test-bundle@{version}")
    shutil.rmtree(store.folder / "test-bundle" / "1")
    with pytest.raises(BundleError, match="no bundle"):
        store.rollback("test-bundle")
    assert active(store) == "2"


@pytest.mark.parametrize("wanted", ["test-bundle", "test-bundle@9", "other@1", "", "../x@1", "@"])
def test_activating_what_is_not_here_names_what_is(
    store: Store, tmp_path: Path, wanted: str
) -> None:
    store.add(bundle(tmp_path, "1"))
    with pytest.raises(ModelError, match=r"test-bundle@1|but 1|model add"):
        store.activate(wanted)


def test_a_history_that_cannot_be_read_is_told_and_mended_by_activating(
    store: Store, tmp_path: Path
) -> None:
    store.add(bundle(tmp_path, "1"))
    (store.folder / "test-bundle" / "active.json").write_text("{")
    with pytest.raises(BundleError, match="vision-app model activate test-bundle@VERSION"):
        active(store)
    store.activate("test-bundle@1")
    assert active(store) == "1"


def test_only_the_files_that_the_manifest_names_come_in(store: Store, tmp_path: Path) -> None:
    folder = Path(bundle(tmp_path, "1"))
    (folder / "notes.txt").write_text("do not take me along")
    names = sorted(path.name for path in store.add(str(folder)).folder.iterdir())
    assert names == ["golden.npz", "labels.txt", "manifest.json", "manifest.sha256", "model.onnx"]


def test_a_store_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = Store(ModelSettings(store=tmp_path / "file" / "store"))
    with pytest.raises(StoreError, match="cannot be changed"):
        store.add(bundle(tmp_path, "1"))


def test_while_another_process_changes_the_store_nobody_else_does(
    store: Store, tmp_path: Path
) -> None:
    store.add(bundle(tmp_path, "1"))
    lock = os.open(store.folder / ".lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    for change in (lambda: store.add(bundle(tmp_path, "2")), store.prune):
        with pytest.raises(StoreError, match="another process is changing"):
            change()
    assert active(store) == "1"
    os.close(lock)
    assert store.add(bundle(tmp_path, "2")).version == "2"


def test_the_history_stays_short(store: Store, tmp_path: Path) -> None:
    for version in ("1", "2"):
        store.add(bundle(tmp_path, version))
    for turn in range(40):
        store.activate(f"test-bundle@{1 + turn % 2}")
    assert len(read_history(store.folder / "test-bundle").activated) == 16
