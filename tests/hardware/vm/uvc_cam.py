#!/usr/bin/env python3
"""A USB webcam in Python: the kernel's own uvcvideo driver binds to it.

Speaks USB/IP to vhci_hcd over a socketpair (no network, no usbip tools, no gadget): root in
the guest, modules vhci-hcd and uvcvideo.  UVC 1.0, one bulk endpoint, MJPG and YUYV.

  uvc_cam.py [--source SRC] [--size WxH ...] [--fps N ...] [--at 'T ACTION'] ... -- COMMAND...

plugs the camera in, waits for /dev/video*, runs COMMAND with $UVC_VIDEO set and unplugs at the end.
Without COMMAND: prints the capture node and then does each line of stdin as an ACTION, answering
each with a line ("done" or what failed); unplugs and ends at the end of stdin.
--at: ACTION at T seconds after the first frame was streamed ("T" may be "+T": after the action before):
  unplug | plug          hot unplug / plug in again
  stall | resume         stop / go on sending frames (stays plugged in)
  fps N                  send at N frames/s whatever was negotiated
  corrupt P | truncate P | error P | empty P | drop P
                         spoil a share P (0..1) of the frames: overwrite bytes, cut the JPEG short,
                         set the UVC error bit, send a zero-length frame, skip it
  freeze | thaw          send the same frame again and again / go on
  show SRC               film something else (as --source)
  epipe                  stall the bulk endpoint once (URB status -EPIPE)
  halt                   stop answering USB altogether (control transfers time out) until plugged in again
"""
import argparse, glob, os, random, select, socket, struct, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from frames import Frames

SYS = "/sys/devices/platform/vhci_hcd.0"
EPIPE, ECONNRESET = -32, -104
URB = 16384                      # uvcvideo: at most 32 packets of 512 bytes in a bulk URB


def desc(*b):
    b = bytes(b)
    return bytes([len(b) + 1]) + b


def le(n, v):
    return list(v.to_bytes(n, "little"))


class Camera:
    def __init__(self, source="synthetic", sizes=((640, 480),), fps=(30, 15, 5), formats=("MJPG", "YUYV"),
                 port=0, serial="0001", quality=80, ids=(0x1D6B, 0x0102), product="vm-run UVC camera"):
        self.source, self.sizes, self.fpss, self.formats = source, list(sizes), list(fps), list(formats)
        self.port, self.quality = port, quality
        self.strings = ["vm-run", product, serial]
        self.ids = ids
        self.sock = None
        self.spoil = {}
        self.stalled = self.halted = self.frozen = False
        self.force_fps = None
        self.epipe_once = False
        self.streamed = threading.Event()
        self.sent = 0
        self.cache = {}
        self.ctrl = {2: [128, 0, 255, 128], 3: [32, 0, 95, 32]}       # brightness, contrast: cur, min, max, def
        self.log = lambda *a: print("uvc_cam:", *a, file=sys.stderr, flush=True)
        for f in self.formats:                                        # encode before anybody waits for a frame
            self.frames(f, self.sizes[0])

    def frames(self, fmt, size):
        k = (self.source, fmt, size)
        if k not in self.cache:
            self.cache[k] = Frames(self.source, size[0], size[1], fmt, self.quality)
        return self.cache[k]

    # ------------------------------------------------------- descriptors
    def device_desc(self):
        return desc(1, 0, 2, 0xEF, 2, 1, 64, *le(2, self.ids[0]), *le(2, self.ids[1]), 0x10, 0, 1, 2, 3, 1)

    def config_desc(self):
        cam = desc(0x24, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0)[:18]
        cam = bytes([18]) + cam[1:]
        pu = desc(0x24, 5, 2, 1, 0, 0, 2, 3, 0, 0)                    # brightness, contrast
        ot = desc(0x24, 3, 3, 1, 1, 0, 2, 0)
        body = cam + pu + ot
        vch = desc(0x24, 1, 0, 1, *le(2, 13 + len(body)), *le(4, 48000000), 1, 1)
        fm = b""
        guid = bytes.fromhex("5955593200001000800000aa00389b71")
        for i, f in enumerate(self.formats):
            n = len(self.sizes)
            if f == "MJPG":
                fm += desc(0x24, 6, i + 1, n, 1, 1, 0, 0, 0, 0)
            else:
                fm += desc(0x24, 4, i + 1, n, *guid, 16, 1, 0, 0, 0, 0)
            for j, (w, h) in enumerate(self.sizes):
                iv = [10000000 // x for x in self.fpss]
                br = w * h * 16 * max(self.fpss)
                fm += desc(0x24, 7 if f == "MJPG" else 5, j + 1, 0, *le(2, w), *le(2, h), *le(4, br), *le(4, br),
                           *le(4, w * h * 2), *le(4, iv[0]), len(iv), *[b for v in iv for b in le(4, v)])
            fm += desc(0x24, 0x0D, 1, 1, 4)
        nf = len(self.formats)
        vsh = desc(0x24, 1, nf, *le(2, 13 + nf + len(fm)), 0x81, 0, 3, 0, 0, 0, 1, *([0] * nf))
        c = desc(0x0B, 0, 2, 0x0E, 3, 0, 2)
        c += desc(4, 0, 0, 0, 0x0E, 1, 0, 2) + vch + body
        c += desc(4, 1, 0, 1, 0x0E, 2, 0, 0) + vsh + fm + desc(5, 0x81, 2, *le(2, 512), 0)
        return desc(2, *le(2, 9 + len(c)), 2, 1, 0, 0x80, 250) + c

    def string_desc(self, i):
        s = b"\x09\x04" if i == 0 else self.strings[i - 1].encode("utf-16-le") if i <= 3 else None
        return None if s is None else bytes([len(s) + 2, 3]) + s

    # ------------------------------------------------------------ plugging
    def plug(self):
        if self.sock:
            return
        # usbip loses the requests that a driver still waits for when the port is used again before it let go
        end = time.time() + 20
        while self.known() and time.time() < end:
            time.sleep(0.02)
        ours, theirs = socket.socketpair()
        self.sock, self.halted = ours, False
        self.urbs, self.lock = [], threading.Condition()
        self.streaming = False
        self.probe = self.default_probe()
        self.commit = self.probe
        threading.Thread(target=self.serve, args=(ours,), daemon=True).start()
        threading.Thread(target=self.stream, args=(ours,), daemon=True).start()
        with open(SYS + "/attach", "w") as f:
            f.write("%d %d %d 3" % (self.port, theirs.fileno(), 0x10002))
        theirs.close()

    def unplug(self):
        s, self.sock = self.sock, None
        if s:
            try:
                with open(SYS + "/detach", "w") as f:
                    f.write("%d" % self.port)
            except OSError as e:
                self.log("detach:", e)
            s.close()
            with self.lock:
                self.lock.notify_all()

    def known(self):
        """Whether the kernel still has this device."""
        for p in glob.glob("/sys/bus/usb/devices/*/serial"):
            try:
                if open(p).read().strip() == self.strings[2]:
                    return True
            except OSError:
                pass
        return False

    def nodes(self):
        """/dev/video* of this camera, capture node first."""
        out = []
        for p in glob.glob("/sys/class/video4linux/video*"):
            d = os.path.realpath(p + "/device")
            try:
                if open(os.path.join(os.path.dirname(d), "serial")).read().strip() == self.strings[2]:
                    out.append((int(open(p + "/index").read()), "/dev/" + os.path.basename(p)))
            except OSError:
                pass
        return [n for _, n in sorted(out)]

    # ------------------------------------------------------------- control
    def default_probe(self):
        return self.fix(struct.pack("<HBBIHHHHHII", 1, 1, 1, 10000000 // self.fpss[0], 0, 0, 0, 0, 0, 0, 0))

    def fix(self, b):
        hint, fi, fr, iv, *rest = struct.unpack("<HBBIHHHHHII", b[:26].ljust(26, b"\0"))
        fi = min(max(1, fi), len(self.formats))
        fr = min(max(1, fr), len(self.sizes))
        iv = min((10000000 // x for x in self.fpss), key=lambda v: abs(v - iv))
        w, h = self.sizes[fr - 1]
        return struct.pack("<HBBIHHHHHII", hint, fi, fr, iv, 0, 0, 0, 0, 0, w * h * 2, URB)

    def control(self, setup, data):
        """Returns bytes for IN, b'' for OUT, None for a stall."""
        rt, rq, val, idx, ln = struct.unpack("<BBHHH", setup)
        if rt == 0x80 and rq == 6:
            t, i = val >> 8, val & 255
            d = {1: self.device_desc, 2: self.config_desc}.get(t, lambda: self.string_desc(i) if t == 3 else None)()
            return d[:ln] if d is not None else None
        if rq == 0 and rt & 0x80 and rt & 0x60 == 0:
            return b"\0\0"[:ln]
        if rt & 0x60 == 0 and not rt & 0x80:             # SET_CONFIGURATION / SET_INTERFACE / CLEAR_FEATURE
            if rt == 2 and rq == 1:                      # clear halt: UVC bulk devices stop streaming here
                self.streaming = False
            return b""
        if rt == 0x80 and rq == 8:
            return b"\1"
        if rt in (0x21, 0xA1) and idx & 255 == 1 and val >> 8 in (1, 2):
            commit = val >> 8 == 2
            if rq == 1:
                p = self.fix(data)
                self.probe = p
                if commit:
                    with self.lock:
                        self.commit, self.streaming = p, True
                        self.lock.notify_all()
                return b""
            return {0x81: self.commit if commit else self.probe, 0x82: self.fix(self.probe), 0x83: self.fix(self.probe),
                    0x87: self.default_probe(), 0x85: b"\x1a\0", 0x86: b"\x03"}.get(rq, b"\0" * 26)[:ln]
        if rt in (0x21, 0xA1) and idx == 0x0200 and val >> 8 in self.ctrl:
            c = self.ctrl[val >> 8]
            if rq == 1:
                c[0] = struct.unpack("<h", data[:2])[0]
                return b""
            v = {0x81: c[0], 0x82: c[1], 0x83: c[2], 0x84: 1, 0x87: c[3], 0x85: 2}.get(rq)
            return b"\x03" if rq == 0x86 else struct.pack("<h", v)[:ln] if v is not None else None
        return None

    def recvn(self, s, n):
        b = b""
        while len(b) < n:
            d = s.recv(n - len(b))
            if not d:
                raise ConnectionError
            b += d
        return b

    def reply(self, s, seq, status, data=b"", actual=None):
        with self.wlock:
            s.sendall(struct.pack(">5I5i8x", 3, seq, 0, 0, 0, status, len(data) if actual is None else actual, 0, 0, 0) + data)

    wlock = threading.Lock()

    def unlinked(self, s, seq, status):
        with self.wlock:
            s.sendall(struct.pack(">5Ii24x", 4, seq, 0, 0, 0, status))

    def serve(self, s):
        newest, early = 0, {}            # the kernel may send an unlink before the submit that it is about
        try:
            while True:
                h = self.recvn(s, 48)
                cmd, seq, _, direction, ep = struct.unpack(">5I", h[:20])
                if cmd == 1:
                    _, ln = struct.unpack(">Ii", h[20:28])
                    setup = h[40:48]
                    data = self.recvn(s, ln) if direction == 0 and ln > 0 else b""
                    newest = seq
                    if seq in early:
                        self.unlinked(s, early.pop(seq), ECONNRESET)
                        continue
                    if self.halted:
                        continue
                    if ep == 0:
                        r = self.control(setup, data)
                        if r is None:
                            self.reply(s, seq, EPIPE)
                        elif direction == 0:
                            self.reply(s, seq, 0, actual=len(data))
                        else:
                            self.reply(s, seq, 0, r)
                    else:
                        with self.lock:
                            self.urbs.append((seq, ln))
                            self.lock.notify_all()
                elif cmd == 2:
                    victim, = struct.unpack(">I", h[20:24])
                    if victim > newest:
                        early[victim] = seq
                        continue
                    with self.lock:
                        had = any(q == victim for q, _ in self.urbs)
                        self.urbs = [u for u in self.urbs if u[0] != victim]
                        self.unlinked(s, seq, ECONNRESET if had else 0)
        except (OSError, ConnectionError, ValueError):
            pass
        if self.sock is s:               # the kernel dropped us (e.g. detached by somebody else)
            self.sock = None
        with self.lock:
            self.lock.notify_all()

    # ------------------------------------------------------------ streaming
    def stream(self, s):
        fid, n, nxt = 0, 0, time.monotonic()
        try:
            while self.sock is s:
                with self.lock:
                    while self.sock is s and (not self.streaming or not self.urbs or self.stalled or self.halted):
                        self.lock.wait(0.2)
                        nxt = time.monotonic()
                    commit = self.commit
                _, fi, fr, iv = struct.unpack("<HBBI", commit[:8])
                iv = 1 / self.force_fps if self.force_fps else iv / 1e7
                nxt = max(nxt + iv, time.monotonic() - iv)
                d = nxt - time.monotonic()
                if d > 0:
                    time.sleep(d)
                f = self.frames(self.formats[fi - 1], self.sizes[fr - 1]).frame(n)
                n += not self.frozen
                err = False
                hit = {k for k, p in self.spoil.items() if random.random() < p}
                if "drop" in hit:
                    continue
                if "corrupt" in hit:
                    f = bytearray(f)
                    for _ in range(max(8, len(f) // 200)):
                        f[random.randrange(20, len(f))] = random.randrange(256)
                    f = bytes(f)
                if "truncate" in hit:
                    f = f[:random.randrange(1, len(f))]
                if "empty" in hit:
                    f = b""
                err = "error" in hit
                self.send_frame(s, f, fid, err)
                fid ^= 1
                self.sent += 1
                self.streamed.set()
        except (OSError, ConnectionError):
            pass

    def send_frame(self, s, f, fid, err):
        off, last = 0, False
        while not last:
            with self.lock:              # taking a URB and answering it is one: an unlink must not come between
                while not self.urbs:
                    if self.sock is not s:
                        raise ConnectionError
                    if not self.streaming:
                        return
                    self.lock.wait(0.2)
                seq, ln = self.urbs.pop(0)
                if self.epipe_once:
                    self.epipe_once = False
                    self.reply(s, seq, EPIPE)
                    continue
                n = min(ln, URB) - 2
                part = f[off:off + n]
                off += n
                last = off >= len(f)
                self.reply(s, seq, 0, bytes([2, 0x80 | fid | (2 if last else 0) | (0x40 if err else 0)]) + part)

    # -------------------------------------------------------------- actions
    def act(self, a):
        w = a.split()
        if w[0] in ("unplug", "plug"):
            getattr(self, w[0])()
        elif w[0] in ("stall", "resume"):
            self.stalled = w[0] == "stall"
        elif w[0] in ("freeze", "thaw"):
            self.frozen = w[0] == "freeze"
        elif w[0] == "show":
            self.source = w[1]
        elif w[0] == "fps":
            self.force_fps = float(w[1])
        elif w[0] in ("corrupt", "truncate", "error", "empty", "drop"):
            self.spoil[w[0]] = float(w[1])
        elif w[0] == "epipe":
            self.epipe_once = True
        elif w[0] == "halt":
            self.halted = True
        else:
            raise ValueError(a)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--source", default="synthetic")
    p.add_argument("--size", action="append", help="WxH; repeatable (default 640x480)")
    p.add_argument("--fps", action="append", type=int, help="repeatable (default 30 15 5)")
    p.add_argument("--format", action="append", choices=["MJPG", "YUYV"], help="repeatable (default both)")
    p.add_argument("--port", type=int, default=0, help="vhci port, one per camera")
    p.add_argument("--serial", default="0001")
    p.add_argument("--product", default="vm-run UVC camera", help="what the camera calls itself")
    p.add_argument("--quality", type=int, default=80)
    p.add_argument("--at", action="append", default=[], metavar="'T ACTION'")
    i = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    a = p.parse_args(sys.argv[1:i])
    sizes = [tuple(map(int, s.split("x"))) for s in a.size or ["640x480"]]
    cam = Camera(a.source, sizes, a.fps or (30, 15, 5), a.format or ("MJPG", "YUYV"), a.port, a.serial, a.quality,
                 product=a.product)
    sched, t = [], 0.0
    for e in a.at:
        w, action = e.split(None, 1)
        t = t + float(w[1:]) if w[0] == "+" else float(w)
        sched.append((t, action))
    if not os.path.exists(SYS):
        subprocess.run(["modprobe", "vhci-hcd"], check=True)
    subprocess.run(["modprobe", "uvcvideo"], check=True)
    cam.plug()
    end = time.time() + 30
    while not (cam.nodes() and os.path.exists(cam.nodes()[0])):
        if time.time() > end:
            sys.exit("uvc_cam: no /dev/video appeared")
        time.sleep(0.05)
    cam.log("plugged in:", *cam.nodes())

    def play():
        cam.streamed.wait()
        t0 = time.monotonic()
        for t, action in sched:
            time.sleep(max(0, t0 + t - time.monotonic()))
            cam.log("%.1f s, %d frames sent:" % (time.monotonic() - t0, cam.sent), action)
            try:
                cam.act(action)
            except Exception as e:
                cam.log("failed:", e)

    threading.Thread(target=play, daemon=True).start()
    cmd = sys.argv[i + 1:]
    if not cmd:
        print(cam.nodes()[0], flush=True)
        for line in sys.stdin:
            try:
                cam.act(line)
                print("done", flush=True)
            except Exception as e:
                print("failed:", e, flush=True)
        cam.unplug()
        return
    rc = subprocess.call(cmd, env=dict(os.environ, UVC_VIDEO=cam.nodes()[0]))
    cam.log("frames sent:", cam.sent)
    cam.unplug()
    sys.exit(rc if rc >= 0 else 128 - rc)


if __name__ == "__main__":
    main()
