"""The policy of the documentation is enough, and none of it is too much."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.checks_store import upload
from tests.wire.faulty import LOST, Fault, FaultyS3
from tests.wire.iam import enforced, needed
from tests.wire.s3 import BUCKET, objects, settings
from uploader.errors import StoreDenied, StoreUnavailable
from uploader.settings import S3Settings
from uploader.store import Store, open_store

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]

POLICY = Path(__file__).parents[2] / "examples" / "iam-policy.json"
PART = 5 << 20
LARGE = hashlib.shake_256(b"readings").digest(PART + 1)
SIZES = {"multipart_bytes": PART, "part_bytes": PART}
FULL = S3Settings(
    encryption="kms", bucket_key=True, storage_class="STANDARD_IA", tags={"site": "a"}, **SIZES
)


def policy(*left_out: str, prefix: str = "site-a") -> dict[str, Any]:
    """That of the examples, for the bucket of the tests, without the statements of that name."""
    text = POLICY.read_text().replace("my-bucket/vision", f"{BUCKET}/{prefix}")
    whole = json.loads(text)
    kept = [one for one in whole["Statement"] if one["Sid"] not in left_out]
    return {**whole, "Statement": kept}


def without(action: str) -> dict[str, Any]:
    """The whole policy but one action."""
    whole = policy()
    for statement in whole["Statement"]:
        left = [one for one in statement["Action"] if one != action]
        statement["Action"] = left or ["s3:GetBucketLocation"]
    return whole


@contextmanager
def device(
    endpoint: str, allowed: Mapping[str, Any], patch: pytest.MonkeyPatch, by: str = "", **store: Any
) -> Iterator[Store]:
    """A store whose credentials are allowed this. by: the address of a network in between."""
    place = settings(by or endpoint).model_copy(update=store)
    with enforced(endpoint, allowed, patch):
        opened = open_store(place)
        try:
            yield opened
        finally:
            opened.close()


def test_putting_needs_nothing_but_the_first_statement(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = policy("OnlyWithVerify", "OnlyWithTags", "OnlyWithEncryptionKms")
    small, large = upload(), upload(LARGE)
    with device(endpoint, allowed, monkeypatch, s3=S3Settings(**SIZES)) as store:
        store.put(small)
        store.put(small)
        store.put(large)
        assert "can be written" in store.check()
        wanted = {store.uri(small.key): small.body, store.uri(large.key): LARGE}
    assert objects(endpoint) == wanted


def test_s3_put_object_alone_is_enough_for_what_is_not_sent_in_parts(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"arn:aws:s3:::{BUCKET}/site-a/*"
    only = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": where}
    allowed = {"Version": "2012-10-17", "Statement": [only]}
    with device(endpoint, allowed, monkeypatch) as store:
        store.put(upload())
        assert "They lack s3:AbortMultipartUpload" in store.check()
    assert len(objects(endpoint)) == 1


@pytest.mark.parametrize("granted", [True, False])
def test_verifying_needs_the_second_after_a_lost_answer(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, granted: bool
) -> None:
    sent, allowed = upload(), policy() if granted else policy("OnlyWithVerify")
    with (
        FaultyS3(endpoint, LOST) as network,
        device(endpoint, allowed, monkeypatch, network.endpoint, verify=True) as store,
    ):
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        if granted:
            store.put(sent)
        else:
            with pytest.raises(StoreDenied, match="need s3:GetObject on"):
                store.put(sent)


def test_another_prefix_is_denied_and_said(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with device(endpoint, policy(prefix="another"), monkeypatch) as store:
        for attempt in (lambda: store.put(upload()), store.check):
            with pytest.raises(StoreDenied, match=f"need s3:PutObject on s3://{BUCKET}/site-a/"):
                attempt()
    assert objects(endpoint) == {}


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"])
def test_with_one_permission_less_it_is_said_which(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Of those that the server enforces."""
    fails = Fault("&partNumber=2", 500, "InternalError")
    with FaultyS3(endpoint, fails) as network:
        how = {"verify": True, "s3": S3Settings(**SIZES)}
        with device(endpoint, without(action), monkeypatch, network.endpoint, **how) as store:
            said = []
            for attempt in (store.check, lambda: store.put(upload(LARGE)), _twice(store)):
                try:
                    said.append(attempt() or "")
                except (StoreDenied, StoreUnavailable) as error:
                    said.append(str(error))
    assert any(action in sentence for sentence in said), said


def _twice(store: Store) -> Any:
    """Puts one object and the same again, as after a lost answer."""

    def attempt() -> None:
        sent = upload()
        store.put(sent)
        store.put(sent)

    return attempt


def test_what_is_configured_needs_exactly_the_policy(endpoint: str) -> None:
    """By Amazon's own list, for what no test server asks: tags, and the keys of KMS."""
    with FaultyS3(endpoint, LOST) as network:
        place = settings(network.endpoint).model_copy(update={"s3": FULL, "verify": True})
        store = open_store(place)
        sent = upload()
        with pytest.raises(StoreUnavailable):
            store.put(sent)
        store.put(sent)
        store.put(upload(LARGE))
        store.check()
        store.close()
        listing = [seen for seen in network.seen if "?uploads&prefix" in seen.line]
        asked = needed(seen for seen in network.seen if seen not in listing)
    granted = {action for one in policy()["Statement"] for action in one["Action"]}
    # Decrypt is what KMS wants for parts, and for reading back; no header of a request tells.
    assert asked | {"kms:Decrypt"} == granted


def test_a_denial_says_the_permissions_of_what_is_configured(endpoint: str) -> None:
    with FaultyS3(endpoint, Fault(status=403, code="AccessDenied")) as network:
        place = settings(network.endpoint).model_copy(update={"s3": FULL, "verify": True})
        store = open_store(place)
        with pytest.raises(StoreDenied) as denied:
            store.put(upload())
        store.close()
    assert (
        "need s3:PutObject, s3:PutObjectTagging, s3:GetObject, kms:GenerateDataKey and kms:Decrypt"
        in str(denied.value)
    )


def test_a_denial_that_names_the_permission_is_believed(endpoint: str) -> None:
    message = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:GenerateDataKey on y"
    with FaultyS3(endpoint, Fault(status=403, code="AccessDenied", message=message)) as network:
        store = open_store(settings(network.endpoint))
        with pytest.raises(StoreDenied, match="need kms:GenerateDataKey on"):
            store.put(upload())
        store.close()
