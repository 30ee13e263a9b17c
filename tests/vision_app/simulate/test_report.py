"""What is printed of replays."""

from collections import Counter
from io import StringIO

from rich.console import Console, RenderableType

from vision_app.simulate.outcome import HOUR_S, Outcome
from vision_app.simulate.report import CLASSES, COLUMNS, OTHERS, as_values, chart, classes, table

DAY_S = 24 * HOUR_S


def outcome(kept: int = 30, hours: Counter[int] | None = None) -> Outcome:
    return Outcome(
        frames=Counter(ripe=60, green=40),
        wanted=50,
        kept=Counter({"ripe": kept // 3, "green": kept - kept // 3}),
        by=Counter(margin=kept),
        refused=Counter(too_soon=50 - kept),
        hours=Counter({0: kept}) if hours is None else hours,
        size_bytes=kept * 1_000_000,
        money=kept * 10**9,
        first_s=1000.0,
        last_s=1000.0 + 2 * DAY_S,
    )


def shown(*parts: RenderableType, width: int = 80) -> list[str]:
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(*parts, sep="\n")
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_each_thing_that_is_counted_has_a_row() -> None:
    rows = dict(line.rsplit(maxsplit=1) for line in shown(table({"site": outcome()}))[1:])
    assert rows == {
        "frames": "100",
        "days": "2.00",
        "a policy asked for": "50",
        "uploads": "30",
        "uploads a day": "15",
        "megabytes a day": "15.0",
        "cost of 30 days": "450.00",
        "kept for margin": "30",
        "not kept: too_soon": "20",
    }


def test_the_share_of_each_class_is_of_all_frames_and_of_those_kept() -> None:
    lines = shown(classes({"site": outcome(), "none": outcome(0)}))
    assert [line.split() for line in lines] == [
        ["share", "of", "class", "all", "frames", "site", "none"],
        ["green", "40.0%", "66.7%", "–"],
        ["ripe", "60.0%", "33.3%", "–"],
    ]


def test_of_many_classes_those_that_are_kept_are_shown_and_one_row_for_the_others() -> None:
    frames = Counter({f"c{n:04}": 10 for n in range(1001)})
    many = Outcome(frames=frames, kept=Counter({f"c{n:04}": n for n in range(900, 1001)}))
    lines = [line.split() for line in shown(classes({"site": many}))[1:]]
    assert [line[0] for line in lines[:CLASSES]] == [f"c{n:04}" for n in range(1000, 988, -1)]
    kept = 1 - sum(range(989, 1001)) / sum(range(900, 1001))
    assert " ".join(lines[-1]) == f"{OTHERS} {989 / 1001:.1%} {kept:.1%}"
    assert len(lines) == CLASSES + 1


def test_the_chart_has_one_scale_and_one_length() -> None:
    few, many = Counter({5: 1, 6: 1, 8: 2}), Counter({5: 8, 6: 4, 9: 1})
    assert shown(*chart({"few": outcome(hours=few), "many": outcome(hours=many)})) == [
        "few  ▁▁ ▂",
        "many █▄  ▁",
        "     uploads in an hour; the highest bar is 8",
    ]


def test_a_long_log_is_drawn_in_bars_of_several_hours() -> None:
    lines = shown(*chart({"site": outcome(hours=Counter(dict.fromkeys(range(5 * COLUMNS), 1)))}))
    assert lines[0] == "site " + "█" * COLUMNS
    assert lines[1].endswith("uploads in 5 hours; the highest bar is 5")


def test_where_nothing_is_kept_there_is_no_chart() -> None:
    assert list(chart({"none": outcome(0, Counter())})) == []


def test_long_names_are_folded_and_nothing_is_cut_off() -> None:
    names = [f"/etc/vision-app/site-{n}/a-rather-long-name.toml" for n in range(4)]
    tried = {name: outcome() for name in names}
    lines = shown(table(tried), classes(tried), *chart(tried))
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    assert [line for line in lines if line in names] == names
    (uploads,) = [line.split() for line in lines if line.startswith("uploads  ")]
    assert uploads == ["uploads", "30", "30", "30", "30"]


def test_programs_are_told_everything() -> None:
    assert as_values(outcome()) == {
        "frames": 100,
        "days": 2.0,
        "wanted": 50,
        "uploads": 30,
        "bytes": 30_000_000,
        "cost": 30.0,
        "by": {"margin": 30},
        "refused": {"too_soon": 20},
        "classes": {"ripe": {"frames": 60, "kept": 10}, "green": {"frames": 40, "kept": 20}},
    }
