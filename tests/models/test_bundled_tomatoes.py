import json
from collections.abc import Iterator

import numpy as np
import pytest

from devices.simulated.greenhouse import CLASSES, render
from models.bundles.bundle import BUILT_IN
from models.classifier import Classifier, open_classifier
from models.prediction import Prediction
from models.settings import ModelSettings

UNSEEN = 987_654
FOLDER = BUILT_IN / "greenhouse-tomatoes"


@pytest.fixture(scope="module")
def classifier() -> Iterator[Classifier]:
    with open_classifier(ModelSettings(bundle="greenhouse-tomatoes", threads=1)) as classifier:
        yield classifier


def opinions(classifier: Classifier, count: int, difficulty: float) -> list[tuple[str, Prediction]]:
    """(true class, prediction) of freshly rendered pictures."""
    pairs = []
    for number in range(count):
        rng, label = np.random.default_rng([UNSEEN, number]), CLASSES[number % len(CLASSES)]
        image = render(rng, label, 128, 96, difficulty)
        pairs.append((label, classifier.classify(image)))
    return pairs


@pytest.fixture(scope="module")
def easy(classifier: Classifier) -> list[tuple[str, Prediction]]:
    return opinions(classifier, 200, 0.0)


def test_its_labels_are_the_classes_that_are_rendered(classifier: Classifier) -> None:
    assert classifier.labels == CLASSES


def test_easy_pictures_are_named_rightly_and_surely(easy: list[tuple[str, Prediction]]) -> None:
    assert np.mean([label == said.label for label, said in easy]) >= 0.95
    assert np.median([said.confidence for _, said in easy]) > 0.9


def test_hard_pictures_are_less_sure(
    classifier: Classifier, easy: list[tuple[str, Prediction]]
) -> None:
    hard = [said.confidence for _, said in opinions(classifier, 40, 1.0)]
    assert np.mean(hard) < np.mean([said.confidence for _, said in easy]) - 0.1


def test_it_is_small() -> None:
    assert (FOLDER / "model.tflite").stat().st_size < 300_000
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def test_the_report_is_of_these_weights_and_the_readme_quotes_it(classifier: Classifier) -> None:
    report = json.loads((FOLDER / "report.json").read_text())
    assert report["weights"]["sha256"] == classifier.id.sha256
    readme = (FOLDER / "README.md").read_text()
    for name, row in report["by_difficulty"].items():
        assert f"| {name} | {row['pictures']} | {row['accuracy']:.1%} |" in readme
    for label, said in report["confusion"].items():
        assert f"| **{label}** | " + " | ".join(str(count) for count in said.values()) in readme
