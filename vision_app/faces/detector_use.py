"""Which face detector would look at frames here, for `check` and `doctor`: nothing is fetched."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from masking.settings import MaskingSettings
from models.detectors.budget import RECALLS
from models.errors import ModelError
from models.faces import DetectorName
from models.settings import CatalogueSettings
from vision_app.faces.live_detector import open_live
from vision_app.screen.finding import Finding, bad, good, note
from vision_app.weights import Weights


@dataclass(frozen=True, slots=True)
class DetectorUse:
    """The detector that was chosen, and tried.

    wanted: as the settings say it. every: it looks at every n-th frame. cost_ms: of a core for a
    frame; None: not measured. finds: so many of 100 faces; None: not known. told: all this in a
    sentence. passed_over: why better ones were not taken. absent: its weights are not here yet.
    problem: why there is none, and what to do; name is then None, and nothing else is known.
    """

    wanted: str
    budget_ms: float
    name: DetectorName | None = None
    side: int = 0
    every: int = 0
    backend: str = ""
    cost_ms: float | None = None
    finds: int | None = None
    told: str = ""
    passed_over: tuple[str, ...] = ()
    absent: bool = False
    problem: str = ""


def detector_use(settings: MaskingSettings, catalogue: CatalogueSettings) -> DetectorUse:
    """Chooses and opens it, which takes a second where its cost is to be measured."""
    weights = Weights(catalogue, say=_unheard, fetching=False)
    wanted, budget_ms = settings.detector, settings.budget_ms
    names = tuple(RECALLS) if wanted == "auto" else (wanted,)
    if not any(weights.has(name) for name in names):
        pull = f"vision-app model pull {names[0]}"
        problem = f"not here yet; it is pulled at start, or now by: {pull}"
        return DetectorUse(wanted, budget_ms, absent=True, problem=problem)
    try:
        live, opened = open_live(settings, weights)
    except ModelError as error:
        return DetectorUse(wanted, budget_ms, problem=str(error))

    with closing(opened):
        return DetectorUse(
            wanted=wanted,
            budget_ms=budget_ms,
            name=live.detector,
            side=opened.side,
            every=live.every,
            backend=opened.id.backend,
            cost_ms=live.cost_ms,
            finds=live.finds,
            told=live.told(opened, budget_ms),
            passed_over=live.passed_over,
        )


def findings_of(use: DetectorUse) -> Iterator[Finding]:
    """A line for people, and one for each that was passed over."""
    about = "face detector"
    if use.problem:
        yield note(about, use.problem) if use.absent else bad(about, use.problem)
    else:
        yield good(about, use.told)
    yield from (note("passed over", why) for why in use.passed_over)


def _unheard(sentence: str) -> None:
    """Nothing is fetched, so nothing is said."""
