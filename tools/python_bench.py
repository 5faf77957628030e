"""The table of tools/python-bench. Each figure is a median of rounds; what is compared takes turns within a round."""

import ctypes
import importlib
import os
import platform
import statistics
import subprocess
import sys
import threading
import time

import numpy

import fodder

BUILD = sys.argv[1]
GIB = 1 << 30
THREADS = min(2, fodder.total_cpus())
ROUNDS = 9


def optional(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


dgen_py, s3dlio = optional("dgen_py"), optional("s3dlio")


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(**works):
    """Seconds of each, in turn."""
    times = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {name: statistics.median(several) for name, several in times.items()}


def row(what, *figures):
    print(f"| {what} | " + " | ".join(figures) + " |", flush=True)


class Plan:
    """The C library beside the package, called without Python's types."""

    def __init__(self, spec):
        self.library = ctypes.CDLL(os.path.join(BUILD, "src", "libfodder.so"))
        text = ctypes.create_string_buffer(256)  # a fodder_spec, which is 80 bytes
        self.library.fodder_spec_parse(text, str(spec).encode(), None)
        self.plan = ctypes.c_void_p()
        if self.library.fodder_plan_new(ctypes.byref(self.plan), text):
            sys.exit("python-bench: the C library refuses the spec")

    def fill(self, array):
        pointer = ctypes.c_void_p(array.ctypes.data)
        self.library.fodder_fill(self.plan, ctypes.c_uint64(0), pointer, ctypes.c_size_t(array.nbytes))


def fills_of_a_ready_array():
    array = numpy.ones(GIB, "u1")
    for compress in (1, 2):
        spec = fodder.Spec(1, compress, seed=1)
        plan = Plan(spec)
        took = medians(
            python=lambda: fodder.fill(array, spec=spec, threads=1),
            c=lambda: plan.fill(array),
            memset=lambda: ctypes.memset(array.ctypes.data, 1, GIB),
        )
        row(
            f"fill() of a ready array of 1 GiB, compress {compress}, one thread",
            f"{GIB / took['python'] / 1e9:.1f} GB/s",
            f"{took['c'] / took['python']:.2f} x the C call",
            f"{took['memset'] / took['python']:.2f} x memset",
        )


def calls():
    c = float(subprocess.run([os.path.join(BUILD, "bench", "call")], capture_output=True, text=True, check=True).stdout)
    room, spec, count = bytearray(4096), fodder.Spec(1, 2, seed=1), 100_000

    def loop(**keywords):
        def work():
            for _ in range(count):
                fodder.fill(room, **keywords)

        return work

    stream = fodder.Stream(1 << 50, spec=spec)

    def reads():
        for _ in range(count):
            stream.readinto(room)

    took = medians(spec=loop(spec=spec, offset=4096), fields=loop(seed=1, compress=2, offset=4096), stream=reads)
    for name, what in (("spec", "fill(spec=)"), ("fields", "fill(seed=, compress=)"), ("stream", "Stream.readinto()")):
        each = took[name] / count * 1e9
        row(f"a call of {what} for 4 KiB", f"{each:.0f} ns", f"{each - c:.0f} ns over C, which takes {c:.0f} ns", "")


def one_shot():
    works = {"fodder": lambda: fodder.generate(GIB, threads=THREADS)}
    if dgen_py:
        works["dgen-py"] = lambda: dgen_py.generate_buffer(GIB, max_threads=THREADS)
    if s3dlio:
        works["s3dlio"] = lambda: s3dlio.generate_data_with_threads(GIB, 1, 1, THREADS)
    first = "import time, fodder; t = time.perf_counter(); fodder.generate(1 << 30, threads=%d); print(time.perf_counter() - t)"
    alone = [float(subprocess.run([sys.executable, "-c", first % THREADS], capture_output=True, text=True).stdout) for _ in range(3)]
    took = medians(**works)
    for label, ours in (("first call of a process", statistics.median(alone)), ("later calls", took["fodder"])):
        peers = ", ".join(f"{took[name] / ours:.1f} x {name}" for name in works if name != "fodder")
        row(f"generate(1 GiB), {THREADS} threads, {label}", f"{GIB / ours / 1e9:.1f} GB/s", peers, "")


def chunks(size, total):
    room = bytearray(size)

    def drain(make):
        def work():
            read = make()
            for _ in range(total // size):
                read(room)

        return work

    works = {"fodder": drain(lambda: fodder.Stream(total, threads=THREADS).readinto)}
    if dgen_py:
        works["dgen-py"] = drain(lambda: dgen_py.Generator(total, max_threads=THREADS).fill_chunk)
    if s3dlio:
        works["s3dlio"] = drain(lambda: s3dlio.Generator(total, threads=THREADS).fill_chunk)
    took = medians(**works)
    peers = ", ".join(f"{took[name] / took['fodder']:.1f} x {name}" for name in works if name != "fodder")
    row(f"chunks of {size >> 10} KiB into one buffer, {THREADS} threads", f"{total / took['fodder'] / 1e9:.2f} GB/s", peers, "")


def python_threads(size):
    """Each fills a buffer of its own; beside it memset does, which shows what the memory gives to two."""
    rooms = [numpy.ones(size, "u1") for _ in range(2)]
    spec, times = fodder.Spec(seed=1), GIB // size

    def fill(room):
        for _ in range(times):
            fodder.fill(room, spec=spec, threads=1)

    def set_(room):
        for _ in range(times):
            ctypes.memset(room.ctypes.data, 1, size)

    def together(work):
        threads = [threading.Thread(target=work, args=(room,)) for room in rooms]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    took = medians(
        one=lambda: fill(rooms[0]),
        two=lambda: together(fill),
        memset_one=lambda: set_(rooms[0]),
        memset_two=lambda: together(set_),
    )
    scaling = 2 * took["one"] / took["two"]
    memset = 2 * took["memset_one"] / took["memset_two"]
    row(f"two Python threads, a buffer of {size >> 20} MiB each", f"{scaling:.2f} x one thread", f"memset: {memset:.2f} x", "")


def main():
    model = next((line.split(": ")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    print(f"{model}, {fodder.total_cpus()} CPUs, kernel {fodder.info()['kernel']}, Python {platform.python_version()}, medians of {ROUNDS} rounds\n")
    row("what", "fodder", "beside", "")
    row("---", "---", "---", "---")
    fills_of_a_ready_array()
    calls()
    one_shot()
    for size, total in ((4 << 10, 8 << 20), (64 << 10, 64 << 20), (32 << 20, GIB)):
        chunks(size, total)
    if fodder.total_cpus() > 1:
        for size in (1 << 20, 4 << 20, 64 << 20):
            python_threads(size)


main()
