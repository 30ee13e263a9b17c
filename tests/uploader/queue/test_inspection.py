"""A spool from outside, while something is amiss or somebody works in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploader.samples import NOON, entry
from uploader.errors import SpoolError
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.inspection import damages, set_aside, status, waiting
from uploader.queue.retry import retry
from uploader.settings import SpoolSettings


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[DiskQueue]:
    opened = DiskQueue(tmp_path, SpoolSettings(min_free_bytes=0))
    for minutes in (2, 0, 1):
        opened.accept(entry(minutes=minutes))
    yield opened
    opened.close()


def test_what_waits_is_named_oldest_first(queue: DiskQueue) -> None:
    names = waiting(queue.folder)
    assert [name.id for name in names] == sorted(name.id for name in names)
    assert status(queue.folder).oldest == NOON


def test_what_is_sent_while_this_looks_is_passed_over(queue: DiskQueue) -> None:
    found = damages(queue.folder)
    assert next(found)[1] == ""
    name = waiting(queue.folder)[1]
    queue.remove(name)
    assert name not in [each for each, _ in found]


def test_what_cannot_be_read_is_told(queue: DiskQueue) -> None:
    found = damages(queue.folder)
    next(found)
    name = waiting(queue.folder)[1]
    (queue.folder / str(name)).unlink()
    (queue.folder / str(name)).mkdir()
    assert next(found) == (name, f"{name.id} cannot be read (Is a directory)")


def test_a_batch_that_is_damaged_counts_as_records(queue: DiskQueue) -> None:
    name = waiting(queue.folder)[0]._replace(value=None)
    (queue.folder / str(name)).write_bytes(b"nothing that was ever written")
    assert status(queue.folder).waiting["records"].entries == 1


def test_a_folder_in_quarantine_stays_and_why_it_lies_there_need_not_be_known(
    queue: DiskQueue,
) -> None:
    first, second, _ = waiting(queue.folder)
    aside = queue.folder / "quarantine"
    (queue.folder / str(first)).rename(aside / str(first))
    queue.remove(second)
    (aside / str(second)).mkdir()
    assert [one.why for one in set_aside(queue.folder)] == ["nobody wrote down why"] * 2
    assert [why for _, why in retry(queue.folder)] == ["", "it cannot be read (Is a directory)"]
    assert first in waiting(queue.folder)


def test_a_folder_that_is_no_spool_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="is no spool"):
        waiting(tmp_path)
