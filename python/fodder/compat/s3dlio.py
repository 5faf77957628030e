"""The data generation of s3dlio, with ratios that hold::

    import fodder.compat.s3dlio as s3dlio

    data = s3dlio.generate_data(100 << 20, dedup=2, compress=3)
    s3dlio.put(...)                                    # from s3dlio itself, where it is installed

Ratios may be any real number from 1 on, data are fresh at every call, and half of the CPUs make them.
"""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Buffer as BytesView
from .._core import default_threads as default_data_gen_threads
from .._core import total_cpus
from .common import Cursor, from_original, threads_or_none, writable

py_default_data_gen_threads = default_data_gen_threads
py_total_cpus = total_cpus

__all__ = [
    "BytesView",
    "Generator",
    "default_data_gen_threads",
    "generate_data",
    "generate_data_with_threads",
    "generate_into_buffer",
    "py_default_data_gen_threads",
    "py_total_cpus",
    "total_cpus",
]


def generate_data(size: int, dedup: float = 1, compress: float = 1) -> BytesView:
    """`size` bytes with these ratios, of a fresh seed.

    >>> len(generate_data(1 << 20, dedup=2, compress=3))
    1048576
    """
    return _core.generate(size, dedup, compress)


def generate_data_with_threads(size: int, dedup: float = 1, compress: float = 1, threads: int | None = None) -> BytesView:
    """The same by that many threads."""
    return _core.generate(size, dedup, compress, threads=threads_or_none(threads))


def generate_into_buffer(buffer: Any, dedup: float = 1, compress: float = 1, threads: int | None = None) -> int:
    """Fills a writable buffer in place, and returns its size. ValueError where it is read-only."""
    return _core.fill(writable(buffer), dedup=dedup, compress=compress, threads=threads_or_none(threads))


class Generator(Cursor):
    """`size` bytes, chunk by chunk: fill_chunk() until it gives 0."""

    def __init__(
        self,
        size: int,
        dedup: float = 1,
        compress: float = 1,
        threads: int | None = None,
        chunk_size: int | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(size, dedup, compress, chunk_size=chunk_size, seed=seed, threads=threads_or_none(threads))


def __getattr__(name: str) -> Any:
    return from_original("s3dlio", name)
