"""Many inputs, several at once: each ends once, and nothing is lost or done twice."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Event

import pytest

from masking.fill import FillName
from vision_app.mask.job import AHEAD, Job, Work
from vision_app.mask.kinds import Kind
from vision_app.mask.report import End, Outcome, Report, Unmasked
from vision_app.mask.walk import Task

SOLID: FillName = "solid"
REPORT = Report("jpeg", 4, 3, "ab" * 32, (), SOLID, 1.6, ((),), 0)


def task(folder: Path, name: str) -> Task:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "out").mkdir(exist_ok=True)
    (folder / "in" / name).write_bytes(b"raw")
    return Task(Path(name), folder / "in" / name, folder / "out" / name, Kind.PICTURE)


def masks(task: Task) -> Report:
    task.target.write_bytes(b"masked")
    return REPORT


def fails(end: End) -> Work:
    def work(task: Task) -> Report:
        raise Unmasked(end, "because")

    return work


def ended(work: Work, task: Task, overwrite: bool = False) -> Outcome:
    (only,) = Job(work, 1, overwrite, Event()).run([task])
    return only


def test_every_input_ends_once_whatever_else_is_among_them(tmp_path: Path) -> None:
    left = Outcome(Path("notes.txt"), End.LEFT_OUT, "no picture")
    entries: list[Task | Outcome] = [left, *(task(tmp_path, f"{n}.jpg") for n in range(20))]
    outcomes = list(Job(masks, 4, False, Event()).run(entries))
    assert sorted(str(one.name) for one in outcomes) == sorted(str(one.name) for one in entries)
    assert sum(one.end is End.MASKED for one in outcomes) == 20
    assert left in outcomes


def test_an_output_is_named_as_it_lies_below_out(tmp_path: Path) -> None:
    only = task(tmp_path, "a.jpg")
    (tmp_path / "deep").mkdir()
    renamed = Task(Path("deep/a.jpg"), only.source, tmp_path / "deep" / "b.jpg", Kind.PICTURE)
    assert ended(masks, renamed).output == Path("deep/b.jpg")


def test_one_that_fails_does_not_harm_the_others(tmp_path: Path) -> None:
    def work(task: Task) -> Report:
        return fails(End.BROKEN)(task) if task.name.name == "3.jpg" else masks(task)

    outcomes = Job(work, 2, False, Event()).run([task(tmp_path, f"{n}.jpg") for n in range(6)])
    ends = {one.name.name: (one.end, one.why) for one in outcomes}
    assert ends.pop("3.jpg") == (End.BROKEN, "because")
    assert set(ends.values()) == {(End.MASKED, "")}


def test_several_are_in_hand_at_once(tmp_path: Path) -> None:
    together = Barrier(3)

    def work(task: Task) -> Report:
        together.wait(timeout=10)
        return masks(task)

    outcomes = Job(work, 3, False, Event()).run([task(tmp_path, f"{n}.jpg") for n in range(3)])
    assert [one.end for one in outcomes] == [End.MASKED] * 3


def test_the_walk_is_only_so_far_ahead(tmp_path: Path) -> None:
    walked: list[str] = []

    def walk() -> Iterator[Task]:
        for number in range(50):
            walked.append(f"{number}.jpg")
            yield task(tmp_path, walked[-1])

    outcomes = Job(masks, 2, False, Event()).run(walk())
    next(outcomes)
    assert len(walked) <= 2 * AHEAD
    assert len(list(outcomes)) == 49


def test_an_output_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    only = task(tmp_path, "a.jpg")
    only.target.write_bytes(b"there")
    assert ended(masks, only).end is End.EXISTS
    assert only.target.read_bytes() == b"there"
    assert ended(masks, only, overwrite=True).end is End.MASKED
    assert only.target.read_bytes() == b"masked"


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_an_output_that_is_its_input_under_another_name_is_never_replaced(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    only = task(tmp_path, "a.jpg")
    link(only.source, only.target)
    outcome = ended(masks, only, overwrite=True)
    assert (outcome.end, outcome.why) == (End.EXISTS, "its output would be the input itself")
    assert only.source.read_bytes() == b"raw"


def test_a_folder_that_has_the_name_of_an_output_is_not_replaced(tmp_path: Path) -> None:
    only = task(tmp_path, "a.jpg")
    only.target.mkdir()
    assert ended(masks, only, overwrite=True).end is End.EXISTS


@pytest.mark.parametrize("end", [End.WITHHELD, End.REDACTED])
def test_what_is_withheld_now_leaves_no_earlier_output_to_be_taken_for_it(
    tmp_path: Path, end: End
) -> None:
    only = task(tmp_path, "a.jpg")
    only.target.write_bytes(b"of an earlier run")
    outcome = ended(fails(end), only, overwrite=True)
    assert outcome.why == "because; its earlier output was removed"
    assert not only.target.exists()


@pytest.mark.parametrize("end", [End.BROKEN, End.NOT_WRITTEN])
def test_an_input_that_cannot_be_read_or_written_leaves_what_is_there(
    tmp_path: Path, end: End
) -> None:
    only = task(tmp_path, "a.jpg")
    only.target.write_bytes(b"of an earlier run")
    assert ended(fails(end), only, overwrite=True).why == "because"
    assert only.target.exists()


def test_a_stop_finishes_what_is_in_hand_and_begins_nothing_more(tmp_path: Path) -> None:
    stop = Event()

    def work(task: Task) -> Report:
        stop.set()
        return masks(task)

    outcomes = list(Job(work, 1, False, stop).run([task(tmp_path, f"{n}.jpg") for n in range(9)]))
    ends = [one.end for one in outcomes]
    assert ends.count(End.MASKED) == 1
    assert len(ends) <= AHEAD
    assert set(ends) <= {End.MASKED, End.STOPPED}
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_a_bug_is_not_taken_for_an_input_that_cannot_be_masked(tmp_path: Path) -> None:
    def work(task: Task) -> Report:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(Job(work, 2, False, Event()).run([task(tmp_path, "a.jpg")]))
