"""How long it takes to turn an MXNet checkpoint into ONNX.

    python -m benchmarks.convert

A ResNet-50 as in Gluon's model zoo, with random weights, is written to a temporary folder.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.convert.checkpoint import open_checkpoint
from models.convert.mxnet import to_onnx
from tests.models.convert.handmade import Net, params, saved

CLASSES, SIZE = 1000, (224, 224)
STAGES = ((64, 256, 3), (128, 512, 4), (256, 1024, 6), (512, 2048, 3))
"""(inner channels, outer channels, blocks)."""


@dataclass
class RandomNet(Net):
    """A graph whose weights are drawn as it grows."""

    weights: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def weight(self, name: str, *shape: int) -> int:
        """A variable with normal values, around 1 for what must be positive."""
        values = self.random.standard_normal(shape, np.float32) * np.float32(0.05)
        positive = name.endswith(("gamma", "var"))
        prefix = "aux" if "running" in name else "arg"
        self.weights[f"{prefix}:{name}"] = values + np.float32(positive)
        return self.variable(name)

    def conv(self, name: str, data: int, into: int, filters: int, size: int, stride: int) -> int:
        """Convolution and normalisation."""
        weight = self.weight(f"{name}_weight", filters, into, size, size)
        conv = self.op(
            "Convolution", name, data, weight,
            kernel=(size, size), stride=(stride, stride), pad=(size // 2, size // 2),
            num_filter=filters, no_bias=True,
        )  # fmt: skip
        names = ("gamma", "beta", "running_mean", "running_var")
        inputs = [self.weight(f"{name}_bn_{one}", filters) for one in names]
        return self.op("BatchNorm", f"{name}_bn", conv, *inputs, fix_gamma=False, eps=1e-5)

    def relu(self, data: int) -> int:
        """An activation."""
        return self.op("Activation", f"relu{len(self.nodes)}", data, act_type="relu")

    def block(self, name: str, data: int, into: int, inner: int, outer: int, stride: int) -> int:
        """A bottleneck with its shortcut."""
        x = self.relu(self.conv(f"{name}_conv0", data, into, inner, 1, stride))
        x = self.relu(self.conv(f"{name}_conv1", x, inner, inner, 3, 1))
        x = self.conv(f"{name}_conv2", x, inner, outer, 1, 1)
        other = data if into == outer else self.conv(f"{name}_down", data, into, outer, 1, stride)
        return self.relu(self.op("elemwise_add", f"{name}_plus", x, other))


def resnet50() -> RandomNet:
    """The graph and its weights."""
    net = RandomNet()
    x = net.relu(net.conv("conv0", net.variable("data"), 3, 64, 7, 2))
    x = net.op("Pooling", "pool0", x, kernel=(3, 3), stride=(2, 2), pad=(1, 1), pool_type="max")
    channels = 64
    for stage, (inner, outer, blocks) in enumerate(STAGES):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            x = net.block(f"stage{stage}_{block}", x, channels, inner, outer, stride)
            channels = outer
    x = net.op("Pooling", "pool1", x, kernel=(1, 1), global_pool=True, pool_type="avg")
    dense = (net.weight("fc_weight", CLASSES, channels), net.weight("fc_bias", CLASSES))
    net.op("FullyConnected", "fc", x, *dense, num_hidden=CLASSES)
    return net


def measure(folder: Path, rounds: int = 5) -> None:
    """Prints the time in a process that runs already, and that of a fresh one."""
    took_s, content = [], b""
    for _ in range(rounds):
        begin = time.perf_counter()
        content = to_onnx(open_checkpoint([folder]), SIZE).content
        took_s.append(time.perf_counter() - begin)
    print(
        f"ResNet-50, {len(content) / 1e6:.0f} MB: read and converted in "
        f"{statistics.median(took_s):.2f} s (first {took_s[0]:.2f} s)"
    )
    code = (
        "import sys; from pathlib import Path\n"
        "from models.convert.checkpoint import open_checkpoint\n"
        "from models.convert.mxnet import to_onnx\n"
        f"network = to_onnx(open_checkpoint([Path(sys.argv[1])]), {SIZE})\n"
        "Path(sys.argv[1], 'model.onnx').write_bytes(network.content)\n"
    )
    begin = time.perf_counter()
    subprocess.run((sys.executable, "-c", code, str(folder)), check=True)
    print(f"in a fresh process, with imports and writing: {time.perf_counter() - begin:.2f} s")


def main() -> None:
    """Prints everything."""
    print(f"{os.cpu_count()} cores, numpy {np.__version__}")
    net = resnet50()
    with tempfile.TemporaryDirectory() as folder:
        measure(saved(Path(folder), net.text(), params(net.weights)))


if __name__ == "__main__":
    main()
