"""The data generation of dgen_py, with ratios that hold::

    import fodder.compat.dgen_py as dgen_py

    generator = dgen_py.Generator(size=1 << 40, dedup_ratio=2, compress_ratio=3)
    while generator.fill_chunk(buffer):
        ...

Ratios may be any real number from 1 on, data are fresh at every call, and all CPUs make them, as there.
"""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Buffer as BytesView
from .._core import Spec
from ..machine import topology
from .common import ChunkCursor, from_original, threads_or_none, writable

__all__ = [
    "BufferPool",
    "BytesView",
    "Generator",
    "StreamingGenerator",
    "create_bytearrays",
    "fill_buffer",
    "generate_buffer",
    "generate_data",
    "generate_into_buffer",
    "get_numa_info",
    "get_system_info",
]

_NUMA = {"auto": "auto", "force": "force", "disabled": "off"}


def _placed(numa_mode: str, max_threads: int | None, numa_node: int | None) -> dict[str, Any]:
    """threads= and numa= of fodder. Without a number of threads dgen_py takes all CPUs, or all of the node."""
    if numa_mode not in _NUMA:
        raise ValueError(f"Invalid numa_mode '{numa_mode}': must be 'auto', 'force', or 'disabled'")
    if numa_node is None:
        return {"threads": threads_or_none(max_threads) or _core.total_cpus(), "numa": _NUMA[numa_mode]}
    usable = next((node.usable for node in topology().nodes if node.id == numa_node), 0)
    return {"threads": threads_or_none(max_threads) or usable or None, "numa": numa_node}


def generate_buffer(
    size: int,
    dedup_ratio: float = 1.0,
    compress_ratio: float = 1.0,
    numa_mode: str = "auto",
    max_threads: int | None = None,
    numa_node: int | None = None,
    method: str = "parallel",
) -> BytesView:
    """`size` bytes with these ratios, of a fresh seed. `method` is taken and changes nothing: there is one.

    >>> len(generate_buffer(100))
    100
    """
    return _core.generate(size, dedup_ratio, compress_ratio, **_placed(numa_mode, max_threads, numa_node))


def generate_data(
    size: int,
    dedup_ratio: float = 1.0,
    compress_ratio: float = 1.0,
    numa_mode: str = "auto",
    max_threads: int | None = None,
) -> BytesView:
    """generate_buffer()."""
    return generate_buffer(size, dedup_ratio, compress_ratio, numa_mode, max_threads)


def generate_into_buffer(
    buffer: Any,
    dedup_ratio: float = 1.0,
    compress_ratio: float = 1.0,
    numa_mode: str = "auto",
    max_threads: int | None = None,
    numa_node: int | None = None,
    method: str = "parallel",
) -> int:
    """Fills a writable buffer in place, and returns its size. ValueError where it is read-only."""
    placed = _placed(numa_mode, max_threads, numa_node)
    return _core.fill(writable(buffer), dedup=dedup_ratio, compress=compress_ratio, **placed)


def fill_buffer(
    buffer: Any,
    dedup_ratio: float = 1.0,
    compress_ratio: float = 1.0,
    numa_mode: str = "auto",
    max_threads: int | None = None,
) -> int:
    """generate_into_buffer()."""
    return generate_into_buffer(buffer, dedup_ratio, compress_ratio, numa_mode, max_threads)


def create_bytearrays(count: int, size: int) -> list[bytearray]:
    """`count` bytearrays of `size` zeros, to be filled."""
    return [bytearray(size) for _ in range(count)]


def get_numa_info() -> dict[str, Any]:
    """num_nodes, physical_cores, logical_cpus, is_uma, deployment_type of the machine."""
    machine = topology()
    nodes = len(machine.nodes)
    return {
        "num_nodes": nodes,
        "physical_cores": len({cpu.core for cpu in machine.cpus}),
        "logical_cpus": len(machine.cpus),
        "is_uma": nodes == 1,
        "deployment_type": "UMA (single NUMA node)" if nodes == 1 else f"NUMA ({nodes} nodes)",
    }


def get_system_info() -> dict[str, Any] | None:
    """get_numa_info()."""
    return get_numa_info()


class Generator(ChunkCursor):
    """`size` bytes, chunk by chunk: fill_chunk() until it gives 0, or get_chunk() until it gives None.

    block_size is what a duplicate is, fodder's unit: a power of two from 4 KiB to 64 MiB, 1 MiB where it is None.
    """

    def __init__(
        self,
        size: int,
        dedup_ratio: float = 1.0,
        compress_ratio: float = 1.0,
        numa_mode: str = "auto",
        max_threads: int | None = None,
        numa_node: int | None = None,
        chunk_size: int | None = None,
        block_size: int | None = None,
        seed: int | None = None,
        method: str = "parallel",
    ) -> None:
        placed = _placed(numa_mode, max_threads, numa_node)
        super().__init__(
            size, dedup_ratio, compress_ratio, chunk_size=chunk_size, unit=block_size, seed=seed, **placed
        )


StreamingGenerator = Generator


class BufferPool:
    """Many small buffers: each next_slice() gives the next bytes of one data set, so that no two are alike."""

    def __init__(self, dedup_ratio: float = 1.0, compress_ratio: float = 1.0) -> None:
        self.reconfigure(dedup_ratio, compress_ratio)

    def reconfigure(self, dedup_ratio: float = 1.0, compress_ratio: float = 1.0) -> None:
        """Other ratios, and a fresh seed, from here on."""
        self._spec = Spec(dedup_ratio, compress_ratio)
        self._position = 0

    def next_slice(self, size: int) -> BytesView:
        """A buffer of exactly `size` bytes. ValueError where size is not above 0."""
        if size <= 0:
            raise ValueError("size must be > 0")
        buffer = _core.generate(size, offset=self._position, spec=self._spec)
        self._position += size
        return buffer

    @property
    def remaining(self) -> int:
        """Bytes until the data set is at its end."""
        return self._spec.limit - self._position

    @property
    def dedup_ratio(self) -> float:
        return self._spec.dedup

    @property
    def compress_ratio(self) -> float:
        return self._spec.compress


def __getattr__(name: str) -> Any:
    return from_original("dgen_py", name)
