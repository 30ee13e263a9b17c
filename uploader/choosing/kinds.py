"""What one `[[keep.policy]]` may say: its kind, and what that kind is told."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from uploader.choosing.alerts import ALERT

FROZEN = ConfigDict(frozen=True, extra="forbid")

Probability = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Names = Annotated[tuple[str, ...], Field(min_length=1)]


class Limits(BaseModel):
    """How many may be kept; what is not named is not limited."""

    model_config = FROZEN

    per_minute: Count | None = None
    per_hour: Count | None = None
    per_day: Count | None = None


def _not_taken(name: str) -> str:
    if name == ALERT:
        raise ValueError(f"{ALERT} is what snapshots of alerts are called: choose another name")
    return name


class PolicyBase(Limits):
    """What every `[[keep.policy]]` may say: its own limits, and for which cameras it is."""

    name: (
        Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$"), AfterValidator(_not_taken)]
        | None
    ) = None
    """The reason that records give. Default: its kind."""
    cameras: tuple[str, ...] = ()
    """Only these; none named: all."""


class LeastConfidence(PolicyBase):
    """The best raw score is at most this."""

    kind: Literal["least_confidence"]
    threshold: Probability


class Margin(PolicyBase):
    """The best raw score is ahead of the second by at most this."""

    kind: Literal["margin"]
    threshold: Probability


class Entropy(PolicyBase):
    """The entropy of the raw scores is above this."""

    kind: Literal["entropy"]
    threshold: Annotated[float, Field(ge=0)]
    normalised: bool = False
    """Of 1, the entropy of equal scores; otherwise in nats."""

    @model_validator(mode="after")
    def _reachable(self) -> "Entropy":
        if self.normalised and self.threshold >= 1:
            raise ValueError(
                f"no entropy is above {self.threshold:g} of 1: write less, or normalised = false"
            )
        return self


class ConfidenceRange(PolicyBase):
    """The calibrated confidence is below the one or above the other."""

    kind: Literal["confidence"]
    below: Probability = 0.0
    above: Probability = 1.0

    @model_validator(mode="after")
    def _range(self) -> "ConfidenceRange":
        if self.below == 0 and self.above == 1:
            raise ValueError("this matches no frame: write below, above or both")
        require_range(self.below, self.above)
        return self


class CloseTo(PolicyBase):
    """The score of any of the classes is nearer than epsilon to the threshold."""

    kind: Literal["close_to"]
    threshold: Probability
    epsilon: Probability
    classes: tuple[str, ...] = ()
    """None named: the best class."""


class Classes(PolicyBase):
    """The best label is one of these."""

    kind: Literal["classes"]
    classes: Names


class MaskedFaces(PolicyBase):
    """Faces were masked."""

    kind: Literal["masked"]
    at_least: Count = 1


class SensorAlert(PolicyBase):
    """An alert is raised."""

    kind: Literal["sensor"]
    sensors: tuple[str, ...] = ()
    """Of any of these; none named: of any sensor."""


class Audit(PolicyBase):
    """By chance: what a fair measurement needs. It uploads frames that nothing else would."""

    kind: Literal["audit"]
    name: Annotated[str, Field(pattern=r"^audit[a-z0-9_-]{0,27}$")] | None = None
    """Begins with "audit", so that every record of such a frame says what it is."""
    share: Annotated[float, Field(gt=0, le=1)]


PolicySettings = Annotated[
    LeastConfidence | Margin | Entropy | ConfidenceRange | CloseTo | Classes | MaskedFaces
    | SensorAlert | Audit,
    Field(discriminator="kind"),
]  # fmt: skip


def require_range(below: float, above: float) -> None:
    """Raises ValueError when nothing lies between them."""
    if below > above:
        raise ValueError(f"below ({below}) must not exceed above ({above})")
