"""Which runtimes are here: ours, those of plugins, and those that are not installed."""

from pathlib import Path

import numpy as np
import pytest

from models.backend import BACKENDS, Device
from models.distributions import RUNTIMES, installed
from models.settings import RuntimeSettings
from vision_app.machine.runtimes import Runtime, runtimes

PLUGIN = """
from models.backend import Device


class Chip:
    formats = ("onnx",)

    @staticmethod
    def devices(settings):
        return (Device("chip", "plug it in"), Device("sim"))[:{count}]
"""


def plugin(folder: Path, code: str) -> None:
    """An installed distribution that brings a backend named chip."""
    told = folder / "chip-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: chip\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[vision_app.backends]\nchip = chip_backend:Chip\n")
    (folder / "chip_backend.py").write_text(code)


def chip(folder: Path, code: str, patch: pytest.MonkeyPatch) -> Runtime:
    plugin(folder, code)
    patch.syspath_prepend(str(folder))
    patch.delitem(__import__("sys").modules, "chip_backend", raising=False)
    (found,) = (one for one in runtimes(RuntimeSettings()) if one.name == "chip")
    return found


def test_every_backend_of_ours_is_asked() -> None:
    found = {one.name: one for one in runtimes(RuntimeSettings())}
    assert set(BACKENDS) <= set(found)
    assert found["litert"].formats == ("tflite",)
    assert found["litert"].package.split()[0] in RUNTIMES["litert"]
    assert found["opencv"].device("cpu") == Device("cpu")
    assert found["opencv"].device("gpu") is None


def test_a_backend_of_a_plugin_is_asked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = (Device("chip", "plug it in"), Device("sim"))
    expected = Runtime("chip", "", ("onnx",), devices)
    assert chip(tmp_path, PLUGIN.format(count=2), monkeypatch) == expected


def test_a_backend_without_any_device_that_works_is_not_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chip(tmp_path, PLUGIN.format(count=1), monkeypatch).problem == "plug it in"


def test_a_backend_whose_runtime_is_missing_says_so_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = chip(tmp_path, "import a_runtime_that_is_not_here", monkeypatch)
    assert found.devices == ()
    cause, _, remedy = found.problem.partition("): ")
    assert "a_runtime_that_is_not_here" in cause
    assert remedy


def test_of_several_distributions_the_one_that_is_installed_counts() -> None:
    assert installed(["no-such-thing", "numpy"]) == {"numpy": np.__version__}
