"""A model in a folder: weights, labels, a golden example, and a manifest about all of it."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from devices.closeable import Closeable
from models.bundles.activation import find_stored, stored_names
from models.bundles.archive import unpack
from models.bundles.golden import MAX_GOLDEN_BYTES, Golden, read_golden
from models.bundles.labels import MAX_LABELS_BYTES, read_labels
from models.bundles.manifest import FileEntry, Manifest, Weights
from models.bundles.manifest_file import manifest_bytes, parsed
from models.bundles.own_folder import own_folder
from models.bundles.seal import MANIFEST, SEAL_FILE, seal, sealed_manifest
from models.errors import BundleError
from models.read_file import read_file

BUILT_IN = Path(__file__).parent / "built_in"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Bundle(Closeable):
    """An opened bundle: every file was there and had the hash that the manifest names.

    where: the folder or tar that was opened, for people.
    folder: where its files lie until `close`, which may be called twice.
    """

    where: Path
    folder: Path
    manifest: Manifest
    labels: tuple[str, ...]
    golden: Golden
    unpacked: ExitStack = field(default_factory=ExitStack)

    def path(self, weights: Weights) -> Path:
        """Where one of the manifest's weights lies."""
        return self.folder / weights.file

    def close(self) -> None:
        """Removes what was unpacked; a bundle in a folder stays as it is."""
        self.unpacked.close()


def open_bundle(where: str, store: Path | None = None) -> Bundle:
    """Opens the bundle of that name in the store (name or name@version) or among the built-in
    ones, or else the one in that folder or tar.

    Nothing in it is executed or unpickled. Raises BundleError with all that is wrong.
    """
    path = _found(where, store)
    if path.is_dir():
        return _opened(path, path.resolve())
    with ExitStack() as stack:
        folder = stack.enter_context(own_folder())
        names = unpack(path, folder)
        bundle = _opened(path, folder.resolve())
        _require_named(bundle, names)
        return replace(bundle, unpacked=stack.pop_all())


def built_in() -> tuple[str, ...]:
    """Names of the classifiers that come with the product."""
    manifests = sorted(BUILT_IN.glob("*/manifest.json"))
    return tuple(
        p.parent.name for p in manifests if json.loads(p.read_bytes())["task"] == "classify"
    )


def seal_bundle(folder: Path) -> None:
    """Seals a manifest that a person wrote; BundleError when it has faults, and nothing is sealed.

    folder: of a bundle; a tar is made of one that is sealed.
    """
    if not folder.is_dir():
        raise BundleError(f"{folder} is no folder: a bundle is sealed before it is packed")
    parsed(manifest_bytes(folder / MANIFEST, folder), Manifest, f"the {MANIFEST} of {folder}")
    try:
        seal(folder)
    except OSError as error:
        raise BundleError(f"{folder} cannot be sealed: {error.strerror}") from None


def files_of(manifest: Manifest) -> tuple[str, ...]:
    """The names of all files of a bundle, the manifest first."""
    return (MANIFEST, SEAL_FILE, *(entry.file for entry in manifest.files))


def copy_files(bundle: Bundle, target: Path) -> None:
    """Copies all files of a bundle into an existing folder. Raises OSError."""
    for name in files_of(bundle.manifest):
        shutil.copyfile(bundle.folder / name, target / name)


def _found(where: str, store: Path | None) -> Path:
    stored = find_stored(store, where) if store is not None else None
    if stored is not None:
        return stored
    if where in built_in():
        return BUILT_IN / where
    path = Path(where).expanduser()
    if where and (path.is_dir() or path.is_file()):
        return path
    there = ", ".join((*built_in(), *(stored_names(store) if store is not None else ())))
    raise BundleError(
        f"there is no bundle {where!r}: name a folder with a {MANIFEST}, a tar of one, or one of "
        f"{there}"
    )


def _opened(where: Path, folder: Path) -> Bundle:
    remedy = f"vision-app model verify --seal {where}"
    manifest = sealed_manifest(folder, Manifest, where, remedy)
    require_files(where, folder, manifest.files)
    label_file, golden_file = manifest.labels.file, manifest.golden.file
    labels = read_labels(read_file(folder / label_file, MAX_LABELS_BYTES), label_file)
    golden = read_golden(read_file(folder / golden_file, MAX_GOLDEN_BYTES), golden_file)
    if golden.scores.shape != (len(labels),):
        raise BundleError(
            f"{where}: {manifest.golden.file} has {golden.scores.size} scores for the "
            f"{len(labels)} labels of {manifest.labels.file}"
        )
    return Bundle(where, folder, manifest, labels, golden)


def _require_named(bundle: Bundle, names: tuple[str, ...]) -> None:
    if unnamed := set(names).difference(files_of(bundle.manifest)):
        raise BundleError(
            f"{bundle.where} holds what its manifest does not name ({', '.join(sorted(unnamed))}): "
            "leave it out, or name it under documents"
        )


def require_files(where: Path, folder: Path, entries: Iterable[FileEntry]) -> None:
    """Raises BundleError unless the files lie in the folder, and are what their hashes say.

    where: what the sentence is to name. folder: without links on the way to it.
    """
    faults = [fault for entry in entries if (fault := _fault(folder, entry))]
    if faults:
        raise BundleError(f"{where} is not as it was made: {'; '.join(faults)}")


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
