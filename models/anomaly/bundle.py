"""An anomaly model in a folder: a manifest, and its numbers in one archive without pickles."""

import io
import os
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import durable
from models.anomaly.manifest import Manifest, read_manifest
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.standard import Standard
from models.bundles.bundle import BUILT_IN
from models.errors import BundleError

MANIFEST = "manifest.json"
WEIGHTS = "weights.npz"
MAX_BYTES = 256 << 20
_ARRAYS = ("support", "weights", "mean", "scale", "floor")


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyBundle:
    """What a bundle holds, checked."""

    manifest: Manifest
    standard: Standard
    svm: OneClassSvm


def pack(standard: Standard, svm: OneClassSvm) -> bytes:
    """The numbers of a model as the bytes of an .npz; the same numbers, the same bytes."""
    arrays = (svm.support, svm.weights, standard.mean, standard.scale, standard.floor)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in zip(_ARRAYS, arrays, strict=True):
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            archive.writestr(_member(name), content.getvalue())
    return out.getvalue()


def write_bundle(out: Path, manifest: Manifest, weights: bytes, replace: bool = False) -> None:
    """Writes a bundle so that it is wholly there or not at all.

    Raises BundleError when something is there already (unless it is a bundle and `replace` says so)
    or when the disk refuses.
    """
    check_free(out, replace)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temp = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            os.chmod(temp, 0o755)
            (temp / WEIGHTS).write_bytes(weights)
            text = manifest.model_dump_json(by_alias=True, indent=2)
            (temp / MANIFEST).write_bytes(text.encode() + b"\n")
            durable.sync_tree(temp)
            _swap(temp, out)
        finally:
            shutil.rmtree(temp, ignore_errors=True)
    except OSError as error:
        raise BundleError(f"{out} cannot be written: {error.strerror}") from error


def open_bundle(where: Path) -> AnomalyBundle:
    """Opens the bundle in that folder, or the built-in one of that name; nothing is executed.

    Raises BundleError when a part is missing, damaged or not what the manifest says.
    """
    folder = where if where.is_dir() or where.name != str(where) else BUILT_IN / where
    if not folder.is_dir():
        raise BundleError(f"there is no bundle {where}: make one with `vision-app anomaly fit`")
    manifest = read_manifest(folder / MANIFEST)
    content = _read(folder / manifest.weights.file)
    if sha256(content).hexdigest() != manifest.weights.sha256:
        raise BundleError(
            f"{folder}: {manifest.weights.file} is not what its manifest says: copy it again"
        )
    return _assembled(folder, manifest, content)


def _assembled(folder: Path, manifest: Manifest, content: bytes) -> AnomalyBundle:
    try:
        arrays = _unpack(content)
        standard = Standard(arrays["mean"], arrays["scale"], arrays["floor"])
        svm = OneClassSvm(arrays["support"], arrays["weights"], manifest.gamma)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BundleError(f"{folder}: {manifest.weights.file} cannot be used: {error}") from None
    if standard.floor.size != len(manifest.signals) or svm.support.shape[1] != standard.mean.size:
        raise BundleError(
            f"{folder}: {manifest.weights.file} is not made for the "
            f"{len(manifest.signals)} signals of the manifest"
        )
    return AnomalyBundle(manifest, standard, svm)


def _unpack(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
            raise ValueError(f"unpacked it is larger than {MAX_BYTES} bytes")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in _ARRAYS}
    if any(array.dtype != np.float64 for array in arrays.values()):
        raise ValueError("its arrays must be float64")
    return arrays


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def check_free(out: Path, replace: bool) -> None:
    """Raises BundleError when a bundle may not be written there."""
    if not os.path.lexists(out):
        return
    if not replace:
        raise BundleError(
            f"{out} exists already: choose another folder, or ask for it to be replaced"
        )
    read_manifest(out / MANIFEST)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}): copy the bundle again"
        ) from None
    if len(content) > MAX_BYTES:
        raise BundleError(f"{path} is larger than {MAX_BYTES} bytes")
    return content


def _swap(temp: Path, out: Path) -> None:
    """Puts the new folder in the place of the old; should that fail, the old one is put back."""
    old = temp.with_name(f"{temp.name}.old")
    replaced = os.path.lexists(out)
    if replaced:
        os.rename(out, old)
    try:
        os.rename(temp, out)
    except OSError:
        if replaced:
            os.rename(old, out)
        raise
    durable.sync_folder(out.parent)
    shutil.rmtree(old, ignore_errors=True)
