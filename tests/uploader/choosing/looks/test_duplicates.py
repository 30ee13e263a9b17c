"""What was kept is not kept again, within bounds of number and time, and over a restart."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.uploader.choosing.pictures import at_cosine, of_vector
from uploader.checked_file import write
from uploader.choosing.looks.diary import KEPT
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.looks.fingerprint import Fingerprint, of_hash
from uploader.choosing.looks.remembered import MAX_CAMERAS, MAX_LOOKS
from uploader.choosing.settings import DuplicateSettings

HERE = of_vector(1, 0)


def duplicates(folder: Path | None = None, **said: object) -> Duplicates:
    return Duplicates(DuplicateSettings.model_validate(said), folder)


def keeping(*looks: Fingerprint, folder: Path | None = None, **said: object) -> Duplicates:
    """One that kept these of one camera, a second after each other from 0 on."""
    memory = duplicates(folder, **said)
    for at_s, look in enumerate(looks):
        memory.kept("door", look, float(at_s))
    return memory


def corner(index: int, of: int = 16) -> Fingerprint:
    """One of many that have nothing in common."""
    return of_vector(*(float(n == index) for n in range(of)))


def test_nothing_is_near_before_anything_was_kept() -> None:
    assert not duplicates().near("door", HERE, 0.0)
    assert duplicates().novelty("door", HERE, 0.0) == 1.0


@pytest.mark.parametrize(("cosine", "near"), [(1.0, True), (0.91, True), (0.89, False), (0, False)])
def test_an_embedding_is_near_from_the_similarity_on(cosine: float, near: bool) -> None:
    assert keeping(HERE, similarity=0.9).near("door", at_cosine(cosine), 1.0) is near


@pytest.mark.parametrize(("bits", "near"), [(0, True), (6, True), (7, False), (64, False)])
def test_a_hash_is_near_up_to_so_many_bits(bits: int, near: bool) -> None:
    kept, other = of_hash(0xFEED_FACE_CAFE_F00D), of_hash(0xFEED_FACE_CAFE_F00D ^ (1 << bits) - 1)
    assert keeping(kept, bits=6).near("door", other, 1.0) is near


def test_the_nearest_of_all_that_is_remembered_decides() -> None:
    memory = keeping(*(corner(n) for n in range(10)))
    assert memory.near("door", corner(4), 20.0)
    assert not memory.near("door", corner(12), 20.0)


def test_another_camera_may_show_the_same() -> None:
    assert not keeping(HERE).near("gate", HERE, 1.0)


def test_switched_off_nothing_is_near() -> None:
    assert not keeping(HERE, enabled=False).near("door", HERE, 1.0)


def test_a_scene_may_be_kept_again_after_its_time() -> None:
    memory = keeping(HERE, forget_after_s=60)
    assert memory.near("door", HERE, 60.0)
    assert not memory.near("door", HERE, 60.1), "though it was seen again a moment ago"
    assert memory.novelty("door", HERE, 60.1) == 1.0


def test_beyond_its_number_the_one_that_was_not_seen_for_longest_is_forgotten() -> None:
    memory = keeping(corner(0), corner(1), corner(2), remember=3)
    assert memory.near("door", corner(0), 10.0)
    memory.kept("door", corner(3), 11.0)
    assert [memory.near("door", corner(n), 12.0) for n in range(4)] == [True, False, True, True]


def test_what_has_expired_makes_room_first() -> None:
    memory = keeping(corner(0), remember=2, forget_after_s=60)
    memory.kept("door", corner(1), 50.0)
    assert memory.near("door", corner(0), 55.0), "so that it was seen last"
    memory.kept("door", corner(2), 61.0)
    assert [memory.near("door", corner(n), 61.0) for n in (1, 2)] == [True, True]


def test_of_another_models_numbers_nothing_is_believed() -> None:
    memory = keeping(of_vector(1, 0, space="old"))
    assert not memory.near("door", of_vector(1, 0, space="new"), 1.0)
    assert memory.novelty("door", of_vector(1, 0, space="new"), 1.0) == 1.0
    memory.kept("door", of_vector(1, 0, space="new"), 2.0)
    assert memory.near("door", of_vector(1, 0, space="new"), 3.0)
    assert not memory.near("door", of_vector(1, 0, 0, space="new"), 3.0)


@pytest.mark.parametrize(
    ("cosine", "novelty"), [(1.0, 0.0), (0.75, 0.5), (0.5, 1.0), (0.2, 1.0), (-1.0, 1.0)]
)
def test_the_less_an_embedding_is_like_the_nearest_the_newer_it_is(
    cosine: float, novelty: float
) -> None:
    found = keeping(HERE, of_vector(-1, -0.1)).novelty("door", at_cosine(cosine), 1.0)
    assert found == pytest.approx(novelty if cosine > -1 else 0.01, abs=0.02)


@pytest.mark.parametrize(("bits", "novelty"), [(0, 0.0), (8, 0.25), (32, 1.0), (60, 1.0)])
def test_a_hash_is_as_new_as_half_of_its_bits_can_say(bits: int, novelty: float) -> None:
    found = keeping(of_hash(0)).novelty("door", of_hash((1 << bits) - 1), 1.0)
    assert found == pytest.approx(novelty, abs=1e-6)


def test_suppressed_frames_are_counted_for_each_camera_until_one_is_kept() -> None:
    memory = keeping(HERE)
    memory.kept("gate", HERE, 1.0)
    for camera in ("door", "door", "gate"):
        memory.suppress(camera)
    assert (memory.suppressed("door"), memory.suppressed("gate")) == (2, 1)
    memory.kept("door", HERE, 2.0)
    assert (memory.suppressed("door"), memory.suppressed("gate")) == (0, 1)
    assert memory.suppressed("nowhere") == 0


def test_of_too_many_cameras_the_one_that_kept_nothing_for_longest_is_forgotten() -> None:
    memory = duplicates()
    for n in range(MAX_CAMERAS):
        memory.kept(f"camera{n}", HERE, float(n))
    memory.kept("camera0", HERE, 100.0)
    memory.kept("one more", HERE, 101.0)
    known = [memory.near(f"camera{n}", HERE, 102.0) for n in range(3)]
    assert known == [True, False, True]


def test_a_restart_remembers_all_of_it(tmp_path: Path) -> None:
    memory = keeping(HERE, folder=tmp_path)
    memory.classes.kept("ripe")
    memory.suppress("door")
    memory.close()
    found = duplicates(tmp_path, forget_after_s=60)
    assert found.near("door", HERE, 60.0)
    assert found.suppressed("door") == 1
    assert found.classes.counts == {"ripe": 1}
    assert not found.near("door", HERE, 60.1), "its age as well"
    assert (memory.problem, found.problem) == ("", "")


def test_what_was_suppressed_since_the_restart_is_remembered_by_the_next(tmp_path: Path) -> None:
    keeping(HERE, folder=tmp_path).close()
    for count in (1, 2):
        memory = duplicates(tmp_path)
        memory.suppress("door")
        memory.close()
        assert duplicates(tmp_path).suppressed("door") == count


def test_after_a_restart_less_is_remembered_where_the_settings_say_less(tmp_path: Path) -> None:
    keeping(*(corner(n) for n in range(5)), folder=tmp_path).close()
    found = duplicates(tmp_path, remember=2)
    assert [found.near("door", corner(n), 9.0) for n in range(5)] == [False] * 3 + [True] * 2


def test_the_file_holds_only_so_many_looks_of_a_camera(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    many = [of_hash(int(n)) for n in rng.integers(0, 1 << 63, MAX_LOOKS + 50)]
    keeping(*many, folder=tmp_path, remember=4096).close()
    found = duplicates(tmp_path, remember=4096)
    known = [found.near("door", look, 999.0) for look in many]
    assert known == [False] * 50 + [True] * MAX_LOOKS


def test_half_precision_moves_no_cosine_by_a_thousandth(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    looks = [of_vector(*np.abs(rng.normal(size=1024)).tolist()) for _ in range(8)]
    memory = keeping(*looks[:7], folder=tmp_path)
    memory.close()
    before, after = (m.novelty("door", looks[7], 9.0) for m in (memory, duplicates(tmp_path)))
    assert after == pytest.approx(before, abs=1e-3)


def test_what_is_kept_later_is_written_every_ten_minutes_and_not_more_often(tmp_path: Path) -> None:
    memory = keeping(corner(0), folder=tmp_path)
    memory.kept("door", corner(1), 599.0)
    assert not (tmp_path / KEPT).exists()
    memory.kept("door", corner(2), 601.0)
    assert duplicates(tmp_path).near("door", corner(2), 602.0), "as after a power cut"
    memory.kept("door", corner(3), 1200.0)
    assert not duplicates(tmp_path).near("door", corner(3), 1201.0)


def test_closed_twice_nothing_is_written_twice(tmp_path: Path) -> None:
    memory = keeping(HERE, folder=tmp_path)
    memory.close()
    (tmp_path / KEPT).unlink()
    memory.close()
    assert not (tmp_path / KEPT).exists()


BODY = {"schema": "vision-app/kept/1", "cameras": [], "labels": {}}
SEEN = {
    "camera": "door", "space": "hash-1", "suppressed": 0, "size": 2,
    "vectors": "AAAAPA==", "kept_s": "AAAAAAAAAAA=", "seen_s": "AAAAAAAAAAA=",
}  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b"{}",
        json.dumps(BODY | {"schema": "vision-app/kept/2"}).encode(),
        json.dumps(BODY | {"labels": {"ripe": -1}}).encode(),
        json.dumps(BODY | {"cameras": [SEEN | {"size": 0}]}).encode(),
        json.dumps(BODY | {"cameras": [SEEN | {"size": 3}]}).encode(),
        json.dumps(BODY | {"cameras": [SEEN | {"vectors": "no base64"}]}).encode(),
        json.dumps(BODY | {"cameras": [SEEN | {"kept_s": ""}]}).encode(),
        json.dumps(BODY | {"cameras": [SEEN | {"seen_s": "AAAAAAAA8H8="}]}).encode(),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_said_once_and_begins_anew(
    tmp_path: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / KEPT, body)
    memory = duplicates(tmp_path)
    assert not memory.near("door", of_vector(0, 1, space="hash-1"), 0.0)
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "what kept frames looked like is forgotten, so some may be kept once more"
    ]
    memory.kept("door", HERE, 1.0)
    memory.close()
    assert duplicates(tmp_path).near("door", HERE, 2.0)


def test_the_example_of_a_file_that_makes_sense_does(tmp_path: Path) -> None:
    write(tmp_path / KEPT, json.dumps(BODY | {"cameras": [SEEN]}).encode())
    assert duplicates(tmp_path).near("door", of_vector(0, 1, space="hash-1"), 0.0)


def test_a_torn_file_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keeping(HERE, folder=tmp_path).close()
    whole = (tmp_path / KEPT).read_bytes()
    (tmp_path / KEPT).write_bytes(whole[:-20])
    assert not duplicates(tmp_path).near("door", HERE, 1.0)
    assert "is forgotten" in caplog.text


def test_a_folder_that_cannot_be_written_is_a_problem_and_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "folder").write_bytes(b"a file in its place")
    memory = keeping(HERE, folder=tmp_path / "folder")
    memory.close()
    assert "will be forgotten" in memory.problem
    assert memory.near("door", HERE, 1.0)
    (tmp_path / "folder").unlink()
    memory.close()
    assert not memory.problem
    assert duplicates(tmp_path / "folder").near("door", HERE, 1.0)
