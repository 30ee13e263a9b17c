"""A GStreamer pipeline as a person writes it: taken apart, judged, shown without secrets."""

import re
import shlex
from collections.abc import Sequence

EXAMPLE = "v4l2src device=/dev/video0 ! videoconvert"
_SINK = re.compile(r"[a-z0-9]*sink\d*")
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*://)([^\s\"']*)", re.IGNORECASE)
_SECRET = re.compile(r"[\w:-]*(?:user|pass|pw|secret|token|key)[\w-]*=(.+)", re.IGNORECASE)
_HIDDEN = "…"


def words_of(source: str) -> tuple[str, ...]:
    """The words of a pipeline, as a shell would part them; no shell ever sees them.

    Raises ValueError with a sentence, which does not show the source.
    """
    try:
        words = tuple(shlex.split(source))
    except ValueError:
        raise ValueError("source holds a quotation that does not end") from None
    if not words or words[0].startswith(("/", "-", "gst-launch")) or _ADDRESS.match(words[0]):
        raise ValueError(
            "source must be a pipeline, without gst-launch-1.0 and its options, "
            f'such as "{EXAMPLE}"'
        )
    if words[-1] == "!":
        raise ValueError("source must not end in '!': what fetches the frames is put behind it")
    sink = next((word for word in words if _SINK.fullmatch(word)), None)
    if sink is not None:
        raise ValueError(f"source must not hold a sink: leave {sink} out, frames are fetched here")
    return words


def shown(text: str, words: Sequence[str]) -> str:
    """What GStreamer said of these words, without passwords and without the paths of addresses."""
    secrets = {found[1] for found in map(_SECRET.fullmatch, words) if found}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _ADDRESS.sub(_place, text)


def _place(address: "re.Match[str]") -> str:
    """Scheme, host and port; not even these where somebody's name stands before them."""
    scheme, rest = address.groups()
    if "@" in rest:
        return f"{scheme}{_HIDDEN}"
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return scheme + place + f"/{_HIDDEN}" * (place != rest)
