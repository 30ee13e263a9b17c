"""Makes the demo classifier: renders, trains, exports, measures, writes the bundle.

    pip install 'vision-app[demo-model]'
    python -m models.training.greenhouse --out models/bundled/greenhouse-tomatoes

The same seed gives the same pictures; the weights may differ in their last digits between machines.
"""

import json
import sys
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import numpy as np

from devices.simulated.greenhouse import CLASSES, render
from models.backend import open_backend
from models.bundle import sha256
from models.manifest import Input
from models.preprocess import fit
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
    sizes = {"train": count, "validation": VALIDATION, "test": TEST}
    data, held_out, test = (
        pictures(size, seed * 1000 + part, RULES, EASY[name], threads)
        for part, (name, size) in enumerate(sizes.items())
    )
    model = train(data, held_out, epochs, seed, threads)
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.tflite").write_bytes(all_integer(model, data.images[:300]))
    write_golden(out, seed)
    recipe = {"seed": seed, "epochs": epochs, "pictures": sizes}
    write_manifest(out, recipe)
    report = write_report(out, recipe, test)
    print(f"accuracy {report['accuracy']:.4f} on {TEST} held-out pictures; {out} is written")


def write_golden(out: Path, seed: int) -> None:
    """A picture and the scores that the exported network gives it."""
    image = render(np.random.default_rng([seed, 0]), "ripe", *GOLDEN_SIZE)
    backend = open_backend("litert", out / "model.tflite")
    (golden,) = scores(backend, RULES, fit(image, RULES)[np.newaxis])
    np.savez_compressed(out / "golden.npz", image=image, scores=golden)


def write_manifest(out: Path, recipe: dict[str, Any]) -> None:
    """labels.txt, and the manifest over all files."""
    (out / "labels.txt").write_text("\n".join(CLASSES) + "\n")
    files = {name: _entry(out, name) for name in ("model.tflite", "labels.txt", "golden.npz")}
    weights = {"precision": "int8", "format": "tflite", "tolerance": 0.02}
    manifest = {
        "schema": 1,
        "name": "greenhouse-tomatoes",
        "version": "1",
        "task": "classify",
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "trained_from": f"rendered pictures: models/training/greenhouse.py, seed {recipe['seed']}",
        "licence": "Apache-2.0",
        "weights": [files["model.tflite"] | weights],
        "labels": files["labels.txt"],
        "input": RULES.model_dump(mode="json", exclude_none=True),
        "output": {"kind": "probabilities", "temperature": 1.0},
        "golden": files["golden.npz"],
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def write_report(out: Path, recipe: dict[str, Any], test: Pictures) -> dict[str, Any]:
    """What the exported file does on the test pictures, as report.json and README.md."""
    backend = open_backend("litert", out / "model.tflite")
    weights = {"bytes": (out / "model.tflite").stat().st_size} | _entry(out, "model.tflite")
    report = {
        **examine(scores(backend, RULES, test.images), test),
        "weights": weights,
        "recipe": recipe,
        "versions": {name: version(name) for name in ("tensorflow", "ai-edge-litert", "numpy")},
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    (out / "README.md").write_text(describe(report, RULES.width, RULES.height))
    return report


def _entry(out: Path, name: str) -> dict[str, Any]:
    return {"file": name, "sha256": sha256(out / name)}


if __name__ == "__main__":
    main()
