"""The key of this device: with it, and nowhere else, records are signed."""

import base64
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from models import durable
from uploader.errors import ReceiptError
from uploader.receipts.signing import sign

log = logging.getLogger("uploader")

FOLDER, NAME = "receipts", "key.pem"
"""Where the key lies, below the data folder."""
FINGERPRINT = 16


class DeviceKey:
    """An Ed25519 key.

    public_key: base64 of its 32 bytes, as records carry it. public_pem: the same for other tools.
    fingerprint: of the public key, for people.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        public = private.public_key()
        self._private = private
        self.public_key = base64.b64encode(public.public_bytes_raw()).decode()
        self.public_pem = public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode()
        self.fingerprint = fingerprint(self.public_key)

    def sign(self, digest: bytes) -> str:
        """The signature over the hash of a record, as base64."""
        return sign(self._private, digest)


def fingerprint(public_key: str) -> str:
    """The digits by which people tell keys apart: the first 16 of the SHA-256 of its 32 bytes."""
    return sha256(base64.b64decode(public_key)).hexdigest()[:FINGERPRINT]


def open_key(folder: Path) -> DeviceKey:
    """The key in `key.pem` of the folder; where there is no such file, a new key is made.

    Raises ReceiptError when the file cannot be made, or cannot be used: it is never replaced.
    """
    path = folder / NAME
    try:
        durable.make_folder(folder)
        with _alone(folder):
            if not os.path.lexists(path):
                _make(path)
    except OSError as error:
        raise ReceiptError(
            f"the key of this device cannot be kept ({durable.reason(error)}): "
            f"make {folder} writable, or name another [device] data folder"
        ) from error
    return read_key(folder)


def read_key(folder: Path) -> DeviceKey:
    """The key in the folder. Raises ReceiptError when there is none, or it cannot be used."""
    path = folder / NAME
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise ReceiptError(_missing(path)) from error
    except OSError as error:
        raise ReceiptError(
            f"the key of this device {path} cannot be read ({error.strerror}): "
            "let the user that runs vision-app read it"
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _unusable(path)
    return DeviceKey(private)


def _make(path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with durable.new_file(path) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(pem)
    log.info(
        "made the key of this device, %s: keep what vision-app receipts key prints",
        DeviceKey(private).fingerprint,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds other processes off, so that two which start at once have one key."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _missing(path: Path) -> str:
    if path.is_symlink():
        return f"the key of this device {path} is a link to nothing: mount the disk with the key"
    return f"this device has no key at {path} yet: it is made at the first start of vision-app run"


def _unusable(path: Path) -> ReceiptError:
    return ReceiptError(
        f"{path} is no Ed25519 private key in PEM form: put this device's key back from a backup, "
        "or remove the file, and a new key and a new chain of receipts begin"
    )
