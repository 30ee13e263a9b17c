import hashlib
import json
from pathlib import Path

import pytest

from models.bundles.bundle import open_bundle, seal_bundle
from models.bundles.seal import replace_manifest
from models.errors import BundleError
from tests.models.networks import colour_bundle, read_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "bundle")


def text_of(folder: Path, **values: object) -> bytes:
    """Its manifest with other values."""
    return json.dumps(read_manifest(folder) | values).encode()


def line(manifest: bytes) -> str:
    return f"{hashlib.sha256(manifest).hexdigest()}  manifest.json\n"


def test_a_seal_is_what_sha256sum_writes(folder: Path) -> None:
    manifest = (folder / "manifest.json").read_bytes()
    assert (folder / "manifest.sha256").read_text() == line(manifest)


def test_a_replaced_manifest_is_sealed(folder: Path) -> None:
    new = text_of(folder, licence="MIT")
    replace_manifest(folder, new)
    assert open_bundle(str(folder)).manifest.licence == "MIT"
    assert (folder / "manifest.sha256").read_text() == line(new)


def test_a_replacement_that_is_cut_short_leaves_the_old_or_the_new_valid(folder: Path) -> None:
    old, new = text_of(folder), text_of(folder, licence="MIT")
    (folder / "manifest.sha256").write_text(line(old) + line(new))
    for text, licence in ((old, "Apache-2.0"), (new, "MIT")):
        (folder / "manifest.json").write_bytes(text)
        assert open_bundle(str(folder)).manifest.licence == licence


@pytest.mark.parametrize("lines", [1, 3])
def test_other_lines_are_no_seal(folder: Path, lines: int) -> None:
    manifest = (folder / "manifest.json").read_bytes()
    other = line(b"other") * (lines - 1)
    (folder / "manifest.sha256").write_text(other + line(manifest) + ("" if other else " "))
    with pytest.raises(BundleError, match="not the one that was sealed"):
        open_bundle(str(folder))


def test_a_folder_without_a_manifest_is_not_sealed(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"needs a manifest\.json"):
        seal_bundle(tmp_path)
    with pytest.raises(BundleError, match="sealed before it is packed"):
        seal_bundle(tmp_path / "absent.tar")
