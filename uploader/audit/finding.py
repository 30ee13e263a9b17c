"""Something that is not as it should be in a store, and of which object or record."""

from dataclasses import dataclass
from enum import Enum


class Kind(str, Enum):
    """What kind of fault it is; docs/privacy.md says what each may mean."""

    MISSING = "missing"
    CHANGED = "changed"
    SWAPPED = "swapped"
    INJECTED = "injected"
    FOREIGN = "foreign"
    UNMASKED = "unmasked"
    FACE = "face"
    EDITED = "edited"
    DUPLICATE = "duplicate"
    NOT_GONE = "not_gone"
    GAP = "gap"
    FORK = "fork"
    BROKEN_LINK = "broken_link"
    CUT_OFF = "cut_off"
    WRONG_KEY = "wrong_key"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Finding:
    """about: the key of the object, the id of the record, or the chain. text: what is wrong."""

    kind: Kind
    about: str
    text: str


def visible(text: str) -> str:
    """A key as it may be printed: who injects objects may name them so that a terminal obeys."""
    return text if text.isprintable() else ascii(text)[1:-1]
