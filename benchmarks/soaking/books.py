"""Do the service's books agree with each other, and with what lies in the store?"""

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.soaking.fault import Health
from tests.wire.s3 import BUCKET, reader
from tests.wire.service import PROGRAM, ROOT

FRAMES, RECORDS, TOMBSTONES = "/frames/", "/records/", "/tombstones/"


@dataclass(frozen=True, slots=True)
class Stored:
    """frames: objects. matching: those whose bytes have the SHA-256 that exactly one record says.

    records: lines. let_go: frames of which a tombstone says that they gave way.
    """

    frames: int
    matching: int
    records: int
    let_go: int


def stored(endpoint: str) -> Stored:
    """Reads the whole bucket, object after object."""
    digests: dict[str, str] = {}
    records: list[dict[str, Any]] = []
    tombstones: list[dict[str, Any]] = []
    for address, body in _objects(endpoint):
        if FRAMES in address:
            digests[address] = hashlib.sha256(body).hexdigest()
        elif RECORDS in address:
            records += map(json.loads, gzip.decompress(body).splitlines())
        elif TOMBSTONES in address:
            tombstones += map(json.loads, gzip.decompress(body).splitlines())
    said = {record["source-ref"]: record["sha256"] for record in records}
    matching = sum(said.get(address) == digest for address, digest in digests.items())
    let_go = sum(line["kind"] == "frame" for line in tombstones)
    return Stored(len(digests), matching, len(records), let_go)


def disagreements(health: Health, told: dict[str, int], there: Stored) -> Iterator[str]:
    """health: the last one. told: predictions of each camera in the file of events."""
    for name, camera in health["cameras"].items():
        ends = sum(camera["ends"].values())
        if camera["in_flight"] or camera["captured"] != ends or not ends:
            yield f"camera {name}: {camera['captured']} captured, {ends} ended"
        published = camera["ends"].get("published", 0)
        if told.get(name, 0) != published:
            yield f"camera {name}: {published} published, {told.get(name, 0)} told"
    if health["spool"]["count"] or health["spool"]["quarantined"]:
        yield f"the spool is not empty at the end: {health['spool']}"
    kept = sum(camera["kept_frames"] for camera in health["cameras"].values())
    if kept != there.frames + there.let_go:
        yield f"{kept} frames accepted, {there.frames} in the store, {there.let_go} let go"
    if not there.frames == there.matching == there.records:
        yield f"of {there.frames} frames {there.matching} match one of {there.records} records"


def chain_problem(health: Health, config: Path, endpoint: str) -> str:
    """What `vision-app receipts verify` finds wrong in the store; empty where all is proven."""
    head = health["receipts"]
    newest = f"{head['chain']}:{head['number']}:{head['sha256']}"
    words = ["receipts", "verify", "-c", str(config), "--endpoint", endpoint, "--head", newest]
    command = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"receipts verify: {done.stdout}{done.stderr}"


def _objects(endpoint: str) -> Iterator[tuple[str, bytes]]:
    with reader(endpoint) as client:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for item in page.get("Contents", []):
                body = client.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
                yield f"s3://{BUCKET}/{item['Key']}", body
