import base64
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from tests.uploader.disks import FailingDisk
from uploader.errors import ReceiptError
from uploader.receipts.key import open_key, read_key
from uploader.receipts.signing import signed

DIGEST = bytes(32)


def pem(
    key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def test_a_key_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "receipts"
    made = open_key(folder)
    assert ((folder / "key.pem").stat().st_mode & 0o777) == 0o600
    assert [path.name for path in folder.iterdir()] == ["key.pem"]
    again = open_key(folder)
    assert again.public_key == made.public_key == read_key(folder).public_key
    assert signed(made.public_key, DIGEST, again.sign(DIGEST))


def test_a_key_is_told_in_the_forms_of_others(tmp_path: Path) -> None:
    key = open_key(tmp_path)
    raw = base64.b64decode(key.public_key)
    assert load_pem_public_key(key.public_pem.encode()).public_bytes_raw() == raw  # type: ignore[union-attr]
    assert key.fingerprint == sha256(raw).hexdigest()[:16]
    assert "PRIVATE" not in key.public_pem


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 119,
        pem(Ed25519PrivateKey.generate())[:60],
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")),
    ],
    ids=["empty", "zeros", "cut", "another kind", "encrypted"],
)
def test_a_key_that_cannot_be_used_is_a_sentence_and_stays_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)
    with pytest.raises(ReceiptError, match=r"no Ed25519 private key .* from a backup"):
        open_key(tmp_path)
    assert file.read_bytes() == content


def test_a_key_on_a_disk_that_is_not_mounted_is_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "key.pem").symlink_to(tmp_path / "card" / "key.pem")
    with pytest.raises(ReceiptError, match="mount the disk with the key"):
        open_key(tmp_path)
    assert (tmp_path / "key.pem").is_symlink()


def test_a_key_that_the_disk_does_not_give_is_a_sentence(tmp_path: Path) -> None:
    open_key(tmp_path)
    disk = FailingDisk()
    disk.refuse(("open", "key.pem"))
    try:
        with pytest.raises(ReceiptError, match=r"cannot be read \(Input/output error\)"):
            open_key(tmp_path)
    finally:
        disk.refuse()


def test_where_no_key_can_be_made_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ReceiptError, match=r"or name another \[device\] data folder"):
        open_key(tmp_path / "data" / "receipts")
    (tmp_path / "key.pem.tmp").symlink_to("/dev/full")
    with pytest.raises(ReceiptError, match="No space left"):
        open_key(tmp_path)
    assert not (tmp_path / "key.pem").exists()


def test_reading_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(ReceiptError, match="made at the first start of vision-app run"):
        read_key(tmp_path)
    assert not list(tmp_path.iterdir())


def test_who_opens_at_once_has_one_key(tmp_path: Path) -> None:
    keys: list[str] = []
    begin = threading.Barrier(8)

    def start() -> None:
        begin.wait()
        keys.append(open_key(tmp_path).public_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
