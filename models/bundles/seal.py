"""The hash of a manifest, in a file beside it: with it, not one byte of a bundle changes unseen.

The file is what `sha256sum manifest.json > manifest.sha256` writes. While a manifest is replaced
it holds two lines, for the old and the new one, so that a power cut leaves either of them valid.
"""

import hashlib
from pathlib import Path

from models import durable
from models.bundles.manifest_file import Kind, manifest_bytes, parsed
from models.errors import BundleError

MANIFEST = "manifest.json"
SEAL_FILE = "manifest.sha256"
MAX_BYTES = 1 << 12


def sealed_manifest(folder: Path, kind: type[Kind], where: Path, remedy: str) -> Kind:
    """The manifest of a bundle; BundleError with all its faults, or when the seal is not its own.

    where: what sentences are to name. remedy: how a manifest that a person wrote is sealed.
    """
    text = manifest_bytes(folder / MANIFEST, where)
    if (folder / SEAL_FILE).exists():
        _require_seal(folder, text, where, remedy)
    manifest = parsed(text, kind, f"the {MANIFEST} of {where}")
    _require_seal(folder, text, where, remedy)
    return manifest


def _require_seal(folder: Path, manifest: bytes, where: Path, remedy: str) -> None:
    try:
        with (folder / SEAL_FILE).open("rb") as file:
            seal = file.read(MAX_BYTES)
    except OSError as error:
        raise BundleError(
            f"{where} has no seal ({SEAL_FILE}: {error.strerror}): seal it: {remedy}"
        ) from None
    line = _line(manifest)
    if seal != line and not (len(seal) == 2 * len(line) and line in (_first(seal), _last(seal))):
        raise BundleError(
            f"{where}: {MANIFEST} is not the one that was sealed in {SEAL_FILE}: copy the bundle "
            f"again; or, if you changed it, seal it: {remedy}"
        )


def seal(folder: Path) -> None:
    """Writes the seal of the manifest that lies in the folder. Raises OSError."""
    durable.write(folder / SEAL_FILE, _line((folder / MANIFEST).read_bytes()))


def replace_manifest(folder: Path, manifest: bytes) -> None:
    """Puts another manifest into a sealed bundle; a power cut leaves the old or the new, valid.

    Raises OSError.
    """
    before = (folder / MANIFEST).read_bytes()
    durable.write(folder / SEAL_FILE, _line(before) + _line(manifest))
    durable.write(folder / MANIFEST, manifest)
    durable.write(folder / SEAL_FILE, _line(manifest))


def _line(manifest: bytes) -> bytes:
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def _first(seal: bytes) -> bytes:
    return seal[: len(seal) // 2]


def _last(seal: bytes) -> bytes:
    return seal[len(seal) // 2 :]
