"""What a start does with slots: those that hold an entry become that entry, the others go."""

import os
from pathlib import Path

from models import durable
from uploader.errors import Damaged
from uploader.queue.entry import unpack
from uploader.queue.quarantine import Quarantine
from uploader.queue.slots import NAME, SUFFIX
from uploader.queue.tail import Tail, tail_of


def adopt(spool: Path, quarantine: Quarantine) -> None:
    """Settles every slot, before anything else looks at the spool. Raises OSError.

    One that is whole was accepted, or is as good as that. Its number is above that of the one
    before it, so going up settles that one first; and going down removes it last, so that nothing
    can be found whole whose one before was refused.
    """
    places = sorted(path for path in (spool / NAME).glob(f"*{SUFFIX}") if not path.is_symlink())
    if not places:
        return
    refused = dict[str, Path]()
    for place in places:
        try:
            tail = _whole(place.read_bytes())
        except OSError as error:
            quarantine.take(place, f"This slot cannot be read ({error.strerror}).")
            continue
        if tail is None or tail.before in refused:
            refused[place.name] = place
        else:
            _land(place, spool, tail)
    for place in reversed(refused.values()):
        place.unlink()
    durable.sync_folder(spool)


def _whole(data: bytes) -> Tail | None:
    tail = tail_of(data)
    try:
        if tail is not None:
            unpack(tail.name, data)
    except Damaged:
        return None
    return tail


def _land(place: Path, spool: Path, tail: Tail) -> None:
    """Its bytes are on the disk before its name is."""
    file = os.open(place, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.fdatasync(file)
        os.rename(place, spool / str(tail.name))
        os.ftruncate(file, tail.name.size)
    finally:
        os.close(file)
