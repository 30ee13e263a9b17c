import base64
import gzip
import json
import socket
from pathlib import Path

import pytest

from tests.checks_store import check_store, upload
from tests.uploader.samples import KEY, NOON, because, prediction, with_a_face
from tests.wire.s3 import (
    BUCKET,
    Answer,
    BadS3,
    objects,
    reader,
    settings,
)
from uploader.errors import StoreDenied, StoreError, StoreRejected, StoreUnavailable
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool
from uploader.store import Store, Upload, open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]


def put(endpoint: str, sent: Upload | None = None, timeout_s: float = 5.0) -> None:
    store = open_store(settings(endpoint, timeout_s))
    try:
        store.put(sent or upload())
    finally:
        store.close()


def test_s3_is_a_store(endpoint: str) -> None:
    check_store(open_store(settings(endpoint)), lambda: objects(endpoint))


def test_type_and_metadata_arrive_and_the_checksum_is_sent(endpoint: str) -> None:
    sent = upload()
    put(endpoint, sent)
    with reader(endpoint) as client:
        found = client.head_object(Bucket=BUCKET, Key=f"site-a/{sent.key}", ChecksumMode="ENABLED")
    assert found["ContentType"] == "image/jpeg"
    assert found["Metadata"] == {"label": "ripe", "faces": "2"}
    assert base64.b64decode(found["ChecksumSHA256"]).hex() == sent.sha256


def test_a_frame_travels_from_the_spool_into_the_bucket(endpoint: str, tmp_path: Path) -> None:
    store, place = open_store(settings(endpoint)), settings(endpoint)
    with Spool(tmp_path / "s", SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY) as spool:
        record = spool.put(with_a_face(), prediction(0.6, "reife Früchte"), because("masked"))
        spool.put_object("sensors", b"PAR1 rows", "application/vnd.apache.parquet", NOON)
        uploader = Uploader(spool, store, place)
        assert [uploader.step() for _ in range(3)] == [Outcome.SENT, Outcome.SENT, Outcome.IDLE]
        uploader.flush()
        assert uploader.step() is Outcome.SENT
        assert uploader.drained
    held = objects(endpoint)
    assert len(held) == 3
    (batch,) = [body for uri, body in held.items() if "/records/" in uri]
    line = json.loads(gzip.decompress(batch))
    assert line["source-ref"] == store.uri(record.key)
    assert held[line["source-ref"]].startswith(b"\xff\xd8")
    store.close()


DENIED = [
    (Answer(403, "AccessDenied"), "s3:PutObject on s3://farm-frames/site-a/"),
    (Answer(401, "Unauthorized"), "s3:PutObject"),
    (Answer(404, "NoSuchBucket"), "create it or correct"),
    (Answer(403, "RequestTimeTooSkewed"), "clock of this device is wrong"),
    (Answer(400, "ExpiredToken"), "renew them"),
    (Answer(403, "InvalidAccessKeyId"), "correct the credentials"),
    (Answer(403, "SignatureDoesNotMatch"), "secret key is wrong"),
    (Answer(400, "AuthorizationHeaderMalformed"), r"\[store\] region"),
    (Answer(400, "KMS.DisabledException"), "KMS"),
    (Answer(405), "does not speak S3|endpoint"),
    (Answer(404), "endpoint"),
]


@pytest.mark.parametrize(("answer", "sentence"), DENIED, ids=lambda each: str(each)[:50])
def test_what_a_person_must_put_right_is_denied(answer: Answer, sentence: str) -> None:
    with BadS3(answer) as server, pytest.raises(StoreDenied, match=sentence) as denied:
        put(server.endpoint)
    assert str(denied.value).startswith(f"The bucket {BUCKET} at http://127.0.0.1")
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("answer", "may_be_there"),
    [
        (Answer(500, "InternalError"), True),
        (Answer(503, "SlowDown"), False),
        (Answer(502), True),
        (Answer(429, "TooManyRequests"), False),
        (Answer(400, "RequestTimeout"), False),
        (Answer(400, "BadDigest"), False),
        (Answer(409, "OperationAborted"), False),
        (Answer(reset=True), True),
        (Answer(200, checksum=base64.b64encode(bytes(32)).decode()), True),
    ],
    ids=str,
)
def test_what_passes_by_itself_is_tried_again_by_the_loop(
    answer: Answer, may_be_there: bool
) -> None:
    with BadS3(answer) as server:
        with pytest.raises(StoreUnavailable) as away:
            put(server.endpoint)
        assert away.value.may_be_there == may_be_there
        assert len(server.bodies) == (0 if answer.reset else 1)  # botocore has not tried by itself
        put(server.endpoint)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with BadS3(Answer(silent=True)) as server:
        with pytest.raises(StoreUnavailable, match="timeout") as silent:
            put(server.endpoint, timeout_s=0.3)
        assert silent.value.may_be_there


def test_nobody_there_is_unavailable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(StoreUnavailable, match="cannot be reached") as nobody:
            put(endpoint)
    assert not nobody.value.may_be_there


@pytest.mark.parametrize("code", ["EntityTooLarge", "KeyTooLongError", "InvalidRequest"])
def test_what_will_never_be_taken_is_rejected(code: str) -> None:
    with BadS3(Answer(400, code)) as server, pytest.raises(StoreRejected, match=code):
        put(server.endpoint)


def test_without_credentials_a_sentence_says_where_they_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with BadS3() as server, pytest.raises(StoreDenied, match="provide AWS credentials in the"):
        put(server.endpoint)


def test_the_body_is_sent_once_with_its_checksum_and_nothing_around_it() -> None:
    sent = upload()
    with BadS3() as server:
        put(server.endpoint, sent)
    assert server.bodies == [sent.body]
    checksum = server.headers[0]["x-amz-checksum-sha256"]
    assert base64.b64decode(checksum).hex() == sent.sha256


def check(store: Store) -> str:
    try:
        return store.check()
    finally:
        store.close()


def test_the_check_says_what_it_could_find_out(endpoint: str) -> None:
    assert "can be written" in check(open_store(settings(endpoint)))
    assert objects(endpoint) == {}
    with BadS3(Answer(403)) as server:
        assert "only at the first upload" in check(open_store(settings(server.endpoint)))


@pytest.mark.parametrize(
    ("answer", "kind"), [(Answer(404), StoreDenied), (Answer(500), StoreUnavailable)], ids=str
)
def test_the_check_raises_what_a_put_would(answer: Answer, kind: type[StoreError]) -> None:
    with BadS3(answer) as server, pytest.raises(kind):
        check(open_store(settings(server.endpoint)))


def test_a_missing_bucket_is_said_by_a_put_and_by_the_check(endpoint: str) -> None:
    place = StoreSettings(url="s3://not-there", endpoint=endpoint, region="eu-central-1")
    store = open_store(place)
    with pytest.raises(StoreDenied, match="no such bucket"):
        store.put(upload())
    with pytest.raises(StoreDenied, match="not-there"):
        store.check()
    store.close()


def test_the_uploader_waits_out_a_store_that_fails_and_then_loses_nothing(tmp_path: Path) -> None:
    answers = [Answer(500, "InternalError"), Answer(reset=True), Answer(403, "AccessDenied")]
    with BadS3(*answers) as server:
        store = open_store(settings(server.endpoint))
        with Spool(
            tmp_path / "s", SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY
        ) as spool:
            record = spool.put(with_a_face(), prediction(), because("masked"))
            uploader = Uploader(spool, store, settings(server.endpoint))
            outcomes = [uploader.step() for _ in range(4)]
        store.close()
    assert outcomes == [Outcome.UNAVAILABLE, Outcome.UNAVAILABLE, Outcome.DENIED, Outcome.SENT]
    assert uploader.counts.retries == 3
    assert record.key.encode() not in server.bodies[-1]
