"""What lies in a store beside frames and records: is it what its name says?"""

from collections.abc import Iterator
from hashlib import sha256

from uploader.audit.finding import Finding, Kind
from uploader.audit.layout import Place
from uploader.errors import ObjectMissing, StoreRejected
from uploader.reading import Stored, StoreReader
from uploader.store import PROBE, PROBE_BODY

PARQUET = b"PAR1"
MAX_FILE = 256 << 20
NOT_GONE = "a tombstone says that the device let it go, yet something is there under its name"


def foreign(stored: Stored) -> Iterator[Finding]:
    """What is wrong with an object under a name that no device gives what it keeps."""
    if (stored.key, stored.size) == (PROBE, len(PROBE_BODY)):
        return
    if stored.key.endswith(".tmp"):
        text = "it is a write that was never finished, or foreign: look at it, then remove it"
        yield Finding(Kind.FOREIGN, stored.key, text)
    elif stored.size or not f"/{stored.key}".endswith("/"):  # consoles mark folders so
        text = "nothing of vision-app writes such an object: see who put it there"
        yield Finding(Kind.FOREIGN, stored.key, text)


def sensor_file(
    reader: StoreReader, stored: Stored, where: Place, buried: str
) -> Iterator[Finding]:
    """What is wrong with a file of readings; no record vouches for its numbers.

    buried: the SHA-256 that a tombstone names, under the same key; empty without one.
    """
    if stored.size > MAX_FILE:
        yield Finding(Kind.DAMAGED, stored.key, f"it has {stored.size} bytes: no device wrote that")
        return
    try:
        body = reader.read(stored.key)
    except (ObjectMissing, StoreRejected) as error:
        yield Finding(Kind.DAMAGED, stored.key, str(error))
        return
    digest = sha256(body).hexdigest()
    if buried and digest != buried:
        yield Finding(Kind.NOT_GONE, stored.key, NOT_GONE)
    if not digest.startswith(where.sha12):
        yield Finding(Kind.CHANGED, stored.key, "it is not what its name was made of")
    elif not (body.startswith(PARQUET) and body.endswith(PARQUET)):
        yield Finding(Kind.INJECTED, stored.key, "it is no Parquet file: no device wrote it")
