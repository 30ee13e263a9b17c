"""The weights of face detectors: those that are here, and those that have to be fetched first."""

from collections.abc import Callable
from pathlib import Path

from models.catalogue.pull import cached, pull
from models.errors import PullError
from models.faces import DetectorName
from models.settings import CatalogueSettings

Say = Callable[[str], None]

GET_ALL = "vision-app model pull faces"
HURRY_S = 3.0
"""A source that says nothing for so long is given up where frames wait to be masked."""


class Weights:
    """Files of the catalogue, kept in its cache; what could not be fetched is not tried again.

    say: hears what is fetched. silence_s: a source that says nothing for so long is given up; None
    has patience. fetching: False takes only what is here.
    """

    def __init__(
        self,
        settings: CatalogueSettings,
        say: Say,
        silence_s: float | None = None,
        fetching: bool = True,
    ) -> None:
        assert settings.cache is not None, "completed by config.complete"
        self._cache, self._mirror = settings.cache, settings.mirror
        self._say, self._silence_s, self._fetching = say, silence_s, fetching
        self._failed: dict[DetectorName, PullError] = {}

    def has(self, name: DetectorName) -> bool:
        """Whether they are here, and whole."""
        return cached(name, self._cache) is not None

    def get(self, name: DetectorName) -> Path:
        """The file; raises PullError with what to do when it is not here and cannot be fetched."""
        if name in self._failed:
            raise self._failed[name]
        if not self._fetching and not self.has(name):
            raise PullError(absent(name))
        try:
            return pull(name, self._cache, self._mirror, self._say, self._silence_s)
        except PullError as error:
            self._failed[name] = error
            raise


def absent(name: DetectorName) -> str:
    """In few words, for one that another can replace."""
    return f"{name} is not here (vision-app model pull {name})"
