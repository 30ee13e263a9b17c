from pathlib import Path

import pytest

from tests.uploader.samples import named
from uploader.queue.entry_name import EntryName
from uploader.sending.stuck import MOST, Stuck

A, B, C = (named(letter) for letter in "abc")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    for name in (A, B, C):
        (tmp_path / str(name)).touch()
    return tmp_path


def sent(spool: Path, name: EntryName) -> None:
    (spool / str(name)).unlink()


def test_the_failure_that_is_said_is_the_last_of_those_that_still_wait(spool: Path) -> None:
    stuck = Stuck(spool)
    assert stuck.problem == ""
    stuck.failed(A, "the first")
    stuck.failed(B, "the second")
    stuck.failed(A, "the first again")
    sent(spool, C)
    stuck.gone()
    assert stuck.problem == "the first again"
    sent(spool, A)
    stuck.gone()
    assert stuck.problem == "the second"


def test_what_the_spool_let_go_is_stuck_no_more(spool: Path) -> None:
    stuck = Stuck(spool)
    stuck.failed(A, "no permission")
    sent(spool, A)
    stuck.gone()
    assert stuck.problem == ""


def test_no_more_are_remembered_than_a_few(spool: Path) -> None:
    stuck = Stuck(spool)
    stuck.failed(A, "the oldest")
    for size in range(MOST):
        stuck.failed(B._replace(size=size + 2), "on no disk")
    stuck.gone()
    assert stuck.problem == ""
