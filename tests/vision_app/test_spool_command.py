"""`vision-app spool` beside a spool with frames, readings and files that were set aside."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.uploader.disks import without_slots
from tests.uploader.samples import KEY, NOON, because, entry, file_of, masked, prediction
from tests.vision_app.test_cli import config, vision_app
from uploader.lines.batch import Batch
from uploader.settings import SpoolSettings
from uploader.spool import Spool

ROOMY = SpoolSettings(min_free_bytes=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return config(tmp_path, "")


@pytest.fixture
def spool(tmp_path: Path, path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "data" / "spool", ROOMY, "farm", "cam1", 90, KEY) as opened:
        without_slots(opened.queue.folder)
        for seq in range(3):
            at = NOON + timedelta(minutes=seq)
            opened.put(masked(seq, at), prediction(0.5 + seq / 10), because("low_confidence"))
        opened.queue.accept(entry(minutes=9))
        yield opened


def test_status_counts_what_waits_and_who_uses_it(spool: Spool, path: Path) -> None:
    told = json.loads(vision_app("spool", "status", "-c", path, "--json", cwd=path.parent).stdout)
    assert told["process"] == os.getpid()
    assert told["waiting"]["frames"]["entries"] == 3
    assert told["waiting"]["readings"]["entries"] == 1
    assert told["oldest"] == "2026-01-31T12:00:00.250Z"
    sizes = sum(backlog["bytes"] for backlog in told["waiting"].values())
    assert sizes == spool.waiting.size_bytes

    shown = vision_app("spool", "status", "-c", path, cwd=path.parent).stdout
    assert f"process {os.getpid()}" in shown
    spool.close()
    assert "no process" in vision_app("spool", "status", "-c", path, cwd=path.parent).stdout


def test_status_says_why_files_were_set_aside(spool: Spool, path: Path) -> None:
    for why in ("[the store] refused it.",) * 2 + ("Nobody can read it.",):
        name = spool.queue.oldest()
        assert name is not None
        spool.queue.quarantine(name, why)
    (spool.queue.folder / "quarantine" / "letter.txt").write_text("dear")
    told = json.loads(vision_app("spool", "status", "-c", path, "--json", cwd=path.parent).stdout)
    aside = told["quarantined"]
    assert aside["entries"] == 4
    assert aside["bytes"] == spool.quarantined.size_bytes + len("dear")
    assert aside["why"] == {
        "[the store] refused it.": 2, "Nobody can read it.": 1, "nobody wrote down why": 1,
    }  # fmt: skip
    shown = vision_app("spool", "status", "-c", path, cwd=path.parent).stdout
    assert "2: [the store] refused it." in shown


def test_status_of_an_empty_spool(tmp_path: Path, path: Path) -> None:
    Spool(tmp_path / "data" / "spool", ROOMY, "farm", "cam1", 90, KEY).close()
    shown = vision_app("spool", "status", "-c", path, cwd=path.parent).stdout
    assert [line.split() for line in shown.splitlines()][2] == ["waiting", "nothing"]
    told = json.loads(vision_app("spool", "status", "-c", path, "--json", cwd=path.parent).stdout)
    assert (told["process"], told["oldest"], told["waiting"]) == (0, None, {})
    assert told["lines"] == {"records": 0, "tombstones": 0}
    assert told["free_bytes"] > 0


def test_lines_that_are_in_no_batch_yet_are_counted(spool: Spool, path: Path) -> None:
    batch = Batch(spool)
    batch.recover()
    for _ in range(3):
        name = spool.queue.oldest()
        assert name is not None
        batch.add(name, spool.queue.read(name), "s3://bucket/key")
        spool.queue.remove(name)
    told = json.loads(vision_app("spool", "status", "-c", path, "--json", cwd=path.parent).stdout)
    assert told["lines"] == {"records": 3, "tombstones": 0}


def test_batches_are_told_apart(spool: Spool, path: Path) -> None:
    for kind in ("records", "tombstones"):
        spool.put_object(kind, gzip.compress(b"{}"), "application/gzip", NOON)
    told = json.loads(vision_app("spool", "status", "-c", path, "--json", cwd=path.parent).stdout)
    assert {kind: backlog["entries"] for kind, backlog in told["waiting"].items()} == {
        "frames": 3, "readings": 1, "records": 1, "tombstones": 1,
    }  # fmt: skip


def test_list_says_of_each_what_it_is_oldest_first(spool: Spool, path: Path) -> None:
    shown = vision_app("spool", "list", "-c", path, "--json", cwd=path.parent).stdout
    rows = [json.loads(line) for line in shown.splitlines()]
    assert [row["kind"] for row in rows] == ["frames", "frames", "frames", "readings"]
    assert [row.get("label") for row in rows] == ["ripe", "ripe", "ripe", None]
    assert rows[0]["reasons"] == ["low_confidence"]
    assert rows[0]["key"].startswith("frames/site=farm/")
    assert rows[0]["value"] is not None
    assert rows[0]["made_at"] == "2026-01-31T12:00:00.250Z"
    every = vision_app("spool", "list", "-c", path, "--limit", "0", cwd=path.parent).stdout
    assert len(every.splitlines()) == 1 + 4
    less = vision_app("spool", "list", "-c", path, "--limit", "-1", cwd=path.parent)
    assert (less.returncode, "--limit" in less.stderr) == (2, True)
    two = vision_app("spool", "list", "-c", path, "--limit", "2", cwd=path.parent).stdout
    assert len(two.splitlines()) == 4
    assert two.splitlines()[-1].startswith("and 2 more")


def test_a_label_is_shown_as_it_is(spool: Spool, path: Path) -> None:
    spool.put(masked(7), prediction(0.5, "[bold]"), because("masked"))
    assert "[bold]" in vision_app("spool", "list", "-c", path, cwd=path.parent).stdout


def test_verify_names_what_is_damaged_and_changes_nothing(spool: Spool, path: Path) -> None:
    good = vision_app("spool", "verify", "-c", path, cwd=path.parent)
    assert (good.returncode, good.stdout) == (0, "4 entries were read, 0 are damaged\n")
    (hurt, *_) = [file for file in spool.queue.folder.iterdir() if file.suffix == ".entry"]
    body = bytearray(hurt.read_bytes())
    body[-1] ^= 1
    hurt.write_bytes(body)
    bad = vision_app("spool", "verify", "-c", path, cwd=path.parent)
    assert bad.returncode == 1
    assert f"{hurt.name.split('.')[0]} is damaged" in bad.stdout
    assert hurt.read_bytes() == bytes(body)
    assert spool.waiting.entries == 4


def test_retry_lets_what_is_whole_wait_again_beside_a_running_device(
    spool: Spool, path: Path
) -> None:
    ids = []
    while (name := spool.queue.oldest()) is not None:
        ids.append(name.id)
        spool.queue.quarantine(name, "The store refused it.")
    aside = spool.queue.folder / "quarantine"
    (aside / "letter.txt").write_text("dear")
    assert (spool.waiting.entries, spool.quarantined.entries) == (0, 4)

    done = vision_app("spool", "retry", "-c", path, "--json", cwd=path.parent)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert len(told["again"]) == 4
    assert told["stays"] == {"letter.txt": "it is no entry of a spool"}
    assert [file.name for file in aside.iterdir()] == ["letter.txt"]

    first = spool.queue.oldest()
    assert first is not None
    assert first.id == ids[0]
    assert (spool.waiting.entries, spool.quarantined.entries) == (4, 1)
    assert spool.queue.read(first).id == ids[0]
    assert not (spool.queue.folder / "retry").exists()


def test_retry_leaves_a_damaged_one_where_it_is(spool: Spool, path: Path) -> None:
    name = spool.queue.oldest()
    assert name is not None
    hurt = file_of(spool.queue.folder, name.id)
    hurt.write_bytes(hurt.read_bytes()[:-1])
    spool.queue.quarantine(name, "It is damaged.")
    done = vision_app("spool", "retry", "-c", path, cwd=path.parent)
    assert done.returncode == 1
    assert "stays in quarantine" in done.stdout
    assert "0 entries wait again, 1 files stay" in done.stdout


def test_a_folder_that_is_no_spool_is_a_sentence(tmp_path: Path, path: Path) -> None:
    refused = vision_app("spool", "status", "-c", path, cwd=tmp_path)
    assert refused.returncode == 1
    assert "is no spool" in refused.stderr
