import os

import pytest

from models.backends.quiet import NEWS, without_news


def test_only_the_one_line_of_news_is_kept_back(capfd: pytest.CaptureFixture[str]) -> None:
    with without_news():
        os.write(2, NEWS + b" for CPU.\n")
        os.write(2, b"ERROR: something that matters\n")
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "ERROR: something that matters\nafterwards\n"


def test_standard_error_is_itself_again_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        os.write(2, b"before the failure\n")
        raise ValueError("planted")

    with pytest.raises(ValueError, match="planted"), without_news():
        fail()
    os.write(2, b"after it\n")
    assert capfd.readouterr().err == "before the failure\nafter it\n"
