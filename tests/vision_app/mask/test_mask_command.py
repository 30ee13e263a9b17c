"""`vision-app mask` as a person uses it: real photographs, a real detector, exit codes, signals."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray

from models.durable import TEMP
from tests.pictures import BARE, ENDINGS, parts
from tests.vision_app.mask import tagged
from tests.vision_app.shelves import offline
from tests.vision_app.test_cli import vision_app

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "mask-report.json"
COVER = 230


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, centerface_weights: Path) -> Path:
    """A configuration in which CenterFace does it all, quickly; nothing has to be fetched."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "cache").mkdir()
    shutil.copy(centerface_weights, folder / "cache" / "centerface.onnx")
    names = "detector = 'centerface'\nsecond_detector = 'centerface'\njudge = 'centerface'\n"
    names += "second_look_side = 320\n"
    (folder / "site.toml").write_text(f"[catalogue]\ncache = 'cache'\n[masking]\n{names}")
    return folder / "site.toml"


@pytest.fixture
def portrait(astronaut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The astronaut's face, smaller than the whole picture."""
    return astronaut[:256, 96:352]


def masked_there(data: bytes) -> bool:
    """Whether there is nothing but cover where the face of a portrait was."""
    face = tagged.decoded(data)[70:150, 110:150].astype(int)
    return bool(np.abs(face - COVER).max() <= 12)


def mask(*words: str | Path, cwd: Path, settings: Path) -> "subprocess.CompletedProcess[str]":
    return vision_app("mask", *words, "-c", settings, cwd=cwd, env=offline(cwd))


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stdout.strip().splitlines()[-1]


def test_a_folder_comes_out_masked_with_the_same_layout_and_names(
    tmp_path: Path, settings: Path, portrait: NDArray[np.uint8]
) -> None:
    """One job does it all: every format, odd names, broken inputs, and a report of everything."""
    album = tmp_path / "album"
    names = {
        "a.jpg": ".jpg", "sub/b.PNG": ".png", "sub/deep/c c.webp": ".webp",
        "grüß 熟.bmp": ".bmp", "album.jpg/d.tif": ".tiff",
    }  # fmt: skip
    for name, ending in names.items():
        (album / name).parent.mkdir(parents=True, exist_ok=True)
        (album / name).write_bytes(tagged.MAKERS[ending](portrait))
    odd = Path(os.fsdecode(os.fsencode(album) + b"/caf\xe9.jpg"))
    odd.write_bytes(tagged.jpeg(portrait))
    (album / "cut.jpg").write_bytes(tagged.encoded(".jpg", portrait)[:-300])
    (album / "empty.png").write_bytes(b"")
    (album / "text.jpg").write_text("no picture")
    (album / "self.jpg").symlink_to(album / "self.jpg")
    (album / "notes.txt").write_text("x")
    (album / "sub" / "round").symlink_to(album)

    done = mask("album", "out/deep", "--report", "boxes.json", "--jobs", "2",
                cwd=tmp_path, settings=settings)  # fmt: skip

    assert done.returncode == 1
    assert last_line(done) == "6 masked, 4 broken, 2 left out; 6 faces covered"
    assert "cut.jpg: a damaged JPEG" in done.stderr
    assert "self.jpg: it cannot be read: Too many levels of symbolic links" in done.stderr
    assert "notes.txt: no picture and no video, by its ending" in done.stderr
    out = tmp_path / "out" / "deep"
    for name, ending in names.items():
        data = (out / name).read_bytes()
        assert parts(data) <= BARE[ENDINGS[ending]]
        assert masked_there(data)
        assert not [secret for secret in tagged.SECRETS if secret in data]
    assert masked_there((out / odd.name).read_bytes())
    assert sum(path.is_file() for path in out.rglob("*")) == 6

    report = json.loads((tmp_path / "boxes.json").read_text())
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    rows = {row["input"]: row for row in report["inputs"]}
    assert len(rows) == 12
    assert rows["a.jpg"]["sha256"] == sha256((out / "a.jpg").read_bytes()).hexdigest()
    assert len(rows["sub/b.PNG"]["boxes"]) == 1
    assert rows["caf\\xe9.jpg"]["output"] == "caf\\xe9.jpg"
    assert rows["text.jpg"]["end"] == "broken"
    assert rows["notes.txt"]["end"] == "left_out"


def test_one_file_goes_to_the_name_given_and_only_over_what_may_be_replaced(
    tmp_path: Path, settings: Path, portrait: NDArray[np.uint8]
) -> None:
    (tmp_path / "a.jpg").write_bytes(tagged.jpeg(portrait))
    (tmp_path / "b.jpg").write_bytes(b"there")
    words = ("a.jpg", "b.jpg", "--fill", "pixelate", "--json")
    refused = mask(*words, cwd=tmp_path, settings=settings)
    assert refused.returncode == 2
    assert "b.jpg exists already; --overwrite replaces it" in refused.stderr
    assert (tmp_path / "b.jpg").read_bytes() == b"there"

    done = mask(*words, "--overwrite", cwd=tmp_path, settings=settings)
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["counts"]["masked"], told["faces"], told["without_output"]) == (1, 1, [])
    assert parts((tmp_path / "b.jpg").read_bytes()) <= BARE["jpeg"]


def test_one_look_covers_faces_too_and_the_report_says_that_it_was_one(
    tmp_path: Path, settings: Path, portrait: NDArray[np.uint8]
) -> None:
    (tmp_path / "a.jpg").write_bytes(tagged.jpeg(portrait))
    words = ("a.jpg", "b.jpg", "--once", "--report", "boxes.json")
    assert mask(*words, cwd=tmp_path, settings=settings).returncode == 0
    assert masked_there((tmp_path / "b.jpg").read_bytes())
    (row,) = json.loads((tmp_path / "boxes.json").read_text())["inputs"]
    assert [look["role"] for look in row["looks"]] == ["live"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("absent", "out"), "there is no file or folder absent"),
        (("in", "in/out"), "OUT, in/out, lies in IN or is IN itself"),
        (("in", "out", "--report", "in/boxes.json"), "would lie in IN"),
        (("in", "out", "-c", "absent.toml"), "no such file"),
    ],
)
def test_what_is_asked_for_wrongly_is_one_sentence_and_exit_2(
    tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"x")
    (tmp_path / "in" / "notes.txt").write_bytes(b"x")
    done = vision_app("mask", *words, cwd=tmp_path, env=offline(tmp_path))
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_without_any_detector_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(tagged.png(np.zeros((64, 64, 3), np.uint8)))
    done = vision_app("mask", "in", "out", "--report", "b.json", cwd=tmp_path,
                      env=offline(tmp_path))  # fmt: skip
    assert done.returncode == 1
    assert "centerface" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "b.json").exists()


def running(
    folder: Path, settings: Path, portrait: NDArray[np.uint8], count: int
) -> "subprocess.Popen[bytes]":
    """A job over more photographs than it can do in a moment, which has written its first."""
    (folder / "in").mkdir()
    data = tagged.jpeg(portrait)
    for number in range(count):
        (folder / "in" / f"{number:03}.jpg").write_bytes(data)
    program = "import sys; from vision_app.cli import main; sys.argv[0] = 'vision-app'; main()"
    words = ["mask", "in", "out", "--report", "boxes.json", "--jobs", "2", "-c", str(settings)]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        env=os.environ | offline(folder),
        stderr=subprocess.DEVNULL,
    )
    written = threading.Event()
    while process.poll() is None and not list(folder.glob("out/*.jpg")):
        written.wait(0.02)
    return process


def test_an_interruption_leaves_whole_outputs_and_a_whole_report(
    tmp_path: Path, settings: Path, portrait: NDArray[np.uint8]
) -> None:
    process = running(tmp_path, settings, portrait, 200)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    files = sorted((tmp_path / "out").iterdir())
    assert 1 <= len(files) < 200
    assert not [path for path in files if path.name.endswith(TEMP)]
    assert all(parts(path.read_bytes()) <= BARE["jpeg"] for path in files)
    report = json.loads((tmp_path / "boxes.json").read_text())
    jsonschema.validate(report, json.loads(SCHEMA.read_text()))
    assert report["stopped"] is True
    assert report["counts"]["masked"] == len(files)


def test_a_kill_leaves_nothing_that_looks_finished_but_is_not(
    tmp_path: Path, settings: Path, portrait: NDArray[np.uint8]
) -> None:
    process = running(tmp_path, settings, portrait, 200)
    process.kill()
    process.wait(timeout=30)
    finished = list((tmp_path / "out").glob("*.jpg"))
    assert finished
    assert all(parts(path.read_bytes()) <= BARE["jpeg"] for path in finished)
    assert not (tmp_path / "boxes.json").exists()


def test_a_terminal_shows_how_far_it_is(
    tmp_path: Path, settings: Path, portrait: NDArray[np.uint8]
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("[red]a.png", "[red]b.png"):
        (tmp_path / "in" / name).write_bytes(tagged.encoded(".png", portrait))
    program = "import sys; from vision_app.cli import main; sys.argv[0] = 'vision-app'; main()"
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-c", program, "mask", "in", "out", "-c", str(settings)],
            cwd=tmp_path,
            env=os.environ | offline(tmp_path) | {"TERM": "xterm", "COLUMNS": "80"},
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        try:
            while piece := screen.read(4096):
                shown += piece
        except OSError:
            pass  # a terminal whose last writer left ends so
    assert process.wait(timeout=30) == 0
    assert b"2/2" in shown
    assert b"[red]" in shown
