"""A network that OpenVINO has compiled, with a request for each thread that runs it at once."""

from queue import SimpleQueue
from typing import Any

from numpy.typing import NDArray


class Lanes:
    """Requests of one compiled network; a thread that finds none idle waits for one."""

    def __init__(self, network: Any, count: int) -> None:
        self._network = network
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(count):
            self._idle.put(network.create_infer_request())

    def run(self, tensor: NDArray[Any], lean: bool = False) -> tuple[NDArray[Any], ...]:
        """The outputs, which are the caller's; raises what OpenVINO raises.

        lean: the request, which holds its input until the next one, is not kept, nor is what lies
        between layers.
        """
        request = self._idle.get()
        try:
            request = request or self._network.create_infer_request()
            return tuple(request.infer([tensor], share_inputs=True).values())
        finally:
            self._idle.put(None if lean else request)
            if lean:
                self._give_back()

    def _give_back(self) -> None:
        """What lies between layers, of a large picture more than the network, to the system; from
        OpenVINO 2025.0 on."""
        if hasattr(self._network, "release_memory"):
            self._network.release_memory()
