"""What one camera keeps otherwise than the others: its `[camera.keep]`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import BaseModel, model_validator

from uploader.choosing.kinds import FROZEN, Count, PolicySettings, Probability, require_range
from uploader.choosing.policies import policies_of, reason_of
from uploader.choosing.settings import (
    Bits,
    DuplicateSettings,
    GapS,
    KeepSettings,
    PerMinute,
    Remember,
    Seconds,
    Similarity,
    require_different_reasons,
)


class CameraBudgetSettings(BaseModel):
    """The `[camera.keep.budget]` block: what this camera may use of that of the device."""

    model_config = FROZEN

    images_per_minute: Count | None = None
    images_per_hour: Count | None = None
    images_per_day: Count | None = None
    bytes_per_minute: Count | None = None
    bytes_per_hour: Count | None = None
    bytes_per_day: Count | None = None


class CameraDuplicateSettings(BaseModel):
    """The `[camera.keep.duplicates]` block: as `[keep.duplicates]`, for this camera."""

    model_config = FROZEN

    enabled: bool | None = None
    similarity: Similarity | None = None
    bits: Bits | None = None
    remember: Remember | None = None
    forget_after_s: Seconds | None = None


class CameraKeepSettings(BaseModel):
    """The `[camera.keep]` block. What it does not name is as `[keep]` says.

    It has either policies, or below, above and masked; one of these stands for all three, and
    replaces the policies of `[keep]` for this camera.
    """

    model_config = FROZEN

    below: Probability | None = None
    above: Probability | None = None
    masked: bool | None = None
    policy: tuple[PolicySettings, ...] = ()
    max_per_minute: PerMinute | None = None
    gap_s: GapS | None = None
    budget: CameraBudgetSettings = CameraBudgetSettings()
    duplicates: CameraDuplicateSettings = CameraDuplicateSettings()

    @model_validator(mode="after")
    def _one_way(self) -> "CameraKeepSettings":
        named = [name for name in ("below", "above", "masked") if getattr(self, name) is not None]
        if self.policy and named:
            ignored = " and ".join(named)
            raise ValueError(
                f"{ignored} count for nothing beside [[camera.keep.policy]]: write a policy"
            )
        return self

    @model_validator(mode="after")
    def _policies_are_its_own(self) -> "CameraKeepSettings":
        require_different_reasons(self.policy, "camera.keep.policy")
        if any(policy.cameras for policy in self.policy):
            raise ValueError("a [[camera.keep.policy]] is for its own camera: leave cameras out")
        return self


@dataclass(frozen=True, slots=True)
class Own:
    """One camera's rules. keep: all of them, also those of `[keep]` that count for it.

    has_policies: whether its policies are its own, limits included; budget: beside the device's.
    """

    keep: KeepSettings
    has_policies: bool
    budget: CameraBudgetSettings


NOBODY: Mapping[str, Own] = MappingProxyType({})
"""No camera has rules of its own."""


def own(keep: KeepSettings, said: CameraKeepSettings) -> Own:
    """The rules of a camera of which so much was said. Raises ValueError where they contradict."""
    wanted = {"below": said.below, "above": said.above, "masked": said.masked}
    written = {name: value for name, value in wanted.items() if value is not None}
    changed: dict[str, object] = {"policy": said.policy} if said.policy or written else {}
    limits = {"max_per_minute": said.max_per_minute, "gap_s": said.gap_s}
    changed |= written | {name: value for name, value in limits.items() if value is not None}
    changed["duplicates"] = _duplicates(keep.duplicates, said.duplicates)
    whole = keep.model_copy(update=changed)
    require_range(whole.below, whole.above)
    return Own(whole, "policy" in changed, said.budget)


def _duplicates(all: DuplicateSettings, said: CameraDuplicateSettings) -> DuplicateSettings:
    return all.model_copy(update=said.model_dump(exclude_none=True))


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy, the reason that it gives, and for which cameras it is; none named: all."""

    policy: PolicySettings
    reason: str
    cameras: frozenset[str]


def rules(keep: KeepSettings, owns: Mapping[str, Own], cameras: Sequence[str]) -> Iterator[Rule]:
    """Every policy there is, each camera's in the order of the configuration."""
    apart = {camera for camera, its in owns.items() if its.has_policies}
    for policy in policies_of(keep):
        named = frozenset(policy.cameras)
        if apart:
            named = (named or frozenset(cameras)) - apart
        if named or not apart:
            yield Rule(policy, reason_of(policy), named)
    for camera in apart:
        for policy in policies_of(owns[camera].keep):
            yield Rule(policy, reason_of(policy), frozenset({camera}))
