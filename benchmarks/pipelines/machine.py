"""Says on what, when and with which versions was measured."""

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PARTS = (
    "numpy", "opencv-python-headless", "simplejpeg", "ai-edge-litert", "openvino", "onnxruntime",
)  # fmt: skip


def described() -> str:
    """Two lines."""
    now = datetime.now(timezone.utc)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, load {load}; {now:%Y-%m-%d %H:%M} UTC\n"
        f"Python {platform.python_version()}, {', '.join(_found(name) for name in PARTS)}"
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _found(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"
