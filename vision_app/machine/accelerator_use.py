"""Whether each accelerator is used, and if not, why and what to install or do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.boards.accelerator_names import Kind
from devices.boards.accelerators import Accelerator
from vision_app.machine.runtimes import Runtime

USERS: Mapping[tuple[str, Kind], tuple[tuple[str, str], ...]] = {
    ("NVIDIA", "gpu"): (("onnxruntime", "tensorrt"), ("onnxruntime", "cuda")),
    ("Intel", "gpu"): (("openvino", "gpu"),),
    ("Intel", "npu"): (("openvino", "npu"),),
    ("Google", "edgetpu"): (("litert", "edgetpu"),),
}
"""Which backend computes on it, and what that backend calls it."""

NOBODY: Mapping[tuple[str, Kind], str] = {
    ("AMD", "gpu"): "no runtime here computes on graphics of AMD",
    ("AMD", "npu"): "no runtime here computes on an NPU of AMD",
    ("Broadcom", "gpu"): "no runtime computes on VideoCore",
    ("Hailo", "npu"): "it runs only what Hailo's compiler made, through Hailo's runtime",
    ("Intel", "vpu"): "OpenVINO computes on it only up to release 2022.3",
    ("NVIDIA", "dla"): "no runtime here computes on it; the GPU beside it is faster",
}
"""Why nothing that comes with us computes on it; a plugin may."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """The classifier of this installation, and what runs it.

    backend: as in events, "onnxruntime cuda". chosen: why this one. problem: why there is none.
    notes: what was skipped on the way to this backend, and why.
    """

    bundle: str
    name: str = ""
    version: str = ""
    backend: str = ""
    chosen: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AcceleratorUse:
    """An accelerator, and who uses it.

    usable_by: backend and device, as in a configuration. used_by: which of them runs the model
    now. why_not: why it is not used, and what to do about it; empty where it is.
    """

    accelerator: Accelerator
    usable_by: tuple[str, ...]
    used_by: str
    why_not: str


def use_of(found: Accelerator, runtimes: Sequence[Runtime], model: ModelUse) -> AcceleratorUse:
    """Who can use an accelerator, who does, and why nobody does."""
    users = USERS.get((found.vendor, found.kind), ())
    problems = {f"{name} {device}": _problem(runtimes, name, device) for name, device in users}
    usable = tuple(user for user, problem in problems.items() if not problem)
    used = next((user for user in usable if _is(user, model.backend)), "")
    if used:
        return AcceleratorUse(found, usable, used, "")
    if usable and not found.problem:
        return AcceleratorUse(found, usable, "", _idle(usable, model))
    reasons = [found.problem] if found.problem else [*dict.fromkeys(problems.values())]
    nobody = NOBODY.get((found.vendor, found.kind), "no runtime here computes on it")
    return AcceleratorUse(found, (), "", "; ".join(reasons) or nobody)


def notes_of_here(notes: Sequence[str], found: Sequence[Accelerator]) -> tuple[str, ...]:
    """What was passed over, but for devices of accelerators that this machine does not have."""
    here = {(chip.vendor, chip.kind) for chip in found}
    elsewhere = [user for of, users in USERS.items() if of not in here for user in users]
    absent = tuple(f"{name} cannot use {device}: " for name, device in elsewhere)
    return tuple(note for note in notes if not note.startswith(absent))


def _problem(runtimes: Sequence[Runtime], name: str, device: str) -> str:
    """Why a backend cannot use its device; empty where it can."""
    runtime = next((one for one in runtimes if one.name == name), None)
    if runtime is None:
        return f"there is no backend {name}"
    known = runtime.device(device)
    if known is None:
        return runtime.problem or f"{name} does not see it"
    return known.problem


def _is(user: str, backend: str) -> bool:
    """Whether a backend as told in events, "openvino gpu float16", is this user of a device."""
    return f"{backend} ".startswith(f"{user} ")


def _idle(usable: tuple[str, ...], model: ModelUse) -> str:
    """Why nothing is computed on it although it could be."""
    able = " or ".join(usable)
    if not model.backend:
        return f"{able} could use it, but no model runs"
    skipped = [note for note in model.notes if any(note.startswith(user) for user in usable)]
    why = "; ".join(skipped) or f"{model.name} runs on {model.backend}"
    return f"{able} could use it; {why}"
