"""What `vision-app model bench` measured here, kept on the disk so that "auto" can use it."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from models import durable
from models.bench.machine import Machine, this_machine
from models.bench.measurement import Measurement
from models.bundles.bundle import Bundle
from models.errors import ModelError
from models.settings import ModelSettings, RuntimeSettings

FOLDER = ".measured"
"""In the store; no bundle has a name that begins with a dot."""
MAX_BYTES = 1 << 20
REMEDY = "vision-app model bench measures it anew"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Measured:
    """The content of a file: what was measured, when, on which machine, with which settings."""

    schema: Literal[1]
    at: AwareDatetime
    machine: Machine
    runtime: RuntimeSettings
    measurements: tuple[Measurement, ...]


def look_up(bundle: Bundle, settings: ModelSettings) -> tuple[Measurement, ...]:
    """What was measured of the bundle on a machine like this, of ways that can be used.

    Empty where nothing was, or where it does not hold any more; the log then says why.
    """
    path = _path(bundle, settings)
    if path is None or not path.is_file():
        return ()
    try:
        found = _read(path)
    except (OSError, ValidationError) as error:
        log.warning("%s is ignored, it cannot be read (%s): %s", path, _cause(error), REMEDY)
        return ()
    if reason := _outdated(found, settings):
        log.warning("%s is ignored, it was made with %s: %s", path, reason, REMEDY)
        return ()
    known = bundle.manifest.weights
    return tuple(one for one in found.measurements if one.usable and one.choice.weights in known)


def keep(
    bundle: Bundle,
    settings: ModelSettings,
    at: AwareDatetime,
    measurements: tuple[Measurement, ...],
) -> Path | None:
    """Writes what was measured, for the next start; None where the settings name no store.

    The file is wholly there after a power cut, or as it was before. Raises ModelError when the
    disk refuses.
    """
    path = _path(bundle, settings)
    if path is None:
        return None
    measured = Measured(1, at, this_machine(), _telling(settings.runtime), measurements)
    try:
        durable.make_folder(path.parent)
        durable.write(path, TypeAdapter(Measured).dump_json(measured, indent=1))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written ({error.strerror}): make room, or name another store"
        ) from None
    return path


def _path(bundle: Bundle, settings: ModelSettings) -> Path | None:
    """Named by all that decides the speed; another temperature or label is the same network."""
    if settings.store is None:
        return None
    told = bundle.manifest.model_dump_json(include={"weights", "input", "golden"})
    return settings.store / FOLDER / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> Measured:
    with path.open("rb") as file:
        return TypeAdapter(Measured).validate_json(file.read(MAX_BYTES))


def _outdated(found: Measured, settings: ModelSettings) -> str:
    if found.runtime != _telling(settings.runtime):
        return "other settings in [model.runtime]"
    return found.machine.unlike(this_machine())


def _telling(runtime: RuntimeSettings) -> RuntimeSettings:
    """Settings that change what can run here; where compiled networks are kept does not."""
    return runtime.model_copy(update={"cache": None})


def _cause(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{error.error_count()} faults; the first: {error.errors()[0]['msg']}"
