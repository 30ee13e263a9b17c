"""Makes the demo classifier: renders, trains, exports, measures, writes the bundle.

    pip install 'vision-app[demo-model]'
    python -m models.training.greenhouse --out greenhouse-tomatoes

The same seed gives the same pictures; the weights may differ in their last digits between machines.
"""

import json
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click
import numpy as np

from devices.simulated.greenhouse import CLASSES, render
from models.backend import open_backend
from models.bundles.manifest import Input
from models.bundles.write_bundle import Facts, NewWeights, write_bundle
from models.training.description import describe
from models.training.examination import examine, scores
from models.training.pictures import Pictures, pictures

RULES = Input(
    width=96,
    height=96,
    layout="nhwc",
    color="rgb",
    resize="center-crop",
    range=(0, 1),
    mean=(0, 0, 0),
    std=(1, 1, 1),
)
VALIDATION, TEST = 1000, 4000
EASY = {"train": 0.5, "validation": 0.5, "test": 0.25}
"""Share of pictures with a difficulty below 0.3; the test is nearly even."""
GOLDEN_SIZE = 160, 120


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=1, show_default=True, help="Seed of pictures and training.")
@click.option("--count", default=12000, show_default=True, help="Pictures to train on.")
@click.option("--epochs", default=14, show_default=True)
@click.option("--threads", default=3, show_default=True, help="Processes and threads to use.")
def main(out: Path, seed: int, count: int, epochs: int, threads: int) -> None:
    """Writes the bundle of the demo classifier into a folder, in some minutes on three cores."""
    try:
        from models.training.network import all_integer, train
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: pip install 'vision-app[demo-model]'")
    if out.exists():
        sys.exit(f"{out} exists already: name another folder")
    sizes = {"train": count, "validation": VALIDATION, "test": TEST}
    data, held_out, test = (
        pictures(size, seed * 1000 + part, RULES, EASY[name], threads)
        for part, (name, size) in enumerate(sizes.items())
    )
    model = train(data, held_out, epochs, seed, threads)
    recipe = {"seed": seed, "epochs": epochs, "pictures": sizes}
    accuracy = write(out, all_integer(model, data.images[:300]), recipe, test)
    print(f"accuracy {accuracy:.4f} on {TEST} held-out pictures; {out} is written")


def write(out: Path, network: bytes, recipe: dict[str, Any], test: Pictures) -> float:
    """The bundle, with a report on the exported network; returns its accuracy."""
    seed = recipe["seed"]
    report = examined(network, recipe, test)
    facts = Facts(
        name="greenhouse-tomatoes",
        version="1",
        trained_from=f"rendered pictures: models/training/greenhouse.py, seed {seed}",
        licence="Apache-2.0",
        input=RULES,
        kind="probabilities",
        labels=CLASSES,
    )
    documents = {
        "README.md": describe(report, RULES.width, RULES.height).encode(),
        "report.json": (json.dumps(report, indent=2) + "\n").encode(),
    }
    weights = NewWeights(network, "model.tflite", "int8", "tflite", tolerance=0.02)
    golden = render(np.random.default_rng([seed, 0]), "ripe", *GOLDEN_SIZE)
    write_bundle(out, facts, [weights], golden, documents=documents).close()
    return float(report["accuracy"])


def examined(network: bytes, recipe: dict[str, Any], test: Pictures) -> dict[str, Any]:
    """What the exported network does on the test pictures."""
    with NamedTemporaryFile(suffix=".tflite") as file:
        file.write(network)
        file.flush()
        backend = open_backend("litert", Path(file.name))
        seen = examine(scores(backend, RULES, test.images), test)
    weights = {"bytes": len(network), "file": "model.tflite", "sha256": sha256(network).hexdigest()}
    return {
        **seen,
        "weights": weights,
        "recipe": recipe,
        "versions": {name: version(name) for name in ("tensorflow", "ai-edge-litert", "numpy")},
    }


if __name__ == "__main__":
    main()
