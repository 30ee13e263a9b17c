"""One way to run a bundle: which of its weights, on which runtime, where and how."""

from dataclasses import dataclass

from models.backend import Placement
from models.bundles.manifest import Weights


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to run a bundle."""

    weights: Weights
    backend: str
    placement: Placement

    @property
    def name(self) -> str:
        """For people and records: the backend alone where it computes as usual."""
        return way_name(self.backend, self.placement)


def way_name(backend: str, placement: Placement) -> str:
    """The backend, with the device and the math where they are not the usual ones."""
    there, math = placement.device, placement.math
    parts = [backend]
    if there != "cpu" or math != "float32":
        parts.append(there)
    if math != "float32":
        parts.append(math)
    return " ".join(parts)
