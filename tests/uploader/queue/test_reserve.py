from pathlib import Path

from uploader.queue.reserve import FILES, MOST_BYTES, Reserve


def held(spool: Path) -> list[int]:
    return [path.stat().st_blocks * 512 for path in (spool / "reserve").iterdir()]


def test_room_is_taken_at_once_and_not_only_promised(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    assert held(tmp_path) == [MOST_BYTES] * FILES
    assert reserve.missing_bytes == 0


def test_what_is_spent_is_free_until_it_is_filled_again(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    reserve.spend()
    reserve.spend()
    assert held(tmp_path) == []
    assert reserve.missing_bytes == FILES * MOST_BYTES
    reserve.fill()
    assert len(held(tmp_path)) == FILES
    assert reserve.missing_bytes == 0


def test_a_start_keeps_what_is_there(tmp_path: Path) -> None:
    Reserve(tmp_path)
    before = [path.stat().st_ino for path in (tmp_path / "reserve").iterdir()]
    Reserve(tmp_path)
    assert [path.stat().st_ino for path in (tmp_path / "reserve").iterdir()] == before


def test_where_there_is_no_room_it_counts_as_spent(tmp_path: Path) -> None:
    (tmp_path / "reserve").write_text("in the way")
    assert Reserve(tmp_path).missing_bytes == FILES * MOST_BYTES
