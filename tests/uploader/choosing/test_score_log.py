"""What is remembered of every frame, to be replayed."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from models.prediction import Prediction
from tests.uploader.samples import MODEL, NOON, masked, prediction, with_a_face
from uploader.choosing.looks.fingerprint import hash_of
from uploader.choosing.score_file import score_files
from uploader.choosing.score_log import FILES, ScoreLog
from uploader.choosing.settings import ScoreLogSettings
from uploader.errors import ScoreLogError

ON = ScoreLogSettings(enabled=True)
SMALL = ScoreLogSettings(enabled=True, max_bytes=1 << 20)


def log_in(folder: Path, settings: ScoreLogSettings = ON) -> ScoreLog:
    return ScoreLog(folder, settings, ("door", "bench"), ("climate",), lambda: 7.5)


def test_a_row_says_all_that_policies_ask_and_shows_no_pixel(tmp_path: Path) -> None:
    log, frame, opinion = log_in(tmp_path), with_a_face(), prediction(0.6)
    log.add(frame, opinion, alerts=1, size_bytes=1234)
    log.close()
    ((header, rows),) = score_files(tmp_path)
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
    found = [(header.labels, len(rows)) for header, rows in score_files(tmp_path)]
    assert found == [(("ripe", "green"), 1), (("a", "b", "c"), 1)]


def test_the_oldest_goes_when_there_is_too_much(tmp_path: Path) -> None:
    log, scores = log_in(tmp_path, SMALL), (1 / 4096,) * 4096
    labels = tuple(f"{n:04}" for n in range(4096))
    large = Prediction(labels, scores, 0.5, MODEL)
    for seq in range(80):
        log.add(masked(0, NOON + timedelta(seconds=seq)), large, 0, seq)
    log.close()
    files = list(tmp_path.iterdir())
    assert len(files) == FILES
    assert sum(file.stat().st_size for file in files) < 1.6 * SMALL.max_bytes
    kept = [int(size) for _, rows in score_files(tmp_path) for size in rows["size"]]
    assert kept == list(range(80))[-len(kept) :]


def test_a_row_that_a_power_cut_left_half_is_none(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    for seq in range(3):
        log.add(masked(seq), prediction(), 0, 0)
    log.close()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    ((_, rows),) = score_files(tmp_path)
    assert len(rows) == 2


def test_a_disk_that_fails_costs_rows_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "scores").write_text("a file where the folder should be")
    log = log_in(tmp_path / "scores")
    for seq in range(2):
        log.add(masked(seq), prediction(), 0, 0)
    assert log.lost == 2
    assert "scores are not logged" in log.problem
    assert len(caplog.records) == 1


@pytest.mark.parametrize("content", [b"", b"no json\n", b'{"schema": "other/1"}\n', b"[]\n"])
def test_a_file_that_is_no_log_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.scores").write_bytes(content)
    with pytest.raises(ScoreLogError, match=r"x\.scores is no log of scores"):
        list(score_files(tmp_path))


def test_a_folder_without_a_log_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ScoreLogError, match=r"\[keep\.score_log\] enabled = true"):
        list(score_files(tmp_path))
