"""Imports the runtimes that would report to their makers, so that they do not."""

import os
import sys
from importlib import import_module
from typing import Any


def import_onnxruntime() -> Any:
    """ONNX Runtime; from 1.29 on it sends what it runs to Microsoft unless it is told before."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return import_module("onnxruntime")


def import_openvino() -> Any:
    """OpenVINO without its converter, which sends every import to Google, and costs as much time.

    The runtime itself sends nothing, and does without what it cannot import.
    """
    for name in ("openvino_telemetry", "openvino.tools.ovc"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type] # Python's own way to say no
    return import_module("openvino")
