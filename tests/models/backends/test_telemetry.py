"""Two runtimes report to their makers when they are imported as usual: not here."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.networks import colour_network

SCRIPT = """
import sys
from pathlib import Path

def refuse(event, arguments):
    if event.split(".")[0] in ("socket", "urllib", "http"):
        print(event, arguments, flush=True)
        raise ConnectionRefusedError(event)

sys.addaudithook(refuse)

from models.backend import open_backend
from tests.checks_backend import example

backend = open_backend(sys.argv[1], Path(sys.argv[2]))
backend.run(example(backend, 1))
"""


@pytest.mark.parametrize("name", ["onnxruntime", "openvino", "opencv"])
def test_a_runtime_reports_to_nobody_and_leaves_no_identity_behind(
    name: str, tmp_path: Path
) -> None:
    """Both makers are silent in CI by themselves, so nothing of its environment is passed on."""
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, colour_network(tmp_path / "colours.onnx")],
        env={"HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.iterdir()) == []
