"""The limits that the configuration sets, each with its name and with what was taken of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from uploader.choosing.budgets.limits import DAY_S, HOUR_S, MINUTE_S, MONTH_S, Window
from uploader.choosing.budgets.money import NANO
from uploader.choosing.kinds import Limits
from uploader.choosing.own import CameraBudgetSettings
from uploader.choosing.settings import BudgetSettings

LENGTHS_S = {"minute": MINUTE_S, "hour": HOUR_S, "day": DAY_S}
CAMERA = "max_per_minute of camera "
REVIEW_SLOTS = 240
"""Of a day: 6 minutes, so that reviews come back when they could."""


class Unit(IntEnum):
    """What is counted; the place in what one frame takes."""

    IMAGES = 0
    BYTES = 1
    MONEY = 2


@dataclass(frozen=True, slots=True)
class Allowance:
    """One limit. name: as people know it from the configuration."""

    name: str
    unit: Unit
    window: Window

    def asks(self, takes: tuple[int, int, int]) -> int:
        """For how much room a frame that takes so much of each unit asks.

        One that is expected to have more bytes than the limit itself asks for all of it: it may be
        smaller, and nobody would ever know.
        """
        amount, limit = takes[self.unit], self.window.limit
        return limit if amount > limit and self.unit is Unit.BYTES else amount

    def in_units(self, amount: int) -> float:
        """Images, bytes, or money in the currency of the prices."""
        return amount / NANO if self.unit is Unit.MONEY else amount


def of_device(settings: BudgetSettings) -> Iterator[Allowance]:
    """Those of `[keep.budget]`."""
    yield from _of_budget(settings)
    if settings.money_per_month is not None:
        window = Window(int(settings.money_per_month * NANO), MONTH_S)
        yield Allowance("money_per_month", Unit.MONEY, window)
    if settings.reviews_per_day is not None:
        window = Window(settings.reviews_per_day, DAY_S, REVIEW_SLOTS)
        yield Allowance("reviews_per_day", Unit.IMAGES, window)


def of_policy(reason: str, limits: Limits, camera: str = "") -> Iterator[Allowance]:
    """Those of one `[[keep.policy]]`, or of one that only a camera has."""
    for length, length_s in LENGTHS_S.items():
        limit: int | None = getattr(limits, f"per_{length}")
        if limit is not None:
            name = f"per_{length} of policy {reason}" + f" of camera {camera}" * bool(camera)
            yield Allowance(name, Unit.IMAGES, Window(limit, length_s))


def of_camera(
    camera: str, max_per_minute: int, budget: CameraBudgetSettings | None = None
) -> Iterator[Allowance]:
    """`max_per_minute` of one camera first, then those of its own budget."""
    yield Allowance(CAMERA + camera, Unit.IMAGES, Window(max_per_minute, MINUTE_S))
    if budget is not None:
        yield from _of_budget(budget, f" of camera {camera}")


def _of_budget(
    settings: BudgetSettings | CameraBudgetSettings, whose: str = ""
) -> Iterator[Allowance]:
    for unit in (Unit.IMAGES, Unit.BYTES):
        for length, length_s in LENGTHS_S.items():
            name = f"{unit.name.lower()}_per_{length}"
            limit: int | None = getattr(settings, name)
            if limit is not None:
                yield Allowance(name + whose, unit, Window(limit, length_s))
