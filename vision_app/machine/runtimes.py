"""Which runtimes are installed here, and what each can compute on."""

from dataclasses import dataclass

from models.backend import Device, backend_names, find_backend
from models.distributions import RUNTIMES, installed
from models.errors import BackendUnavailable
from models.settings import RuntimeSettings


@dataclass(frozen=True, slots=True)
class Runtime:
    """A backend on this machine.

    package: "onnxruntime 1.23.2", as far as it is known. formats: of weights that it reads.
    problem: why it cannot be used at all and what to do; empty where it can.
    """

    name: str
    package: str
    formats: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    problem: str = ""

    def device(self, name: str) -> Device | None:
        """The device of that name, if the runtime knows of it."""
        return next((device for device in self.devices if device.name == name), None)


def runtimes(settings: RuntimeSettings) -> tuple[Runtime, ...]:
    """Every backend, those of plugins too; each is imported and asked."""
    return tuple(_asked(name, settings) for name in backend_names())


def _asked(name: str, settings: RuntimeSettings) -> Runtime:
    package = " ".join(next(iter(installed(RUNTIMES.get(name, ())).items()), ()))
    try:
        kind = find_backend(name)
        devices = kind.devices(settings)
    except BackendUnavailable as error:
        return Runtime(name, package, problem=str(error))
    problem = "" if any(not device.problem for device in devices) else devices[0].problem
    return Runtime(name, package, tuple(kind.formats), devices, problem)
