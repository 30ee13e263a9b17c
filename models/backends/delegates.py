"""LiteRT's delegates: shared libraries that compute a network on an accelerator."""

import ctypes

EDGETPU = "libedgetpu.so.1"
EDGETPU_OPERATOR = b"edgetpu-custom-op"
"""The one operator into which Coral's compiler turns what an Edge TPU computes."""
ENTRIES = ("tflite_plugin_create_delegate", "tflite_plugin_destroy_delegate")


def delegate_problem(library: str) -> str:
    """Why this library cannot be used as a delegate, and what to do; empty: it can."""
    try:
        found = ctypes.CDLL(library)
    except OSError as error:
        return f"{error}: correct model.runtime.delegate, or install what it needs"
    if not all(hasattr(found, entry) for entry in ENTRIES):
        return f"{library} is not a delegate of LiteRT: correct model.runtime.delegate"
    return ""


def edgetpu_problem() -> str:
    """Why no Edge TPU can be used, and what to do; empty: one can."""
    try:
        library = ctypes.CDLL(EDGETPU)
    except OSError:
        return f"{EDGETPU} is not here: install libedgetpu1-std (coral.ai/software)"
    if not all(hasattr(library, entry) for entry in (*ENTRIES, "edgetpu_list_devices")):
        return f"{EDGETPU} is too old: install libedgetpu1-std (coral.ai/software)"
    if not _edgetpus(library):
        return "no Edge TPU answers: plug it in, and let this user open it (its udev rule)"
    return ""


def _edgetpus(library: ctypes.CDLL) -> int:
    """How many there are. Source: edgetpu_c.h."""
    count = ctypes.c_size_t(0)
    library.edgetpu_list_devices.restype = ctypes.c_void_p
    if listed := library.edgetpu_list_devices(ctypes.byref(count)):
        library.edgetpu_free_devices(ctypes.c_void_p(listed))
    return count.value
