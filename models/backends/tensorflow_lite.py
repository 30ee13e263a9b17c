"""The TensorFlow Lite that works on this machine: found by letting it compute, not by an import."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from models.backends.quiet import without_news

PACKAGES: Mapping[str, str] = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""Distributions and their modules, which have one interface, the better one first.

The second is no longer made. It imports beside numpy 2, and fails at the first network.
"""
SMOKE = Path(__file__).with_name("smoke.tflite")
"""A network of four numbers in which what is below 0 becomes 0."""
GIVEN, EXPECTED = (-1.0, 0.0, 1.0, 2.0), [0.0, 0.0, 1.0, 2.0]


@dataclass(frozen=True, slots=True)
class TensorFlowLite:
    """What was found.

    package: the distribution that works, and module, its interpreter; both empty when none does.
    passed_over: of each that was tried before, why it does not work.
    """

    package: str = ""
    module: Any = None
    passed_over: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """Why there is none, and what to do; empty: there is one."""
        if self.package:
            return ""
        tried = "; ".join(self.passed_over)
        return (
            f"nothing here runs .tflite files ({tried}): pip install ai-edge-litert, "
            "or where it has no wheel: pip install tflite-runtime 'numpy<2'"
        )

    @property
    def detail(self) -> str:
        """What people should know of it: that it is not the better one, and why."""
        if not (self.package and self.passed_over):
            return ""
        return f"through {self.package} ({'; '.join(self.passed_over)})"

    @property
    def looks_at_files(self) -> bool:
        """Whether it refuses a damaged file; the old one takes the whole process with it."""
        return self.package == "ai-edge-litert"


@cache
def tensorflow_lite() -> TensorFlowLite:
    """The first that computes; looked for once."""
    passed_over: list[str] = []
    for package, name in PACKAGES.items():
        try:
            module = import_module(name)
            _try(module)
            return TensorFlowLite(package, module, tuple(passed_over))
        except SystemError:
            passed_over.append(f"{package} was not made for numpy {np.__version__}")
        except (ImportError, RuntimeError, ValueError) as error:
            passed_over.append(f"{package}: {error}")
    return TensorFlowLite(passed_over=tuple(passed_over))


def _try(module: Any) -> None:
    interpreter = module.Interpreter(model_path=str(SMOKE), num_threads=1)
    with without_news():
        interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.array(GIVEN, np.float32))
    interpreter.invoke()
    if (answer := interpreter.get_tensor(1).tolist()) != EXPECTED:
        raise RuntimeError(f"it computes {answer} where it should {EXPECTED}")
