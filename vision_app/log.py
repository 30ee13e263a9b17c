"""Log lines on standard error: time and sentence, and the level when it is not mere news."""

import logging

import click


class _Lines(logging.Handler):
    """Writes to whatever standard error is at that moment, so that a progress bar can own it."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


class _Format(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        self._style._fmt = (
            "%(asctime)s  %(message)s"
            if record.levelno <= logging.INFO
            else "%(asctime)s  %(levelname)s: %(message)s"
        )
        return super().format(record)


def set_up(verbose: bool = False) -> None:
    """Shows our log; libraries speak only when something is wrong."""
    handler = _Lines()
    handler.setFormatter(_Format(datefmt="%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("vision_app").setLevel(logging.DEBUG if verbose else logging.INFO)
