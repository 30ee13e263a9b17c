"""A real mosquitto on loopback, for the length of a test."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from threading import Event as Flag

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.parts import need

START_S = 10.0


def mosquitto() -> str:
    """Where the broker lies; a test that needs it skips, or fails in CI, where it is absent."""
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    return str(need("mosquitto (apt install mosquitto)", found))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def broker(folder: Path, port: int, extra: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Runs a broker on that port until the block ends; extra: lines of its configuration."""
    config = folder / f"mosquitto-{port}.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nuser root\npersistence true\npersistence_location {folder}/\n"
        f"{extra or 'allow_anonymous true'}\n"
    )
    with (folder / "mosquitto.log").open("ab") as log:
        process = subprocess.Popen([mosquitto(), "-c", str(config)], stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            yield process
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(int(START_S / 0.05)):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError("mosquitto ended at once") from None
        else:
            return
    raise AssertionError(f"mosquitto does not listen after {START_S} s")


class Listener:
    """Collects every message below vision/ from when it is made on, over restarts of the broker."""

    def __init__(self, port: int) -> None:
        self.messages: list[MQTTMessage] = []
        self._changed, subscribed = Condition(), Flag()
        self._client = Client(CallbackAPIVersion.VERSION2, "listener", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_subscribe = lambda *rest: subscribed.set()
        self._client.on_message = lambda client, data, message: self._keep(message)
        self._client.on_connect = lambda client, *rest: client.subscribe("vision/#", qos=1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert subscribed.wait(START_S)

    def wait_for(self, topic_end: str, count: int = 1, timeout_s: float = 15.0) -> list[bytes]:
        """Payloads on topics that end so, once there are that many."""

        def found() -> list[bytes]:
            return [bytes(m.payload) for m in self.messages if m.topic.endswith(topic_end)]

        self.wait_until(lambda: len(found()) >= count, timeout_s, f"{count} on …{topic_end}")
        return found()

    def wait_until(self, true: Callable[[], bool], timeout_s: float, what: str = "it") -> None:
        """Waits for messages until that is true of them."""
        with self._changed:
            came = self._changed.wait_for(true, timeout_s)
            assert came, f"no {what} among {len(self.messages)} messages after {timeout_s} s"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _keep(self, message: MQTTMessage) -> None:
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()
