"""A file of weights becomes a bundle by one command, and names pictures on every runtime."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.bundles.bundle import open_bundle
from models.choice import DECLARED_ORDER, every_choice
from models.classifier import prove
from models.settings import ModelSettings
from tests.models.places import data
from tests.parts import need

NAME = "mobilenet_v2_1.0_224_quant"
PICTURES = {
    "grace_hopper.bmp": "military uniform",
    "cat.bmp": "Egyptian cat",
    "parrot.jpg": "macaw",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the one command has put the network."""
    weights, labels = data(f"models/{NAME}.tflite"), data("models/imagenet_labels.txt")
    home = tmp_path_factory.mktemp("home")
    program = "import sys; from vision_app.cli import main; sys.argv[0] = 'vision-app'; main()"
    words = ["model", "add", str(weights), "--labels", str(labels), "--preset", "coral"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=os.environ | {"XDG_DATA_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"{NAME}@1 is active" in done.stdout
    assert "'crane' stands 2 times" in done.stderr
    return home / "vision-app" / "bundles"


@pytest.mark.parametrize("backend", sorted({name for name, _ in DECLARED_ORDER["tflite"]}))
@pytest.mark.parametrize(("file", "label"), PICTURES.items())
def test_every_runtime_that_loads_it_names_what_is_in_a_photograph(
    store: Path, backend: str, file: str, label: str
) -> None:
    image = np.asarray(cv2.imread(str(data(f"images/{file}"))), np.uint8)
    settings, notes = ModelSettings(bundle=NAME, store=store), list[str]()
    with open_bundle(NAME, store) as bundle:
        ways = list(every_choice(bundle, backend, settings, (2,), notes))
        for way in need(f"{backend} ({'; '.join(notes)})", ways):
            with prove(bundle, way, settings.runtime) as classifier:
                assert classifier.classify(image).label == label
