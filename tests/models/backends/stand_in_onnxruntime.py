"""Stands in for a build of ONNX Runtime for GPUs, on machines that have none.

BUILT: providers that it is built for. GETS: the one that a session really is on. MISSING: a line
that it prints when it is to load CUDA. A session prints the providers that were asked for.
"""

import json
import os
from types import SimpleNamespace
from typing import Any

__version__ = "9.9"

ERRORS = (
    "EngineError EPFail Fail InvalidArgument InvalidGraph InvalidProtobuf NoModel NoSuchFile "
    "NotImplemented RuntimeException"
)
capi = SimpleNamespace(
    onnxruntime_pybind11_state=SimpleNamespace(
        **{name: type(name, (Exception,), {}) for name in ERRORS.split()}
    )
)
GraphOptimizationLevel = SimpleNamespace(ORT_ENABLE_ALL=99)


def get_available_providers() -> list[str]:
    return os.environ["BUILT"].split()


def preload_dlls() -> None:
    print(os.environ.get("MISSING", ""))


def set_default_logger_severity(level: int) -> None:
    pass


class SessionOptions:
    def add_session_config_entry(self, key: str, value: str) -> None:
        pass


class InferenceSession:
    def __init__(self, path: str, options: Any, providers: Any, enable_fallback: int) -> None:
        print(json.dumps(providers))

    def disable_fallback(self) -> None:
        pass

    def get_providers(self) -> list[str]:
        return [os.environ["GETS"], "CPUExecutionProvider"]
