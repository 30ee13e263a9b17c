"""What the processor is called and has, on x86 and on ARM, and how much of it is ours."""

import os
from pathlib import Path

import pytest

from devices.boards.limits import usable_cores, usable_memory
from devices.boards.processor import processor
from tests.devices.machines import Machine, deeplens, jetson_orin, raspberry_pi_5

SAPPHIRE_RAPIDS = (
    "processor\t: 0\nmodel name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz\n"
    "flags\t\t: fpu sse2 fma avx avx2 avx512f avx512dq avx_vnni avx512_bf16 avx512_vnni "
    "avx512_fp16 amx_bf16 amx_tile amx_int8\nbugs\t\t: spectre_v1\n\n"
    "processor\t: 1\nmodel name\t: the next one\n"
)


def test_an_x86_processor_names_itself_and_its_features(tmp_path: Path) -> None:
    Machine(tmp_path).file("proc/cpuinfo", SAPPHIRE_RAPIDS)
    found = processor(tmp_path)
    assert found.name == "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz"
    assert found.features == ("avx2", "avx512", "vnni", "amx", "bf16", "fp16")


def test_the_atom_of_a_deeplens_has_none_of_the_features(tmp_path: Path) -> None:
    found = processor(deeplens(tmp_path).root)
    assert found.name == "Intel(R) Atom(TM) Processor E3930 @ 1.30GHz"
    assert found.features == ()


def test_an_arm_processor_is_named_by_its_cores(tmp_path: Path) -> None:
    pi, orin = raspberry_pi_5(tmp_path / "pi"), jetson_orin(tmp_path / "orin", "36", "4.3")
    assert processor(pi.root).name == "Cortex-A76"
    assert processor(pi.root).features == ("neon", "dotprod", "fp16")
    assert processor(orin.root).name == "Cortex-A78AE"


def test_a_mixed_processor_names_each_kind_of_core_once(tmp_path: Path) -> None:
    core = "processor\t: 0\nmodel name\t: ARMv8 Processor rev 3 (v8l)\nFeatures\t: fp asimd\n"
    a57, denver = ("0x41", "0xd07"), ("0x4e", "0x003")
    parts = [f"CPU implementer\t: {i}\nCPU part\t: {p}\n" for i, p in (a57, denver, denver, a57)]
    Machine(tmp_path).file("proc/cpuinfo", "".join(core + part for part in parts))
    assert processor(tmp_path).name == "Cortex-A57 + Denver 2"


def test_a_core_that_we_do_not_know_leaves_the_name_to_the_kernel(tmp_path: Path) -> None:
    core = "model name\t: ARMv9 Processor\nCPU implementer\t: 0x41\nCPU part\t: 0xfff\n"
    Machine(tmp_path).file("proc/cpuinfo", core)
    assert processor(tmp_path).name == "ARMv9 Processor"
    known = "model name\t: ARMv9 Processor\nCPU implementer\t: 0x41\nCPU part\t: 0xd05\n"
    Machine(tmp_path).file("proc/cpuinfo", known + core)
    assert processor(tmp_path).name == "ARMv9 Processor"
    Machine(tmp_path).file("proc/cpuinfo", core.partition("\n")[2])
    assert processor(tmp_path).name == "unnamed processor"


def test_this_machine_has_a_processor() -> None:
    found = processor()
    assert found.name
    assert 1 <= found.cores <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("group", "place"),
    [
        ("0::/", "sys/fs/cgroup"),
        ("0::/system.slice/v.service", "sys/fs/cgroup/system.slice/v.service"),
    ],
)
def test_limits_of_the_control_group_count(group: str, place: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.file("proc/self/cgroup", f"{group}\n")
    machine.file("proc/meminfo", "MemTotal:        8000000 kB\nMemFree:  100 kB\n")
    assert usable_memory(tmp_path) == 8_192_000_000
    machine.file(f"{place}/cpu.max", "150000 100000\n")
    machine.file(f"{place}/memory.max", "1073741824\n")
    assert usable_cores(tmp_path) == min(2, len(os.sched_getaffinity(0)))
    assert usable_memory(tmp_path) == 1 << 30


def test_a_group_without_limits_leaves_what_the_machine_has(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.file("proc/self/cgroup", "12:cpu:/old\n0::/user.slice\n")
    machine.file("proc/meminfo", "MemTotal:        1000 kB\n")
    machine.file("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n")
    machine.file("sys/fs/cgroup/user.slice/memory.max", "max\n")
    assert usable_cores(tmp_path) == len(os.sched_getaffinity(0))
    assert usable_memory(tmp_path) == 1_024_000
