from pathlib import Path

import pytest

from models.settings import CatalogueSettings
from tests.vision_app.shelves import Shelf, cut_off


@pytest.fixture
def shelf(tmp_path: Path, centerface_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The mirror, at first empty; from nowhere else can anything be had."""
    cut_off(tmp_path, monkeypatch)
    return Shelf(tmp_path / "mirror", centerface_weights)


@pytest.fixture
def cache(tmp_path: Path, centerface_weights: Path) -> Shelf:
    """What was pulled before, at first nothing."""
    return Shelf(tmp_path / "cache", centerface_weights)


@pytest.fixture
def settings(shelf: Shelf, cache: Shelf) -> CatalogueSettings:
    return CatalogueSettings(mirror=str(shelf.folder), cache=cache.folder)
