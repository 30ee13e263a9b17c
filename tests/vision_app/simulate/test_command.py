"""`vision-app simulate` on a log that a device wrote."""

import json
from pathlib import Path

from tests.vision_app.simulate.lived import FRAMES, Lived
from tests.vision_app.test_cli import vision_app
from uploader.choosing.settings import KeepSettings


def tried(folder: Path, name: str, keep: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f"[device]\ndata = '{folder}/data'\n[keep]\n{keep}\n")
    return path


def test_two_policies_stand_side_by_side(tmp_path: Path) -> None:
    Lived(tmp_path / "data" / "scores", KeepSettings())
    few, many = tried(tmp_path, "few", "below = 0.5"), tried(tmp_path, "many", "below = 0.9")
    shown = vision_app("simulate", "-c", few, "-c", many, cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0].split() == ["few", "many"]
    (uploads,) = [line.split() for line in lines if line.startswith("uploads  ")]
    assert 0 < int(uploads[1]) < int(uploads[2])
    assert any(line.startswith("not kept: near_duplicate") for line in lines)
    assert "█" in shown.stdout
    assert all(len(line) <= 100 for line in lines)

    told = vision_app("simulate", "-c", few, "-c", many, "--json", cwd=tmp_path)
    values = json.loads(told.stdout)
    assert list(values) == ["few", "many"]
    assert values["few"]["frames"] == FRAMES
    assert str(values["many"]["uploads"]) == uploads[2]


def test_without_a_log_it_says_how_to_get_one(tmp_path: Path) -> None:
    refused = vision_app("simulate", "-c", tried(tmp_path, "few", "below = 0.5"), cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("vision-app: ")
    assert "[keep.score_log] enabled = true" in refused.stderr


def test_a_log_that_lies_elsewhere_is_named_first(tmp_path: Path) -> None:
    Lived(tmp_path / "elsewhere", KeepSettings())
    told = vision_app("simulate", tmp_path / "elsewhere", "--json", cwd=tmp_path)
    assert {name: values["frames"] for name, values in json.loads(told.stdout).items()} == {
        "defaults": FRAMES
    }


def test_configurations_of_one_name_are_told_apart(tmp_path: Path) -> None:
    Lived(tmp_path / "data" / "scores", KeepSettings())
    (tmp_path / "other").mkdir()
    paths = tried(tmp_path, "site", "below = 0.5"), tried(tmp_path / "other", "site", "below = 0.9")
    told = vision_app("simulate", "-c", paths[0], "-c", paths[1], "--json", cwd=tmp_path)
    assert list(json.loads(told.stdout)) == list(map(str, paths))


def test_too_many_configurations_are_refused(tmp_path: Path) -> None:
    few = tried(tmp_path, "few", "below = 0.5")
    five = [word for _ in range(5) for word in ("-c", few)]
    refused = vision_app("simulate", *five, cwd=tmp_path)
    assert refused.returncode == 2
    assert "up to 4" in refused.stderr
