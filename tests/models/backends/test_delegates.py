"""LiteRT on delegates: real shared libraries, built here from delegate.c."""

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder

from models.backend import Placement
from models.backends.delegates import EDGETPU_OPERATOR
from models.backends.litert import LiteRT
from models.bundles.bundle import open_bundle
from models.errors import BackendUnavailable
from models.settings import RuntimeSettings
from tests.checks_backend import check_backend, example
from tests.models.backends.libraries import build, run_with

SOURCE = "delegate.c"


def network() -> Path:
    bundle = open_bundle("greenhouse-tomatoes")
    return bundle.path(bundle.manifest.weights[0])


def answering(library: Path, answer: str) -> RuntimeSettings:
    return RuntimeSettings(delegate=library, delegate_options={"answer": answer})


def on(device: str, settings: RuntimeSettings | None = None, weights: Path | None = None) -> LiteRT:
    return LiteRT(weights or network(), Placement(device), settings or RuntimeSettings())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(SOURCE, tmp_path_factory.mktemp("delegate") / "libtest_delegate.so")


def test_a_delegate_computes_what_it_takes_with_the_options_that_it_was_given(
    library: Path,
) -> None:
    settings = answering(library, "7")
    backend = on("delegate", settings)
    (answer,) = backend.run(example(backend, 1))
    assert (answer.view(np.uint8) == 7).all()
    assert on("cpu", settings).run(example(backend, 1))[0].view(np.uint8).max() != 7


def test_a_delegate_is_a_device_only_where_one_is_configured(library: Path) -> None:
    assert [device.name for device in LiteRT.devices(RuntimeSettings())] == ["edgetpu", "cpu"]
    first, *_ = LiteRT.devices(answering(library, "7"))
    assert (first.name, first.problem, first.detail) == ("delegate", "", str(library))


def test_a_backend_with_a_delegate_is_a_backend(library: Path, tmp_path: Path) -> None:
    check_backend(LiteRT, network(), tmp_path, settings=answering(library, "7"))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("none", "takes no operator of .*: use the CPU"),
        ("refuse", "does not start: .*\n?.*no accelerator answers"),
        ("broken", "the delegate refused .*"),
    ],
)
def test_a_delegate_that_does_not_do_its_part_is_unavailable(
    library: Path, answer: str, sentence: str
) -> None:
    with pytest.raises(BackendUnavailable, match=sentence):
        on("delegate", answering(library, answer))


def test_a_delegate_that_cannot_be_loaded_says_which_key_to_correct(tmp_path: Path) -> None:
    for path in (
        tmp_path / "absent.so",
        build(SOURCE, tmp_path / "other.so", "-Dtflite_plugin_create_delegate=other"),
    ):
        settings = RuntimeSettings(delegate=path)
        problem = LiteRT.devices(settings)[0].problem
        assert str(path) in problem
        assert "correct model.runtime.delegate" in problem
        with pytest.raises(BackendUnavailable, match=path.name):
            on("delegate", settings)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["-DEDGETPUS=0"], "no Edge TPU answers: plug it in"),
        (["-DEDGETPUS=1"], ""),
        ([], "libedgetpu.so.1 is too old"),
        (None, "libedgetpu.so.1 is not here: install"),
    ],
)
def test_an_edge_tpu_is_found_through_its_own_library(
    tmp_path: Path, options: list[str] | None, problem: str
) -> None:
    if options is not None:
        build(SOURCE, tmp_path / "libedgetpu.so.1", *options)
    found = run_with(
        tmp_path, "from models.backends.delegates import edgetpu_problem; print(edgetpu_problem())"
    )
    assert found.startswith(problem) if problem else found == ""


def test_a_network_for_an_edge_tpu_runs_on_it_and_on_nothing_else(tmp_path: Path) -> None:
    build(SOURCE, tmp_path / "libedgetpu.so.1", "-DEDGETPUS=1")
    script = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from tests.checks_backend import example\n"
        "from tests.models.backends.test_delegates import on\n"
        "backend = on('edgetpu', weights=Path(sys.argv[1]))\n"
        "print((backend.run(example(backend, 1))[0].view(np.uint8) == 0).all())"
    )
    weights = compiled_for_edgetpu(tmp_path / "edgetpu.tflite")
    assert run_with(tmp_path, script, str(weights)) == "True"
    with pytest.raises(BackendUnavailable, match=r'compiled for an Edge TPU.*device = "edgetpu"'):
        on("cpu", weights=weights)


def test_a_network_that_is_not_compiled_for_an_edge_tpu_is_not_called_so(tmp_path: Path) -> None:
    build(SOURCE, tmp_path / "libedgetpu.so.1", "-DEDGETPUS=1")
    script = (
        "from models.errors import BackendUnavailable\n"
        "from tests.models.backends.test_delegates import on\n"
        "try: on('edgetpu')\n"
        "except BackendUnavailable as error: print(error)"
    )
    said = run_with(tmp_path, script)
    assert "is not for an Edge TPU: compile it" in said


def compiled_for_edgetpu(path: Path) -> Path:
    """The bundled network with its last operator renamed to that of Coral's compiler."""
    model = schema.ModelT.InitFromPackedBuf(network().read_bytes(), 0)
    graph = model.subgraphs[0]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = EDGETPU_OPERATOR
    model.operatorCodes.append(code)
    last = graph.operators[-1]
    last.opcodeIndex = len(model.operatorCodes) - 1
    last.builtinOptions, last.builtinOptionsType = None, 0
    builder = Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path
