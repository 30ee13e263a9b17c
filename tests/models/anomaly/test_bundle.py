import io
import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.anomaly.bundle import open_bundle, pack
from models.bundles.seal import seal
from models.errors import BundleError
from tests.models.anomaly.anomaly_bundles import SIGNALS, manifest, standard, svm, write


def change(bundle: Path, **fields: Any) -> None:
    path = bundle / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    seal(bundle)


def put_weights(bundle: Path, content: bytes) -> None:
    """With the right hash, as an attacker or a wrong tool would."""
    (bundle / "weights.npz").write_bytes(content)
    change(bundle, weights={"file": "weights.npz", "sha256": sha256(content).hexdigest()})


def arrays(**changed: Any) -> bytes:
    known = {"support": svm().support, "weights": svm().weights, "mean": standard().mean}
    known |= {"scale": standard().scale, "floor": standard().floor}
    out = io.BytesIO()
    np.savez(out, **{k: v for k, v in (known | changed).items() if v is not None})
    return out.getvalue()


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    opened = open_bundle(write(tmp_path / "b"))
    assert opened.manifest.signals == SIGNALS
    assert opened.manifest.units == {"temperature_c": "°C", "vent_pct": "%"}
    assert (opened.standard.scale == standard().scale).all()
    assert opened.svm.score(np.ones(4)) == svm().score(np.ones(4))


def test_a_bundle_is_three_plain_files_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "models" / "b")
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["b"]
    assert sorted(p.name for p in (tmp_path / "models" / "b").iterdir()) == [
        "manifest.json",
        "manifest.sha256",
        "weights.npz",
    ]


def test_the_same_numbers_are_the_same_bytes() -> None:
    assert pack(standard(), svm()) == pack(standard(), svm())


def test_an_existing_bundle_is_replaced_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path / "b", version="1")
    with pytest.raises(BundleError, match="exists already"):
        write(tmp_path / "b", version="2")
    assert open_bundle(tmp_path / "b").manifest.version == "1"
    write(tmp_path / "b", version="2", replace=True)
    assert open_bundle(tmp_path / "b").manifest.version == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_what_is_no_bundle_is_never_replaced(tmp_path: Path) -> None:
    precious = tmp_path / "b" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work")
    with pytest.raises(BundleError, match=r"a bundle needs a manifest\.json"):
        write(tmp_path / "b", replace=True)
    assert precious.read_text() == "years of work"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot be written: "):
        write(tmp_path / "file" / "b")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"schema": 2}, "schema"),
        ({"task": "classify"}, "task"),
        ({"features": ["mean"]}, "features"),
        ({"features": ["log_deviation", "mean"]}, "features must be mean, log_deviation"),
        ({"features": ["mean", "log_deviation", "mean"]}, "features must be mean, log_deviation"),
        ({"wandering": ["other"]}, "wandering may name signals of this model only"),
        ({"clear": 0.6}, "clear must be at most the threshold"),
        ({"signals": ["a", "a"]}, "different names"),
        ({"signals": []}, "signals"),
        ({"window_s": 0}, "window_s"),
        ({"threshold": "high"}, "threshold"),
        ({"surprise": 1}, "surprise"),
        ({"created": "2026-01-31T00:00:00+01:00"}, "created must be in UTC"),
        ({"weights": {"file": "../x", "sha256": "ab" * 32}}, "weights.file"),
        ({"signals": ["a"]}, "not made for the 1 signals"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    tmp_path: Path, fields: dict[str, Any], sentence: str
) -> None:
    bundle = write(tmp_path / "b")
    change(bundle, **fields)
    with pytest.raises(BundleError, match=sentence):
        open_bundle(bundle)


@pytest.mark.parametrize("key", json.loads(manifest(b"").model_dump_json(by_alias=True)))
def test_what_a_manifest_does_not_say_is_asked_for(tmp_path: Path, key: str) -> None:
    bundle = write(tmp_path / "b")
    said = json.loads((bundle / "manifest.json").read_text())
    del said[key]
    (bundle / "manifest.json").write_text(json.dumps(said))
    seal(bundle)
    with pytest.raises(BundleError, match=f'{key} is missing: write "{key}": '):
        open_bundle(bundle)


@pytest.mark.parametrize("file", ["manifest.json", "manifest.sha256", "weights.npz"])
def test_a_flipped_byte_anywhere_refuses_the_bundle(tmp_path: Path, file: str) -> None:
    path = write(tmp_path / "b") / file
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(BundleError):
            open_bundle(path.parent)
    path.write_bytes(whole)
    open_bundle(path.parent)


def test_a_bundle_without_a_seal_is_answered_with_the_command_that_seals_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "b")
    (folder / "manifest.sha256").unlink()
    with pytest.raises(BundleError, match="has no seal") as refused:
        open_bundle(folder)
    _, _, command = str(refused.value).partition("seal it: ")
    subprocess.run(command, shell=True, check=True)
    open_bundle(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        arrays(floor=None),
        arrays(scale=np.zeros(4)),
        arrays(support=np.full((1, 4), np.nan)),
        arrays(mean=np.zeros(4, np.float32)),
        arrays(weights=np.array([print], object)),
    ],
)
def test_weights_that_make_no_model_are_refused(tmp_path: Path, content: bytes) -> None:
    bundle = write(tmp_path / "b")
    put_weights(bundle, content)
    with pytest.raises(BundleError, match=r"weights\.npz cannot be used"):
        open_bundle(bundle)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no bundle"):
        open_bundle(tmp_path / "nothing")
    with pytest.raises(BundleError, match="there is no bundle"):
        open_bundle(Path("nothing"))
    with pytest.raises(BundleError, match=r"a bundle needs a manifest\.json"):
        open_bundle(tmp_path)
    bundle = write(tmp_path / "b")
    (bundle / "weights.npz").unlink()
    with pytest.raises(BundleError, match=r"weights\.npz is not a file in this folder"):
        open_bundle(bundle)


def test_the_built_in_bundle_opens_by_its_name() -> None:
    assert open_bundle(Path("greenhouse-climate")).manifest.name == "greenhouse-climate"
