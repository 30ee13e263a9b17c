"""How objects are kept, how fast they leave, and what is said when the clock or the line is off."""

import threading
import time
from typing import Any

import pytest

from tests.checks_store import upload
from tests.wire.faulty import (
    EXPIRED,
    LOST,
    SKEWED,
    SLOW,
    WRONG_REGION,
    Fault,
    FaultyS3,
    clock_off_by,
)
from tests.wire.s3 import BUCKET, Answer, BadS3, objects, reader, settings
from uploader.errors import NotSpoken, StoreDenied, StoreSilent, StoreUnavailable, UploadCut
from uploader.settings import S3Settings, StoreSettings
from uploader.store import Store, open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]


def store_at(endpoint: str, timeout_s: float = 5.0, **more: Any) -> Store:
    place: StoreSettings = settings(endpoint, timeout_s).model_copy(update=more)
    return open_store(place)


def test_objects_are_kept_as_configured(endpoint: str) -> None:
    s3 = S3Settings(
        encryption="kms", kms_key="alias/vision", bucket_key=True, storage_class="STANDARD_IA",
        tags={"site": "berlin 3", "team": "a+b=c"},
    )  # fmt: skip
    store, sent = store_at(endpoint, s3=s3), upload()
    store.put(sent)
    store.close()
    with reader(endpoint) as client:
        where = {"Bucket": BUCKET, "Key": f"site-a/{sent.key}"}
        found = client.head_object(**where)
        tags = {tag["Key"]: tag["Value"] for tag in client.get_object_tagging(**where)["TagSet"]}
    assert found["ServerSideEncryption"] == "aws:kms"
    assert found["SSEKMSKeyId"] == "alias/vision"
    assert found["BucketKeyEnabled"] is True
    assert found["StorageClass"] == "STANDARD_IA"
    assert tags == {"site": "berlin 3", "team": "a+b=c"}


def test_sse_s3_is_asked_for_by_its_name(endpoint: str) -> None:
    with FaultyS3(endpoint) as network:
        for encryption, header in (("s3", "AES256"), ("bucket", None)):
            store = store_at(network.endpoint, s3=S3Settings(encryption=encryption))
            store.put(upload())
            store.close()
            assert network.seen[-1].headers.get("x-amz-server-side-encryption") == header


def test_the_body_is_signed_with_its_sha256_for_servers_that_know_no_checksums(
    endpoint: str,
) -> None:
    sent = upload()
    with FaultyS3(endpoint) as network:
        store = store_at(network.endpoint)
        store.put(sent)
        store.close()
        assert network.seen[0].headers["x-amz-content-sha256"] == sent.sha256


def test_no_more_than_the_cap_is_on_the_wire_within_one_object(endpoint: str) -> None:
    with FaultyS3(endpoint) as network:
        store = store_at(network.endpoint, max_kilobytes_per_s=200.0)
        store.put(upload(bytes(100_000)))
        store.close()
        took_s = network.seen[0].took_s
    assert 0.35 < took_s < 5


def test_closing_cuts_a_slow_upload_at_once(endpoint: str) -> None:
    store = store_at(endpoint, max_kilobytes_per_s=1.0)
    closer = threading.Timer(0.2, store.close)
    closer.start()
    began_s = time.monotonic()
    with pytest.raises(UploadCut):
        store.put(upload(bytes(100_000)))
    assert time.monotonic() - began_s < 5
    closer.join()
    assert objects(endpoint) == {}
    with pytest.raises(UploadCut):
        store.put(upload())


def test_a_slow_line_gets_more_time_at_each_attempt_until_the_object_is_through(
    endpoint: str,
) -> None:
    slow = Fault(on="PUT", bytes_per_s=20_000)
    with FaultyS3(endpoint, always=slow) as network:
        store = store_at(network.endpoint, timeout_s=0.2)
        sent = upload(bytes(10_000))
        attempts = 0
        for _ in range(6):
            try:
                store.put(sent)
                break
            except StoreSilent:
                attempts += 1
        store.close()
    assert 1 <= attempts <= 4
    assert store.uri(sent.key) in objects(endpoint)


def test_one_that_never_answers_gets_no_more_time_than_a_slow_line_would_need() -> None:
    with BadS3(*[Answer(silent=True)] * 6) as server:
        store, began_s = store_at(server.endpoint, timeout_s=0.1), time.monotonic()
        for _ in range(6):
            with pytest.raises(StoreUnavailable):
                store.put(upload(b"small"))
        store.close()
        assert time.monotonic() - began_s < 5  # six of 0.1 s; doubled each time it were 6.3 s


DENIALS = [
    (SKEWED, r"answered 403 RequestTimeTooSkewed: the clock of this device is 3 hours 1\d minutes"),
    (Fault(status=403, code="AccessDenied", answers=clock_off_by(hours=2.5)), "2 hours .* behind"),
    (EXPIRED, "have expired: renew them$"),
    (WRONG_REGION, r"another region: correct \[store\] region; it is in eu-west-1$"),
    (Fault(status=501, code="NotImplemented"), "does not know what was asked"),
    (Fault(status=400, code="InvalidStorageClass"), r"\[store.s3\] storage_class"),
]


@pytest.mark.parametrize(("fault", "sentence"), DENIALS, ids=lambda each: str(each)[:40])
def test_what_is_wrong_is_said_with_its_amount_or_its_name(
    endpoint: str, fault: Fault, sentence: str
) -> None:
    with FaultyS3(endpoint, always=fault) as network:
        store = store_at(network.endpoint)
        with pytest.raises(StoreDenied, match=sentence):
            store.put(upload())
        store.close()


def test_a_clock_that_the_server_puts_up_with_is_logged_once_and_said_by_the_check(
    endpoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    always = Fault(answers=clock_off_by(hours=-24 * 365))
    with FaultyS3(endpoint, always=always) as network:
        store = store_at(network.endpoint)
        for number in range(3):
            store.put(upload(str(number).encode()))
        assert "The clock of this device is 365 days ahead of the server's" in store.check()
        store.close()
    assert len([said for said in caplog.messages if "the clock of this device" in said]) == 1


def test_the_check_tells_what_only_writing_can_show(endpoint: str) -> None:
    silent = {"x-amz-checksum-sha256": None}
    always = Fault(answers=silent, forgets=("if-none-match",))
    with FaultyS3(endpoint, always=always) as network:
        store = store_at(network.endpoint, verify=True)
        said = store.check(write=True)
        store.close()
    assert "took vision-app-check.txt, which stays there." in said
    assert "confirms no SHA-256" in said
    assert "does not know If-None-Match" in said
    assert list(objects(endpoint)) == [f"s3://{BUCKET}/site-a/vision-app-check.txt"]


def test_the_check_says_what_it_cannot_know_of_reading_back(endpoint: str) -> None:
    with FaultyS3(endpoint, Fault("HEAD", 403)) as network:
        store = store_at(network.endpoint, verify=True)
        assert "Whether they allow s3:GetObject shows with --write" in store.check()
        assert "GetObject" not in store.check()
        store.close()
    assert objects(endpoint) == {}


def test_a_server_without_multipart_uploads_is_only_asked_for_the_bucket(endpoint: str) -> None:
    with FaultyS3(endpoint, Fault("POST", 501, "NotImplemented")) as network:
        store = store_at(network.endpoint)
        assert "can be reached" in store.check()
        store.close()


def test_slow_is_slow_not_lost(endpoint: str) -> None:
    """1000 bytes a second, and a second object right after it."""
    with FaultyS3(endpoint, SLOW, LOST) as network:
        store = store_at(network.endpoint)
        sent = upload(bytes(500))
        store.put(sent)
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        store.put(sent)
        store.close()
    assert objects(endpoint) == {store.uri(sent.key): sent.body}


def test_not_spoken_is_kept_like_any_denial() -> None:
    assert issubclass(NotSpoken, StoreDenied)
