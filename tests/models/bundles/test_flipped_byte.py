"""One changed byte anywhere in a bundle, and it is refused."""

from pathlib import Path

import pytest

from models.bundles.archive import pack
from models.bundles.bundle import files_of, open_bundle
from models.errors import BundleError
from tests.models.networks import colour_bundle

SAMPLES = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "bundle")


def opens(where: Path) -> bool:
    try:
        open_bundle(str(where)).close()
    except BundleError:
        return False
    return True


def unnoticed(path: Path, opened: Path, places: range, flip: int) -> list[int]:
    """Where in a file a byte can be changed so that the bundle is opened all the same."""
    whole = path.read_bytes()
    assert opens(opened)
    found = []
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= flip
        path.write_bytes(changed)
        if opens(opened):
            found.append(place)
    path.write_bytes(whole)
    assert opens(opened)
    return found


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
@pytest.mark.parametrize("file", ["manifest.json", "manifest.sha256", "labels.txt"])
def test_of_a_small_file_every_byte_counts(folder: Path, file: str, flip: int) -> None:
    size = (folder / file).stat().st_size
    assert unnoticed(folder / file, folder, range(size), flip) == []


@pytest.mark.parametrize("file", ["model.onnx", "golden.npz"])
def test_of_a_large_file_every_byte_counts(folder: Path, file: str) -> None:
    size = (folder / file).stat().st_size
    assert unnoticed(folder / file, folder, range(0, size, size // SAMPLES), 0x01) == []


def test_of_a_documents_file_every_byte_counts(tmp_path: Path) -> None:
    assert "README.md" in files_of(open_bundle("greenhouse-tomatoes").manifest)


@pytest.mark.parametrize("flip", [0x01, 0x20])
def test_of_a_tar_every_byte_counts(folder: Path, flip: int) -> None:
    tar = folder.with_suffix(".tar")
    bundle = open_bundle(str(folder))
    pack(folder, files_of(bundle.manifest), tar)
    headers_and_manifest, size = range(3 * 512), tar.stat().st_size
    assert unnoticed(tar, tar, headers_and_manifest, flip) == []
    assert unnoticed(tar, tar, range(3 * 512, size, 11), flip) == []


def test_a_bundle_without_a_seal_is_refused_with_what_to_do(folder: Path) -> None:
    (folder / "manifest.sha256").unlink()
    with pytest.raises(BundleError, match=r"no seal.*vision-app model verify --seal .*bundle"):
        open_bundle(str(folder))


def test_a_manifest_that_was_changed_is_refused_with_what_to_do(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text + " ")
    with pytest.raises(BundleError, match=r"not the one that was sealed.*verify --seal"):
        open_bundle(str(folder))
