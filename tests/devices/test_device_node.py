"""Why a node below /dev cannot be opened: the sentence must be one that helps."""

import grp
import os
from pathlib import Path

import pytest

from devices.device_node import why_closed
from tests.devices.ordinary_user import as_an_ordinary_user

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to a group")


def node(folder: Path, mode: int, group: int = 0) -> Path:
    path = folder / "renderD128"
    path.touch()
    if os.geteuid() == 0:
        os.chown(path, 0, group)
    path.chmod(mode)
    return path


def test_what_can_be_opened_is_no_problem(open_folder: Path) -> None:
    path = node(open_folder, 0o666)
    with as_an_ordinary_user():
        assert why_closed(path) == ""


def test_what_is_missing_may_have_been_left_out_of_a_container(tmp_path: Path) -> None:
    assert "is missing: into a container it must be passed" in why_closed(tmp_path / "absent")


def test_what_is_no_folder_is_told_in_the_words_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert why_closed(tmp_path / "file" / "node") == f"{tmp_path}/file/node: Not a directory"


@ROOT_ONLY
def test_a_group_that_may_open_it_is_named(open_folder: Path) -> None:
    video = grp.getgrnam("video")
    path = node(open_folder, 0o660, video.gr_gid)
    with as_an_ordinary_user():
        assert why_closed(path).endswith(": sudo usermod -aG video $USER, then log in again")


@ROOT_ONLY
def test_a_group_of_the_machine_that_the_container_does_not_know_is_told_by_number(
    open_folder: Path,
) -> None:
    path = node(open_folder, 0o660, 54321)
    with as_an_ordinary_user():
        assert why_closed(path).endswith(": start the container with --group-add 54321")


@ROOT_ONLY
@pytest.mark.parametrize(("mode", "group"), [(0o600, 44), (0o664, 0), (0o640, 44)])
def test_where_no_group_would_help_a_rule_is_needed(
    mode: int, group: int, open_folder: Path
) -> None:
    path = node(open_folder, mode, group)
    with as_an_ordinary_user():
        assert why_closed(path).endswith(
            ": a udev rule must give it to a group that this user is in"
        )
