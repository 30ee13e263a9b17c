"""The forms in which kept frames are exported; each is one file, imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import BinaryIO, Protocol

from vision_app.export.kept import Kept
from vision_app.export.records import Records

FORMATS: Mapping[str, str] = {
    "groundtruth": "vision_app.export.groundtruth:GroundTruth",
    "label-studio": "vision_app.export.label_studio:LabelStudio",
    "csv": "vision_app.export.comma_separated:CommaSeparated",
    "parquet": "vision_app.export.parquet:Parquet",
}
"""Format → its writer."""


class Unfit(ValueError):
    """A record that the format cannot hold; the message is a clause."""


class Writer(Protocol):
    """Writes to the file with which it was made; holds no more than a bounded part in memory."""

    def add(self, kept: Kept) -> None:
        """Raises Unfit where only this one cannot be written, AppError where none can."""

    def finish(self) -> None:
        """Called once, after the last."""

    def close(self) -> None:
        """Called at the end, whatever it was; writes nothing more."""


def open_writer(name: str, file: BinaryIO) -> Writer:
    """The writer of a format of `FORMATS`. Raises AppError when it needs what is not installed."""
    module, _, maker = FORMATS[name].partition(":")
    writer: Writer = getattr(import_module(module), maker)(file)
    return writer


def write(records: Records, writer: Writer) -> None:
    """All of them, to the end; counted in `records.sums`."""
    sums = records.sums
    for kept in records:
        try:
            writer.add(kept)
        except Unfit as error:
            records.fault(f"{kept.record.id}: {error}; it is left out")
        else:
            sums.exported += 1
            sums.exempt += kept.record.receipt.treatment == "exempt"
    writer.finish()
