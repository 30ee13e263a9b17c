import os
import sys
from pathlib import Path

import pytest

from tests.checks_store import check_reader, upload
from uploader.errors import StoreDenied, StoreRejected, StoreUnavailable
from uploader.reading import StoreReader, open_reader
from uploader.settings import StoreSettings
from uploader.store import open_store


def reader(folder: Path) -> StoreReader:
    return open_reader(StoreSettings(url=folder.as_uri()))


def test_a_folder_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "a store with spaces"
    folder.mkdir()
    check_reader(open_store(StoreSettings(url=folder.as_uri())), reader(folder))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreDenied, match=r"there is no folder .*/nowhere: name the one"):
        list(reader(tmp_path / "nowhere").objects())


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not of the store")
    (tmp_path / "store").mkdir()
    with pytest.raises(StoreRejected, match="would leave the folder"):
        reader(tmp_path / "store").read("../secret")


def test_links_and_devices_are_listed_and_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("not of the store")
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "to-a-folder").symlink_to(tmp_path / "secret")
    (folder / "to-a-file").symlink_to(tmp_path / "secret" / "file")
    os.mkfifo(folder / "waits-for-ever")

    listed = [stored.key for stored in reader(folder).objects()]
    assert listed == ["to-a-file", "to-a-folder", "waits-for-ever"]
    for key in listed:
        with pytest.raises(StoreRejected, match="no file but a link or a device"):
            reader(folder).read(key)


def test_links_are_no_folders_either(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "site=a").mkdir(parents=True)
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "records").symlink_to(tmp_path / "elsewhere")
    (folder / "frames" / "site=b").mkdir(parents=True)
    (folder / "frames" / "site=c").symlink_to(tmp_path / "elsewhere")
    assert list(reader(folder).folders("frames/")) == ["frames/site=b/"]
    assert list(reader(folder).folders("records/")) == []


def test_only_folders_that_may_hold_a_key_are_looked_into(tmp_path: Path) -> None:
    """Where a store has millions of frames, its records are found without listing them."""
    for name in ("frames", *(f"records/date={day}" for day in "123"), "sensors"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "one").write_bytes(b"")
    looked: list[str] = []
    recording = True

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.scandir" and recording:
            looked.append(Path(str(arguments[0])).relative_to(tmp_path).as_posix())

    sys.addaudithook(heard)
    found = list(reader(tmp_path).objects("records/", after="records/date=2"))
    recording = False
    assert [stored.key for stored in found] == ["records/date=2/one", "records/date=3/one"]
    assert looked == [".", "records", "records/date=2", "records/date=3"]


def test_a_disk_that_fails_is_said_with_the_key() -> None:
    """Reading this file of the kernel gives EIO at its first page, to root as well."""
    with pytest.raises(StoreUnavailable, match=r"mem in /proc/self cannot be read .*mend the disk"):
        reader(Path("/proc/self")).read("mem")


def test_what_is_removed_while_it_is_listed_is_passed_over(tmp_path: Path) -> None:
    store = open_store(StoreSettings(url=tmp_path.as_uri()))
    sent = [upload(b"1"), upload(b"2"), upload(b"3")]
    for each in sent:
        store.put(each)
    first, second, third = sorted(each.key for each in sent)
    listed = reader(tmp_path).objects()
    assert next(listed).key == first
    (tmp_path / second).unlink()
    assert [stored.key for stored in listed] == [third]
