"""kill -9 at every step of every change: the store is as it was, or as it was to be."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.bundles.store import Store
from models.settings import ModelSettings
from tests.models.networks import colour_bundle, read_manifest, write_manifest

ROOT = Path(__file__).parents[3]
State = dict[str, Any]


def prepare(folder: Path, *activated: str) -> None:
    """Bundles 1, 2 and 3; those that are named are in the store, activated in that order."""
    for version in ("1", "2", "3"):
        colour_bundle(folder / version)
        manifest = read_manifest(folder / version)
        write_manifest(folder / version, manifest | {"version": version})
    store = Store(ModelSettings(store=folder / "store", backend="opencv"))
    (folder / "store").mkdir()
    for version in activated:
        store.add(str(folder / version))
        store.activate(f"test-bundle@{version}")


def states(folder: Path, *change: str) -> list[State]:
    """What was in the store after each kill, and at last after the change was done."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.bundles.killed_store", str(folder), *change],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for left_over in lines[1::2]:
        assert left_over in ([".lock"], [".lock", "active.json", "test-bundle"])
    *killed, last = lines[::2]
    assert all(state.pop("killed") for state in killed)
    assert not last.pop("killed")
    assert len(killed) >= 3, "it was killed somewhere"
    return [*killed, last]


def state(versions: str, active: str, previous: str = "") -> State:
    return {"versions": list(versions), "active": list(active), "previous": list(previous)}


@pytest.mark.parametrize(
    ("activated", "change", "before", "after"),
    [
        ("", ("add", "1"), state("", ""), state("1", "1")),
        ("1", ("add", "2"), state("1", "1"), state("12", "1")),
        ("213", ("activate", "2"), state("123", "3", "1"), state("123", "2", "3")),
        ("12", ("rollback",), state("12", "2", "1"), state("12", "1")),
    ],
)
def test_a_killed_change_is_done_or_not_begun(
    tmp_path: Path, activated: str, change: tuple[str, ...], before: State, after: State
) -> None:
    prepare(tmp_path, *activated)
    found = states(tmp_path, *change)
    assert found[0] == before
    assert found[-1] == after
    assert all(one in (before, after) for one in found)


def test_a_killed_prune_removes_nothing_that_is_needed(tmp_path: Path) -> None:
    prepare(tmp_path, *"123")
    for one in states(tmp_path, "prune"):
        assert (one["active"], one["previous"]) == (["3"], ["2"])
