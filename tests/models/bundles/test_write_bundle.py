import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundles.bundle import open_bundle
from models.bundles.drawn_picture import drawn_picture
from models.bundles.manifest import Input, Kind
from models.bundles.write_bundle import TOLERANCES, Facts, NewWeights, write_bundle
from models.classifier import open_classifier
from models.errors import BackendUnavailable, BundleError
from models.settings import ModelSettings, RuntimeSettings
from tests.models.networks import COLOURS, INPUT, colour_network, colour_scores, patches

FACTS = Facts(
    name="colours",
    version="7",
    trained_from="nothing",
    licence="MIT",
    input=Input.model_validate(INPUT, strict=False),
    kind="probabilities",
    labels=COLOURS,
)


def weights(tmp_path: Path, gain: float = 10.0, softmax: bool = True) -> NewWeights:
    path = colour_network(tmp_path / f"net-{gain}-{softmax}.onnx", gain, softmax)
    return NewWeights(path, "model.onnx", "float32", "onnx")


def test_what_is_written_is_a_bundle_that_names_pictures(tmp_path: Path) -> None:
    with write_bundle(tmp_path / "b", FACTS, [weights(tmp_path)], patches()) as bundle:
        assert bundle.labels == COLOURS
        assert bundle.manifest.name == "colours"
        assert bundle.manifest.version == "7"
        assert bundle.manifest.weights[0].tolerance == TOLERANCES["float32"] == 1e-3
        np.testing.assert_array_equal(bundle.golden.image, patches())
        np.testing.assert_allclose(bundle.golden.scores, colour_scores(patches()), atol=1e-5)
    with open_classifier(ModelSettings(bundle=str(tmp_path / "b"))) as classifier:
        assert classifier.classify(patches()).label == "red"


def test_weights_may_be_bytes_and_documents_come_along(tmp_path: Path) -> None:
    new = weights(tmp_path)
    assert isinstance(new.content, Path)
    new = replace(new, content=new.content.read_bytes(), tolerance=0.5)
    bundle = write_bundle(tmp_path / "b", FACTS, [new], documents={"README.md": b"# Colours\n"})
    assert bundle.manifest.weights[0].tolerance == 0.5
    assert [entry.file for entry in bundle.manifest.documents] == ["README.md"]
    assert (bundle.folder / "README.md").read_bytes() == b"# Colours\n"


def test_without_a_picture_one_is_drawn_that_shows_every_mistake(tmp_path: Path) -> None:
    image = drawn_picture()
    assert image.shape == (240, 320, 3)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, drawn_picture())
    for wrong in (image[..., ::-1], image[::-1], image[:, ::-1]):
        assert np.abs(wrong.astype(int) - image).mean() > 20
    bundle = write_bundle(tmp_path / "b", FACTS, [weights(tmp_path)])
    np.testing.assert_array_equal(bundle.golden.image, image)


def test_what_is_there_already_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    new = NewWeights(tmp_path / "never-read.onnx", "model.onnx", "float32", "onnx")
    with pytest.raises(BundleError, match="it exists already"):
        write_bundle(tmp_path / "b", FACTS, [new])
    assert list((tmp_path / "b").iterdir()) == []


def refused(tmp_path: Path, facts: Facts, new: Sequence[NewWeights], words: str) -> None:
    """It is refused with these words, and nothing is left of it."""
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BundleError, match=words):
        write_bundle(tmp_path / "b", facts, new, patches())
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(FACTS, labels=("one", "two")), "3 scores, but has 2 labels"),
        (replace(FACTS, labels=("a", "a", "b")), "make these labels different: a"),
        (replace(FACTS, labels=("a", "b\nc", "")), "empty"),
        (replace(FACTS, name="My Shelf"), "name: "),
        (replace(FACTS, version="../1"), "version: "),
        (replace(FACTS, licence=""), "licence: "),
        (replace(FACTS, temperature=0.0), "temperature"),
        (replace(FACTS, kind="logits"), "it gives probabilities, not logits"),
        (
            replace(FACTS, input=FACTS.input.model_copy(update={"layout": "nhwc"})),
            r"correct input\.width, input\.height or input\.layout",
        ),
    ],
)
def test_facts_that_do_not_fit_the_network_are_refused(
    tmp_path: Path, facts: Facts, words: str
) -> None:
    refused(tmp_path, facts, [weights(tmp_path)], words)


@pytest.mark.parametrize("kind", ["probabilities", "multi-label-probabilities"])
def test_logits_are_not_taken_for_probabilities(tmp_path: Path, kind: Kind) -> None:
    facts = replace(FACTS, kind=kind)
    refused(tmp_path, facts, [weights(tmp_path, softmax=False)], "no probabilities; is its kind")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    new = NewWeights(tmp_path / "absent.onnx", "model.onnx", "float32", "onnx")
    refused(tmp_path, FACTS, [new], "absent.onnx: No such file")


def test_further_weights_must_say_the_same(tmp_path: Path) -> None:
    first = weights(tmp_path)
    other = replace(weights(tmp_path, gain=9.0), file="half.onnx", precision="float16")
    with pytest.raises(BackendUnavailable, match=r"half\.onnx.*away from the golden ones"):
        write_bundle(tmp_path / "b", FACTS, [first, other], patches())
    same = replace(first, file="half.onnx", precision="float16")
    bundle = write_bundle(tmp_path / "b", FACTS, [first, same], patches())
    assert [one.file for one in bundle.manifest.weights] == ["model.onnx", "half.onnx"]


def test_weights_that_nothing_here_runs_are_refused_with_what_was_tried(tmp_path: Path) -> None:
    new = NewWeights(b"x", "model-0000.params", "float32", "mxnet", graph=b"{}")
    with pytest.raises(BackendUnavailable, match=r"model-0000\.params: .*mxnet_python"):
        write_bundle(tmp_path / "b", FACTS, [new], runtime=RuntimeSettings())
    assert not (tmp_path / "b").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BundleError, match="cannot be made"):
        write_bundle(tmp_path / "file" / "b", FACTS, [weights(tmp_path)])


def test_a_bundle_of_a_name_that_is_built_in_is_the_one_that_was_written(tmp_path: Path) -> None:
    before = Path.cwd()
    new = weights(tmp_path)
    try:
        os.chdir(tmp_path)
        bundle = write_bundle(Path("greenhouse-tomatoes"), FACTS, [new])
    finally:
        os.chdir(before)
    assert bundle.manifest.name == "colours"
    assert open_bundle(str(tmp_path / "greenhouse-tomatoes")).labels == COLOURS
