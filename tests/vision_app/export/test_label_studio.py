"""The rules are those by which Label Studio imports tasks (data_import serializers of its server)
and by which its SDK validates predictions (LabelInterface.validate_prediction, 2.1.2)."""

import json
from typing import Any
from xml.etree import ElementTree

from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

from tests.vision_app.export.samples import exported, frame, labelled, labels, written

INTERFACE = ElementTree.fromstring(
    """
<View>
  <Image name="image" value="$image"/>
  <Choices name="label" toName="image" choice="single">
    <Choice value="ripe"/><Choice value="green"/><Choice value="rotten"/>
  </Choices>
</View>
"""
)
IMAGE, CHOICES = INTERFACE[0].attrib, INTERFACE[1].attrib
RULES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["data", "predictions"],
        "additionalProperties": False,
        "properties": {
            "data": {
                "type": "object",
                "required": [IMAGE["value"].removeprefix("$")],
                "additionalProperties": {"type": "string", "format": "uri", "minLength": 1},
            },
            "meta": {"type": "object"},
            "predictions": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["result", "model_version", "score"],
                    "additionalProperties": False,
                    "properties": {
                        "model_version": {"type": "string", "minLength": 1, "maxLength": 256},
                        "score": {"type": "number", "minimum": 0, "maximum": 1},
                        "result": {
                            "type": "array",
                            "minItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["from_name", "to_name", "type", "value"],
                                "properties": {
                                    "from_name": {"const": CHOICES["name"]},
                                    "to_name": {"const": CHOICES["toName"]},
                                    "type": {"const": INTERFACE[1].tag.lower()},
                                    "value": {
                                        "type": "object",
                                        "required": ["choices"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "choices": {
                                                "type": "array",
                                                "minItems": 1,
                                                "maxItems": 1,
                                                "items": {"type": "string"},
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def tasks(text: bytes) -> list[dict[str, Any]]:
    """Those of an export, which keep the rules."""
    found: list[dict[str, Any]] = json.loads(text)
    Draft202012Validator(RULES, format_checker=FormatChecker()).validate(found)
    return found


def test_a_task_holds_the_picture_the_prediction_and_why_it_was_kept() -> None:
    (task,) = tasks(exported("label-studio", [frame()]))
    record = written()
    assert task["data"] == {"image": f"s3://farm-frames/site-a/{record['key']}"}
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("tomatoes 3", 0.5)
    assert prediction["result"][0]["value"] == {"choices": ["ripe"]}
    assert task["meta"] == {
        "id": record["id"],
        "site": "farm",
        "device": "cam1",
        "camera": "door",
        "captured_at": "2026-01-31T12:00:01.250Z",
        "reasons": ["low_confidence"],
        "chosen_by": "low_confidence",
        "value": 0.75,
        "treatment": "masked",
    }


def test_any_number_of_tasks_is_one_array() -> None:
    for count in (0, 1, 2, 7):
        assert len(tasks(exported("label-studio", [frame()] * count))) == count


@settings(deadline=None)
@given(labels)
def test_odd_labels_are_the_choices_they_are(labels: tuple[str, ...]) -> None:
    (task,) = tasks(exported("label-studio", [labelled(labels)]))
    assert task["predictions"][0]["result"][0]["value"]["choices"] == [labels[0]]
