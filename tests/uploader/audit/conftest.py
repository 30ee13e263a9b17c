from pathlib import Path

import pytest

from tests.uploader.audit.evidence import Evidence, fill_store
from uploader.settings import StoreSettings
from uploader.store import open_store


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Two days of a device, six frames each, the first of an exempt camera; two batches a day."""
    folder = tmp_path_factory.mktemp("evidence")
    store = open_store(StoreSettings(url=(folder / "store").as_uri()))
    return Evidence(folder / "store", fill_store(folder / "spool", store, days=2))


@pytest.fixture
def evidence(pristine: Evidence, tmp_path: Path) -> Evidence:
    """A copy of it, to be tampered with."""
    return pristine.copied(tmp_path / "store")
