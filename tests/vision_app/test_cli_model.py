"""The model commands as a person uses them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.models.networks import (
    COLOURS,
    colour_bundle,
    colour_network,
    read_manifest,
    write_manifest,
)
from tests.models.places import data
from tests.vision_app.test_cli import vision_app
from vision_app.cli import main

SAID = (
    "--color=bgr", "--range=0-1", "--mean=0,0,0", "--std=1,1,1", "--resize=stretch",
    "--size=8x6", "--kind=probabilities",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """What a command wrote."""

    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bundle, a file of weights and its labels; commands are run there."""
    colour_bundle(tmp_path / "shelf")
    colour_network(tmp_path / "colours.onnx")
    (tmp_path / "labels.txt").write_text("\n".join(COLOURS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process, which spares the seconds that runtimes take to import."""

    def run_it(*words: str, code: int = 0) -> Done:
        monkeypatch.setattr(sys, "argv", ["vision-app", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        done = Done(*capsys.readouterr())
        assert (ended.value.code or 0) == code, done
        return done

    return run_it


def second_version(home: Path) -> None:
    write_manifest(home / "shelf", read_manifest(home / "shelf") | {"version": "2"})


def test_a_bundle_is_added_activated_rolled_back_pruned_and_listed(home: Path, run: Run) -> None:
    assert 'bundle = "test-bundle"' in run("model", "add", "./shelf").stdout
    second_version(home)
    assert "vision-app model activate test-bundle@2" in run("model", "add", "./shelf").stdout
    assert "test-bundle@2 is active" in run("model", "activate", "test-bundle@2").stdout
    rows = json.loads(run("model", "list", "--json").stdout)
    states = {(row["name"], row.get("version")): row["state"] for row in rows}
    assert states["test-bundle", "1"] == "previous"
    assert states["test-bundle", "2"] == "active"
    assert states["greenhouse-tomatoes", "1"] == "built-in"
    assert states["centerface", None] == "not here"
    assert "test-bundle@1 is active" in run("model", "rollback", "test-bundle").stdout
    assert "no version" in run("model", "rollback", "test-bundle", code=1).stderr
    assert "removed test-bundle@2" in run("model", "prune").stdout
    assert "nothing to remove" in run("model", "prune", "test-bundle").stdout


def test_a_file_of_weights_is_added_by_one_command(home: Path, run: Run) -> None:
    run("model", "add", "colours.onnx", "--labels", "labels.txt", *SAID)
    assert "every byte" in run("model", "verify", "colours").stdout


def test_a_file_of_weights_becomes_a_folder(home: Path, run: Run) -> None:
    run("model", "add", "colours.onnx", *SAID, "--out", "out", "--name", "mine", "--version", "3")
    assert read_manifest(home / "out")["name"] == "mine"
    assert read_manifest(home / "out")["version"] == "3"
    assert (
        "exists already"
        in run("model", "add", "colours.onnx", *SAID, "--out", "out", code=1).stderr
    )
    assert not (home / "xdg").exists()


def test_all_that_is_missing_is_asked_for_at_once(home: Path, run: Run) -> None:
    fault = run("model", "add", "colours.onnx", code=1).stderr
    for option in ("--preset", "--color", "--range", "--mean", "--std", "--resize", "--size"):
        assert option in fault


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "absent.onnx", *SAID), 1, "absent.onnx"),
        (("add", "absent"), 1, "there is no bundle 'absent'"),
        (("add", "labels.txt"), 1, "vision-app model add FILE"),
        (("add", "./shelf", "--preset", "coral"), 1, "leave out the other options"),
        (("add", "./shelf", "--out", "x"), 1, "leave out the other options"),
        (("add", "colours.onnx", *SAID, "--embedding", "x"), 1, "has 1 output (probabilities)"),
        (("add", "colours.onnx", "--range", "wide"), 2, "not of the form 0-255"),
        (("add", "colours.onnx", "--size", "8"), 2, "not of the form WxH"),
        (("add", "colours.onnx", "--preset", "magic"), 2, "magic"),
        (("activate", "test-bundle"), 1, "vision-app model add brings bundles"),
        (("rollback", "test-bundle"), 1, "vision-app model add brings bundles"),
        (("prune", "test-bundle"), 1, "vision-app model add brings bundles"),
        (("verify", "absent"), 1, "there is no bundle"),
        (("pack", "./shelf", "--out", "labels.txt"), 1, "exists already"),
        (("convert", "absent", "--preset", "gluon", "--out", "x"), 1, "absent"),
        (("list", "--config", "absent.toml"), 2, "no such file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    run: Run, words: tuple[str, ...], code: int, sentence: str
) -> None:
    assert sentence in run("model", *words, code=code).stderr


def test_a_packed_bundle_is_verified_and_added(home: Path, run: Run) -> None:
    run("model", "pack", "./shelf", "--out", "shelf.tar")
    rows = json.loads(run("model", "verify", "shelf.tar", "--json").stdout)
    assert {row["verdict"] for row in rows if row["runs_on"] == "opencv"} == {"ok"}
    assert run("model", "add", "shelf.tar").stdout.startswith("test-bundle@1 is active")


def test_a_tar_as_tar_writes_it_is_a_bundle(home: Path, run: Run) -> None:
    subprocess.run(["tar", "cf", "shelf.tar", "-C", "shelf", "."], cwd=home, check=True)
    run("model", "verify", "shelf.tar")


def test_a_bundle_that_computes_something_else_fails_verification(home: Path, run: Run) -> None:
    colour_network(home / "shelf" / "model.onnx", gain=9.0)
    assert "labels" not in run("model", "verify", "./shelf", code=1).stderr
    manifest = read_manifest(home / "shelf")
    manifest["weights"][0]["sha256"] = sha256_of(home / "shelf" / "model.onnx")
    write_manifest(home / "shelf", manifest)
    assert "too far from the golden scores" in run("model", "verify", "./shelf", code=1).stdout


def test_a_manifest_that_was_written_by_hand_is_sealed_once_it_has_no_faults(
    home: Path, run: Run
) -> None:
    manifest = read_manifest(home / "shelf")
    (home / "shelf" / "manifest.sha256").unlink()
    assert "verify --seal" in run("model", "verify", "./shelf", code=1).stderr
    (home / "shelf" / "manifest.json").write_text(json.dumps(manifest | {"licence": ""}))
    assert "licence" in run("model", "verify", "--seal", "./shelf", code=1).stderr
    assert not (home / "shelf" / "manifest.sha256").exists()
    (home / "shelf" / "manifest.json").write_text(json.dumps(manifest | {"licence": "MIT"}))
    run("model", "verify", "--seal", "./shelf")
    run("model", "verify", "./shelf")
    subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=home / "shelf", check=True)


def test_a_checkpoint_is_converted(home: Path, run: Run) -> None:
    checkpoint = str(data("mxnet/gluon_squeezenet1.1"))
    done = run("model", "convert", checkpoint, "--preset", "gluon", "--out", "squeezed")
    assert "squeezed is the bundle squeezed 1" in done.stdout
    told = json.loads((home / "squeezed" / "manifest.json").read_text())["trained_from"]
    assert told == "not stated; made from model-0000.params"
    run("model", "verify", "./squeezed")


def test_a_checkpoint_for_mxnet_itself_needs_its_interpreter(home: Path, run: Run) -> None:
    checkpoint = str(data("mxnet/gluon_squeezenet1.1"))
    (home / "labels.txt").write_text("\n".join(f"label {number}" for number in range(10)))
    words = ("--worker", "--preset", "gluon", "--labels", "labels.txt", "--size", "224x224")
    done = run("model", "convert", checkpoint, *words, "--out", "kept", code=1)
    assert "model.runtime.mxnet_python" in done.stderr
    assert not (home / "kept").exists()


def test_the_configuration_names_the_store_and_the_bundle(home: Path, run: Run) -> None:
    text = f"[device]\ndata='{home}/data'\n[[camera]]\nname='c'\nkind='generated'\n"
    (home / "site.toml").write_text(text + "[model]\nbundle='test-bundle'\nstore='bundles'\n")
    run("model", "add", "./shelf", "-c", "site.toml")
    assert (home / "bundles" / "test-bundle" / "1").is_dir()
    done = run("check", "--json", "-c", "site.toml")
    found = {finding["about"]: finding for finding in json.loads(done.stdout)}
    assert found["model"]["verdict"] == "ok"
    assert "test-bundle 1" in found["model"]["text"]


def test_a_tar_in_the_configuration_lies_beside_it(home: Path, run: Run) -> None:
    (home / "site").mkdir()
    run("model", "pack", "./shelf", "--out", "site/shelf.tar")
    camera = "[[camera]]\nname='c'\nkind='generated'\n"
    (home / "site" / "site.toml").write_text(camera + "[model]\nbundle='shelf.tar'\n")
    run("check", "-c", "site/site.toml")


def sha256_of(path: Path) -> str:
    done = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def test_nothing_is_left_in_the_temporary_folder(home: Path) -> None:
    (home / "tmp").mkdir()
    env = {"TMPDIR": str(home / "tmp")}
    pack, weights = ("pack", "./shelf", "--out", "s.tar"), ("add", "colours.onnx", *SAID)
    for words in (pack, ("add", "s.tar"), weights):
        assert vision_app("model", *words, cwd=home, env=env).returncode == 0
    assert os.listdir(home / "tmp") == []
