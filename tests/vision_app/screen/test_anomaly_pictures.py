"""What `anomaly score --plot` draws and `anomaly watch` shows."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from rich.console import Console

from models.anomaly.anomaly import Anomaly
from models.anomaly.score import Scored
from tests.models.anomaly.anomaly_bundles import SIGNALS, at, write
from vision_app.cli.anomaly import anomaly
from vision_app.screen.anomaly_chart import BARS, WIDTH, AnomalyChart, sparkline
from vision_app.screen.anomaly_plot import plotted, png

RED_BAND = (205, 205, 255)


def readings(path: Path, strange_from: int, count: int = 60) -> Path:
    rows = [f"{at(s).isoformat()},{9.0 * (s >= strange_from)},0" for s in range(count)]
    path.write_text("time,temperature_c,vent_pct\n" + "\n".join(rows) + "\n")
    return path


def decoded(content: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def drawn(alarms: range, count: int = 100) -> NDArray[np.uint8]:
    said = Anomaly(0.5, 0.8, lambda: (("a", 1.0),))
    rows = [Scored(at(s), said if s > 10 else None, {"a": math.sin(s)}) for s in range(count)]
    seen = [(row, s in alarms) for s, row in enumerate(rows)]
    return decoded(plotted(seen, ("a", "silent"), 0.8, 0.6))


def test_a_png_holds_the_pixels_that_it_was_given() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (31, 17, 3), np.uint8)
    assert (decoded(png(pixels)) == pixels).all()


def test_alerts_are_red_bands_where_they_stood_and_nowhere_else() -> None:
    red = (drawn(range(50, 70)) == RED_BAND).all(axis=2).any(axis=0)
    left, right = np.flatnonzero(red)[[0, -1]] - 250
    assert 0.49 < left / 1330 < 0.52
    assert 0.69 < right / 1330 < 0.72
    assert not (drawn(range(0)) == RED_BAND).all(axis=2).any()


def test_a_signal_without_numbers_has_an_empty_strip() -> None:
    picture = drawn(range(0)).astype(int)
    blue = picture[..., 0] - picture[..., 2] > 60
    assert blue[30:120].any()
    assert not blue[134:224].any()
    assert blue[238:].any()


def test_one_single_reading_can_be_drawn() -> None:
    assert drawn(range(1), count=1).shape[1] == 1600


def test_a_sparkline_goes_from_least_to_greatest_and_is_blank_where_nothing_is_known() -> None:
    assert sparkline([0, 1, math.nan, 7]) == f"{BARS[0]}{BARS[1]} {BARS[7]}"
    assert sparkline([3, 3]) == BARS[0] * 2
    assert sparkline([math.nan] * 3) == "   "


def test_the_chart_fits_eighty_columns_and_names_what_pushes_the_score() -> None:
    chart = AnomalyChart("m", ("a_long_name_of_a_signal", "b"), {"b": "bar"})
    for s in range(WIDTH + 5):
        anomaly = Anomaly(0.9, 0.8, lambda: (("b", 0.9), ("a_long_name_of_a_signal", 0.1)))
        chart.add(at(s), {"a_long_name_of_a_signal": 123.456, "b": s}, anomaly, alarm=True)
    console = Console(width=80, file=None, record=True, force_terminal=False)
    with console.capture() as captured:
        console.print(chart.drawn())
    said = captured.get()
    assert "ALERT" in said
    assert "44 bar  90%" in said
    assert "0.900 of 0.800" in said
    assert max(len(line) for line in said.splitlines()) <= 80


def test_a_replay_is_watched_to_its_end(tmp_path: Path) -> None:
    model, data = write(tmp_path / "m"), readings(tmp_path / "d.csv", strange_from=40)
    words = ["watch", str(data), "--model", str(model), "--speed", "0"]
    done = CliRunner().invoke(anomaly, words)
    assert done.exit_code == 0, done.output
    assert "ALERT" in done.output
    assert SIGNALS[0][:10] in done.output


def test_watching_a_file_without_the_signals_of_the_model_says_so(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("time,other\n1,2\n2,3\n")
    model = write(tmp_path / "m")
    done = CliRunner().invoke(anomaly, ["watch", str(tmp_path / "d.csv"), "--model", str(model)])
    assert "needs the signals temperature_c, vent_pct" in str(done.exception)


@pytest.mark.parametrize("strange_from", [30, 60])
def test_scores_are_drawn_beside_the_csv(tmp_path: Path, strange_from: int) -> None:
    model, data = write(tmp_path / "m"), readings(tmp_path / "d.csv", strange_from)
    words = ["score", str(data), "--model", str(model), "--out", str(tmp_path / "s.csv")]
    done = CliRunner().invoke(anomaly, [*words, "--plot", str(tmp_path / "p.png")])
    assert done.exit_code == 0, done.output
    picture = decoded((tmp_path / "p.png").read_bytes())
    assert (picture == RED_BAND).all(axis=2).any() == (strange_from < 60)
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 61


def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    model, data = write(tmp_path / "m"), readings(tmp_path / "d.csv", strange_from=30)
    words = ["score", str(data), "--model", str(model), "--plot", str(tmp_path / "no" / "p.png")]
    done = CliRunner().invoke(anomaly, words)
    assert done.exit_code == 1
    assert "p.png cannot be written: No such file" in done.output
