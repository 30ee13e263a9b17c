"""Writes as our configuration what the ML Feedback connector was told, and says what is lost."""

import json
from collections.abc import Iterator, Mapping
from itertools import count, islice
from math import exp, floor

from uploader.choosing.feedback.feedback import Connector, Feedback
from uploader.errors import PolicyError

KINDS: Mapping[str, tuple[str, str, str]] = {
    "": ("audit", "share", "no sampling-strategy: every sample was uploaded"),
    "RANDOM_SAMPLING": ("audit", "share", "rate"),
    "LEAST_CONFIDENCE": ("least_confidence", "threshold", "threshold: best score <= this"),
    "MARGIN": ("margin", "threshold", "threshold: best score - second <= this"),
    "ENTROPY": ("entropy", "threshold", "threshold: entropy > this, in nats as AWS computed it"),
}
"""Strategy → kind of policy, its key, and what that key was."""
LONGEST, REACHABLE = 32, 20.0


def as_toml(connector: Connector, source: str) -> str:
    """The blocks [store] and [[keep.policy]], each line with what it came from.

    Raises PolicyError where nothing of it has a counterpart.
    """
    taken = [one for one in connector.feedback if _counts(one)]
    if not taken:
        raise PolicyError(" ".join(("nothing is left to import.", *_of_each(connector))))
    names = _names(taken)
    heads = (
        f"# From {json.dumps(source)}, which configured AWS's ML Feedback connector.",
        "# Add your [device], [[camera]] and [model]; then: vision-app check -c FILE",
        *(f"# {lack}" for lack in lacks(connector)),
    )
    policies = (_policy(one, name) for one, name in zip(taken, names, strict=True))
    return "\n".join((*heads, "", _store(taken[0]), *policies))


def lacks(connector: Connector) -> tuple[str, ...]:
    """What has no counterpart, or another one than might be thought, as sentences."""
    return (*_of_each(connector), *_of_all(connector))


def _of_each(connector: Connector) -> Iterator[str]:
    for one in connector.feedback:
        if not one.content_type.startswith("image/"):
            yield (
                f"{one.id} is left out: its samples are {json.dumps(one.content_type)}, and only "
                "frames of cameras are sampled."
            )
        elif one.number == 0 and one.strategy == "RANDOM_SAMPLING":
            yield f"{one.id} is left out: at a rate of 0 it uploaded nothing."
        elif one.strategy in ("", "RANDOM_SAMPLING"):
            yield (
                f"{one.id} uploads {one.number * 100:g}% of all frames by chance, also those that "
                "no other reason asks for."
            )
        elif one.strategy == "ENTROPY" and exp(min(one.number, REACHABLE)) >= 2:
            least = floor(exp(min(one.number, REACHABLE))) + 1
            yield (
                f"{one.id} asks for an entropy above {one.number:g} nats, which only models of at "
                f"least {least} classes reach."
            )


def _of_all(connector: Connector) -> Iterator[str]:
    taken = [one for one in connector.feedback if _counts(one)]
    others = [one.id for one in taken if _place(one) != _place(taken[0])]
    if others:
        yield f"There is one store, {_place(taken[0])}: that of {', '.join(others)} was another."
    if any(one.content_type != "image/jpeg" for one in taken):
        yield "Frames are stored as JPEG, masked, below frames/site=…/device=…/date=…/."
    if len(taken) > 1:
        yield "Every policy is asked of every frame; the connector was told which one to ask."
    if connector.request_limit:
        yield (
            f"RequestLimit {connector.request_limit} has no counterpart: frames that wait lie on "
            "the disk (spool.max_bytes), not in memory."
        )
    yield (
        "Beside this hold keep.gap_s, keep.max_per_minute and keep.duplicates, which the connector "
        "did not have."
    )


def _counts(one: Feedback) -> bool:
    return one.content_type.startswith("image/") and not (_by_chance(one) and one.number == 0)


def _place(one: Feedback) -> str:
    return f"s3://{one.bucket}" + (f"/{one.prefix}" if one.prefix else "")


def _store(first: Feedback) -> str:
    url = json.dumps(_place(first), ensure_ascii=False)
    return f"[store]\nurl = {url}  # s3-bucket-name, s3-prefix of {first.id}\n"


def _policy(one: Feedback, name: str) -> str:
    kind, key, was = KINDS[one.strategy]
    strategy = f"strategy-name {one.strategy}" if one.strategy else was
    return (
        f"[[keep.policy]]  # {one.id}\n"
        f'name = "{name}"  # the reason that records give\n'
        f'kind = "{kind}"  # {strategy}\n'
        f"{key} = {one.number!r}  # {was}\n"
    )


def _names(taken: list[Feedback]) -> list[str]:
    """A reason for each, from its ID; that of an audit says what it is."""
    names: list[str] = []
    for one in taken:
        id = one.id.lower()
        wanted = f"audit-{id}" if _by_chance(one) and not id.startswith("audit") else id
        alike = (f"{wanted[: LONGEST - 4]}-{number}" for number in count(2))
        names.append(
            next(n for n in (wanted[:LONGEST], *islice(alike, len(taken))) if n not in names)
        )
    return names


def _by_chance(one: Feedback) -> bool:
    return KINDS[one.strategy][0] == "audit"
