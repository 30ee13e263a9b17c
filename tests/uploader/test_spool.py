import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import cv2
import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray

from masking.covering import also_covered
from masking.errors import Withheld
from masking.fill import LEVEL
from masking.masked_frame import Look, MaskedFrame
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from tests.masking.stand_ins import FACE, Detector, Image, finds
from tests.uploader.disks import FailingDisk
from tests.uploader.samples import (
    KEY,
    NOON,
    because,
    frame,
    masked,
    prediction,
    read_entry,
    redacted,
    with_a_face,
)
from uploader.encode import decoded
from uploader.errors import NotMasked, Unsettled
from uploader.identity import new_id
from uploader.metadata import escaped
from uploader.record import rfc3339
from uploader.settings import SpoolSettings
from uploader.spool import Spool

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(
        tmp_path / "spool", SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY
    ) as opened:
        yield opened


def test_a_frame_is_spooled_with_its_record(spool: Spool) -> None:
    shown = with_a_face()
    record = spool.put(shown, prediction(0.4), because("low_confidence", "masked"))

    entry = read_entry(spool.queue, record.id)
    assert hashlib.sha256(entry.body).hexdigest() == record.sha256 == entry.sha256
    assert record.key == entry.key
    assert record.key.endswith(f"/date=2026-01-31/{record.id}-{record.sha256[:12]}.jpg")
    assert (record.size_bytes, record.width, record.height) == (len(entry.body), 64, 48)
    assert (record.site, record.device, record.camera) == ("farm", "cam1", "bench")
    assert record.receipt == shown.receipt
    assert entry.record is not None
    assert dict(entry.record) == json.loads(record.to_json(record.key))
    assert spool.waiting.entries == 1


def test_the_metadata_of_a_frame_is_what_readers_filter_by(spool: Spool) -> None:
    record = spool.put(
        with_a_face(), prediction(0.6, "reife Früchte"), because("low_confidence", "masked")
    )
    said = read_entry(spool.queue, record.id).metadata
    assert {name: unquote(value) for name, value in said.items()} == {
        "schema": "vision-app/record/1",
        "label": "reife Früchte",
        "confidence": "0.600000",
        "reasons": "low_confidence,masked",
        "model-sha256": "ab" * 32,
        "faces": "1",
        "captured-at": rfc3339(NOON),
    }


@pytest.mark.parametrize(
    "text", ["plain", "two  spaces ", "ж%熟", "a\r\nx-amz-acl: public", "熟" * 99, "熟" * 999]
)
def test_metadata_is_short_ascii_that_can_be_read_back(text: str) -> None:
    value = escaped(text)
    assert value.isascii()
    assert value.isprintable()
    assert " " not in value
    assert len(value) <= 256
    assert text.startswith(unquote(value))
    assert unquote(value) == text or len(text) > 20


@pytest.mark.parametrize("offered", [frame(), frame().pixels, b"\xff\xd8", None])
def test_the_spool_takes_nothing_but_masked_frames(spool: Spool, offered: object) -> None:
    with pytest.raises(NotMasked):
        spool.put(offered, prediction(), because("low_confidence"))  # type: ignore[arg-type]
    assert not list(spool.queue.folder.glob("*.entry*"))


def test_the_spool_takes_no_likeness_and_nothing_redacted(spool: Spool) -> None:
    class Likeness(MaskedFrame):
        pass

    for offered in (object.__new__(Likeness), redacted()):
        with pytest.raises(NotMasked):
            spool.put(offered, prediction(), because("masked"))
    assert spool.waiting.entries == 0


@pytest.mark.parametrize("kind", ["frame", "records", "sensors", "else"])
def test_a_picture_cannot_pass_as_a_batch(spool: Spool, kind: str) -> None:
    with pytest.raises(NotMasked, match="through `put`, masked"):
        spool.put_object(kind, b"\xff\xd8\xff\xe0 JFIF", "image/jpeg", NOON)  # type: ignore[arg-type]
    assert spool.waiting.entries == 0


def test_a_batch_is_spooled_once_under_the_id_that_it_has(spool: Spool) -> None:
    first = spool.put_object("sensors", b"PAR1 rows", "application/x", NOON, {"rows": "3"})
    name = spool.queue.oldest()
    assert name is not None
    again = spool.put_object("sensors", b"PAR1 rows", "application/x", NOON, {"rows": "3"}, name.id)
    assert first == again
    assert first.startswith("sensors/site=farm/device=cam1/date=2026-01-31/")
    assert spool.waiting.entries == 1
    assert spool.queue.read(name).metadata == {"rows": "3"}


@pytest.mark.parametrize("shown", [masked(), with_a_face()], ids=["exempt", "masked"])
def test_a_line_fits_its_schema(spool: Spool, shown: MaskedFrame) -> None:
    record = spool.put(shown, prediction(), because("low_confidence"))
    schema = json.loads((SCHEMAS / "record.json").read_text())
    line = json.loads(record.to_json("s3://bucket/" + record.key))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    validator.validate(line)
    for part in (line, line["receipt"], line["chain"]):
        part["pixels"] = "…"
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(line)
        del part["pixels"]


def test_two_frames_of_one_moment_have_keys_of_their_own(spool: Spool) -> None:
    shown = masked()
    records = [spool.put(shown, prediction(), because("low_confidence")) for _ in range(3)]
    assert len({record.key for record in records}) == 3
    assert len({record.sha256 for record in records}) == 1


def test_a_record_is_one_line_with_its_address_first(spool: Spool) -> None:
    record = spool.put(masked(), prediction(0.5, "line\nbreak"), because("low_confidence"))
    line = replace(record, camera="Tür").to_json("s3://bucket/" + record.key)
    assert "\n" not in line
    assert line.startswith('{"source-ref":"s3://bucket/frames/')
    assert json.loads(line)["captured_at"] == "2026-01-31T12:00:00.250Z"


def test_a_picture_is_shown_as_it_would_be_stored_to_who_vouches_for_it(tmp_path: Path) -> None:
    seen: list[NDArray[np.uint8]] = []

    def vouch(shown: MaskedFrame, stored: NDArray[np.uint8]) -> MaskedFrame:
        seen.append(stored)
        return shown

    with Spool(tmp_path / "s", SpoolSettings(min_free_bytes=0), "farm", "cam1", 50, KEY) as spool:
        record = spool.put(masked(), prediction(), because("low_confidence"), vouch)
        body = read_entry(spool.queue, record.id).body
    stored = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    assert stored is not None
    assert (seen[0] == stored).all()
    assert not (seen[0] == masked().pixels).all(), "compression changed it"


def test_what_nobody_vouches_for_is_not_accepted(tmp_path: Path) -> None:
    def refuse(shown: MaskedFrame, stored: NDArray[np.uint8]) -> MaskedFrame:
        raise Withheld("a face shows")

    with Spool(tmp_path / "s", SpoolSettings(min_free_bytes=0), "farm", "cam1", 90, KEY) as spool:
        with pytest.raises(Withheld):
            spool.put(masked(), prediction(), because("low_confidence"), refuse)
        assert spool.waiting.entries == 0


@pytest.mark.parametrize("shows", [0, 1])
def test_what_the_judge_finds_is_covered_in_what_is_stored_and_in_the_record(
    spool: Spool, shows: int
) -> None:
    seen: list[Image] = []

    def judge(picture: Image) -> list[Box]:
        seen.append(picture)
        return [FACE] if len(seen) <= shows else []

    with closing(SecondLook(finds(), None, Detector(judge), MaskingSettings())) as look:
        record = spool.put(with_a_face(), prediction(), because("masked"), look.vouch)
    stored = decoded(read_entry(spool.queue, record.id).body)
    assert stored is not None
    assert [look.found for look in record.receipt.looks] == [1, *[1] * shows, 0]
    assert len(record.receipt.faces) == 1 + shows
    assert len(seen) == 1 + shows, "encoded as often as it was judged"
    assert (seen[-1] == stored).all(), "what is stored is what was judged last"
    cover = stored[18:30, 18:30].astype(int)
    assert (abs(cover - LEVEL).max() <= 3) == bool(shows)


def test_a_frame_is_encoded_twice_at_most(spool: Spool) -> None:
    seen: list[Image] = []

    def judge(picture: Image) -> list[Box]:
        seen.append(picture)
        return [FACE]

    with (
        closing(SecondLook(finds(), None, Detector(judge), MaskingSettings())) as look,
        pytest.raises(Withheld, match="covered twice"),
    ):
        spool.put(with_a_face(), prediction(), because("masked"), look.vouch)
    assert len(seen) == 2
    assert spool.waiting.entries == 0


def test_a_judge_who_is_never_content_keeps_nobody_waiting(spool: Spool) -> None:
    asked: list[MaskedFrame] = []

    def vouch(shown: MaskedFrame, stored: NDArray[np.uint8]) -> MaskedFrame:
        asked.append(shown)
        look = Look("judge", shown.receipt.looks[0].detector, 0.5, 640, 1)
        return also_covered(shown, (FACE,), (look,))

    with pytest.raises(Withheld, match="covered twice"):
        spool.put(with_a_face(), prediction(), because("masked"), vouch)
    assert len(asked) == 2
    assert spool.waiting.entries == 0


def test_a_batch_that_a_failing_disk_left_behind_is_accepted_when_it_comes_again(
    spool: Spool,
) -> None:
    """It had its name, which could not be taken away either; nobody was promised anything."""
    id, disk = new_id(NOON), FailingDisk()
    disk.refuse(("open", "/spool"), ("os.remove", ".entry"))
    with pytest.raises(Unsettled):
        spool.put_object("sensors", b"PAR1 rows", "application/x", NOON, {}, id)
    disk.refuse()
    assert spool.queue.named({id})
    assert spool.waiting.entries == 0
    spool.put_object("sensors", b"PAR1 rows", "application/x", NOON, {}, id)
    assert spool.waiting.entries == 1
    name = spool.queue.oldest()
    assert name is not None
    assert spool.queue.read(name).body == b"PAR1 rows"
