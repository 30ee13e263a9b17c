"""What `vision-app doctor` tells, of this machine and of others."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from devices.boards.accelerators import Accelerator, accelerators
from devices.boards.board import board
from devices.boards.processor import processor
from devices.boards.profiles import profile_here
from devices.v4l2.choice import Offer, Rates, Steps
from devices.v4l2.finding import CameraNode
from models.backend import Device, Placement
from models.bench.measured import keep
from models.bench.measurement import Figures, Measurement
from models.bundles.activation import stored_names
from models.bundles.bundle import open_bundle
from models.bundles.store import Store
from models.settings import ModelSettings
from models.way import Choice
from tests.devices.machines import jetson_orin
from tests.models.networks import colour_bundle
from tests.vision_app.shelves import Shelf
from vision_app import config
from vision_app.cli.doctor import doctor, findings
from vision_app.machine.accelerator_use import ModelUse, use_of
from vision_app.machine.inventory import Disk, Extra, Inventory, PulledFile, take_inventory
from vision_app.machine.runtimes import Runtime
from vision_app.screen.finding import Verdict
from vision_app.settings import Settings


def run(*words: str, data: Path) -> Result:
    runner = CliRunner(env={"XDG_DATA_HOME": str(data), "COLUMNS": "80"})
    return runner.invoke(doctor, words)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """This machine, once for all tests."""
    environ = {"XDG_DATA_HOME": str(tmp_path_factory.mktemp("xdg"))}
    return take_inventory(config.complete(Settings(), Path.cwd(), environ))


def lines(inventory: Inventory) -> dict[str, str]:
    return {f"{f.about}": f"{f.verdict.value}: {f.text}" for f in findings(inventory)}


def tried(model: Mapping[str, Any], folder: Path) -> ModelUse:
    """What a configuration with this model block would run."""
    settings = config.parse({"model": model}, "a test")
    return take_inventory(config.complete(settings, folder, {"XDG_DATA_HOME": str(folder)})).model


def test_scripts_find_everything_under_names_that_stay(tmp_path: Path) -> None:
    done = run("--json", data=tmp_path)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    assert list(told) == [
        "schema",
        "software",
        "board",
        "profile",
        "processor",
        "memory_bytes",
        "accelerators",
        "runtimes",
        "model",
        "detector",
        "cameras",
        "sensors",
        "extras",
        "files",
        "disk",
        "findings",
    ]
    assert told["schema"] == "vision-app/doctor/1"
    assert told["detector"]["absent"]
    assert (told["detector"]["wanted"], told["detector"]["budget_ms"]) == ("auto", 12.0)
    assert set(told["board"]) == {"vendor", "model", "kind", "arch", "l4t", "jetpack", "told_by"}
    assert set(told["profile"]) == {"name", "why", "defaults"}
    assert set(told["processor"]) == {"name", "cores", "features"}
    assert set(told["runtimes"][0]) == {"name", "package", "formats", "devices", "problem"}
    assert told["runtimes"][0]["devices"][0].keys() >= {"name", "problem"}
    assert set(told["findings"][0]) == {"about", "verdict", "text"}
    assert told["disk"]["folder"] == str(tmp_path / "vision-app")
    assert {file["name"] for file in told["files"]} >= {"centerface"}


def test_people_read_a_line_for_each_thing(tmp_path: Path) -> None:
    done = run(data=tmp_path)
    assert done.exit_code == 0, done.output
    for about in ("board", "processor", "memory", "litert", "opencv", "model", "disk"):
        assert f"  {about} " in done.stdout


def test_the_model_of_a_configuration_is_the_one_that_is_tried(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f"[device]\ndata='{tmp_path}/data'\n[model]\nbundle='./absent'\n")
    done = run("-c", str(site), "--json", data=tmp_path)
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert "there is no bundle" in told["model"]["problem"]
    assert told["model"]["bundle"] == str(tmp_path / "absent")
    assert told["disk"]["folder"] == str(tmp_path / "data")


def test_a_machine_without_accelerators_says_what_computes_instead(here: Inventory) -> None:
    told = lines(replace(here, accelerators=()))
    assert told["accelerators"] == (
        "note: no GPU, NPU or Edge TPU found: the processor computes everything"
    )


def test_the_model_says_what_runs_it_and_what_was_passed_over(here: Inventory) -> None:
    model = ModelUse("shelf", "shelf", "3", "opencv", "as said", ("openvino: too far away",))
    told = lines(replace(here, model=model))
    assert told["model"] == "ok: shelf 3 runs on opencv, as said"
    assert told["passed over"] == "note: openvino: too far away"


def test_a_backend_that_nobody_named_or_measured_is_the_first_of_the_order(
    here: Inventory,
) -> None:
    assert here.model.chosen == (
        "first of the declared order; vision-app model bench would find the fastest"
    )


def test_a_backend_that_the_configuration_names_is_told_so(tmp_path: Path) -> None:
    model = tried({"backend": "litert"}, tmp_path)
    assert (model.backend, model.chosen) == ("litert", "as the configuration says")


def test_a_bundle_of_another_store_is_looked_for_there(tmp_path: Path) -> None:
    """`check` and `run` knew it; `doctor` asked the default store for its name."""
    folder = tmp_path / "store"
    Store(ModelSettings(store=folder)).add(str(colour_bundle(tmp_path / "colours")))
    (name,) = stored_names(folder)
    model = tried({"bundle": name, "store": str(folder)}, tmp_path)
    assert (model.problem, model.name) == ("", name)


def test_a_backend_that_was_measured_is_told_with_its_time(tmp_path: Path) -> None:
    settings = config.complete(Settings(), tmp_path, {"XDG_DATA_HOME": str(tmp_path)}).model
    bundle = open_bundle(settings.bundle)
    fast = Choice(bundle.manifest.weights[0], "litert", Placement(threads=1))
    figures = Figures(1.25, 2.0, 800.0, 1.2, 9.0, 0.0, 100)
    measured = (Measurement(fast, figures),)
    keep(bundle, settings, datetime(2026, 1, 1, tzinfo=timezone.utc), measured)
    model = tried({}, tmp_path)
    assert model.chosen == "measured as the fastest, 1.2 ms for a picture"


def test_what_was_passed_over_comes_from_the_model_that_was_tried(tmp_path: Path) -> None:
    (told,) = tried({"runtime": {"delegate": "absent.so"}}, tmp_path).notes
    assert told.startswith(
        "litert delegate was skipped for model.tflite: delegate cannot be used: "
    )
    assert str(tmp_path / "absent.so") in told


def test_a_runtime_is_told_with_the_devices_that_it_can_use(here: Inventory) -> None:
    devices = (Device("edgetpu", "it is missing"), Device("gpu"), Device("cpu"))
    usable = Runtime("litert", "ai-edge-litert 2.3.0", ("tflite",), devices)
    absent = Runtime("openvino", "", problem="openvino is not installed: pip install it")
    unset = Runtime("mxnet", "", problem="name its interpreter")
    told = lines(replace(here, runtimes=(usable, absent, unset)))
    assert told["litert"] == "ok: ai-edge-litert 2.3.0, runs tflite on gpu, cpu"
    assert told["openvino"] == "note: openvino is not installed: pip install it"
    assert told["mxnet"] == "note: not usable: name its interpreter"


def test_what_is_missing_is_told_with_the_command_that_brings_it(here: Inventory) -> None:
    extras = (Extra("a", "1.0", "reading", "pip install a"), Extra("b", "", "fit", "pip install b"))
    files = (PulledFile("c", "faces", "/models/c.onnx"), PulledFile("d", "footage", ""))
    told = lines(replace(here, extras=extras, files=files))
    assert told["a"] == "ok: 1.0, for reading"
    assert told["b"] == "note: not installed; needed for fit: pip install b"
    assert told["c"] == "ok: faces, /models/c.onnx"
    assert told["d"] == "note: footage, not here yet: vision-app model pull d"


def test_what_cameras_of_other_kinds_need_is_told(here: Inventory) -> None:
    told = lines(here)
    assert 'cameras of kind "gstreamer"' in told["gst-launch-1.0"]
    assert told["picamera2"] == (
        'note: not installed; needed for cameras of kind "picamera2": '
        "sudo apt install python3-picamera2"
    )


def test_the_profile_of_a_board_is_told_with_each_key_that_it_stands_for(
    here: Inventory, tmp_path: Path
) -> None:
    profile = profile_here(jetson_orin(tmp_path, "36", "4.3").root, tmp_path / "none")
    told = [one.text for one in findings(replace(here, profile=profile)) if one.about == "profile"]
    model = "NVIDIA Jetson AGX Orin Developer Kit"
    assert told[0] == f"jetson-orin, for /proc/device-tree says '{model}'"
    assert 'camera.source = "/dev/video0", unless the configuration says otherwise' in told
    assert "camera.width = 1920, unless the configuration says otherwise" in told
    assert "masking.budget_ms = 16.0, unless the configuration says otherwise" in told
    asked = asdict(profile)["defaults"]
    assert {"key": "camera.fps", "value": 30.0} in list(asked)


def test_where_the_defaults_hold_that_is_told(here: Inventory, tmp_path: Path) -> None:
    told = lines(replace(here, profile=profile_here(tmp_path, tmp_path / "none")))
    assert told["profile"] == "note: pc, for nothing says what it is: the defaults hold"


def test_an_orin_is_told_with_its_jetpack_and_who_uses_its_gpu(
    here: Inventory, tmp_path: Path
) -> None:
    root = jetson_orin(tmp_path, "36", "4.3").root
    devices = (Device("tensorrt"), Device("cpu"))
    ort = Runtime("onnxruntime", "onnxruntime-gpu 1.23.0", ("onnx",), devices)
    model = ModelUse("shelf", "shelf", "3", "onnxruntime tensorrt float16")
    orin = replace(
        here,
        board=board(root, "aarch64"),
        processor=processor(root),
        accelerators=tuple(use_of(chip, [ort], model) for chip in accelerators(root)),
        runtimes=(ort,),
        model=model,
    )
    told = lines(orin)
    assert told["board"] == (
        "note: NVIDIA Jetson AGX Orin Developer Kit (jetson, aarch64, JetPack 6.2, L4T 36.4.3)"
    )
    assert told["processor"].endswith(" usable cores: neon, dotprod, fp16")
    assert told["gpu"] == "ok: NVIDIA Orin (Ampere) is used by onnxruntime tensorrt"
    assert told["dla"].startswith("note: NVIDIA Orin nvdla1 is not used: no runtime here")
    assert told["onnxruntime"] == "ok: onnxruntime-gpu 1.23.0, runs onnx on tensorrt, cpu"


def test_an_accelerator_that_is_not_used_says_what_to_do(here: Inventory) -> None:
    coral = Accelerator("edgetpu", "Google", "Coral Edge TPU", "usb 2-1", "usb", (), "")
    missing = "libedgetpu.so.1 is not here: install libedgetpu1-std"
    litert = Runtime("litert", "ai-edge-litert 2.3", ("tflite",), (Device("edgetpu", missing),))
    use = use_of(coral, [litert], here.model)
    told = lines(replace(here, accelerators=(use,)))
    assert told["edgetpu"] == f"note: Google Coral Edge TPU is not used: {missing}"
    assert "accelerators" not in told


def test_what_needs_mending_is_bad(here: Inventory) -> None:
    broken = replace(
        here,
        cameras=(CameraNode("/dev/video0", "Door", problem="this user may not open it"),),
        disk=Disk("/data", 1000),
        model=ModelUse("shelf", problem="there is no bundle"),
    )
    bad = [finding.about for finding in findings(broken) if finding.verdict is Verdict.BAD]
    assert bad == ["model", "/dev/video0", "disk"]


def test_a_camera_is_told_with_its_formats(here: Inventory) -> None:
    camera = CameraNode("/dev/video0", "HD Webcam", "usb-1.2", ("MJPG", "YUYV"))
    assert lines(replace(here, cameras=(camera,)))["/dev/video0"] == (
        "ok: HD Webcam (usb-1.2): MJPG, YUYV"
    )


def test_a_camera_is_told_with_its_serial_number_links_and_sizes(here: Inventory) -> None:
    link = "/dev/v4l/by-id/usb-Webcam-video-index0"
    offer = Offer("MJPG", Steps(1280, 1280), Steps(720, 720), (Rates(30.0, 30.0),))
    camera = CameraNode(
        "/dev/video0", "Webcam", "usb-1", ("MJPG",), serial="8F2A", links=(link,), offers=(offer,)
    )
    told = [f.text for f in findings(replace(here, cameras=(camera,))) if f.about == "/dev/video0"]
    assert told == ["Webcam (usb-1, serial 8F2A): MJPG", link, "MJPG: 1280x720 to 30 fps"]


def test_the_face_detector_is_told_with_what_it_costs_and_finds(
    tmp_path: Path, cache: Shelf
) -> None:
    cache.put("centerface")
    masking, catalogue = {"max_side": 320, "budget_ms": 9999}, {"cache": str(cache.folder)}
    told = config.parse({"masking": masking, "catalogue": catalogue}, "a test")
    inventory = take_inventory(config.complete(told, tmp_path, {"XDG_DATA_HOME": str(tmp_path)}))
    use = inventory.detector
    assert (use.name, use.side, use.every, use.finds, use.problem) == (
        "centerface",
        320,
        1,
        None,
        "",
    )
    assert use.cost_ms is not None
    assert lines(inventory)["face detector"] == (
        f"ok: centerface at 320 px on {use.backend}: {use.cost_ms:.1f} of 9999 ms a frame"
    )


def test_a_face_detector_that_cannot_run_here_is_to_be_mended(here: Inventory) -> None:
    use = replace(here.detector, absent=False, problem="no runtime reads it: pip install openvino")
    told = lines(replace(here, detector=use))
    assert told["face detector"] == "bad: no runtime reads it: pip install openvino"
    assert lines(here)["face detector"].startswith("note: not here yet; ")
