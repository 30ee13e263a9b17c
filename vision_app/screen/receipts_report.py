"""What an audit of a store came to, on the terminal of a privacy officer."""

from collections import Counter
from collections.abc import Iterator

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from uploader.audit.finding import visible
from uploader.audit.verification import Verification
from vision_app.screen.console import WIDTH, console

SHOWN = 50
FEW = 3
CHAIN_DIGITS = 12


def show(found: Verification) -> None:
    """Prints what was seen, what is wrong, and what both of it proves."""
    out = console(WIDTH)
    out.print(_counts(found))
    tables = _chains(found), _keys(found), _exempt(found)
    out.print(*(table for table in tables if table.row_count), sep="\n")
    for line in _notes(found):
        out.print(f"· {escape(line)}")
    for finding in found.findings[:SHOWN]:
        out.print(f"[red]✗ {finding.kind.value}[/red] {escape(visible(finding.about))}")
        out.print(Padding(escape(visible(finding.text)), (0, 0, 0, 4)))
    if len(found.findings) > SHOWN:
        out.print(f"… and {len(found.findings) - SHOWN} more: --json names them all")
    out.print(escape(_verdict(found)))


def _counts(found: Verification) -> Table:
    counts = found.counts
    grid = Table.grid(padding=(0, 2))
    grid.add_row("store", escape(visible(found.store)))
    grid.add_row("frames", f"{counts.frames}, of which {counts.verified} verified")
    grid.add_row("masked", f"{counts.masked}, with {counts.faces} faces covered")
    grid.add_row("exempt", str(counts.exempt))
    if counts.sensor_files or counts.label_files:
        grid.add_row(
            "beside", f"{counts.sensor_files} sensor files, {counts.label_files} of labels"
        )
    if found.let_go:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(found.let_go.items()))
        grid.add_row("let go on the device", f"{counts.let_go}, each with a tombstone: {reasons}")
    return grid


def _chains(found: Verification) -> Table:
    grid = Table("device", "chain", "records", "numbers", "begun (UTC)")
    for chain in found.chains:
        numbers = f"{chain.first} to {chain.last}"
        begun = chain.begun.strftime("%Y-%m-%d %H:%M")
        name = escape(visible(chain.chain[:CHAIN_DIGITS]))
        grid.add_row(", ".join(chain.devices), name, str(chain.records), numbers, begun)
    return grid


def _keys(found: Verification) -> Table:
    grid = Table("key", "signed for", "records", "trusted")
    said = {True: "yes", False: "[red]no[/red]", None: "not asked"}
    for key in found.keys:
        grid.add_row(key.fingerprint, ", ".join(key.devices), str(key.records), said[key.trusted])
    return grid


def _exempt(found: Verification) -> Table:
    grid = Table("exempt camera", "frames", "reason")
    for seen in found.exempt:
        camera = f"{seen.device} {seen.camera}"
        grid.add_row(camera, str(seen.frames), escape(visible(seen.reason)))
    return grid


def _notes(found: Verification) -> Iterator[str]:
    if not found.proven and found.keys:
        yield (
            "Any key was taken. Compare each with what vision-app receipts key prints on its "
            "device, and name it with --key: until then somebody else may have signed."
        )
    if found.counts.unproven:
        yield f"{found.counts.unproven} covers are not solid: no pixel proves that they are there."
    if found.counts.self_judged:
        yield (
            f"{found.counts.self_judged} frames were judged by a detector that also masked them: "
            "vision-app model pull faces, on the device, gets it another one."
        )
    if found.counts.between:
        yield (
            f"{found.counts.between} frames lay between two live looks (masking.detect_every): "
            "detectors saw them only before they were kept."
        )
    if found.recordless:
        numbers = ", ".join(str(each.number) for each in found.recordless[:FEW])
        more = len(found.recordless) - FEW
        yield (
            f"{len(found.recordless)} frames have no record (number {numbers}"
            f"{f' and {more} more' if more > 0 else ''}): the device signed that they were masked "
            "frames of its chain and let go. Their records went with them, so nobody can check "
            "their masks."
        )
    elsewhere = [source for source in found.sources if source != found.store + "/"]
    if elsewhere:
        yield f"Records say that frames lie at {visible(elsewhere[0])}: fine where this is a copy."


def _verdict(found: Verification) -> str:
    if not found.fine:
        kinds = Counter(finding.kind.value for finding in found.findings)
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        return f"{len(found.findings)} findings: {told}. docs/privacy.md says what each may mean."
    if not found.counts.records:
        return "There is no record here: nothing is proven."
    return "Everything is as it was recorded."
