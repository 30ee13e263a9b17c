import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vision_app.export.device import Shop
from vision_app.cli import main

Told = Callable[..., tuple[str, str]]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Told:
    """What the command writes (standard output, standard error) when it ends with the code."""

    def run(*words: object, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["vision-app", "export", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = (heard.decode() for heard in capfdbinary.readouterr())
        assert (ended.value.code or 0) == code, out + err
        return out, err

    return run
