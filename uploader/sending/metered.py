"""Whether the line to the world is paid by the byte: asked of NetworkManager, or known to a person.

Where nobody says, it is taken to be: waiting costs less than a bill.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROUTES = Path("/proc/net")
UP = 0x1
LIMIT_S = 3.0
EVERYWHERE = "0" * 8
EVERYWHERE_6 = ("0" * 32, "00")


@dataclass(frozen=True, slots=True)
class Line:
    """The line over which everything goes by default. why: a clause that says how that is known."""

    metered: bool
    why: str


def line(unmetered: Sequence[str], routes: Path = ROUTES) -> Line:
    """How the line is now.

    unmetered: patterns of interfaces that a person knows not to be metered, who is believed first.
    routes: a folder as /proc/net.
    """
    interface = default_interface(routes)
    if interface is None:
        return Line(True, "there is no way to the world now")
    if any(fnmatch(interface, pattern) for pattern in unmetered):
        return Line(False, f"{interface} is one of [store] unmetered_interfaces")
    said = _network_manager(interface)
    if said.startswith(("yes", "no")):
        metered = said.startswith("yes")
        return Line(
            metered, f"{interface} is {'' if metered else 'not '}metered, says NetworkManager"
        )
    return Line(
        True,
        f"nobody says whether {interface} is metered, so it is taken to be: "
        "name it in [store] unmetered_interfaces if it is not",
    )


def default_interface(routes: Path = ROUTES) -> str | None:
    """The interface of the best default route, of IPv4 before IPv6; None without any."""
    for found in (_routes(routes / "route"), _routes_6(routes / "ipv6_route")):
        best = min(found, default=None)
        if best is not None:
            return best[1]
    return None


def _routes(path: Path) -> Iterator[tuple[int, str]]:
    """(metric, interface) of every default route of IPv4 that is up."""
    for row in _rows(path)[1:]:
        interface, to, flags, metric, mask = row[0], row[1], row[3], row[6], row[7]
        if to == mask == EVERYWHERE and int(flags, 16) & UP:
            yield int(metric), interface


def _routes_6(path: Path) -> Iterator[tuple[int, str]]:
    for row in _rows(path):
        metric, flags, interface = int(row[5], 16), int(row[8], 16), row[9]
        if (row[0], row[1]) == EVERYWHERE_6 and flags & UP:
            yield metric, interface


def _rows(path: Path) -> list[list[str]]:
    """What the kernel tells; nothing on a machine without that protocol."""
    try:
        return [text.split() for text in path.read_text("ascii").splitlines()]
    except FileNotFoundError:
        return []


def _network_manager(interface: str) -> str:
    """What it says: yes, no, "yes (guessed)", "no (guessed)"; anything else is no answer."""
    command = ["env", "LC_ALL=C", "nmcli", "-g", "GENERAL.METERED", "device", "show", interface]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
