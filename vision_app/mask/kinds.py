"""What a file is by its ending: a picture, a video, or neither."""

from enum import Enum
from pathlib import Path

from devices.cameras.file import IMAGES, VIDEOS


class Kind(Enum):
    """How an input is masked."""

    PICTURE = "picture"
    VIDEO = "video"


def kind_of(path: Path) -> Kind | None:
    """None for what is neither picture nor video."""
    ending = path.suffix.lower()
    return Kind.PICTURE if ending in IMAGES else Kind.VIDEO if ending in VIDEOS else None
