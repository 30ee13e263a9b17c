"""Checkpoints written by hand, in every form that mxnet has had: graphs and .params files."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
FLAGS = {
    "float32": 0, "float64": 1, "float16": 2, "uint8": 3, "int32": 4, "int8": 5, "int64": 6,
    "bool": 7, "int16": 8, "uint16": 9, "uint32": 10, "uint64": 11,
}  # fmt: skip


@dataclass
class Net:
    """A graph that grows by its methods, which return the number of the new node."""

    nodes: list[dict[str, Any]] = field(default_factory=list)

    def variable(self, name: str) -> int:
        """An input or a weight."""
        return self.op("null", name)

    def op(self, op: str, name: str, *inputs: int | tuple[int, int], **options: object) -> int:
        """An operator on nodes, or on (node, number of its output)."""
        entries = [[*(i if isinstance(i, tuple) else (i, 0)), 0] for i in inputs]
        attrs = {key: str(value) for key, value in options.items()}
        self.nodes.append({"op": op, "name": name, "attrs": attrs, "inputs": entries})
        return len(self.nodes) - 1

    def document(self, *heads: int) -> dict[str, Any]:
        """As mxnet 1.9 writes it; by default the last node is the head."""
        return {
            "nodes": self.nodes,
            "arg_nodes": [i for i, node in enumerate(self.nodes) if node["op"] == "null"],
            "node_row_ptr": list(range(len(self.nodes) + 1)),
            "heads": [[head, 0, 0] for head in heads or (len(self.nodes) - 1,)],
            "attrs": {"mxnet_version": ["int", 10901]},
        }

    def text(self, *heads: int) -> bytes:
        """The file."""
        return json.dumps(self.document(*heads)).encode()


def mixed(document: dict[str, Any]) -> dict[str, Any]:
    """The same graph with its options under three names in turn."""
    keys = ("attr", "attrs", "param")
    nodes = [
        {keys[number % 3] if key == "attrs" else key: value for key, value in node.items()}
        for number, node in enumerate(document["nodes"])
    ]
    return {**document, "nodes": nodes}


def aged(document: dict[str, Any]) -> dict[str, Any]:
    """The same graph as version 0.8 wrote it: pairs, and no statistics among the inputs."""
    nodes = document["nodes"]
    dropped = [i for i, node in enumerate(nodes) if node["name"].endswith(("_mean", "_var"))]
    new = {i: i - sum(d < i for d in dropped) for i in range(len(nodes)) if i not in dropped}

    def pairs(entries: list[list[int]]) -> list[list[int]]:
        return [[new[i], output] for i, output, _version in entries if i in new]

    kept = [
        {"op": node["op"], "param": node["attrs"], "name": node["name"],
         "inputs": pairs(node["inputs"]), "backward_source_id": -1,
         "attr": {"ctx_group": "dev1", "weight_lr_mult": "0.1"}}
        for number, node in enumerate(nodes)
        if number in new
    ]  # fmt: skip
    return {"nodes": kept, "arg_nodes": [], "heads": pairs(document["heads"])}


def params(arrays: Arrays, version: int = 2) -> bytes:
    """A .params file; version: 0 to 3, of its arrays."""
    blocks = [struct.pack("<QQQ", 0x112, 0, len(arrays))]
    blocks += [array(content, version) for content in arrays.values()]
    return b"".join(blocks) + names(arrays)


def names(arrays: Arrays) -> bytes:
    """The end of a .params file."""
    encoded = [name.encode() for name in arrays]
    return struct.pack("<Q", len(encoded)) + b"".join(
        struct.pack("<Q", len(name)) + name for name in encoded
    )


def array(content: NDArray[Any], version: int, flag: int | None = None) -> bytes:
    """One array of a .params file."""
    axes, shape = len(content.shape), content.shape
    if version == 0:
        head = struct.pack(f"<I{axes}I", axes, *shape)
    elif version == 1:
        head = struct.pack(f"<II{axes}q", 0xF993FAC8, axes, *shape)
    else:
        head = struct.pack(f"<Iii{axes}q", 0xF993FAC7 + version, 0, axes, *shape)
    flag = FLAGS[content.dtype.name] if flag is None else flag
    return head + struct.pack("<iii", 1, 0, flag) + content.tobytes()


def saved(
    folder: Path, graph: bytes, weights: bytes, prefix: str = "model", epoch: int = 0
) -> Path:
    """Both files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{prefix}-symbol.json").write_bytes(graph)
    (folder / f"{prefix}-{epoch:04d}.params").write_bytes(weights)
    return folder
