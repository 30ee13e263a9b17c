"""Third-party files and programs that several tests need: fetched once."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.catalogue.pull import pull
from models.errors import PullError
from models.faces import DETECTORS
from tests.legacy import legacy_environment
from tests.models.places import DATA
from tests.parts import need
from vision_app.config import data_folder, mirror

MODELS = DATA / "models"


@pytest.fixture(scope="session")
def centerface_weights() -> Path:
    """The ONNX file of CenterFace."""
    return _pulled("centerface")


@pytest.fixture(scope="session")
def face_detectors() -> None:
    """The weights of every face detector lie in the cache, so that "auto" takes the best."""
    for name in DETECTORS:
        _pulled(name)


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """A portrait with one face, 512x512 BGR."""
    picture = cv2.imread(str(_pulled("astronaut")))
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def legacy_python() -> Path:
    """The interpreter of an environment that has mxnet and tflite-runtime."""
    return legacy_environment()


def _unheard(sentence: str) -> None:
    """Nobody follows the progress of a test."""


def _mirror() -> str | None:
    """Which is asked first; on machines that have the shared data, that."""
    return mirror() or (str(MODELS) if MODELS.is_dir() else None)


def _pulled(name: str) -> Path:
    try:
        path, problem = pull(name, data_folder() / "models", _mirror(), say=_unheard), ""
    except PullError as error:
        path, problem = None, f": {error}"
    return need(f"{name} of the catalogue{problem}", path)
