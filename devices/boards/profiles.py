"""What fits a board where its owner has said nothing: its camera, size and rate, and what to spend.

One table. A board without a row, and every PC, has the defaults of the settings. The figures come
from what the boards' makers say of them, not from runs of ours: docs/boards.md says so, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.boards.board import Board, Kind, board
from devices.kernel_text import text
from devices.v4l2.finding import VIDEO

RIBBONS: Mapping[Kind, tuple[str, ...]] = {
    "raspberry-pi": ("unicam", "rp1-cfe"),
    "jetson": ("vi-output",),
}
"""How the kernel calls what receives a camera on the ribbon cable (CSI): its pixels are raw, and
V4L2 is not the way to pictures."""
BY_RIBBON: Mapping[Kind, tuple[str, str]] = {
    "raspberry-pi": ("picamera2", "0"),
    "jetson": ("gstreamer", "nvarguscamerasrc ! nvvidconv"),
}
"""Kind and source of a camera on the ribbon cable: who makes pictures of its raw pixels."""


@dataclass(frozen=True, slots=True)
class Row:
    """A profile, and the words in a board's model of which one makes it that; none: any model.

    budget_ms: what masking may cost, half of what there is between two frames: on a slow core the
    usual budget would buy only the smallest detector.
    """

    kind: Kind
    words: tuple[str, ...]
    name: str
    width: int
    height: int
    fps: float
    budget_ms: float


TABLE = (
    Row("deeplens", (), "deeplens", 1280, 720, 10.0, 50.0),
    Row("jetson", ("orin", "thor"), "jetson-orin", 1920, 1080, 30.0, 16.0),
    Row("jetson", ("nano", "tx1"), "jetson-nano", 1280, 720, 15.0, 33.0),
    Row("jetson", (), "jetson", 1280, 720, 30.0, 16.0),
    Row("raspberry-pi", ("pi 5", "module 5"), "raspberry-pi-5", 1280, 720, 30.0, 16.0),
    Row("raspberry-pi", ("pi 4", "module 4"), "raspberry-pi-4", 1280, 720, 15.0, 33.0),
    Row("raspberry-pi", (), "raspberry-pi-3", 640, 480, 10.0, 50.0),
)
"""The first that fits is taken."""


@dataclass(frozen=True, slots=True)
class Default:
    """What stands for a key that the configuration leaves out."""

    key: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Profile:
    """The defaults of a board, and why it has these; none where those of the settings hold."""

    name: str
    why: str
    defaults: tuple[Default, ...] = ()

    def of(self, block: str) -> dict[str, str | float]:
        """Those of one block, by key."""
        split = (each.key.split(".") for each in self.defaults)
        pairs = zip(split, self.defaults, strict=True)
        return {key: each.value for (place, key), each in pairs if place == block}


def profile_of(found: Board, ribbon: bool) -> Profile:
    """The profile of a board. ribbon: whether there is a camera on the ribbon cable."""
    told = f"{found.told_by} says {found.name!r}" if found.told_by else "nothing says what it is"
    model = found.model.lower()
    for row in TABLE:
        if row.kind == found.kind and (not row.words or any(word in model for word in row.words)):
            return Profile(row.name, told, tuple(_defaults(row, ribbon)))
    return Profile("pc" if found.arch in ("x86_64", "amd64") else "unknown", told)


def profile_here(root: Path = Path("/"), video: Path = VIDEO) -> Profile:
    """That of this machine."""
    found = board(root)
    return profile_of(found, has_ribbon_camera(found.kind, video))


def has_ribbon_camera(kind: Kind, video: Path = VIDEO) -> bool:
    """Whether the kernel knows a camera on the ribbon cable of such a board."""
    names = [text(entry / "name").lower() for entry in sorted(video.glob("video*"))]
    return any(sign in name for sign in RIBBONS.get(kind, ()) for name in names)


def _defaults(row: Row, ribbon: bool) -> Iterator[Default]:
    kind, source = BY_RIBBON[row.kind] if ribbon else ("v4l2", "/dev/video0")
    yield Default("camera.kind", kind)
    yield Default("camera.source", source)
    yield Default("camera.width", row.width)
    yield Default("camera.height", row.height)
    yield Default("camera.fps", row.fps)
    yield Default("masking.budget_ms", row.budget_ms)
