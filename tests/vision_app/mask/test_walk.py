"""What lies below a folder: everything is named once, in order, and nothing makes it hang."""

import os
import subprocess
from itertools import islice
from pathlib import Path

import pytest

from vision_app.mask.kinds import Kind
from vision_app.mask.report import End, Outcome
from vision_app.mask.walk import Task, walk


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a.PNG", "notes.txt", "sub/c.webp", "sub/deep/d.tif", "e.mp4", "z/f.bmp"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "in"


def found(tree: Path) -> dict[str, Task | Outcome]:
    listed = {str(one.name): one for one in walk(tree, tree.parent / "out")}
    assert len(listed) == sum(1 for _ in walk(tree, tree.parent / "out"))
    return listed


def end(tree: Path, name: str) -> tuple[End, str]:
    outcome = found(tree)[name]
    assert isinstance(outcome, Outcome)
    return outcome.end, outcome.why


def test_files_come_in_the_order_of_names_and_folders_after_them(tree: Path) -> None:
    assert list(found(tree)) == [
        "a.PNG", "b.jpg", "e.mp4", "notes.txt", "sub/c.webp", "sub/deep/d.tif", "z/f.bmp",
    ]  # fmt: skip


def test_each_has_its_place_below_out_and_its_kind(tree: Path) -> None:
    task = found(tree)["sub/deep/d.tif"]
    assert task == Task(
        Path("sub/deep/d.tif"),
        tree / "sub/deep/d.tif",
        tree.parent / "out/sub/deep/d.tif",
        Kind.PICTURE,
    )
    video = found(tree)["e.mp4"]
    assert isinstance(video, Task)
    assert video.kind is Kind.VIDEO


def test_what_is_neither_picture_nor_video_is_left_out(tree: Path) -> None:
    assert end(tree, "notes.txt")[0] is End.LEFT_OUT


def test_a_folder_with_the_name_of_a_picture_is_a_folder(tree: Path) -> None:
    (tree / "album.jpg").mkdir()
    (tree / "album.jpg" / "g.jpg").write_bytes(b"x")
    assert "album.jpg" not in found(tree)
    assert isinstance(found(tree)["album.jpg/g.jpg"], Task)


def test_links_to_files_are_followed_and_links_to_folders_are_not(tree: Path) -> None:
    (tree.parent / "elsewhere.jpg").write_bytes(b"x")
    (tree / "link.jpg").symlink_to(tree.parent / "elsewhere.jpg")
    (tree / "sub" / "up").symlink_to(tree)
    assert isinstance(found(tree)["link.jpg"], Task)
    assert end(tree, "sub/up") == (End.LEFT_OUT, "a link to a folder, which is not followed")


def test_a_link_to_itself_or_to_nothing_is_a_task_that_will_find_nothing_to_read(
    tree: Path,
) -> None:
    (tree / "self.jpg").symlink_to(tree / "self.jpg")
    (tree / "gone.jpg").symlink_to(tree / "nowhere.jpg")
    assert isinstance(found(tree)["self.jpg"], Task)
    assert isinstance(found(tree)["gone.jpg"], Task)


def test_a_pipe_is_not_opened_because_nobody_would_write_into_it(tree: Path) -> None:
    os.mkfifo(tree / "pipe.jpg")
    assert end(tree, "pipe.jpg") == (End.LEFT_OUT, "no plain file")


def test_a_link_into_out_is_not_read_there(tree: Path) -> None:
    out = tree.parent / "out"
    out.mkdir()
    (out / "b.jpg").write_bytes(b"masked")
    (tree / "back.jpg").symlink_to(out / "b.jpg")
    assert end(tree, "back.jpg") == (End.EXISTS, "it is a link to a file in OUT")


def test_a_folder_of_out_that_leads_back_into_the_input_is_not_written_into(tree: Path) -> None:
    out = tree.parent / "out"
    out.mkdir()
    (out / "sub").symlink_to(tree / "z")
    assert end(tree, "sub") == (End.NOT_WRITTEN, "its place below OUT is a link into IN")
    assert "sub/c.webp" not in found(tree)
    assert isinstance(found(tree)["z/f.bmp"], Task)


def test_a_folder_that_cannot_be_listed_is_named_and_the_others_are_done(tree: Path) -> None:
    tasks = walk(tree, tree.parent / "out")
    first = next(tasks)
    for path in sorted((tree / "sub").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (tree / "sub").rmdir()
    rest = {str(one.name): one for one in (first, *tasks)}
    gone = rest["sub"]
    assert isinstance(gone, Outcome)
    assert (gone.end, gone.why) == (End.BROKEN, "cannot be listed: No such file or directory")
    assert isinstance(rest["z/f.bmp"], Task)


def test_folders_are_listed_only_when_their_turn_comes(tmp_path: Path) -> None:
    """A hundred thousand files are not held in memory before the first is masked."""
    for number in range(20):
        (tmp_path / "in" / f"{number:02}").mkdir(parents=True)
        (tmp_path / "in" / f"{number:02}" / "a.jpg").write_bytes(b"x")
    tasks = walk(tmp_path / "in", tmp_path / "out")
    begun = [str(one.name) for one in islice(tasks, 3)]
    (tmp_path / "in" / "19" / "late.jpg").write_bytes(b"x")
    assert begun == ["00/a.jpg", "01/a.jpg", "02/a.jpg"]
    assert "19/late.jpg" in [str(one.name) for one in tasks]


def test_folders_may_be_deeper_than_python_calls_functions(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    here = os.open(tmp_path / "in", os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    try:
        assert list(walk(tmp_path / "in", tmp_path / "out")) == []
    finally:
        subprocess.run(["rm", "-r", tmp_path / "in"], check=True)  # pytest could not


@pytest.mark.parametrize(
    "name", [b"two words.jpg", "gr\u00fc\u00df 熟.jpg".encode(), b"caf\xe9.jpg"]
)
def test_any_name_is_walked(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "in").mkdir()
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path / "in"), name))).write_bytes(b"x")
    (only,) = walk(tmp_path / "in", tmp_path / "out")
    assert isinstance(only, Task)
    assert os.fsencode(only.target.name) == name


def test_a_single_file_is_walked_as_itself(tree: Path) -> None:
    (only,) = walk(tree / "b.jpg", tree.parent / "masked.jpg")
    assert only == Task(Path("b.jpg"), tree / "b.jpg", tree.parent / "masked.jpg", Kind.PICTURE)
