import ctypes

import pytest

from devices.v4l2 import abi as v4l2
from devices.v4l2 import controls_abi as controls
from devices.v4l2 import sizes_abi as sizes


@pytest.mark.parametrize(
    ("structure", "size"),
    [
        (v4l2.Capability, 104),
        (v4l2.FmtDesc, 64),
        (v4l2.PixFormat, 48),
        (v4l2.Format, 208),
        (v4l2.CaptureParm, 40),
        (v4l2.StreamParm, 204),
        (v4l2.RequestBuffers, 20),
        (v4l2.TimeCode, 16),
        (v4l2.Buffer, 88),
        (sizes.FrameSize, 44),
        (sizes.FrameInterval, 52),
        (controls.QueryExtCtrl, 232),
        (controls.QueryMenu, 44),
        (controls.ExtControl, 20),
        (controls.ExtControls, 32),
    ],
)
def test_structures_have_the_size_that_a_64_bit_kernel_expects(
    structure: type[ctypes.Structure], size: int
) -> None:
    assert ctypes.sizeof(structure) == size


@pytest.mark.parametrize(
    ("structure", "field", "offset"),
    [
        (v4l2.Capability, "device_caps", 88),
        (v4l2.FmtDesc, "pixelformat", 44),
        (v4l2.Format, "fmt", 8),
        (v4l2.StreamParm, "parm", 4),
        (v4l2.Buffer, "timestamp", 24),
        (v4l2.Buffer, "sequence", 56),
        (v4l2.Buffer, "m", 64),
        (v4l2.Buffer, "length", 72),
        (sizes.FrameSize, "stepwise", 12),
        (sizes.FrameInterval, "stepwise", 20),
        (controls.QueryExtCtrl, "minimum", 40),
        (controls.QueryExtCtrl, "flags", 72),
        (controls.QueryExtCtrl, "nr_of_dims", 84),
        (controls.QueryMenu, "entry", 8),
        (controls.ExtControl, "content", 12),
        (controls.ExtControls, "error_idx", 8),
        (controls.ExtControls, "controls", 24),
    ],
)
def test_fields_lie_where_the_kernel_writes_them(
    structure: type[ctypes.Structure], field: str, offset: int
) -> None:
    assert getattr(structure, field).offset == offset


@pytest.mark.parametrize(
    ("request_number", "expected"),
    [
        (v4l2.QUERYCAP, 0x80685600),
        (v4l2.ENUM_FMT, 0xC0405602),
        (v4l2.S_FMT, 0xC0D05605),
        (v4l2.TRY_FMT, 0xC0D05640),
        (v4l2.REQBUFS, 0xC0145608),
        (v4l2.QUERYBUF, 0xC0585609),
        (v4l2.QBUF, 0xC058560F),
        (v4l2.DQBUF, 0xC0585611),
        (v4l2.STREAMON, 0x40045612),
        (v4l2.STREAMOFF, 0x40045613),
        (v4l2.S_PARM, 0xC0CC5616),
        (controls.QUERYMENU, 0xC02C5625),
        (controls.G_EXT_CTRLS, 0xC0205647),
        (controls.S_EXT_CTRLS, 0xC0205648),
        (controls.QUERY_EXT_CTRL, 0xC0E85667),
        (sizes.ENUM_FRAMESIZES, 0xC02C564A),
        (sizes.ENUM_FRAMEINTERVALS, 0xC034564B),
    ],
)
def test_ioctl_numbers_are_those_of_the_c_header(request_number: int, expected: int) -> None:
    assert request_number == expected


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (controls.POWER_LINE_FREQUENCY, 0x980918),
        (controls.BACKLIGHT_COMPENSATION, 0x98091C),
        (controls.EXPOSURE_AUTO, 0x9A0901),
        (controls.FOCUS_AUTO, 0x9A090C),
        (controls.IRIS_ABSOLUTE, 0x9A0911),
        (controls.ANALOGUE_GAIN, 0x9E0903),
    ],
)
def test_control_numbers_are_those_of_the_c_header(control: int, expected: int) -> None:
    assert control == expected


@pytest.mark.parametrize("code", ["MJPG", "YUYV", "Y16 "])
def test_four_letters_survive_the_way_to_the_kernel_and_back(code: str) -> None:
    assert v4l2.fourcc_name(v4l2.fourcc(code)) == code


def test_the_number_of_four_letters_is_that_of_the_c_header() -> None:
    assert v4l2.fourcc("YUYV") == 0x56595559


def test_a_big_endian_variant_has_the_letters_of_its_format() -> None:
    assert v4l2.fourcc_name(v4l2.fourcc("Y16 ") | 1 << 31) == "Y16 "
