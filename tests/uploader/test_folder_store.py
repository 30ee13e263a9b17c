from dataclasses import replace
from pathlib import Path

import pytest

from tests.checks_store import check_store, upload
from uploader.errors import StoreDenied, StoreRejected, StoreUnavailable
from uploader.settings import StoreSettings
from uploader.store import open_store


def settings(folder: Path) -> StoreSettings:
    return StoreSettings(url=folder.as_uri())


def test_a_folder_is_a_store(tmp_path: Path) -> None:
    folder = tmp_path / "a store with spaces"

    def stored() -> dict[str, bytes]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {path.as_uri().replace("%3D", "="): path.read_bytes() for path in files}

    check_store(open_store(settings(folder)), stored)


def test_an_object_that_was_changed_on_the_way_cannot_be_offered() -> None:
    with pytest.raises(ValueError, match="changed on the way"):
        replace(upload(), body=b"another")


@pytest.mark.parametrize("key", ["../out", "/etc/passwd", "a/../../out", "a//b", "", "a/.", "a\0b"])
def test_a_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    store = open_store(settings(tmp_path / "store"))
    good = upload()
    with pytest.raises(StoreRejected, match="would leave the folder"):
        store.put(replace(good, key=key))
    assert list(tmp_path.iterdir()) == []


def test_a_network_disk_that_is_not_mounted_is_waited_for(tmp_path: Path) -> None:
    store = open_store(settings(tmp_path / "nas" / "store"))
    for attempt in (store.check, lambda: store.put(upload())):
        with pytest.raises(StoreUnavailable, match=r"is .*/nas mounted\?") as away:
            attempt()
        assert not away.value.may_be_there
    (tmp_path / "nas").mkdir()
    store.put(upload())


def test_a_full_disk_is_waited_for_and_leaves_no_part(tmp_path: Path) -> None:
    store, sent = open_store(settings(tmp_path)), upload()
    path = tmp_path / sent.key
    path.parent.mkdir(parents=True)
    path.with_name(path.name + ".tmp").symlink_to("/dev/full")
    with pytest.raises(StoreUnavailable, match="No space left") as full:
        store.put(sent)
    assert not full.value.may_be_there
    assert list(path.parent.iterdir()) == []
    store.put(sent)
    assert path.read_bytes() == sent.body


def test_a_folder_without_permission_is_denied() -> None:
    nobodys = Path("/sys/vision-app")  # where not even root may make a folder
    with pytest.raises(StoreDenied, match="let this user write there"):
        open_store(settings(nobodys)).put(upload())


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "frames").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="File exists"):
        open_store(settings(tmp_path)).put(upload())


def test_where_it_verifies_nothing_is_overwritten(tmp_path: Path) -> None:
    place = settings(tmp_path).model_copy(update={"verify": True})
    store, sent = open_store(place), upload()
    store.put(sent)
    store.put(sent)
    path = tmp_path / sent.key
    for other in (sent.body[::-1], b"shorter"):
        path.write_bytes(other)
        with pytest.raises(StoreRejected, match=f"another file of {len(other)} bytes"):
            store.put(sent)
        assert path.read_bytes() == other
    open_store(settings(tmp_path)).put(sent)
    assert path.read_bytes() == sent.body
