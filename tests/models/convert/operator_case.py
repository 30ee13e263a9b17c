"""A graph of one operator, and what it computes in plain numpy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.convert.checkpoint import Checkpoint
from models.convert.params import read_parameters
from models.convert.symbol import read_symbol
from tests.models.convert.handmade import Net, params
from tests.models.convert.plain import Array

SHAPE = (2, 6, 8, 10)
MADE: Mapping[str, Callable[[Array], Array]] = {
    "data": lambda x: x,
    "flat": lambda x: x.reshape(2, -1),
    "positive": lambda x: np.abs(x) + 0.5,
    "mean": lambda x: x.mean(axis=(2, 3), keepdims=True),
}
"""What stands before the operator that is tried."""


@dataclass(frozen=True)
class Case:
    """An operator on some of MADE, then on weights; reference: of all these, in their order."""

    op: str
    reference: Callable[..., Any]
    options: Mapping[str, object] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("data",)
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    output: int = 0

    def __str__(self) -> str:
        told = ",".join(f"{key}={value}" for key, value in self.options.items())
        return f"{self.op}({told or ','.join(self.inputs)})".replace(" ", "")

    def net(self) -> Net:
        """The graph; a product with ones gives every case a weight."""
        net = Net()
        place = {"pictures": net.variable("data"), "ones": net.variable("ones")}
        place["data"] = net.op("broadcast_mul", "begin", place["pictures"], place["ones"])
        place["flat"] = net.op("Flatten", "flat", place["data"])
        size = net.op("abs", "size", place["data"])
        place["positive"] = net.op("_plus_scalar", "positive", size, scalar=0.5)
        place["mean"] = net.op("mean", "mean", place["data"], axis=(2, 3), keepdims=True)
        place.update({name: net.variable(name) for name in self.weights})
        inputs = [place[name] for name in (*self.inputs, *self.weights)]
        tried = net.op(self.op, "tried", *inputs, **self.options)
        net.op("Flatten", "end", (tried, self.output))
        return net

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The weights by the names of a .params file."""
        random = np.random.default_rng(1)
        drawn = {name: random.uniform(0.5, 1.5, shape) for name, shape in self.weights.items()}
        drawn = {"ones": np.ones((1, 1, 1, 1)), **drawn}
        kinds = {name: "aux" if name.startswith("moving") else "arg" for name in drawn}
        return {f"{kinds[name]}:{name}": v.astype(np.float32) for name, v in drawn.items()}

    def checkpoint(self) -> Checkpoint:
        """Written and read again."""
        symbol = read_symbol(self.net().text(), "graph")
        parameters = read_parameters(params(self.arrays()), "weights")
        return Checkpoint("it", symbol, parameters, {"data": SHAPE}, None)

    def expected(self) -> Array:
        """What plain numpy answers, flattened."""
        data = pictures().astype(np.float64)
        weights = [array.astype(np.float64) for array in self.arrays().values()][1:]
        answer = self.reference(*(MADE[name](data) for name in self.inputs), *weights)
        return np.asarray(answer.reshape(2, -1))


def pictures() -> NDArray[np.float32]:
    """Numbers around 0."""
    return np.random.default_rng(0).normal(0, 1.3, SHAPE).astype(np.float32)
