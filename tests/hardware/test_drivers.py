"""Boots the test machine and runs there what needs real camera drivers: the files in inside/."""

import os
import sys
from pathlib import Path

import pytest

from tests.hardware.vm.run import vm_run

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.skipif(
        os.environ.get("VISION_APP_HARDWARE") != "1",
        reason="boots a virtual machine; VISION_APP_HARDWARE=1 runs it",
    ),
]

INSIDE = Path(__file__).parent / "inside"


@pytest.mark.parametrize(
    ("tests", "modules"),
    [
        ("test_vivid.py", ("vivid n_devs=1 node_types=0x1",)),
        ("test_webcam.py", ("vhci-hcd", "uvcvideo")),
    ],
)
def test_inside_the_machine(tests: str, modules: tuple[str, ...]) -> None:
    there = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = vm_run([*there, INSIDE / tests], modules=modules, timeout_s=400)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
