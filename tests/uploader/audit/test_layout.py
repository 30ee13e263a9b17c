import pytest

from tests.uploader.samples import NOON
from uploader.audit.layout import Place, place
from uploader.identity import object_key

ID, SHA = "019c1482-8000-7abc-8def-0123456789ab", "ab" * 32
FOLDER = "site=farm/device=cam-1/date=2026-01-31"


def test_what_the_uploader_names_has_a_place() -> None:
    key = object_key("frame", "farm", "cam-1", NOON, ID, SHA)
    assert place(key) == Place("frames", "2026-01-31", f"frames/{FOLDER}", "abababababab")
    other = object_key("frame", "site_2", "cam-1", NOON, ID, SHA)
    assert place(other) is not None
    batch = object_key("records", "farm", "cam-1", NOON, ID, SHA)
    assert place(batch) == Place("records", "2026-01-31", f"records/{FOLDER}", "abababababab")
    readings = object_key("sensors", "farm", "cam-1", NOON, ID, SHA)
    assert place(readings) == Place("sensors", "2026-01-31", f"sensors/{FOLDER}", "abababababab")
    stones = object_key("tombstones", "farm", "cam-1", NOON, ID, SHA)
    assert place(stones) == Place(
        "tombstones", "2026-01-31", f"tombstones/{FOLDER}", "abababababab"
    )
    labels = "labels/date=2026-01-31/anna.2.jsonl"
    assert place(labels) == Place("labels", "2026-01-31", "labels/date=2026-01-31")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "holiday.jpg",
        f"frames/{FOLDER}/holiday.jpg",
        f"frames/{FOLDER}/{ID}-abababababab.png",
        f"frames/{FOLDER}/{ID}-abababababab.jpg.tmp",
        f"frames/{FOLDER}/{ID}-abababababab.jpg\n",
        f"frames/{FOLDER}/more/{ID}-abababababab.jpg",
        f"frames/device=cam-1/site=farm/date=2026-01-31/{ID}-abababababab.jpg",
        f"records/{FOLDER}/{ID}-abababababab.jpg",
        f"frames/{FOLDER.replace('farm', 'Farm & Co')}/{ID}-abababababab.jpg",
        f"frames/{FOLDER.replace('farm', '42%')}/{ID}-abababababab.jpg",
        f"thumbnails/{FOLDER}/{ID}-abababababab.jpg",
        "labels/date=2026-01-31/face.jpg",
        "labels/anna.jsonl",
        ".vision-app-probe",
    ],
)
def test_everything_else_is_foreign(key: str) -> None:
    assert place(key) is None
