"""Who looks a second time, and who judges, where the configuration leaves it open."""

from collections.abc import Mapping

from models.faces import DetectorName

_SECOND: Mapping[DetectorName, tuple[DetectorName, ...]] = {
    "yunet-n": ("centerface", "ulfg"),
    "yunet-s": ("centerface", "ulfg"),
    "centerface": ("yunet-n", "yunet-s"),
    "ulfg": ("yunet-n", "centerface"),
    "blazeface": ("yunet-n", "centerface"),
}
"""For a first one, best first. Never YuNet beside YuNet: they agree on large things that are no
faces, and cover 10% of the area of photographs without any."""
_JUDGE: tuple[DetectorName, ...] = ("yunet-s", "ulfg", "blazeface", "yunet-n", "centerface")
"""Best first: YuNet-s sees small faces, ULFG and BlazeFace do not."""


def seconds(first: DetectorName) -> tuple[DetectorName, ...]:
    """Those that go well with it, best first, of which the first that can be had is taken."""
    return _SECOND[first]


def judges(first: DetectorName, second: str | None) -> tuple[DetectorName, ...]:
    """Those that had no part in the masking, best first; the first that can be had is taken."""
    return tuple(name for name in _JUDGE if name not in (first, second))
