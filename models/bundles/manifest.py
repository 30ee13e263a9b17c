"""What a bundle says of itself, so that nothing about its use is left to guess."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

HASH = "<sha256sum of the file>"

FILE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""A file directly in the bundle's folder: no folders, no way out, and short enough for a tar."""
NAME, VERSION = "[a-z0-9][a-z0-9._-]{0,62}", "[A-Za-z0-9][A-Za-z0-9.+_-]{0,62}"
OutputName = Annotated[str, Field(min_length=1, max_length=200)]
FileName = Annotated[str, Field(pattern=f"^{FILE_NAME}$", examples=["model.tflite"])]
Name = Annotated[str, Field(pattern=f"^{NAME}$")]
Version = Annotated[str, Field(pattern=f"^{VERSION}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=[HASH])]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Triple = tuple[Number, Number, Number]
Precision = Literal["int8", "float16", "float32"]
Format = Literal["tflite", "onnx", "mxnet"]
Layout = Literal["nhwc", "nchw"]
Color = Literal["rgb", "bgr"]
Resize = Literal["stretch", "center-crop", "letterbox"]
Kind = Literal["probabilities", "logits", "multi-label-probabilities", "multi-label-logits"]
Channel = Annotated[int, Field(ge=0, le=255)]


PARAMS = re.compile(r"^(.+)-\d{4}\.params$")


class Part(BaseModel):
    """One part of a manifest: every key is required unless its description says when it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileEntry(Part):
    """A file of the bundle and its hash."""

    file: FileName
    sha256: Sha256


class Weights(FileEntry):
    """The network in one precision; of several, the first that runs is used, or the fastest."""

    precision: Precision = Field(examples=["int8", "float16", "float32"])
    format: Format = Field(examples=["tflite", "onnx", "mxnet"])
    tolerance: Annotated[float, Field(gt=0, le=1)] = Field(
        description="Largest difference of a score from the golden one.",
        examples=[0.02],
    )
    graph: FileEntry | None = Field(
        default=None,
        description="The network's graph, <name>-symbol.json beside <name>-0000.params: required "
        "for mxnet, refused otherwise.",
        examples=[{"file": "model-symbol.json", "sha256": HASH}],
    )
    embedding: OutputName | None = Field(
        default=None,
        description="What the file calls the output that is no score, but numbers that are close "
        "for pictures that look alike; for a network with two outputs, refused for mxnet.",
        examples=["global_average_pooling2d"],
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Weights":
        if self.format != "mxnet":
            if self.graph is not None:
                raise ValueError(f'"graph" is for mxnet only; {self.format} holds its own')
            return self
        if self.embedding is not None:
            raise ValueError('mxnet does not say what its outputs are called: remove "embedding"')
        if not (match := PARAMS.match(self.file)):
            raise ValueError('weights of mxnet are named as it does: "model-0000.params"')
        if self.graph is None or self.graph.file != f"{match[1]}-symbol.json":
            raise ValueError(
                f'mxnet needs its graph: write "graph": {{"file": "{match[1]}-symbol.json", '
                f'"sha256": "{HASH}"}}'
            )
        return self


class Input(Part):
    """From a picture to the network's input.

    The picture is brought to width x height by the resize rule; then for every channel
    real = (pixel / 255 * (hi - lo) + lo - mean) / std, with (lo, hi) the range; a quantised
    network gets round(real / scale + zero_point), halves to even, clipped to its dtype.
    """

    width: Annotated[int, Field(ge=1, le=4096)] = Field(examples=[224])
    height: Annotated[int, Field(ge=1, le=4096)] = Field(examples=[224])
    layout: Layout = Field(
        description="Order of the axes: nhwc as TensorFlow, nchw as PyTorch and MXNet.",
        examples=["nhwc", "nchw"],
    )
    color: Color = Field(
        description="Order of the channels that the network was trained on.",
        examples=["rgb", "bgr"],
    )
    resize: Resize = Field(
        description="stretch: the whole picture, its aspect lost. center-crop: the largest centred "
        "part of the input's aspect. letterbox: the whole picture, centred, on a border of `pad`. "
        "Pixels are averaged over the area that they cover when shrinking, bilinear when growing.",
        examples=["stretch", "center-crop", "letterbox"],
    )
    range: tuple[Number, Number] = Field(
        description="The real values of pixels 0 and 255, before mean and std.",
        examples=[[0, 255], [0, 1], [-1, 1]],
    )
    mean: Triple = Field(
        description="Subtracted per channel, in the order of color, on the scale of range.",
        examples=[[0, 0, 0]],
    )
    std: tuple[Positive, Positive, Positive] = Field(
        description="Divided by per channel, after mean.", examples=[[1, 1, 1]]
    )
    pad: tuple[Channel, Channel, Channel] | None = Field(
        default=None,
        description="Pixel value of the border, in the order of color: required for letterbox, "
        "refused otherwise.",
        examples=[[114, 114, 114]],
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Input":
        if not self.range[0] < self.range[1]:
            raise ValueError("range must rise, as [0, 255] does")
        if self.resize == "letterbox" and self.pad is None:
            raise ValueError(
                'letterbox needs the colour of its border: write "pad": [114, 114, 114]'
            )
        if self.resize != "letterbox" and self.pad is not None:
            raise ValueError(f'"pad" is for letterbox only; {self.resize} has no border: remove it')
        return self


class Calibration(Part):
    """How the temperature was found."""

    at: AwareDatetime
    samples: Annotated[int, Field(ge=1)]
    ece_before: Annotated[float, Field(ge=0, le=1)]
    ece_after: Annotated[float, Field(ge=0, le=1)]


class Output(Part):
    """From the network's output to scores and confidence."""

    kind: Kind = Field(
        description="logits go through a softmax, probabilities are taken as they are. Of a "
        "multi-label network each label has its own probability; logits go through a sigmoid.",
        examples=["probabilities", "logits"],
    )
    temperature: Positive = Field(
        description="Confidence is the softmax (multi-label: the sigmoid) of logits / temperature; "
        "1 is uncalibrated.",
        examples=[1.0],
    )
    calibration: Calibration | None = Field(
        default=None,
        description="Where the temperature comes from; vision-app model calibrate writes it.",
    )


class Manifest(Part):
    """manifest.json of a bundle that classifies pictures."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, title="vision-app bundle manifest"
    )

    schema_: Literal[1] = Field(alias="schema", examples=[1])
    name: Name = Field(examples=["greenhouse-tomatoes"])
    version: Version = Field(examples=["1"])
    task: Literal["classify"] = Field(examples=["classify"])
    created: AwareDatetime = Field(
        description="When it was made, RFC 3339 in UTC.", examples=["2026-01-31T12:00:00Z"]
    )
    trained_from: Text = Field(
        description="What it was trained on, for people.", examples=["<data, script and seed>"]
    )
    licence: Text = Field(examples=["Apache-2.0"])
    weights: tuple[Weights, ...] = Field(
        description="In order of preference.", json_schema_extra={"minItems": 1}
    )
    labels: FileEntry = Field(
        description="UTF-8 text, one label per line, in the network's order.",
        examples=[{"file": "labels.txt", "sha256": HASH}],
    )
    input: Input
    output: Output
    golden: FileEntry = Field(
        description="A .npz of `image` (uint8, height x width x 3, BGR, any size) and `scores` "
        "(float32, one probability per label, uncalibrated) that the network must reproduce.",
        examples=[{"file": "golden.npz", "sha256": HASH}],
    )
    documents: tuple[FileEntry, ...] = Field(
        default=(),
        description="What travels with it for people, such as a README. A file of the folder that "
        "the manifest does not name is no part of the bundle.",
        examples=[[{"file": "README.md", "sha256": HASH}]],
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Manifest":
        if self.created.utcoffset() != timedelta(0):
            raise ValueError("created must be in UTC and end in Z")
        if not self.weights:
            raise ValueError("weights must name at least one file")
        files = [entry.file for entry in self.files]
        if len(set(files)) != len(files) or {"manifest.json", "manifest.sha256"} & set(files):
            raise ValueError(
                "weights, labels, golden, documents and manifest.json must be different files"
            )
        return self

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """All files of the bundle but the manifest and its seal."""
        graphs = (weights.graph for weights in self.weights if weights.graph)
        return (*self.weights, *graphs, self.labels, self.golden, *self.documents)


SCHEMA: Mapping[str, Any] = Manifest.model_json_schema()
"""JSON Schema of the manifest; docs/schemas/bundle-manifest.json is this."""
