"""How many threads OpenCV may take while the service runs."""

from collections.abc import Iterator
from contextlib import closing

import cv2
import pytest

from masking.masker import Masker
from masking.settings import MaskingSettings
from models.settings import CatalogueSettings
from tests.vision_app.shelves import Shelf, unheard
from vision_app.faces.detection import Detection
from vision_app.machine.opencv_pool import keep_to_one_thread

MASKING = MaskingSettings(budget_ms=10_000, max_side=320, second_look_side=320)


@pytest.fixture(autouse=True)
def _pool() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


def test_a_detector_of_another_runtime_leaves_opencv_one_thread(
    shelf: Shelf, settings: CatalogueSettings
) -> None:
    shelf.put("yunet-n", "centerface", "blazeface")
    with (
        closing(Masker(None, MASKING)) as masker,
        closing(Detection(MASKING, settings, [masker], unheard)) as detection,
    ):
        detection.step()
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize(
    ("backend", "threads"), [("opencv", 3), ("openvino cpu bfloat16", 1), ("onnxruntime", 1)]
)
def test_opencv_keeps_its_threads_where_it_runs_the_detector(backend: str, threads: int) -> None:
    keep_to_one_thread(backend)
    assert cv2.getNumThreads() == threads
