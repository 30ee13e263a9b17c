"""What `vision-app export` leaves out: each fault is named, and the other records are exported."""

import json

import pytest

from tests.vision_app.export.conftest import Told
from tests.vision_app.export.device import Shop, ids, packed, put, texts


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"who knows", "it is not what its name was made of"),
        (None, "it is no gzip file"),
    ],
)
def test_a_damaged_batch_is_named_and_the_others_exported(
    shop: Shop, told: Told, body: bytes | None, why: str
) -> None:
    with shop.device() as device:
        kept = [device.keep().id for _ in range(6)]
        device.send()
    first, _ = shop.batches
    like = json.loads(texts(first)[0])
    if body is None:
        first.unlink()
        first = put(shop.folder, b"no gzip", like)
    else:
        first.write_bytes(body)
    out, err = told(shop.folder, "--format", "csv", code=1)
    assert ids(out) == kept[3:]
    assert f"{first.relative_to(shop.folder)}: {why}" in err
    assert "1 fault, whose records are left out" in err


def test_a_damaged_or_edited_record_is_named_and_the_others_exported(
    shop: Shop, told: Told
) -> None:
    with shop.device() as device:
        kept = [device.keep().id for _ in range(3)]
        device.send()
    (batch,) = shop.batches
    good = shop.lines()
    elsewhere = good[1] | {"source-ref": "s3://other/" + good[1]["key"][:-5] + ".jpg"}
    redacted = good[1] | {"receipt": good[1]["receipt"] | {"treatment": "redacted"}}
    for line, why in (
        ({"schema": "vision-app/record/9"}, "is not of the schema vision-app/record/1"),
        (good[1] | {"seq": "many"}, "is no record (seq: "),
        (elsewhere, "source-ref was edited"),
        (good[1] | {"key": "\x07"}, "which is not the frame that it describes"),
        (good[1] | {"scores": [0.5]}, "3 labels do not fit 1 scores"),
        (good[1] | {"label": "blue"}, "is none of its labels"),
        (redacted, "it is redacted, and such a frame is never kept"),
    ):
        batch.unlink()
        batch = put(shop.folder, packed(good[0], line, good[2]), good[0])
        out, err = told(shop.folder, "--format", "csv", code=1)
        assert ids(out) == [kept[0], kept[2]], why
        assert f"{batch.name}, line 2:" in err
        assert why in err
        assert "\x07" not in err


def test_more_faults_than_fit_are_counted(shop: Shop, told: Told) -> None:
    with shop.device() as device:
        device.keep()
        device.send()
    (good,) = shop.lines()
    shop.batches[0].unlink()
    put(shop.folder, packed(*[{}] * 50, good), good)
    out, err = told(shop.folder, "--format", "csv", code=1)
    assert len(ids(out)) == 1
    assert err.count("line ") == 20
    assert "… and 30 faults more" in err


def test_a_batch_that_no_device_would_write_is_not_read(shop: Shop, told: Told) -> None:
    with shop.device() as device:
        device.keep()
        device.send()
    (batch,) = shop.batches
    with open(batch, "r+b") as file:
        file.truncate(65 << 20)
    assert "no device wrote that" in told(shop.folder, "--format", "csv", code=1)[1]
    assert "no device wrote that" in told("--records", batch, "--format", "csv", code=1)[1]
