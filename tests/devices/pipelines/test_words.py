import pytest
from pydantic import ValidationError

from devices.pipelines.words import shown, words_of
from devices.settings import CameraSettings

PASSWORD = "hunter-4711"
JETSON = "nvarguscamerasrc ! 'video/x-raw(memory:NVMM), format=(string)NV12' ! nvvidconv"


def test_a_pipeline_is_parted_as_a_shell_parts_it() -> None:
    words = ("nvarguscamerasrc", "!", "video/x-raw(memory:NVMM), format=(string)NV12")
    assert words_of(JETSON) == (*words, "!", "nvvidconv")
    assert words_of('filesrc location="my film.avi"') == ("filesrc", "location=my film.avi")
    assert words_of("v4l2src ! $(reboot) `reboot`")[2:] == ("$(reboot)", "`reboot`")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "source must be a pipeline"),
        ("/dev/video0", "source must be a pipeline"),
        ("gst-launch-1.0 v4l2src", "source must be a pipeline"),
        ("-v v4l2src", "source must be a pipeline"),
        (f"rtsp://me:{PASSWORD}@cam/live", "source must be a pipeline"),
        (f"rtspsrc location='rtsp://me:{PASSWORD}@cam", "a quotation that does not end"),
        ("v4l2src !", "source must not end in '!'"),
        ("v4l2src ! appsink drop=true", "must not hold a sink: leave appsink out"),
        ("v4l2src ! tee name=t ! queue ! udpsink host=10.0.0.1 t.", "leave udpsink out"),
        ("v4l2src ! hlssink2", "leave hlssink2 out"),
    ],
)
def test_what_is_no_pipeline_is_said_where_it_is_configured(source: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        CameraSettings(name="belt", kind="gstreamer", source=source)
    (told,) = refusal.value.errors()
    assert sentence in told["msg"]
    assert PASSWORD not in told["msg"]


def test_what_is_shown_holds_no_password_and_no_path_of_an_address() -> None:
    words = ("rtspsrc", "location=rtsp://me:x/y@cam/live?token=a@b", f"user-pw={PASSWORD}")
    said = (
        f'could not set "{PASSWORD}" for rtsp://me:x/y@cam/live?token=a@b or http://cam:80/live?k=v'
    )
    assert shown(said, words) == 'could not set "…" for rtsp://… or http://cam:80/…'
    assert shown("no element", words) == "no element"
