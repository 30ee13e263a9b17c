"""All that the service of the soak has around it, on loopback and in one folder."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.s3_server import s3_server
from benchmarks.soaking.servers import Broker, HttpCamera, Store
from devices.simulated.climate import write_day
from tests.wire.s3 import BUCKET, CREDENTIALS, emptied
from tests.wire.streams import H264, RtspServer, has_rtsp_server

FPS = 5
GATE, YARD, SHELF = "gate", "yard", "shelf"
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class World:
    """rtsp: None where GStreamer's RTSP server is not installed."""

    folder: Path
    broker: Broker
    store: Store
    rtsp: RtspServer | None
    http: HttpCamera

    @property
    def photographs(self) -> Path:
        """What the file camera plays."""
        return self.folder / "photographs"

    @property
    def events(self) -> Path:
        """Where the service writes all that it tells."""
        return self.folder / "events.jsonl"

    @property
    def cameras(self) -> tuple[str, ...]:
        """Their names."""
        return (GATE, YARD, SHELF) if self.rtsp else (YARD, SHELF)

    def config(self) -> str:
        """A site where much is kept, little may wait, and every bound is reached in minutes."""
        sources = {YARD: ("stream", self.http.source), SHELF: ("file", str(self.photographs))}
        if self.rtsp:
            sources[GATE] = ("stream", self.rtsp.source)
        return "".join(
            f'[[camera]]\nname = "{name}"\nkind = "{kind}"\nsource = "{source}"\n'
            f"fps = {FPS}\nloop = {'true' if kind == 'file' else 'false'}\n"
            for name, (kind, source) in sources.items()
        ) + (
            f'[device]\nsite = "soak"\nname = "edge-1"\ndata = "{self.folder}/data"\n'
            f'[[sensor]]\nname = "climate"\nsource = "{self.folder}/climate.csv"\n'
            'speed = 60\nloop = true\nmodel = "greenhouse-climate"\n[bulk]\nevery_s = 30\n'
            "[keep]\nbelow = 1.0\ngap_s = 2.0\n"
            "[keep.duplicates]\nforget_after_s = 10\nremember = 32\n"
            f"[keep.score_log]\nenabled = true\nmax_bytes = {MIB}\n"
            f"[spool]\nmax_bytes = {MIB}\nmin_free_bytes = 0\n"
            f'[store]\nurl = "s3://{BUCKET}/shop"\nendpoint = "{self.store.endpoint}"\n'
            'region = "eu-central-1"\nrecords_every_s = 5\ntimeout_s = 5\ndrain_s = 60\n'
            f'[publish.mqtt]\nhost = "127.0.0.1"\nport = {self.broker.port}\n'
            f'[publish.jsonl]\npath = "{self.events}"\nmax_bytes = {4 * MIB}\n'
            "[health]\nevery_s = 1\n"
        )


@contextmanager
def world(folder: Path, shown: Sequence[bytes]) -> Iterator[World]:
    """All servers run, until the block ends. shown: by every camera, as JPEGs."""
    os.environ.update(CREDENTIALS)
    with ExitStack() as opened:
        keep = opened.enter_context
        server = keep(s3_server())
        emptied(server.endpoint)
        rtsp = None
        if has_rtsp_server():
            (folder / GATE).mkdir()
            rtsp = RtspServer(folder / GATE, H264, fps=FPS, shown=shown)
            opened.callback(rtsp.kill)
        around = World(
            folder,
            keep(closing(Broker(folder))),
            keep(closing(Store(server))),
            rtsp,
            keep(closing(HttpCamera(shown[::-1], FPS))),
        )
        write_day(folder / "climate.csv", seed=2, faults=True)
        around.photographs.mkdir()
        for number, picture in enumerate(shown):
            (around.photographs / f"{number:03}.jpg").write_bytes(picture)
        yield around
