"""Does one thing at a time in a thread of its own, so that it can be given up at a deadline."""

import queue
import threading
from collections.abc import Callable

from uploader.errors import UploadCut


class InFlight:
    """Calls that may hang in the network. `run` is for one thread at a time, `cut` for any."""

    def __init__(self) -> None:
        self._ended: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self._cut = False

    def run(self, call: Callable[[], None]) -> None:
        """Returns when the call has; raises what it raises, UploadCut once it is cut.

        A call that was cut is left behind in its thread, which ends no later than the program.
        """
        ended: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self._ended = ended
        if self._cut:
            raise UploadCut
        threading.Thread(target=_do, args=(call, ended), name="upload", daemon=True).start()
        error = ended.get()
        if error is not None:
            raise error

    def cut(self) -> None:
        """Ends what is running, and refuses what comes after."""
        self._cut = True
        self._ended.put(UploadCut())


def _do(call: Callable[[], None], ended: "queue.SimpleQueue[Exception | None]") -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - raised again, whole, by the thread that waits
        ended.put(error)
    else:
        ended.put(None)
