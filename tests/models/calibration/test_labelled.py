from pathlib import Path

import cv2
import numpy as np
import pytest

from models.calibration.labelled import Labelled, Source, pictures, read_labelled
from models.errors import CalibrationError

LABELS = ("green", "red")


def picture(path: Path, color: tuple[int, int, int] = (0, 0, 255)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((4, 4, 3), color, np.uint8))
    return path


def table(path: Path, *lines: str) -> Source:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Source(path)


def complaint(source: Source, multi: bool = False) -> str:
    with pytest.raises(CalibrationError) as caught:
        read_labelled(source, LABELS, multi)
    return str(caught.value)


def test_a_folder_per_label_is_read(tmp_path: Path) -> None:
    red, green = picture(tmp_path / "red" / "1.png"), picture(tmp_path / "green" / "2.png")
    (tmp_path / ".thumbnails").mkdir()
    (tmp_path / "red" / ".hidden").touch()
    found = read_labelled(Source(tmp_path), LABELS, multi=False)
    assert found == (Labelled(green, (0,)), Labelled(red, (1,)))


def test_a_csv_is_read_with_files_beside_it_and_other_columns_let_be(tmp_path: Path) -> None:
    first, second = picture(tmp_path / "a.png"), picture(tmp_path / "sub" / "b.png")
    source = table(
        tmp_path / "t.csv", "\ufefffile,label,fine", 'a.png,"red",x', "sub/b.png, green,y"
    )
    found = read_labelled(source, LABELS, multi=False)
    assert found == (Labelled(first, (1,)), Labelled(second, (0,)))


def test_files_of_a_csv_may_lie_elsewhere_and_rows_be_chosen(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "b.png")
    made = table(tmp_path / "t.csv", "file,label,split", "a.png,red,train", "b.png,red,val")
    source = Source(made.where, files=tmp_path / "images", rows=("split", "val"))
    assert [frame.path.name for frame in read_labelled(source, LABELS, multi=False)] == ["b.png"]


def test_of_a_multi_label_model_a_file_has_a_row_for_each_label_or_an_empty_one(
    tmp_path: Path,
) -> None:
    both, none = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    source = table(tmp_path / "t.csv", "file,label", "a.png,red", "b.png,", "a.png,green")
    found = read_labelled(source, LABELS, multi=True)
    assert found == (Labelled(both, (1, 0)), Labelled(none, ()))


def test_a_folder_per_label_cannot_hold_several_labels(tmp_path: Path) -> None:
    assert "write a CSV" in complaint(Source(tmp_path), multi=True)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    source = table(
        tmp_path / "t.csv",
        "file,label",
        "a.png,red",
        "a.png,green",
        "absent.png,rde",
        "absent.png,rde",
        "other.png,banana",
        "none.png,",
    )
    told = complaint(source)
    assert "label 'rde' of 2 files: did you mean 'red'?" in told
    assert "label 'banana' of 1 file: it is none of the model's labels" in told
    assert "label '' of 1 file" in told
    assert f"{tmp_path}/absent.png is not a file" in told
    assert f"{tmp_path}/a.png is labelled 'red' and 'green'" in told


def test_a_thousand_faults_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", "file,label", *(f"{n}.png,red" for n in range(1000)))
    assert complaint(source).endswith("and 980 more")


def test_a_picture_outside_of_a_labels_folder_is_not_passed_over(tmp_path: Path) -> None:
    picture(tmp_path / "red" / "1.png")
    picture(tmp_path / "stray.png")
    assert "stray.png lies beside the folders" in complaint(Source(tmp_path))


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", "path,label", "a.png,red")
    assert "has no column file" in complaint(source)
    assert "no column split" in complaint(Source(source.where, rows=("split", "val")))


def test_what_is_no_csv_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"file,label\n\xff\xfe\n")
    assert "must be a CSV in UTF-8" in complaint(Source(tmp_path / "t.csv"))
    assert "cannot be read: No such file" in complaint(Source(tmp_path / "absent"))


def test_more_frames_than_are_needed_are_refused(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", "file,label", *(f"{n}.png,red" for n in range(20_001)))
    assert "random sample of at most 20000" in complaint(source)


def test_pictures_that_cannot_be_read_are_told_and_the_others_given(tmp_path: Path) -> None:
    whole = picture(tmp_path / "whole.jpg", (0, 255, 0))
    (tmp_path / "cut.jpg").write_bytes(whole.read_bytes()[:-40])
    (tmp_path / "note.txt").write_text("no picture")
    names = ("whole.jpg", "cut.jpg", "absent.png", "note.txt")
    faults: list[str] = []
    given = list(pictures((Labelled(tmp_path / name, (0,)) for name in names), faults))
    assert [image.shape for image in given] == [(4, 4, 3)]
    assert [fault.split(":")[0] for fault in faults] == [
        f"{tmp_path}/cut.jpg",
        f"{tmp_path}/absent.png cannot be read (No such file or directory)",
        f"{tmp_path}/note.txt",
    ]
