"""One line of `check` and `doctor`: what was looked at, and how it is."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum

from rich.markup import escape
from rich.table import Table

from vision_app.screen.console import console


class Verdict(str, Enum):
    """How it is."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "bad"


MARKS = {Verdict.GOOD: "[green]✓[/green]", Verdict.NOTE: "·", Verdict.BAD: "[red]✗[/red]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at; text is a sentence that says what to do where it is bad."""

    about: str
    verdict: Verdict
    text: str


def good(about: str, text: str) -> Finding:
    """As it should be."""
    return Finding(about, Verdict.GOOD, text)


def note(about: str, text: str) -> Finding:
    """Worth knowing."""
    return Finding(about, Verdict.NOTE, text)


def bad(about: str, text: str) -> Finding:
    """To be mended."""
    return Finding(about, Verdict.BAD, text)


def show(findings: Iterable[Finding], as_json: bool) -> bool:
    """Prints the findings; returns whether none is bad."""
    listed = list(findings)
    if as_json:
        print(json.dumps([asdict(finding) for finding in listed], indent=2))  # noqa: T201
    else:
        console().print(_table(listed))
    return all(finding.verdict is not Verdict.BAD for finding in listed)


def _table(findings: list[Finding]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for finding in findings:
        grid.add_row(MARKS[finding.verdict], escape(finding.about), escape(finding.text))
    return grid
