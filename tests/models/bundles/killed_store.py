"""Changes a store in processes that are killed at every step; prints what is there after each.

    python -m tests.models.bundles.killed_store FOLDER STEP...

FOLDER holds the store and bundles; STEP is a change, as "add 2" or "activate 2". A moment to be
killed is before each rename, removal, folder made and file opened to be written, and once more
after the file was opened, when there is nothing in it yet.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from models.bundles.store import Store
from models.settings import ModelSettings

EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod"}


def main() -> None:
    folder, change = Path(sys.argv[1]), sys.argv[2:]
    moment = 0
    while True:
        work = folder / f"work-{moment}"
        shutil.copytree(folder / "store", work, symlinks=True)
        killed = in_child(work, folder, change, moment)
        print(json.dumps(state(work) | {"killed": killed}), flush=True)
        print(json.dumps(state_after_prune(work)), flush=True)
        shutil.rmtree(work)
        if not killed:
            return
        moment += 1


def in_child(store: Path, folder: Path, change: list[str], moment: int) -> bool:
    """Whether the child was killed before it had finished."""
    child = os.fork()
    if child == 0:
        kill_at(moment, store)
        apply(Store(ModelSettings(store=store, backend="opencv")), folder, change)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def apply(store: Store, folder: Path, change: list[str]) -> None:
    what, *words = change
    if what == "add":
        store.add(str(folder / words[0]))
    elif what == "activate":
        store.activate(f"test-bundle@{words[0]}")
    elif what == "rollback":
        store.rollback("test-bundle")
    else:
        store.prune()


def kill_at(moment: int, below: Path) -> None:
    """kill -9 of this process at the moment of that number below a folder."""
    left, busy = moment, False

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left, busy
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if busy or not (event in EVENTS or writes) or not str(arguments[0]).startswith(str(below)):
            return
        if left == 1 and writes:
            busy = True
            os.open(arguments[0], arguments[2])
        if left == 0 or (left == 1 and writes):
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 2 if writes else 1

    sys.addaudithook(look)


def state(store: Path) -> dict[str, Any]:
    """Versions, each opened, and which is active and which was before."""
    from models.bundles.bundle import open_bundle

    found = Store(ModelSettings(store=store)).bundles()
    for one in found:
        open_bundle(str(one.folder)).close()
    return {
        "versions": [one.version for one in found],
        "active": [one.version for one in found if one.active],
        "previous": [one.version for one in found if one.previous],
    }


def state_after_prune(store: Path) -> list[str]:
    """What lies in the store, without its versions, once the next change has cleaned up."""
    Store(ModelSettings(store=store)).prune()
    found = (*store.iterdir(), *store.glob("*/*"))
    return sorted(path.name for path in found if not (path / "manifest.json").exists())


if __name__ == "__main__":
    main()
