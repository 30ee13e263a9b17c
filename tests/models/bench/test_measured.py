import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bench.measured import FOLDER, keep, look_up
from models.bench.measurement import Measurement, best_first
from models.bundles.bundle import open_bundle
from models.classifier import open_classifier
from models.errors import ModelError
from models.settings import ModelSettings, RuntimeSettings
from tests.models.bench.kept_measurements import AT, kept, measured
from tests.models.networks import colour_bundle, read_manifest, write_manifest
from tests.models.plugins import Numpy, Refusing, install_plugins, plugin_bundle


def the_file(settings: ModelSettings) -> Path:
    assert settings.store is not None
    (path,) = (settings.store / FOLDER).iterdir()
    return path


def test_auto_opens_what_was_measured_to_be_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(install_plugins(tmp_path / "plugins", quick=Numpy)))
    folder = plugin_bundle(tmp_path / "b")
    with open_classifier(kept(folder, measured(folder, "quick", 1.0))) as classifier:
        assert classifier.id.backend == "quick"
        assert classifier.notes == ()


def test_what_no_longer_opens_is_told_and_the_next_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = install_plugins(tmp_path / "plugins", quick=Refusing, slow=Numpy)
    monkeypatch.syspath_prepend(str(plugins))
    folder = plugin_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "slow", 9.0), measured(folder, "quick", 1.0))
    with open_classifier(settings) as classifier:
        assert classifier.id.backend == "slow"
        assert any("it needs a key: buy one" in told for told in classifier.refused)


def test_a_way_that_differed_or_failed_is_not_among_the_measured(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    failed = Measurement(measured(folder, "quick", 1.0).choice, None, "it crashed")
    settings = kept(folder, measured(folder, "wrong", 1.0, difference=0.5), failed)
    assert look_up(open_bundle(str(folder)), settings) == ()


def test_another_temperature_is_the_same_network(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "opencv", 1.0, 4))
    output = {"kind": "probabilities", "temperature": 2.0}
    write_manifest(folder, read_manifest(folder) | {"output": output})
    (found,) = look_up(open_bundle(str(folder)), settings)
    assert found.choice.placement.threads == 4


def test_another_input_is_another_network(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "opencv", 1.0, 4))
    rules = read_manifest(folder)["input"] | {"width": 16}
    write_manifest(folder, read_manifest(folder) | {"input": rules})
    assert look_up(open_bundle(str(folder)), settings) == ()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def foreign(content: bytes) -> bytes:
    return b"\x00\xff not ours"


def other_schema(content: bytes) -> bytes:
    return json.dumps(json.loads(content) | {"schema": 2}).encode()


def endless(content: bytes) -> bytes:
    return b" " * (2 << 20) + content


def not_a_number(content: bytes) -> bytes:
    return content.replace(b'"p50_ms": 1.0', b'"p50_ms": NaN')


@pytest.mark.parametrize("damage", [cut, foreign, other_schema, endless, not_a_number])
def test_a_damaged_or_foreign_file_is_ignored_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[bytes], bytes]
) -> None:
    folder = colour_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "opencv", 1.0, 4))
    path = the_file(settings)
    path.write_bytes(damage(path.read_bytes()))
    assert look_up(open_bundle(str(folder)), settings) == ()
    (said,) = caplog.records
    assert said.levelno == logging.WARNING
    assert str(path) in said.getMessage()
    assert "vision-app model bench" in said.getMessage()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"processor": "Another"}, "another processor, other cores or accelerators"),
        ({"cores": 4096}, "another processor, other cores or accelerators"),
        ({"accelerators": ["NVIDIA None"]}, "another processor, other cores or accelerators"),
        ({"versions": {"openvino": "0.1"}}, "another version of "),
    ],
)
def test_what_was_measured_elsewhere_is_not_used_and_a_warning_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: dict[str, Any], reason: str
) -> None:
    folder = colour_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "opencv", 1.0, 4))
    content = json.loads(the_file(settings).read_bytes())
    the_file(settings).write_text(json.dumps(content | {"machine": content["machine"] | change}))
    assert look_up(open_bundle(str(folder)), settings) == ()
    assert reason in caplog.text


def test_a_newer_plugin_must_be_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = plugin_bundle(tmp_path / "b")
    with monkeypatch.context() as before:
        before.syspath_prepend(str(install_plugins(tmp_path / "old", quick=Numpy)))
        settings = kept(folder, measured(folder, "quick", 1.0))
    monkeypatch.syspath_prepend(str(install_plugins(tmp_path / "new", "2", quick=Numpy)))
    assert look_up(open_bundle(str(folder)), settings) == ()
    assert "another version of test-plugins" in caplog.text


def test_a_delegate_that_was_set_since_is_not_passed_over(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "opencv", 1.0, 4))
    bundle, with_cache = open_bundle(str(folder)), RuntimeSettings(cache=tmp_path / "compiled")
    with_delegate = RuntimeSettings(delegate=tmp_path / "libdelegate.so")
    assert look_up(bundle, settings.model_copy(update={"runtime": with_cache}))
    assert look_up(bundle, settings.model_copy(update={"runtime": with_delegate})) == ()


def test_measuring_again_replaces_what_was_kept(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    kept(folder, measured(folder, "opencv", 1.0, 4))
    settings = kept(folder, measured(folder, "opencv", 2.0, 1))
    (found,) = look_up(open_bundle(str(folder)), settings)
    assert found.choice.placement.threads == 1
    assert the_file(settings).is_file()


def test_a_store_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    (tmp_path / "store").write_text("a file where a folder should be")
    with pytest.raises(ModelError, match=r"cannot be written .*: make room, or name another store"):
        kept(folder, measured(folder, "opencv", 1.0))


def test_without_a_store_nothing_is_kept_or_found(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    bundle, settings = open_bundle(str(folder)), ModelSettings(bundle=str(folder))
    assert keep(bundle, settings, AT, (measured(folder, "opencv", 1.0),)) is None
    assert look_up(bundle, settings) == ()


def test_using_what_was_measured_imports_the_runtime_that_is_used_and_no_other(
    tmp_path: Path,
) -> None:
    folder = colour_bundle(tmp_path / "b")
    settings = kept(folder, measured(folder, "opencv", 1.0))
    script = (
        "import sys; from models.classifier import open_classifier\n"
        "from models.settings import ModelSettings\n"
        "settings = ModelSettings.model_validate_json(sys.argv[1])\n"
        "print(open_classifier(settings).id.backend, *{n.partition('.')[0] for n in sys.modules})"
    )
    command = [sys.executable, "-c", script, settings.model_dump_json()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    backend, *imported = done.stdout.split()
    assert backend == "opencv"
    assert {"onnxruntime", "openvino", "ai_edge_litert", "boto3", "sklearn"}.isdisjoint(imported)


def test_of_the_fastest_that_are_alike_the_thriftiest_is_the_best(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    greedy = measured(folder, "greedy", 1.00, cpu_ms=4.0)
    thrifty = measured(folder, "thrifty", 1.02, cpu_ms=1.0)
    slower = measured(folder, "slower", 1.04, cpu_ms=0.5)
    wrong = measured(folder, "wrong", 0.1, cpu_ms=0.1, difference=0.5)
    assert best_first([slower, wrong, greedy, thrifty]) == (thrifty, greedy, slower)
