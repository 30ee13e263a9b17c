import json
from typing import Any

import pytest

from models.convert.symbol import Node, Symbol, read_symbol
from models.errors import BundleError
from tests.models.convert.handmade import aged
from tests.models.convert.small_net import small_net

PLAIN: dict[str, Any] = {
    "nodes": [
        {"op": "null", "name": "data", "inputs": []},
        {"op": "relu", "name": "r", "attrs": {"a": "1"}, "inputs": [[0, 0, 0]]},
    ],
    "heads": [[1, 0, 0]],
}


def read(document: Any) -> Symbol:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_symbol(content, "net-symbol.json")


def refusal(document: Any) -> str:
    with pytest.raises(BundleError) as refused:
        read(document)
    start = "net-symbol.json cannot be read as an MXNet symbol: "
    assert str(refused.value).startswith(start)
    return str(refused.value).removeprefix(start)


def changed(path: str, value: Any) -> dict[str, Any]:
    """PLAIN with another value at a path such as nodes.1.op."""
    document: Any = json.loads(json.dumps(PLAIN))
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner = document
    for part in way:
        inner = inner[part]
    inner[last] = value
    return dict(document)


def test_nodes_and_heads_are_read() -> None:
    relu = Node("relu", "r", ((0, 0),), {"a": "1"})
    assert read(PLAIN) == Symbol((Node("null", "data", (), {}), relu), ((1, 0),))


@pytest.mark.parametrize("key", ["attr", "attrs", "param"])
def test_options_may_have_any_of_the_three_names(key: str) -> None:
    document = changed("nodes.1", {"op": "relu", "name": "r", key: {"a": "1"}, "inputs": [[0, 0]]})
    assert read(document).nodes[1] == read(PLAIN).nodes[1]


def test_options_may_stand_under_several_names_in_one_node() -> None:
    node = {**PLAIN["nodes"][1], "param": {"b": "2"}, "attr": {"c": "3"}}
    assert read(changed("nodes.1", node)).nodes[1].options == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.parametrize(
    "key", ["__shape__", "__lr_mult__", "ctx_group", "lr_mult", "weight_wd_mult", "mirror_stage"]
)
def test_what_concerns_training_only_is_left_out(key: str) -> None:
    assert read(changed("nodes.1.attrs", {key: "x", "a": "1"})) == read(PLAIN)


def test_inputs_and_heads_may_be_pairs() -> None:
    pairs = changed("nodes.1.inputs", [[0, 0]])
    assert read({**pairs, "heads": [[1, 0]]}) == read(PLAIN)


def test_the_statistics_that_old_graphs_do_not_list_are_added() -> None:
    whole = small_net().document()
    old = aged(whole)
    assert len(old["nodes"]) == len(whole["nodes"]) - 2
    assert read(old) == read(whole)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "can't decode byte 0xff"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"9" * 10_000, "the number 999999999999999999… in it is too long"),
        ([], "the whole must be an object"),
        ({}, "nodes must be an array"),
        (changed("nodes", []), "heads refer to node 1, which does not stand before"),
        (changed("heads", []), "it has no heads"),
        (changed("heads", [[2, 0]]), "heads refer to node 2"),
        (changed("heads", [[-1, 0]]), "heads refer to node -1"),
        (changed("heads", [[1, -1]]), "heads refer to node 1"),
        (changed("heads", [[True, 0]]), "heads must be pairs or triples of numbers"),
        (changed("heads", [[1]]), "heads must be pairs or triples of numbers"),
        (changed("heads", [1]), "heads must be an array"),
        (changed("nodes.1.inputs", [[1, 0]]), "the inputs of 'r' refer to node 1"),
        (changed("nodes.1.inputs", None), "the inputs of 'r' must be an array"),
        (changed("nodes.1.attrs", {"a": 1}), "the option 'a' of 'r' is not a text"),
        (changed("nodes.1.attrs", []), "attrs of 'r' must be an object"),
        (changed("nodes.1", 7), "node 1 must be an object"),
        (changed("nodes.1.op", ""), "node 1 has no op or no name"),
        (changed("nodes.1.name", "\ud800"), "node 1 has no op or no name"),
        (changed("nodes.1.name", "x" * 2000), "node 1 has no op or no name"),
    ],
)
def test_what_is_damaged_is_refused_in_one_sentence(document: Any, told: str) -> None:
    assert told in refusal(document)
