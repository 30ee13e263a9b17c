from tests.uploader.samples import NOON
from uploader.audit.others import foreign
from uploader.reading import Stored
from uploader.store import PROBE, PROBE_BODY


def test_what_check_left_is_not_foreign_unless_it_is_another() -> None:
    assert list(foreign(Stored(PROBE, len(PROBE_BODY), NOON))) == []
    assert len(list(foreign(Stored(PROBE, len(PROBE_BODY) + 1, NOON)))) == 1
    assert len(list(foreign(Stored("notes.txt", len(PROBE_BODY), NOON)))) == 1
