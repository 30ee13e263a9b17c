"""What the process of `model bench` and the processes that measure tell each other."""

from dataclasses import dataclass

from models.settings import ModelSettings
from models.way import Choice


@dataclass(frozen=True, slots=True)
class FindWays:
    """The task to list the ways in which a backend can run the bundle of the settings."""

    settings: ModelSettings
    backend: str
    threads: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """The answer: the ways, and sentences about why there are no more."""

    choices: tuple[Choice, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """The task to measure one way for some time; the answer is a Measurement."""

    settings: ModelSettings
    choice: Choice
    seconds: float
