import json
from pathlib import Path

import pytest

from tests.uploader.choosing.feedback.test_feedback import DOCUMENTED, PARAMETERS, connector
from vision_app.cli.import_feedback import import_feedback
from vision_app.config import load
from vision_app.errors import Refused


def imported(*words: str | Path) -> None:
    import_feedback([str(word) for word in words], standalone_mode=False)


def given(folder: Path, told: object) -> Path:
    path = folder / "connectors.json"
    path.write_text(json.dumps(told))
    return path


def test_a_connector_definition_is_printed_as_configuration_that_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(given(tmp_path, connector(PARAMETERS)))
    printed, said = capsys.readouterr()
    (tmp_path / "site.toml").write_text(printed)
    assert len(load(tmp_path / "site.toml", {}).keep.policy) == 4
    assert "RequestLimit 10 has no counterpart" in said


def test_it_is_written_to_a_new_file_and_never_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = given(tmp_path, DOCUMENTED), tmp_path / "keep.toml"
    imported(path, "-o", out)
    assert capsys.readouterr().out == ""
    written = out.read_text()
    assert len(load(out, {}).keep.policy) == 4
    with pytest.raises(Refused, match="is there already"):
        imported(path, "-o", out)
    assert out.read_text() == written


def test_what_is_no_such_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        imported(tmp_path / "absent.json")
    with pytest.raises(Refused, match="camera is no JSON object"):
        imported(given(tmp_path, {"camera": 3}))
    (tmp_path / "large.json").write_bytes(b" " * (1 << 20) + b"{}")
    with pytest.raises(Refused, match="more than 1048576 bytes"):
        imported(tmp_path / "large.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00\x00")
    with pytest.raises(Refused, match="cannot be read"):
        imported(tmp_path / "binary.json")
