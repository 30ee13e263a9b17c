"""What a picture costs around the runtime's own work, and what a start costs.

    python -m benchmarks.classifier

On one thread. MobileNetV2 and the photographs are of ../shared/data, which is not part of this
repository; what needs them is left out where it is absent.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.backend import TensorSpec
from models.bundles.manifest import Input
from models.classifier import Classifier, open_classifier
from models.importing.import_network import About, import_file
from models.importing.presets import Told, told_with
from models.preprocess import Preprocessor
from models.resize import resized
from models.settings import ModelSettings, RuntimeSettings
from tests.models.reference import sized

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
MOBILENET = DATA / "models" / "mobilenet_v2_1.0_224_quant.tflite"
FRAMES = ((1920, 1080), (1280, 720), (224, 224))
SIDE = 224
PIXELS: dict[str, Any] = {"range": (0, 255), "mean": (0, 0, 0), "std": (1, 1, 1)}
IMAGENET: dict[str, Any] = {
    "range": (0, 1),
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
}
TENSORS: Mapping[str, tuple[Mapping[str, Any], TensorSpec]] = {
    "uint8 nhwc": (PIXELS | {"layout": "nhwc"}, TensorSpec((1, SIDE, SIDE, 3), "uint8", 1.0)),
    "float32 nhwc": (IMAGENET | {"layout": "nhwc"}, TensorSpec((1, SIDE, SIDE, 3), "float32")),
    "float32 nchw": (IMAGENET | {"layout": "nchw"}, TensorSpec((1, 3, SIDE, SIDE), "float32")),
}
START = (
    "import time\n"
    "from models.classifier import open_classifier\n"
    "from models.settings import ModelSettings\n"
    "import numpy\n"
    "classifier = open_classifier(ModelSettings())\n"
    "classifier.classify(numpy.zeros((720, 1280, 3), numpy.uint8))\n"
    "print(time.process_time())"
)
Image = NDArray[np.uint8]


class Clocked:
    """A function, and how long its last call took."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.took_us = 0.0

    def __call__(self, *given: Any) -> Any:
        begin_ns = time.perf_counter_ns()
        result = self.function(*given)
        self.took_us = (time.perf_counter_ns() - begin_ns) / 1000
        return result


def took_us(function: Callable[[], object], runs: int) -> list[float]:
    """How long each of the runs took, after some that do not count."""
    clocked, took = Clocked(function), []
    for _ in range(runs + runs // 5):
        clocked()
        took.append(clocked.took_us)
    return took[runs // 5 :]


def ms(took: list[float]) -> str:
    """Microseconds, for people."""
    return f"min {min(took) / 1000:.3f}, median {statistics.median(took) / 1000:.3f} ms"


def us(took: list[float]) -> str:
    """Microseconds, for people."""
    return f"min {min(took):.1f}, median {statistics.median(took):.1f} us"


def preprocessing() -> None:
    """Prints the time from a frame to a tensor, beside that of OpenCV's area mean as it comes."""
    told: Mapping[str, Any] = {"width": SIDE, "height": SIDE, "color": "rgb", "resize": "stretch"}
    for width, height in FRAMES:
        print(f"{width}x{height} to {SIDE}x{SIDE}")
        frame = noise(width, height)
        for kind, (numbers, spec) in TENSORS.items():
            prepare = Preprocessor(Input(**told, **numbers), spec)
            print(f"  as {kind}: {ms(took_us(partial(prepare, frame), 300))}")
        if (width, height) != (SIDE, SIDE):
            print(f"  cv2.INTER_AREA as it comes: {ms(took_us(partial(as_it_comes, frame), 100))}")


def as_it_comes(frame: Image) -> Image:
    """As most programs do it."""
    return np.asarray(cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def noise(width: int, height: int) -> Image:
    """The same on every machine."""
    return np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)


def exactness() -> None:
    """Prints how far values are from the exact area mean, of which rounding to whole levels alone
    makes 0.5 at most and 0.25 on average."""
    rows, columns = np.indices((1080, 1920))
    stripes = [
        (rows // high + columns // wide) % 2 for high, wide in ((1, 9999), (9999, 1), (3, 2))
    ]
    patterns = [np.repeat((one * 255).astype(np.uint8)[..., None], 3, axis=2) for one in stripes]
    kinds = {"noise": [noise(1920, 1080)], "stripes": patterns, "photographs": list(photographs())}
    for kind, images in kinds.items():
        if not images:
            print(f"exactness on {kind}: there are none in {DATA}, skipped")
            continue
        away = [np.abs(resized(one, SIDE, SIDE) - sized(one, SIDE, SIDE)) for one in images]
        worst, mean = max(one.max() for one in away), np.mean([one.mean() for one in away])
        print(f"exactness on {kind} ({len(images)}): at most {worst:.4f} away, mean {mean:.4f}")


def photographs() -> Iterator[Image]:
    """Those that are larger than the network's input."""
    for folder in ("images", "faces/images", "grocery/images"):
        for path in islice(sorted((DATA / folder).glob("*.*")), 20):
            image = cv2.imread(str(path))
            if image is not None and min(image.shape[:2]) > SIDE:
                yield np.asarray(image, np.uint8)


def overhead(classifier: Classifier, runs: int) -> None:
    """Prints what `classify` takes beside preprocessing and the runtime's own calls.

    All are of the same calls, so that what the network does to the caches counts; then once more
    without the network. One or two microseconds are the clocks' own.
    """
    inside: Any = classifier
    interpreter = inside._backend._interpreter
    own = [Clocked(inside._prepare)]
    inside._prepare = own[0]
    for name in ("set_tensor", "get_tensor", "invoke"):
        own.append(Clocked(getattr(interpreter, name)))
        setattr(interpreter, name, own[-1])
    frame, network = noise(640, 480), own[-1]

    after, alone = list[float](), list[float]()
    for _ in range(runs):
        after.append(beside(own, classifier, frame))
        alone.append(network.took_us)
    share = statistics.median(after) / statistics.median(alone)
    print(f"{len(classifier.labels)} labels, LiteRT's own time: {ms(alone)}")
    print(f"  overhead, caches as the network leaves them: {us(after)} ({share:.2%})")
    network.function = lambda: None
    warm = [beside(own, classifier, frame) for _ in range(5000)]
    print(f"  overhead, caches warm: {us(warm)}")


def beside(own: list[Clocked], classifier: Classifier, frame: Image) -> float:
    """The microseconds of one call of `classify` that are in none of those."""
    classify = Clocked(classifier.classify)
    classify(frame)
    return classify.took_us - sum(part.took_us for part in own)


def overheads() -> None:
    """Prints it for few labels and for many."""
    with open_classifier(ModelSettings(backend="litert", threads=1)) as classifier:
        overhead(classifier, 3000)
    if not MOBILENET.is_file():
        print(f"MobileNetV2: {MOBILENET} is not there, skipped")
        return
    with tempfile.TemporaryDirectory() as folder:
        bundle, told = Path(folder) / "mobilenet", told_with("coral", Told())
        import_file(MOBILENET, bundle, About(), told, RuntimeSettings(), [])
        settings = ModelSettings(bundle=str(bundle), backend="litert", threads=1)
        with open_classifier(settings) as classifier:
            overhead(classifier, 500)


def start(runs: int = 10) -> None:
    """Prints the processor time of fresh processes up to their first prediction."""
    took_s = [float(python(START)) for _ in range(runs)]
    least, middle = min(took_s), statistics.median(took_s)
    print(f"start to first prediction: min {least:.3f}, median {middle:.3f} s of processor time")


def python(code: str) -> str:
    """What a fresh process prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Prints everything."""
    argparse.ArgumentParser(description="Measure what surrounds a network.").parse_args()
    cv2.setNumThreads(1)
    ipp = cv2.ipp.getIppVersion()
    print(f"{os.cpu_count()} cores, OpenCV {cv2.__version__}, IPP: {ipp}, numpy {np.__version__}")
    preprocessing()
    exactness()
    overheads()
    start()


if __name__ == "__main__":
    main()
