"""Makes a bundle out of a file that another program left: .tflite, .onnx, an MXNet checkpoint."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.bundles.bundle import Bundle
from models.bundles.labels import import_labels, numbered
from models.bundles.manifest import Kind, Precision
from models.bundles.write_bundle import Facts, NewWeights, write_bundle
from models.errors import BundleError
from models.importing.network_file import read_network
from models.importing.presets import Told, completed, rules
from models.settings import RuntimeSettings

NOT_STATED = "not stated"
NO_NAME = re.compile(r"[^a-z0-9._-]+|^[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class About:
    """What a person says of a network, beside its input and output.

    name: None for one made of the file's. labels: a file; None for numbers. golden: a picture that
    is passed on with the bundle; None for a drawn one. precision, tolerance: None for what follows
    from the type of the input. embedding: what the file calls the output that is one.
    """

    name: str | None = None
    version: str = "1"
    licence: str = NOT_STATED
    trained_from: str | None = None
    labels: Path | None = None
    golden: Path | None = None
    precision: Precision | None = None
    tolerance: float | None = None
    embedding: str | None = None


def import_file(
    path: Path, out: Path, about: About, told: Told, runtime: RuntimeSettings, notes: list[str]
) -> Bundle:
    """Makes a bundle of a .tflite or .onnx file; notes say what a person might want to correct.

    Raises BundleError with all that nobody told, or that contradicts the file.
    """
    network = read_network(path, about.embedding)
    said = completed(told, network.input.shape, network.layouts)
    facts = _facts(about, path.stem, path.name, said, network.classes, notes)
    weights = NewWeights(
        content=path,
        file=f"model.{network.format}",
        precision=about.precision or network.precision,
        format=network.format,
        tolerance=about.tolerance,
        embedding=about.embedding,
    )
    return write_bundle(out, facts, [weights], _picture(about.golden), runtime)


def import_checkpoint(
    paths: Sequence[Path],
    out: Path,
    about: About,
    told: Told,
    kind: Kind | None,
    runtime: RuntimeSettings,
    notes: list[str],
    epoch: int | None = None,
) -> Bundle:
    """Makes an ONNX bundle of an MXNet checkpoint; kind: only what a person says of it.

    Raises NotConvertible where only mxnet itself will do, and what import_file raises.
    """
    from models.convert.checkpoint import open_checkpoint
    from models.convert.mxnet import to_onnx

    _require_usual(told, about)
    checkpoint = open_checkpoint(paths, epoch)
    converted = to_onnx(checkpoint, told.size[::-1] if told.size else None)
    notes.extend(converted.notes)
    _, height, width = converted.shape
    said = replace(told, layout="nchw", size=(width, height), kind=_kind(converted.kind, kind))
    facts = _facts(about, out.name, Path(checkpoint.where).name, said, converted.classes, notes)
    weights = NewWeights(converted.content, "model.onnx", "float32", "onnx", about.tolerance)
    return write_bundle(out, facts, [weights], _picture(about.golden), runtime)


def import_for_mxnet(
    paths: Sequence[Path],
    out: Path,
    about: About,
    told: Told,
    runtime: RuntimeSettings,
    notes: list[str],
    epoch: int | None = None,
) -> Bundle:
    """Makes a bundle of an MXNet checkpoint as it is, for mxnet itself; raises as import_file."""
    from models.convert.checkpoint_files import find_checkpoint

    _require_usual(told, about)
    found = find_checkpoint(paths, epoch)
    facts = _facts(
        about, out.name, Path(found.params.label).name, replace(told, layout="nchw"), -1, notes
    )
    weights = NewWeights(
        content=found.params.read(),
        file="model-0000.params",
        precision="float32",
        format="mxnet",
        tolerance=about.tolerance,
        graph=found.symbol.read(),
    )
    return write_bundle(out, facts, [weights], _picture(about.golden), runtime)


def _require_usual(told: Told, about: About) -> None:
    """What holds for every checkpoint of MXNet; telling otherwise is a misunderstanding."""
    if told.layout not in (None, "nchw"):
        raise BundleError(
            f"a checkpoint of MXNet takes nchw, not {told.layout}: leave out --layout"
        )
    if about.precision not in (None, "float32"):
        raise BundleError("a checkpoint of MXNet computes in float32: leave out --precision")
    if about.embedding is not None:
        raise BundleError("a checkpoint of MXNet gives scores only: leave out --embedding")


def _facts(
    about: About, stem: str, source: str, told: Told, classes: int, notes: list[str]
) -> Facts:
    input, kind = rules(told)
    return Facts(
        name=about.name or NO_NAME.sub("-", stem.lower()).strip("-._")[:63] or "network",
        version=about.version,
        trained_from=about.trained_from or f"{NOT_STATED}; made from {source}",
        licence=about.licence,
        input=input,
        kind=kind,
        labels=_labels(about.labels, classes, notes),
    )


def _labels(path: Path | None, classes: int, notes: list[str]) -> tuple[str, ...]:
    if path is None and classes < 1:
        raise BundleError(
            "the network does not say how many classes it has: name them, --labels FILE"
        )
    if path is None:
        notes.append("nobody named the classes, so they are numbered: --labels FILE names them")
        return numbered(classes)
    labels = import_labels(path, notes)
    if classes > 0 and len(labels) != classes:
        missing = "; is its first class a background?" if classes == len(labels) + 1 else ""
        raise BundleError(
            f"{path} names {len(labels)} classes, but the network gives {classes} scores: write "
            f"one label for each, in its order{missing}"
        )
    return labels


def _kind(found: Kind, told: Kind | None) -> Kind:
    """The graph knows how it ends; where it ends in plain numbers, a person may know more."""
    if told is not None and told != found and found != "logits":
        raise BundleError(f"the graph ends in {found}, not in {told}: leave out --kind")
    return told or found


def _picture(path: Path | None) -> NDArray[np.uint8] | None:
    if path is None:
        return None
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from None
    image = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if image is None:
        raise BundleError(f"{path} is not a picture that OpenCV reads")
    return np.asarray(image, np.uint8)
