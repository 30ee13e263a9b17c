"""Every command of an example is run as it is written."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.wire


def commands(page: Path) -> list[str]:
    """The lines of its sh blocks."""
    blocks = page.read_text().split("```sh\n")[1:]
    return [line for block in blocks for line in block.split("```")[0].splitlines()]


def test_the_greenhouse_raises_alerts_for_its_faults(tmp_path: Path) -> None:
    folder, bucket = tmp_path / "greenhouse", tmp_path / "bucket"
    folder.mkdir()
    for name in ("README.md", "greenhouse.toml"):
        shutil.copy(ROOT / "examples" / "greenhouse" / name, folder)
    config = folder / "greenhouse.toml"
    config.write_text(config.read_text().replace("/tmp/greenhouse-bucket", str(bucket)))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands(folder / "README.md"):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    lines = (folder / "data" / "events.jsonl").read_text().splitlines()
    alerts = [event for line in lines if (event := json.loads(line))["topic"].endswith("anomaly")]
    raised = {alert["signals"][0]["signal"] for alert in alerts if alert["state"] == "raised"}
    assert "vent_pct" in raised
    assert raised & {"temperature_c", "co2_ppm"}
    assert list(bucket.rglob("*.parquet"))
