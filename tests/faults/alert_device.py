"""A device whose sensor raises and clears alerts without end, made to be killed: run as a program.

Each line on standard input is a number of milliseconds: so long lives the next device, a child
process, before it is killed with -9. Every answer is a line.
"""

import os
import signal
import sys
from pathlib import Path
from threading import Thread

from tests.vision_app.alerting.alerts import ORIGIN, desk_of, see
from vision_app.alerting.desk import Desk
from vision_app.publishers.jsonl import JsonLinesPublisher
from vision_app.settings import JsonLinesSettings

SENSORS = ("climate", "door")
PATIENT_S = 10.0
"""This machine may be slow; a disk that is too slow is another test."""


def live(folder: Path, begin: int) -> None:
    """Until it is killed."""
    told = JsonLinesPublisher(JsonLinesSettings(path=folder / "told.jsonl"), ORIGIN)
    desk = desk_of(folder, {"jsonl": told}, SENSORS, head_start_s=PATIENT_S)
    Thread(target=_work, args=(desk,), daemon=True).start()
    while True:
        for sensor in SENSORS:
            see(desk, "!!##...", sensor, begin)
        begin += 10


def _work(desk: Desk) -> None:
    while True:
        desk.step()


def main() -> None:
    folder = Path(sys.argv[1])
    for life, line in enumerate(sys.stdin):
        child = os.fork()
        if child == 0:
            live(folder, life * 100_000)
        signal.sigtimedwait([], int(line) / 1000)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
