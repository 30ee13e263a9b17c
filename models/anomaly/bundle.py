"""An anomaly model in a folder: a manifest, and its numbers in one archive without pickles."""

import io
import os
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import numpy as np

from models import durable
from models.anomaly.anomaly import Shares
from models.anomaly.manifest import Manifest
from models.anomaly.moments import Vector
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.standard import Standard
from models.bundles.bundle import BUILT_IN, require_files
from models.bundles.manifest_file import manifest_bytes, parsed, written
from models.bundles.npz import read_arrays
from models.bundles.seal import MANIFEST, SEAL_FILE, seal, sealed_manifest
from models.errors import BundleError
from models.read_file import read_file

WEIGHTS = "weights.npz"
MAX_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, eq=False)
class AnomalyBundle:
    """What a bundle holds, checked."""

    manifest: Manifest
    standard: Standard
    svm: OneClassSvm

    def shares(self, z: Vector) -> Shares:
        """Of the strangeness of standardised features, those of the signals."""
        signals, parts = self.manifest.signals, self.svm.parts(z)
        by_signal = np.bincount(self.standard.signal_of, parts, len(signals))
        shares = (by_signal / (by_signal.sum() or 1.0)).tolist()
        return tuple(sorted(zip(signals, shares, strict=True), key=itemgetter(1), reverse=True))


def pack(standard: Standard, svm: OneClassSvm) -> bytes:
    """The numbers of a model as the bytes of an .npz; the same numbers, the same bytes."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        support=svm.support,
        weights=svm.weights,
        mean=standard.mean,
        scale=standard.scale,
        floor=standard.floor,
    )
    return out.getvalue()


def write_bundle(out: Path, manifest: Manifest, weights: bytes, replace: bool = False) -> None:
    """Writes a bundle so that it is wholly there or not at all.

    Raises BundleError when something is there already (unless it is a bundle and `replace` says so)
    or when the disk refuses.
    """
    check_free(out, replace)
    try:
        with durable.new_folder(out, replace) as folder:
            (folder / WEIGHTS).write_bytes(weights)
            (folder / MANIFEST).write_bytes(written(manifest))
            seal(folder)
    except OSError as error:
        raise BundleError(f"{out} cannot be written: {error.strerror}") from error


def folder_of(where: Path) -> Path:
    """That folder, or the one of the built-in bundle of that name."""
    return where if where.is_dir() or where.name != str(where) else BUILT_IN / where


def open_bundle(where: Path) -> AnomalyBundle:
    """Opens the bundle in that folder, or the built-in one of that name; nothing is executed.

    Raises BundleError when a part is missing, damaged or not what the manifest says.
    """
    folder = folder_of(where)
    if not folder.is_dir():
        raise BundleError(f"there is no bundle {where}: make one with `vision-app anomaly fit`")
    remedy = f"cd '{folder}' && sha256sum {MANIFEST} > {SEAL_FILE}"
    manifest = sealed_manifest(folder, Manifest, folder, remedy)
    require_files(folder, folder.resolve(), (manifest.weights,))
    return _assembled(folder, manifest, read_file(folder / manifest.weights.file, MAX_BYTES))


def _assembled(folder: Path, manifest: Manifest, content: bytes) -> AnomalyBundle:
    names = ("support", "weights", "mean", "scale", "floor")
    try:
        support, weights, mean, scale, floor = arrays = read_arrays(content, names, MAX_BYTES)
        if any(array.dtype != np.float64 for array in arrays):
            raise ValueError("its arrays must be float64")
        wandering = [manifest.signals.index(name) for name in manifest.wandering]
        standard = Standard(mean, scale, floor, manifest.features, wandering)
        svm = OneClassSvm(support, weights, manifest.gamma)
    except ValueError as error:
        raise BundleError(f"{folder}: {manifest.weights.file} cannot be used: {error}") from None
    if floor.size != len(manifest.signals) or svm.support.shape[1] != len(standard.signal_of):
        raise BundleError(
            f"{folder}: {manifest.weights.file} is not made for the "
            f"{len(manifest.signals)} signals of the manifest"
        )
    return AnomalyBundle(manifest, standard, svm)


def check_free(out: Path, replace: bool) -> None:
    """Raises BundleError when a bundle may not be written there."""
    if not os.path.lexists(out):
        return
    if not replace:
        raise BundleError(
            f"{out} exists already: choose another folder, or ask for it to be replaced"
        )
    parsed(manifest_bytes(out / MANIFEST, out), Manifest, f"what {out} holds")
