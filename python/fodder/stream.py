"""A data set as a file that can be read, and takes no memory."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, Unpack

from . import _core
from ._core import Buffer, Spec
from .keywords import Fields, Numa


def _worker() -> tuple[int, int]:
    """Which worker of a torch DataLoader this process is, of how many; (0, 1) elsewhere."""
    data = sys.modules.get("torch.utils.data")
    worker = data.get_worker_info() if data else None
    return (worker.id, worker.num_workers) if worker else (0, 1)


class Stream(io.RawIOBase):
    """The `size` bytes of a spec's data set from `offset` on, as a raw binary file that is open for reading.

    size and offset are bytes, integers or texts such as "10GiB"; the other keywords are generate()'s. A stream holds no data:
    each read makes its bytes, in the caller's memory with readinto(). Any number of threads may read at once; each read gets
    bytes of its own. Streams can be pickled, with their position, and used after a fork.

    Iterating gives Buffers of chunk_size bytes, the last one shorter, from the position on, which it does not move; in a worker
    of a torch DataLoader those of that worker: number id, id + num_workers, and so on.

    Raises ValueError where the range ends past the data set, and generate()'s errors.

    >>> stream = Stream(10_000, compress=2, seed=42)
    >>> len(stream), len(stream.read(4000)), stream.tell()
    (10000, 4000, 4000)
    >>> [len(chunk) for chunk in Stream(10_000, seed=42, chunk_size=4096)]
    [4096, 4096, 1808]
    """

    def __init__(
        self,
        size: int | str,
        dedup: float = 1.0,
        compress: float = 1.0,
        *,
        offset: int | str = 0,
        chunk_size: int | str = 4 << 20,
        threads: int | None = None,
        numa: Numa = "auto",
        **fields: Unpack[Fields],
    ) -> None:
        self._size = _core.parse_size("size", size)
        self._start = _core.parse_size("offset", offset)
        self._chunk = _core.parse_size("chunk_size", chunk_size)
        if self._chunk == 0:
            raise ValueError("chunk_size is at least 1 byte")
        self._spec = _spec_of(dedup, compress, fields)
        _core.check_range(self._spec, self._start, self._size)
        self._threads = threads
        self._numa = numa
        self._position = 0
        self._lock = threading.Lock()
        self._fill(bytearray(), 0, 0)  # threads and numa are judged here, and not at the first read

    @property
    def spec(self) -> Spec:
        """What the bytes are, the seed included."""
        return self._spec

    @property
    def size(self) -> int:
        """Bytes, as len() tells."""
        return self._size

    @property
    def chunk_size(self) -> int:
        """Bytes of each chunk but the last."""
        return self._chunk

    mode = "rb"

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"<fodder.Stream of {self._size} bytes from offset {self._start} on, {self._spec}>"

    def __reduce__(self) -> tuple[Any, ...]:
        state = (str(self._spec), self._size, self._start, self._chunk, self._threads, self._numa, self.tell())
        return (_restore, state)

    # Reading.

    def readable(self) -> bool:
        self._check_open()
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer, or as much of it as bytes are left, and returns how many; 0 at the end."""
        view = memoryview(buffer)
        if view.readonly:
            raise ValueError("buffer is read-only: give one that can be written to, such as a bytearray")
        at, size = self._take(view.nbytes)
        try:
            return self._fill(view, at, size)
        except BaseException:
            self._give_back(at, size)
            raise

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes or as many as are left; all of them where size is negative or None."""
        at, size = self._take(self._size if size is None or size < 0 else size)
        try:
            return _core.read(size, offset=self._start + at, spec=self._spec, threads=self._threads, numa=self._numa)
        except BaseException:
            self._give_back(at, size)
            raise

    def readall(self) -> bytes:
        """All bytes that are left."""
        return self.read(-1)

    def write(self, data: Any) -> int:
        raise io.UnsupportedOperation("a Stream is read, not written")

    def __iter__(self) -> Iterator[Buffer]:  # type: ignore[override]
        return self.chunks(*_worker())

    def chunks(self, index: int = 0, count: int = 1) -> Iterator[Buffer]:
        """Every count-th chunk from number `index` on, as Buffers: the share of one reader among `count`.

        >>> [len(chunk) for chunk in Stream(10_000, seed=42, chunk_size=4096).chunks(1, 2)]
        [4096]
        """
        if not 0 <= index < count:
            raise ValueError(f"index is from 0 to below count, not {index} of {count}")
        for at in range(self.tell() + index * self._chunk, self._size, count * self._chunk):
            yield self._buffer(at, min(self._chunk, self._size - at))

    def next_chunk(self, size: int) -> Buffer:
        """The next bytes as a new Buffer, `size` of them or as many as are left; an empty one at the end."""
        at, size = self._take(size)
        try:
            return self._buffer(at, size)
        except BaseException:
            self._give_back(at, size)
            raise

    # The position.

    def seekable(self) -> bool:
        self._check_open()
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves to a byte from the start, the position or the end, and returns it. ValueError outside of 0 to len()."""
        with self._lock:
            self._check_open()
            base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}.get(whence)
            if base is None:
                raise ValueError(f"whence is 0, 1 or 2, not {whence}")
            if not 0 <= base + offset <= self._size:
                raise ValueError(f"position {base + offset} is not in this stream, which has {self._size} bytes")
            self._position = base + offset
            return self._position

    def tell(self) -> int:
        """The position: bytes from the start."""
        self._check_open()
        return self._position

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed stream")

    def _take(self, size: int) -> tuple[int, int]:
        """Takes the next bytes for one reader: where they begin, and how many they are."""
        with self._lock:
            self._check_open()
            at = self._position
            size = min(size, self._size - at)
            self._position = at + size
            return at, size

    def _give_back(self, at: int, size: int) -> None:
        """Bytes that were not made are the next again, unless somebody has read on."""
        with self._lock:
            if self._position == at + size:
                self._position = at

    def _fill(self, buffer: Any, at: int, size: int) -> int:
        where = self._start + at
        return _core.readinto(buffer, most=size, offset=where, spec=self._spec, threads=self._threads, numa=self._numa)

    def _buffer(self, at: int, size: int) -> Buffer:
        where = self._start + at
        return _core.generate(size, offset=where, spec=self._spec, threads=self._threads, numa=self._numa)


def _spec_of(dedup: float, compress: float, fields: Fields) -> Spec:
    spec = fields.pop("spec", None)
    if spec is None:
        return Spec(dedup, compress, **fields)  # type: ignore[misc]
    if fields or dedup != 1 or compress != 1:
        raise TypeError("give either spec or the fields of one, such as seed and dedup")
    return spec if isinstance(spec, Spec) else Spec(spec)


def _restore(spec: str, size: int, start: int, chunk: int, threads: int | None, numa: Numa, position: int) -> Stream:
    """What a pickled Stream becomes."""
    stream = Stream(size, offset=start, chunk_size=chunk, threads=threads, numa=numa, spec=spec)
    stream.seek(position)
    return stream
