"""Wall 4: what turns pixels into bytes, or bytes into traffic, has one owner each."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PACKAGES = ("devices", "models", "masking", "uploader", "vision_app")
RUFF = Path(sys.executable).parent / "ruff"

OWNERS = {
    "cv2": {"uploader/encode.py"},
    "simplejpeg": {"uploader/encode.py"},
    "PIL": set[str](),
    "boto3": {"uploader/stores/s3.py"},
    "botocore": {"uploader/stores/s3.py"},
    "pyarrow": {
        "uploader/bulk/parquet.py",
        "vision_app/export/parquet.py",
        "devices/readings/parquet_file.py",  # reads readings, and knows no frames
    },
    "paho": {"vision_app/publishers/mqtt.py", "devices/mqtt_client.py", "devices/sensors/mqtt.py"},
    "numpy": {
        "models/anomaly/bundle.py",
        "models/bundles/golden.py",  # a picture that a person gave, or the drawn one
    },
    "multiprocessing": {"models/training/pictures.py"},
    "subprocess": {
        "uploader/video/pen.py",  # masked frames to ffmpeg
        "uploader/sending/metered.py",  # asks NetworkManager
        "vision_app/alerting/hook.py",  # alerts to a program of the owner's
        "devices/files/video.py",
        "devices/files/video_facts.py",
        "devices/pipelines/launch.py",  # reads frames from GStreamer
        "models/backends/isolated.py",
        "models/bench/own_process.py",
        "models/catalogue/sources.py",
    },
}
"""Who may use what is banned elsewhere, by its package; what is not listed here nobody may."""

LOOK_AT_PIXELS = {
    "uploader/encode.py", "uploader/video/pen.py", "vision_app/pipeline.py",
    "uploader/choosing/looks/fingerprint.py",  # of masked frames, 64 bits
}  # fmt: skip
"""Who reads `.pixels` outside devices, where they are born, and masking, where they are covered."""

TURNS_AN_ARRAY_INTO_BYTES = {"tobytes", "tofile", "dump", "dumps", "tostring"}
MAY = {
    "uploader/encode.py": {"tobytes"},
    "devices/pixels.py": {"tobytes"},  # seeks the end mark in what a camera sent
    "uploader/choosing/looks/perceptual_hash.py": {"tobytes"},  # 64 bits
    "uploader/choosing/looks/remembered.py": {"tobytes"},  # hashes and embeddings
    "uploader/choosing/budgets/learned.py": {"tobytes"},  # counts
    "uploader/choosing/score_log.py": {"tobytes"},  # scores
    "vision_app/simulate/replay.py": {"tobytes"},  # which policies match
}
NOT_ARRAYS = {"json", "rfc8785"}
"""Modules whose `dumps` takes plain values only."""
LETS_OUT = {
    "open", "write", "writelines", "write_bytes", "write_text", "pwrite", "writev", "pwritev",
    "send", "sendall", "sendto", "sendmsg", "sendfile", "publish", "urlopen", "print", "echo",
}  # fmt: skip


THE_PIPE = {("uploader/video/pen.py", "write")}
"""By which masked frames go to ffmpeg."""

SEALERS = {"masking/covering.py"}
"""Who may make a MaskedFrame of pixels."""
HOLD_RAW_FRAMES = {
    "vision_app/cameras/capture.py", "vision_app/cameras/latest.py", "vision_app/mask/looks.py",
    "vision_app/mask/video.py",
}  # fmt: skip
"""Who names raw frames on their way from devices to masking; none of them looks at pixels."""


def banned() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names: dict[str, Any] = settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    return list(names)


def ruff(*arguments: str, source: str | None = None) -> list[dict[str, Any]]:
    """What ruff, with our settings, finds of banned uses."""
    done = subprocess.run(
        [
            str(RUFF),
            "check",
            "--no-cache",
            "--select",
            "TID251",
            "--output-format",
            "json",
            *arguments,
        ],
        cwd=ROOT,
        input=source,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return [row for row in found if row["code"] == "TID251"]


def reported(source: str) -> set[int]:
    """The lines of a file planted into masking in which something banned is used."""
    rows = ruff("--stdin-filename", "masking/planted.py", "-", source=source)
    return {row["location"]["row"] for row in rows}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def called(call: ast.Call) -> tuple[str, str]:
    """What a call calls, and the plain name that it is an attribute of: ("dumps", "json")."""
    if isinstance(call.func, ast.Name):
        return call.func.id, ""
    if isinstance(call.func, ast.Attribute):
        owner = call.func.value
        return call.func.attr, owner.id if isinstance(owner, ast.Name) else ""
    return "", ""


def importers(module: str) -> set[str]:
    """The files that import a module, or anything from it."""
    package, _, name = module.rpartition(".")
    return {
        file
        for file, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and module in [one.name for one in node.names])
        or (isinstance(node, ast.ImportFrom) and node.module == module)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == package
            and name in [one.name for one in node.names]
        )
    }


@pytest.mark.parametrize(
    "name",
    [
        "cv2.imencode", "cv2.imencodemulti", "cv2.imencodeanimation", "cv2.imencodeWithMetadata",
        "cv2.imwrite", "cv2.imwritemulti", "cv2.imwriteanimation", "cv2.imwriteWithMetadata",
        "cv2.VideoWriter", "cv2.FileStorage", "cv2.imshow", "simplejpeg.encode_jpeg",
        "numpy.save", "numpy.savez", "numpy.savez_compressed", "numpy.savetxt", "numpy.memmap",
        "boto3", "botocore", "pyarrow", "paho", "PIL", "pickle", "shelve", "marshal", "time.sleep",
        "subprocess", "os.system", "os.popen", "os.posix_spawn", "pty", "os.fork", "os.execv",
        "os.spawnv", "asyncio.create_subprocess_exec", "concurrent.futures.ProcessPoolExecutor",
    ],
)  # fmt: skip
def test_what_the_walls_need_is_on_the_list(name: str) -> None:
    assert name in banned()


def test_every_banned_name_is_found_under_any_alias() -> None:
    lines = []
    for name in banned():
        module, _, member = name.rpartition(".")
        if member and module:
            lines += [
                f"from {module} import {member}",
                f"from {module} import {member} as harmless",
                f"def f(x):\n    import {module} as other\n    other.{member}(x)",
            ]
        else:
            lines += [f"import {name}", f"import {name} as harmless", f"from {name} import thing"]
    source = "\n".join(lines) + "\n"
    expected = {
        number
        for number, line in enumerate(source.splitlines(), 1)
        if not line.startswith(("def ", "    import "))
    }
    assert expected - reported(source) == set()


def test_harmless_calls_are_not_reported() -> None:
    assert reported("import cv2\nimport numpy as np\ncv2.imdecode(np.zeros(3), 1)\n") == set()


def test_nothing_banned_is_used_but_by_its_owner() -> None:
    """With the exemptions of single files switched off, so that an owner owns only its own."""
    everywhere = ("--config", "lint.per-file-ignores = {}", "--ignore-noqa", *PACKAGES)
    uses = {
        (row["message"].split("`")[1].partition(".")[0], row["filename"])
        for row in ruff(*everywhere)
    }
    assert ("cv2", str(ROOT / "uploader/encode.py")) in uses, "the check itself looks somewhere"
    strangers = [
        (what, file)
        for what, file in uses
        if Path(file).relative_to(ROOT).as_posix() not in OWNERS.get(what, set())
    ]
    assert not strangers


def test_no_array_is_turned_into_bytes_outside_the_owners() -> None:
    strangers = [
        f"{file}:{node.lineno} .{name}("
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for name, owner in [called(node)]
        if name in TURNS_AN_ARRAY_INTO_BYTES
        and owner not in NOT_ARRAYS
        and name not in MAY.get(file, set())
    ]
    assert not strangers


def test_pixels_are_looked_at_only_where_that_is_the_job() -> None:
    """`Box.pixels` is called, and gives corners; that of a frame is not."""
    lookers = {
        file
        for file, tree in sources()
        if not file.startswith(("devices/", "masking/"))
        for called_ones in [{id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}]
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "pixels"
        if id(node) not in called_ones
    }
    assert lookers == LOOK_AT_PIXELS


def test_raw_frames_are_named_only_on_their_way_to_the_masker() -> None:
    holders = importers("devices.frame")
    assert {one for one in holders if not one.startswith(("devices/", "masking/"))} == (
        HOLD_RAW_FRAMES
    )


def test_a_masked_frame_is_made_only_by_those_who_mask() -> None:
    assert importers("masking.sealing") == SEALERS


def test_who_looks_at_pixels_opens_no_file_and_speaks_to_nobody() -> None:
    """An array can be written as it is, without a method: who holds one has no way out."""
    strangers = [
        f"{file}:{node.lineno} {name}("
        for file, tree in sources()
        if file.startswith("masking/") or file in LOOK_AT_PIXELS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for name, _ in [called(node)]
        if name in LETS_OUT and (file, name) not in THE_PIPE
    ]
    assert not strangers


def test_the_seal_is_named_only_inside_masking() -> None:
    knowing = {
        file
        for file, tree in sources()
        for node in ast.walk(tree)
        if "SEAL" in [getattr(node, kind, "") for kind in ("id", "attr", "name", "value")]
    }
    assert knowing == {"masking/masked_frame.py", "masking/sealing.py"}


def test_no_line_asks_to_be_excused() -> None:
    """An exemption stands in pyproject.toml, where it is seen, never beside the call."""
    excused = [
        file
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if "noqa: TID251" in file.read_text("utf-8")
    ]
    assert not excused
