"""Walls 3 and the one direction: a forbidden import, planted into a copy of the tree, is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("vision_app", "uploader", "masking", "models", "devices")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source of the five packages, with their contracts."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "built_in")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def contracts(tree: Path) -> tuple[int, str]:
    """Exit code and words of import-linter on a tree."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_tree_as_it_is_keeps_the_contracts(tree: Path) -> None:
    assert contracts(tree)[0] == 0


@pytest.mark.parametrize(
    ("module", "planted", "broken"),
    [
        ("uploader/spool.py", "from devices.frame import Frame", "cannot name a raw frame BROKEN"),
        ("uploader/stores/folder.py", "import devices.camera", "cannot name a raw frame BROKEN"),
        ("masking/masker.py", "from uploader.spool import Spool", "devices BROKEN"),
        ("models/classifier.py", "import masking.masker", "devices BROKEN"),
        ("devices/frame.py", "import models.box", "devices BROKEN"),
        ("uploader/sending/uploader.py", "import vision_app.app", "devices BROKEN"),
    ],
)
def test_a_planted_import_breaks_the_contract(
    tree: Path, module: str, planted: str, broken: str
) -> None:
    source = (tree / module).read_text()
    (tree / module).write_text(f"{source}\n{planted}\n")
    try:
        code, said = contracts(tree)
    finally:
        (tree / module).write_text(source)
    assert code == 1
    assert broken in said, said
