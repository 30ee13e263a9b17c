"""What a process takes of the machine, as the kernel counts it."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
NAME_END = ") "
USER, SYSTEM = 11, 12
"""Fields of /proc/PID/stat behind the name of the program."""


@dataclass(frozen=True, slots=True)
class Sample:
    """at_s: seconds since the measuring began. calm: nothing was wrong just then.

    anonymous_mb: of rss_mb, what no file backs. pss_mb: less what others use as well, by shares.
    """

    at_s: float
    calm: bool
    rss_mb: float
    anonymous_mb: float
    pss_mb: float
    fds: int
    threads: int
    cpu_s: float


def sample(pid: int, at_s: float, calm: bool) -> Sample:
    """Of that process, now."""
    folder = Path(f"/proc/{pid}")
    status, pages = _fields(folder / "status"), _fields(folder / "smaps_rollup")
    times = (folder / "stat").read_text().rpartition(NAME_END)[2].split()
    return Sample(
        at_s=at_s,
        calm=calm,
        rss_mb=status["VmRSS"] / 1024,
        anonymous_mb=status["RssAnon"] / 1024,
        pss_mb=pages["Pss"] / 1024,
        fds=len(os.listdir(folder / "fd")),
        threads=status["Threads"],
        cpu_s=(int(times[USER]) + int(times[SYSTEM])) / TICKS_PER_S,
    )


def _fields(path: Path) -> dict[str, int]:
    """The numbers of a file of lines such as "VmRSS:   1234 kB"."""
    lines = (line.partition(":") for line in path.read_text().splitlines())
    found = {name: rest.split() for name, _, rest in lines}
    return {name: int(words[0]) for name, words in found.items() if words and words[0].isdigit()}
