"""What a start finds in slots, after kill -9 or a power cut at any moment of a put."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.uploader.samples import of_kind_frame
from uploader.queue.adoption import adopt
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entry import Entry, name_of, pack
from uploader.queue.landing import Arrival, Landing
from uploader.queue.new_file import NewFile
from uploader.queue.quarantine import Quarantine
from uploader.queue.slot import Slot
from uploader.queue.slots import Slots
from uploader.queue.tail import NONE, Tail, tail_of
from uploader.settings import SpoolSettings

SIZE = 8192


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    (tmp_path / "slots").mkdir()
    return tmp_path


def link(number: int) -> Entry:
    made = of_kind_frame(b"a picture" * 400)
    record = dict(made.record or {}) | {"chain": {"chain": "ab" * 16, "number": number}}
    return replace(made, record=record)


def data_of(made: Entry, before: str = NONE) -> bytes:
    packed = b"".join(pack(made))
    name = name_of(made.id, made.kind, made.record, 7, len(packed))
    return (packed + bytes(Tail(before, name))).ljust(SIZE, b"\0")


def laid(spool: Path, number: int, data: bytes) -> Path:
    path = spool / "slots" / f"{number:012}.slot"
    path.write_bytes(data)
    return path


def settled(spool: Path) -> list[int]:
    """Numbers of those that were adopted; all slots are gone, and all of these are whole."""
    queue = DiskQueue(spool, SpoolSettings(min_free_bytes=0))
    assert list((spool / "slots").iterdir()) == []
    names = []
    while (name := queue.oldest()) is not None:
        assert queue.read(name).id == name.id
        assert (spool / str(name)).stat().st_size == name.size
        names.append(name)
        queue.remove(name)
    assert queue.quarantined.entries == 0
    queue.close()
    return sorted(name.number for name in names)


@pytest.fixture(autouse=True)
def a_spool(spool: Path) -> None:
    (spool / "spool.lock").touch()


def test_what_was_flushed_and_not_renamed_waits(spool: Path) -> None:
    laid(spool, 1, data_of(link(4)))
    laid(spool, 2, data_of(link(5), "000000000001.slot"))
    assert settled(spool) == [4, 5]


def test_what_was_not_written_to_its_end_is_removed_wherever_it_ends(spool: Path) -> None:
    whole = data_of(link(1))
    end = len(whole.rstrip(b"\0"))
    for length in range(end):
        assert tail_of(whole[:length].ljust(SIZE, b"\0")) is None
    for hole in range(0, end - 64, 64):
        laid(spool, hole, whole[:hole] + bytes(64) + whole[hole + 64 :])
    laid(spool, 9999, bytes(SIZE))
    assert settled(spool) == []


def test_none_is_found_without_those_before_it(spool: Path) -> None:
    laid(spool, 1, data_of(link(1)))
    laid(spool, 2, data_of(link(2))[:50].ljust(SIZE, b"\0"))
    laid(spool, 3, data_of(link(3), "000000000002.slot"))
    laid(spool, 4, data_of(link(4), "000000000003.slot"))
    laid(spool, 5, data_of(link(9)))
    assert settled(spool) == [1, 9]


def test_one_whose_one_before_has_landed_is_found(spool: Path) -> None:
    laid(spool, 3, data_of(link(3), "000000000002.slot"))
    assert settled(spool) == [3]


def test_a_slot_that_cannot_be_read_is_set_aside_and_the_next_one_waits(spool: Path) -> None:
    (spool / "slots" / "000000000001.slot").mkdir()
    laid(spool, 2, data_of(link(2), "000000000001.slot"))
    quarantine = Quarantine(spool)
    adopt(spool, quarantine)
    assert quarantine.holds.entries == 1
    assert len(list(spool.glob("*.entry"))) == 1


def test_a_link_to_elsewhere_is_no_slot(spool: Path) -> None:
    (spool / "elsewhere").write_bytes(data_of(link(1)))
    (spool / "slots" / "000000000001.slot").symlink_to(spool / "elsewhere")
    adopt(spool, Quarantine(spool))
    assert list(spool.glob("*.entry")) == []
    assert (spool / "elsewhere").stat().st_size == SIZE


def test_those_that_are_under_way_at_once_name_the_one_before(spool: Path) -> None:
    slots = Slots(spool, 0)
    landing = Landing(spool, slots)
    made = [link(number) for number in range(1, 5)]
    arrivals = [begun(landing, made[0])]
    slots.fill()
    written(arrivals[0], made[0])
    landing.land(arrivals)
    arrivals += [begun(landing, each) for each in made[1:]]
    assert [type(arrival) for arrival in arrivals] == [NewFile, Slot, Slot, Slot]
    for arrival, each in zip(arrivals[1:], made[1:], strict=True):
        written(arrival, each)
    places = sorted((spool / "slots").iterdir())[:3]
    found = [tail_of(place.read_bytes()) for place in places]
    assert [each.before for each in found if each] == [NONE, places[0].name, places[1].name]
    for arrival in arrivals:
        arrival.close()
    landing.close()
    slots.close()


def test_behind_a_new_file_under_way_none_takes_a_slot(spool: Path) -> None:
    slots = Slots(spool, 0)
    landing = Landing(spool, slots)
    first = begun(landing, link(1))
    slots.fill()
    assert isinstance(begun(landing, link(2)), NewFile)
    first.close()
    assert isinstance(begun(landing, link(3)), NewFile), "behind the second"
    landing.close()
    slots.close()


def test_behind_one_that_failed_the_next_depends_on_nothing(spool: Path) -> None:
    """Its slot may come back with a power cut, and must not hold up what was accepted since."""
    slots = Slots(spool, 0)
    landing = Landing(spool, slots)
    begun(landing, link(1)).close()
    slots.fill()
    failed, made = begun(landing, link(2)), link(2)
    assert isinstance(failed, Slot)
    failed.undo()
    after = begun(landing, made)
    written(after, made)
    (tail,) = filter(None, (tail_of(path.read_bytes()) for path in slots.folder.iterdir()))
    assert tail.before == NONE
    failed.close()
    after.close()
    landing.close()
    slots.close()


def begun(landing: Landing, made: Entry) -> Arrival:
    return landing.begin(name_of(made.id, made.kind, made.record, 7, len(b"".join(pack(made)))))


def written(arrival: Arrival, made: Entry) -> None:
    arrival.write(*pack(made))
