"""A device that logs scores, and what is told of its log."""

from pathlib import Path

from tests.vision_app.test_choosing import CAMERA, told
from uploader.choosing.score_log import FOLDER
from vision_app.app import App
from vision_app.settings import Settings
from vision_app.simulate.log import open_log
from vision_app.simulate.replay import replay

EVERY = {"kind": "least_confidence", "threshold": 1.0}


def settings(folder: Path, logs: bool = True) -> Settings:
    small = CAMERA | {"width": 320, "height": 240}
    free = {"gap_s": 0.3, "duplicates": {"enabled": False}, "score_log": {"enabled": logs}}
    return told(folder, camera=[small], keep={"policy": [EVERY], **free})


def run(app: App, kept: int) -> None:
    """Until so many frames were kept."""

    def look() -> None:
        if app.health().cameras["bench"]["kept_frames"] >= kept:
            app.stop()

    app.run(30, look)


def test_a_replay_of_what_ran_tells_what_was_kept(tmp_path: Path) -> None:
    app = App(settings(tmp_path))
    run(app, kept=4)
    camera = app.health().cameras["bench"]
    log = open_log(tmp_path / "vision-app" / FOLDER)
    assert log.frames == camera["masked"]
    kept = [size for file in log.files for size in file.rows["size"].tolist() if size]
    assert len(kept) == camera["kept_frames"] >= 4
    outcome = replay(log, settings(tmp_path).keep)
    assert outcome.by == camera["kept"]
    assert outcome.size_bytes == sum(kept)


def test_health_says_that_scores_are_not_logged(tmp_path: Path) -> None:
    (tmp_path / "vision-app").mkdir()
    (tmp_path / "vision-app" / FOLDER).write_text("a file where the folder should be")
    app = App(settings(tmp_path))
    run(app, kept=1)
    assert any("scores are not logged" in problem for problem in app.health().problems)


def test_nothing_is_logged_unless_it_is_asked_for(tmp_path: Path) -> None:
    run(App(settings(tmp_path, logs=False)), kept=1)
    assert not (tmp_path / "vision-app" / FOLDER).exists()
