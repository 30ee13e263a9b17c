"""Which version of a stored bundle is active, and which were before: <store>/<name>/active.json."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import durable
from models.errors import BundleError
from models.manifest import NAME, VERSION, Version

STATE = "active.json"
MAX_BYTES = 1 << 16
MAX_HISTORY = 16
WANTED = re.compile(f"({NAME})(?:@({VERSION}))?")


class _State(BaseModel):
    """What stands in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_: Literal[1] = Field(alias="schema", default=1)
    activated: Annotated[tuple[Version, ...], Field(min_length=1, max_length=MAX_HISTORY)]


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one name in the order in which they were activated, the newest last."""

    activated: tuple[str, ...] = ()

    @property
    def active(self) -> str | None:
        """The version that the name stands for."""
        return self.activated[-1] if self.activated else None

    @property
    def previous(self) -> str | None:
        """The version that a rollback brings back."""
        return self.activated[-2] if len(self.activated) > 1 else None

    def then(self, version: str) -> "History":
        """After that version was activated."""
        if version == self.active:
            return self
        return History((*self.activated, version)[-MAX_HISTORY:])

    def rolled_back(self) -> "History":
        """After the active version was given up."""
        return History(self.activated[:-1])

    def shortened(self) -> "History":
        """Only the active version and the one before it."""
        return History(self.activated[-2:])


def read_history(folder: Path) -> History:
    """The history of the name with that folder; BundleError when it cannot be read."""
    path = folder / STATE
    try:
        with path.open("rb") as file:
            return History(_State.model_validate_json(file.read(MAX_BYTES)).activated)
    except (OSError, ValidationError):
        raise BundleError(
            f"{path} does not say which version of {folder.name} is active: "
            f"vision-app model activate {folder.name}@VERSION"
        ) from None


def write_history(folder: Path, history: History) -> None:
    """Puts the history in the place of the one before, durably and at once. Raises OSError."""
    state = _State(activated=history.activated)
    durable.write(folder / STATE, state.model_dump_json(by_alias=True).encode() + b"\n")


def find_stored(store: Path, where: str) -> Path | None:
    """The folder of a bundle in the store: of name@version, or of the active version of a name.

    None when the store does not know it. Raises BundleError when no version is active.
    """
    wanted = WANTED.fullmatch(where)
    if wanted is None or not (store / wanted[1] / STATE).exists():
        return None
    folder = store / wanted[1]
    path = folder / (wanted[2] or read_history(folder).active or "")
    if path.is_dir():
        return path
    raise BundleError(
        f"the store {store} has no version {path.name} of {wanted[1]}: it has "
        f"{', '.join(versions(folder))}"
    )


def stored_names(store: Path) -> Iterator[str]:
    """The names that a store knows."""
    for path in sorted(store.glob(f"*/{STATE}")):
        yield path.parent.name


def versions(folder: Path) -> tuple[str, ...]:
    """The versions of one name that are in the store."""
    found = (path.name for path in folder.iterdir() if path.is_dir())
    return tuple(sorted(name for name in found if not name.startswith(".")))
