"""`vision-app doctor`: what this machine has, and what is used of it."""

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import click

from devices.board import board, cameras
from models.catalogue import catalogue
from models.classifier import open_classifier
from models.errors import ModelError
from models.pull import cached
from models.settings import ModelSettings
from vision_app import config
from vision_app.finding import Finding, bad, good, note, show
from vision_app.version import version

RUNTIMES = {"ai-edge-litert": "TFLite models", "opencv-python-headless": "ONNX models, cameras"}
EXTRAS = {
    "pyarrow": ("sensors", "raw sensor readings as Parquet"),
    "scikit-learn": ("train", "vision-app anomaly fit"),
}
FEW_BYTES = 1 << 30


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what this machine has: board, runtimes, cameras, models, disk.

    Example: vision-app doctor --json
    """
    sys.exit(0 if show(_findings(), as_json) else 1)


def _findings() -> Iterator[Finding]:
    yield note("vision-app", f"{version()} on Python {platform.python_version()}")
    machine = board()
    name = f"{machine.vendor} {machine.model}".strip() or "unnamed"
    yield note("board", f"{name} ({machine.kind}, {machine.arch})")
    yield from _runtimes()
    yield _model()
    yield from _extras()
    yield from _cameras()
    yield from _catalogue()
    yield _disk()


def _runtimes() -> Iterator[Finding]:
    for name, purpose in RUNTIMES.items():
        yield good(name, f"{installed(name)}, runs {purpose} on the CPU")


def _model() -> Finding:
    try:
        with open_classifier(ModelSettings()) as classifier:
            return good("demo model", f"{classifier.id.name} runs on {classifier.id.backend}")
    except ModelError as error:
        return bad("demo model", str(error))


def _extras() -> Iterator[Finding]:
    for name, (extra, purpose) in EXTRAS.items():
        try:
            yield good(name, f"{installed(name)}, for {purpose}")
        except PackageNotFoundError:
            how = f"pip install 'vision-app[{extra}]'"
            yield note(name, f"not installed; needed for {purpose}: {how}")


def _cameras() -> Iterator[Finding]:
    found = cameras()
    if not found:
        yield note("cameras", "none found below /dev/video*; plug one in, or use a file")
    for camera in found:
        if camera.problem:
            yield bad(camera.node, f"{camera.name}: {camera.problem}")
            continue
        yield good(camera.node, f"{camera.name} ({camera.bus}): {', '.join(camera.formats)}")


def _catalogue() -> Iterator[Finding]:
    folder = config.data_folder() / "models"
    for name, item in catalogue().items():
        if cached(name, folder) is not None:
            yield good(name, f"{item.task}, in {folder}")
        else:
            yield note(name, f"{item.task}, not here yet: vision-app model pull {name}")


def _disk() -> Finding:
    folder = config.data_folder()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    text = f"{free / (1 << 30):.1f} GiB free for {folder}"
    return good("disk", text) if free >= FEW_BYTES else bad("disk", f"only {text}; free some")
