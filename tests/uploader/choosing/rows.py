"""Frames for policies, made of plain rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uploader.choosing.frames import Frames
from uploader.choosing.kinds import PolicySettings
from uploader.choosing.policies import Names, matcher
from uploader.choosing.settings import KeepSettings

SENSORS = ("climate", "door", "weight")


@dataclass(frozen=True)
class Row:
    """One frame; alerts: bit i for SENSORS[i]."""

    scores: tuple[float, ...]
    confidence: float = 0.5
    faces: int = 0
    alerts: int = 0
    draw: float = 0.5


def labels(count: int) -> tuple[str, ...]:
    return tuple(f"class-{number}" for number in range(count))


def names(count: int) -> Names:
    return Names(labels(count), SENSORS, ("door", "shelf"))


def frames(rows: Sequence[Row]) -> Frames:
    return Frames(
        labels=labels(len(rows[0].scores)),
        scores=np.array([row.scores for row in rows], np.float32),
        confidence=np.array([row.confidence for row in rows], np.float64),
        faces=np.array([row.faces for row in rows], np.int64),
        sensors=SENSORS,
        alerts=np.array([row.alerts for row in rows], np.uint64),
        draw=np.array([row.draw for row in rows], np.float64),
    )


def policy(kind: str, **said: object) -> PolicySettings:
    """As the configuration makes it."""
    keep = KeepSettings.model_validate({"policy": [{"kind": kind, **said}]})
    return keep.policy[0]


def matches(policy: PolicySettings, *rows: Row) -> list[bool]:
    """Which of the rows match."""
    matched = matcher(policy, names(len(rows[0].scores)))(frames(rows))
    assert matched.dtype == np.bool_
    assert matched.shape == (len(rows),)
    listed: list[bool] = matched.tolist()
    return listed
