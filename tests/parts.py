"""What a test needs from the machine: absent, it is skipped here and fails in CI."""

import os
from typing import TypeVar

import pytest

Found = TypeVar("Found")


def need(what: str, found: Found | None) -> Found:
    """What was found: a path, a module, True. Where it is nothing: a skip, in CI a failure.

    what: the program or package in words, with how to get it: "mosquitto (apt install mosquitto)".
    """
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}", pytrace=False)
    pytest.skip(f"needs {what}")
