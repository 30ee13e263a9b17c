"""Walks a store and finds every gap, change, missing or unmasked object: `verify`.

Records are listed before frames: a frame that a device sends meanwhile may seem to lack its record,
but no record can seem to lack its frame.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from uploader.audit.audit import Audit
from uploader.audit.question import Question
from uploader.audit.trust import key_findings
from uploader.audit.verification import Verification, chains_seen, keys_seen
from uploader.reading import StoreReader

WORKERS = 8


def _unseen(done: int, total: int) -> None:
    """Nobody follows the progress."""


def verify(
    reader: StoreReader, question: Question, progress: Callable[[int, int], None] = _unseen
) -> Verification:
    """Everything that is wrong. Raises StoreUnavailable or StoreDenied when it cannot be read.

    progress: is told how many objects were read, of how many.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        audit = Audit(reader, question, progress, pool)
        audit.run()
    chains = audit.ledger.chains.values()
    findings = (
        *audit.findings,
        *audit.ledger.findings(question.since is not None, question.known),
        *key_findings(chains, question.trusted),
        *audit.tally.led_astray(reader.uri("")),
    )
    return Verification(
        store=reader.uri("").rstrip("/"),
        proven=bool(question.trusted),
        counts=audit.tally.counts,
        exempt=audit.tally.exempt_cameras(),
        sources=audit.tally.addresses(),
        let_go=dict(audit.tally.let_go),
        recordless=tuple(audit.tally.recordless),
        chains=chains_seen(chains),
        keys=keys_seen(chains, question.trusted),
        findings=findings,
    )
