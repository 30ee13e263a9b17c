"""One thing that goes wrong, how it shows in the service's health, and how one sees it is over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Health = Mapping[str, Any]
"""The payload of a health event (docs/schemas/health.json)."""
Act = Callable[[], object]
"""Makes something go wrong, or right."""
Sign = Callable[[Health, Health], bool]
"""Is something so in the second health that was not yet so in the first?"""


@dataclass(frozen=True, slots=True)
class Fault:
    """shown: from the health before it to now. well: from the health at its end to now.

    lasts_s: at least, and up to half as long again. notice_s, mend_s: promises.
    """

    name: str
    lasts_s: float
    begin: Act
    end: Act
    shown: Sign
    well: Sign
    notice_s: float
    mend_s: float
