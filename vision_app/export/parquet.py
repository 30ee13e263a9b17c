"""Parquet for those who compute: typed columns, with all labels and scores, in row groups."""

from typing import Any, BinaryIO

from uploader.record import SCHEMA
from vision_app.errors import AppError
from vision_app.export.kept import Kept
from vision_app.export.rows import COLUMNS

MAX_ROWS, MAX_SCORES = 10_000, 500_000
"""A row group ends at the first of these: it is held in memory until then."""


class Parquet:
    """The columns of `rows`, and labels and scores; zstd. captured_at: milliseconds, UTC."""

    def __init__(
        self, file: BinaryIO, max_rows: int = MAX_ROWS, max_scores: int = MAX_SCORES
    ) -> None:
        """Raises AppError without pyarrow."""
        try:
            import pyarrow.parquet
        except ImportError as error:
            raise AppError(
                f"Parquet needs pyarrow ({error}): pip install 'vision-app[export]', "
                "or take --format csv"
            ) from error
        self._schema, self._sink = _schema(), _Sink(file)
        self._writer = pyarrow.parquet.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._max_rows, self._max_scores = max_rows, max_scores
        self._waiting: list[Kept] = []
        self._scores = 0

    def add(self, kept: Kept) -> None:
        """See `Writer.add`."""
        self._waiting.append(kept)
        self._scores += len(kept.record.scores)
        if len(self._waiting) >= self._max_rows or self._scores >= self._max_scores:
            self._write_group()

    def finish(self) -> None:
        """Writes what waits, and the end of the file."""
        self._write_group()
        self._writer.close()

    def close(self) -> None:
        """Ends pyarrow's writer, which would else write to the file when it is forgotten."""
        self._sink.shut = True
        self._writer.close()

    def _write_group(self) -> None:
        import pyarrow

        columns: dict[str, list[Any]] = {
            name: [of(kept) for kept in self._waiting] for name, of in COLUMNS.items()
        }
        columns["labels"] = [kept.record.labels for kept in self._waiting]
        columns["scores"] = [kept.record.scores for kept in self._waiting]
        if self._waiting:
            self._writer.write_table(pyarrow.table(columns, schema=self._schema))
        self._waiting, self._scores = [], 0


class _Sink:
    """The file as pyarrow wants it. shut: swallows what is written."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.shut = file, False

    def write(self, data: bytes) -> int:
        return len(data) if self.shut else self._file.write(data)

    def flush(self) -> None:
        """The file is flushed by whoever opened it."""

    def close(self) -> None:
        """And closed."""


def _schema() -> Any:
    import pyarrow as pa

    texts = pa.list_(pa.string())
    typed = {
        "captured_at": pa.timestamp("ms", tz="UTC"),
        **dict.fromkeys(("seq", "size_bytes"), pa.int64()),
        **dict.fromkeys(("width", "height", "suppressed", "faces"), pa.int32()),
        **dict.fromkeys(("confidence", "margin", "entropy", "value"), pa.float64()),
        "reasons": texts,
    }
    fields = [pa.field(name, typed.get(name, pa.string()), nullable=False) for name in COLUMNS]
    fields += [
        pa.field("labels", texts, nullable=False),
        pa.field("scores", pa.list_(pa.float32()), nullable=False),
    ]
    return pa.schema(fields, metadata={"schema": SCHEMA})
