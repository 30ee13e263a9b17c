"""Which release this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


@cache
def version() -> str:
    """The installed version, or "source" when run from a folder that was never installed."""
    try:
        return installed("vision-app")
    except PackageNotFoundError:
        return "source"
