"""A model in a folder: weights, labels, a golden example, and a manifest about all of it."""

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleError
from models.manifest import FileEntry, Manifest, Weights
from models.manifest_file import read_manifest

BUILT_IN = Path(__file__).parent / "bundled"
MAX_LABELS_BYTES = 16 << 20
MAX_GOLDEN_BYTES = 64 << 20
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """An example that the network must reproduce.

    image: uint8, shape (height, width, 3), BGR, of any size.
    scores: float32, one probability per label, before calibration.
    """

    image: NDArray[np.uint8]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """An opened bundle: every file was there and had the hash that the manifest names."""

    folder: Path
    manifest: Manifest
    labels: tuple[str, ...]
    golden: Golden

    def path(self, weights: Weights) -> Path:
        """Where one of the manifest's weights lies."""
        return self.folder / weights.file


def open_bundle(where: str) -> Bundle:
    """Opens the built-in bundle of that name, or else the bundle in that folder.

    Nothing in it is executed or unpickled. Raises BundleError with all that is wrong.
    """
    folder = _folder(where)
    manifest = read_manifest(folder / "manifest.json", Manifest)
    _verify(folder, manifest)
    labels = _labels(_read(folder, manifest.labels, MAX_LABELS_BYTES), manifest.labels.file)
    golden = _golden(_read(folder, manifest.golden, MAX_GOLDEN_BYTES), manifest.golden.file)
    if golden.scores.shape != (len(labels),):
        raise BundleError(
            f"{folder}: {manifest.golden.file} has {golden.scores.size} scores for the "
            f"{len(labels)} labels of {manifest.labels.file}"
        )
    return Bundle(folder, manifest, labels, golden)


def built_in() -> tuple[str, ...]:
    """Names of the classifiers that come with the product."""
    manifests = sorted(BUILT_IN.glob("*/manifest.json"))
    return tuple(
        p.parent.name for p in manifests if json.loads(p.read_bytes())["task"] == "classify"
    )


def _folder(where: str) -> Path:
    if where in built_in():
        return BUILT_IN / where
    folder = Path(where).expanduser()
    if not folder.is_dir():
        raise BundleError(
            f"there is no bundle {where!r}: name a folder with a manifest.json, "
            f"or a built-in one ({', '.join(built_in())})"
        )
    return folder.resolve()


def _verify(folder: Path, manifest: Manifest) -> None:
    faults = [fault for entry in manifest.files if (fault := _fault(folder, entry))]
    if faults:
        raise BundleError(f"{folder} is not as it was made: {'; '.join(faults)}")


def _fault(folder: Path, entry: FileEntry) -> str:
    path = folder / entry.file
    if not path.is_file() or path.resolve().parent != folder:
        return f"{entry.file} is not a file in this folder"
    try:
        found = sha256(path)
    except OSError as error:
        return f"{entry.file} cannot be read ({error.strerror})"
    if found != entry.sha256:
        return f"{entry.file} has sha256 {found}, not {entry.sha256}: copy the bundle again"
    return ""


def sha256(path: Path) -> str:
    """The hash of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _read(folder: Path, entry: FileEntry, max_bytes: int) -> bytes:
    with (folder / entry.file).open("rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise BundleError(f"{folder}: {entry.file} is larger than {max_bytes} bytes")
    return content


def _labels(content: bytes, file: str) -> tuple[str, ...]:
    try:
        labels = tuple(line.strip() for line in content.decode().splitlines())
    except UnicodeDecodeError as error:
        raise BundleError(f"{file} must be UTF-8 text, one label per line ({error})") from None
    if not labels or "" in labels:
        empty = labels.index("") + 1 if labels else 1
        raise BundleError(f"{file}: line {empty} is empty; write one label on every line")
    twice = [label for label, count in Counter(labels).items() if count > 1]
    if twice:
        raise BundleError(f"{file}: make these labels different: {', '.join(twice[:10])}")
    return labels


def _golden(content: bytes, file: str) -> Golden:
    try:
        arrays = _arrays(content)
        image, scores = arrays["image"], arrays["scores"]
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BundleError(
            f"{file} must be a .npz of image and scores, no pickles: {error}"
        ) from None
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise BundleError(f"{file}: image must be uint8 (height, width, 3), BGR")
    if scores.dtype != np.float32 or scores.ndim != 1 or not np.isfinite(scores).all():
        raise BundleError(f"{file}: scores must be finite float32, one per label")
    return Golden(image, scores)


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_GOLDEN_BYTES:
            raise ValueError(f"unpacked it is larger than {MAX_GOLDEN_BYTES} bytes")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in ("image", "scores")}
