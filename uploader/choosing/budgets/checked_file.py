"""A small file that is replaced as a whole, and whose checksum tells whether it is unharmed."""

from pathlib import Path
from zlib import crc32

from models import durable


def write(path: Path, body: bytes) -> None:
    """Returns when a power cut would leave it: two fsyncs. Creates its folder. Raises OSError."""
    durable.make_folder(path.parent)
    durable.write(path, b"%08x\n" % crc32(body), body)


def read(path: Path) -> bytes | None:
    """What was written; None where nothing was. Raises OSError, and ValueError when damaged."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return None
    checksum, _, body = written.partition(b"\n")
    if checksum != b"%08x" % crc32(body):
        raise ValueError("it is damaged, or not ours")
    return body
