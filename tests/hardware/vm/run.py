"""Runs a command inside a throw-away virtual machine that has real camera drivers."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
UVC_CAM, LB_FEED = HERE / "uvc_cam.py", HERE / "lb_feed.py"


def prepared(module: str) -> bool:
    """Whether a kernel module can be loaded there that Debian ships as source: builds it once."""
    command = [sys.executable, str(HERE / "vm-run"), "--prepare", "--modules", module]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    return done.returncode == 0


def vm_run(
    command: Sequence[str | Path],
    modules: Sequence[str] = (),
    rw: Sequence[Path] = (),
    env: Mapping[str, str] | None = None,
    timeout_s: float = 300.0,
) -> subprocess.CompletedProcess[str]:
    """Boots the machine (about 5 s), runs the command as root in the project folder, returns all.

    modules: kernel modules in order, each with its parameters ("vivid n_devs=1").
    rw: folders that the command may write; whatever it writes elsewhere is lost.
    Return code: the command's; 124 when it took longer than timeout_s, 125 when the machine failed.
    The first call on a host downloads Debian's kernel (about 100 MB) with apt.
    """
    options = [f"--timeout={timeout_s}"]
    options += [f"--module={module}" for module in modules]
    options += [f"--rw={folder}" for folder in rw]
    options += [f"--env={name}={value}" for name, value in (env or {}).items()]
    return subprocess.run(
        [sys.executable, str(HERE / "vm-run"), *options, "--", *map(str, command)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
