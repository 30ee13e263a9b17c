from pathlib import Path

import pytest

from devices.camera import open_camera
from devices.errors import DeviceUnavailable
from devices.settings import CameraSettings


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("absent", "is not there: plug it in"),
        ("name:Nobody's camera", "is not there: plug it in"),
        ("serial:0000", "is not there: plug it in"),
        ("text", "is not a camera"),
        ("folder", "is not a camera|is a folder"),
        ("/dev/null", "is not a camera"),
    ],
)
def test_what_is_no_camera_is_refused_with_a_sentence(
    source: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "text").write_text("I am a file")
    (tmp_path / "folder").mkdir()
    name = source if source.startswith(("/", "name:", "serial:")) else str(tmp_path / source)
    with pytest.raises(DeviceUnavailable, match=f"^camera {name} ({sentence})"):
        open_camera(CameraSettings(name="door", source=name))
