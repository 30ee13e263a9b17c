"""What an auditor of a store wants to know, and what he or she brings along."""

from dataclasses import dataclass
from datetime import date, timedelta

from models.faces import FaceDetector
from uploader.audit.ledger import Known

NONE, DAY = timedelta(0), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """trusted: public keys (base64); where there is none, every key is taken and named.

    known: records that must be there. since, until: days in UTC, both included. detector: looks
    for faces in every frame.
    """

    trusted: frozenset[str] = frozenset()
    known: tuple[Known, ...] = ()
    since: date | None = None
    until: date | None = None
    detector: FaceDetector | None = None

    def asks(self, day: str, more: timedelta = NONE) -> bool:
        """Whether the day, YYYY-MM-DD, is asked about, or is so near to one that is."""
        begins = self.since is None or day >= str(self.since - more)
        return begins and (self.until is None or day <= str(self.until + more))

    def trusts(self, public_key: str) -> bool:
        """Whether what the key signed counts."""
        return not self.trusted or public_key in self.trusted
