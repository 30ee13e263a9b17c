from pathlib import Path

import pytest

from models.bundles.labels import import_labels, numbered
from models.errors import BundleError
from tests.models.places import data


def imported(tmp_path: Path, text: str) -> tuple[tuple[str, ...], list[str]]:
    (tmp_path / "labels.txt").write_bytes(text.encode())
    notes: list[str] = []
    return import_labels(tmp_path / "labels.txt", notes), notes


def test_plain_labels_are_taken_as_they_are(tmp_path: Path) -> None:
    assert imported(tmp_path, "green\nripe tomato\n\n") == (("green", "ripe tomato"), [])


def test_a_mark_of_byte_order_is_no_part_of_the_first_label(tmp_path: Path) -> None:
    assert imported(tmp_path, "\ufeffgreen\r\nred\r\n")[0] == ("green", "red")


@pytest.mark.parametrize("text", ["0 green\n1 red\n", "0  green\n1  red", "0: green\n1: red\n"])
def test_numbers_of_the_classes_are_left_out_and_that_is_told(tmp_path: Path, text: str) -> None:
    labels, notes = imported(tmp_path, text)
    assert labels == ("green", "red")
    assert "numbers before the labels" in notes[0]


@pytest.mark.parametrize("text", ["1 green\n2 red\n", "0 green\nred\n", "0\n1\n", "7 up\ncola\n"])
def test_other_numbers_are_part_of_the_label(tmp_path: Path, text: str) -> None:
    assert imported(tmp_path, text) == (tuple(text.splitlines()), [])


def test_classes_of_one_name_are_told_apart_by_their_number(tmp_path: Path) -> None:
    labels, notes = imported(tmp_path, "crane\nowl\ncrane\n")
    assert labels == ("crane (class 0)", "owl", "crane (class 2)")
    assert notes == ["'crane' stands 2 times and became crane (class 0), crane (class 2)"]


def test_the_labels_of_imagenet_become_different() -> None:
    notes: list[str] = []
    labels = import_labels(data("models/imagenet_labels.txt"), notes)
    assert len(set(labels)) == len(labels) == 1001
    assert labels[0] == "background"
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"green\n\nred\n", "line 2 is empty"),
        (b"gr\xffn", "UTF-8"),
        (b"a\na\na (class 0)\n", "make these labels different"),
        (b"x" * ((16 << 20) + 1), "larger than"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "labels.txt").write_bytes(content)
    with pytest.raises(BundleError, match=words):
        import_labels(tmp_path / "labels.txt", [])


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"absent.*No such file"):
        import_labels(tmp_path / "absent", [])


def test_unnamed_classes_are_numbered_like_the_scores() -> None:
    assert numbered(3) == ("class 0", "class 1", "class 2")
