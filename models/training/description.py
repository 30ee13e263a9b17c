"""The README.md that lies beside a trained demo classifier, with the figures of its report."""

from collections.abc import Mapping
from typing import Any

TEXT = """\
# greenhouse-tomatoes

A classifier for the demo: it tells green, turning, ripe and rotten tomatoes and an empty bench
apart **in rendered pictures**. It has never seen a photograph and is of no use on real tomatoes:
name a bundle of your own in `[model]` for those.

{size:,} bytes, {width}x{height} RGB in, probabilities out, all integer. Made by

    pip install 'vision-app[demo-model]'
    python -m models.training.greenhouse --out greenhouse-tomatoes

which renders {train:,} pictures (seed {seed}), trains for {epochs} epochs, exports, and measures
the exported file; this page and `report.json` come from that run.

## Measured on {pictures:,} pictures that were not trained on

Difficulty runs from 0 (plain to see) to 1 (half hidden, between two classes, tiny, blurred or dim:
some cannot be told by anybody).

| difficulty | pictures | accuracy | mean confidence | confidence > 0.9 | confidence < 0.7 |
|---|---|---|---|---|---|
{rows}

Confidence differs from accuracy by {calibration_error:.1%} on average (ten bins). Confusion, true
class in rows:

| | {labels} |
|---|{dashes}
{confusion}
"""


def describe(report: Mapping[str, Any], width: int, height: int) -> str:
    """The page as Markdown."""
    confusion: Mapping[str, Mapping[str, int]] = report["confusion"]
    rows = {**report["by_difficulty"], "all": report}
    return TEXT.format(
        size=report["weights"]["bytes"],
        width=width,
        height=height,
        train=report["recipe"]["pictures"]["train"],
        seed=report["recipe"]["seed"],
        epochs=report["recipe"]["epochs"],
        pictures=report["pictures"],
        rows="\n".join(_row(name, row) for name, row in rows.items()),
        calibration_error=report["calibration_error"],
        labels=" | ".join(confusion),
        dashes="---|" * len(confusion),
        confusion="\n".join(
            f"| **{label}** | {' | '.join(str(count) for count in said.values())} |"
            for label, said in confusion.items()
        ),
    )


def _row(name: str, row: Mapping[str, Any]) -> str:
    shares = ("accuracy", "mean_confidence", "share_above_0.9", "share_below_0.7")
    return f"| {name} | {row['pictures']} | " + " | ".join(f"{row[s]:.1%}" for s in shares) + " |"
