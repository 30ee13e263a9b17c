"""Writes small checkpoints with the real mxnet: a program for the legacy environment.

Beside each lies ref.npz: a picture, an input that begins with it as BGR from 0 to 1, and what mxnet
answers to that when it is bound by hand.
"""

import json
import sys
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy as np

S = mx.sym
SHAPE = (2, 3, 20, 24)
LARGE = {"kernel": (15, 15), "stride": (2, 2), "pool_type": "max", "name": "pool"}


def body(data: Any, half: bool = False, **values: Any) -> Any:
    """As SageMaker's networks begin and end, but for the head; at any size of the picture."""
    x = S.BatchNorm(data, name="bn_data", fix_gamma=True, eps=2e-5)
    x = S.Cast(x, dtype="float16") if half else x
    x = S.Convolution(x, name="conv", num_filter=8, kernel=(3, 3), pad=(1, 1))
    x = S.BatchNorm(x, name="bn", fix_gamma=False, eps=2e-5)
    x = S.Activation(x, act_type="relu")
    x = S.Pooling(x, global_pool=True, kernel=(1, 1), pool_type="avg")
    x = S.FullyConnected(S.Flatten(x), name="fc", num_hidden=5, **values)
    return S.Cast(x, dtype="float32") if half else x


def values(symbol: Any, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random values for everything but the input and labels, exact in float16."""
    random = np.random.RandomState(seed)
    sizes, _, states = symbol.infer_shape(data=SHAPE)
    args = {
        name: mx.nd.array(random.uniform(-0.5, 0.5, size).astype(np.float16), dtype=np.float32)
        for name, size in zip(symbol.list_arguments(), sizes, strict=True)
        if name != "data" and not name.endswith("label")
    }
    aux = {
        name: mx.nd.array(random.uniform(0.5, 1, size))
        for name, size in zip(symbol.list_auxiliary_states(), states, strict=True)
    }
    return args, aux


def write(folder: Path, symbol: Any, args: dict[str, Any], aux: dict[str, Any]) -> None:
    """As mx.model.save_checkpoint does."""
    folder.mkdir()
    mx.model.save_checkpoint(str(folder / "model"), 0, symbol, args, aux)


def refer(folder: Path, symbol: Any, args: dict[str, Any], aux: dict[str, Any]) -> None:
    """Writes ref.npz."""
    images = np.random.RandomState(7).randint(0, 256, (2, *SHAPE[2:], 3)).astype(np.uint8)
    data = (images / 255).astype(np.float32).transpose(0, 3, 1, 2)
    sizes = dict(zip(symbol.list_arguments(), symbol.infer_shape(data=SHAPE)[0], strict=True))
    free = {name: mx.nd.zeros(size) for name, size in sizes.items() if name not in args}
    bound = symbol.bind(
        mx.cpu(), {**args, **free, "data": mx.nd.array(data)}, grad_req="null", aux_states=aux
    )
    answers = [output.asnumpy() for output in bound.forward(is_train=False)]
    named = {f"output{number}": answer for number, answer in enumerate(answers)}
    np.savez(folder / "ref.npz", image=images[0], input=data, **named)


def as_half(args: dict[str, Any], but: tuple[str, ...]) -> dict[str, Any]:
    """Values as a network that was trained in float16 keeps them."""
    return {n: v if n.startswith(but) else v.astype(np.float16) for n, v in args.items()}


def age(symbol: Path) -> None:
    """Rewrites a graph as MXNet 0.8 wrote it: other names, and states are understood."""
    graph = json.loads(symbol.read_text())
    states = {n for n, node in enumerate(graph["nodes"]) if "moving" in node["name"]}
    kept = [n for n in range(len(graph["nodes"])) if n not in states]
    for node in graph["nodes"]:
        node["param"] = node.pop("attrs", {})
        inputs = [kept.index(source) for source, *_ in node["inputs"] if source not in states]
        node["inputs"] = [[source, 0] for source in inputs]
    nodes = [graph["nodes"][n] for n in kept]
    arguments = [n for n, node in enumerate(nodes) if node["op"] == "null"]
    heads = [[kept.index(head), 0] for head, *_ in graph["heads"]]
    symbol.write_text(json.dumps({"nodes": nodes, "arg_nodes": arguments, "heads": heads}))


def main(out: Path) -> None:
    """Writes all of them."""
    data = S.var("data")
    logits = body(data)
    heads = {
        "softmax": S.SoftmaxOutput(logits, name="softmax"),
        "multi-label": S.LogisticRegressionOutput(logits, name="logistic"),
        "two-outputs": S.Group([S.softmax(logits), logits]),
        "declared": S.softmax(body(S.var("data", shape=(1, 3, 20, 24)))),
        "maps": S.Pooling(S.Convolution(data, name="conv", num_filter=4, kernel=(3, 3)), **LARGE),
        "logits": logits,
    }
    for name, symbol in heads.items():
        args, aux = values(symbol, 1)
        write(out / name, symbol, args, aux)
        refer(out / name, symbol, args, aux)

    args, aux = values(logits, 1)
    write(out / "half", body(data, half=True), as_half(args, ("bn",)), aux)
    throughout = body(data, weight=S.var("fc_weight", dtype="float16"))
    write(out / "half-throughout", throughout, as_half(args, ("bn",)), aux)
    write(out / "half-old", body(data, half=True), as_half(args, ("bn",)), aux)
    age(out / "half-old" / "model-symbol.json")
    for name in ("half", "half-throughout", "half-old"):
        refer(out / name, logits, args, aux)

    pair = logits + S.FullyConnected(S.var("other"), name="fc2", num_hidden=5, no_bias=True)
    write(out / "two-inputs", pair, {**args, "fc2_weight": args["fc_weight"]}, aux)
    write(out / "stateless", logits, args, {})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
