"""`vision-app doctor`: what this machine has, what is used of it, and why the rest is not."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from devices.boards.profiles import Profile
from devices.v4l2.listing import lines, who
from vision_app import config
from vision_app.faces.detector_use import findings_of
from vision_app.machine.accelerator_use import AcceleratorUse, notes_of_here
from vision_app.machine.inventory import Inventory, take_inventory
from vision_app.machine.runtimes import Runtime
from vision_app.screen.finding import Finding, Verdict, bad, good, note, show
from vision_app.settings import Settings

SCHEMA = "vision-app/doctor/1"
GIB = 1 << 30
FEW_BYTES = GIB


@click.command()
@click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), help="The model and disk of this."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def doctor(path: Path | None, as_json: bool) -> None:
    """Say what this machine has, what is used of it, and why the rest is not.

    Exit code 1 when something needs mending.

    Example: vision-app doctor -c site.toml
    """
    settings = config.load(path) if path else config.complete(Settings(), Path.cwd())
    inventory = take_inventory(settings)
    told = list(findings(inventory))
    if as_json:
        whole = {"schema": SCHEMA, **asdict(inventory), "findings": [asdict(one) for one in told]}
        click.echo(json.dumps(whole, indent=2))
    else:
        show(told, as_json=False)
    sys.exit(1 if any(finding.verdict is Verdict.BAD for finding in told) else 0)


def findings(found: Inventory) -> Iterator[Finding]:
    """What was found, for people: a line for each thing, and what to do where one is not used."""
    yield from _machine(found)
    yield from _accelerators(found)
    yield from map(_runtime, found.runtimes)
    yield from _model(found)
    yield from findings_of(found.detector)
    yield from _cameras(found)
    yield from _sensors(found)
    yield from _extras(found)
    yield from _files(found)
    yield _disk(found)


def _machine(found: Inventory) -> Iterator[Finding]:
    software, board = found.software, found.board
    yield note("vision-app", f"{software.vision_app} on Python {software.python}")
    yield note("system", f"{software.system}, Linux {software.kernel}")
    release = f", L4T {board.l4t}" * bool(board.l4t)
    jetpack = f", JetPack {board.jetpack}" * bool(board.jetpack)
    yield note("board", f"{board.name} ({board.kind}, {board.arch}{jetpack}{release})")
    yield from _profile(found.profile)
    chip = found.processor
    features = ", ".join(chip.features) or "nothing that makes networks faster"
    yield note("processor", f"{chip.name}, {chip.cores} usable cores: {features}")
    yield note("memory", f"{found.memory_bytes / GIB:.1f} GiB usable")


def _profile(profile: Profile) -> Iterator[Finding]:
    """What stands for keys that a configuration leaves out, each as one would write it there."""
    here = "" if profile.defaults else ": the defaults hold"
    yield note("profile", f"{profile.name}, for {profile.why}{here}")
    for default in profile.defaults:
        value = json.dumps(default.value)
        yield note("profile", f"{default.key} = {value}, unless the configuration says otherwise")


def _accelerators(found: Inventory) -> Iterator[Finding]:
    if not found.accelerators:
        text = "no GPU, NPU or Edge TPU found: the processor computes everything"
        yield note("accelerators", text)
    yield from map(_accelerator, found.accelerators)


def _accelerator(use: AcceleratorUse) -> Finding:
    chip = use.accelerator
    name = f"{chip.vendor} {chip.name}"
    if use.used_by:
        return good(chip.kind, f"{name} is used by {use.used_by}")
    return note(chip.kind, f"{name} is not used: {use.why_not}")


def _runtime(runtime: Runtime) -> Finding:
    if runtime.problem:
        named = runtime.problem.startswith(runtime.name)
        return note(runtime.name, "not usable: " * (not named) + runtime.problem)
    devices = [device.name for device in runtime.devices if not device.problem]
    package = f"{runtime.package}, " * bool(runtime.package)
    reads = " and ".join(runtime.formats)
    return good(runtime.name, f"{package}runs {reads} on {', '.join(devices)}")


def _model(found: Inventory) -> Iterator[Finding]:
    model = found.model
    if model.problem:
        yield bad("model", model.problem)
        return
    yield good("model", f"{model.name} {model.version} runs on {model.backend}, {model.chosen}")
    chips = [use.accelerator for use in found.accelerators]
    yield from (note("passed over", text) for text in notes_of_here(model.notes, chips))


def _cameras(found: Inventory) -> Iterator[Finding]:
    if not found.cameras:
        yield note("cameras", "none found below /dev/video*; plug one in, or use a file")
    for camera in found.cameras:
        if camera.problem:
            yield bad(camera.node, f"{camera.name}: {camera.problem}")
        else:
            formats = ", ".join(code.strip() for code in camera.formats)
            yield good(camera.node, f"{who(camera)}: {formats}")
            yield from (note(camera.node, line) for line in lines(camera))


def _sensors(found: Inventory) -> Iterator[Finding]:
    if not found.sensors:
        yield note("sensors", "none found on this machine; files and networks may have some")
    for sensor in found.sensors:
        channels = f": {', '.join(sensor.channels)}" * bool(sensor.channels)
        yield good("sensor", f'kind = "{sensor.kind}", source = "{sensor.source}"{channels}')


def _extras(found: Inventory) -> Iterator[Finding]:
    for extra in found.extras:
        if extra.version:
            yield good(extra.name, f"{extra.version}, for {extra.purpose}")
        else:
            yield note(extra.name, f"not installed; needed for {extra.purpose}: {extra.install}")


def _files(found: Inventory) -> Iterator[Finding]:
    for file in found.files:
        if file.path:
            yield good(file.name, f"{file.task}, {file.path}")
        else:
            pull = f"vision-app model pull {file.name}"
            yield note(file.name, f"{file.task}, not here yet: {pull}")


def _disk(found: Inventory) -> Finding:
    text = f"{found.disk.free_bytes / GIB:.1f} GiB free for {found.disk.folder}"
    enough = found.disk.free_bytes >= FEW_BYTES
    return good("disk", text) if enough else bad("disk", f"only {text}; free some")
