"""An S3 server on loopback in a process of its own, so that only ours is measured.

    python -m benchmarks.s3_server

is that server: it prints where it is, and ends with its input.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.wire.s3 import CREDENTIALS, moto_s3

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where it is, and the process that it is."""

    endpoint: str
    process: "subprocess.Popen[str]"


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Runs until the block ends."""
    command = [sys.executable, "-m", "benchmarks.s3_server"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield S3Server(server.stdout.readline().strip(), server)
        finally:
            server.stdin.close()


def main() -> None:
    """The server."""
    os.environ.update(CREDENTIALS)
    with moto_s3() as endpoint:
        print(endpoint, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
