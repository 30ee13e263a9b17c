import socket

import pytest

from tests.checks_store import check_reader, upload
from tests.wire.s3 import (
    Answer,
    BadS3,
    settings,
)
from uploader.errors import (
    StoreDenied,
    StoreError,
    StoreRejected,
    StoreUnavailable,
)
from uploader.reading import StoreReader, open_reader
from uploader.settings import StoreSettings
from uploader.store import open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]


def test_a_bucket_can_be_read(endpoint: str) -> None:
    check_reader(open_store(settings(endpoint)), open_reader(settings(endpoint)))


def test_a_list_longer_than_one_answer_is_asked_to_its_end(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    store, reader = open_store(settings(endpoint)), open_reader(settings(endpoint))
    sent = [upload(str(number).encode()) for number in range(5)]
    for each in sent:
        store.put(each)
    assert [stored.key for stored in reader.objects()] == sorted(each.key for each in sent)
    reader.close()
    store.close()


def test_another_prefix_of_the_bucket_is_another_store(endpoint: str) -> None:
    store = open_store(settings(endpoint))
    store.put(upload())
    shorter = settings(endpoint).model_copy(update={"url": "s3://farm-frames/site"})
    other = open_reader(shorter)
    assert list(other.objects()) == []
    other.close()
    store.close()


def fails(reader: StoreReader, kind: type[StoreError], sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        reader.read("frames/x.jpg")
    reader.close()


def test_a_bucket_that_is_not_there_is_said(endpoint: str) -> None:
    place = StoreSettings(url="s3://not-there", endpoint=endpoint, region="eu-central-1")
    reader = open_reader(place)
    with pytest.raises(StoreDenied, match="there is no such bucket"):
        list(reader.objects())
    fails(reader, StoreDenied, "there is no such bucket")


def test_credentials_that_may_not_read_are_told_what_they_need() -> None:
    with BadS3(Answer(403, "AccessDenied")) as server:
        fails(open_reader(settings(server.endpoint)), StoreDenied, "s3:ListBucket and s3:GetObject")


def test_an_archived_object_is_said_to_be_one() -> None:
    with BadS3(Answer(403, "InvalidObjectState")) as server:
        fails(open_reader(settings(server.endpoint)), StoreRejected, "restore it to read it")


def test_a_server_that_stumbles_is_asked_again() -> None:
    nothing = Answer(body=b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
    with BadS3(Answer(500, "InternalError"), nothing) as server:
        reader = open_reader(settings(server.endpoint))
        assert list(reader.objects()) == []
        reader.close()


def test_a_body_that_breaks_off_is_asked_for_again() -> None:
    with BadS3(Answer(200, cut=True)) as server:
        reader = open_reader(settings(server.endpoint))
        assert reader.read("frames/x.jpg") == b""
        reader.close()


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    fails(open_reader(settings(endpoint)), StoreUnavailable, "cannot be reached")
