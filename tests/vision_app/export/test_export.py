"""`vision-app export` as a person uses it, on a folder that devices filled."""

import gzip
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.uploader.samples import NOON
from tests.vision_app.export.conftest import Told
from tests.vision_app.export.device import Shop, ids, put, rows, texts
from uploader.choosing.choice import Choice
from uploader.record import rfc3339

DAY = timedelta(days=1)


def test_every_record_is_exported_in_order(shop: Shop, told: Told) -> None:
    kept = []
    for site, name in (("farm", "cam1"), ("farm", "cam2"), ("shop", "cam1")):
        with shop.device(site, name) as device:
            kept += [device.keep(at=NOON + DAY * day).id for day in (0, 0, 0, 0, 1)]
            device.send()
    out, err = told(shop.folder, "--format", "csv")
    assert ids(out) == kept
    said = "15 frames exported, 15 of them from cameras that are exempt from masking"
    assert err == f"{said}; 9 files of records read.\n"


def test_a_batch_of_another_day_is_not_even_read(shop: Shop, told: Told) -> None:
    with shop.device() as device:
        kept = [device.keep(at=NOON + DAY * day).id for day in range(5)]
        device.send()
    for batch in (shop.batches[0], shop.batches[4]):
        batch.write_bytes(b"not to be read")
    days = "--since", f"{NOON + DAY:%Y-%m-%d}", "--until", f"{NOON + 3 * DAY:%Y-%m-%d}"
    out, err = told(shop.folder, "--format", "csv", *days)
    assert ids(out) == kept[1:4]
    assert "3 files" in err
    out, _ = told("--records", shop.folder, "--format", "csv", *days)
    assert ids(out) == kept[1:4]


def test_times_are_cut_to_the_moment(shop: Shop, told: Told) -> None:
    with shop.device() as device:
        kept = [device.keep(at=NOON + timedelta(minutes=n)).id for n in range(5)]
        device.send()
    first, last = (rfc3339(NOON + timedelta(minutes=n)) for n in (1, 3))
    out, err = told(shop.folder, "--format", "csv", "--since", first, "--until", last)
    assert ids(out) == kept[1:3]
    assert "3 records not asked for" in err


def test_sites_devices_cameras_reasons_and_labels_can_be_chosen(shop: Shop, told: Told) -> None:
    both = Choice(("masked", "low_confidence"), by="masked")
    for site, name in (("farm", "cam1"), ("shop", "cam1"), ("shop", "cam2")):
        with shop.device(site, name) as device:
            device.keep()
            device.keep(choice=both, camera="door")
            device.keep(scores={"ripe": 0.1, "green": 0.9}, choice=Choice(("high",), by="high"))
            device.send()
    for words, wanted in (
        ("--site shop", 6),
        ("--site shop --device cam1", 3),
        ("--device cam1", 6),
        ("--site farm --site shop --device cam2", 3),
        ("--camera door", 3),
        ("--reason masked", 3),
        ("--reason low_confidence", 6),
        ("--reason high --reason masked", 6),
        ("--label green", 3),
        ("--label green --camera door", 0),
    ):
        out, _ = told(shop.folder, "--format", "csv", *words.split())
        assert len(ids(out)) == wanted, words


def test_a_record_that_stands_in_two_batches_is_exported_once(shop: Shop, told: Told) -> None:
    with shop.device() as device:
        kept = [device.keep().id for _ in range(4)]
        device.send()
    copied(shop.batches[0])
    out, err = told(shop.folder, "--format", "csv")
    assert sorted(ids(out)) == sorted(kept)
    assert "3 records seen before" in err


def copied(batch: Path) -> None:
    """The same records once more, under another proper name."""
    first = json.loads(texts(batch)[0])
    body = gzip.compress(gzip.decompress(batch.read_bytes()), compresslevel=1)
    put(batch.parents[4], body, first)


def test_synced_files_need_no_store(shop: Shop, told: Told, tmp_path: Path) -> None:
    kept = []
    for name in ("cam1", "cam2"):
        with shop.device(device=name) as device:
            kept += [device.keep().id for _ in range(4)]
            device.send()
    synced = tmp_path / "synced"
    shutil.copytree(shop.folder / "records", synced)
    assert ids(told("--records", synced, "--format", "csv")[0]) == kept
    again, err = told("--records", synced, "--records", shop.folder, "--format", "csv")
    assert ids(again) == kept
    assert "8 records seen before" in err
    one = told("--records", shop.batches[1], "--format", "csv")[0]
    assert ids(one) == kept[3:4]
    chosen = ["--records", synced, "--format", "csv", "--device", "cam2"]
    assert ids(told(*chosen, "--site", "farm")[0]) == kept[4:]
    assert ids(told(*chosen, "--site", "shop")[0]) == []


def test_synced_files_may_have_lost_their_folders(shop: Shop, told: Told, tmp_path: Path) -> None:
    """Then nothing tells which records can be the same: all ids are remembered."""
    kept = []
    for name in ("cam1", "cam2"):
        with shop.device(device=name) as device:
            kept += [device.keep().id for _ in range(4)]
            device.send()
    flat = tmp_path / "flat"
    flat.mkdir()
    for number, batch in enumerate(shop.batches):
        shutil.copy(batch, flat / f"{number}.jsonl.gz")
    words = ["--records", flat, "--records", shop.folder, "--records", flat]
    out, err = told(*words, "--format", "csv")
    assert ids(out) == kept
    assert "16 records seen before" in err


def test_frames_that_moved_are_named_where_they_are(shop: Shop, told: Told) -> None:
    with shop.device() as device:
        record = device.keep()
        device.send()
    (here,) = rows(told(shop.folder, "--format", "csv")[0])
    assert here["source_ref"] == f"{shop.folder.as_uri()}/{record.key}"
    words = "--format", "csv", "--frames", "s3://another/place/"
    (moved,) = rows(told(shop.folder, *words)[0])
    assert moved["source_ref"] == f"s3://another/place/{record.key}"


def test_the_output_has_its_name_only_when_it_is_whole(
    shop: Shop, told: Told, tmp_path: Path
) -> None:
    with shop.device() as device:
        device.keep()
        device.send()
    out = tmp_path / "new" / "frames.csv"
    words = "--format", "csv", "-o", out
    assert told(shop.folder, *words)[0] == ""
    assert len(rows(out.read_text())) == 1
    assert "exists already; --overwrite replaces it" in told(shop.folder, *words, code=2)[1]

    before = out.read_bytes()
    manifest = "--format", "groundtruth", "-o", out, "--overwrite"
    assert "with --frames s3://bucket/prefix" in told(shop.folder, *manifest, code=2)[1]
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["frames.csv"]

    told(shop.folder, *manifest, "--frames", "s3://bucket/site-a")
    assert json.loads(out.read_text())["source-ref"].startswith("s3://bucket/site-a/frames/")


def test_the_sums_can_be_had_as_json(shop: Shop, told: Told, tmp_path: Path) -> None:
    with shop.device() as device:
        device.keep()
        device.keep(camera="door")
        device.send()
    words = "--format", "csv", "-o", tmp_path / "a.csv", "--json", "--camera", "door"
    out, err = told(shop.folder, *words)
    assert err == ""
    assert json.loads(out) == {
        "batches": 1,
        "exported": 1,
        "exempt": 0,
        "not_asked_for": 1,
        "seen_before": 0,
        "faults": 0,
    }


@pytest.mark.parametrize("form", ["groundtruth", "label-studio", "csv"])
def test_nothing_to_export_is_a_whole_file_of_nothing(shop: Shop, told: Told, form: str) -> None:
    with shop.device() as device:
        device.keep()
        device.send()
    out, err = told(shop.folder, "--format", form, "--since", "1h")
    assert "0 frames exported" in err
    assert {"groundtruth": out == "", "label-studio": out == "[]\n", "csv": rows(out) == []}[form]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{tmp}/nowhere"], "there is no folder"),
        (["{tmp}"], "there are no records below file://"),
        (["ftp://farm/frames"], "no store that is known here: url 'ftp://farm/frames'"),
        ([], "name a store, or files with --records"),
        (["{tmp}", "--records", "{tmp}"], "name a store, or files with --records"),
        (["--records", "{tmp}/nowhere"], "there is no file or folder"),
        (["--records", "{tmp}"], "there is no *.jsonl.gz in"),
        (["{tmp}", "--since", "yesterday"], "'yesterday' is no time that is known here"),
        (["{tmp}", "--since", "7d", "--until", "8d"], "--until 8d does not lie behind --since 7d"),
        (["{tmp}", "--site", "../.."], "no site is called '../..'"),
        (["{tmp}", "--json"], "--json needs -o FILE"),
        (["{tmp}", "--format", "parquet"], "--format parquet needs -o FILE"),
        (["{tmp}", "--frames", "bucket"], "is no address like s3://bucket/prefix"),
        (["{tmp}", "-o", "/dev/null", "--overwrite"], "/dev/null is no file"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_code_2(
    tmp_path: Path, told: Told, words: list[str], said: str
) -> None:
    filled = [word.format(tmp=tmp_path) for word in words]
    _, err = told("--format", "csv", *filled, code=2)
    assert said in " ".join(err.replace("│", "").split())
