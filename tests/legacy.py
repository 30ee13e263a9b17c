"""An environment of the past, for tests: mxnet and tflite-runtime, which need an old numpy."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.parts import need

PINS = Path(__file__).with_name("legacy.txt")
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
ONLY = ("--require-hashes", "--only-binary", ":all:", "-r", str(PINS))
LIMIT_S = 600


def legacy_environment() -> Path:
    """Its interpreter. It is made once for a machine and a user, in the user's cache folder."""
    if platform.machine() != "x86_64":
        pytest.skip(f"mxnet has no wheels that work on {platform.machine()}")
    python = need("Python 3.11 (apt install python3.11 python3.11-venv)", _python())
    pins = hashlib.sha256(PINS.read_bytes()).hexdigest()
    folder = _cache() / f"legacy-{pins[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        problem = "" if _whole(folder) else _make(python, folder)
    made = None if problem else folder / "bin" / "python"
    return need(f"the packages of tests/{PINS.name} ({problem})", made)


def _python() -> str | None:
    if sys.version.startswith("3.11."):
        return sys.executable
    return shutil.which("python3.11")


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "vision-app-tests"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among the processes of this user; the kernel unlocks for one that is killed."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _whole(folder: Path) -> bool:
    return (folder / "whole").exists() and (folder / "bin" / "python").exists()


def _make(python: str, folder: Path) -> str:
    """Why it could not be made; empty: it was."""
    created = (python, "-m", "venv", "--clear", str(folder))
    for command in (created, (str(folder / "bin" / "python"), *INSTALL, *ONLY)):
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip() or f"status {done.returncode}"
            return f"{' '.join(command[:4])}: {said.splitlines()[-1]}"
    (folder / "whole").touch()
    return ""
