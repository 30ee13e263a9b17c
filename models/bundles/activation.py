"""Which version of a stored bundle is active, and which were before: <store>/<name>/active.json."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import durable
from models.bundles.manifest import NAME, VERSION, Version
from models.bundles.seal import MANIFEST
from models.errors import BundleError

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

    None when the store does not know the name. Raises BundleError when it lacks the version.
    """
    wanted = WANTED.fullmatch(where)
    there = versions(store / wanted[1]) if wanted else ()
    if wanted is None or not there:
        return None
    version = wanted[2] or read_history(store / wanted[1]).active
    if version in there:
        return store / wanted[1] / version
    raise BundleError(
        f"the store {store} has no version {version} of {wanted[1]}, but {', '.join(there)}"
    )


def stored_names(store: Path) -> tuple[str, ...]:
    """The names that a store knows."""
    found = (path.name for path in store.iterdir()) if store.is_dir() else ()
    return tuple(sorted(name for name in found if versions(store / name)))


def versions(folder: Path) -> tuple[str, ...]:
    """The versions of one name that are in the store; folder: <store>/<name>."""
    if not re.fullmatch(NAME, folder.name):
        return ()
    found = (path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    return tuple(sorted(version for version in found if re.fullmatch(VERSION, version)))
