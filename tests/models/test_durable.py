import os
from pathlib import Path

import pytest

from models.durable import reason


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
