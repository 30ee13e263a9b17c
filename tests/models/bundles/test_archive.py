import io
import os
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from models.bundles.archive import pack, unpack
from models.bundles.bundle import Bundle, files_of, open_bundle
from models.classifier import open_classifier
from models.errors import BundleError, ModelError
from models.settings import ModelSettings
from tests.models.networks import COLOURS, colour_bundle, patches

Member = tuple[tarfile.TarInfo, bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "bundle")


def packed(folder: Path) -> Path:
    """The bundle in that folder as a tar of our own making."""
    out = folder.with_suffix(".tar")
    with open_bundle(str(folder)) as bundle:
        pack(bundle.folder, files_of(bundle.manifest), out)
    return out


def by_tarfile(folder: Path, format: int, arcname: str) -> Path:
    """The bundle as Python's own module packs it."""
    with tarfile.open(folder.with_suffix(".tar"), "w", format=format) as tar:
        tar.add(folder, arcname=arcname)
    return folder.with_suffix(".tar")


def member(name: str, content: bytes = b"", **values: object) -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in values.items():
        setattr(info, key, value)
    return info, content


def tar_of(path: Path, *members: Member, format: int = tarfile.USTAR_FORMAT) -> Path:
    with tarfile.open(path, "w", format=format) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return path


def fault_of(tar: Path) -> str:
    """The one sentence with which it is refused; nothing lies beside its folder afterwards."""
    target = tar.parent / "inner" / "target"
    target.mkdir(parents=True)
    with pytest.raises(BundleError) as caught:
        unpack(tar, target)
    assert str(caught.value).startswith(str(tar))
    assert [path for path in target.parent.rglob("*") if path.parent != target] == [target]
    return str(caught.value)


def test_a_packed_bundle_is_opened_and_leaves_nothing_behind(folder: Path) -> None:
    with open_bundle(str(packed(folder))) as bundle:
        assert bundle.labels == COLOURS
        assert bundle.path(bundle.manifest.weights[0]).is_file()
        unpacked = bundle.folder
    assert not unpacked.exists()
    bundle.close()


def test_a_classifier_keeps_an_unpacked_bundle_as_long_as_itself(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    classifier = open_classifier(ModelSettings(bundle=str(packed(folder)), backend="opencv"))
    (unpacked,) = (tmp_path / "tmp").iterdir()
    assert classifier.classify(patches()).label == "red"
    assert (unpacked / "model.onnx").is_file()
    classifier.close()
    classifier.close()
    assert not unpacked.exists()


def test_of_a_tar_that_is_refused_nothing_is_left(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    tar = packed(folder)
    with pytest.raises(ModelError):
        open_classifier(ModelSettings(bundle=str(tar), backend="litert"))
    tar.write_bytes(tar.read_bytes()[:5000])
    with pytest.raises(BundleError):
        open_bundle(str(tar))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_same_files_make_the_same_tar(folder: Path, tmp_path: Path) -> None:
    first = packed(folder).read_bytes()
    (tmp_path / "bundle.tar").unlink()
    for path in folder.iterdir():
        path.touch()
    assert packed(folder).read_bytes() == first


def test_a_tar_that_is_there_is_not_written_over(folder: Path) -> None:
    packed(folder)
    with pytest.raises(BundleError, match="exists already"):
        packed(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["bundle", "bundle.tar"]


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("arcname", [".", "bundle", "./bundle"])
def test_what_usual_programs_pack_is_opened(folder: Path, format: int, arcname: str) -> None:
    with open_bundle(str(by_tarfile(folder, format, arcname))) as bundle:
        assert bundle.labels == COLOURS


def test_a_file_that_the_manifest_does_not_name_is_refused_in_a_tar(folder: Path) -> None:
    (folder / "notes.txt").write_text("hello")
    with open_bundle(str(folder)) as bundle:
        assert isinstance(bundle, Bundle)
    with pytest.raises(BundleError, match=r"does not name \(notes.txt\)"):
        open_bundle(str(by_tarfile(folder, tarfile.USTAR_FORMAT, ".")))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/labels.txt", "'/labels.txt'"),
        ("../labels.txt", "'../labels.txt'"),
        ("a/../../labels.txt", "'a/../../labels.txt'"),
        ("a/b/labels.txt", "'a/b/labels.txt'"),
        (".hidden", "'.hidden'"),
        ("..", "'..'"),
        ("läbels.txt", "which is not how a bundle's file is named"),
        ("", "which is not how"),
        ("x" * 150, "more of a file than a bundle needs"),
    ],
)
def test_a_name_that_leaves_the_folder_or_is_none_is_refused(
    tmp_path: Path, name: str, words: str
) -> None:
    format = tarfile.PAX_FORMAT if len(name) > 100 else tarfile.GNU_FORMAT
    assert words in fault_of(tar_of(tmp_path / "x.tar", member(name, b"x"), format=format))


@pytest.mark.parametrize(
    ("type", "words"),
    [
        (tarfile.SYMTYPE, "holds a link"),
        (tarfile.LNKTYPE, "holds a link"),
        (tarfile.CHRTYPE, "holds a device"),
        (tarfile.BLKTYPE, "holds a device"),
        (tarfile.FIFOTYPE, "holds a pipe"),
        (tarfile.GNUTYPE_SPARSE, "no plain file"),
        (tarfile.CONTTYPE, "no plain file"),
    ],
)
def test_what_is_no_plain_file_is_refused(tmp_path: Path, type: bytes, words: str) -> None:
    info, _ = member("labels.txt", linkname="/etc/passwd", type=type)
    assert words in fault_of(tar_of(tmp_path / "x.tar", (info, b"")))


def test_a_file_that_stands_twice_is_refused(tmp_path: Path) -> None:
    twice = (member("labels.txt", b"good"), member("labels.txt", b"evil"))
    assert "labels.txt twice" in fault_of(tar_of(tmp_path / "x.tar", *twice))


def test_files_of_two_folders_are_refused(tmp_path: Path) -> None:
    two = (member("a/labels.txt", b"good"), member("b/model.onnx", b"evil"))
    assert "more than one folder" in fault_of(tar_of(tmp_path / "x.tar", *two))


def test_a_flood_of_files_is_refused(tmp_path: Path) -> None:
    many = [member(f"file-{number}") for number in range(100)]
    assert "more than 64 files" in fault_of(tar_of(tmp_path / "x.tar", *many))


def test_a_file_that_claims_to_be_huge_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    info = tarfile.TarInfo("model.onnx")
    info.size = 5 << 30
    path.write_bytes(info.tobuf(tarfile.USTAR_FORMAT))
    assert "4 GiB" in fault_of(path)


def test_a_pax_header_that_renames_a_file_is_refused(tmp_path: Path) -> None:
    info, content = member("labels.txt", b"x", pax_headers={"path": "../../evil"})
    fault = fault_of(tar_of(tmp_path / "x.tar", (info, content), format=tarfile.PAX_FORMAT))
    assert "more of a file than a bundle needs" in fault


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: b"", "neither a bundle's folder nor a tar"),
        (lambda content: b"\x1f\x8b" + content, "SageMaker: vision-app model convert"),
        (lambda content: b"TFL3" * 400, "vision-app model add FILE"),
        (lambda content: content[:100], "neither a bundle's folder nor a tar"),
        (lambda content: content[:3000], "is cut"),
        (lambda content: content[: content.index(bytes(2048))], "is cut"),
        (lambda content: content[: len(content.rstrip(b"\0")) // 512 * 512 + 1024], "not end"),
        (lambda content: content + bytes(2 << 20), "not end"),
        (lambda content: content + b"more", "not end"),
    ],
)
def test_a_damaged_or_foreign_file_is_one_sentence(
    folder: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    tar = packed(folder)
    tar.write_bytes(change(tar.read_bytes()))
    assert words in fault_of(tar)


def test_a_pipe_is_no_bundle(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tar")
    with pytest.raises(BundleError, match="there is no bundle"):
        open_bundle(str(tmp_path / "pipe.tar"))
