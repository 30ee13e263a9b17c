"""CSV by RFC 4180, in UTF-8, for spreadsheets: one row for each frame, and none that computes.

Text that a spreadsheet would take for a formula has an apostrophe before it. So has text that
begins with an apostrophe: who takes one away from all that begin so has what the record says.
"""

import csv
from datetime import datetime
from typing import Any, BinaryIO

from uploader.record import rfc3339
from vision_app.export.kept import Kept
from vision_app.export.rows import COLUMNS

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "=", "+", "-", "@", "'")
"""How formulas begin, in narrow and wide letters, or begin after what is overlooked."""


class CommaSeparated:
    """A header, then one row for each frame; reasons stand apart by a space."""

    def __init__(self, file: BinaryIO) -> None:
        self._rows = csv.writer(_Encoded(file))
        self._rows.writerow(COLUMNS)

    def add(self, kept: Kept) -> None:
        """See `Writer.add`."""
        self._rows.writerow(_cell(of(kept)) for of in COLUMNS.values())

    def finish(self) -> None:
        """Each row stands for itself."""

    def close(self) -> None:
        """Nothing is held."""


class _Encoded:
    """The file as `csv` wants it; unlike a text file it does not close the other one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    text = " ".join(value) if isinstance(value, tuple) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(RISKY) else text
