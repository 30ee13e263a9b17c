"""The options of an MXNet operator, which its graphs hold as text: "(3, 3)", "True", "1e-05"."""

import math
import re
from collections.abc import Mapping

from models.errors import BundleError

INTEGER = re.compile(r"[+-]?[0-9]{1,18}[lL]?")
FLAGS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
NOTHING = ("None", "")
LARGEST = 3.4028235e38
"""Of float32; not a number is refused with what is larger."""


class Attributes:
    """Reads each option once as what it must be; then says which ones nobody asked for.

    An option that has no effect on the answer is named in `ignore`. What is then still unread would
    change the network without being heard, so `require_all_read` refuses it.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._unread = {key for key in texts if not key.startswith("cudnn_")}

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number; without a default it must be there."""
        text = self._text(key, None if default is None else str(default))
        return self._one_integer(key, text)

    def optional_integer(self, key: str) -> int | None:
        """A whole number, or None where it is absent or "None"."""
        text = self._text(key, "None")
        return None if text in NOTHING else self._one_integer(key, text)

    def integers(self, key: str, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
        """Whole numbers; "()" and "None" are the default, without which there must be some."""
        found = self.optional_integers(key)
        if found:
            return tuple(self._known(key, number) for number in found)
        if default is None:
            raise BundleError(f"its {key!r} is missing")
        return default

    def optional_integers(self, key: str) -> tuple[int | None, ...]:
        """Whole numbers, each of which may be None."""
        text = self._text(key, "()")
        if text in NOTHING:
            return ()
        parts = re.sub(r"^[(\[]|[)\]]$", "", text).split(",")
        if not parts[-1].strip():
            parts.pop()
        return tuple(
            None if part.strip() == "None" else self._one_integer(key, part.strip())
            for part in parts
        )

    def number(self, key: str, default: float | None = None) -> float:
        """A number; without a default it must be there."""
        text = self._text(key, None if default is None else repr(default))
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not abs(number) <= LARGEST:
            raise BundleError(f"its {key!r} is {text[:60]!r}, not a number of 32 bits")
        return number

    def flag(self, key: str, default: bool) -> bool:
        """True or false; "None" is the default."""
        text = self._text(key, str(default))
        if text in NOTHING:
            return default
        if text.lower() not in FLAGS:
            raise BundleError(f"its {key!r} is {text[:60]!r}, neither True nor False")
        return FLAGS[text.lower()]

    def word(self, key: str, default: str | None = None) -> str:
        """A word; without a default it must be there."""
        return self._text(key, default)

    def ignore(self, *keys: str) -> None:
        """Names options that do not change what the network answers."""
        self._unread.difference_update(keys)

    def require_all_read(self) -> None:
        """Raises BundleError naming an option that nobody has read or ignored."""
        if self._unread:
            raise BundleError(f"its option {min(self._unread)!r} is unknown")

    def _text(self, key: str, default: str | None) -> str:
        self._unread.discard(key)
        text = self._texts.get(key, default)
        if text is None:
            raise BundleError(f"its {key!r} is missing")
        return text.strip()

    def _one_integer(self, key: str, text: str) -> int:
        if not INTEGER.fullmatch(text):
            raise BundleError(f"its {key!r} is {text[:60]!r}, not a whole number")
        return int(text.rstrip("lL"))

    def _known(self, key: str, number: int | None) -> int:
        if number is None:
            raise BundleError(f"its {key!r} holds None where a number must be")
        return number
