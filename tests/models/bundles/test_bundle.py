import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from models.bundles.bundle import built_in, open_bundle
from models.bundles.manifest import SCHEMA
from models.errors import BundleError
from tests.models.networks import (
    COLOURS,
    colour_bundle,
    hashed,
    patches,
    read_manifest,
    write_manifest,
)

DOCS = Path(__file__).parents[3] / "docs" / "schemas" / "bundle-manifest.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "bundle")


def fault_of(folder: Path) -> str:
    with pytest.raises(BundleError) as caught:
        open_bundle(str(folder))
    return str(caught.value)


def with_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    manifest = read_manifest(folder)
    change(manifest)
    return write_manifest(folder, manifest)


def with_file(folder: Path, part: str, content: bytes) -> Path:
    """The bundle with another file for a part, its hash made right again."""
    path = folder / read_manifest(folder)[part]["file"]
    path.write_bytes(content)
    return with_manifest(folder, lambda manifest: manifest[part].update(hashed(path)))


def test_a_whole_bundle_is_opened(folder: Path) -> None:
    bundle = open_bundle(str(folder))
    assert bundle.labels == COLOURS
    assert bundle.path(bundle.manifest.weights[0]) == folder.resolve() / "model.onnx"
    np.testing.assert_array_equal(bundle.golden.image, patches())
    assert bundle.golden.scores.dtype == np.float32


def test_the_built_in_bundles_are_whole() -> None:
    assert "greenhouse-tomatoes" in built_in()
    assert open_bundle("greenhouse-tomatoes").manifest.name == "greenhouse-tomatoes"


def test_an_unknown_bundle_is_answered_with_what_there_is() -> None:
    with pytest.raises(BundleError, match=r"no bundle 'apples'.*greenhouse-tomatoes"):
        open_bundle("apples")


def test_no_name_at_all_is_no_bundle() -> None:
    with pytest.raises(BundleError, match="there is no bundle ''"):
        open_bundle("")


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    assert "manifest.json" in fault_of(tmp_path)


REQUIRED = [
    *(("", key) for key in SCHEMA["required"]),
    *(("input", key) for key in SCHEMA["$defs"]["Input"]["required"]),
    *(("output", key) for key in SCHEMA["$defs"]["Output"]["required"]),
    *(("labels", key) for key in SCHEMA["$defs"]["FileEntry"]["required"]),
    *(("golden", key) for key in SCHEMA["$defs"]["FileEntry"]["required"]),
    *(("weights", key) for key in SCHEMA["$defs"]["Weights"]["required"]),
]


def part_of(manifest: dict[str, Any], part: str) -> dict[str, Any]:
    if part == "weights":
        first: dict[str, Any] = manifest["weights"][0]
        return first
    inner: dict[str, Any] = manifest[part] if part else manifest
    return inner


@pytest.mark.parametrize(("part", "key"), REQUIRED)
def test_a_missing_key_is_named_with_what_to_write(folder: Path, part: str, key: str) -> None:
    fault = fault_of(with_manifest(folder, lambda manifest: part_of(manifest, part).pop(key)))
    place = {"": key, "weights": f"weights.0.{key}"}.get(part, f"{part}.{key}")
    assert f'  {place} is missing: write "{key}": ' in fault


def test_no_rule_of_preprocessing_has_a_default() -> None:
    rules = SCHEMA["$defs"]["Input"]
    assert set(rules["properties"]) - set(rules["required"]) == {"pad"}
    assert set(SCHEMA["$defs"]["Output"]["required"]) == {"kind", "temperature"}


@pytest.mark.parametrize(
    ("part", "values", "words"),
    [
        ("input", {"resize": "letterbox"}, '"pad": [114, 114, 114]'),
        ("input", {"pad": [0, 0, 0]}, "letterbox only"),
        ("input", {"range": [1, 0]}, "range must rise"),
        ("input", {"std": [1, 0, 1]}, "input.std.1"),
        ("input", {"width": "8"}, "input.width"),
        ("input", {"width": True}, "input.width"),
        ("input", {"color": "RGB"}, "'rgb' or 'bgr'"),
        ("input", {"crop": 0.9}, "input.crop is unknown"),
        ("output", {"temperature": 0}, "output.temperature"),
        ("", {"schema": 2}, "schema"),
        ("", {"name": "My Shelf"}, '\'My Shelf\' cannot stand here: write "name": "greenhouse'),
        ("", {"created": "2026-01-31T12:00:00"}, "created"),
        ("", {"created": "2026-01-31T12:00:00+01:00"}, "in UTC"),
        ("", {"weights": []}, "at least one"),
        ("weights", {"file": "labels.txt"}, "different files"),
    ],
)
def test_a_wrong_value_is_named(
    folder: Path, part: str, values: dict[str, Any], words: str
) -> None:
    assert words in fault_of(
        with_manifest(folder, lambda manifest: part_of(manifest, part).update(values))
    )


def test_all_faults_of_a_manifest_are_told_at_once(folder: Path) -> None:
    def spoil(manifest: dict[str, Any]) -> None:
        del manifest["input"]["color"], manifest["output"]["kind"], manifest["licence"]
        manifest["input"]["width"] = -1

    fault = fault_of(with_manifest(folder, spoil))
    for place in ("input.color", "output.kind", "licence", "input.width"):
        assert f"\n  {place}" in fault


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00\xff", "[" * 100_000])
def test_a_manifest_that_is_no_json_object_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="latin-1")
    assert "manifest.json" in fault_of(folder)


@pytest.mark.parametrize("file", ["model.onnx", "labels.txt", "golden.npz"])
def test_one_flipped_byte_anywhere_refuses_the_bundle(folder: Path, file: str) -> None:
    content = bytearray((folder / file).read_bytes())
    for place in (0, len(content) // 2, len(content) - 1):
        content[place] ^= 1
        (folder / file).write_bytes(content)
        assert f"{file} has sha256" in fault_of(folder)
        content[place] ^= 1


def test_all_files_that_changed_are_named(folder: Path) -> None:
    for file in ("model.onnx", "labels.txt", "golden.npz"):
        (folder / file).write_bytes(b"")
    fault = fault_of(folder)
    assert all(file in fault for file in ("model.onnx", "labels.txt", "golden.npz"))


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "sub/file", "..", ".hidden", ""])
def test_a_file_name_that_leaves_the_folder_is_refused(folder: Path, name: str) -> None:
    (folder.parent / "outside").write_text("x")
    assert "labels.file" in fault_of(
        with_manifest(folder, lambda manifest: manifest["labels"].update(file=name))
    )


def test_a_link_that_leaves_the_folder_is_refused(folder: Path) -> None:
    (folder / "labels.txt").replace(folder.parent / "elsewhere.txt")
    (folder / "labels.txt").symlink_to(folder.parent / "elsewhere.txt")
    assert "labels.txt is not a file in this folder" in fault_of(folder)


def test_a_bundle_behind_a_link_is_opened(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder)
    assert open_bundle(str(tmp_path / "current")).labels == COLOURS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"blue\n\nred\n", "line 2 is empty"),
        (b"", "line 1 is empty"),
        (b"red\ngreen\nred\n", "make these labels different: red"),
        (b"r\xffd\n", "UTF-8"),
        (b"blue\ngreen\n", "3 scores for the 2 labels"),
    ],
)
def test_labels_that_cannot_be_meant_are_refused(folder: Path, content: bytes, words: str) -> None:
    assert words in fault_of(with_file(folder, "labels", content))


def test_labels_may_come_from_windows(folder: Path) -> None:
    with_file(folder, "labels", "blåu\r\ngreen\r\nred\r\n".encode())
    assert open_bundle(str(folder)).labels == ("blåu", "green", "red")


def golden(tmp_path: Path, **arrays: Any) -> bytes:
    np.savez(tmp_path / "other.npz", **arrays)
    return (tmp_path / "other.npz").read_bytes()


def test_a_pickle_in_the_golden_example_is_refused(folder: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "executed",))

    trap = np.array([Trap()], object)
    content = golden(tmp_path, image=trap, scores=trap)
    assert "pickle" in fault_of(with_file(folder, "golden", content))
    assert "pickle" in fault_of(with_file(folder, "golden", pickle.dumps(Trap())))
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "arrays",
    [
        {"image": patches()},
        {"image": patches()[..., 0], "scores": np.ones(3, np.float32)},
        {"image": patches() / 2, "scores": np.ones(3, np.float32)},
        {"image": patches(), "scores": np.ones(3)},
        {"image": patches(), "scores": np.full(3, np.nan, np.float32)},
        {"image": patches(), "scores": np.ones((1, 3), np.float32)},
    ],
)
def test_a_golden_example_of_another_form_is_refused(
    folder: Path, tmp_path: Path, arrays: dict[str, Any]
) -> None:
    assert "golden.npz" in fault_of(with_file(folder, "golden", golden(tmp_path, **arrays)))


def test_a_golden_example_that_unpacks_to_a_flood_is_refused(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("image.npy", bytes(65 << 20))
    content = (tmp_path / "bomb.npz").read_bytes()
    assert len(content) < 100_000
    assert "unpacked it is larger" in fault_of(with_file(folder, "golden", content))


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    assert json.loads(DOCS.read_text("utf-8")) == SCHEMA


def test_the_schema_accepts_what_the_code_accepts_and_names_a_missing_key(folder: Path) -> None:
    manifest = read_manifest(folder)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(manifest, SCHEMA)
    del manifest["input"]["layout"]
    with pytest.raises(jsonschema.ValidationError, match="layout"):
        jsonschema.validate(manifest, SCHEMA)
