"""The names of what a model sees of each signal over its window of time."""

from typing import Literal, get_args

Feature = Literal[
    "mean",
    "log_deviation",
    "min",
    "max",
    "slope",
    "log_fast",
    "log_medium",
    "log_slow",
]
"""In the unit of the signal: its mean, deviation, least and greatest reading; slope, what the line
through the readings changes by from one end of the window to the other; and how much it moves (root
of the mean square) in three bands: fast, within 1/64 of the window, medium, from there to 1/16, and
slow, from there to a quarter. What begins with log_ is seen as its logarithm, so that a sensor that
is stuck is as far from the usual as one that shakes."""

ALL: tuple[Feature, ...] = get_args(Feature)
USUAL: tuple[Feature, ...] = ("mean", "log_deviation")
BANDS: tuple[Feature, ...] = ("log_fast", "log_medium", "log_slow")
LEVELS: tuple[Feature, ...] = ("mean", "min", "max")
"""What says where a signal is; says nothing where its level wanders anyway."""


def is_log(feature: Feature) -> bool:
    """Whether the model sees the logarithm."""
    return feature.startswith("log_")
