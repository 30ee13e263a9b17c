"""Boots the test machine and runs there what needs real camera drivers: the files in inside/."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.hardware.vm.run import prepared, vm_run
from tests.parts import need

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.skipif(
        os.environ.get("VISION_APP_HARDWARE") != "1",
        reason="boots a virtual machine; VISION_APP_HARDWARE=1 runs it",
    ),
]

INSIDE = Path(__file__).parent / "inside"


VIVID = "vivid n_devs=1 node_types=0x1"
LOOPBACK = "v4l2loopback"


@pytest.mark.parametrize(
    ("tests", "modules"),
    [
        (("test_vivid.py", "test_faults_vivid.py"), (VIVID,)),
        (("test_webcam.py", "test_faults_webcam.py"), ("vhci-hcd", "uvcvideo")),
        (("test_sysfs.py",), ("i2c-dev",)),
    ],
)
def test_inside_the_machine(tests: tuple[str, ...], modules: tuple[str, ...]) -> None:
    passes(tests, modules)


def test_inside_the_machine_with_a_camera_that_is_a_program() -> None:
    need("the kernel module v4l2loopback (apt: its source, headers, gcc, make)", prepared(LOOPBACK))
    passes(("test_faults_loopback.py",), (f"{LOOPBACK} video_nr=10 exclusive_caps=1",))


def passes(tests: Sequence[str], modules: Sequence[str]) -> None:
    """All of these pass there; what they measured is printed."""
    there = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
    done = vm_run([*there, *(INSIDE / one for one in tests)], modules=modules, timeout_s=500)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
