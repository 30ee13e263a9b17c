"""Runs one MXNet network for the process that started it: a program of its own, never imported.

`models/backends/mxnet.py` starts it with the interpreter of an environment that has the mxnet
package. It needs that, numpy and the standard library, nothing of ours, and Python 3.6 or later.

Orders come as lines of JSON on standard input, each is answered by one on standard output; tensors
lie in shared memory, an open file without a name whose descriptor is the only argument. All that
it ever sees of a camera is the preprocessed tensor of a masked frame, which it writes nowhere. When
standard input ends, so does it, in the middle of a run too.
"""

import json
import mmap
import os
import queue
import sys
import threading
from typing import Any, TextIO

import numpy as np

HALF = ("float16", "2")
SIDES = (224, 299, 32)
"""Sizes of a picture at which the form of the output is asked for: some take only their own."""


class Damaged(Exception):
    """The files do not make a network."""


class Network:
    """A network in float32 on the CPU, bound again whenever the shape of its input changes.

    MXNet has no products of float16 on the CPU, so what was saved in float16 is widened.
    """

    def __init__(self, mx: Any, graph: str, weights: str) -> None:
        self._mx = mx
        self._symbol = read_graph(mx, graph)
        values = read_values(mx, weights)
        self._name = name_of_input(self._symbol, values, weights)
        types = self._symbol.infer_type(**{self._name: np.float32})
        self._args = fitting(values, self._symbol.list_arguments(), types[0])
        self._aux = fitting(values, self._symbol.list_auxiliary_states(), types[2])
        absent = set(self._symbol.list_auxiliary_states()) - set(self._aux)
        if absent:
            raise Damaged(f"{weights} lacks the values of {', '.join(sorted(absent))}")
        self._dtypes = types[1] or [np.float32] * len(self._symbol.list_outputs())
        self._shape: Any = ()
        self._executor: Any = None
        self._data: Any = None

    def described(self) -> "dict[str, Any]":
        """Shapes, with -1 for what is free, and dtypes."""
        shape = self._declared() or (-1, 3, -1, -1)
        outputs = [
            {"shape": [-1] * rank, "dtype": np.dtype(dtype).name}
            for rank, dtype in zip(self._ranks(shape), self._dtypes)
        ]
        return {"input": shape, "outputs": outputs}

    def run(self, tensor: Any) -> "list[Any]":
        """The outputs of one input."""
        if tensor.shape != self._shape:
            self._bind(tensor.shape)
        self._data[:] = tensor
        return [output.asnumpy() for output in self._executor.forward(is_train=False)]

    def _bind(self, shape: "tuple[int, ...]") -> None:
        shapes = self._inferred(shape)[0]
        free = {
            name: self._mx.nd.zeros(size)
            for name, size in zip(self._symbol.list_arguments(), shapes)
            if name not in self._args
        }
        executor = self._symbol.bind(
            self._mx.cpu(), dict(self._args, **free), grad_req="null", aux_states=self._aux
        )
        self._shape, self._executor, self._data = shape, executor, free[self._name]

    def _inferred(self, shape: "tuple[int, ...]") -> "tuple[Any, Any]":
        """Shapes of the arguments and of the outputs."""
        known = {name: value.shape for name, value in self._args.items()}
        known[self._name] = shape
        arguments, outputs, _ = self._symbol.infer_shape(**known)
        if arguments is None:
            raise ValueError("the shapes in the graph cannot be told from that of its input")
        return arguments, outputs

    def _declared(self) -> "tuple[int, ...]":
        """The input's shape where the graph has it: () in most, for any number of pictures."""
        text = self._symbol.attr_dict().get(self._name, {}).get("__shape__", "")
        sizes = [int(size) for size in text.strip("()[]").split(",") if size.strip()]
        return tuple([-1] + [size if size > 0 else -1 for size in sizes[1:]]) if sizes else ()

    def _ranks(self, shape: "tuple[int, ...]") -> "list[int]":
        """How many axes the outputs have; those of a classifier where it cannot be told."""
        for side in SIDES:
            tried = (1, *(side if size < 0 else size for size in shape[1:]))
            try:
                return [len(sizes) for sizes in self._inferred(tried)[1]]
            except (self._mx.base.MXNetError, ValueError):
                continue
        return [2] * len(self._symbol.list_outputs())


def read_graph(mx: Any, path: str) -> Any:
    """The graph of a -symbol.json, in float32 throughout."""
    try:
        with open(path, encoding="utf-8") as file:
            graph = json.load(file)
        for node in graph["nodes"]:
            widen(node)
        return mx.sym.load_json(json.dumps(graph))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, mx.base.MXNetError) as error:
        if "is not registered" in str(error):
            raise
        raise Damaged(f"{path} is not a graph of MXNet, or damaged: {sentence(error)}") from None


def widen(node: "dict[str, Any]") -> None:
    """Turns float16 in a node's attributes, under whichever name its version has, to float32."""
    for place in ("attrs", "attr", "param"):
        attributes = node.get(place, {})
        if attributes.get("dtype") in HALF:
            attributes["dtype"] = "float32"
        if attributes.get("__dtype__") in HALF:
            attributes["__dtype__"] = "0"


def read_values(mx: Any, path: str) -> "dict[str, Any]":
    """The arrays of a .params by name, without the "arg:" and "aux:" before it."""
    try:
        with open(path, "rb") as file:
            values = mx.nd.load_frombuffer(file.read())
    except (OSError, ValueError, mx.base.MXNetError) as error:
        raise Damaged(f"{path} is not a .params of MXNet, or damaged: {sentence(error)}") from None
    if not isinstance(values, dict):
        raise Damaged(f"{path} holds arrays without names: save the network again")
    return {name.partition(":")[2] or name: value for name, value in values.items()}


def name_of_input(symbol: Any, values: "dict[str, Any]", weights: str) -> str:
    """The argument that has no value; labels, which only training needs, have none either."""
    free = [name for name in symbol.list_arguments() if name not in values]
    names = [name for name in free if not name.endswith("label")]
    if len(names) != 1:
        raise Damaged(
            f"{weights} leaves {len(names)} inputs of its graph without a value "
            f"({', '.join(names[:5])}); exactly one can be fed"
        )
    return str(names[0])


def fitting(values: "dict[str, Any]", names: "list[str]", types: Any) -> "dict[str, Any]":
    """The values of those names, in the types that the graph computes in, where it tells them."""
    wanted = dict(zip(names, types or ()))
    return {
        name: values[name].astype(wanted.get(name, values[name].dtype), copy=False)
        for name in names
        if name in values
    }


def sentence(error: BaseException) -> str:
    """What an error says, without the trace that MXNet wraps it in."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith(("Traceback", "File "))]
    return telling[0][:300].rstrip(" :") if telling else type(error).__name__


class SharedTensors:
    """Where inputs come from and outputs go: both begin at the start of the shared memory."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self, shape: "list[int]") -> Any:
        """The input, float32; gone when the outputs are written."""
        count = int(np.prod(shape))
        memory = mmap.mmap(self._descriptor, 4 * count, prot=mmap.PROT_READ)
        return np.frombuffer(memory, np.float32, count).reshape(shape)

    def write(self, outputs: "list[Any]") -> "list[dict[str, Any]]":
        """One after the other; returns their shapes and dtypes."""
        offset = 0
        for output in outputs:
            content = np.ascontiguousarray(output).data.cast("B")
            while content:
                written = os.pwrite(self._descriptor, content, offset)
                content, offset = content[written:], offset + written
        return [{"shape": output.shape, "dtype": output.dtype.name} for output in outputs]


class Service:
    """Answers orders: with its version, with what it loaded, with what it computed."""

    def __init__(self, mx: Any, memory: SharedTensors) -> None:
        self._mx = mx
        self._memory = memory
        self._network: Any = None

    def answer(self, order: "dict[str, Any]") -> "dict[str, Any]":
        """What came of it, or in a sentence why nothing did."""
        try:
            if "shape" in order:
                outputs = self._network.run(self._memory.read(order["shape"]))
                return {"outputs": self._memory.write(outputs)}
            if "graph" in order:
                network = Network(self._mx, order["graph"], order["weights"])
                self._network = network
                return network.described()
        except Damaged as error:
            return {"damaged": str(error)}
        except (self._mx.base.MXNetError, ValueError, OSError) as error:
            return {"failed": sentence(error)}
        return {"version": self._mx.__version__}


def listen(source: TextIO, orders: "queue.Queue[Any]") -> None:
    """Passes orders on; when there will be no more, everything ends, whatever is going on."""
    for line in source:
        orders.put(json.loads(line))
    os._exit(0)


def main() -> None:
    """Keeps both pipes to itself: what mxnet prints goes to standard error."""
    source, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    orders: Any = queue.Queue(1)
    threading.Thread(target=listen, args=(source, orders), daemon=True).start()

    import mxnet

    service = Service(mxnet, SharedTensors(int(sys.argv[1])))
    while True:
        answers.write(json.dumps(service.answer(orders.get())) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
