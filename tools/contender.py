"""contender.py TOOL: a Python package's side of tools/compare; bench/contender.c is fodder's and tells the protocol.

    contender.py TOOL                                    answers requests, one a line
    contender.py TOOL write FILE SIZE DEDUP COMPRESS     data to measure the ratios of

TOOL is one of TOOLS below. One process answers all requests of one number of threads, so that importing is not timed. Run by
tools/compare, in the environment where the package is installed.
"""

import functools
import importlib
import importlib.metadata
import mmap
import os
import sys
import time

PIECE = b"\x5a" * (1 << 20)


class S3dlio:
    package, module = "s3dlio", "s3dlio"

    def __init__(self, it):
        self.it = it

    def make(self, size, dedup, compress, threads):
        return self.it.generate_data_with_threads(size, dedup, compress, threads)

    def stream(self, size, buffer, compress, threads):
        return functools.partial(self.it.Generator(size, 1, compress, threads).fill_chunk, buffer)


class DgenPy:
    package, module = "dgen-py", "dgen_py"

    def __init__(self, it):
        self.it = it

    def make(self, size, dedup, compress, threads):
        return self.it.generate_buffer(size, dedup, compress, max_threads=threads)

    def stream(self, size, buffer, compress, threads):
        return functools.partial(self.it.Generator(size, 1, compress, max_threads=threads).fill_chunk, buffer)


class DgenPyPool(DgenPy):
    """Its documentation's way to pieces below 1 MB: slices of a block that is made anew when it is used up, copied nowhere."""

    def stream(self, size, buffer, compress, threads):
        next_slice = self.it.BufferPool(1, compress).next_slice
        chunk = len(buffer)
        return lambda: len(next_slice(chunk))


class NumpyBytes:
    """Each call returns new memory: there is no call that fills a buffer with bytes."""

    package, module = "numpy", "numpy"

    def __init__(self, it):
        self.it = it
        self.random = it.random.default_rng(42)

    def make(self, size, dedup, compress, threads):
        return self.random.bytes(size)

    def stream(self, size, buffer, compress, threads):
        chunk = len(buffer)
        return lambda: len(self.make(chunk, 1, 1, 1))


class NumpyIntegers(NumpyBytes):
    def make(self, size, dedup, compress, threads):
        return memoryview(self.random.integers(0, 1 << 64, size // 8, dtype=self.it.uint64)).cast("B")


class Urandom(NumpyBytes):
    package, module = None, "os"

    def __init__(self, it):
        self.it = it

    def make(self, size, dedup, compress, threads):
        return self.it.urandom(size)


TOOLS = {
    "s3dlio": S3dlio,
    "dgen-py": DgenPy,
    "dgen-py-pool": DgenPyPool,
    "numpy-bytes": NumpyBytes,
    "numpy-integers": NumpyIntegers,
    "urandom": Urandom,
}


@functools.lru_cache(maxsize=1)
def faulted(size):
    """A caller's buffer of the best kind: on huge pages, and written before."""
    buffer = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    try:
        buffer.madvise(mmap.MADV_HUGEPAGE)
    except OSError:
        pass  # a kernel without huge pages
    for at in range(0, size, len(PIECE)):
        buffer[at : at + len(PIECE)] = PIECE[: size - at]
    return buffer


def run_make(tool, size, chunk, compress, threads):
    """The first call and later ones are the same here: none of these keeps freed memory of this size."""
    start = time.perf_counter()
    made = tool.make(size, 1, compress, threads)
    return time.perf_counter() - start, len(made)


def run_stream(tool, size, chunk, compress, threads):
    count = 0
    fill = tool.stream(size, faulted(chunk), compress, threads)
    start = time.perf_counter()
    for _ in range(size // chunk):
        count += fill()
    return time.perf_counter() - start, count


def run_refill(tool, size, chunk, compress, threads):
    """As a stream of one chunk: generate_into_buffer() makes the data elsewhere and copies them, at a quarter of the rate."""
    return run_stream(tool, size, size, compress, threads)


CASES = {"first": run_make, "later": run_make, "refill": run_refill, "stream": run_stream}


def answer(tool, line):
    name, size, chunk, compress, threads = line.split()
    seconds, count = CASES[name](tool, int(size), int(chunk), int(compress), int(threads))
    if count != int(size):
        raise RuntimeError(f"{count} bytes instead of {size}")
    return f"{seconds:.9f} {count}"


def serve(tool, name):
    version = importlib.metadata.version(tool.package) if tool.package else ".".join(map(str, sys.version_info[:3]))
    print(name, version, flush=True)
    for line in sys.stdin:
        try:
            print(answer(tool, line), flush=True)
        except Exception as error:  # whatever a package raises is its answer; the others go on
            print(f"error: {type(error).__name__}: {error}".replace("\n", " "), flush=True)


def main():
    if len(sys.argv) not in (2, 7) or sys.argv[1] not in TOOLS:
        print(__doc__, file=sys.stderr)
        return 2
    kind = TOOLS[sys.argv[1]]
    # Answers have the standard output for themselves: a package may print.
    sys.stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    tool = kind(importlib.import_module(kind.module))
    if len(sys.argv) == 2:
        serve(tool, sys.argv[1])
    else:
        path, size, dedup, compress = sys.argv[3], *map(int, sys.argv[4:])
        with open(path, "wb") as file:
            file.write(memoryview(tool.make(size, dedup, compress, len(os.sched_getaffinity(0)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
