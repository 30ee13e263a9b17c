"""Makes a bundle out of weights and what is known about them, wholly or not at all."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import durable
from models.bundles.bundle import Bundle, open_bundle, sha256
from models.bundles.drawn_picture import drawn_picture
from models.bundles.golden import Golden, written_golden
from models.bundles.labels import read_labels, written_labels
from models.bundles.manifest import Format, Input, Kind, Manifest, Precision
from models.bundles.manifest_file import parsed, written
from models.bundles.output_kind import require_kind
from models.bundles.seal import MANIFEST, seal
from models.choice import CPU, choices
from models.classifier import first_proven, unproven
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import ModelSettings, RuntimeSettings
from models.way import Choice

LABELS, GOLDEN = "labels.txt", "golden.npz"
TOLERANCES: Mapping[Precision, float] = {"float32": 1e-3, "float16": 0.01, "int8": 0.05}
"""How far a score may be from the golden one on another runtime, where the maker says nothing.

Whole numbers are rounded elsewhere by each runtime: a quantised MobileNetV2's scores of the drawn
picture differ by 0.03 between LiteRT and OpenVINO, and by 0.08 where it is cropped by mistake.
"""
NOT_YET = "0" * 64
NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the maker of a network knows; as in the manifest."""

    name: str
    version: str
    trained_from: str
    licence: str
    input: Input
    kind: Kind
    labels: tuple[str, ...]
    temperature: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class NewWeights:
    """The network in one precision, as bytes or in a file; the name that it is to have.

    tolerance: None for that of TOLERANCES. graph: the symbol file of mxnet. embedding: what the
    file calls that output, where it has one.
    """

    content: bytes | Path
    file: str
    precision: Precision
    format: Format
    tolerance: float | None = None
    graph: bytes | Path | None = None
    embedding: str | None = None


def write_bundle(
    out: Path,
    facts: Facts,
    weights: Sequence[NewWeights],
    golden_image: NDArray[np.uint8] | None = None,
    runtime: RuntimeSettings | None = None,
    documents: Mapping[str, bytes] = NOTHING,
) -> Bundle:
    """Writes a new folder and opens it.

    The golden scores are what the first weights say of the golden image on the first runtime that
    runs them; the other weights must agree. golden_image: uint8 (height, width, 3) BGR, a picture
    that is meant to be passed on with the bundle; without one, a drawn picture.
    Raises BundleError when out is there already, the facts do not fit the network, or the disk
    refuses; BackendUnavailable when nothing here runs the weights.
    """
    image = drawn_picture() if golden_image is None else golden_image
    try:
        with durable.new_folder(out) as folder:
            draft = _draft(folder, out, facts, weights, image, documents)
            golden = _run(draft, runtime or RuntimeSettings())
            _finish(replace(draft, golden=golden), runtime or RuntimeSettings())
    except OSError as error:
        raise BundleError(f"{out} cannot be made: {durable.reason(error)}") from None
    return open_bundle(str(out.absolute()))


def _draft(
    folder: Path,
    out: Path,
    facts: Facts,
    weights: Sequence[NewWeights],
    image: NDArray[np.uint8],
    documents: Mapping[str, bytes],
) -> Bundle:
    """The bundle without what the network says of the picture."""
    labels = read_labels(written_labels(facts.labels), "labels")
    values = {
        "schema": 1,
        "name": facts.name,
        "version": facts.version,
        "task": "classify",
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "trained_from": facts.trained_from,
        "licence": facts.licence,
        "weights": [_put_weights(folder, one) for one in weights],
        "labels": _put(folder, LABELS, written_labels(labels)),
        "input": facts.input.model_dump(mode="json", exclude_none=True),
        "output": {"kind": facts.kind, "temperature": facts.temperature},
        "golden": {"file": GOLDEN, "sha256": NOT_YET},
        "documents": [_put(folder, name, content) for name, content in documents.items()],
    }
    manifest = parsed(json.dumps(values).encode(), Manifest, f"the manifest of {out}")
    return Bundle(out, folder, manifest, labels, Golden(image, np.zeros(len(labels), np.float32)))


def _put_weights(folder: Path, new: NewWeights) -> dict[str, Any]:
    entry = _put(folder, new.file, new.content) | {
        "precision": new.precision,
        "format": new.format,
        "tolerance": TOLERANCES[new.precision] if new.tolerance is None else new.tolerance,
    }
    if new.embedding is not None:
        entry["embedding"] = new.embedding
    if new.graph is not None:
        name = new.file.rpartition("-")[0] + "-symbol.json"
        entry["graph"] = _put(folder, name, new.graph)
    return entry


def _put(folder: Path, name: str, content: bytes | Path) -> dict[str, Any]:
    path = folder / name
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        path.write_bytes(content)
    return {"file": name, "sha256": sha256(path)}


def _run(draft: Bundle, runtime: RuntimeSettings) -> Golden:
    """What the first weights say of the picture, computed in their own precision."""
    first = draft.manifest.weights[0]
    notes: list[str] = []
    for choice in _cpu_first(draft, runtime, notes):
        if choice.weights != first or choice.placement.math != "float32":
            continue
        try:
            with unproven(draft, choice, runtime) as classifier:
                scores = np.array(classifier.classify(draft.golden.image).scores, np.float32)
                require_kind(classifier, draft, scores)
        except BundleError:
            raise
        except ModelError as error:
            notes.append(f"{choice.name}: {error}")
        else:
            return Golden(draft.golden.image, scores)
    raise BackendUnavailable(f"nothing here runs {first.file}: {'; '.join(dict.fromkeys(notes))}")


def _cpu_first(draft: Bundle, runtime: RuntimeSettings, notes: list[str]) -> Iterator[Choice]:
    """Other devices round more; but what is compiled for an Edge TPU runs nowhere else."""
    yield from choices(draft, ModelSettings(device=CPU, runtime=runtime), notes)
    for choice in choices(draft, ModelSettings(runtime=runtime), notes):
        if choice.placement.device != CPU:
            yield choice


def _finish(draft: Bundle, runtime: RuntimeSettings) -> None:
    """Writes what is missing, after all weights were found to say the same."""
    for weights in draft.manifest.weights[1:]:
        alone = draft.manifest.model_copy(update={"weights": (weights,)})
        first_proven(replace(draft, manifest=alone), ModelSettings(runtime=runtime)).close()
    golden = _put(draft.folder, GOLDEN, written_golden(draft.golden))
    entry = draft.manifest.golden.model_copy(update=golden)
    whole = draft.manifest.model_copy(update={"golden": entry})
    (draft.folder / MANIFEST).write_bytes(written(whole))
    seal(draft.folder)
