"""`vision-app receipts verify`."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.catalogue.pull import pull
from models.errors import ModelError
from models.faces import DETECTORS, DetectorName, FaceDetector, open_detector
from uploader.audit.ledger import Known
from uploader.audit.question import Question
from uploader.audit.trust import read_public_key
from uploader.audit.verification import SCHEMA, Verification
from uploader.audit.verify import verify as verify_store
from uploader.errors import UploaderError
from uploader.reading import open_reader
from uploader.settings import StoreSettings
from vision_app import config
from vision_app.cli.stores import told_store
from vision_app.screen.receipts_report import show

CANNOT_BE_READ = 2
LOOK_SIDE = 1280
HEAD = re.compile(r"([0-9a-f]+):([1-9]\d*):([0-9a-f]{64})")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("store", required=False)
@click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), help="Take [store] of this file."
)
@click.option("--endpoint", help="Another S3 API than that of AWS, as [store] endpoint.")
@click.option("--region", help="As [store] region.")
@click.option(
    "--key",
    "keys",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file with the public key of a device; only keys that are named are trusted.",
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="CHAIN:NUMBER:SHA256",
    help="The newest record that a device told of in its health: finds what was cut off.",
)
@click.option("--since", type=DAY, help="First day (UTC).")
@click.option("--until", type=DAY, help="Last day (UTC).")
@click.option(
    "--look", type=click.Choice(list(DETECTORS)), help="Also look for faces in every frame; slow."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def verify(
    store: str | None,
    path: Path | None,
    endpoint: str | None,
    region: str | None,
    keys: tuple[Path, ...],
    heads: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    look: DetectorName | None,
    as_json: bool,
) -> None:
    """Walk a bucket or folder, and name every gap, change, missing or unmasked object.

    STORE is s3://bucket/prefix, file:///folder or a folder. Reading a bucket needs s3:ListBucket
    and s3:GetObject, which devices do not have.

    Exit code 0: all is as it was recorded. 1: something is not, or there is nothing. 2: the store
    cannot be read.

    Example: vision-app receipts verify s3://farm-frames/site-a --key cam1.pub
    """
    if until and heads:
        raise click.UsageError("--head tells of the end of a chain: leave out --until")
    settings = told_store(store, path, endpoint, region)
    try:
        question = Question(
            trusted=frozenset(map(read_public_key, keys)),
            known=tuple(map(_known, heads)),
            since=_day(since),
            until=_day(until),
            detector=_detector(look) if look else None,
        )
        found = _asked(settings, question)
    except (UploaderError, ModelError) as error:
        click.echo(f"vision-app: {error}", err=True)
        sys.exit(CANNOT_BE_READ)
    if as_json:
        whole = {"schema": SCHEMA, **asdict(found)}
        click.echo(json.dumps(whole, indent=2, default=str))
    else:
        show(found)
    sys.exit(0 if found.proves_something else 1)


def _known(text: str) -> Known:
    found = HEAD.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not CHAIN:NUMBER:SHA256", param_hint="--head")
    return Known(found[1], int(found[2]), found[3])


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _detector(name: DetectorName) -> FaceDetector:
    """One that counts what a judge counts."""
    folder = config.data_folder() / "models"
    weights = pull(name, folder, config.mirror(), lambda text: click.echo(text, err=True))
    return open_detector(name, weights, DETECTORS[name].judge, LOOK_SIDE)


def _asked(settings: StoreSettings, question: Question) -> Verification:
    reader = open_reader(settings)
    try:
        with _progress() as progress:
            return verify_store(reader, question, progress)
    finally:
        reader.close()


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
