"""What the configuration says of choosing: `[keep]` and what stands in it."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from uploader.choosing.kinds import FROZEN, Count, PolicySettings, Probability, require_range

Money = Annotated[float, Field(ge=0)]
Similarity = Annotated[float, Field(gt=0, le=1)]
Bits = Annotated[int, Field(ge=0, le=32)]
Remember = Annotated[int, Field(ge=1, le=4096)]
Seconds = Annotated[float, Field(gt=0)]
PerMinute = Annotated[int, Field(ge=0)]
GapS = Annotated[float, Field(ge=0, le=3600)]


class DuplicateSettings(BaseModel):
    """The `[keep.duplicates]` block: what shows nearly the same as a kept frame is not kept."""

    model_config = FROZEN

    enabled: bool = True
    similarity: Similarity = 0.94
    """Cosine of the embeddings from which two frames are the same, where the model has one.

    Of shop photographs 96 of 100 are the same when they are taken again (noise, exposure, JPEG, 1%
    aside), as are 21 of 100 in which an object of 3/10 of the width is another one; with 0.92 it is
    98 and 46, with 0.96 it is 80 and 6.
    """
    bits: Bits = 6
    """Of 64 bits of the perceptual hash, so many may differ in two frames that are the same.

    Likewise 100 and 21 of 100; with 4 bits it is 95 and 8, with 8 it is 100 and 40.
    """
    remember: Remember = 256
    """So many kept frames of each camera are remembered."""
    forget_after_s: Seconds = 86_400.0
    """A scene that comes back after this may be kept again."""


class ScoreLogSettings(BaseModel):
    """The `[keep.score_log]` block: what the model says of every frame, for `simulate`."""

    model_config = FROZEN

    enabled: bool = False
    max_bytes: Annotated[int, Field(ge=1 << 20)] = 1 << 30
    """The oldest of it goes beyond this. A frame takes about 50 bytes and 4 for each class."""


class PriceSettings(BaseModel):
    """The `[keep.budget.prices]` block, in any one currency: of S3 in us-east-1 by default."""

    model_config = FROZEN

    put: Money = 0.005 / 1000
    """One PUT request."""
    gigabyte_month: Money = 0.023
    """Keeping 10^9 bytes for a month."""
    gigabyte_sent: Money = 0.0
    """Sending 10^9 bytes, by a metered line."""
    label: Money = 0.0
    """One label by a person."""


class BudgetSettings(BaseModel):
    """The `[keep.budget]` block: for the whole device; what is not named is not limited."""

    model_config = FROZEN

    images_per_minute: Count | None = None
    images_per_hour: Count | None = None
    images_per_day: Count | None = None
    bytes_per_minute: Count | None = None
    bytes_per_hour: Count | None = None
    bytes_per_day: Count | None = None
    money_per_month: Annotated[float, Field(gt=0)] | None = None
    prices: PriceSettings = PriceSettings()
    reviews_per_day: Count | None = None
    """So many a day, spread over the day and the classes: of each class the most uncertain."""


class KeepSettings(BaseModel):
    """The `[keep]` block: which frames are worth a label. Nothing else is ever uploaded."""

    model_config = FROZEN

    below: Probability = 0.7
    """Keep a frame when its calibrated confidence is below this (reason "low_confidence")."""
    above: Probability = 1.0
    """Keep a frame when its confidence is above this (reason "high_confidence"); 1 never does."""
    masked: bool = True
    """Keep a frame that holds masked faces (reason "masked")."""
    policy: tuple[PolicySettings, ...] = ()
    """Instead of the three above: the first that matches and has budget left keeps the frame."""
    max_per_minute: PerMinute = 30
    """Kept frames per camera and minute; those beyond it are counted, not kept."""
    gap_s: GapS = 1.0
    """Least time between two frames of a camera that are to be kept for the same reason."""
    budget: BudgetSettings = BudgetSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    score_log: ScoreLogSettings = ScoreLogSettings()
    jpeg_quality: Annotated[int, Field(ge=50, le=100)] = 90

    @model_validator(mode="after")
    def _range(self) -> "KeepSettings":
        require_range(self.below, self.above)
        return self

    @model_validator(mode="after")
    def _one_way(self) -> "KeepSettings":
        """Either the three, or policies."""
        ignored = self.model_fields_set & {"below", "above", "masked"}
        if self.policy and ignored:
            named = " and ".join(sorted(ignored))
            raise ValueError(f"{named} count for nothing beside [[keep.policy]]: write a policy")
        return self

    @model_validator(mode="after")
    def _reasons_differ(self) -> "KeepSettings":
        require_different_reasons(self.policy, "keep.policy")
        return self


def require_different_reasons(policies: Sequence[PolicySettings], block: str) -> None:
    """Raises ValueError when records could not tell two of them apart."""
    counts = Counter(policy.name or policy.kind for policy in policies)
    twice = [reason for reason, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f"two [[{block}]] blocks are {twice[0]!r} in records: give each a name")
