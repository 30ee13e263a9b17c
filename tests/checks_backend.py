"""What every backend must do, ours and a plugin's: call `check_backend` on yours."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.backend import Backend, BackendKind, Math, Placement
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import RuntimeSettings
from tests.models.networks import colour_network, colour_scores, patches

Open = Callable[[Path, int], Backend]
MATHS: tuple[Math, ...] = ("float32", "bfloat16", "float16")


def check_backend(
    kind: BackendKind,
    weights: Path,
    tmp_path: Path,
    alike: float = 1e-5,
    settings: RuntimeSettings | None = None,
) -> None:
    """Checks a backend on weights that it can run; alike is how far two runs may be apart."""
    settings = settings or RuntimeSettings()

    def open_it(path: Path, threads: int) -> Backend:
        return kind(path, Placement(threads=threads), settings)

    check_kind(kind, settings)
    check_placements(kind, weights, settings)
    if "onnx" in kind.formats:
        check_meaning(open_it, tmp_path)
    with_threads = open_it(weights, 2)
    check_specs(with_threads)
    check_runs(with_threads, alike)
    check_any_memory_is_read(with_threads, alike)
    check_other_dtype_is_refused(with_threads)
    check_closing(with_threads)
    check_two_are_independent(open_it, weights, alike)
    check_threads_have_their_own(open_it, weights, alike)
    check_bad_files(open_it, weights, tmp_path)


def check_kind(kind: BackendKind, settings: RuntimeSettings) -> None:
    """It reads a format that manifests can name, and tells devices, usable or with what to do."""
    assert set(kind.formats) & {"tflite", "onnx", "mxnet"}
    devices = kind.devices(settings)
    assert len({device.name for device in devices}) == len(devices) > 0
    assert all(device.maths for device in devices)


def check_placements(kind: BackendKind, weights: Path, settings: RuntimeSettings) -> None:
    """It takes no place that it does not tell of, no place with a problem, and no other math."""
    devices = kind.devices(settings)
    wrong = [Placement("no-such-device")]
    for device in devices:
        maths = MATHS if device.problem else set(MATHS) - set(device.maths)
        wrong += [Placement(device.name, math) for math in maths]
    for placement in wrong:
        with pytest.raises(BackendUnavailable, match=placement.device):
            kind(weights, placement, settings)


def check_meaning(open_it: Open, tmp_path: Path) -> None:
    """It computes what the network means, of one picture and of several, of any size."""
    backend = open_it(colour_network(tmp_path / "meaning.onnx"), 1)
    one = patches()
    for images in ([one], [one, one[::-1, :, ::-1]], [one[:5, :7]], [one]):
        tensor = np.stack(images).transpose(0, 3, 1, 2) / np.float32(255)
        (scores,) = backend.run(np.ascontiguousarray(tensor))
        expected = [colour_scores(image) for image in images]
        np.testing.assert_allclose(scores, expected, atol=1e-6)
    backend.close()


def check_specs(backend: Backend) -> None:
    """Shapes hold sizes or -1, dtypes are numpy's, quantised tensors are whole numbers."""
    for spec in (backend.input, *backend.outputs):
        assert all(size == -1 or size > 0 for size in spec.shape), spec
        assert spec.scale >= 0
        assert np.dtype(spec.dtype).kind in ("iu" if spec.scale else "fiu")
    assert backend.outputs


def check_runs(backend: Backend, alike: float) -> None:
    """Results have the declared form, repeat, and stay as they are when the network runs again."""
    first, second = example(backend, 1), example(backend, 2)
    results = backend.run(first)
    kept = [result.copy() for result in results]
    backend.run(second)
    assert len(results) == len(backend.outputs)
    for result, copy, again, spec in zip(
        results, kept, backend.run(first), backend.outputs, strict=True
    ):
        assert result.dtype == spec.dtype
        assert result.ndim == len(spec.shape)
        np.testing.assert_array_equal(result, copy, "a run changed what an earlier one returned")
        np.testing.assert_allclose(again, copy, atol=alike)


def check_any_memory_is_read(backend: Backend, alike: float) -> None:
    """A tensor may be read-only, and its numbers may lie apart and in any order."""
    tensor = example(backend, 1)
    apart = np.repeat(np.asfortranarray(tensor), 2, axis=-1)[..., ::2]
    apart.setflags(write=False)
    for result, expected in zip(backend.run(apart), backend.run(tensor), strict=True):
        np.testing.assert_allclose(result, expected, atol=alike)


def check_other_dtype_is_refused(backend: Backend) -> None:
    """A tensor of another dtype is refused, never reinterpreted."""
    tensor = example(backend, 1)
    for other in (np.float32, np.float64, np.uint8):
        if tensor.dtype != other:
            with pytest.raises(ModelError):
                backend.run(tensor.astype(other))


def check_closing(backend: Backend) -> None:
    """`close` may be called twice; after it a run is refused with a sentence."""
    tensor = example(backend, 1)
    backend.close()
    backend.close()
    with pytest.raises(ModelError):
        backend.run(tensor)


def check_two_are_independent(open_it: Open, weights: Path, alike: float) -> None:
    """Closing one network leaves another one of the same file as it was."""
    one, other = open_it(weights, 1), open_it(weights, 1)
    tensor = example(one, 3)
    expected = one.run(tensor)
    one.close()
    for result, wanted in zip(other.run(tensor), expected, strict=True):
        np.testing.assert_allclose(result, wanted, atol=alike)
    other.close()


def check_threads_have_their_own(open_it: Open, weights: Path, alike: float) -> None:
    """Networks of one file in several threads at once give each thread its own results."""

    def rounds(seed: int) -> float:
        backend = open_it(weights, 1)
        tensor = example(backend, seed)
        expected = backend.run(tensor)
        runs = [backend.run(tensor) for _ in range(10)]
        backend.close()
        pairs = [pair for run in runs for pair in zip(run, expected, strict=True)]
        return max(float(np.abs(np.subtract(a, b, dtype=np.float64)).max()) for a, b in pairs)

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(rounds, range(4))) <= alike


def check_bad_files(open_it: Open, weights: Path, tmp_path: Path) -> None:
    """An absent, an empty, a cut and a foreign file are refused with a sentence that names them."""
    content = weights.read_bytes()
    bad = {"empty": b"", "cut": content[: len(content) // 2], "foreign": b"not a network\n" * 99}
    for name, body in bad.items():
        (tmp_path / name).with_suffix(weights.suffix).write_bytes(body)
    for name in ("absent", *bad):
        with pytest.raises(BundleError, match=name):
            open_it((tmp_path / name).with_suffix(weights.suffix), 1)


def example(backend: Backend, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """A tensor that fits the input; free sizes become 1, or 32 along a picture's sides."""
    spec, random = backend.input, np.random.default_rng(seed)
    free = {0: 1}
    shape = [size if size > 0 else free.get(axis, 32) for axis, size in enumerate(spec.shape)]
    dtype = np.dtype(spec.dtype)
    if dtype.kind == "f":
        return random.random(shape).astype(dtype)
    bounds = np.iinfo(spec.dtype)
    return random.integers(bounds.min, bounds.max, shape, dtype, endpoint=True)
