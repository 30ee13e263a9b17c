"""Nothing is ever written over what is read, nor into its folder, whatever links say."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vision_app.errors import Refused
from vision_app.mask.places import require_report_place, target_of, within

Link = Callable[[Path, Path], None]
LINKS: list[Link] = [os.symlink, os.link]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"a")
    return folder


def refusal(source: Path, out: Path, overwrite: bool = True) -> str:
    with pytest.raises(Refused) as refused:
        target_of(source, out, overwrite)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_file_goes_to_the_name_given_or_into_the_folder_given(photos: Path) -> None:
    source, other = photos / "a.jpg", photos.parent / "other"
    assert target_of(source, photos / "b.jpg", False) == photos / "b.jpg"
    assert target_of(source, photos / "absent" / "b.JPG", False) == photos / "absent" / "b.JPG"
    other.mkdir()
    assert target_of(source, other, False) == other / "a.jpg"


def test_a_folder_goes_to_the_folder_given_which_need_not_exist(photos: Path) -> None:
    out = photos.parent / "out" / "deep"
    assert target_of(photos, out, False) == out
    out.mkdir(parents=True)
    assert target_of(photos, out, False) == out


def test_an_input_that_is_not_there_is_refused(photos: Path) -> None:
    assert "there is no file or folder" in refusal(photos / "absent.jpg", photos.parent / "x.jpg")


def test_a_file_that_is_no_picture_and_no_video_is_refused(photos: Path) -> None:
    (photos / "notes.txt").write_text("x")
    assert "no picture and no video" in refusal(photos / "notes.txt", photos / "b.txt")


def test_a_format_is_not_changed(photos: Path) -> None:
    assert "must end with .jpg" in refusal(photos / "a.jpg", photos / "a.png")


@pytest.mark.parametrize("link", LINKS)
def test_the_input_itself_is_refused_under_any_name(photos: Path, link: Link) -> None:
    source = photos / "a.jpg"
    link(source, photos / "also.jpg")
    for out in (source, photos, photos / "inner" / ".." / "a.jpg", photos / "also.jpg"):
        assert "is the input itself" in refusal(source, out)


def test_an_output_that_is_there_needs_overwrite(photos: Path) -> None:
    (photos / "b.jpg").write_bytes(b"b")
    said = refusal(photos / "a.jpg", photos / "b.jpg", overwrite=False)
    assert "exists already; --overwrite replaces it" in said
    assert target_of(photos / "a.jpg", photos / "b.jpg", True) == photos / "b.jpg"


def test_a_dangling_link_is_there_as_well(photos: Path) -> None:
    (photos / "b.jpg").symlink_to(photos / "nowhere.jpg")
    assert "exists already" in refusal(photos / "a.jpg", photos / "b.jpg", overwrite=False)


@pytest.mark.parametrize("below", [".", "inner", "inner/absent/deeper"])
def test_a_folder_is_not_written_into_itself(photos: Path, below: str) -> None:
    assert "lies in IN or is IN itself" in refusal(photos, photos / below)


def test_a_link_into_the_input_is_the_input(photos: Path) -> None:
    (photos.parent / "link").symlink_to(photos / "inner")
    assert "lies in IN" in refusal(photos, photos.parent / "link")
    assert "lies in IN" in refusal(photos, photos.parent / "link" / "new")


def test_an_input_that_is_a_link_is_followed(photos: Path) -> None:
    (photos.parent / "link").symlink_to(photos)
    assert "lies in IN" in refusal(photos.parent / "link", photos / "inner")


def test_a_folder_that_holds_the_input_would_mix_masked_with_unmasked(photos: Path) -> None:
    assert "IN lies in OUT" in refusal(photos, photos.parent)
    assert "IN lies in OUT" in refusal(photos / "inner", photos)


def test_a_folder_does_not_go_into_a_file(photos: Path) -> None:
    (photos.parent / "f.jpg").write_bytes(b"x")
    assert "is a file, and IN a folder" in refusal(photos, photos.parent / "f.jpg")


def test_a_neighbour_whose_name_begins_alike_is_no_part_of_it(photos: Path) -> None:
    assert not within(photos.parent / "photos-masked", photos)
    assert within(photos / "absent" / "x", photos)


def test_links_that_go_in_circles_are_no_reason_to_hang(photos: Path) -> None:
    (photos.parent / "loop").symlink_to(photos.parent / "loop")
    assert "is a file" in refusal(photos, photos.parent / "loop")


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ("photos/boxes.json", "would lie in IN"),
        ("photos/inner/new/boxes.json", "would lie in IN"),
        ("out/a.jpg", "must end with .json"),
        ("old.json", "exists already"),
        ("folder.json", "is a folder"),
    ],
)
def test_a_report_harms_neither_input_nor_output(photos: Path, report: str, why: str) -> None:
    (photos.parent / "old.json").write_text("{}")
    (photos.parent / "folder.json").mkdir()
    with pytest.raises(Refused, match=why):
        require_report_place(photos.parent / report, photos, overwrite=False)


def test_a_report_may_lie_beside_the_outputs(photos: Path) -> None:
    require_report_place(photos.parent / "out" / "boxes.json", photos, overwrite=False)
