"""The docs cannot lag: what the code offers stands in them."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from models.backend import BACKENDS
from models.faces import DETECTORS
from models.importing.presets import PRESETS
from uploader.choosing.candidate import Refusal
from uploader.choosing.policies import KINDS
from vision_app.cli import cli
from vision_app.config import settings_in
from vision_app.ledger import End
from vision_app.settings import Settings

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "config" / "example.toml").read_text()
README = (ROOT / "README.md").read_text()
DOCS = "\n".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))


def keys(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str]]:
    """(block, key) of every setting."""
    for name, field in model.model_fields.items():
        inner = settings_in(field.annotation)
        if not inner:
            yield path, name
        for one in inner:
            yield from keys(one, f"{path}.{name}".lstrip("."))


@pytest.mark.parametrize(("block", "key"), sorted(set(keys(Settings))))
def test_every_key_stands_in_the_example_with_a_line_of_why(block: str, key: str) -> None:
    if block.startswith("camera.keep"):
        assert "# [camera.keep]" in EXAMPLE, "it has the keys of [keep], where each stands"
        block = block.removeprefix("camera.")
    sections = EXAMPLE.replace("# [[", "[[").split(f"[{block}]")[1:]
    assert sections, f"no [{block}] in config/example.toml"
    text = "".join(section.split("\n[", 1)[0] for section in sections)
    assert f"\n{key} = " in text or f"\n# {key} = " in text


def commands(group: click.Group, path: str = "vision-app") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize(("path", "command"), list(commands(cli)))
def test_every_command_is_documented_and_has_an_example(path: str, command: click.Command) -> None:
    assert path in README + DOCS
    assert f"Example: {path}" in (command.help or "")


@pytest.mark.parametrize("end", list(End))
def test_every_end_of_a_frame_is_documented(end: End) -> None:
    assert f"`{end.value}`" in DOCS


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_reason_not_to_keep_a_frame_is_documented(refusal: Refusal) -> None:
    assert f"`{refusal.value}`" in DOCS
    assert f'"{refusal.value}"' in (ROOT / "docs" / "schemas" / "health.json").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_policy_is_documented(kind: str) -> None:
    assert f"`{kind}`" in DOCS
    assert kind in EXAMPLE


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_is_documented(backend: str) -> None:
    assert backend in EXAMPLE


@pytest.mark.parametrize("detector", DETECTORS)
def test_every_face_detector_is_documented(detector: str) -> None:
    assert detector in EXAMPLE
    assert f"`{detector}`" in DOCS


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_documented(preset: str) -> None:
    assert f"`{preset}`" in DOCS


def test_every_document_that_is_linked_exists() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for part in page.read_text().split("](")[1:]:
            target = part.split(")")[0].split("#")[0]
            if target and "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
