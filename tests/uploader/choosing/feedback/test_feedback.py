"""What AWS documented for its ML Feedback connector is read as it stands, and means the same."""

import json
import sys
from typing import Any

import pytest

from tests.uploader.choosing.rows import Row, matches
from uploader.choosing.feedback.as_toml import as_toml, lacks
from uploader.choosing.feedback.feedback import Connector, read
from uploader.choosing.policies import policies_of, reason_of
from uploader.errors import PolicyError
from vision_app.config import parse
from vision_app.settings import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RANDOM = {"strategy-name": "RANDOM_SAMPLING", "rate": 0.5}
LEAST = {"strategy-name": "LEAST_CONFIDENCE", "threshold": 0.4}
MARGIN = {"strategy-name": "MARGIN", "threshold": 0.4}
ENTROPY = {"strategy-name": "ENTROPY", "threshold": 2}


def one(strategy: Any = None, bucket: str = "my-bucket", **said: Any) -> dict[str, Any]:
    told = {"s3-bucket-name": bucket, "content-type": "image/png", "file-ext": "png"} | said
    return told | ({"sampling-strategy": strategy} if strategy is not None else {})


DOCUMENTED = {
    "ConfigID1": one(RANDOM, "my-aws-bucket-random-sampling"),
    "ConfigID2": one(MARGIN, "my-aws-bucket-margin-sampling"),
    "ConfigID3": one(LEAST, "my-aws-bucket-least-confidence-sampling"),
    "ConfigID4": one(ENTROPY, "my-aws-bucket-entropy-sampling"),
    "ConfigID5": {
        "s3-bucket-name": "my-aws-bucket-no-sampling",
        "s3-prefix": "DeviceA",
        "content-type": "application/json",
    },
}
"""The five configurations of the developer guide."""


def connector(parameters: dict[str, Any]) -> dict[str, Any]:
    arn = "arn:aws:greengrass:region::/connectors/MLFeedback/versions/1"
    other = "arn:aws:greengrass:region::/connectors/CloudWatchMetrics/versions/4"
    return {
        "Connectors": [
            {"Id": "Metrics", "ConnectorArn": other, "Parameters": {"MetricsRegion": "eu-west-1"}},
            {"Id": "MyMLFeedbackConnector", "ConnectorArn": arn, "Parameters": parameters},
        ]
    }


def imported(told: Any) -> tuple[Connector, Settings]:
    """As our own loader takes what was written."""
    found = read(json.dumps(told))
    return found, parse(tomllib.loads(as_toml(found, "connectors.json")), "a test")


def test_the_documented_configurations_become_policies_that_ask_the_same() -> None:
    _, settings = imported(DOCUMENTED)
    chance, margin, least, entropy = policies_of(settings.keep)
    assert [reason_of(policy) for policy in (chance, margin, least, entropy)] == [
        "audit-configid1", "configid2", "configid3", "configid4",
    ]  # fmt: skip
    assert matches(chance, Row((1.0,), draw=0.499), Row((1.0,), draw=0.5)) == [True, False]
    assert matches(margin, Row((0.625, 0.25)), Row((0.75, 0.25))) == [True, False]
    assert matches(least, Row((0.4, 0.3, 0.3)), Row((0.41, 0.3, 0.29))) == [True, False]
    assert matches(entropy, Row((1 / 8,) * 8)) == [True]
    assert matches(entropy, Row((1 / 7,) * 7)) == [False]
    assert settings.store is not None
    assert settings.store.url == "s3://my-aws-bucket-random-sampling"


PARAMETERS = {"FeedbackConfigurationMap": json.dumps(DOCUMENTED), "RequestLimit": "10"}


@pytest.mark.parametrize(
    "told",
    [
        connector(PARAMETERS),
        PARAMETERS,
        PARAMETERS | {"FeedbackConfigurationMap": DOCUMENTED},
        {"Name": "MyGreengrassConnectors", "InitialVersion": connector(PARAMETERS)},
        {"Arn": "arn:aws:greengrass:…", "Definition": connector(PARAMETERS), "Version": "1"},
        json.dumps(connector(PARAMETERS)),
    ],
)
def test_wherever_the_map_stands_it_is_found(told: Any) -> None:
    found = read(told if isinstance(told, str) else json.dumps(told))
    assert found.feedback == read(json.dumps(DOCUMENTED)).feedback
    assert found.request_limit == "10"


def test_numbers_and_strategies_that_greengrass_made_texts_are_read() -> None:
    _, settings = imported({"ab": one(json.dumps({"strategy-name": "MARGIN", "threshold": "0.2"}))})
    assert matches(policies_of(settings.keep)[0], Row((0.5, 0.25)), Row((0.5, 0.4))) == [
        False, True,
    ]  # fmt: skip


def test_without_a_strategy_every_sample_is_taken_and_records_say_so() -> None:
    found, settings = imported({"All-Of-It": one()})
    (policy,) = policies_of(settings.keep)
    assert reason_of(policy) == "audit-all-of-it"
    assert matches(policy, Row((1.0,), draw=0.9999)) == [True]
    assert any("All-Of-It uploads 100% of all frames by chance" in lack for lack in lacks(found))


def test_what_has_no_counterpart_is_said_and_stands_in_the_file() -> None:
    found = read(json.dumps(connector(PARAMETERS)))
    told = " ".join(lacks(found))
    for part in (
        'ConfigID5 is left out: its samples are "application/json"',
        "RequestLimit 10 has no counterpart",
        "There is one store, s3://my-aws-bucket-random-sampling: that of ConfigID2, ConfigID3",
        "ConfigID4 asks for an entropy above 2 nats, which only models of at least 8 classes reach",
        "stored as JPEG",
        "keep.gap_s",
    ):
        assert part in told
    written = as_toml(found, "connectors.json")
    assert all(f"# {lack}\n" in written for lack in lacks(found))


def test_what_is_as_before_is_not_said() -> None:
    found, settings = imported({"ab": one(LEAST, **{"content-type": "image/jpeg"})})
    assert len(lacks(found)) == 1, "only what our [keep] adds"
    assert settings.keep.policy[0].name == "ab"


def test_a_prefix_becomes_part_of_the_store_whatever_it_holds() -> None:
    _, settings = imported({"ab": one(LEAST, **{"s3-prefix": '/a "b" \\ # ü😀/'})})
    assert settings.store is not None
    assert settings.store.url == 's3://my-bucket/a "b" \\ # ü😀'


def test_ids_that_are_alike_or_too_long_get_names_of_their_own() -> None:
    ids = ["Door", "door", "DOOR", "d" * 63, "D" * 63, "audits"]
    _, settings = imported({id: one(RANDOM if id == "audits" else LEAST) for id in ids})
    assert [policy.name for policy in settings.keep.policy] == [
        "door", "door-2", "door-3", "d" * 32, "d" * 28 + "-2", "audits",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("{", "the file is not JSON"),
        ("[" * 100_000, "the file is not JSON"),
        ("[1]", "FeedbackConfigurationMap is no JSON object"),
        ("{}", "nothing to import"),
        ('{"ab": {}, "ab": {}}', "'ab' stands twice"),
        ('{"Connectors": []}', "Connectors is no JSON object"),
        (connector({"FeedbackConfigurationMap": ""}), "FeedbackConfigurationMap is not JSON"),
        ({"a": PARAMETERS, "b": PARAMETERS}, "2 ML Feedback connectors"),
        (PARAMETERS | {"RequestLimit": "many"}, "RequestLimit is 'many'"),
        ({"a\nb": one()}, "is no ID"),
        ({"ab": one(s3_prefix="x")}, "'s3_prefix', which the connector did not know"),
        ({"ab": one(bucket="My_Bucket")}, "S3 stores nothing"),
        ({"ab": one(**{"s3-prefix": "a\nb"})}, "S3 stores nothing"),
        ({"ab": one(**{"s3-prefix": "\ud800"})}, "S3 stores nothing"),
        ({"ab": one() | {"content-type": 3}}, "needs content-type, a text; it is 3"),
        ({"ab": one({"strategy-name": "GUESS"})}, "the strategy 'GUESS'; the connector knew"),
        ({"ab": one({"strategy-name": "MARGIN"})}, "needs a threshold, a number from 0 to 1"),
        ({"ab": one(MARGIN | {"threshold": 1.5})}, "a number from 0 to 1; it is 1.5"),
        ({"ab": one(MARGIN | {"threshold": True})}, "a number from 0 to 1; it is True"),
        ({"ab": one(ENTROPY | {"threshold": "nan"})}, "a number of at least 0; it is 'nan'"),
        ({"ab": one(ENTROPY | {"threshold": "inf"})}, "a number of at least 0; it is 'inf'"),
        ({"ab": one(RANDOM | {"rate": -0.1})}, "needs a rate, a number from 0 to 1"),
        ({"ab": one(RANDOM | {"rate": 0})}, "nothing is left to import. ab is left out: at a rate"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_sentence(told: Any, sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        as_toml(read(told if isinstance(told, str) else json.dumps(told)), "connectors.json")
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 300
