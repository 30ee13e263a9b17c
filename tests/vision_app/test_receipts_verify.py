"""`vision-app receipts verify` as a privacy officer uses it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.uploader.audit.evidence import Evidence, another_key, bare_picture, fill_store
from uploader.receipts.signing import record_hash
from uploader.settings import StoreSettings
from uploader.store import open_store
from vision_app.cli import main

Told = Callable[..., str]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("evidence")
    store = open_store(StoreSettings(url=(folder / "store").as_uri()))
    return Evidence(folder / "store", fill_store(folder / "spool", store, frames=4))


@pytest.fixture
def evidence(pristine: Evidence, tmp_path: Path) -> Evidence:
    return pristine.copied(tmp_path / "store")


@pytest.fixture
def key(pristine: Evidence, tmp_path: Path) -> Path:
    path = tmp_path / "cam1.pub"
    path.write_text(pristine.key.public_pem)
    return path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """What the command writes when it ends with the code."""

    def run(*words: object, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["vision-app", "receipts", "verify", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, out + err
        return out if code < 2 else err

    return run


def test_a_store_that_is_fine_is_summed_up(pristine: Evidence, key: Path, told: Told) -> None:
    out = told(pristine.folder, "--key", key)
    assert "4, of which 4 verified" in out
    assert "3, with 3 faces covered" in out
    assert "farm/cam1 bench" in out
    assert "over seedlings" in out
    assert pristine.key.fingerprint in out
    assert "1 to 4" in out
    assert out.endswith("Everything is as it was recorded.\n")
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("form", ["path", "file-url", "config"])
def test_the_store_can_be_named_as_one_likes(
    pristine: Evidence, tmp_path: Path, told: Told, form: str
) -> None:
    url = pristine.folder.as_uri()
    config = tmp_path / "site.toml"
    config.write_text(f'[store]\nurl = "{url}"\n')
    forms = {"path": str(pristine.folder), "file-url": url, "config": f"-c {config}"}
    assert "4, of which 4 verified" in told(*forms[form].split())


def test_findings_are_named_and_end_with_code_1(evidence: Evidence, key: Path, told: Told) -> None:
    gone = evidence.frames[2]
    evidence.path(gone).unlink()
    evidence.path("holiday.jpg").write_bytes(bare_picture())
    out = told(evidence.folder, "--key", key, code=1)
    assert "✗ missing" in out
    assert gone in out.replace("\n", "")
    assert "2 findings: 1 foreign, 1 missing." in out


def test_what_a_device_let_go_is_told_and_no_finding(
    evidence: Evidence, key: Path, told: Told
) -> None:
    evidence.bury(2)
    shown = told(evidence.folder, "--key", key)
    assert "let go on the device  1, each with a tombstone: max_count 1" in shown
    assert max(map(len, shown.splitlines())) <= 80
    whole = json.loads(told(evidence.folder, "--key", key, "--json"))
    assert whole["let_go"] == {"max_count": 1}


def test_a_frame_that_has_only_a_tombstone_is_told_and_no_finding(
    evidence: Evidence, key: Path, told: Told
) -> None:
    body = evidence.path(evidence.lines()[1]["key"]).read_bytes()
    line = evidence.bury(2)
    evidence.path(line["key"]).write_bytes(body)
    shown = told(evidence.folder, "--key", key)
    assert max(map(len, shown.splitlines())) <= 80
    assert "1 frames have no record (number 2): the device signed" in " ".join(shown.split())
    whole = json.loads(told(evidence.folder, "--key", key, "--json"))
    assert whole["counts"]["recordless"] == 1
    assert whole["recordless"] == [
        {"key": line["key"], "chain": line["chain"]["chain"], "number": 2}
    ]


def test_without_a_key_it_says_on_what_the_answer_rests(pristine: Evidence, told: Told) -> None:
    shown = told(pristine.folder)
    assert max(map(len, shown.splitlines())) <= 80
    out = " ".join(shown.split())
    assert "Any key was taken." in out
    assert "name it with --key" in out


@pytest.mark.parametrize("form", ["pem", "base64"])
def test_another_key_is_not_trusted(
    pristine: Evidence, tmp_path: Path, told: Told, form: str
) -> None:
    other = another_key()
    path = tmp_path / "other.pub"
    path.write_text({"pem": other.public_pem, "base64": other.public_key + "\n"}[form])
    assert "✗ wrong_key" in told(pristine.folder, "--key", path, code=1)
    own = tmp_path / "own.pub"
    own.write_text(pristine.key.public_key)
    told(pristine.folder, "--key", path, "--key", own)


def test_a_cut_off_end_is_found_by_the_head(evidence: Evidence, told: Told) -> None:
    last = evidence.lines()[-1]
    head = f"{last['chain']['chain']}:4:{record_hash(last).hex()}"
    told(evidence.folder, "--head", head)
    evidence.remove(4)
    evidence.path(last["key"]).unlink()
    told(evidence.folder)
    assert "✗ cut_off" in told(evidence.folder, "--head", head, code=1)


def test_json_holds_everything(evidence: Evidence, key: Path, told: Told) -> None:
    evidence.path("a\x1b[2J.jpg").write_bytes(b"")
    whole = json.loads(told(evidence.folder, "--key", key, "--json", code=1))
    assert whole["schema"] == "vision-app/receipts/1"
    assert whole["counts"]["verified"] == 4
    assert whole["exempt"] == [
        {"device": "farm/cam1", "camera": "bench", "reason": "over seedlings", "frames": 1}
    ]
    assert whole["keys"][0]["fingerprint"] == evidence.key.fingerprint
    assert whole["chains"][0]["last"] == 4
    (finding,) = whole["findings"]
    assert (finding["kind"], finding["about"]) == ("foreign", "a\x1b[2J.jpg")


def test_a_name_cannot_command_the_terminal(evidence: Evidence, told: Told) -> None:
    evidence.path("a\x1b[2J[red].jpg").write_bytes(b"")
    out = told(evidence.folder, code=1)
    assert "\x1b[2J" not in out
    assert r"a\x1b[2J[red].jpg" in out


def test_more_findings_than_fit_are_counted(evidence: Evidence, told: Told) -> None:
    for number in range(60):
        evidence.path(f"{number}.txt").write_bytes(b"")
    out = told(evidence.folder, code=1)
    assert out.count("✗ foreign") == 50
    assert "… and 10 more: --json names them all" in out


def test_days_can_be_chosen(pristine: Evidence, told: Told) -> None:
    assert "0, of which 0 verified" in told(pristine.folder, "--since", "2026-02-01", code=1)
    assert "4, of which 4 verified" in told(pristine.folder, "--until", "2026-01-31")


def test_an_empty_store_proves_nothing(tmp_path: Path, told: Told) -> None:
    (tmp_path / "store").mkdir()
    assert "There is no record here: nothing is proven." in told(tmp_path / "store", code=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{tmp}/nowhere"], "there is no folder"),
        (["ftp://farm/frames"], "no store that is known here: url 'ftp://farm/frames'"),
        ([], "name a store"),
        (["{tmp}", "--key", "{tmp}/none"], "cannot be read (No such file or directory)"),
        (["{tmp}", "--key", "{tmp}/junk"], "holds no Ed25519 public key"),
        (["{tmp}", "--head", "abc"], "'abc' is not CHAIN:NUMBER:SHA256"),
        (["{tmp}", "--head", "ab:1:" + "0" * 64, "--until", "2026-01-31"], "leave out --until"),
        (["{tmp}", "--since", "yesterday"], "yesterday"),
        (["-c", "{tmp}/none.toml"], "no such file"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_code_2(
    tmp_path: Path, told: Told, words: list[str], said: str
) -> None:
    (tmp_path / "junk").write_text("who knows")
    filled = [word.format(tmp=tmp_path) for word in words]
    assert said in " ".join(told(*filled, code=2).replace("│", "").split())


def test_a_private_key_is_not_taken_for_a_public_one(
    pristine: Evidence, tmp_path: Path, told: Told
) -> None:
    path = next(pristine.folder.parent.glob("**/key.pem"))
    said = told(pristine.folder, "--key", path, code=2)
    assert "take what vision-app receipts key prints" in said
