"""What a batch says when it is read back; tampering is in tests/uploader/audit."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.uploader.bench import Bench
from uploader.lines.reading import address_faults, read_line, unpacked


@pytest.fixture
def line(tmp_path: Path) -> dict[str, Any]:
    """One that a device wrote."""
    bench = Bench(tmp_path / "spool")
    bench.keep()
    bench.drain()
    bench.spool.close()
    (written,) = bench.lines()
    return written


def test_a_record_reads_as_it_was_written(line: dict[str, Any]) -> None:
    (text,) = unpacked(gzip.compress(json.dumps(line).encode() + b"\n"))
    read = read_line(text)
    assert json.loads(read.record.to_json(read.source_ref)) == line
    assert (read.base, read.source_ref) == ("memory://", "memory://" + line["key"])
    folder = line["key"].replace("frames/", "records/").rpartition("/")[0]
    for known in (folder, ""):
        assert list(address_faults(read.record, "s3://b/", known)) == []
    (fault,) = address_faults(read.record, "s3://b/", folder[:-1])
    assert "belong" in fault


@pytest.mark.parametrize(
    "at",
    [
        "2026-01-31T12:00:00.000",
        "2026-01-31T13:00:00.000+01:00",
        "0001-01-01T00:00:00.000+14:00",
        "2026-01-31T12:00:00Z",
    ],
)
def test_only_utc_is_a_time_of_capture(line: dict[str, Any], at: str) -> None:
    """Another form would compare with nothing, or have no date that can be told."""
    with pytest.raises(ValueError, match="captured_at: devices write UTC with milliseconds"):
        read_line(json.dumps(line | {"captured_at": at}).encode())
