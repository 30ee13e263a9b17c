"""Success is what was found there: lost answers, duplicates, other content, any server."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.checks_store import check_store, upload
from tests.uploader.samples import KEY, because, prediction, with_a_face
from tests.wire.faulty import IGNORES_CONDITION, LOST, NO_CHECKSUMS, Fault, FaultyS3
from tests.wire.s3 import BUCKET, objects, reader, settings
from uploader.errors import StoreDenied, StoreRejected, StoreUnavailable
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from uploader.store import Store, Upload, open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]

REFUSES_CONDITION = Fault(on="PUT", status=501, code="NotImplemented")


@contextmanager
def verifying(endpoint: str, **more: Any) -> Iterator[Store]:
    store = open_store(settings(endpoint).model_copy(update={"verify": True, **more}))
    try:
        yield store
    finally:
        store.close()


def uri(sent: Upload) -> str:
    return f"s3://{BUCKET}/site-a/{sent.key}"


def other_content(endpoint: str, sent: Upload, body: bytes) -> None:
    with reader(endpoint) as client:
        client.put_object(Bucket=BUCKET, Key=f"site-a/{sent.key}", Body=body)


def test_a_store_that_verifies_is_a_store(endpoint: str) -> None:
    with verifying(endpoint) as store:
        check_store(store, lambda: objects(endpoint))


def test_a_lost_answer_is_success_once_the_object_was_compared(endpoint: str) -> None:
    sent = upload()
    with FaultyS3(endpoint, LOST) as network, verifying(network.endpoint) as store:
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        store.put(sent)
        assert len(network.lines("HEAD")) == 1
        assert network.lines("GET") == []
    assert objects(endpoint) == {uri(sent): sent.body}


def test_another_object_under_the_key_is_not_overwritten_and_said(endpoint: str) -> None:
    sent = upload()
    same_size = sent.body[:-1] + b"x"
    for body in (b"shorter", same_size):
        other_content(endpoint, sent, body)
        with (
            verifying(endpoint) as store,
            pytest.raises(StoreRejected, match=f"holds another object of {len(body)} bytes"),
        ):
            store.put(sent)
        assert objects(endpoint) == {uri(sent): body}


def test_without_verification_the_same_key_is_put_again(endpoint: str) -> None:
    sent = upload()
    other_content(endpoint, sent, b"another")
    store = open_store(settings(endpoint))
    store.put(sent)
    store.close()
    assert objects(endpoint) == {uri(sent): sent.body}


def test_where_the_server_keeps_no_checksum_the_object_is_read_back(endpoint: str) -> None:
    sent, other = upload(), upload(b"one that was changed in the bucket")
    other_content(endpoint, other, other.body[::-1])
    with (
        FaultyS3(endpoint, LOST, always=NO_CHECKSUMS) as network,
        verifying(network.endpoint) as store,
    ):
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        store.put(sent)
        with pytest.raises(StoreRejected, match="another object"):
            store.put(other)
        assert len(network.lines("GET")) == 2
        other_content(endpoint, other, b"of another size")
        with pytest.raises(StoreRejected, match="another object of 15 bytes"):
            store.put(other)
        assert len(network.lines("GET")) == 2


def test_what_the_answer_does_not_confirm_is_read_back_and_said_once(
    endpoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    with FaultyS3(endpoint, always=NO_CHECKSUMS) as network, verifying(network.endpoint) as store:
        store.put(upload())
        store.put(upload(b"another"))
        assert len(network.lines("GET")) == 2
    assert len([said for said in caplog.messages if "confirms no SHA-256" in said]) == 1


def test_an_answer_without_a_checksum_is_said_where_nothing_is_verified(
    endpoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    with FaultyS3(endpoint, always=NO_CHECKSUMS) as network:
        store = open_store(settings(network.endpoint))
        store.put(upload())
        store.put(upload(b"another"))
        store.close()
    assert [said.count("[store] verify = true") for said in caplog.messages if "SHA" in said] == [1]


def test_a_conflict_with_another_writer_is_tried_again(endpoint: str) -> None:
    conflict = Fault(on="PUT", status=409, code="ConditionalRequestConflict")
    with FaultyS3(endpoint, conflict) as network, verifying(network.endpoint) as store:
        with pytest.raises(StoreUnavailable):
            store.put(upload())
        store.put(upload())


def test_an_object_that_vanishes_before_it_is_compared_is_sent_again(endpoint: str) -> None:
    sent, exists = upload(), Fault(on="PUT", status=412, code="PreconditionFailed")
    with FaultyS3(endpoint, exists) as network, verifying(network.endpoint) as store:
        with pytest.raises(StoreUnavailable, match="no more"):
            store.put(sent)
        store.put(sent)
    assert objects(endpoint) == {uri(sent): sent.body}


def test_credentials_that_may_not_compare_are_told_so_and_the_object_is_kept(endpoint: str) -> None:
    sent = upload()
    may_not = Fault(on="HEAD", status=403)
    with FaultyS3(endpoint, LOST, may_not) as network, verifying(network.endpoint) as store:
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        with pytest.raises(StoreDenied, match="need s3:GetObject on s3://") as denied:
            store.put(sent)
        assert denied.value.may_be_there


def test_an_object_that_cannot_be_compared_now_may_still_be_there(endpoint: str) -> None:
    sent, busy = upload(), Fault(on="HEAD", status=503, code="SlowDown")
    with FaultyS3(endpoint, LOST, busy) as network, verifying(network.endpoint) as store:
        for _ in range(2):
            with pytest.raises(StoreUnavailable) as lost:
                store.put(sent)
            assert lost.value.may_be_there
        store.put(sent)


@pytest.mark.parametrize("kind", [REFUSES_CONDITION, IGNORES_CONDITION], ids=["501", "ignored"])
def test_a_server_that_does_not_know_the_condition_is_recognised(
    endpoint: str, kind: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = upload(), upload(b"another")
    always = kind if kind is IGNORES_CONDITION else Fault()
    with FaultyS3(endpoint, kind, always=always) as network, verifying(network.endpoint) as store:
        store.put(first)
        other_content(endpoint, second, b"what another device wrote")
        with pytest.raises(StoreRejected, match="was not overwritten"):
            store.put(second)
        store.put(first)
    assert objects(endpoint)[uri(first)] == first.body
    assert objects(endpoint)[uri(second)] == b"what another device wrote"
    assert len([said for said in caplog.messages if "does not know If-None-Match" in said]) == 1


def test_a_server_that_knows_the_condition_is_asked_about_it_once(endpoint: str) -> None:
    with FaultyS3(endpoint) as network, verifying(network.endpoint) as store:
        for number in range(3):
            store.put(upload(str(number).encode()))
        assert len(network.lines("PUT")) == 4
        assert all(seen.headers["if-none-match"] == "*" for seen in network.seen)


def test_a_foreign_object_is_quarantined_with_the_reason_and_all_others_are_sent(
    endpoint: str, tmp_path: Path
) -> None:
    place = settings(endpoint).model_copy(update={"verify": True})
    store = open_store(place)
    with Spool(tmp_path / "s", SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY) as spool:
        first = spool.put(with_a_face(), prediction(), because("masked"))
        second = spool.put(with_a_face(), prediction(), because("masked"))
        empty = b""
        foreign = Upload(first.key, empty, hashlib.sha256(empty).hexdigest(), "text/plain")
        store.put(replace(foreign))
        uploader = Uploader(spool, store, place)
        outcomes = [uploader.step() for _ in range(3)]
        assert outcomes == [Outcome.QUARANTINED, Outcome.SENT, Outcome.IDLE]
        (why,) = (tmp_path / "s" / "quarantine").glob("*.why")
        assert "holds another object of 0 bytes, which was not overwritten" in why.read_text()
    store.close()
    assert objects(endpoint)[store.uri(first.key)] == b""
    assert store.uri(second.key) in objects(endpoint)
