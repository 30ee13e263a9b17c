"""Every command of examples/sensors is run as it is written, beside real servers."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest

from tests.wire.broker import Listener, broker, free_port
from tests.wire.s3 import BUCKET, CREDENTIALS, objects
from tests.wire.test_examples import commands

EXAMPLES = Path(__file__).parents[2] / "examples" / "sensors"
DAY = 8640
FASTER = {"speed = 8640": "speed = 43200", "every_s = 3.0": "every_s = 0.5"}
FAULTS = {"vent_pct", "heater_pct", "temperature_c", "co2_ppm", "humidity_pct"}
pytestmark = pytest.mark.wire


def copied(tmp_path: Path, name: str, changes: Mapping[str, str]) -> Path:
    """The example in a folder of its own, with other addresses and times."""
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder)
    for path in folder.iterdir():
        text = path.read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        path.write_text(text)
    return folder


def run(folder: Path, lines: Iterable[str]) -> str:
    """What they say."""
    said = ""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env=os.environ | CREDENTIALS | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said += done.stdout + done.stderr
        assert done.returncode == 0, f"{line}: {said}"
    assert "Traceback" not in said
    return said


def raised(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """The signals that push the alerts most."""
    return {event["signals"][0]["signal"] for event in events if event["state"] == "raised"}


def events_in(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "data" / "events.jsonl").read_text().splitlines()
    return [event for line in lines if (event := json.loads(line))["topic"].endswith("/anomaly")]


def test_edge_inference_tells_the_broker_of_faults_and_keeps_nothing(tmp_path: Path) -> None:
    port = free_port()
    changes = {
        "port = 1883": f"port = {port}",
        "node.py today.csv": f"node.py today.csv --port {port}",
    }
    folder = copied(tmp_path, "edge-inference", changes)
    with broker(tmp_path, port):
        listener = Listener(port)
        run(folder, commands(folder / "README.md"))
        found = [json.loads(payload) for payload in listener.wait_for("/sensor/climate/anomaly")]
        listener.close()
    assert raised(found) & FAULTS
    health = json.loads(listener.wait_for("/health")[-1])
    assert health["sensors"]["climate"]["readings"] == DAY / 3
    assert health["bulk"] == {}
    assert not list((folder / "data").rglob("*.entry"))


def window(begins_h: int, ends_h: int) -> str:
    """From so many hours after now to so many."""
    times = (datetime.now() + timedelta(hours=hours) for hours in (begins_h, ends_h))
    return "-".join(time.strftime("%H:%M") for time in times)


def test_bulk_upload_waits_for_its_window_and_then_brings_every_reading(
    tmp_path: Path, endpoint: str
) -> None:
    later, around_now = window(2, 3), window(-1, 2)
    changes = {
        "s3://acme-farm": f"s3://{BUCKET}",
        "[store]": f'[store]\nendpoint = "{endpoint}"\nregion = "eu-central-1"',
        "01:00-04:00": later,
    }
    folder = copied(tmp_path, "bulk-upload", changes)
    said = run(folder, commands(folder / "README.md"))
    assert "readings waiting" in said
    assert "uploads wait" in said or "waits" in said
    assert not [address for address in objects(endpoint) if "/sensors/" in address]

    config = (folder / "site.toml").read_text().replace(later, around_now)
    (folder / "site.toml").write_text(config)
    header = (folder / "day.csv").read_text().partition("\n")[0]
    (folder / "day.csv").write_text(f"{header}\n2026-06-01T00:00:00Z,20,50,400,40,0,0\n")
    run(folder, ["vision-app run -c site.toml"])
    stored = {a: body for a, body in objects(endpoint).items() if "/sensors/" in a}
    assert len({address.rpartition("/")[0] for address in stored}) == 2
    tables = [pyarrow.parquet.read_table(io.BytesIO(body)) for body in stored.values()]
    whole = pyarrow.concat_tables(tables).sort_by("time")
    assert whole.num_rows == DAY + 1
    assert whole.column_names == ["time", "sensor", "temperature_c", "humidity_pct", "co2_ppm"]
    assert whole.schema.field("temperature_c").metadata == {b"unit": "°C".encode()}
    assert max(table.num_rows for table in tables) == 3600


def test_bulk_and_alerts_both_come(tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    folder = copied(tmp_path, "bulk-and-alerts", FASTER | {"/tmp/vision-sensors": str(bucket)})
    run(folder, commands(folder / "README.md"))
    assert raised(events_in(folder)) & FAULTS
    files = sorted((bucket / "sensors").rglob("*.parquet"))
    assert len(files) > 2, "they went while the day was still going on"
    whole = pyarrow.dataset.dataset(files).to_table().sort_by("time")
    with (folder / "today.csv").open(newline="") as file:
        measured = [float(row["co2_ppm"]) for row in csv.DictReader(file)]
    assert whole.column("co2_ppm").to_pylist() == measured


def test_retraining_makes_a_model_of_what_was_uploaded_and_the_model_finds_the_faults(
    tmp_path: Path,
) -> None:
    bucket = tmp_path / "bucket"
    changes = FASTER | {"/tmp/vision-retraining": str(bucket), "--hours 168": "--hours 72"}
    folder = copied(tmp_path, "retraining", changes)
    run(folder, commands(folder / "README.md"))
    manifest = json.loads((folder / "climate-model" / "manifest.json").read_text())
    assert manifest["trained_from"]["file"] == "sensors"
    assert manifest["trained_from"]["rows"] == 3 * DAY
    assert manifest["units"]["co2_ppm"] == "ppm"
    assert raised(events_in(folder)) & FAULTS
    with (folder / "scores.csv").open(newline="") as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == DAY
    assert 0.02 < sum(row["anomalous"] == "1" for row in scored) / DAY < 0.5
