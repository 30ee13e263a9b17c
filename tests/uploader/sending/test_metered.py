from collections.abc import Callable
from pathlib import Path

import pytest

from uploader.sending.metered import default_interface, line

HEADER = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
Says = Callable[[str], None]


def routes(folder: Path, *rows: str, rows_6: tuple[str, ...] = ()) -> Path:
    (folder / "route").write_text(HEADER + "".join(f"{row}\n" for row in rows))
    (folder / "ipv6_route").write_text("".join(f"{row}\n" for row in rows_6))
    return folder


def default(interface: str, metric: int = 0, flags: str = "0003") -> str:
    return f"{interface} 00000000 0100A8C0 {flags} 0 0 {metric} 00000000 0 0 0"


def default_6(interface: str, metric: str = "00000400", flags: str = "00000003") -> str:
    nothing = "0" * 32
    return f"{nothing} 00 {nothing} 00 {nothing} {metric} 00000004 00000000 {flags} {interface}"


@pytest.fixture
def nmcli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Puts a NetworkManager's command line on the path that says this of every interface."""

    def says(text: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / "nmcli"
        program.write_text(
            '#!/bin/sh\n[ "$*" = "-g GENERAL.METERED device show wlan0" ] || exit 3\n' + text
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    return says


def test_the_line_is_the_default_route_with_the_best_metric(tmp_path: Path) -> None:
    local = "eth9 0000A8C0 00000000 0001 0 0 0 00FFFFFF 0 0 0"
    folder = routes(tmp_path, local, default("wwan0", 700), default("eth0", 100))
    assert default_interface(folder) == "eth0"


def test_a_route_that_is_down_leads_nowhere(tmp_path: Path) -> None:
    assert default_interface(routes(tmp_path, default("eth0", flags="0002"))) is None


def test_without_a_route_of_ipv4_that_of_ipv6_counts(tmp_path: Path) -> None:
    unreachable = default_6("lo", "ffffffff", "00200200")
    folder = routes(tmp_path, rows_6=(unreachable, default_6("wlan0")))
    assert default_interface(folder) == "wlan0"


@pytest.mark.parametrize(
    ("said", "metered"),
    [("yes", True), ("yes (guessed)", True), ("no", False), ("no (guessed)", False)],
)
def test_network_manager_is_asked(tmp_path: Path, nmcli: Says, said: str, metered: bool) -> None:
    nmcli(f'echo "{said}"')
    found = line([], routes(tmp_path, default("wlan0")))
    assert found.metered is metered
    assert "NetworkManager" in found.why


@pytest.mark.parametrize("script", ["echo unknown", "echo", "echo no; exit 8", "echo --"])
def test_where_nobody_says_the_line_is_taken_to_be_metered(
    tmp_path: Path, nmcli: Says, script: str
) -> None:
    nmcli(script)
    found = line([], routes(tmp_path, default("wlan0")))
    assert found.metered
    assert "unmetered_interfaces" in found.why
    assert "wlan0" in found.why


def test_without_network_manager_the_line_is_taken_to_be_metered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert line([], routes(tmp_path, default("wlan0"))).metered


def test_a_person_who_knows_the_interface_is_believed_first(tmp_path: Path, nmcli: Says) -> None:
    nmcli("echo yes")
    found = line(["eth*", "wl*"], routes(tmp_path, default("wlan0")))
    assert not found.metered
    assert "unmetered_interfaces" in found.why


def test_without_any_way_out_everything_waits(tmp_path: Path) -> None:
    assert line(["*"], routes(tmp_path)).metered
    assert line(["*"], tmp_path / "a machine without networks").metered
