import os
import subprocess
import sys

import pytest

NAME = "OPENBLAS_NUM_THREADS"


def printed(code: str, **environment: str) -> str:
    """What a fresh process says, which knows of BLAS only what it is told here."""
    clean = {name: value for name, value in os.environ.items() if name != NAME}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("first", ["models.classifier", "vision_app.cli"])
def test_importing_starts_no_threads(first: str) -> None:
    assert printed(f"import os, {first}; print(len(os.listdir('/proc/self/task')))") == "1"


def test_who_wants_more_threads_for_algebra_gets_them() -> None:
    assert printed(f"import os, models; print(os.environ['{NAME}'])", **{NAME: "3"}) == "3"
