"""The live table where it lives: in a terminal, and nowhere else."""

import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tests.vision_app.screen.test_live_table import camera, health, saw
from tests.vision_app.terminal import Terminal, screen, terminal
from tests.vision_app.test_cli import RENDERED, config, vision_app
from vision_app.events import HealthEvent
from vision_app.screen.live_terminal import RARELY_S, SHARE, LiveTerminal

BENCH = RENDERED + "exempt='bench camera over seedlings'\n[publish]\nterminal=true\n"
ROW = r"c +live +[\d.]+ +[\d.]+ m?s +\d+ +0 +[01]\.\d\d +\w+"
COLOUR = "\x1b[32m"


class Bench:
    """A live table with clocks that the test moves; each look at the health costs cost_s."""

    def __init__(self, cost_s: float = 0.0) -> None:
        self.now_s, self.cpu_s, self.cost_s, self.looks = 0.0, 0.0, cost_s, 0
        self.told = io.StringIO()
        console = Console(file=self.told, force_terminal=True, width=80, height=24)
        self.live = LiveTerminal(console, lambda: self.now_s, lambda: self.cpu_s)

    def health(self) -> HealthEvent:
        self.looks += 1
        self.cpu_s += self.cost_s
        return health(cameras={"c": camera(captured=int(self.now_s * 30))})

    def run(self, seconds: int) -> None:
        with self.live.shown(self.health) as look:
            for tick in range(seconds * 5):
                self.now_s = tick / 5
                look()


def test_it_is_drawn_at_most_twice_a_second_and_once_at_the_end() -> None:
    bench = Bench()
    bench.run(seconds=60)
    assert 60 <= bench.looks <= 121


def test_where_drawing_is_slow_it_takes_no_more_of_the_processor() -> None:
    bench = Bench(cost_s=0.015)
    bench.run(seconds=60)
    assert bench.cpu_s <= 60 * SHARE + bench.cost_s * 2
    crawling = Bench(cost_s=5.0)
    crawling.run(seconds=60)
    assert crawling.looks >= 60 / RARELY_S / 1.2, "rarely, but still alive"


def test_the_rate_comes_of_successive_looks_and_the_label_of_what_was_heard() -> None:
    bench = Bench()
    bench.live.hear(saw("c", "green"))
    bench.live.hear(saw("c", "ripe", faces=1))
    bench.run(seconds=4)
    written = bench.told.getvalue().replace("\n", "\r\n")
    [shown] = [line for line in screen(written) if line.startswith("c ")]
    assert shown.split() == ["c", "live", "30.0", "33", "ms", "0", "1", "0.80", "ripe"]


def test_in_a_terminal_a_row_lives_below_the_log_until_ctrl_c(tmp_path: Path) -> None:
    with terminal("run", "-c", config(tmp_path, BENCH), env={}) as there:
        there.shows(ROW)
        there.process.send_signal(signal.SIGINT)
        left = there.ended()
    assert there.process.returncode == 0
    order = [r"\S+  camera c is open", r"\S+  c  +\w+ +[01]\.", r"\S+  stopping",
             "home/camera-1 ", "camera +state", ROW, "spool: ", "What happened"]  # fmt: skip
    assert list(places(left, order)) == sorted(places(left, order))
    for once in ("home/camera-1 ", "camera +state", "c +live"):
        assert sum(bool(re.match(once, line)) for line in left) == 1, left
    assert max(map(len, left)) <= 80
    assert COLOUR in there.written
    assert cursor_is_back(there)


def places(lines: list[str], expressions: list[str]) -> Iterator[int]:
    """Where the first line stands that fits, for each."""
    for expression in expressions:
        yield next(i for i, line in enumerate(lines) if re.match(expression, line))


def cursor_is_back(there: Terminal) -> bool:
    """Whether it was hidden, and shown after that."""
    return there.written.rfind("\x1b[?25h") > there.written.rfind("\x1b[?25l") >= 0


def test_no_color_means_none(tmp_path: Path) -> None:
    with terminal("run", "-c", config(tmp_path, BENCH), env={"NO_COLOR": "1"}) as there:
        there.shows(ROW)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", there.written)


def test_plain_and_dumb_terminals_have_log_lines_only(tmp_path: Path) -> None:
    words = ("run", "-c", config(tmp_path, BENCH), "--duration", "1")
    for more, env in (["--plain"], {}), ([], {"TERM": "dumb"}):
        with terminal(*words, *more, env=env) as there:
            left = there.ended()
        assert there.process.returncode == 0
        assert "\x1b[?25l" not in there.written
        assert not [line for line in left if line.startswith("home/camera-1")]
        assert [line for line in left if "camera c is open" in line]


def test_what_is_no_terminal_gets_plain_lines(tmp_path: Path) -> None:
    words = ("run", "-c", config(tmp_path, BENCH), "--duration", "1")
    done = vision_app(*words, cwd=tmp_path, env={"FORCE_COLOR": "1", "TERM": "xterm"})
    assert done.returncode == 0
    assert "camera c is open" in done.stderr
    assert all(re.match(r"\d\d:\d\d:\d\d  c  +\w+", line) for line in done.stdout.splitlines())
    assert done.stdout
