"""What is known of how networks of one origin want their pictures; each is a row to be named."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from models.bundles.manifest import Color, Input, Kind, Layout, Resize
from models.bundles.manifest_file import parsed
from models.errors import BundleError

Triple = tuple[float, float, float]
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NONE, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of the input and output; None: nothing."""

    color: Color | None = None
    range: tuple[float, float] | None = None
    mean: Triple | None = None
    std: Triple | None = None
    resize: Resize | None = None
    pad: tuple[int, int, int] | None = None
    size: tuple[int, int] | None = None
    """Width and height."""
    layout: Layout | None = None
    kind: Kind | None = None


PRESETS: Mapping[str, Told] = {
    # image-classification of SageMaker: its first layer, bn_data, takes pixels as they are.
    "sagemaker": Told("rgb", (0, 255), NONE, ONE, "stretch", kind="probabilities"),
    "gluon": Told("rgb", (0, 1), IMAGENET_MEAN, IMAGENET_STD, "center-crop", kind="logits"),
    "torchvision": Told("rgb", (0, 1), IMAGENET_MEAN, IMAGENET_STD, "center-crop", kind="logits"),
    # keras.applications.mobilenet*.preprocess_input; image_dataset_from_directory stretches.
    "keras-mobilenet": Told("rgb", (-1, 1), NONE, ONE, "stretch", kind="probabilities"),
    # The hosted TensorFlow Lite and TF-Slim classifiers: MobileNet, Inception.
    "tensorflow": Told("rgb", (-1, 1), NONE, ONE, "stretch", kind="probabilities"),
    # Its own sample code: ImageOps.fit, then x / 127.5 - 1.
    "teachable-machine": Told("rgb", (-1, 1), NONE, ONE, "center-crop", kind="probabilities"),
    # (x - 128) / 128, as its classify_image.py has it: with scale 1/128 and zero point 128, pixels
    # go in as they are.
    "coral": Told("rgb", (-1, 127 / 128), NONE, ONE, "stretch", kind="probabilities"),
}

ADVICE: Mapping[str, str] = {
    "color": "--color rgb or --color bgr (the order of the channels that it was trained on)",
    "range": "--range 0-255, --range 0-1 or --range -1,1 (the values of pixels 0 and 255)",
    "mean": "--mean 0,0,0 (subtracted after that, on the scale of the range)",
    "std": "--std 1,1,1 (divided by after that)",
    "resize": "--resize stretch, --resize center-crop or --resize letterbox",
    "pad": "--pad 114,114,114 (the border's colour, which letterbox needs)",
    "size": "--size 224x224 (the file leaves it free)",
    "layout": "--layout nhwc or --layout nchw (the file's shape allows both)",
    "kind": "--kind probabilities or --kind logits (multi-label-… where labels go together)",
}


def told_with(preset: str | None, told: Told) -> Told:
    """What a person says, and what they do not say as the preset of that name has it."""
    row = PRESETS[preset] if preset is not None else Told()
    said = {key: value for key, value in asdict(told).items() if value is not None}
    return replace(row, **said)


def completed(told: Told, shape: tuple[int, ...], layouts: tuple[Layout, ...]) -> Told:
    """With size and layout as the file's input has them.

    shape: of the input, -1 where free; layouts: those that it allows. Raises BundleError where what
    was told contradicts the file.
    """
    layout = told.layout or (layouts[0] if len(layouts) == 1 else None)
    if layout is None:
        return told
    if layout not in layouts:
        raise BundleError(f"the file takes {shape}, which is {layouts[0]}, not {layout}")
    height, width = shape[1:3] if layout == "nhwc" else shape[2:4]
    size = told.size if -1 in (height, width) else (width, height)
    if told.size is not None and told.size != size:
        raise BundleError(
            f"the file takes pictures of {width}x{height}, not {told.size[0]}x{told.size[1]}: "
            "leave out --size"
        )
    return replace(told, layout=layout, size=size)


def rules(told: Told) -> tuple[Input, Kind]:
    """The manifest's input and kind; BundleError lists all that nobody told, with what to write."""
    values = asdict(told)
    if told.resize != "letterbox":
        del values["pad"]
    missing = [ADVICE[key] for key, value in values.items() if value is None]
    if missing:
        raise BundleError(
            "how the network wants its pictures is never guessed; say it with --preset "
            f"({', '.join(PRESETS)}) or with:\n  " + "\n  ".join(missing)
        )
    assert told.size is not None
    assert told.kind is not None
    del values["kind"], values["size"]
    if told.pad is not None and told.resize != "letterbox":
        raise BundleError(f"--pad is for --resize letterbox only; {told.resize} has no border")
    values |= {"width": told.size[0], "height": told.size[1]}
    return parsed(json.dumps(values).encode(), Input, "what was said of the input"), told.kind
