"""The command line as a person uses it: exit codes, one clear sentence, never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.simulated.climate import write_day
from tests.uploader.samples import KEY
from tests.vision_app.shelves import Shelf, offline
from tests.wire.broker import free_port
from uploader.settings import SpoolSettings
from uploader.spool import Spool

RENDERED = "[[camera]]\nname='c'\nkind='generated'\nwidth=320\nheight=240\n"


def vision_app(
    *words: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    program = "import sys; from vision_app.cli import main; sys.argv[0] = 'vision-app'; main()"
    command = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


def config(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(f"[device]\ndata='{folder}/data'\n{text}")
    return path


def test_help_shows_every_command_and_an_example(tmp_path: Path) -> None:
    shown = vision_app("--help", cwd=tmp_path)
    assert shown.returncode == 0
    for name in ("run", "demo", "check", "doctor", "model", "anomaly"):
        assert f"  {name} " in shown.stdout
    assert "Example: vision-app run" in vision_app("run", "--help", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[camra]]\nname='c'", "camra: unknown key; did you mean 'camera'?"),
        ("[[camera]]\nname='c'\nfps='fast'", "camera[0].fps: should be a valid number"),
        (RENDERED + "[model]\nbundle='./absent'", "model: there is no bundle"),
        ("[masking]\ndetector='yolo'", "masking.detector: should be 'centerface', 'yunet-n'"),
        ("[masking]\ndetect_every=4", "detect_every = 4 needs look_ahead = 3 or more"),
        ("", "there is no [[camera]] and no [[sensor]] block"),
        ("[[sensor]]\nname='s'\nsource='absent.csv'", "sensor[0].source: "),
        (RENDERED + "[publish.mqtt]\nhost='h'\nca='absent.pem'", "publish: "),
    ],
)
def test_what_is_set_up_wrong_is_one_sentence_and_exit_2(
    text: str, sentence: str, tmp_path: Path
) -> None:
    done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_video_that_is_text_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_text("this is no video\n" * 100)
    text = "[[camera]]\nname='c'\nkind='file'\nsource='clip.mp4'"
    done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert "camera[0].source: " in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_model_that_does_not_know_the_sensor_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("time,a\n0,1\n")
    text = "[[sensor]]\nname='s'\nsource='s.csv'\nmodel='greenhouse-climate'"
    done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert "sensor[0].model: " in done.stderr
    assert "needs the signals" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_two_faults_of_the_set_up_are_told_together(tmp_path: Path) -> None:
    text = "[[camera]]\nname='c'\nkind='file'\nsource='absent'\n[model]\nbundle='./absent'"
    done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert "model: " in done.stderr
    assert "camera[0].source: " in done.stderr


def test_a_second_process_on_one_spool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("time,a\n0,1\n")
    text = RENDERED + "[[sensor]]\nname='s'\nsource='s.csv'"
    with Spool(tmp_path / "data" / "spool", SpoolSettings(), "s", "d", 90, KEY):
        done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert "spool: " in done.stderr


def test_a_file_that_ends_ends_the_service(tmp_path: Path) -> None:
    picture = np.full((64, 64, 3), 90, np.uint8)
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    text = (
        "[[camera]]\nname='c'\nkind='file'\nsource='.'\npaced=false\n"
        "exempt='grey test pictures'\n[publish.jsonl]\npath='e.jsonl'"
    )
    done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    health = lines[-1]
    assert health["schema"] == "vision-app/health/1"
    camera = health["cameras"]["c"]
    assert camera["captured"] == 3
    assert camera["in_flight"] == 0
    assert sum(camera["ends"].values()) == 3


def test_a_broker_that_is_down_is_told_and_does_not_end_the_service(tmp_path: Path) -> None:
    text = RENDERED + f"[publish.mqtt]\nhost='127.0.0.1'\nport={free_port()}"
    done = vision_app("run", "-c", config(tmp_path, text), "--duration", "2", cwd=tmp_path)
    assert done.returncode == 0
    assert "cannot be reached" in done.stderr


def test_check_tries_what_a_configuration_names(tmp_path: Path) -> None:
    port = free_port()
    text = (
        RENDERED + f"[store]\nurl='file://{tmp_path}/bucket'\n"
        f"[publish.mqtt]\nhost='127.0.0.1'\nport={port}"
    )
    done = vision_app("check", "--json", "-c", config(tmp_path, text), cwd=tmp_path)
    verdicts = {f["about"]: f["verdict"] for f in json.loads(done.stdout)}
    assert done.returncode == 1
    assert verdicts["camera c"] == "ok"
    assert verdicts["model"] == "ok"
    assert verdicts["store"] == "ok"
    assert verdicts["broker"] == "bad"


def test_check_says_which_frames_are_kept_and_what_widens_that(tmp_path: Path) -> None:
    audit = "[[keep.policy]]\nkind='audit'\nshare=0.01\n"
    found = checked(tmp_path, RENDERED + "[[keep.policy]]\nkind='masked'\n" + audit)
    kept, widened = found["kept frames"]
    assert kept == ("ok", "for masked, audit")
    assert widened[0] == "note"
    assert widened[1].startswith("audit keeps 1% of all frames by chance")


def test_check_says_what_a_camera_keeps_by_rules_of_its_own(tmp_path: Path) -> None:
    rules = "[camera.keep]\nbelow=0.5\nmasked=false\ngap_s=9\nbudget={images_per_day=7}\n"
    found = checked(tmp_path, RENDERED + rules)
    assert found["kept of c"] == [
        ("ok", "for low_confidence; max_per_minute 30, gap_s 9, images_per_day 7")
    ]


def test_check_names_a_class_that_the_model_does_not_have(tmp_path: Path) -> None:
    text = RENDERED + "[[keep.policy]]\nkind='classes'\nclasses=['rpie']\n"
    found = checked(tmp_path, text)
    assert found["keep.policy[0]"] == [
        ("bad", "the model has no class 'rpie'; did you mean 'ripe'?")
    ]
    assert "kept frames" not in found


def test_check_refuses_what_run_would_a_file_with_nothing_to_look_at(tmp_path: Path) -> None:
    done = vision_app("check", "-c", config(tmp_path, "[keep]\nbelow=0.5"), cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no [[camera]] and no [[sensor]] block" in done.stderr


def test_the_catalogue_is_listed(tmp_path: Path) -> None:
    rows = json.loads(vision_app("model", "list", "--json", cwd=tmp_path).stdout)
    assert {row["name"] for row in rows} >= {"centerface", "astronaut"}


def test_pulling_what_is_nowhere_or_wrong_is_one_sentence(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "centerface.onnx").write_bytes(b"something else")
    words = ("model", "pull", "centerface", "--to", tmp_path / "to", "--mirror", mirror)
    done = vision_app(*words, cwd=tmp_path, env=offline(tmp_path))
    assert done.returncode == 1
    assert "centerface" in done.stderr
    assert "VISION_APP_MODEL_MIRROR" in done.stderr
    assert not list((tmp_path / "to").glob("*.onnx"))


def test_all_face_detectors_are_pulled_at_once_and_those_that_cannot_be_are_named(
    tmp_path: Path, shelf: Shelf
) -> None:
    shelf.put("yunet-n", "centerface")
    words = ("model", "pull", "faces", "--mirror", shelf.folder)
    done = vision_app(*words, cwd=tmp_path, env=offline(tmp_path))
    assert done.returncode == 1
    models = tmp_path / "xdg" / "vision-app" / "models"
    assert {path.name for path in models.iterdir()} == {"centerface.onnx", "yunet_n_dynamic.onnx"}
    assert str(models / "centerface.onnx") in done.stdout
    lines = done.stderr.strip().splitlines()
    assert [line.split(" could not")[0] for line in lines] == [
        "vision-app: yunet_s_dynamic.onnx",
        "vision-app: ulfg_RFB_640.onnx",
        "vision-app: blazeface_full_range.tflite",
    ]


def checked(folder: Path, text: str) -> dict[str, list[tuple[str, str]]]:
    """Verdicts and sentences of `check` offline, by what they are about."""
    done = vision_app(
        "check", "--json", "-c", config(folder, text), cwd=folder, env=offline(folder)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["about"], []).append((finding["verdict"], finding["text"]))
    return found


def test_check_says_who_would_look_what_that_costs_and_who_is_missing(
    tmp_path: Path, cache: Shelf
) -> None:
    cache.put("centerface", "blazeface")
    here = f"[catalogue]\ncache='{cache.folder}'\n"
    found = checked(tmp_path, RENDERED + here + "[masking]\nbudget_ms=9999\nsecond_look_side=320\n")
    [(verdict, text)] = found["face detector"]
    assert verdict == "ok"
    assert text.startswith("centerface at 1280 px on ")
    assert text.endswith(" of 9999 ms a frame; it finds 98 of 100 faces (docs/privacy.md)")
    assert [sentence for _, sentence in found["passed over"]] == [
        "yunet-n is not here (vision-app model pull yunet-n)",
        "yunet-s is not here (vision-app model pull yunet-s)",
    ]
    told, *lacks = found["second look"]
    assert told == (
        "ok",
        "kept frames are looked at again by centerface at 320 px, and judged by blazeface",
    )
    assert [sentence.partition(",")[0] for _, sentence in lacks] == [
        "only centerface looks again",
        "ulfg is not here (vision-app model pull ulfg)",
    ]


def test_check_says_how_to_get_a_detector_that_is_not_here(tmp_path: Path) -> None:
    found = checked(tmp_path, RENDERED)
    assert found["face detector"] == [
        ("note", "not here yet; it is pulled at start, or now by: vision-app model pull yunet-n")
    ]
    assert "second look" not in found


def test_check_of_cameras_that_are_exempt_asks_for_no_detector(tmp_path: Path) -> None:
    found = checked(tmp_path, RENDERED + "exempt='bench camera over seedlings'\n")
    assert found["face detector"] == [("note", "no camera needs one")]


def test_without_a_face_detector_every_frame_is_redacted(tmp_path: Path) -> None:
    text = (
        f"{RENDERED}[keep]\nbelow=1.0\n[store]\nurl='file://{tmp_path}/bucket'\n"
        "[publish.jsonl]\npath='e.jsonl'"
    )
    words = ("run", "-c", config(tmp_path, text), "--duration", "4")
    done = vision_app(*words, cwd=tmp_path, env=offline(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "frames are redacted whole" in done.stderr
    events = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert {event["schema"] for event in events} == {"vision-app/health/1"}
    camera, state = events[-1]["cameras"]["c"], events[-1]["state"]
    assert camera["captured"] > 0
    assert set(camera["ends"]) <= {"redacted", "dropped_newer"}
    assert state == "failing"
    assert not (tmp_path / "bucket").exists() or not list((tmp_path / "bucket").rglob("*.jpg"))


def test_anomaly_fit_then_score(tmp_path: Path) -> None:
    write_day(tmp_path / "normal.csv", seed=1, faults=False)
    write_day(tmp_path / "today.csv", seed=2, faults=True)
    fit = vision_app("anomaly", "fit", "normal.csv", "--out", "model", cwd=tmp_path)
    assert fit.returncode == 0, fit.stderr
    assert "support vectors" in fit.stdout
    again = vision_app("anomaly", "fit", "normal.csv", "--out", "model", cwd=tmp_path)
    assert again.returncode == 1
    score = vision_app(
        "anomaly", "score", "today.csv", "--model", "model", "--out", "s.csv", cwd=tmp_path
    )
    assert score.returncode == 0, score.stderr
    lines = (tmp_path / "s.csv").read_text().splitlines()
    assert lines[0] == "time,score,threshold,anomalous,signal,share"
    assert any(line.split(",")[3] == "1" for line in lines[1:])


def test_an_exempt_camera_is_named_with_its_reason_at_start(tmp_path: Path) -> None:
    text = RENDERED + "exempt='bench camera over seedlings'\n"
    done = vision_app("run", "-c", config(tmp_path, text), "--duration", "2", cwd=tmp_path)
    assert done.returncode == 0
    assert "exempt from masking: bench camera over seedlings" in done.stderr
    assert "redacted" not in done.stderr
