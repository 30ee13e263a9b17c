"""What decides how fast networks run here, told cheaply: no runtime is imported for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points

from devices.boards.accelerators import accelerators
from devices.boards.processor import processor
from models.backend import PLUGINS
from models.distributions import RUNTIMES, installed


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, the cores that we may use, accelerators that can be used, versions of runtimes."""

    processor: str
    cores: int
    accelerators: tuple[str, ...]
    versions: Mapping[str, str]

    def unlike(self, other: "Machine") -> str:
        """In a few words what is not as on the other; empty where all is."""
        if self.versions != other.versions:
            names = sorted(dict(self.versions.items() ^ other.versions.items()))
            return f"another version of {', '.join(names)}"
        return "" if self == other else "another processor, other cores or accelerators"


def this_machine() -> Machine:
    """The machine that we run on, and the limits of this process."""
    found = processor()
    chips = tuple(f"{one.vendor} {one.name}" for one in accelerators() if not one.problem)
    plugins = [entry.dist for entry in entry_points(group=PLUGINS) if entry.dist is not None]
    versions = {plugin.name: plugin.version for plugin in plugins}
    ours = installed(name for names in RUNTIMES.values() for name in names)
    return Machine(found.name, found.cores, chips, ours | versions)
