"""What is remembered of every frame, to be replayed."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from models.prediction import Prediction
from tests.uploader.samples import MODEL, NOON, masked, prediction, with_a_face
from uploader.choosing.looks.fingerprint import hash_of
from uploader.choosing.score_file import Header, head, score_files
from uploader.choosing.score_log import AGAIN_S, FILES, ScoreLog
from uploader.choosing.settings import ScoreLogSettings
from uploader.errors import ScoreLogError

ON = ScoreLogSettings(enabled=True)
SMALL = ScoreLogSettings(enabled=True, max_bytes=1 << 20)


class Clock:
    """Seconds that go when they are told to."""

    now_s = 7.5

    def __call__(self) -> float:
        return self.now_s


@contextmanager
def room(most_bytes: int) -> Iterator[None]:
    """No file may grow beyond this: the kernel writes as much as it may, and refuses the rest."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


HEADER = Header("ab" * 32, ("ripe", "green"), (), ("bench",))


def log_in(folder: Path, settings: ScoreLogSettings = ON) -> ScoreLog:
    return ScoreLog(folder, settings, ("door", "bench"), ("climate",), lambda: 7.5)


def test_a_row_says_all_that_policies_ask_and_shows_no_pixel(tmp_path: Path) -> None:
    log, frame, opinion = log_in(tmp_path), with_a_face(), prediction(0.6)
    log.add(frame, opinion, alerts=1, size_bytes=1234)
    log.close()
    (file,) = score_files(tmp_path)
    header, rows = file.header, file.rows
    assert (header.labels, header.sensors) == (("ripe", "green"), ("climate",))
    assert header.model == MODEL.sha256
    (row,) = rows
    assert row["at_ms"] == int(NOON.timestamp() * 1000)
    assert (row["steady_s"], header.cameras[row["camera"]]) == (7.5, "bench")
    assert (row["faces"], row["size"], row["alerts"]) == (1, 1234, 1)
    assert row["hash"] == hash_of(frame)
    assert row["confidence"] == opinion.confidence
    assert row["scores"].tolist() == np.array(opinion.scores, np.float32).tolist()
    assert row.nbytes < 64


def test_another_model_begins_another_file(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.add(masked(), prediction(), 0, 0)
    other = Prediction(("a", "b", "c"), (0.5, 0.3, 0.2), 0.5, MODEL)
    log.add(masked(1, NOON + timedelta(seconds=1)), other, 0, 0)
    log.close()
    found = [(file.header.labels, len(file.rows)) for file in score_files(tmp_path)]
    assert found == [(("ripe", "green"), 1), (("a", "b", "c"), 1)]


def test_the_oldest_goes_when_there_is_too_much(tmp_path: Path) -> None:
    log, scores = log_in(tmp_path, SMALL), (1 / 4096,) * 4096
    labels = tuple(f"{n:04}" for n in range(4096))
    large = Prediction(labels, scores, 0.5, MODEL)
    for seq in range(80):
        log.add(masked(0, NOON + timedelta(seconds=seq)), large, 0, seq)
    log.close()
    in_all = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert SMALL.max_bytes * (1 - 2 / FILES) < in_all <= SMALL.max_bytes + 20_000
    kept = [int(size) for file in score_files(tmp_path) for size in file.rows["size"]]
    assert kept == list(range(80))[-len(kept) :]


def test_a_row_that_a_power_cut_left_half_is_none_and_the_next_takes_its_place(
    tmp_path: Path,
) -> None:
    log = log_in(tmp_path)
    for seq in range(3):
        log.add(masked(seq), prediction(), 0, 100 + seq)
    log.close()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    (file,) = score_files(tmp_path)
    assert file.rows["size"].tolist() == [100, 101]
    log.add(masked(3), prediction(), 0, 103)
    (file,) = score_files(tmp_path)
    assert file.rows["size"].tolist() == [100, 101, 103]
    log.close()


def test_a_disk_that_fails_costs_rows_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "scores").write_text("a file where the folder should be")
    clock = Clock()
    log = ScoreLog(tmp_path / "scores", ON, ("bench",), (), clock)
    for seq in range(5):
        log.add(masked(seq), prediction(), 0, 0)
        clock.now_s += AGAIN_S / 2
    assert log.lost == 5
    assert "scores are not logged" in log.problem
    assert len(caplog.records) == 1
    log.close()


def test_a_disk_that_is_full_is_left_alone_and_taken_up_again_where_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    log = ScoreLog(tmp_path, ON, ("bench",), (), clock)
    log.add(masked(), prediction(), 0, 1)
    (path,) = tmp_path.iterdir()
    with room(path.stat().st_size + 10):
        log.add(masked(), prediction(), 0, 2)
    log.add(masked(), prediction(), 0, 3)
    assert (log.lost, "scores are not logged" in log.problem) == (2, True)
    clock.now_s += AGAIN_S
    log.add(masked(), prediction(), 0, 4)
    assert (log.lost, log.problem) == (2, "")
    assert caplog.messages[1:] == ["scores are logged again; those of 2 frames are missing so far"]
    (file,) = score_files(tmp_path)
    assert file.rows["size"].tolist() == [1, 4]
    log.close()


def test_a_file_that_could_not_even_be_begun_is_not_left_behind(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    with room(10):
        log.add(masked(), prediction(), 0, 0)
    assert log.lost == 1
    assert list(tmp_path.iterdir()) == []


def test_a_start_goes_on_with_the_file_of_the_last_run(tmp_path: Path) -> None:
    for run in range(3 * FILES):
        log = log_in(tmp_path)
        log.add(masked(0, NOON - timedelta(days=run)), prediction(), 0, run)
        log.close()
    (file,) = score_files(tmp_path)
    assert file.rows["size"].tolist() == list(range(3 * FILES))


def test_files_come_in_the_order_of_writing_whatever_the_wall_clock_says(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    for year, label in enumerate(("a", "b", "c")):
        opinion = Prediction((label, "z"), (0.9, 0.1), 0.9, MODEL)
        log.add(masked(0, NOON - timedelta(days=365 * year)), opinion, 0, 0)
    log.close()
    assert [file.header.labels[0] for file in score_files(tmp_path)] == ["a", "b", "c"]


def test_what_is_written_is_there_though_the_process_is_killed(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.add(masked(), prediction(), 0, 7)
    (file,) = score_files(tmp_path)
    log.add(masked(), prediction(), 0, 8)
    assert file.rows["size"].tolist() == [7]
    file.path.unlink()
    assert file.rows["size"].tolist() == [7]
    log.close()


def test_when_a_frame_was_asked_for_counts_not_when_it_was_on_the_disk(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.add(masked(), prediction(), 0, 7, at_s=7.25)
    (file,) = score_files(tmp_path)
    assert file.rows["steady_s"].tolist() == [7.25]
    log.close()


def test_a_file_whose_first_line_is_torn_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "00000001.scores").write_bytes(b'{"schema": "vision-app/sc')
    with pytest.raises(ScoreLogError, match="holds no log of scores"):
        score_files(tmp_path)
    log = log_in(tmp_path)
    log.add(masked(), prediction(), 0, 7)
    (file,) = score_files(tmp_path)
    assert file.path.name == "00000002.scores"
    log.close()


def test_a_foreign_file_does_not_stop_the_log(tmp_path: Path) -> None:
    (tmp_path / "x.scores").write_bytes(b"no json\n")
    log = log_in(tmp_path)
    log.add(masked(), prediction(), 0, 7)
    assert (log.lost, (tmp_path / "00000001.scores").exists()) == (0, True)
    log.close()


@pytest.mark.parametrize(
    "content",
    [
        b"no json\n",
        b"\xff\n",
        b"[]\n",
        head(HEADER).replace(b"scores/1", b"scores/2"),
        head(replace(HEADER, labels=())),
    ],
)
def test_a_file_that_is_no_log_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.scores").write_bytes(content)
    with pytest.raises(ScoreLogError, match=r"x\.scores is no log of scores"):
        score_files(tmp_path)


def test_a_folder_without_a_log_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ScoreLogError, match=r"\[keep\.score_log\] enabled = true"):
        score_files(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "00000001.scores").mkdir()
    with pytest.raises(ScoreLogError, match=r"1\.scores cannot be read \(Is a directory\)"):
        score_files(tmp_path)


def test_a_file_that_goes_while_the_log_is_read_is_passed_over(tmp_path: Path) -> None:
    """To one who reads, a link to nothing is a file that has just been removed."""
    log = log_in(tmp_path)
    log.add(masked(), prediction(), 0, 7)
    log.close()
    (tmp_path / "00000000.scores").symlink_to("gone")
    assert [file.path.name for file in score_files(tmp_path)] == ["00000001.scores"]


def test_a_file_without_a_whole_row_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "00000001.scores").write_bytes(head(HEADER) + b"a part of a row")
    with pytest.raises(ScoreLogError, match="holds no log of scores"):
        score_files(tmp_path)
