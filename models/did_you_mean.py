"""Guesses which of the names that there are a person meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, names: Iterable[str], otherwise: str) -> str:
    """The end of a sentence about a word that is none of the names; otherwise: without a guess."""
    close = get_close_matches(word, list(names), n=1)
    return f"did you mean {close[0]!r}?" if close else otherwise
