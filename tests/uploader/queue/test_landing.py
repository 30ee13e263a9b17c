"""What is on the disk when, and what a disk that fails leaves there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploader.disks import FailingDisk
from uploader.errors import SpoolError, SpoolFull, Unsettled
from uploader.queue.landing import Landing
from uploader.queue.new_file import NewFile
from uploader.queue.slots import Slots


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    made = Landing(tmp_path, Slots(tmp_path, 0))
    yield made
    made.close()


@pytest.fixture
def disk() -> Iterator[FailingDisk]:
    made = FailingDisk()
    yield made
    made.refuse()


def written(folder: Path, *names: str) -> list[NewFile]:
    arrivals = [NewFile(folder / name) for name in names]
    for arrival in arrivals:
        arrival.write(arrival.path.name.encode(), b"!")
    return arrivals


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.is_dir())


def test_a_file_has_no_name_before_it_lands(tmp_path: Path, landing: Landing) -> None:
    arrivals = written(tmp_path, "a", "b", "c")
    assert names(tmp_path) == ["a.tmp", "b.tmp", "c.tmp"]
    landing.land(arrivals)
    for arrival in arrivals:
        arrival.close()
    assert [path.read_bytes() for path in sorted(tmp_path.glob("?"))] == [b"a!", b"b!", b"c!"]


def test_what_does_not_land_leaves_nothing(tmp_path: Path) -> None:
    for arrival in written(tmp_path, "a", "b"):
        arrival.close()
        arrival.close()
    assert names(tmp_path) == []


def test_a_full_disk_is_noticed_before_a_file_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.tmp").symlink_to("/dev/full")
    arrival = NewFile(tmp_path / "a")
    with pytest.raises(OSError, match="No space left"):
        arrival.write(b"x")
    arrival.close()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("refused", "unsettled"),
    [(("os.rename", "a.tmp"), False), (("os.rename", "b.tmp"), True), (("open", "/spool"), True)],
)
def test_where_one_cannot_land_none_does(
    tmp_path: Path, disk: FailingDisk, refused: tuple[str, str], unsettled: bool
) -> None:
    """Unsettled: one had its name already, and a power cut may bring it back."""
    folder = tmp_path / "spool"
    folder.mkdir()
    landing, arrivals = Landing(folder, Slots(folder, 0)), written(folder, "a", "b", "c")
    disk.refuse(refused)
    with pytest.raises(SpoolError) as refusal:
        landing.land(arrivals)
    disk.refuse()
    assert isinstance(refusal.value, Unsettled) == unsettled
    for arrival in arrivals:
        arrival.close()
    assert names(folder) == []
    landing.close()


def test_a_full_disk_is_told_as_such(tmp_path: Path, landing: Landing) -> None:
    arrivals = written(tmp_path, "a")
    (tmp_path / "a.tmp").unlink()
    with pytest.raises(SpoolError, match="look at the disk") as refusal:
        landing.land(arrivals)
    assert not isinstance(refusal.value, SpoolFull | Unsettled)
    arrivals[0].close()
