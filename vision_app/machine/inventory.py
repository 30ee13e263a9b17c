"""What this machine has, and what is used of it: everything that `vision-app doctor` tells."""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from devices.boards.accelerators import accelerators
from devices.boards.board import Board, board
from devices.boards.limits import usable_memory
from devices.boards.processor import Processor, processor
from devices.boards.profiles import Profile, profile_here
from devices.cameras.picamera2 import PACKAGE
from devices.pipelines.launch import PACKAGES, PROGRAM
from devices.sensors.present import PresentSensor, sensors
from devices.v4l2.finding import CameraNode, cameras
from models.bench.measured import look_up
from models.bench.measurement import best_first
from models.bundles.bundle import Bundle, open_bundle
from models.catalogue.catalogue import catalogue
from models.catalogue.pull import cached
from models.choice import AUTO
from models.classifier import first_proven
from models.distributions import installed
from models.errors import ModelError
from models.settings import ModelSettings
from vision_app.faces.detector_use import DetectorUse, detector_use
from vision_app.machine.accelerator_use import AcceleratorUse, ModelUse, use_of
from vision_app.machine.runtimes import Runtime, runtimes
from vision_app.settings import Settings
from vision_app.version import version

EXTRAS = {
    "pyarrow": ("sensors", "raw sensor readings as Parquet"),
    "pyserial": ("serial", 'sensors of kind "serial"'),
    "pymodbus": ("modbus", 'sensors of kind "modbus"'),
    "asyncua": ("opcua", 'sensors of kind "opcua"'),
    "scikit-learn": ("train", "vision-app anomaly fit"),
}


@dataclass(frozen=True, slots=True)
class Software:
    """What runs: our version, Python's, the operating system, the kernel."""

    vision_app: str
    python: str
    system: str
    kernel: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A package or program that some functions need.

    version: of a program, where it lies; empty where it is not installed.
    """

    name: str
    version: str
    purpose: str
    install: str


@dataclass(frozen=True, slots=True)
class PulledFile:
    """A third-party file of the catalogue; path: where it lies, empty where it is not here."""

    name: str
    task: str
    path: str


@dataclass(frozen=True, slots=True)
class Disk:
    """Where our data goes, and how many bytes are free there."""

    folder: str
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything, in the order in which it is told; the names are those of the JSON."""

    software: Software
    board: Board
    profile: Profile
    processor: Processor
    memory_bytes: int
    accelerators: tuple[AcceleratorUse, ...]
    runtimes: tuple[Runtime, ...]
    model: ModelUse
    detector: DetectorUse
    cameras: tuple[CameraNode, ...]
    sensors: tuple[PresentSensor, ...]
    extras: tuple[Extra, ...]
    files: tuple[PulledFile, ...]
    disk: Disk


def take_inventory(settings: Settings) -> Inventory:
    """Looks at everything; the model and the face detector of the settings are tried."""
    assert settings.device.data is not None, "completed by config.complete"
    assert settings.catalogue.cache is not None, "completed by config.complete"
    found = runtimes(settings.model.runtime)
    model = _model(settings.model)
    return Inventory(
        software=_software(),
        board=board(),
        profile=profile_here(),
        processor=processor(),
        memory_bytes=usable_memory(),
        accelerators=tuple(use_of(chip, found, model) for chip in accelerators()),
        runtimes=found,
        model=model,
        detector=detector_use(settings.masking, settings.catalogue),
        cameras=cameras(wholly=True),
        sensors=sensors(),
        extras=(*map(_extra, EXTRAS), *_of_cameras()),
        files=tuple(_file(name, settings.catalogue.cache) for name in catalogue()),
        disk=_disk(settings.device.data),
    )


def _software() -> Software:
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = platform.system()
    return Software(version(), platform.python_version(), system, platform.release())


def _model(settings: ModelSettings) -> ModelUse:
    try:
        with (
            open_bundle(settings.bundle, settings.store) as bundle,
            first_proven(bundle, settings) as classifier,
        ):
            id, notes = classifier.id, (*classifier.refused, *classifier.notes)
            chosen = _chosen(bundle, settings, id.backend)
            return ModelUse(settings.bundle, id.name, id.version, id.backend, chosen, notes)
    except ModelError as error:
        return ModelUse(settings.bundle, problem=str(error))


def _chosen(bundle: Bundle, settings: ModelSettings, backend: str) -> str:
    """Why this backend runs the model."""
    if settings.backend != AUTO:
        return "as the configuration says"
    measured = best_first(look_up(bundle, settings))
    figures = next((one.figures for one in measured if one.choice.name == backend), None)
    if figures is not None:
        return f"measured as the fastest, {figures.p50_ms:.1f} ms for a picture"
    return "first of the declared order; vision-app model bench would find the fastest"


def _extra(name: str) -> Extra:
    extra, purpose = EXTRAS[name]
    return Extra(
        name,
        installed([name]).get(name, ""),
        purpose,
        f"pip install 'vision-app[{extra}]'",
    )


def _of_cameras() -> tuple[Extra, ...]:
    """What kinds of camera need that are not the kernel's."""
    library = installed(["picamera2"]).get("picamera2", "")
    gstreamer, install = shutil.which(PROGRAM) or "", f"sudo apt install {PACKAGES}"
    return (
        Extra("picamera2", library, 'cameras of kind "picamera2"', f"sudo apt install {PACKAGE}"),
        Extra(PROGRAM, gstreamer, 'cameras of kind "gstreamer"', install),
    )


def _file(name: str, folder: Path) -> PulledFile:
    path = cached(name, folder)
    return PulledFile(name, catalogue()[name].task, str(path) if path else "")


def _disk(folder: Path) -> Disk:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return Disk(str(folder), shutil.disk_usage(there).free)
