"""Reads a manifest.json, and tells all that is wrong with it in sentences; writes one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.errors import BundleError

MAX_BYTES = 1 << 20

Kind = TypeVar("Kind", bound=BaseModel)


def manifest_bytes(path: Path, where: Path) -> bytes:
    """What stands in the manifest of a bundle; sentences name where."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(f"a bundle needs a {path.name}; {where}: {error.strerror}") from None
    if len(text) > MAX_BYTES:
        raise BundleError(f"{where}: a manifest is text of less than {MAX_BYTES} bytes")
    return text


def parsed(text: bytes, kind: type[Kind], about: str) -> Kind:
    """The manifest in a text; BundleError lists all its faults, each with what to write.

    about: what the sentence is to name.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        schema = kind.model_json_schema()
        faults = [_sentence(fault, schema) for fault in error.errors(include_url=False)]
        raise BundleError(f"{about} has faults:\n  " + "\n  ".join(faults)) from None


def written(manifest: BaseModel) -> bytes:
    """The text of a manifest."""
    values = manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()


def _sentence(fault: ErrorDetails, schema: Mapping[str, Any]) -> str:
    where = ".".join(map(str, fault["loc"]))
    if fault["type"] == "missing":
        return f"{where} is missing: {_advice(fault['loc'], schema)}"
    if fault["type"] == "extra_forbidden":
        return f"{where} is unknown here: remove it"
    if fault["type"] == "string_pattern_mismatch":
        return (
            f"{where}: {fault['input']!r} cannot stand here: {_advice(fault['loc'], schema)}, say"
        )
    message = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _advice(loc: tuple[int | str, ...], schema: Mapping[str, Any]) -> str:
    node: Any = schema
    for part in loc:
        node = _inside(node, part, schema)
    examples = node.get("examples") or [_example(node, schema)]
    return "write " + " or ".join(f'"{loc[-1]}": {json.dumps(example)}' for example in examples)


def _inside(node: Any, part: int | str, schema: Mapping[str, Any]) -> Any:
    inner = node["items"] if isinstance(part, int) else node["properties"][part]
    return schema["$defs"][inner["$ref"].rpartition("/")[2]] | inner if "$ref" in inner else inner


def _example(node: Any, schema: Mapping[str, Any]) -> Any:
    if "examples" in node:
        return node["examples"][0]
    if node["type"] == "array":
        return [_example(_inside(node, 0, schema), schema)]
    return {key: _example(_inside(node, key, schema), schema) for key in node["required"]}
