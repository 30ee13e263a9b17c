"""A video in, the same video out: its size, its times, its number of frames, faces covered."""

import hashlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from masking.fill import LEVEL
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import Detector
from tests.videos import (
    FRAMES,
    HEIGHT,
    VP9,
    WIDTH,
    Image,
    ffmpeg,
    film,
    picture_stream,
    pictures,
    probed,
    times_s,
)
from tests.vision_app.mask.masked_video import FACE, SETTINGS, masked
from vision_app.mask.video import mask_video

CODEC_NOISE = 20


def inside(video: Image) -> Image:
    """Where the face was, less the edge, which a codec smears."""
    return video[:, 14:22, 24:32]


def outside(video: Image) -> Image:
    return video[:, :, 40:]


@pytest.mark.parametrize("ending", [".mp4", ".m4v", ".mov", ".mkv", ".ts", ".avi", ".webm"])
def test_size_rate_and_number_of_frames_stay(tmp_path: Path, ending: str) -> None:
    source = film(tmp_path / "in.mp4", rate="30000/1001")
    masked(source, out := tmp_path / f"out{ending}")
    stream = picture_stream(out)
    assert (stream["width"], stream["height"]) == (WIDTH, HEIGHT)
    assert int(stream["nb_read_frames"]) == FRAMES
    rate = Fraction(stream["r_frame_rate"])
    assert abs(rate - Fraction(30000, 1001)) < Fraction(1, 100)
    assert stream["codec_name"] == ("vp9" if ending == ".webm" else "h264")


def test_a_constant_rate_stays_exact(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mkv", rate="30000/1001", frames=40)
    masked(source, out := tmp_path / "out.mp4")
    stream = picture_stream(out)
    assert stream["r_frame_rate"] == stream["avg_frame_rate"] == "30000/1001"
    assert int(stream["nb_frames"]) == 40


def test_the_face_is_overwritten_in_every_frame_and_the_rest_is_not(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4")
    masked(source, out := tmp_path / "out.mp4")
    before, after = pictures(source), pictures(out)
    assert np.abs(inside(before).astype(int) - LEVEL).mean() > 50
    assert np.abs(inside(after).astype(int) - LEVEL).max() <= CODEC_NOISE
    assert np.abs(outside(after).astype(int) - outside(before)).mean() < CODEC_NOISE


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_odd_sizes_stay_odd(tmp_path: Path, ending: str) -> None:
    source = film(tmp_path / "in.webm", "-vf", "scale=63:47", codec=VP9)
    masked(source, out := tmp_path / f"out{ending}")
    stream = picture_stream(out)
    assert (stream["width"], stream["height"]) == (63, 47)
    assert pictures(out, 63, 47).shape[0] == FRAMES


def test_a_video_that_lies_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", "-vf", "setsar=4/3")
    turn_by_a_quarter(source)
    masked(source, out := tmp_path / "out.mp4")
    stream = picture_stream(out)
    assert (stream["width"], stream["height"]) == (HEIGHT, WIDTH)
    assert stream["sample_aspect_ratio"] == "3:4"
    assert "side_data_list" not in stream
    upright = pictures(source, HEIGHT, WIDTH).astype(int)
    assert np.abs(upright - pictures(out, HEIGHT, WIDTH))[:, 40:].mean() < CODEC_NOISE


def turn_by_a_quarter(video: Path) -> None:
    """As a telephone does: by the matrix in the header of the track."""
    data = bytearray(video.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    one = 1 << 16
    for number, value in enumerate((0, one, 0, -one, 0, 0, 0, 0, 1 << 30)):
        data[at + 4 * number : at + 4 * number + 4] = value.to_bytes(4, "big", signed=True)
    video.write_bytes(data)


def test_pictures_that_change_their_size_get_that_of_the_first(tmp_path: Path) -> None:
    jpegs = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    small = film(tmp_path / "a.mjpeg", codec=jpegs)
    large = film(tmp_path / "b.mjpeg", size="128x96", codec=jpegs)
    source = tmp_path / "in.mjpg"
    source.write_bytes(small.read_bytes() + large.read_bytes())
    masked(source, out := tmp_path / "out.mp4")
    assert pictures(out).shape[0] == 2 * FRAMES


def test_the_shape_of_pixels_is_carried(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", "-vf", "setsar=16/11")
    masked(source, out := tmp_path / "out.mkv")
    assert picture_stream(out)["sample_aspect_ratio"] == "16:11"


def test_colours_are_carried_and_keep_their_meaning(tmp_path: Path) -> None:
    meant = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    words = ("-vf", f"drawbox=color=lime:t=fill,scale=out_color_matrix=bt709,{meant}")
    tags = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    source = film(tmp_path / "in.mp4", *words, *tags)
    masked(source, out := tmp_path / "out.mp4")
    stream = picture_stream(out)
    told = [stream[key] for key in ("color_space", "color_primaries", "color_transfer")]
    assert told == ["bt709"] * 3
    assert np.abs(outside(pictures(source)).astype(int) - outside(pictures(out))).max() <= 4


def test_frames_at_irregular_times_keep_them(tmp_path: Path) -> None:
    irregular = "setpts='(N*N+floor(N/3)*7)/100/TB'"
    source = film(tmp_path / "in.mkv", "-vf", irregular, "-enc_time_base", "1:1000")
    gaps = {round(b - a, 3) for a, b in pairwise(times_s(source))}
    assert len(gaps) > 5
    masked(source, out := tmp_path / "out.mp4")
    begin = times_s(source)[0]
    assert times_s(out) == pytest.approx([at - begin for at in times_s(source)], abs=0.0015)


def test_a_frame_that_nobody_could_look_at_is_covered_whole_and_counted(tmp_path: Path) -> None:
    looks = iter(range(100))

    def fails_once(image: Image) -> list[object]:
        if next(looks) == 4:
            raise ModelError("the network is gone")
        return []

    source = film(tmp_path / "in.mp4")
    report = masked(source, out := tmp_path / "out.mp4", fails_once)  # type: ignore[arg-type]
    spread = [int(np.ptp(picture)) for picture in pictures(out)]
    assert report.redacted >= 1
    assert sum(range_ <= CODEC_NOISE for range_ in spread) == report.redacted
    assert len(spread) == FRAMES


def test_the_report_tells_the_boxes_of_each_frame(tmp_path: Path) -> None:
    report = masked(film(tmp_path / "in.mp4"), out := tmp_path / "out.mp4")
    assert [list(boxes) for boxes in report.frames] == [[FACE]] * FRAMES
    assert [list(boxes) for boxes in report.frames] == [[FACE]] * FRAMES, "it may be walked twice"
    assert (report.faces, report.redacted, report.fps) == (FRAMES, 0, 25.0)
    assert (report.format, report.width, report.height) == ("mp4", WIDTH, HEIGHT)
    assert [(look.role, look.found) for look in report.looks] == [("live", FRAMES)]
    assert report.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()


@pytest.mark.parametrize(("told", "covered"), [({}, 11), ({"look_ahead": 2}, 3)])
def test_a_face_is_covered_long_before_it_is_seen_unless_the_settings_say_otherwise(
    tmp_path: Path, told: dict[str, int], covered: int
) -> None:
    looks = iter(range(FRAMES))

    def sees_it_at_last(image: Image) -> list[Box]:
        return [FACE] if next(looks) == FRAMES - 1 else []

    settings = SETTINGS.model_copy(update=told)
    source, still = tmp_path / "in.mp4", ("-vf", "trim=end_frame=1,loop=-1:1")
    report = mask_video(
        film(source, *still), tmp_path / "out.mp4", settings, [Detector(sees_it_at_last)]
    )
    assert [bool(boxes) for boxes in report.frames] == [False] * (FRAMES - covered) + [
        True
    ] * covered


def test_sound_is_dropped_unless_it_is_asked_for(tmp_path: Path) -> None:
    tone = ("-f", "lavfi", "-i", "sine=r=8000", "-c:a", "aac", "-shortest")
    source = film(tmp_path / "in.mp4", *tone)
    masked(source, mute := tmp_path / "mute.mp4")
    masked(source, loud := tmp_path / "loud.mp4", audio=True)
    assert [stream["codec_type"] for stream in probed(mute)["streams"]] == ["video"]
    video, sound = probed(loud)["streams"]
    was = probed(source)["streams"][1]
    assert int(video["nb_read_frames"]) == FRAMES
    assert (sound["codec_name"], sound["nb_frames"]) == ("aac", was["nb_frames"])


def test_pictures_and_sound_stay_together(tmp_path: Path) -> None:
    tone = ("-f", "lavfi", "-i", "sine=r=8000", "-c:a", "aac", "-shortest")
    early = film(tmp_path / "early.mkv", *tone)
    source = tmp_path / "in.mkv"
    later = ("-itsoffset", "0.4", "-i", early, "-map", "0:a", "-map", "1:v", "-c", "copy")
    ffmpeg("-i", early, *later, source)
    masked(source, out := tmp_path / "out.mkv", audio=True)
    assert times_s(out) == pytest.approx(times_s(source), abs=0.002)
