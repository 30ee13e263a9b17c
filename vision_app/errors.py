"""What the application tells a person who set it up wrong, in one tree."""

from dataclasses import dataclass


class AppError(Exception):
    """The application cannot do what was asked; the message says what to do."""


class Refused(AppError):
    """A command was asked for what it does not do; nothing was begun. Exit code 2."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a configuration: where in the file, and what to write."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class ConfigError(AppError):
    """Everything that is wrong with a configuration, at once."""

    def __init__(self, source: str, faults: tuple[Fault, ...]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))
