"""The rules are those of the SageMaker developer guide: "Input manifest files" (sizes, names, line
breaks, source-ref), "Labeling job output data" (metadata of image classification) and, for names
of attributes, CreateLabelingJob in the API reference."""

import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from tests.uploader.samples import MODEL
from tests.vision_app.export.samples import exported, frame, labelled, labels, texts, written
from vision_app.export.groundtruth import ATTRIBUTE
from vision_app.export.writer import Unfit

ADDRESS = re.compile("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+")
NAME = re.compile("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,126}")
JOB = re.compile("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def manifest(text: bytes) -> list[dict[str, Any]]:
    """Its lines, which follow the rules."""
    assert text.endswith(b"\n")
    lines = text.decode("utf-8").removesuffix("\n").splitlines()  # breaks where any reader might
    assert len(lines) == text.count(b"\n")
    return [checked(line) for line in lines]


def checked(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(line)
    assert len(line) <= 100_000
    assert all(len(json.dumps(value)) <= 20_000 for value in fields.values())
    assert not any(name.startswith("$") for name in fields)
    assert next(iter(fields)) == "source-ref"
    assert ADDRESS.fullmatch(fields["source-ref"])
    assert "source" not in fields
    for name in fields:
        if f"{name}-metadata" in fields:
            assert NAME.fullmatch(name)
            assert not name.endswith(("-metadata", "-ref"))
            check_class(fields[name], fields[f"{name}-metadata"])
    return fields


def check_class(number: object, about: dict[str, Any]) -> None:
    assert isinstance(number, int)
    assert isinstance(about["class-name"], str)
    assert 0 <= about["confidence"] <= 1
    assert about["type"] == "groundtruth/image-classification"
    assert about["human-annotated"] in ("yes", "no")
    assert JOB.fullmatch(about["job-name"])
    assert datetime.fromisoformat(about["creation-date"]).tzinfo is None


def test_a_line_says_what_the_model_said_and_that_it_was_no_person() -> None:
    (line,) = manifest(exported("groundtruth", [frame()]))
    record = written()
    assert line == {
        "source-ref": f"s3://farm-frames/site-a/{record['key']}",
        "model-prediction": 0,
        "model-prediction-metadata": {
            "class-name": "ripe",
            "confidence": 0.5,
            "type": "groundtruth/image-classification",
            "job-name": "tomatoes-3",
            "human-annotated": "no",
            "creation-date": "2026-01-31T12:00:01.250",
        },
        "vision-app": {
            "id": record["id"],
            "site": "farm",
            "device": "cam1",
            "camera": "door",
            "captured-at": "2026-01-31T12:00:01.250Z",
            "reasons": ["low_confidence"],
            "treatment": "masked",
            "model-sha256": MODEL.sha256,
        },
    }


@settings(deadline=None)
@given(labels, texts, texts)
def test_odd_labels_and_names_keep_the_rules(
    labels: tuple[str, ...], name: str, version: str
) -> None:
    model = written()["model"] | {"name": name, "version": version}
    (line,) = manifest(exported("groundtruth", [labelled(labels, model=model)]))
    assert line[f"{ATTRIBUTE}-metadata"]["class-name"] == labels[0]


def test_a_number_means_the_same_class_in_all_lines() -> None:
    frames = [
        labelled(("green", "ripe")),
        labelled(("ripe", "green")),
        labelled(("rotten", "unripe", "green")),
        labelled(("unripe", "rotten")),
        labelled(("ripe", "green")),
    ]
    lines = manifest(exported("groundtruth", frames))
    found = [(line[ATTRIBUTE], line[f"{ATTRIBUTE}-metadata"]["class-name"]) for line in lines]
    assert found == [(0, "green"), (1, "ripe"), (2, "rotten"), (3, "unripe"), (1, "ripe")]


def test_a_thousand_classes_fit() -> None:
    many = tuple(f"a class with the long name {number}" for number in range(1000))
    manifest(exported("groundtruth", [labelled(many)]))


def test_a_line_that_would_be_refused_is_not_written() -> None:
    with pytest.raises(Unfit, match="more than Ground Truth takes"):
        exported("groundtruth", [labelled(("é" * 5_000,))])
