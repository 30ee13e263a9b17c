"""Nothing of a video but its pictures comes out: not who, not where, not when, not with what."""

from pathlib import Path

import pytest

from tests.videos import ffmpeg, film, probed
from tests.vision_app.mask.masked_video import masked

HARMLESS = {
    "major_brand", "minor_version", "compatible_brands", "handler_name", "language", "vendor_id",
    "encoder", "ENCODER", "DURATION",
}  # fmt: skip
"""What ffmpeg writes into every file; the tests look at what it says."""
SECRETS = ("Aunt Emma", "+52.5200+013.4050/", "Garden party", "2031-07-08", "Camera 9000", "Cake")

CHAPTERS = """;FFMETADATA1
title=Aunt Emma
location=+52.5200+013.4050/
location-eng=+52.5200+013.4050/
comment=Garden party
creation_time=2031-07-08T09:10:11Z
make=Camera 9000
com.apple.quicktime.location.ISO6709=+52.5200+013.4050/
[CHAPTER]
TIMEBASE=1/1000
START=0
END=200
title=Cake
"""


def told_everything(folder: Path, ending: str) -> Path:
    """A video with tags on all levels, a chapter, subtitles, sound and a cover picture first."""
    folder.mkdir()
    (folder / "tags.txt").write_text(CHAPTERS)
    (folder / "cake.srt").write_text("1\n00:00:00,000 --> 00:00:00,300\nGarden party\n")
    ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1", folder / "cover.jpg")
    plain = film(folder / "plain.mp4", "-f", "lavfi", "-i", "sine", "-c:a", "aac", "-shortest")
    subtitles = "mov_text" if ending == ".mp4" else "srt"
    inputs = [word for name in (plain, folder / "cake.srt", folder / "tags.txt")
              for word in ("-i", name)]  # fmt: skip
    cover: tuple[str | Path, ...] = ("-attach", folder / "cover.jpg")
    cover += ("-metadata:s:t", "mimetype=image/jpeg")
    if ending == ".mp4":
        inputs += ["-i", folder / "cover.jpg"]
        cover = ("-map", "3:v", "-c:v:1", "mjpeg", "-disposition:v:1", "attached_pic")
    ffmpeg(
        *inputs, "-map", "0:v", "-map", "0:a", "-map", "1:s", *cover, "-map_metadata", "2",
        "-map_chapters", "2", "-c:v:0", "copy", "-c:a", "copy", "-c:s", subtitles,
        "-metadata:s:a:0", "title=Aunt Emma", "-metadata:s:v:0", "title=Aunt Emma",
        "-movflags", "use_metadata_tags", folder / f"in{ending}",
    )  # fmt: skip
    return folder / f"in{ending}"


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
@pytest.mark.parametrize("audio", [False, True])
def test_only_pictures_and_wanted_sound_come_out(tmp_path: Path, ending: str, audio: bool) -> None:
    source = told_everything(tmp_path / "source", ending)
    before = probed(source)
    assert before["chapters"]
    assert len(before["streams"]) >= 4

    masked(source, out := tmp_path / f"out{ending}", audio=audio)
    after = probed(out)
    kinds = [stream["codec_type"] for stream in after["streams"]]
    assert kinds == (["video", "audio"] if audio else ["video"])
    assert after["chapters"] == []
    tags = [after["format"], *after["streams"]]
    assert {name for place in tags for name in place.get("tags", {})} <= HARMLESS
    data, was = out.read_bytes(), source.read_bytes()
    assert any(secret.encode() in was for secret in SECRETS)
    assert not [secret for secret in SECRETS if secret.encode() in data]


def test_the_time_of_filming_does_not_come_out(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", "-metadata", "creation_time=2031-07-08T09:10:11Z")
    since_1904 = (1941268211 + 2082844800).to_bytes(4, "big")
    assert since_1904 in source.read_bytes()
    masked(source, out := tmp_path / "out.mp4")
    data = out.read_bytes()
    for header in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.index(header) + 8
        assert data[at : at + 8] == b"\x00" * 8
