"""Every limit there is, and what was taken of each; it knows no clock and no file."""

from collections.abc import Iterator, Mapping

from uploader.choosing.budgets.allowance import CAMERA, Allowance, of_camera, of_device, of_policy
from uploader.choosing.budgets.limits import Taken, Window
from uploader.choosing.budgets.money import frame_cost
from uploader.choosing.budgets.savings import Savings
from uploader.choosing.budgets.sizes import Sizes
from uploader.choosing.budgets.spent import End, Spent
from uploader.choosing.kinds import Limits
from uploader.choosing.own import NOBODY, Own
from uploader.choosing.policies import policies_of, reason_of
from uploader.choosing.settings import BudgetSettings

Asks = tuple[tuple[Window, int], ...]


class Account:
    """Of the device, of each policy and of each camera. Times are steady seconds.

    savings: of reviews; None where they are not limited.
    """

    def __init__(
        self,
        settings: BudgetSettings,
        limits: Mapping[str, Limits],
        max_per_minute: int,
        at_s: float,
        owns: Mapping[str, Own] = NOBODY,
    ) -> None:
        """limits: of each policy, by its reason. max_per_minute: of each camera.

        owns: of cameras with rules of their own.
        """
        per_day = settings.reviews_per_day
        self.sizes, self.savings = Sizes(), Savings(per_day, at_s) if per_day else None
        self._prices, self._max_per_minute = settings.prices, max_per_minute
        self._device = tuple(of_device(settings))
        self._policies = {reason: tuple(of_policy(reason, limits[reason])) for reason in limits}
        self._own_policies = {
            camera: {
                reason_of(policy): tuple(of_policy(reason_of(policy), policy, camera))
                for policy in policies_of(its.keep)
            }
            for camera, its in owns.items()
            if its.has_policies
        }
        self._cameras = {
            camera: tuple(of_camera(camera, its.keep.max_per_minute, its.budget))
            for camera, its in owns.items()
        }
        self._asks: dict[tuple[str, str], Asks] = {}
        self._unknown = Taken(0.0, 0.0, 0)

    def __iter__(self) -> Iterator[Allowance]:
        """Every limit, those of the device first."""
        yield from self._device
        for policies in (self._policies, *self._own_policies.values()):
            for allowances in policies.values():
                yield from allowances
        for allowances in self._cameras.values():
            yield from allowances

    def takes(self, size_bytes: int) -> tuple[int, int, int]:
        """What a frame of that size takes of each `Unit`."""
        return 1, size_bytes, frame_cost(self._prices, size_bytes)

    def left(self, reason: str, camera: str, at_s: float) -> bool:
        """Whether there is room for a frame of the size that is to be expected of that camera."""
        for window, amount in self._asks.get((reason, camera)) or self._ask(reason, camera):
            if not window.has_room(amount, at_s):
                return False
        return True

    def charge(self, reason: str, camera: str, size_bytes: int, at_s: float) -> None:
        """Counts a frame that was kept."""
        takes = self.takes(size_bytes)
        for allowance in self._of(reason, camera):
            allowance.window.take(takes[allowance.unit], at_s)
        self.sizes.kept(camera, size_bytes)
        self._asks.clear()
        self._spend_review(at_s)

    def charge_all(self, at_s: float) -> None:
        """Counts a frame of which nobody knows the policy, the camera or the size."""
        takes = self.takes(self.sizes.largest_expected())
        for allowance in self:
            allowance.window.take(takes[allowance.unit], at_s)
        self._unknown = Taken(at_s, at_s, 1)
        self._spend_review(at_s)

    def spend_all(self, at_s: float) -> None:
        """Leaves room for nothing, as long as each limit is."""
        for allowance in self:
            allowance.window.take(allowance.window.limit, at_s)
        self._unknown = Taken(at_s, at_s, self._max_per_minute)

    def restore(self, spent: Spent, at_s: float) -> None:
        """Goes on from what an earlier run has counted; a limit that is new begins with nothing."""
        self.sizes = Sizes(spent.largest)
        for name in spent.taken:
            if name.startswith(CAMERA):
                self._camera(name.removeprefix(CAMERA))
        for allowance in self:
            allowance.window.restore(spent.taken_of(allowance.name, at_s))
        if self.savings and spent.saved is not None:
            self.savings.restore(spent.saved, min(spent.at_s, at_s))

    def spent(self, end: End, at_s: float) -> Spent:
        """What the next run has to know."""
        taken = {each.name: each.window.taken(at_s) for each in self}
        return Spent(
            schema="vision-app/budgets/1",
            end=end,
            at_s=at_s,
            taken={name: amounts for name, amounts in taken.items() if amounts},
            largest=self.sizes.largest,
            saved=self.savings.held(at_s) if self.savings else None,
        )

    def _spend_review(self, at_s: float) -> None:
        if self.savings:
            self.savings.spend(at_s)

    def _of(self, reason: str, camera: str) -> tuple[Allowance, ...]:
        """Those that count a frame of that camera which is kept for that reason."""
        policies = self._own_policies.get(camera, self._policies)
        return *self._camera(camera), *policies.get(reason, ()), *self._device

    def _ask(self, reason: str, camera: str) -> Asks:
        """What the next such frame asks of each; the same until a frame was kept."""
        takes = self.takes(self.sizes.expected(camera))
        asks = tuple((each.window, each.asks(takes)) for each in self._of(reason, camera))
        self._asks[reason, camera] = asks
        return asks

    def _camera(self, camera: str) -> tuple[Allowance, ...]:
        if camera not in self._cameras:
            allowances = tuple(of_camera(camera, self._max_per_minute))
            for allowance in allowances:
                if self._unknown.amount:
                    allowance.window.restore([self._unknown])
            self._cameras[camera] = allowances
        return self._cameras[camera]
