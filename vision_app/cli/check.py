"""`vision-app check`: tries everything that a configuration names, and starts nothing."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from devices.camera import Camera, Outspoken, open_camera
from devices.errors import DeviceError
from devices.sensor import open_sensor
from devices.sensor_settings import SensorSettings
from devices.settings import CameraSettings
from devices.v4l2.listing import listing
from models.anomaly.stream import AnomalyModel
from models.classifier import open_classifier
from models.errors import ModelError, PullError
from models.faces import DetectorName
from uploader.choosing.policies import policies_of, reason_of
from uploader.errors import UploaderError
from uploader.sending.gate import Gate
from uploader.store import open_store
from vision_app import config
from vision_app.choosing import check_policies, names_in, own_rules, widened
from vision_app.events import Origin
from vision_app.faces.detector_use import detector_use, findings_of
from vision_app.faces.second_detectors import open_second_detectors
from vision_app.preflight import Faults, check_hook, require_source
from vision_app.publishers.mqtt import probe
from vision_app.screen.finding import Finding, bad, good, note, show
from vision_app.settings import Settings
from vision_app.weights import Weights

FRAME_S = 5.0


@click.command()
@click.option("-c", "--config", "path", type=click.Path(path_type=Path), required=True)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.option("--write", is_flag=True, help="Leave a small object in the bucket, to be surer.")
def check(path: Path, as_json: bool, write: bool) -> None:
    """Validate a configuration and try its cameras, model, broker and bucket; start nothing.

    Exit code 0: all good. 1: something does not answer. 2: the file is wrong.

    Example: vision-app check -c site.toml
    """
    settings, faults = config.load(path), Faults(str(path))
    require_source(settings, faults)
    faults.refuse_any()
    sys.exit(0 if show(_findings(settings, path, write), as_json) else 1)


def _findings(s: Settings, path: Path, write: bool = False) -> Iterator[Finding]:
    yield good("configuration", f"{path} is valid")
    for camera in s.camera:
        yield from _camera(camera)
    for sensor in s.sensor:
        yield from _sensor(sensor)
    yield from _model_and_policies(s)
    yield from _detectors(s)
    yield from _store(s, write)
    yield _broker(s)
    faults = Faults("")
    check_hook(s, faults)
    yield from (bad(fault.where, fault.what) for fault in faults.found)


def _camera(settings: CameraSettings) -> Iterator[Finding]:
    about = f"camera {settings.name}"
    try:
        with open_camera(settings) as camera:
            frame = camera.read(FRAME_S)
            yield good(about, f"{camera.mode}, frames of {frame.width}x{frame.height}")
            yield from _remarks(about, camera)
    except DeviceError as error:
        text = str(error) or f"{settings.source} gave no frame within {FRAME_S:.0f} s"
        yield bad(about, text)
    if settings.kind == "v4l2":
        yield from (note(about, line) for line in listing(settings.source))


def _remarks(about: str, camera: Camera) -> Iterator[Finding]:
    if isinstance(camera, Outspoken):
        yield from (bad(about, fault) for fault in camera.faults)
        yield from (note(about, text) for text in camera.notes)


def _sensor(settings: SensorSettings) -> Iterator[Finding]:
    about = f"sensor {settings.name}"
    try:
        with open_sensor(settings) as sensor:
            yield good(about, f"signals {', '.join(sensor.signals)}")
        if settings.model is not None:
            AnomalyModel.open(settings.model)
    except (DeviceError, ModelError) as error:
        yield bad(about, str(error))


def _model_and_policies(s: Settings) -> Iterator[Finding]:
    """The classes that policies name must be the model's."""
    try:
        with open_classifier(s.model) as classifier:
            id, labels = classifier.id, classifier.labels
    except ModelError as error:
        yield bad("model", str(error))
        return
    yield good("model", f"{id.name} {id.version} runs on {id.backend}")
    faults = Faults("")
    check_policies(s, names_in(s, labels), faults)
    yield from (bad(fault.where, fault.what) for fault in faults.found)
    if not faults.found:
        reasons = ", ".join(map(reason_of, policies_of(s.keep)))
        yield good("kept frames", f"for {reasons}" if reasons else "none: no policy asks for any")
    for camera, its in s.owns.items():
        yield good(f"kept of {camera}", own_rules(its))
    yield from (note("kept frames", sentence) for sentence in widened(s))


def _detectors(s: Settings) -> Iterator[Finding]:
    """Those that would look now, without fetching any."""
    if all(camera.exempt for camera in s.camera):
        yield note("face detector", "no camera needs one")
        return
    use = detector_use(s.masking, s.catalogue)
    yield from findings_of(use)
    if use.name is not None:
        told = set(use.passed_over)
        yield from (one for one in _second_look(s, use.name) if one.text not in told)


def _second_look(s: Settings, first: DetectorName) -> Iterator[Finding]:
    weights = Weights(s.catalogue, say=click.echo, fetching=False)
    try:
        found = open_second_detectors(first, s.masking, weights)
    except PullError as error:
        yield note("second look", f"{error}; it is pulled at start")
    except ModelError as error:
        yield bad("second look", str(error))
    else:
        yield good("second look", found.told)
        for text in (*found.lacks, *found.passed_over):
            yield note("second look", text)


def _store(s: Settings, write: bool) -> Iterator[Finding]:
    if s.store is None:
        yield note("store", "none: nothing is uploaded, kept frames wait in the spool")
        return
    try:
        with closing(open_store(s.store)) as store:
            yield good("store", store.check(write))
    except UploaderError as error:
        yield bad("store", str(error))
    waits = Gate(s.store, s.bulk).held().told
    if waits:
        yield note("uploads", waits)


def _broker(s: Settings) -> Finding:
    mqtt = s.publish.mqtt
    if mqtt is None:
        return note("broker", "none")
    problem = probe(mqtt, Origin(s.device.site, s.device.name))
    where = f"{mqtt.host}:{mqtt.port}"
    return bad("broker", problem) if problem else good("broker", f"{where} accepts us")
