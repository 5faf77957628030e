"""What the drop-in modules share."""

from __future__ import annotations

import importlib
from typing import Any

from .._core import Buffer
from ..stream import Stream

CHUNK = 32 << 20


def threads_or_none(threads: int | None) -> int | None:
    """In the originals 0 threads are as many as by default."""
    return threads or None


def writable(buffer: Any) -> Any:
    """The buffer itself; ValueError, in the originals' words, where it is read-only."""
    if memoryview(buffer).readonly:
        raise ValueError("Buffer must be writable")
    return buffer


def from_original(module: str, name: str) -> Any:
    """A name that the drop-in lacks, from the package whose place it takes."""
    if name.startswith("__"):
        raise AttributeError(f"module 'fodder.compat.{module}' has no attribute {name!r}")
    try:
        original = importlib.import_module(module)
    except ImportError:
        raise AttributeError(
            f"module 'fodder.compat.{module}' has no attribute {name!r}, and {module} itself, which may, is not installed"
        ) from None
    return getattr(original, name)


class Cursor:
    """A generator as the originals have it: a size, a position, chunks. Of the same seed comes the same data."""

    def __init__(
        self,
        size: int,
        dedup: float,
        compress: float,
        *,
        chunk_size: int | None,
        seed: int | None,
        unit: int | None = None,
        threads: int | None = None,
        numa: Any = "auto",
    ) -> None:
        self._chunk_size = CHUNK if chunk_size is None else chunk_size
        self._stream = Stream(size, dedup, compress, seed=seed, unit=unit, threads=threads, numa=numa)
        self._placed = {"threads": threads, "numa": numa}

    @property
    def chunk_size(self) -> int:
        """Bytes that a caller best asks for at once."""
        return self._chunk_size

    def fill_chunk(self, buffer: Any) -> int:
        """Fills the buffer, or as much of it as bytes are left, and returns how many; 0 at the end.

        Raises ValueError where the buffer is read-only.
        """
        return self._stream.readinto(writable(buffer))

    def is_complete(self) -> bool:
        """Whether all bytes have been given."""
        return self._stream.tell() == len(self._stream)

    def reset(self) -> None:
        """Back to the first byte: the same data come again."""
        self._stream.seek(0)


class ChunkCursor(Cursor):
    """With what dgen_py's generator has besides."""

    def get_chunk(self, chunk_size: int) -> Buffer | None:
        """The next bytes as a new buffer, chunk_size of them or as many as are left; None at the end."""
        return self._stream.next_chunk(max(chunk_size, 0)) or None

    def position(self) -> int:
        """Bytes given so far."""
        return self._stream.tell()

    def total_size(self) -> int:
        """Bytes in all."""
        return len(self._stream)

    def set_seed(self, seed: int | None) -> None:
        """What comes from here on is that of another seed; of a fresh one where it is None."""
        position, spec = self._stream.tell(), self._stream.spec
        self._stream = Stream(len(self._stream), spec=spec.replace(seed=seed), **self._placed)
        self._stream.seek(position)
