"""generate() and fill(): the bytes of a spec, wherever they shall be."""

import array
import mmap
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import fodder

SPEC = fodder.Spec(2, 3, seed=42, unit="4KiB")


def test_a_buffer_has_the_size_asked_for():
    for size in (0, 1, 511, 512, 4095, 100_000, (1 << 20) + 1):
        assert len(fodder.generate(size)) == size
    assert len(fodder.generate("64KiB")) == 65536


def test_any_range_is_a_part_of_the_whole():
    whole = bytes(fodder.generate(200_000, spec=SPEC))
    for offset, size in ((0, 1), (1, 1), (511, 2), (4096, 4096), (4000, 100_000), (199_999, 1)):
        assert fodder.generate(size, offset=offset, spec=SPEC) == whole[offset : offset + size]


def test_fill_and_generate_and_stream_agree_whatever_the_threads():
    want = fodder.generate(3_000_001, spec=SPEC, threads=1)
    for threads in (None, 1, 2, 3, 7):
        assert fodder.generate(3_000_001, spec=SPEC, threads=threads) == want
    for numa in ("auto", "force", "off", fodder.topology().nodes[0].id):
        data = bytearray(3_000_001)
        assert fodder.fill(data, spec=SPEC, numa=numa) == len(data) and data == want
    assert fodder.Stream(3_000_001, spec=SPEC).read() == want


def test_data_are_fresh_where_no_seed_is_given_and_the_spec_tells_it():
    first, second = fodder.generate(4096, 2, 3), fodder.generate(4096, 2, 3)
    assert first != second
    assert fodder.generate(4096, spec=first.spec) == first
    assert (first.spec.dedup, first.spec.compress) == (2, 3)


def test_spec_is_a_spec_or_its_text_and_stands_alone():
    assert fodder.generate(100, spec=str(SPEC)) == fodder.generate(100, spec=SPEC)
    for fields in ({"seed": 1}, {"dedup": 2}, {"unit": None}):
        with pytest.raises(TypeError, match="either spec or the fields"):
            fodder.generate(100, spec=SPEC, **fields)
    with pytest.raises(TypeError, match="a spec is a Spec or its text, not 5"):
        fodder.generate(100, spec=5)


def test_a_caller_s_memory_is_filled_to_its_last_byte_and_not_beyond():
    want = bytes(fodder.generate(8000, spec=SPEC))
    room = bytearray(b"\x5a" * 8192)
    view = memoryview(room)[96:8096]
    assert fodder.fill(view, spec=SPEC) == 8000
    assert room == b"\x5a" * 96 + want + b"\x5a" * 96


def test_memory_of_any_kind_is_filled(tmp_path):
    want = bytes(fodder.generate(8000, spec=SPEC))
    numbers = array.array("d", bytes(8000))
    assert fodder.fill(numbers, spec=SPEC) == 8000 and numbers.tobytes() == want
    cast = memoryview(bytearray(8000)).cast("I", (20, 100))
    assert fodder.fill(cast, spec=SPEC) == 8000 and cast.tobytes() == want
    with mmap.mmap(-1, 8000) as anonymous:
        assert fodder.fill(anonymous, spec=SPEC) == 8000 and anonymous[:] == want
    path = tmp_path / "mapped"
    path.write_bytes(bytes(8000))
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        fodder.fill(mapped, spec=SPEC)
    assert path.read_bytes() == want
    assert fodder.fill(bytearray(), spec=SPEC) == 0


def test_numpy_arrays_are_filled_in_place():
    numpy = pytest.importorskip("numpy")
    want = bytes(fodder.generate(8000, spec=SPEC))
    for shape, kind in ((8000, "u1"), ((20, 50), "f8"), ((10, 10, 10), "complex64"), ((1000, 2), "i4")):
        values = numpy.zeros(shape, kind)
        assert fodder.fill(values, spec=SPEC) == 8000 and values.tobytes() == want


def test_a_buffer_that_cannot_be_filled_is_refused_and_left_alone():
    with pytest.raises(ValueError, match="read-only"):
        fodder.fill(bytes(100))
    with pytest.raises(ValueError, match="read-only"):
        fodder.fill(memoryview(bytearray(100)).toreadonly())
    with pytest.raises(ValueError, match="not contiguous"):
        fodder.fill(memoryview(bytearray(100))[::2])
    for other in (5, None, "text", [1, 2], object()):
        with pytest.raises(TypeError, match="bytes-like"):
            fodder.fill(other)
    kept = bytearray(b"kept" * 25)
    with pytest.raises(ValueError):
        fodder.fill(kept, seed=-1)
    with pytest.raises(ValueError, match="past the data set"):
        fodder.fill(kept, offset=(1 << 63) - 50, seed=1)
    assert kept == b"kept" * 25


SIZES = [(-1, ValueError), (True, TypeError), (1.0, TypeError), (None, TypeError), (1 << 64, ValueError), (1 << 63, ValueError)]


@pytest.mark.parametrize("size, error", SIZES)
def test_a_size_that_is_none_is_refused(size, error):
    with pytest.raises(error, match="size"):
        fodder.generate(size)


def test_memory_that_cannot_be_had_is_a_memory_error():
    with pytest.raises(MemoryError):
        fodder.generate(1 << 62)


BAD = [
    ({"threads": 0}, ValueError, "threads is from 1 to 1024"),
    ({"threads": 1025}, ValueError, "threads is from 1 to 1024"),
    ({"threads": True}, TypeError, "threads is an integer"),
    ({"threads": 1.0}, TypeError, "threads is an integer"),
    ({"numa": "on"}, ValueError, "numa is"),
    ({"numa": 99_999}, ValueError, "no node"),
    ({"numa": -1}, ValueError, "numa"),
    ({"numa": None}, TypeError, "numa"),
    ({"offset": -1}, ValueError, "offset is a whole number"),
    ({"offset": "far"}, ValueError, "offset is a number of bytes"),
    ({"sed": 1}, TypeError, "unknown keyword 'sed'"),
    ({"foreign": []}, TypeError, "unknown keyword 'foreign'"),
]


@pytest.mark.parametrize("keywords, error, message", BAD)
def test_a_keyword_that_is_not_valid_is_named(keywords, error, message):
    with pytest.raises(error, match=message):
        fodder.generate(100, **keywords)
    with pytest.raises(error, match=message):
        fodder.fill(bytearray(100), **keywords)


def test_the_first_argument_may_be_named_too():
    assert len(fodder.generate(size=100, dedup=2)) == 100
    assert fodder.fill(seed=1, buffer=bytearray(100)) == 100
    assert fodder.verify(buffer=fodder.generate(100, seed=1), seed=1).ok


def test_arguments_are_counted():
    with pytest.raises(TypeError, match="size is missing"):
        fodder.generate()
    with pytest.raises(TypeError, match="at most 3 arguments, size, dedup and compress"):
        fodder.generate(1, 2, 3, 4)
    with pytest.raises(TypeError, match="unknown keyword 'size'"):
        fodder.generate(1, size=1)
    with pytest.raises(TypeError, match="at most 1 arguments, buffer"):
        fodder.fill(bytearray(1), 2)
    with pytest.raises(TypeError, match="buffer is missing"):
        fodder.fill(seed=1)
    with pytest.raises(TypeError, match="unknown keyword 'most'"):
        fodder.fill(bytearray(1), most=1)


def test_names_that_are_made_at_run_time_are_known_too():
    names = {"".join(["se", "ed"]): 42, "".join(["de", "dup"]): 2, "".join(["com", "press"]): 3, "".join(["un", "it"]): 4096}
    assert fodder.generate(100, **names) == fodder.generate(100, spec=SPEC)


def test_other_threads_run_meanwhile():
    """The lock of Python is not held: a thread that counts goes on counting."""
    buffer, counts, done = bytearray(64 << 20), [0], threading.Event()

    def count():
        while not done.is_set():
            counts[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    while counts[0] == 0:
        time.sleep(0.001)
    before = counts[0]
    for _ in range(20):
        fodder.fill(buffer, spec=SPEC, threads=1)
    during = counts[0] - before
    done.set()
    thread.join()
    assert during > 5


def test_ctrl_c_ends_a_long_fill():
    program = (
        "import fodder, signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # it may be ignored, as in the background of a shell
        "memory = bytearray(256 << 20)\n"
        "print('ready', flush=True)\n"
        "end = time.monotonic() + 60\n"
        "try:\n"
        "    while time.monotonic() < end: fodder.fill(memory, seed=1, threads=1)\n"
        "except KeyboardInterrupt: print('stopped', flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    assert child.stdout.readline() == "stopped\n"
    assert child.wait(30) == 0


def fill_until_a_signal_comes(memory):
    """Sends one as soon as the first bytes are there, to a handler that raises."""

    def ask():
        while memory[0:16] == bytes(16):
            time.sleep(0.0005)
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = threading.Thread(target=ask)
    thread.start()
    with pytest.raises(InterruptedError, match="enough"):
        fodder.fill(memory, seed=1, threads=1)
        thread.join()
        time.sleep(1)  # it came, but not in time
    thread.join()


def test_a_handler_that_raises_ends_one_call_between_its_slices():
    """One call of 512 MiB is two slices; what the signal does not stop is filled."""

    def refuse(*_):
        raise InterruptedError("enough")

    former = signal.signal(signal.SIGUSR1, refuse)
    try:
        for _ in range(5):  # on a busy machine the thread may be late
            memory = mmap.mmap(-1, 512 << 20)
            fill_until_a_signal_comes(memory)
            if memory[-16:] == bytes(16):
                return
    finally:
        signal.signal(signal.SIGUSR1, former)
    pytest.fail("the second slice was filled each time")


def test_the_machine_is_told():
    machine = fodder.topology()
    assert machine.total == fodder.total_cpus() >= 1
    assert machine.threads == fodder.default_threads() == max(1, machine.total // 2)
    assert len(machine.cpus) >= machine.usable >= 1 and machine.nodes[0].distances[0] == 10
    told = fodder.info()
    assert told["fodder"] == fodder.__version__ and told["cpus"] == machine.total and told["kernels"]["scalar"]


def test_another_machine_is_told_from_its_copy(tmp_path):
    with pytest.raises(OSError):
        fodder.topology(tmp_path / "nowhere")
    with pytest.raises(TypeError):
        fodder.topology(5)
