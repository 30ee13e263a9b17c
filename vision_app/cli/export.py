"""`vision-app export`."""

import json
import re
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

import click

from uploader.audit.layout import NAME
from uploader.errors import UploaderError
from uploader.reading import open_reader
from vision_app.cli.stores import told_store
from vision_app.export import times
from vision_app.export.batches import Batch, FileBatches, StoredBatches, in_order
from vision_app.export.output import output, require_place
from vision_app.export.records import Records
from vision_app.export.screen import screen
from vision_app.export.sums import Sums
from vision_app.export.wanted import Wanted
from vision_app.export.writer import FORMATS, open_writer, write

CANNOT_BE_READ = 2
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://.+")
PATH = click.Path(path_type=Path)


@click.command()
@click.argument("store", required=False)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), required=True)
@click.option("--since", metavar="TIME", help="2026-11-01 (UTC), 2026-11-01T06:00:00Z, 7d or 24h.")
@click.option("--until", metavar="TIME", help="The same; a day is the last one.")
@click.option("--site", "sites", multiple=True, help="Only of this one; of several, each is taken.")
@click.option("--device", "devices", multiple=True)
@click.option("--camera", "cameras", multiple=True)
@click.option("--reason", "reasons", multiple=True, help="Only kept for this, among others.")
@click.option("--label", "labels", multiple=True, help="Only what the model took for this.")
@click.option("-o", "--output", "out", type=PATH, help="Default: standard output.")
@click.option("--overwrite", is_flag=True, help="Replace the output that is there.")
@click.option(
    "--records",
    "files",
    type=PATH,
    multiple=True,
    help="Instead of STORE: a file, or a folder, that was copied from below records/.",
)
@click.option("--frames", metavar="URL", help="Where the frames are now, if not where they were.")
@click.option("-c", "--config", "path", type=PATH, help="Take [store] of this file.")
@click.option("--endpoint", help="Another S3 API than that of AWS, as [store] endpoint.")
@click.option("--region", help="As [store] region.")
@click.option("--json", "as_json", is_flag=True, help="With -o: the sums as JSON.")
def export(
    store: str | None,
    form: str,
    since: str | None,
    until: str | None,
    out: Path | None,
    overwrite: bool,
    files: tuple[Path, ...],
    frames: str | None,
    path: Path | None,
    endpoint: str | None,
    region: str | None,
    as_json: bool,
    **lists: tuple[str, ...],
) -> None:
    """Make a manifest of kept frames from their records, to label them, train or count.

    STORE is s3://bucket/prefix, file:///folder or a folder. Only its records are listed and read,
    from the first day that is asked for on: s3:ListBucket may be limited to the prefix records/.
    Records that are edited so that they lead elsewhere are left out; signatures are checked by
    receipts verify.

    Exit code 0: done. 1: done, but what is damaged was left out. 2: the store cannot be read.

    Example: vision-app export s3://farm-frames/site-a --format groundtruth --since 7d -o new.jsonl
    """
    wanted = _wanted(since, until, lists)
    _require(form, out, overwrite, frames, as_json)
    if bool(files) == bool(store or path):
        raise click.UsageError("name a store, or files with --records")
    try:
        if files:
            sums = _exported(in_order(FileBatches(files, wanted)), wanted, frames, form, out)
        else:
            with closing(open_reader(told_store(store, path, endpoint, region))) as reader:
                batches = in_order(StoredBatches(reader, wanted))
                sums = _exported(batches, wanted, frames, form, out)
    except UploaderError as error:
        click.echo(f"vision-app: {error}", err=True)
        sys.exit(CANNOT_BE_READ)
    click.echo(json.dumps(asdict(sums)) if as_json else sums.sentence, err=not as_json)
    sys.exit(1 if sums.faults else 0)


def _wanted(since: str | None, until: str | None, lists: dict[str, tuple[str, ...]]) -> Wanted:
    for name in ("sites", "devices"):
        for value in lists[name]:
            if not re.fullmatch(NAME, value):
                raise click.UsageError(f"no {name[:-1]} is called {value!r}")
    now = datetime.now(timezone.utc)
    try:
        begin = times.since(since, now) if since else None
        end = times.until(until, now) if until else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if begin and end and begin >= end:
        raise click.UsageError(f"--until {until} does not lie behind --since {since}")
    return Wanted(begin, end, **lists)


def _require(
    form: str, out: Path | None, overwrite: bool, frames: str | None, as_json: bool
) -> None:
    if out is None and (as_json or form == "parquet"):
        raise click.UsageError(f"{'--json' if as_json else '--format parquet'} needs -o FILE")
    if frames and not ADDRESS.fullmatch(frames):
        raise click.UsageError(f"--frames {frames} is no address like s3://bucket/prefix")
    if out is not None:
        require_place(out, overwrite)


def _exported(
    batches: Generator[Batch, None, None],
    wanted: Wanted,
    frames: str | None,
    form: str,
    out: Path | None,
) -> Sums:
    with screen() as (say, follow), closing(batches):
        records = Records(batches, wanted, say, follow, frames)
        with output(out) as file, closing(open_writer(form, file)) as writer:
            write(records, writer)
    return records.sums
