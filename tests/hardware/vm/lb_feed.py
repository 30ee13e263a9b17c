#!/usr/bin/env python3
"""Feeds a v4l2loopback device with frames, so that it is a camera for whoever opens it.

  lb_feed.py [--source SRC] [--size WxH] [--fps N] [--format F] /dev/video10

prints the device once the first frame is written, then does each line of stdin as an ACTION, answering each
with a line ("done" or what failed); ends at the end of stdin:
  stall | resume            stop / go on writing
  close | open              the producer goes away / comes back (exclusive_caps: no capture node without one)
  fps N                     write N frames/s
  corrupt P | truncate P | drop P
                            spoil a share P (0..1) of the frames: overwrite bytes, cut them short, skip them
Load the module with: --module 'v4l2loopback video_nr=10 card_label=Cam exclusive_caps=1'
"""
import argparse, fcntl, os, random, struct, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from frames import Frames

VIDIOC_S_FMT = 0xC0D05605
VIDIOC_S_PARM = 0xC0CC5616
VIDIOC_STREAMON = 0x40045612
OUTPUT = 2


class Feeder:
    def __init__(self, dev, source="synthetic", size=(640, 480), fps=30.0, fmt="MJPG", quality=80):
        self.dev, self.size, self.fps, self.fmt = dev, size, fps, fmt
        self.frames = Frames(source, size[0], size[1], fmt, quality)
        self.fd, self.n, self.stalled, self.spoil = None, 0, False, {}
        self.first = threading.Event()

    def open(self):
        w, h = self.size
        fd = os.open(self.dev, os.O_RDWR)
        line = w * 2 if self.fmt == "YUYV" else 0
        image = line * h or w * h * 2
        fourcc, = struct.unpack("<I", self.fmt.encode())
        pix = struct.pack("<12I", w, h, fourcc, 1, line, image, 8 if self.fmt == "MJPG" else 0, 0, 0, 0, 0, 0)
        fcntl.ioctl(fd, VIDIOC_S_FMT, bytearray(struct.pack("<II", OUTPUT, 0) + pix.ljust(200, b"\0")))
        parm = struct.pack("<I6I", OUTPUT, 0, 0, 1000, int(self.fps * 1000), 0, 0)
        try:
            fcntl.ioctl(fd, VIDIOC_S_PARM, bytearray(parm.ljust(204, b"\0")))
        except OSError:
            pass
        fcntl.ioctl(fd, VIDIOC_STREAMON, struct.pack("<I", OUTPUT))    # else v4l2loopback 0.12 forgets to let it out
        self.fd = fd

    def close(self):
        fd, self.fd = self.fd, None
        if fd is not None:
            os.close(fd)

    def run(self):
        nxt = time.monotonic()
        while True:
            nxt = max(nxt + 1 / self.fps, time.monotonic() - 1 / self.fps)
            time.sleep(max(0, nxt - time.monotonic()))
            if self.stalled or self.fd is None:
                continue
            f = self.frames.frame(self.n)
            self.n += 1
            hit = {k for k, p in self.spoil.items() if random.random() < p}
            if "drop" in hit:
                continue
            if "corrupt" in hit:
                f = bytearray(f)
                for _ in range(max(8, len(f) // 200)):
                    f[random.randrange(20, len(f))] = random.randrange(256)
            if "truncate" in hit:
                f = f[:random.randrange(1, len(f))]
            try:
                os.write(self.fd, f)
            except (OSError, TypeError) as e:
                if self.fd is not None:
                    print("lb_feed: write:", e, file=sys.stderr, flush=True)
                continue
            self.first.set()

    def act(self, a):
        w = a.split()
        if w[0] in ("stall", "resume"):
            self.stalled = w[0] == "stall"
        elif w[0] in ("open", "close"):
            getattr(self, w[0])()
        elif w[0] == "fps":
            self.fps = float(w[1])
        elif w[0] in ("corrupt", "truncate", "drop"):
            self.spoil[w[0]] = float(w[1])
        else:
            raise ValueError(a)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("device")
    p.add_argument("--source", default="synthetic")
    p.add_argument("--size", default="640x480")
    p.add_argument("--fps", type=float, default=30)
    p.add_argument("--format", default="MJPG", choices=["MJPG", "YUYV"])
    p.add_argument("--quality", type=int, default=80)
    a = p.parse_args()
    f = Feeder(a.device, a.source, tuple(map(int, a.size.split("x"))), a.fps, a.format, a.quality)
    f.open()
    threading.Thread(target=f.run, daemon=True).start()
    if not f.first.wait(20):
        sys.exit("lb_feed: no frame could be written")
    print(a.device, flush=True)
    for line in sys.stdin:
        try:
            f.act(line)
            print("done", flush=True)
        except Exception as e:
            print("failed:", e, flush=True)
    f.close()


if __name__ == "__main__":
    main()
