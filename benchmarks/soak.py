"""The whole service for an hour, while cameras, broker and store fail one after the other.

    python -m benchmarks.soak [--minutes 60] [--seed 1] [--pictures FOLDER] [--folder FOLDER]

`vision-app run` in a process of its own, with a camera over RTSP, one over HTTP, one of files, a
sensor with a model, a mosquitto and an S3 API. Faults are drawn by the seed, two kinds at a time,
and printed when they happen. At the end: memory, descriptors and threads over time, the ledger,
latencies, what each fault did, and whether all that was accepted is in the store.

--pictures: photographs that the cameras see; by default those with faces of the shared test data,
where they are, else drawn ones. --folder: where all lies, and stays; by default a temporary one.
Exit code 1: a promise was broken; each is named.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag

from benchmarks.soaking import books, report
from benchmarks.soaking.faults import of_cameras, of_network
from benchmarks.soaking.process import Sample, sample
from benchmarks.soaking.scenery import pictures
from benchmarks.soaking.told import Heard, Told
from benchmarks.soaking.track import Track
from benchmarks.soaking.world import World, world
from devices.boards.processor import processor
from tests.models.places import DATA
from tests.wire.service import service, stopped

LOOK_S, SAMPLE_S, SILENT_S = 0.25, 5.0, 20.0
SAID_EVERY = 12
"""Every so many samples are told at once."""
START_S, END_S = 60.0, 90.0
"""The first faults come when every camera is live; the last begin so long before the end."""
WARM_S, WARM_SHARE = 300.0, 1 / 3
"""What is left out of the trends: so long, in short runs that share."""


class Soak:
    """One run: feeds what the service tells to the faults, and samples its process."""

    def __init__(self, around: World, process: "subprocess.Popen[bytes]", seed: int) -> None:
        self._process, self.told = process, Told(around.events)
        self._began_s = time.monotonic()
        draws = random.Random(f"{seed} cameras"), random.Random(f"{seed} network")
        plans = of_cameras(around), of_network(around)
        self.tracks = [Track(p, d, self.say) for p, d in zip(plans, draws, strict=True)]
        self.samples: list[Sample] = []

    @property
    def at_s(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began_s

    def say(self, what: str) -> None:
        """A line with the time."""
        print(f"{self.at_s / 60:6.2f} min  {what}", flush=True)

    def run(self, until_s: float) -> str:
        """Until then and until all is calm; what ended it early, or an empty text."""
        heard_s = self.at_s
        while self.at_s < until_s or not self._calm:
            Flag().wait(LOOK_S)
            if self._process.poll() is not None:
                return f"the service ended by itself with exit code {self._process.returncode}"
            for at_s, health in self.told.news():
                heard_s = self.at_s
                for track in self.tracks:
                    track.step(health, at_s, more=self.at_s < until_s - END_S)
            if self.at_s - heard_s > SILENT_S:
                return f"the service told nothing of its health for {SILENT_S:g} s"
            if self.at_s >= len(self.samples) * SAMPLE_S:
                self._sample()
        return ""

    def started(self) -> str:
        """Waits until every camera is live; why not, or an empty text."""
        while self.at_s < START_S:
            Flag().wait(LOOK_S)
            if code := self._process.poll():
                return f"the service does not start: exit code {code}"
            for _, health in self.told.news():
                if all(camera["state"] == "live" for camera in health["cameras"].values()):
                    self.say("every camera is live")
                    return ""
        return f"not every camera is live after {START_S:g} s: {self.told.health}"

    def close(self) -> None:
        """Mends what is broken just now."""
        for track in self.tracks:
            track.close()

    def _sample(self) -> None:
        one = sample(self._process.pid, self.at_s, self._calm)
        if len(self.samples) % SAID_EVERY == 0:
            self.say(f"RSS {one.rss_mb:.1f} MB, {one.fds} descriptors, {one.threads} threads")
        self.samples.append(one)

    @property
    def _calm(self) -> bool:
        return all(track.calm for track in self.tracks)


def soak(folder: Path, asked: argparse.Namespace) -> Iterator[str]:
    """Runs and reports; yields every promise that was broken."""
    with ExitStack() as opened:
        around = opened.enter_context(world(folder, pictures(asked.pictures)))
        heard = opened.enter_context(closing(Heard(around.broker.port)))
        with service(folder, around.config(), "--plain") as process:
            run = opened.enter_context(closing(Soak(around, process, asked.seed)))
            ended = run.started() or run.run(asked.minutes * 60)
            run.close()
            code = process.poll() if ended else stopped(process)
        list(run.told.news())
        Flag().wait(1.0)
        yield from filter(None, [ended, f"exit code {code}" if code else "", _bug(folder)])
        yield from told(run, around, heard, asked.minutes * 60)


def told(run: Soak, around: World, heard: Heard, total_s: float) -> Iterator[str]:
    """Everything that was seen."""
    if not run.told.health:
        return
    health, late_ms = run.told.health, run.told.latencies_ms
    endpoint = around.store.server.endpoint
    there = books.stored(endpoint)
    yield from report.over_time(run.samples, min(WARM_S, total_s * WARM_SHARE))
    yield from report.faults([one for track in run.tracks for one in track.happened])
    report.ledgers(health)
    report.latencies(late_ms)
    counts = {name: len(late) for name, late in late_ms.items()}
    report.store(health, there)
    yield from report.broker(health, heard.predictions, sum(counts.values()), heard.twice)
    yield from books.disagreements(health, counts, there)
    yield from filter(None, [books.chain_problem(health, around.folder / "site.toml", endpoint)])


def _bug(folder: Path) -> str:
    log = (folder / "service.log").read_text()
    return "its log has a traceback" if "Traceback" in log else ""


def main() -> None:
    """Prints the report, and every promise that was broken."""
    shared = DATA / "faces" / "images"
    parser = argparse.ArgumentParser(description="Run the service while its world fails.")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pictures", type=Path, default=shared if shared.is_dir() else None)
    parser.add_argument("--folder", type=Path, help="an empty folder, which stays")
    asked = parser.parse_args()
    print(f"{processor().name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked}")
    with ExitStack() as opened:
        folder = asked.folder or Path(opened.enter_context(TemporaryDirectory(prefix="soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        broken = list(soak(folder.resolve(), asked))
    print()
    for promise in broken:
        print(f"BROKEN: {promise}")
    print("no promise was broken" if not broken else f"{len(broken)} promises were broken")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
