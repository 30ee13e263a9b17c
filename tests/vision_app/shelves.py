"""Folders that hold the real weights of some face detectors, and a world in which they are all."""

import shutil
from pathlib import Path

import pytest

from models.catalogue.catalogue import catalogue
from models.faces import DetectorName
from tests.models.places import data

NO_NETWORK = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
"""Everything that asks the internet is refused."""


def offline(folder: Path) -> dict[str, str]:
    """An environment in which nothing can be pulled, and nothing was pulled before."""
    (folder / "empty").mkdir(exist_ok=True)
    nothing = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder / "empty")}
    return nothing | NO_NETWORK | {"XDG_DATA_HOME": str(folder / "xdg")}


def unheard(sentence: str) -> None:
    """Nobody follows what is fetched."""


def cut_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for this process."""
    for name, value in offline(folder).items():
        monkeypatch.setenv(name, value)


class Shelf:
    """A folder with the weights of some detectors, under their names in the catalogue."""

    def __init__(self, folder: Path, centerface_weights: Path) -> None:
        self.folder, self._centerface = folder, centerface_weights
        folder.mkdir()

    def put(self, *names: DetectorName) -> None:
        for name in names:
            shutil.copy(self._real(name), self.folder / catalogue()[name].file)

    def spoil(self, name: DetectorName) -> None:
        (self.folder / catalogue()[name].file).write_bytes(b"torn")

    def _real(self, name: DetectorName) -> Path:
        if name == "centerface":
            return self._centerface
        return data(f"models/{catalogue()[name].file}")
