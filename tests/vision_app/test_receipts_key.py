"""`vision-app receipts key`, and the head of the chain that health tells of."""

import gzip
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.vision_app.test_cli import config, vision_app
from uploader.receipts.key import open_key, read_key
from uploader.receipts.signing import record_hash

KEEPING = (
    "[[camera]]\nname='c'\nkind='file'\nsource='pictures'\npaced=false\n"
    "exempt='grey test pictures'\n[keep]\nbelow=1.0\ngap_s=0\n"
    "[spool]\nmin_free_bytes=0\n[publish.jsonl]\npath='e.jsonl'\n"
)


def test_a_device_tells_its_public_key_in_three_forms(tmp_path: Path) -> None:
    key, site = open_key(tmp_path / "data" / "receipts"), config(tmp_path, "")
    plain = vision_app("receipts", "key", "-c", site, cwd=tmp_path)
    assert plain.stdout == key.public_key + "\n"
    assert plain.stderr == f"fingerprint {key.fingerprint}\n"
    pem = vision_app("receipts", "key", "-c", site, "--pem", cwd=tmp_path)
    assert pem.stdout == key.public_pem
    load_pem_public_key(pem.stdout.encode())
    told = json.loads(vision_app("receipts", "key", "-c", site, "--json", cwd=tmp_path).stdout)
    assert told == {
        "key": key.public_key,
        "pem": key.public_pem,
        "fingerprint": key.fingerprint,
    }


def test_asking_for_a_key_makes_none(tmp_path: Path) -> None:
    done = vision_app("receipts", "key", "-c", config(tmp_path, ""), cwd=tmp_path)
    assert done.returncode == 1
    assert "has no key" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_key_that_cannot_be_used_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "receipts"
    folder.mkdir(parents=True)
    (folder / "key.pem").write_text("not mine")
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "0.png"), np.full((64, 64, 3), 90, np.uint8))
    done = vision_app("run", "-c", config(tmp_path, KEEPING), cwd=tmp_path)
    assert done.returncode == 2
    assert "is no Ed25519 private key" in done.stderr
    assert (folder / "key.pem").read_text() == "not mine"


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """A device that kept three pictures and sent them."""
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        picture = np.full((64, 64, 3), 80 + number, np.uint8)
        cv2.imwrite(str(tmp_path / "pictures" / f"{number}.png"), picture)
    text = KEEPING + f"[store]\nurl='file://{tmp_path}/bucket'\n"
    done = vision_app("run", "-c", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_health_tells_the_newest_record_that_the_store_must_come_to_hold(ran: Path) -> None:
    batches = (ran / "bucket").rglob("*.jsonl.gz")
    lines = [
        json.loads(line)
        for batch in batches
        for line in gzip.decompress(batch.read_bytes()).splitlines()
    ]
    newest = max(lines, key=lambda line: int(line["chain"]["number"]))
    health = json.loads((ran / "e.jsonl").read_text().splitlines()[-1])
    assert health["receipts"] == {
        "chain": newest["chain"]["chain"],
        "number": len(lines),
        "sha256": record_hash(newest).hex(),
        "key": read_key(ran / "data" / "receipts").fingerprint,
    }
    told = health["receipts"]
    head = f"{told['chain']}:{told['number']}:{told['sha256']}"
    key = vision_app("receipts", "key", "-c", ran / "site.toml", cwd=ran).stdout
    (ran / "camera.key").write_text(key)
    audit = ["receipts", "verify", (ran / "bucket").as_uri(), "--key", "camera.key", "--head", head]
    assert vision_app(*audit, cwd=ran).returncode == 0
    for batch in (ran / "bucket").rglob("*.jsonl.gz"):
        batch.unlink()
    assert vision_app(*audit, cwd=ran).returncode == 1
