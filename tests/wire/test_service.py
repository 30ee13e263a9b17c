"""The main job end to end: pictures with faces in, MQTT and S3 out, over real servers."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.simulated.climate import write_day
from tests.wire.broker import Listener, broker, free_port
from tests.wire.portrait import KnownFace
from tests.wire.s3 import CREDENTIALS, emptied, moto_s3, objects
from tests.wire.service import (
    check_ledger,
    check_messages,
    check_objects,
    photographs,
    service,
    stopped,
    store_block,
)

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("face_detectors")]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with moto_s3() as address:
        yield emptied(address)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    number = free_port()
    with broker(tmp_path, number):
        yield number


def site(folder: Path, endpoint: str, port: int) -> str:
    return (
        f'[device]\nsite = "shop"\nname = "edge-1"\ndata = "{folder}/data"\n'
        f'[[camera]]\nname = "door"\nkind = "file"\nsource = "{folder}/pictures"\n'
        "fps = 5.0\nloop = true\n"
        f'[[sensor]]\nname = "climate"\nsource = "{folder}/climate.csv"\nspeed = 0\n'
        f'model = "greenhouse-climate"\n'
        f"{store_block(endpoint)}"
        f'[publish.mqtt]\nhost = "127.0.0.1"\nport = {port}\n[health]\nevery_s = 1\n'
    )


def test_frames_and_readings_travel_to_broker_and_bucket(
    tmp_path: Path, endpoint: str, port: int, astronaut: NDArray[np.uint8]
) -> None:
    pictures, judge = photographs(tmp_path / "pictures", astronaut), KnownFace(astronaut)
    write_day(tmp_path / "climate.csv", seed=2, faults=True)
    originals = [cv2.imread(str(path)) for path in sorted(pictures.iterdir())]
    assert any(judge.detect(np.asarray(image, np.uint8)) for image in originals)

    listener = Listener(port)
    with service(tmp_path, site(tmp_path, endpoint, port)) as process:
        listener.wait_for("/prediction", 20, timeout_s=60)
        listener.wait_for("/sensor/climate/anomaly", 1, timeout_s=60)
        assert stopped(process) == 0
    listener.wait_for("/status", 2)
    listener.close()

    kinds = check_messages([(m.topic, bytes(m.payload)) for m in listener.messages])
    assert [status["state"] for status in kinds["status"]] == ["online", "offline"]
    last = kinds["health"][-1]
    check_ledger(last["cameras"]["door"])
    assert last["cameras"]["door"]["ends"]["published"] == len(kinds["prediction"])
    assert last["spool"]["count"] == 0

    stored = objects(endpoint)
    records = check_objects(stored, judge)
    assert len(records) == last["cameras"]["door"]["kept_frames"]
    assert {reason for record in records for reason in record["reasons"]} >= {"masked"}
    assert [address for address in stored if address.endswith(".parquet")]
    assert {anomaly["state"] for anomaly in kinds["anomaly"]} >= {"raised"}
    assert last["sensors"]["climate"]["alerts"] >= 1


def said_so(log: Path, word: str) -> None:
    """Waits until the log holds that word."""
    assert any(word in log.read_text() or Flag().wait(0.01) for _ in range(3000))


@pytest.mark.parametrize(
    "signals", [[signal.SIGTERM, signal.SIGTERM], [signal.SIGINT]], ids=["SIGTERM twice", "Ctrl-C"]
)
def test_a_signal_ends_it_in_order(
    tmp_path: Path,
    endpoint: str,
    port: int,
    astronaut: NDArray[np.uint8],
    signals: list[signal.Signals],
) -> None:
    photographs(tmp_path / "pictures", astronaut)
    write_day(tmp_path / "climate.csv", seed=2, faults=False)
    listener = Listener(port)
    with service(tmp_path, site(tmp_path, endpoint, port)) as process:
        listener.wait_for("/prediction", 3, timeout_s=60)
        for number in signals[:-1]:
            process.send_signal(number)
            said_so(tmp_path / "service.log", "stopping")
        assert stopped(process, signals[-1]) == 0
    assert json.loads(listener.wait_for("/status", 2)[-1])["state"] == "offline"
    listener.close()


def said_by(process: subprocess.Popen[bytes], log: Path, words: str) -> None:
    """Waits until a running service has said that."""
    for _ in range(600):
        if words in log.read_text():
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    raise AssertionError(f"never said: {words}")


def test_a_bucket_that_is_not_there_is_told_and_costs_nothing(
    tmp_path: Path, endpoint: str, port: int, astronaut: NDArray[np.uint8]
) -> None:
    photographs(tmp_path / "pictures", astronaut)
    write_day(tmp_path / "climate.csv", seed=2, faults=False)
    config = site(tmp_path, endpoint, port)
    with service(tmp_path, config.replace("s3://", "s3://no-such-")) as process:
        said_by(process, tmp_path / "service.log", "create it or correct [store] url")
        process.terminate()
        assert process.wait(timeout=90) == 0
    log = (tmp_path / "service.log").read_text()
    assert "no-such-" in log.split("stopping")[0], "it is told when it happens, not only at the end"
    assert "Traceback" not in log
    waiting = list((tmp_path / "data" / "spool").glob("*.entry"))
    assert waiting
    with service(tmp_path, config, "--duration", "3") as process:
        assert process.wait(timeout=90) == 0
    assert not list((tmp_path / "data" / "spool").glob("*.entry"))
    arrived = {address.rsplit("/", 1)[1][:36] for address in objects(endpoint)}
    assert {path.name[:36] for path in waiting} <= arrived
