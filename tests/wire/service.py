"""The whole service as a process, and what must be true of all that it left behind."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
from numpy.typing import NDArray

from devices.simulated.greenhouse import CLASSES, render
from tests.wire.portrait import Judge, stand
from tests.wire.s3 import BUCKET, CREDENTIALS

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
PROGRAM = "import sys; from vision_app.cli import main; sys.argv[0] = 'vision-app'; main()"


@contextmanager
def service(folder: Path, config: str, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`vision-app run` with that configuration; its log is folder/service.log."""
    path = folder / "site.toml"
    path.write_text(config)
    command = [sys.executable, "-c", PROGRAM, "run", "-c", str(path), *words]
    with (folder / "service.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | CREDENTIALS, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def stopped(process: "subprocess.Popen[bytes]", number: int = signal.SIGTERM) -> int:
    """Asks the service to end; its exit code."""
    process.send_signal(number)
    return process.wait(timeout=90)


def store_block(endpoint: str) -> str:
    return (
        f'[store]\nurl = "s3://{BUCKET}/shop"\nendpoint = "{endpoint}"\n'
        'region = "eu-central-1"\nrecords_every_s = 1\ndrain_s = 60\n'
    )


def photographs(folder: Path, portrait: NDArray[np.uint8]) -> Path:
    """Rendered tomatoes, easy and hard, in every other one of which stands a real face."""
    folder.mkdir()
    for number, label in enumerate(CLASSES * 2):
        picture = render(np.random.default_rng(number), label, 640, 480, number / 9)
        if number % 2:
            stand(portrait, picture)
        assert cv2.imwrite(str(folder / f"{number}.jpg"), picture)
    return folder


def check_messages(messages: Sequence[tuple[str, bytes]]) -> dict[str, list[dict[str, Any]]]:
    """Every message fits its schema and lies on its topic; returns the payloads by kind."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for topic, raw in messages:
        payload = json.loads(raw)
        kind = payload["schema"].split("/")[1]
        check_schema(kind, payload)
        assert topic.startswith(f"vision/{payload['site']}/{payload['device']}/")
        assert topic.endswith(f"/{kind}")
        kinds.setdefault(kind, []).append(payload)
    return kinds


def check_schema(kind: str, payload: Mapping[str, Any]) -> None:
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text())
    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(payload)


def check_ledger(camera: Mapping[str, Any]) -> None:
    """Every captured frame ended under exactly one reason."""
    assert camera["in_flight"] == 0
    assert camera["captured"] == sum(camera["ends"].values())
    assert camera["captured"] > 0


def records_in(objects: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Every record, each a line that fits the schema and begins with its frame's address."""
    found = []
    for address in sorted(a for a in objects if "/records/" in a):
        for line in gzip.decompress(objects[address]).decode().splitlines():
            assert line.startswith('{"source-ref":')
            record = json.loads(line)
            check_schema("record", record)
            found.append(record)
    return found


def check_objects(objects: Mapping[str, bytes], judge: Judge) -> list[dict[str, Any]]:
    """Every frame opens, has exactly one record and that hash, and shows no face to the judge."""
    records = records_in(objects)
    frames = {address for address in objects if "/frames/" in address}
    assert sorted(record["source-ref"] for record in records) == sorted(frames)
    for record in records:
        jpeg = objects[record["source-ref"]]
        digest = hashlib.sha256(jpeg).hexdigest()
        assert digest == record["sha256"]
        assert record["key"].endswith(f"-{digest[:12]}.jpg")
        check_without_face(jpeg, (record["width"], record["height"]), judge)
    return records


def check_without_face(jpeg: bytes, size: tuple[int, int], judge: Judge) -> None:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert (image.shape[1], image.shape[0]) == size
    assert judge.detect(np.asarray(image, np.uint8)) == []
