"""Environments of their own for programs that are measured or that judge, and are not shipped."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LIMIT_S = 900


def own_venv(name: str, requirements: Sequence[str]) -> Path:
    """Its interpreter; made once for a user, in the cache folder, from the package index.

    Raises SystemExit with pip's last word when it cannot be made.
    """
    folder = _cache() / name
    folder.mkdir(parents=True, exist_ok=True)
    python, whole = folder / "bin" / "python", folder / "whole"
    wanted = "\n".join((sys.version, *requirements))
    with _alone(folder):
        if not whole.exists() or whole.read_text() != wanted:
            print(f"Making {folder}: {', '.join(requirements)}", file=sys.stderr)
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            _run(str(python), "-m", "pip", "install", "--quiet", *requirements)
            whole.write_text(wanted)
    return python


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "vision-app" / "benchmarks"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The only process of this user at it; the kernel lets go for one that is killed."""
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"status {done.returncode}"
        raise SystemExit(f"{' '.join(command[:5])}: {said.splitlines()[-1]}")
