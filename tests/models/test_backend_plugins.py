"""Backends of other distributions: found by their entry points, used when they are named."""

import sys
from pathlib import Path

import pytest

from models.backend import BACKENDS, PLUGINS, backend_names, find_backend
from models.bundles.bundle import open_bundle
from models.choice import choices
from models.classifier import open_classifier
from models.errors import BackendUnavailable
from models.settings import ModelSettings
from tests.checks_backend import check_backend
from tests.models.fake_backend import Fake
from tests.models.networks import colour_bundle, colour_network, patches

FAKE = "tests.models.fake_backend:Fake"


def install(folder: Path, **entries: str) -> None:
    """What pip leaves of a distribution that brings these."""
    info = folder / "acme_chips-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-chips\nVersion: 1.0\n")
    rows = [f"{name} = {target}" for name, target in entries.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{PLUGINS}]", *rows]))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which distributions are imported."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_a_plugin_is_held_to_what_ours_are_held_to(tmp_path: Path) -> None:
    check_backend(Fake, colour_network(tmp_path / "colours.onnx"), tmp_path)


def test_a_plugin_is_used_when_it_is_named(installed: Path, tmp_path: Path) -> None:
    install(installed, fake=FAKE)
    folder = colour_bundle(tmp_path / "b")
    with open_classifier(ModelSettings(bundle=str(folder), backend="fake")) as classifier:
        assert classifier.id.backend == "fake"
        assert classifier.classify(patches()).label == "red"


def test_auto_picks_no_plugin_whether_or_not_ours_can_be_used(
    installed: Path, tmp_path: Path
) -> None:
    install(installed, fake=FAKE)
    assert "fake" in backend_names()
    settings = ModelSettings(bundle=str(colour_bundle(tmp_path / "b")), device="auto")
    tried = {one.backend for one in choices(open_bundle(settings.bundle), settings, [])}
    assert "fake" not in tried
    assert tried
    nowhere = settings.model_copy(update={"device": "chip"})
    with pytest.raises(BackendUnavailable, match="nothing here runs"):
        open_classifier(nowhere)


def test_a_plugin_is_not_imported_to_know_its_name(installed: Path) -> None:
    (installed / "acme.py").write_text("raise RuntimeError('imported')")
    install(installed, chip="acme:Chip")
    assert backend_names()[-1] == "chip"
    assert "acme" not in sys.modules


def test_a_plugin_cannot_take_the_name_of_one_of_ours(installed: Path) -> None:
    install(installed, opencv=FAKE)
    assert backend_names() == tuple(BACKENDS)
    assert find_backend("opencv") is not Fake


@pytest.mark.parametrize(
    ("code", "target", "reason"),
    [
        ("import no_such_driver", "acme:Chip", "No module named 'no_such_driver'"),
        ("", "acme:Chip", "module 'acme' has no attribute 'Chip'"),
        ("", "acme_gone:Chip", "No module named 'acme_gone'"),
    ],
)
def test_a_broken_plugin_is_one_sentence_that_names_what_to_remove(
    installed: Path, code: str, target: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installed / "acme.py").write_text(code)
    monkeypatch.delitem(sys.modules, "acme", raising=False)
    install(installed, chip=target)
    with pytest.raises(BackendUnavailable) as told:
        find_backend("chip")
    assert str(told.value) == (
        f"the runtime of chip cannot be imported ({reason}): update or remove acme-chips"
    )


def test_a_runtime_that_is_absent_is_told_with_the_extra_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "models.backends.openvino", raising=False)
    with pytest.raises(BackendUnavailable) as told:
        find_backend("openvino")
    assert str(told.value) == "openvino is not installed: pip install 'vision-app[openvino]'"


def test_a_misspelt_plugin_is_guessed(installed: Path) -> None:
    install(installed, fake=FAKE)
    with pytest.raises(BackendUnavailable, match="did you mean 'fake'"):
        find_backend("fakke")
