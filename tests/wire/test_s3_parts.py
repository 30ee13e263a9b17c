"""Large objects in parts: whole or not there at all, and nothing half finished stays."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.checks_store import upload
from tests.wire.faulty import Fault, FaultyS3
from tests.wire.s3 import BUCKET, objects, reader, settings
from uploader.errors import StoreDenied, StoreError, StoreRejected, StoreUnavailable, UploadCut
from uploader.settings import S3Settings
from uploader.store import Store, Upload, open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]

PART = 5 << 20
BODY = hashlib.shake_256(b"readings").digest(2 * PART + 1000)
SIZES = S3Settings(multipart_bytes=PART, part_bytes=PART)
SECOND_PART = "&partNumber=2"


@pytest.fixture
def sent() -> Upload:
    """Three parts, the last of them small."""
    return upload(BODY)


@contextmanager
def in_parts(endpoint: str, verify: bool = False, **s3: Any) -> Iterator[Store]:
    sizes = S3Settings(multipart_bytes=PART, part_bytes=PART, **s3)
    store = open_store(settings(endpoint).model_copy(update={"s3": sizes, "verify": verify}))
    try:
        yield store
    finally:
        store.close()


def unfinished(endpoint: str) -> list[str]:
    """Keys of uploads that were begun and neither completed nor aborted."""
    with reader(endpoint) as client:
        found = client.list_multipart_uploads(Bucket=BUCKET)
    return [item["Key"] for item in found.get("Uploads", ())]


@pytest.mark.parametrize("verify", [False, True])
def test_a_large_object_arrives_whole_each_part_with_its_checksum(
    endpoint: str, sent: Upload, verify: bool
) -> None:
    with FaultyS3(endpoint) as network, in_parts(network.endpoint, verify) as store:
        store.put(sent)
        parts = [seen for seen in network.seen if "&partNumber" in seen.line]
        _, complete = [seen for seen in network.seen if seen.line.startswith("POST")]
    assert objects(endpoint) == {store.uri(sent.key): BODY}
    assert unfinished(endpoint) == []
    pieces = [BODY[:PART], BODY[PART : 2 * PART], BODY[2 * PART :]]
    digests = [hashlib.sha256(piece).digest() for piece in pieces]
    assert [base64.b64decode(seen.headers["x-amz-checksum-sha256"]) for seen in parts] == digests
    assert ("if-none-match" in complete.headers) is verify


def test_type_and_metadata_and_options_are_those_of_any_object(endpoint: str, sent: Upload) -> None:
    with in_parts(endpoint, storage_class="STANDARD_IA", tags={"site": "berlin 3"}) as store:
        store.put(sent)
    with reader(endpoint) as client:
        where = {"Bucket": BUCKET, "Key": f"site-a/{sent.key}"}
        found = client.head_object(**where)
        tags = client.get_object_tagging(**where)["TagSet"]
    assert found["Metadata"] == {"label": "ripe", "faces": "2"}
    assert found["StorageClass"] == "STANDARD_IA"
    assert tags == [{"Key": "site", "Value": "berlin 3"}]


def test_an_object_at_the_bound_is_sent_whole(endpoint: str) -> None:
    with FaultyS3(endpoint) as network, in_parts(network.endpoint) as store:
        store.put(upload(BODY[:PART]))
        assert len(network.seen) == 1


FAILS = [
    (Fault(SECOND_PART, 500, "InternalError"), StoreUnavailable),
    (Fault(SECOND_PART, reset_after=PART // 2), StoreUnavailable),
    (Fault(SECOND_PART, 403, "AccessDenied"), StoreDenied),
    (Fault(SECOND_PART, answers={"x-amz-checksum-sha256": "AAAA"}), StoreUnavailable),
    (Fault(SECOND_PART, 404, "NoSuchUpload"), StoreUnavailable),
    (Fault(f"POST /{BUCKET}", 503, "SlowDown"), StoreUnavailable),
]


@pytest.mark.parametrize(("fault", "kind"), FAILS, ids=str)
def test_a_part_that_fails_leaves_nothing_and_the_next_attempt_is_whole(
    endpoint: str, sent: Upload, fault: Fault, kind: type[StoreError]
) -> None:
    with FaultyS3(endpoint, fault) as network, in_parts(network.endpoint) as store:
        with pytest.raises(kind):
            store.put(sent)
        assert (objects(endpoint), unfinished(endpoint)) == ({}, [])
        store.put(sent)
    assert objects(endpoint) == {store.uri(sent.key): BODY}
    assert unfinished(endpoint) == []


def test_what_could_not_be_aborted_is_aborted_before_the_next_large_object(
    endpoint: str, sent: Upload
) -> None:
    faults = [Fault(SECOND_PART, 500, "InternalError"), Fault("DELETE", 503, "SlowDown")]
    with FaultyS3(endpoint, *faults) as network, in_parts(network.endpoint) as store:
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        assert unfinished(endpoint) == [f"site-a/{sent.key}"]
        store.put(upload(BODY[::-1]))
    assert unfinished(endpoint) == []


def test_what_a_crash_left_is_aborted_when_the_object_is_sent_again(
    endpoint: str, sent: Upload
) -> None:
    key = f"site-a/{sent.key}"
    others = f"{key}.another"
    with reader(endpoint) as client:
        for each in (key, key, others):
            client.create_multipart_upload(Bucket=BUCKET, Key=each)
    with in_parts(endpoint) as store:
        store.put(sent)
    assert unfinished(endpoint) == [others]


def test_credentials_that_may_not_list_unfinished_uploads_are_not_asked_twice(
    endpoint: str, sent: Upload
) -> None:
    may_not = Fault("GET", 403, "AccessDenied")
    with FaultyS3(endpoint, may_not) as network, in_parts(network.endpoint) as store:
        store.put(sent)
        store.put(sent)
        assert len(network.lines("GET")) == 1
    assert unfinished(endpoint) == []


def test_a_lost_answer_to_the_last_request_is_compared(endpoint: str, sent: Upload) -> None:
    with FaultyS3(endpoint) as network, in_parts(network.endpoint, verify=True) as store:
        network.faults += [Fault("POST"), Fault("POST", lost=True)]  # it begins, it completes
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        assert objects(endpoint) == {store.uri(sent.key): BODY}
        store.put(sent)
        assert network.lines("HEAD")
        assert len(network.lines("DELETE")) == 2  # of each attempt once: what is gone stays gone
    assert objects(endpoint) == {store.uri(sent.key): BODY}
    assert unfinished(endpoint) == []


def test_another_large_object_under_the_key_is_not_overwritten(endpoint: str, sent: Upload) -> None:
    with reader(endpoint) as client:
        client.put_object(Bucket=BUCKET, Key=f"site-a/{sent.key}", Body=BODY[::-1])
    with in_parts(endpoint, verify=True) as store, pytest.raises(StoreRejected, match="another"):
        store.put(sent)
    assert objects(endpoint) == {store.uri(sent.key): BODY[::-1]}
    assert unfinished(endpoint) == []


def test_closing_cuts_it_within_a_part_and_leaves_nothing(endpoint: str, sent: Upload) -> None:
    place = settings(endpoint).model_copy(update={"s3": SIZES, "max_kilobytes_per_s": 1000.0})
    store = open_store(place)
    closer = threading.Timer(0.3, store.close)
    closer.start()
    with pytest.raises(UploadCut):
        store.put(sent)
    closer.join()
    store.close()
    assert (objects(endpoint), unfinished(endpoint)) == ({}, [])
