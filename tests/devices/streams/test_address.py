from pathlib import Path

import pytest
from pydantic import ValidationError

from devices.errors import DeviceUnavailable
from devices.settings import CameraSettings
from devices.streams.address import address_of


def stream(source: str, **changes: object) -> CameraSettings:
    return CameraSettings.model_validate(
        {"name": "gate", "kind": "stream", "source": source} | changes
    )


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("rtsp://cam/live/token-4711", "rtsp://cam:554"),
        ("rtsps://cam:7441/4711", "rtsps://cam:7441"),
        ("http://10.0.0.7/video?user=a&pwd=4711", "http://10.0.0.7:80"),
        ("https://[fe80::1]:8443/4711", "https://[fe80::1]:8443"),
    ],
)
def test_only_scheme_host_and_port_are_ever_shown(source: str, shown: str) -> None:
    address = address_of(stream(source))
    assert (str(address), repr(address)) == (shown, f"Address({shown})")
    assert "4711" in address.whole


def test_user_and_password_are_escaped_for_ffmpeg(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a:b@c/d %\nsecond line")
    login = {"username": "me@home", "password_file": tmp_path / "secret"}
    address = address_of(stream("rtsp://cam/live?x=1", **login))
    assert address.whole == "rtsp://me%40home:a%3Ab%40c%2Fd%20%25@cam:554/live?x=1"
    assert address.plain == "rtsp://cam:554/live?x=1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty; write the password as its first line"),
        (b"\nsecond", "is empty"),
        (b"\xff\xfe", "it is no text"),
    ],
)
def test_a_password_that_cannot_be_read_is_told(
    content: bytes | None, sentence: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    login = {"username": "me", "password_file": tmp_path / "secret"}
    with pytest.raises(DeviceUnavailable, match=f"camera gate: password_file .* {sentence}"):
        address_of(stream("rtsp://cam/live", **login))


@pytest.mark.parametrize(
    ("source", "changes", "sentence"),
    [
        ("rtsp://me:geheim@cam/live", {}, "write them as username and password_file"),
        ("rtsp://me@cam/live", {}, "must not hold a user or a password"),
        ("rtmp://cam/geheim", {}, "must begin with one of rtsp://, rtsps://, http://, https://"),
        ("/dev/geheim", {}, "must begin with one of rtsp://"),
        ("rtsp:///geheim", {}, "must be a whole address, such as rtsp://"),
        ("rtsp://cam:0/geheim", {}, "must be a whole address"),
        ("rtsp://cam:geheim/", {}, "must be a whole address"),
        ("http://[geheim/", {}, "must be a whole address"),
        ("http://cam/geheim\r\nX: 1", {}, "must be a whole address"),
        ("rtsp://cam/geheim", {"kind": "v4l2"}, 'with rtsp://, kind must be "stream"'),
        ("rtsp://cam/geheim", {"username": "me"}, "belong together: name both or neither"),
        ("rtsp://cam/geheim", {"password_file": "p"}, "belong together"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_showing_it(
    source: str, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        stream(source, **changes)
    (fault,) = refusal.value.errors()
    assert sentence in fault["msg"]
    assert "geheim" not in fault["msg"]
