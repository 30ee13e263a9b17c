"""What an object store is, and the table of the kinds that we have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit

from uploader.settings import StoreSettings

STORES: Mapping[str, str] = {
    "file": "uploader.stores.folder:FolderStore",
    "s3": "uploader.stores.s3_store:S3Store",
}


PROBE = "vision-app-check.txt"
PROBE_BODY = b"vision-app check --write left this, to prove that it can write here.\n"


@dataclass(frozen=True, slots=True)
class Upload:
    """One object on its way: key without the store's prefix, body, and what is said of it.

    sha256: hex of the body; as it is checked here, no store need do so again.
    metadata: ASCII user metadata (S3: x-amz-meta-…).
    """

    key: str
    body: bytes
    sha256: str
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if sha256(self.body).hexdigest() != self.sha256:
            raise ValueError(f"{self.key} is not what its sha256 says: it was changed on the way")


class Store(Protocol):
    """An object store. `close` may be called twice."""

    def uri(self, key: str) -> str:
        """The full address of a key, as records name it: s3://bucket/prefix/key."""

    def put(self, upload: Upload) -> None:
        """Stores the object and returns only when the store has confirmed its checksum.

        Putting the same object twice leaves one.
        Raises StoreUnavailable, StoreDenied or StoreRejected.
        """

    def check(self, write: bool = False) -> str:
        """Whether it can be written, in sentences for people; raises like put. It leaves nothing.

        write: leaves an object, where only that can show what is to be known.
        """

    def close(self) -> None:
        """Cuts a put in another thread, which raises StoreUnavailable, and drops connections."""


def open_store(settings: StoreSettings) -> Store:
    """The store that the URL names; opens no connection."""
    module, _, name = STORES[urlsplit(settings.url).scheme].partition(":")
    store: Store = getattr(import_module(module), name)(settings)
    return store
