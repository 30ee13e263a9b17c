"""What runs without a configuration file: this machine's camera, or footage that we render."""

from pathlib import Path
from typing import Any

from devices.boards.profiles import profile_here
from devices.simulated.climate import write_day
from devices.v4l2.finding import cameras
from vision_app.config import parse
from vision_app.settings import Settings

SOURCE = "embedded defaults"
BY_PROFILE = "profile"
CLIMATE_SPEED = 4800.0
"""A day of climate in 18 seconds."""


def find_camera() -> str | None:
    """The node of the first camera of this machine that can be used, or None.

    BY_PROFILE where there is one on the ribbon cable of the board, whose nodes show no pictures.
    """
    if profile_here().of("camera").get("kind", "v4l2") != "v4l2":
        return BY_PROFILE
    return next((camera.node for camera in cameras() if not camera.problem), None)


def service(data: Path, portrait: Path | None) -> Settings:
    """Settings of `vision-app run` without a configuration: everything stays in the data folder."""
    return parse(
        {
            "device": {"data": str(data)},
            "camera": [_camera(portrait)],
            "store": {"url": f"file://{data}/bucket"},
            "publish": {"jsonl": {"path": str(data / "events.jsonl")}, "terminal": True},
        },
        SOURCE,
    )


def demo(folder: Path, portrait: Path | None) -> Settings:
    """Settings of `vision-app demo`: the same application, with everything below one new folder."""
    write_day(folder / "climate.csv", seed=2, faults=True)
    return parse(
        {
            "device": {"site": "demo", "data": str(folder)},
            "camera": [_camera(portrait)],
            "keep": {"gap_s": 0.4},
            "store": {"url": f"file://{folder}/bucket", "records_every_s": 5},
            "publish": {"jsonl": {"path": str(folder / "events.jsonl")}, "terminal": True},
            "sensor": [
                {
                    "name": "climate",
                    "kind": "csv",
                    "source": str(folder / "climate.csv"),
                    "speed": CLIMATE_SPEED,
                    "model": "greenhouse-climate",
                }
            ],
        },
        SOURCE,
    )


def _camera(portrait: Path | None) -> dict[str, Any]:
    """What a camera of the board is read by, and its size, come from the board's profile."""
    node = find_camera()
    if node == BY_PROFILE:
        return {"name": "cam0"}
    if node is not None:
        return {"name": "cam0", "kind": "v4l2", "source": node}
    generated = {"name": "cam0", "kind": "generated", "width": 640, "height": 480, "fps": 15.0}
    return generated | ({"portrait": str(portrait)} if portrait else {})
