"""Nothing that the program writes or shows holds what opens a camera."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire.broker import free_port
from tests.wire.service import PROGRAM, ROOT
from tests.wire.streams import MjpegServer, mjpeg
from vision_app import config
from vision_app.errors import ConfigError

pytestmark = pytest.mark.wire

PASSWORD, WRONG, IN_PATH, IN_QUERY = "hunter-4711", "hunter-0815", "token-2342", "geheim"
SECRETS = (PASSWORD, WRONG, IN_PATH, IN_QUERY)


def vision_app(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, "-c", str(folder / "site.toml")],
        cwd=ROOT,
        env=os.environ | {"XDG_DATA_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def camera(name: str, source: str, login: str = "") -> str:
    return (
        f'[[camera]]\nname = "{name}"\nkind = "stream"\nsource = "{source}"\nfps = 5\n'
        f'exempt = "a test shows grey pictures"\n{login}\n'
    )


def site(folder: Path, server: MjpegServer) -> None:
    """One camera that plays, one with a wrong password, one that asks for any, one that is away."""
    for name, password in (("right", PASSWORD), ("wrong", WRONG)):
        (folder / name).write_text(f"{password}\n")
    login = 'username = "guard"\npassword_file = "{}"'
    (folder / "site.toml").write_text(
        '[device]\ndata = "data"\n[health]\nevery_s = 0.5\n[publish.jsonl]\npath = "events.jsonl"\n'
        "[keep]\nbelow = 1.0\ngap_s = 0\n"
        + camera("plays", server.source, login.format("right"))
        + camera("refused", server.source, login.format("wrong"))
        + camera("asked", server.source)
        + camera("away", f"rtsp://127.0.0.1:{free_port()}/{IN_PATH}", login.format("right"))
    )


def test_check_says_of_each_camera_how_it_is_and_shows_no_secret(tmp_path: Path) -> None:
    with mjpeg(user=f"guard:{PASSWORD}") as server:
        site(tmp_path, server)
        done = vision_app(tmp_path, "check", "--json")
    told = {one["about"]: one for one in json.loads(done.stdout)}
    assert told["camera plays"]["verdict"] == "ok"
    assert told["camera plays"]["text"] == "http MJPG 160x120, frames of 160x120"
    assert "refuses username and password" in told["camera refused"]["text"]
    assert "set username and password_file" in told["camera asked"]["text"]
    assert "nothing listens there" in told["camera away"]["text"]
    assert done.returncode == 1
    show_nothing(done)


def test_the_service_writes_no_secret_into_log_events_health_or_records(tmp_path: Path) -> None:
    with mjpeg(user=f"guard:{PASSWORD}") as server:
        site(tmp_path, server)
        done = vision_app(tmp_path, "run", "--verbose", "--duration", "2")
    assert done.returncode == 0, done.stderr
    show_nothing(done)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    ours = {"site.toml", "right", "wrong"}
    assert any(path.suffix == ".entry" for path in written)
    events = (tmp_path / "events.jsonl").read_text()
    assert "refuses username and password" in events
    assert "vision-app/prediction" in events
    for path in written:
        if path.parent != tmp_path or path.name not in ours:
            assert not any(secret.encode() in path.read_bytes() for secret in SECRETS), path


@pytest.mark.parametrize("source", [f"rtsp://me:{PASSWORD}@cam/live", f"rtmp://cam/{IN_PATH}"])
def test_a_configuration_that_is_refused_is_not_repeated(source: str, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(camera("gate", source))
    with pytest.raises(ConfigError, match="source") as refusal:
        config.load(tmp_path / "site.toml")
    assert not any(secret in str(refusal.value) for secret in SECRETS)


def show_nothing(done: "subprocess.CompletedProcess[str]") -> None:
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr
