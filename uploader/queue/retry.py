"""Takes entries out of quarantine, to be sent after all: their cause is mended, at the store.

They get their names back in the spool's folder. A process that uses it looks again when it finds
the file `retry` there, and counts them; without one, the next start does.
"""

from collections.abc import Iterator
from pathlib import Path

from uploader.queue.disk_errors import translated
from uploader.queue.entries import RETRY
from uploader.queue.inspection import SetAside, may_return, set_aside
from uploader.queue.quarantine import WHY


def retry(folder: Path) -> Iterator[tuple[SetAside, str]]:
    """Every file in quarantine, and why it has to stay; nothing of one that waits again.

    Raises SpoolError.
    """
    for one in set_aside(folder):
        why = may_return(one)
        if not why:
            _return(folder, one)
        yield one, why


def _return(folder: Path, one: SetAside) -> None:
    with translated(folder):
        one.path.rename(folder / one.path.name)
        one.path.with_name(one.path.name + WHY).unlink(missing_ok=True)
        (folder / RETRY).touch()
