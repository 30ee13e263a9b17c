"""Fits a bundle's temperature to labelled frames, and writes it into its manifest."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import durable
from models.bundles.bundle import BUILT_IN, Bundle, copy_files
from models.bundles.manifest import Calibration, Manifest
from models.bundles.manifest_file import written
from models.bundles.seal import replace_manifest
from models.calibration.calibration import Fit, fit, require_enough
from models.calibration.labelled import Labelled, Source, pictures, read_labelled, require_no
from models.classifier import Classifier
from models.errors import CalibrationError

Watch = Callable[[Sequence[Labelled]], Iterable[Labelled]]
"""Passes the frames on one by one, so that somebody sees how far it is."""


def measure(bundle: Bundle, classifier: Classifier, source: Source, watch: Watch) -> Fit:
    """Runs the classifier on labelled frames, and fits its temperature to them.

    Raises CalibrationError with all that is wrong with the frames.
    """
    output = bundle.manifest.output
    multi = output.kind.startswith("multi-label")
    frames = read_labelled(source, bundle.labels, multi)
    truth = _truth(frames, len(bundle.labels), multi)
    require_enough(truth, bundle.labels)
    logits = _logits(classifier, watch(frames))
    return fit(logits, truth, bundle.labels, output.temperature)


def require_place(bundle: Bundle, out: Path | None) -> None:
    """Raises CalibrationError where the new temperature could not be written."""
    if out is not None:
        if out.exists():
            raise CalibrationError(f"{out} exists already: name another folder")
        return
    if BUILT_IN in bundle.folder.parents:
        raise CalibrationError(
            f"{bundle.manifest.name} is built in and stays as it is: write a calibrated copy with "
            "--out FOLDER"
        )
    if bundle.where.is_file():
        raise CalibrationError(
            f"{bundle.where} is a tar, which is not changed in place: add it to the store first "
            f"(vision-app model add {bundle.where}), or write a calibrated copy with --out FOLDER"
        )


def write_fit(bundle: Bundle, found: Fit, out: Path | None = None) -> Path:
    """Puts the temperature into the bundle, or into a copy of it; where it then stands.

    Raises CalibrationError when it cannot be written; the bundle is then as it was.
    """
    manifest = written(_calibrated(bundle.manifest, found, datetime.now(timezone.utc)))
    try:
        if out is None:
            replace_manifest(bundle.folder, manifest)
            return bundle.folder
        with durable.new_folder(out) as folder:
            copy_files(bundle, folder)
            replace_manifest(folder, manifest)
    except OSError as error:
        raise CalibrationError(
            f"the temperature cannot be written: {durable.reason(error)}"
        ) from None
    return out


def _calibrated(manifest: Manifest, found: Fit, at: datetime) -> Manifest:
    how = Calibration(
        at=at.replace(microsecond=0),
        samples=found.samples,
        ece_before=round(found.ece_before, 4),
        ece_after=round(found.ece_after, 4),
    )
    values = {"temperature": round(found.temperature, 4), "calibration": how}
    return manifest.model_copy(update={"output": manifest.output.model_copy(update=values)})


def _truth(frames: Sequence[Labelled], labels: int, multi: bool) -> NDArray[Any]:
    if not multi:
        return np.array([frame.labels[0] for frame in frames], np.int64)
    truth = np.zeros((len(frames), labels), np.bool_)
    for row, frame in zip(truth, frames, strict=True):
        row[list(frame.labels)] = True
    return truth


def _logits(classifier: Classifier, frames: Iterable[Labelled]) -> NDArray[np.float64]:
    """One row per frame; once a picture cannot be read, the others are only read, for their faults.

    Raises CalibrationError.
    """
    faults: list[str] = []
    rows = [classifier.logits(picture) for picture in pictures(frames, faults) if not faults]
    require_no(faults)
    return np.stack(rows)
