"""A capture loop that a test steps by hand."""

import time
from threading import Event as Flag

from vision_app.cameras.capture import Capture, State

PATIENCE_S = 10.0


def until(capture: Capture, state: State) -> None:
    """Steps it until it is in that state."""
    end_s = time.monotonic() + PATIENCE_S
    while capture.step() is not state:
        assert time.monotonic() < end_s, f"{capture.view} is not {state}"
        Flag().wait(capture.wait_s)
