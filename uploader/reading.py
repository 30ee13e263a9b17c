"""The other side of a store: who lists and reads it, for audits. The device itself never does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit

from uploader.settings import StoreSettings

READERS: Mapping[str, str] = {
    "file": "uploader.stores.folder:FolderReader",
    "s3": "uploader.stores.s3_reader:S3Reader",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as the store lists it: key without the store's prefix, bytes, when written."""

    key: str
    size: int
    modified: datetime


class StoreReader(Protocol):
    """Lists and reads a store. `read` is called from several threads; `close` may be called twice.

    Both raise StoreUnavailable or StoreDenied when the store cannot be read at all.
    """

    def uri(self, key: str) -> str:
        """The full address of a key, as records name it: s3://bucket/prefix/key."""

    def objects(self, prefix: str = "", after: str = "") -> Iterator[Stored]:
        """Every object whose key begins with prefix and is greater than after."""

    def folders(self, prefix: str) -> Iterator[str]:
        """What keys below a prefix that ends with "/" go on with, up to their next "/"."""

    def read(self, key: str) -> bytes:
        """The object's bytes. Raises ObjectMissing, or StoreRejected where only this one fails."""

    def close(self) -> None:
        """Drops connections."""


def open_reader(settings: StoreSettings) -> StoreReader:
    """The reading side of the store that the URL names; opens no connection."""
    module, _, name = READERS[urlsplit(settings.url).scheme].partition(":")
    reader: StoreReader = getattr(import_module(module), name)(settings)
    return reader
