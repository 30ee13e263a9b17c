"""NVIDIA's driver: whether it answers, and for which GPU."""

import ctypes

DRIVER = "libcuda.so.1"
NAME_BYTES = 256


def nvidia_gpu() -> tuple[str, str]:
    """The name of the first GPU, and why none can be used with what to do; one of them is empty."""
    try:
        driver = ctypes.CDLL(DRIVER)
    except OSError:
        return (
            "",
            f"there is no driver of NVIDIA ({DRIVER}): where there is a GPU of theirs, install it",
        )
    name, first = ctypes.create_string_buffer(NAME_BYTES), ctypes.c_int(0)
    status = (
        driver.cuInit(0)
        or driver.cuDeviceGet(ctypes.byref(first), 0)
        or driver.cuDeviceGetName(name, NAME_BYTES, first)
    )
    if status:
        return "", f"NVIDIA's driver finds no GPU (CUDA error {status}): see what nvidia-smi says"
    return name.value.decode(errors="replace"), ""
