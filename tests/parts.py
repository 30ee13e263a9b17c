"""What a test needs of its machine; where it is absent the test says so, and fails in CI."""

import os
from typing import NoReturn, TypeVar

import pytest

Part = TypeVar("Part")


def need(what: str, found: Part | None) -> Part:
    """What was found; where it is None or false, skips with the reason, or fails when CI=true."""
    return found if found else absent(what)


def absent(what: str) -> NoReturn:
    """Skips the test for want of a part, or fails it when CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing: {what}", pytrace=False)
    pytest.skip(f"missing: {what}")
