"""Small disks of their own, by the kernel: one that loses power, one that is full."""

import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.parts import need

SHUTDOWN, WITHOUT_THE_LOG = 0x8004587D, 2
"""FS_IOC_SHUTDOWN: from then on nothing reaches the disk, not even what the journal holds."""


class Mount:
    """A file system in a folder; a context manager. Skips the test where the kernel gives none."""

    def __init__(self, folder: Path, *what: str) -> None:
        """what: the arguments of `mount`, without the folder."""
        if os.geteuid() != 0:
            pytest.skip("only root may mount a disk")
        self.folder, self._what = folder, what
        folder.mkdir()
        self.mount()

    def __enter__(self) -> "Mount":
        return self

    def __exit__(self, *error: object) -> None:
        self.unmount("--lazy")  # a device that was killed just now may not be gone yet

    def mount(self) -> None:
        made = subprocess.run(["mount", *self._what, self.folder], capture_output=True, text=True)
        if made.returncode:
            said = made.stderr.partition("\n")[0]
            pytest.skip(f"this kernel, or who runs the tests in it, mounts no disk: {said}")

    def unmount(self, *options: str) -> None:
        subprocess.run(["umount", *options, self.folder], check=True)

    def lose_power(self) -> None:
        """All that is not on the disk is gone, and all that is asked of the disk fails."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_THE_LOG))
        finally:
            os.close(descriptor)

    def regain_power(self) -> None:
        """The journal is replayed, as after a power cut."""
        self.unmount()
        self.mount()


def ext4(folder: Path) -> Mount:
    """On a loop device. Nothing is written before somebody asks for it, for minutes."""
    if os.geteuid() == 0:
        make = need("mkfs.ext4 (apt install e2fsprogs)", shutil.which("mkfs.ext4"))
        image = folder.with_suffix(".image")
        with open(image, "wb") as file:
            file.truncate(32 << 20)
        subprocess.run([make, "-q", "-F", image], check=True)
    return Mount(folder, "-o", "loop,commit=300", str(folder.with_suffix(".image")))


def small(folder: Path, limits: str) -> Mount:
    """In memory. limits: as tmpfs takes them, "size=1m" or "nr_inodes=40"."""
    return Mount(folder, "-t", "tmpfs", "-o", limits, "tmpfs")
