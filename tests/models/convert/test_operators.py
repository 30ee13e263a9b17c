"""Every operator on every runtime, against its definition; and the definition against mxnet."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from models.convert.mxnet import to_onnx
from models.convert.operators import OPERATORS
from tests.models.convert.handmade import params, saved
from tests.models.convert.operator_case import Case, pictures
from tests.models.convert.operator_cases import CASES
from tests.models.convert.runtimes import worst


def tolerance(case: Case) -> float:
    return 1e-5 * max(1, float(np.abs(case.expected()).max()))


def test_there_is_a_case_for_every_operator() -> None:
    assert {case.op for case in CASES} == set(OPERATORS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operator_computes_what_its_definition_says(case: Case) -> None:
    network = to_onnx(case.checkpoint())
    assert worst(network, pictures(), case.expected()) < tolerance(case)


def test_the_definitions_are_those_of_mxnet(legacy_python: Path, tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        saved(tmp_path / str(number), case.net().text(), params(case.arrays()), "case")
    np.save(tmp_path / "pictures.npy", pictures())
    script = Path(__file__).with_name("answer_with_mxnet.py")
    done = subprocess.run(
        (legacy_python, "-I", script, tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    wrong = []
    for number, case in enumerate(CASES):
        answer = np.load(tmp_path / str(number) / "answer.npy").reshape(2, -1)
        if np.abs(answer - case.expected()).max() > tolerance(case):
            wrong.append(str(case))
    assert not wrong
