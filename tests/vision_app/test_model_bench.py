"""`vision-app model bench` as a person uses it, and what it shows."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from models.backend import Placement
from models.bench.bench import Report
from models.bench.measurement import Figures, Measurement
from models.bundles.bundle import open_bundle
from models.bundles.manifest import Manifest, Weights
from models.classifier import open_classifier
from models.settings import ModelSettings
from models.way import Choice
from tests.models.networks import colour_bundle
from tests.models.plugins import Crashing, Numpy, Wrong, install_plugins, plugin_bundle
from vision_app.screen.bench_report import (
    as_values,
    bar,
    chart,
    label,
    not_measured,
    number,
    sentences,
    table,
)
from vision_app.screen.console import WIDTH

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _one_core() -> Iterator[None]:
    """This process and those that it starts may use one core: there is one number of threads."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(cores)])
    yield
    os.sched_setaffinity(0, cores)


def bench(
    folder: Path, plugins: Path, *words: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    program = "from vision_app.cli import main; main()"
    command = [sys.executable, "-c", program, "model", "bench", str(folder), "--seconds", "0.01"]
    done = subprocess.run(
        [*command, "--store", str(folder.parent / "store"), *words],
        cwd=folder.parent,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{plugins}", "COLUMNS": str(WIDTH)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    return done


def test_the_best_is_shown_kept_and_then_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, plugins = plugin_bundle(tmp_path / "b"), tmp_path / "plugins"
    install_plugins(plugins, good=Numpy, wrong=Wrong, crashing=Crashing)
    shown = bench(folder, plugins).stdout
    assert 'backend = "auto" now runs test-bundle 1 with good f32' in shown
    assert "crashing f32 ×1 is not used: it crashed (Segmentation fault)." in shown
    assert "wrong f32 ×1 is not used: differs by" in shown
    assert "◀ auto" in shown
    assert max(map(len, shown.splitlines())) <= WIDTH

    monkeypatch.syspath_prepend(str(plugins))
    with open_classifier(ModelSettings(bundle=str(folder), store=tmp_path / "store")) as opened:
        assert opened.id.backend == "good"


def test_json_holds_every_figure_and_what_was_chosen(tmp_path: Path) -> None:
    plugins = install_plugins(tmp_path / "plugins", good=Numpy)
    told = json.loads(bench(plugin_bundle(tmp_path / "b"), plugins, "--json").stdout)
    assert (told["bundle"], told["version"]) == ("test-bundle", "1")
    assert Path(told["kept"]).is_file()
    first = told["measurements"][0]
    assert (first["backend"], first["chosen"], first["verdict"]) == ("good", True, "ok")
    assert [row["chosen"] for row in told["measurements"]].count(True) == 1
    assert set(first["figures"]) == set(Figures.__dataclass_fields__)


def test_a_bundle_that_nothing_runs_is_exit_1_and_says_why(tmp_path: Path) -> None:
    plugins = install_plugins(tmp_path / "plugins", crashing=Crashing)
    done = bench(plugin_bundle(tmp_path / "b"), plugins, code=1)
    assert "Nothing here runs test-bundle 1 as it was made." in done.stdout
    assert "it crashed (Segmentation fault)" in done.stdout


def test_a_bundle_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    done = bench(tmp_path / "absent", tmp_path, code=1)
    assert done.stderr.startswith("vision-app: there is no bundle")
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return open_bundle(str(colour_bundle(tmp_path / "b"))).manifest


def row(
    weights: Weights, backend: str, p50_ms: float, where: Placement, differs: float = 0.0
) -> Measurement:
    figures = Figures(p50_ms, 2 * p50_ms, 900 / p50_ms, 3 * p50_ms, 20.0, differs, 50)
    return Measurement(Choice(weights, backend, where), figures)


def report(manifest: Manifest) -> Report:
    (weights,) = manifest.weights
    best = row(weights, "openvino", 2.0, Placement(math="bfloat16", threads=2))
    slow = row(weights, "opencv", 4.0, Placement(threads=1))
    wrong = row(weights, "onnxruntime", 1.0, Placement("tensorrt"), differs=0.5)
    failed = replace(row(weights, "plugin", 1.0, Placement(threads=1)), figures=None, problem="No")
    return Report((best, slow, wrong, failed), ("openvino cannot use npu: install its driver",))


def shown(*things: object) -> list[str]:
    text = io.StringIO()
    console = Console(width=WIDTH, file=text)
    for thing in things:
        console.print(thing)
    return text.getvalue().splitlines()


def test_the_chart_can_be_read_without_colour_in_80_columns(manifest: Manifest) -> None:
    lines = shown(*chart(report(manifest)))
    assert [line.split("█")[0].strip() for line in lines] == [
        "onnxruntime tensorrt f32",
        "openvino f32→bf16 ×2",
        "opencv f32 ×1",
    ]
    assert lines[0].endswith(" 1000 differs")
    assert lines[1].endswith(" 500 ◀ auto")
    assert lines[2].endswith(" 250")
    assert [line.count("█") // lines[2].count("█") for line in lines] == [4, 2, 1]
    assert max(map(len, lines)) <= WIDTH


def test_the_table_is_sorted_by_speed_with_a_verdict_for_each(manifest: Manifest) -> None:
    rows = shown(table(report(manifest)))[2:]
    assert [line.split()[0] for line in rows] == ["onnxruntime", "openvino", "opencv", "plugin"]
    assert [line.split()[-1] for line in rows] == ["differs", "auto", "ok", "failed"]


def test_sentences_tell_the_winner_the_machine_and_what_was_left_out(manifest: Manifest) -> None:
    told = list(sentences(report(manifest), manifest))
    assert told[0] == (
        'backend = "auto" now runs test-bundle 1 with openvino f32→bf16 ×2: 2.00 ms a picture, '
        "6.00 ms of processor time."
    )
    assert told[1].startswith("This machine: ")
    assert told[2:] == [
        "onnxruntime tensorrt f32 is not used: differs by 0.5, 0.0001 is allowed.",
        "plugin f32 ×1 is not used: No.",
    ]
    (line,) = shown(not_measured(report(manifest)))
    assert line.rstrip() == "· openvino cannot use npu: install its driver."


def test_values_mark_one_as_chosen(manifest: Manifest) -> None:
    rows = as_values(report(manifest))["measurements"]
    assert [row["chosen"] for row in rows] == [True, False, False, False]
    assert rows[3]["figures"] is None
    assert rows[0]["math"] == "bfloat16"


def test_labels_name_a_device_only_where_it_is_not_the_cpu(manifest: Manifest) -> None:
    (weights,) = manifest.weights
    assert label(row(weights, "litert", 1.0, Placement("edgetpu"))) == "litert edgetpu f32"
    assert label(row(weights, "litert", 1.0, Placement(threads=4))) == "litert f32 ×4"


@pytest.mark.parametrize(("cells", "text"), [(0.0, "▏"), (1.0, "█"), (2.5, "██▌"), (0.99, "█")])
def test_bars_are_exact_to_an_eighth_and_never_nothing(cells: float, text: str) -> None:
    assert bar(cells) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1234")]
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text
