"""Tells when it pays to compile a network for the one size that its inputs have."""

SAVES = 1 / 8
"""Of each run: the runtime lays out its memory in advance, and hardly moves anything."""


class Steady:
    """Watches runs of a network that takes any size. price_s: what compiling it takes.

    Where sizes change again and again it never pays; where they do not, at most as much is lost
    before as compiling takes.
    """

    def __init__(self, price_s: float) -> None:
        self._enough_s = price_s / SAVES
        self._shape: tuple[int, ...] = ()
        self._spent_s = 0.0

    def pays(self, shape: tuple[int, ...], run_s: float) -> bool:
        """After a run on an input of this shape, which took so long: whether it pays from now on.

        That is said once, until another shape has come in between.
        """
        if shape != self._shape:
            self._shape, self._spent_s = shape, 0.0
        before_s, self._spent_s = self._spent_s, self._spent_s + run_s
        return before_s < self._enough_s <= self._spent_s
