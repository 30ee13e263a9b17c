import base64
import json
from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from uploader.errors import ReceiptError
from uploader.receipts.signing import record_hash, sign, signed

RECORD: dict[str, Any] = {
    "source-ref": "s3://farm/frames/a.jpg",
    "label": "reife Früchte\n",
    "scores": (1.0, 1e-7, 0.1),
    "width": 64,
    "chain": {"number": 1, "chain": "ab", "signature": "of this"},
}
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()


def test_a_record_is_hashed_in_the_canonical_form_of_rfc_8785() -> None:
    text = (
        '{"chain":{"chain":"ab","number":1},"label":"reife Früchte\\n",'
        '"scores":[1,1e-7,0.1],"width":64}'
    )
    assert record_hash(RECORD) == sha256(text.encode()).digest()


def test_the_hash_is_that_of_the_line_in_the_store() -> None:
    line = json.dumps(RECORD, ensure_ascii=False)
    moved = json.loads(line) | {"source-ref": "s3://elsewhere/a.jpg"}
    assert record_hash(moved) == record_hash(RECORD)


@pytest.mark.parametrize("field", ["number", "chain"])
def test_a_link_is_part_of_what_is_hashed(field: str) -> None:
    changed = deepcopy(RECORD)
    changed["chain"][field] = "else"
    assert record_hash(changed) != record_hash(RECORD)


@pytest.mark.parametrize("value", [float("nan"), 1 << 60, "\ud800"])
def test_what_has_no_canonical_form_is_refused_with_a_sentence(value: object) -> None:
    with pytest.raises(ReceiptError, match="cannot be hashed"):
        record_hash({"label": value})


def test_a_name_that_is_no_text_is_refused_with_a_sentence() -> None:
    with pytest.raises(ReceiptError, match="cannot be hashed"):
        record_hash({"\ud800": 1})


def test_a_signature_holds_for_its_hash_and_its_key_only() -> None:
    digest = record_hash(RECORD)
    signature = sign(KEY, digest)
    assert signed(PUBLIC, digest, signature)
    assert not signed(PUBLIC, sha256(b"another").digest(), signature)
    stranger = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert not signed(stranger.decode(), digest, signature)


@pytest.mark.parametrize("text", ["", "?", "AAAA", "ä", PUBLIC + "\n"])
def test_what_is_no_key_and_no_signature_signs_nothing(text: str) -> None:
    digest = record_hash(RECORD)
    assert not signed(text, digest, sign(KEY, digest))
    assert not signed(PUBLIC, digest, text)
