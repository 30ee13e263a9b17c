"""Log lines on standard error: time and sentence, and the level when it is not mere news."""

import logging
import sys

import click

NEWS = logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S")
TROUBLE = logging.Formatter("%(asctime)s  %(levelname)s: %(message)s", "%H:%M:%S")


class _Lines(logging.Handler):
    """Writes to whatever standard error is at that moment, so that a progress bar can own it.

    It is named: by itself click would write to the terminal below it.
    """

    def emit(self, record: logging.LogRecord) -> None:
        style = NEWS if record.levelno <= logging.INFO else TROUBLE
        click.echo(style.format(record), file=sys.stderr)


def set_up(verbose: bool = False) -> None:
    """Shows our log; libraries speak when something is wrong, or when verbose asks them to."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, handlers=[_Lines()], force=True)
    logging.getLogger("vision_app").setLevel(logging.INFO)
