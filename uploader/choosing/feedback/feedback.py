"""Reads what AWS's ML Feedback connector was told, so that nobody has to write it anew.

Source: the developer guide of AWS IoT Greengrass V1, "ML Feedback connector".
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from uploader.errors import PolicyError

MAP, LIMIT = "FeedbackConfigurationMap", "RequestLimit"
ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]{1,62}")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
LIMITED = re.compile(r"[0-9]{0,3}")
MOST: Mapping[str, float] = {"LEAST_CONFIDENCE": 1.0, "MARGIN": 1.0, "ENTROPY": inf}
"""The strategies with a threshold, and the greatest that each takes."""
KEYS = {"s3-bucket-name", "content-type", "s3-prefix", "file-ext", "sampling-strategy"}


@dataclass(frozen=True, slots=True)
class Feedback:
    """One feedback configuration.

    strategy: one of the four, or "" where every sample was uploaded. number: its rate or threshold.
    """

    id: str
    bucket: str
    prefix: str
    content_type: str
    strategy: str
    number: float


@dataclass(frozen=True, slots=True)
class Connector:
    """All that the connector was told; request_limit: "" where it had none."""

    feedback: tuple[Feedback, ...]
    request_limit: str


def read(text: str) -> Connector:
    """From a connector definition, the connector's parameters, or the map alone, as JSON.

    Raises PolicyError when there is no such configuration in it, or one that AWS refuses as well.
    """
    told = _json(text, "the file")
    found = list(_parameters(told)) or [{MAP: told}]
    if len(found) > 1:
        raise PolicyError(f"it holds {len(found)} ML Feedback connectors: give a file with one")
    configurations = _object(found[0][MAP], MAP)
    if not configurations:
        raise PolicyError(f"{MAP} is empty: there is nothing to import")
    limit = str(found[0].get(LIMIT) or "").strip()
    if not LIMITED.fullmatch(limit):
        raise PolicyError(f"{LIMIT} is {limit!r}; it is a number from 0 to 999")
    return Connector(tuple(_feedback(id, body) for id, body in configurations.items()), limit)


def _parameters(told: Any) -> Iterator[dict[str, Any]]:
    """The parameters of every ML Feedback connector, however deep they stand."""
    if isinstance(told, dict):
        if MAP in told:
            yield told
        else:
            for value in told.values():
                yield from _parameters(value)
    elif isinstance(told, list):
        for value in told:
            yield from _parameters(value)


def _feedback(id: str, body: Any) -> Feedback:
    if not ID.fullmatch(id):
        raise PolicyError(
            f"{id!r} is no ID of a feedback configuration: letters, digits and hyphens, 2 to 63; "
            f"give the value of {MAP}, or what it stands in"
        )
    told = _object(body, id)
    for key in told.keys() - KEYS:
        raise PolicyError(f"{id} has {key!r}, which the connector did not know")
    bucket, prefix = _text(told, "s3-bucket-name", id), _text(told, "s3-prefix", id, "")
    if not BUCKET.fullmatch(bucket) or not PREFIX.fullmatch(prefix):
        raise PolicyError(f"{id} stores in {bucket!r}, {prefix!r}, where S3 stores nothing")
    strategy, number = _strategy(told.get("sampling-strategy"), id)
    return Feedback(
        id, bucket, prefix.strip("/"), _text(told, "content-type", id), strategy, number
    )


def _strategy(told: Any, id: str) -> tuple[str, float]:
    if told is None or told == "":
        return "", 1.0
    strategy = _object(told, f"{id}: sampling-strategy")
    name = _text(strategy, "strategy-name", id)
    if name == "RANDOM_SAMPLING":
        return name, _number(strategy, "rate", id, 1.0)
    if name not in MOST:
        known = ", ".join(("RANDOM_SAMPLING", *MOST))
        raise PolicyError(f"{id} has the strategy {name!r}; the connector knew {known}")
    return name, _number(strategy, "threshold", id, MOST[name])


def _number(told: Mapping[str, Any], key: str, id: str, most: float) -> float:
    try:
        number = float(told.get(key, "missing"))
    except (TypeError, ValueError):
        number = inf
    if not isfinite(number) or not 0 <= number <= most or isinstance(told[key], bool):
        up = f"from 0 to {most:g}" if most < inf else "of at least 0"
        raise PolicyError(f"{id} needs a {key}, a number {up}; it is {told.get(key)!r}")
    return number


def _text(told: Mapping[str, Any], key: str, id: str, default: str | None = None) -> str:
    text = told.get(key, default)
    if not isinstance(text, str):
        raise PolicyError(f"{id} needs {key}, a text; it is {text!r}")
    return text


def _object(told: Any, what: str) -> dict[str, Any]:
    """Greengrass keeps objects as JSON in a text; both are taken."""
    told = _json(told, what) if isinstance(told, str) else told
    if not isinstance(told, dict):
        raise PolicyError(f"{what} is no JSON object")
    return told


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except (json.JSONDecodeError, RecursionError) as error:
        raise PolicyError(f"{what} is not JSON: {error}") from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise PolicyError(f"{twice!r} stands twice in one JSON object: which one counts?")
    return told
