"""Which distributions bring our runtimes, and which of them are installed; nothing is imported."""

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

RUNTIMES: Mapping[str, tuple[str, ...]] = {
    "litert": ("ai-edge-litert", "tflite-runtime"),
    "opencv": (
        "opencv-python-headless",
        "opencv-python",
        "opencv-contrib-python-headless",
        "opencv-contrib-python",
    ),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime"),
    "openvino": ("openvino",),
}
"""Backend → the distributions of which one brings its runtime, the better ones first."""


def installed(names: Iterable[str]) -> dict[str, str]:
    """The versions of those distributions that are installed, by name, in that order."""
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
