"""Whether a machine has the products of 16-bit numbers that `precision = "mixed_bfloat16"` asks for."""

from __future__ import annotations

from pathlib import Path

from core.config import ExperimentConfig
from core.errors import InputError
from core.training import network

CPU_FLAGS = ("avx512_bf16", "amx_bf16", "bf16")  # x86 and ARM, as /proc/cpuinfo names them


def check(config: ExperimentConfig) -> None:
    """
    Refuse a training in mixed precision where it is emulated, which is slower, or where it rounds the signal away.

    bfloat16 has 8 bits. Sums, weights and the optimiser stay float32.

    Raises
    ------
    InputError
    """
    if config.training.precision == "float32":
        return
    if config.processing.normalisation == "paper":
        raise InputError(
            'precision = "mixed_bfloat16" keeps 8 bits, and under normalisation = "paper" the signal is a thousandth '
            'of the input. Set precision = "float32".'
        )
    if not supported():
        raise InputError(
            "This processor has no 16-bit products (none of the flags avx512_bf16 and amx_bf16), so "
            'precision = "mixed_bfloat16" would be slower than float32. Set precision = "float32".'
        )


def supported(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """True if the processor has products of bfloat16, or keras sees a GPU."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    flags = next(
        (line.split(":", 1)[1].split() for line in lines if line.lower().startswith(("flags", "features"))), []
    )
    return any(flag in flags for flag in CPU_FLAGS) or bool(network.load_keras().distribution.list_devices("gpu"))
