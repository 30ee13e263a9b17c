import gzip
import io
import json
import tarfile
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from models.convert.archive import FREE_BYTES
from models.convert.checkpoint import Checkpoint, open_checkpoint
from models.errors import BundleError
from tests.models.convert.handmade import params, saved
from tests.models.convert.small_net import small_net

GRAPH = small_net().text()
SHAPES = b'[{"shape": [16, 3, 6, 8], "name": "data"}]'


def weights(mark: float) -> bytes:
    """A .params file that tells itself from others by its one number."""
    return params({"arg:mark": np.array([mark], np.float32)})


def mark(checkpoint: Checkpoint) -> float:
    return float(checkpoint.parameters.arrays["mark"][0])


def refusal(*paths: Path, epoch: int | None = None) -> str:
    with pytest.raises(BundleError) as refused:
        open_checkpoint(paths, epoch)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def packed(path: Path, files: Mapping[str, bytes], mode: str = "w:gz") -> Path:
    """A tar of files."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two epochs, the shapes, and things that are no part of the checkpoint."""
    saved(tmp_path, GRAPH, weights(3), epoch=3)
    saved(tmp_path, GRAPH, weights(20), epoch=20)
    (tmp_path / "model-shapes.json").write_bytes(SHAPES)
    (tmp_path / "hyperparameters.json").write_text("{}")
    return tmp_path


def test_a_folder_gives_its_newest_epoch_and_the_shapes(folder: Path) -> None:
    found = open_checkpoint([folder])
    assert (mark(found), found.epoch, found.shapes) == (20, 20, {"data": (16, 3, 6, 8)})
    assert found.where == str(folder / "model-0020.params")


def test_a_prefix_gives_the_same_and_not_the_neighbours(folder: Path) -> None:
    saved(folder, GRAPH, weights(99), prefix="model-other", epoch=99)
    found = open_checkpoint([folder / "model"])
    assert (mark(found), found.shapes) == (20, {"data": (16, 3, 6, 8)})
    assert "holds model-other-symbol.json, model-symbol.json for a graph" in refusal(folder)


def test_an_older_epoch_can_be_asked_for(folder: Path) -> None:
    assert mark(open_checkpoint([folder], epoch=3)) == 3
    assert "has no epoch 4, only 3, 20" in refusal(folder, epoch=4)


def test_weights_of_another_network_are_not_taken_for_newer_ones(folder: Path) -> None:
    (folder / "other-0099.params").write_bytes(weights(99))
    assert mark(open_checkpoint([folder])) == 20


def test_both_files_may_be_named_in_any_order(folder: Path) -> None:
    files = [folder / "model-symbol.json", folder / "model-0003.params"]
    assert mark(open_checkpoint(files)) == mark(open_checkpoint(files[::-1])) == 3
    assert open_checkpoint(files).shapes == {}
    assert open_checkpoint([*files, folder / "model-shapes.json"]).shapes != {}


def test_two_files_may_have_names_that_say_nothing(tmp_path: Path) -> None:
    graph, numbers = tmp_path / "graph.json", tmp_path / "resnet-0badc0de.params"
    graph.write_bytes(GRAPH)
    numbers.write_bytes(weights(5))
    found = open_checkpoint([numbers, graph])
    assert (mark(found), found.epoch) == (5, None)


@pytest.mark.parametrize(("name", "mode"), [("model.tar.gz", "w:gz"), ("m.tgz", "w:gz"),
                                            ("model.tar", "w"), ("model.tar.gz", "w")])  # fmt: skip
def test_an_archive_is_read_without_unpacking_it(tmp_path: Path, name: str, mode: str) -> None:
    files = {
        "./image-classification-symbol.json": GRAPH,
        "./image-classification-0003.params": weights(3),
        "./image-classification-0012.params": weights(12),
        "./model-shapes.json": SHAPES,
        "./hyperparameters.json": b"{}",
    }
    found = open_checkpoint([packed(tmp_path / name, files, mode)])
    assert (mark(found), found.epoch, found.shapes) == (12, 12, {"data": (16, 3, 6, 8)})
    assert found.where == f"{tmp_path / name}: image-classification-0012.params"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_links_in_an_archive_are_passed_over(tmp_path: Path) -> None:
    saved(tmp_path / "elsewhere", GRAPH, weights(1))
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            member = tarfile.TarInfo("model-symbol.json")
            member.type, member.linkname = kind, "elsewhere/model-symbol.json"
            archive.addfile(member)
    assert "model.tar.gz holds nothing for a graph" in refusal(path)


def test_an_archive_with_two_files_of_one_name_is_refused(tmp_path: Path) -> None:
    files = {"a/model-symbol.json": GRAPH, "b/model-symbol.json": GRAPH}
    assert "holds model-symbol.json twice" in refusal(packed(tmp_path / "m.tgz", files))


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused_before_it_fills_the_memory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "model.tar.gz"
    zeros = bytes(1 << 20)
    with gzip.open(path, "wb", compresslevel=9) as file:
        member = tarfile.TarInfo("model-0000.params")
        member.size = FREE_BYTES * 4
        file.write(member.tobuf())
        for _ in range(member.size // len(zeros)):
            file.write(zeros)
    assert path.stat().st_size < FREE_BYTES / 100
    tracemalloc.start()
    sentence = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence.endswith("is refused: it unpacks to far more than a checkpoint can hold")
    assert peak < FREE_BYTES / 4


def test_an_archive_of_endless_headers_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type = tarfile.XHDTYPE
    (tmp_path / "model.tar").write_bytes(header.tobuf() * 3000)
    assert "model.tar cannot be read as a tar archive" in refusal(tmp_path / "model.tar")


def test_a_damaged_archive_is_refused_wherever_it_is_damaged(tmp_path: Path) -> None:
    """gzip's own sum stands behind the last file: unread, a changed weight was let through."""
    files = {"m-symbol.json": GRAPH, "m-0000.params": weights(3)}
    whole = gzip.compress(packed(tmp_path / "whole.tar", files, "w").read_bytes())
    path = tmp_path / "model.tar.gz"
    path.write_bytes(whole)
    assert mark(open_checkpoint([path])) == 3
    for at in range(10, len(whole), 3):
        path.write_bytes(whole[:at])
        refusal(path)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        refusal(path)


def test_a_damaged_tar_is_refused_or_tells_of_what_is_missing(tmp_path: Path) -> None:
    files = {"model-symbol.json": GRAPH[:600], "model-0000.params": weights(1)}
    whole = packed(tmp_path / "whole.tar", files, "w").read_bytes()
    path = tmp_path / "model.tar"
    for at in range(0, 2600, 13):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        refusal(path)


@pytest.mark.parametrize(
    "shapes",
    [b"", b"{", b"[[]]", b"7", b'[{"name": "data"}]', b'[{"name": 3, "shape": [1]}]',
     b'[{"name": "data", "shape": [1, 3.5]}]', b'[{"name": "data", "shape": [true]}]',
     b'[{"name": "data", "shape": "1, 3"}]', b"[" * 100_000, b"\xff"],
)  # fmt: skip
def test_damaged_shapes_are_refused(folder: Path, shapes: bytes) -> None:
    (folder / "model-shapes.json").write_bytes(shapes)
    assert refusal(folder).startswith(str(folder / "model-shapes.json must be a list of "))


def test_what_is_missing_is_told_with_what_can_be_given(folder: Path, tmp_path: Path) -> None:
    ways = "give a folder, a prefix, a model.tar.gz, or both files"
    assert f"nothing holds nothing for a graph: {ways}" in refusal()
    assert f"nowhere does not exist: {ways}" in refusal(tmp_path / "no" / "nowhere")
    assert f"model-symbol.json alone is not a checkpoint: {ways}" in refusal(
        folder / "model-symbol.json"
    )
    assert "gone.params is not a file" in refusal(folder / "model-symbol.json", Path("gone.params"))
    (empty := folder / "empty").mkdir()
    assert f"holds nothing for a graph: {ways}" in refusal(empty)
    (empty / "model-symbol.json").write_bytes(GRAPH)
    assert f"holds nothing for the weights: {ways}" in refusal(empty)
    assert "two files have the same name" in refusal(
        folder / "model-symbol.json", empty / "model-symbol.json"
    )


def test_a_fault_names_the_file_that_has_it(folder: Path) -> None:
    (folder / "model-0020.params").write_bytes(weights(1)[:-3])
    assert refusal(folder).startswith(str(folder / "model-0020.params cannot be read as an MXNet"))
    (folder / "model-symbol.json").write_text(json.dumps({"nodes": []}))
    assert refusal(folder).startswith(str(folder / "model-symbol.json cannot be read as an MXNet"))
