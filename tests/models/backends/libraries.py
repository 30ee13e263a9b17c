"""Shared libraries that are built for a test, in place of those of accelerators."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.parts import need

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def build(source: str, path: Path, *options: str) -> Path:
    """Compiles a file of this folder; options as -DNAME=value."""
    cc = need("a C compiler (apt install gcc libc6-dev)", shutil.which("cc"))
    path.parent.mkdir(exist_ok=True)
    subprocess.run([cc, "-shared", "-fPIC", *options, "-o", path, HERE / source], check=True)
    return path


def run_with(libraries: Path, script: str, *arguments: str, **environment: str) -> str:
    """What a new process prints that finds shared libraries and packages in that folder, too."""
    environment |= {
        "LD_LIBRARY_PATH": str(libraries),
        "PYTHONPATH": os.pathsep.join((str(libraries), str(ROOT))),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
