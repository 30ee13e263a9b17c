"""`vision-app receipts verify` on a bucket that a device filled and somebody tampered with."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.uploader.audit.evidence import bare_picture, fill_store
from tests.vision_app.test_cli import vision_app
from tests.wire.s3 import BUCKET, emptied, reader, settings
from uploader.audit.finding import Kind
from uploader.audit.question import Question
from uploader.audit.verification import Verification
from uploader.audit.verify import verify
from uploader.errors import StoreDenied
from uploader.reading import open_reader
from uploader.receipts.key import DeviceKey
from uploader.settings import StoreSettings
from uploader.store import open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]

PREFIX = "site-a/"


class Bucket:
    """A bucket with twelve frames in it, and somebody who may write there."""

    def __init__(self, endpoint: str, key: DeviceKey, client: Any) -> None:
        self.endpoint, self.key, self.client = endpoint, key, client

    def verify(self) -> Verification:
        bucket = open_reader(settings(self.endpoint))
        try:
            return verify(bucket, Question(trusted=frozenset({self.key.public_key})))
        finally:
            bucket.close()

    def found(self) -> dict[Kind, list[str]]:
        kinds: dict[Kind, list[str]] = {}
        for finding in self.verify().findings:
            kinds.setdefault(finding.kind, []).append(finding.about)
        return kinds

    def keys(self, room: str) -> list[str]:
        pages = self.client.list_objects_v2(Bucket=BUCKET, Prefix=PREFIX + room)
        return [item["Key"].removeprefix(PREFIX) for item in pages["Contents"]]

    def read(self, key: str) -> bytes:
        body: bytes = self.client.get_object(Bucket=BUCKET, Key=PREFIX + key)["Body"].read()
        return body

    def write(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=PREFIX + key, Body=body)

    def remove(self, key: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=PREFIX + key)


@pytest.fixture
def bucket(server: str, credentials: None, tmp_path: Path) -> Iterator[Bucket]:
    endpoint = emptied(server)
    key = fill_store(tmp_path / "spool", open_store(settings(endpoint)), days=2)
    with reader(endpoint) as client:
        yield Bucket(endpoint, key, client)


def test_a_bucket_that_nobody_touched_is_fine(bucket: Bucket) -> None:
    found = bucket.verify()
    assert found.fine, found.findings
    assert (found.counts.frames, found.counts.verified) == (12, 12)
    assert found.store == "s3://farm-frames/site-a"


def test_a_removed_object_is_found(bucket: Bucket) -> None:
    frame, batch = bucket.keys("frames/")[3], bucket.keys("records/")[-1]
    bucket.remove(frame)
    assert bucket.found() == {Kind.MISSING: [frame]}
    bucket.remove(batch)
    assert Kind.INJECTED in bucket.found()  # its frames have no record now


def test_swapped_objects_are_found(bucket: Bucket) -> None:
    one, two = bucket.keys("frames/")[2:4]
    first, second = bucket.read(one), bucket.read(two)
    bucket.write(one, second)
    bucket.write(two, first)
    assert bucket.found() == {Kind.SWAPPED: [one, two]}


def test_an_edited_record_is_found(bucket: Bucket) -> None:
    batch = bucket.keys("records/")[0]
    text = gzip.decompress(bucket.read(batch))
    edited = text.replace(b'"label":"ripe"', b'"label":"face"', 1)
    assert edited != text
    bucket.write(batch, gzip.compress(edited))
    assert bucket.found() == {
        Kind.CHANGED: [batch],
        Kind.EDITED: [json.loads(edited.splitlines()[0])["id"]],
    }


def test_an_injected_object_is_found(bucket: Bucket) -> None:
    key = bucket.keys("frames/")[0].removesuffix(".jpg")[:-12] + "0" * 12 + ".jpg"
    bucket.write(key, bare_picture())
    bucket.write("holiday.jpg", bare_picture())
    assert bucket.found() == {Kind.INJECTED: [key], Kind.FOREIGN: ["holiday.jpg"]}


def test_the_folder_that_a_console_makes_is_no_object(bucket: Bucket) -> None:
    bucket.write("", b"")
    bucket.write("frames/", b"")
    assert bucket.verify().fine


def test_the_command_reads_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    gone = bucket.keys("frames/")[3]
    bucket.remove(gone)
    key = tmp_path / "cam1.pub"
    key.write_text(bucket.key.public_pem)
    words = ["s3://farm-frames/site-a", "--endpoint", bucket.endpoint, "--key", str(key), "--json"]
    done = vision_app("receipts", "verify", *words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["kind"], finding["about"]) == ("missing", gone)


def test_a_bucket_that_is_not_there_cannot_be_verified(server: str, credentials: None) -> None:
    place = StoreSettings(url="s3://not-there", endpoint=emptied(server), region="eu-central-1")
    missing = open_reader(place)
    with pytest.raises(StoreDenied, match="there is no such bucket"):
        verify(missing, Question())
    missing.close()
