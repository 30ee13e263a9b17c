import os
from pathlib import Path

import pytest

from models.durable import new_file, reason, write


def test_a_full_disk_is_told_without_a_file_where_the_system_names_none() -> None:
    """It read "cannot be made: : No space left on device"."""
    with (
        pytest.raises(OSError, match="No space left") as full,
        Path("/dev/full").open("wb", buffering=0) as file,
    ):
        file.write(b"x")
    assert reason(full.value) == "No space left on device"


def test_of_two_files_the_one_that_was_to_be_written_is_told(tmp_path: Path) -> None:
    """A copy onto a full disk blamed the file that it read."""
    (tmp_path / "from").write_bytes(b"x")
    refused = tmp_path / "absent" / "to"
    with pytest.raises(FileNotFoundError) as error:
        os.rename(tmp_path / "from", refused)
    assert reason(error.value) == f"{refused}: No such file or directory"


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_a_name_may_be_as_long_as_the_file_system_lets_it_be(tmp_path: Path, ending: str) -> None:
    """Two such names that differ only in their ends must not be written into one another."""
    path, other = (tmp_path / ("é" * 125 + "x" + end) for end in (ending, ".bmp"))
    assert len(os.fsencode(path.name)) == 255
    with new_file(other) as beside:
        beside.write(b"other")
        write(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert other.read_bytes() == b"other"
    assert len(list(tmp_path.iterdir())) == 2
