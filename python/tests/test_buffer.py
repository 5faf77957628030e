"""Buffer: who owns the memory, and until when."""

import gc
import pathlib
import resource
import sys

import pytest

import fodder


def test_it_is_writable_contiguous_bytes():
    view = memoryview(fodder.generate(10_000, seed=1))
    assert (view.format, view.itemsize, view.ndim, view.shape, view.readonly, view.c_contiguous) == ("B", 1, 1, (10_000,), False, True)
    view[5] = 77
    assert view.obj[5] == 77


def test_items_and_slices_are_those_of_a_memoryview():
    data = fodder.generate(1000, seed=1)
    data[1:3] = b"ab"
    assert data[1:3] == b"ab" and data[-1] == bytes(data)[-1] and data.nbytes == 1000
    assert list(data) == list(bytes(data))
    with pytest.raises(IndexError):
        data[1000]
    with pytest.raises(TypeError):
        del data[0]


def test_it_equals_what_has_the_same_bytes():
    data = fodder.generate(1000, seed=1)
    assert data == bytes(data) and data != bytes(1000) and data != bytes(data)[:-1] and data != 5
    assert data == fodder.generate(1000, seed=1) and data.to_bytes() == data and data.memoryview() == data
    with pytest.raises(TypeError):
        hash(data)


def test_it_comes_from_functions_only():
    with pytest.raises(TypeError):
        fodder.Buffer()
    with pytest.raises(TypeError):
        type("Mine", (fodder.Buffer,), {})


def test_a_view_outlives_the_buffer():
    want = bytes(fodder.generate(5 << 20, seed=1))
    view = memoryview(fodder.generate(5 << 20, seed=1))
    gc.collect()
    others = [fodder.generate(5 << 20, seed=2) for _ in range(3)]
    assert view == want and all(other != want for other in others)


def test_memory_that_is_freed_serves_the_next():
    fodder.generate(32 << 20, seed=1)
    again = fodder.generate(32 << 20, seed=2)
    assert again.memory["reused"] is True and again.memory["parts"] >= 1
    held = memoryview(again)
    del again
    assert fodder.generate(32 << 20, seed=3).memory["reused"] is False or held.obj.memory["reused"]
    assert held == fodder.generate(32 << 20, seed=2)


def test_numpy_shares_the_memory():
    numpy = pytest.importorskip("numpy")
    data = fodder.generate(1 << 20, seed=1)
    for values in (data.numpy(), numpy.frombuffer(data, "u1"), numpy.asarray(memoryview(data))):
        assert values.shape == (1 << 20,) and values.dtype == "u1" and values.flags.writeable
        values[3] ^= 255
        assert data[3] == values[3]


def test_dlpack_shares_the_memory_in_both_forms():
    numpy = pytest.importorskip("numpy")
    data = fodder.generate(1 << 20, seed=1)
    assert data.__dlpack_device__() == (1, 0)
    assert "dltensor_versioned" in repr(data.__dlpack__(max_version=(1, 0)))
    assert "dltensor_versioned" not in repr(data.__dlpack__())
    values = numpy.from_dlpack(data)
    data[7] = 99
    assert values.shape == (1 << 20,) and values[7] == 99
    count = sys.getrefcount(data)
    del values
    assert sys.getrefcount(data) < count
    with pytest.raises(BufferError):
        data.__dlpack__(copy=True)
    with pytest.raises(BufferError):
        data.__dlpack__(stream=1)


class Lent:
    """A tensor that has no buffer, as torch's have none."""

    def __init__(self, values):
        self.values = values

    def __dlpack__(self):
        return self.values.__dlpack__()


def test_a_tensor_of_dlpack_is_filled_in_place():
    numpy = pytest.importorskip("numpy")
    values = numpy.zeros((20, 50), "f8")
    assert fodder.fill(Lent(values), seed=1) == 8000
    assert values.tobytes() == fodder.generate(8000, seed=1)
    assert fodder.verify(Lent(values), seed=1).ok
    part = numpy.zeros((40, 50), "f8")
    assert fodder.fill(Lent(part[20:]), seed=1) == 8000
    assert not part[:20].any() and part[20:].tobytes() == values.tobytes()
    with pytest.raises(ValueError, match="not contiguous"):
        fodder.fill(Lent(part[:, ::2]), seed=1)


def test_a_tensor_that_nobody_takes_is_freed():
    data = fodder.generate(4096)
    count = sys.getrefcount(data)
    for _ in range(100):
        data.__dlpack__()
        data.__dlpack__(max_version=(1, 0))
    assert sys.getrefcount(data) == count


def test_references_are_kept_and_given_back():
    spec, room = fodder.Spec(2, 3, seed=1), bytearray(4096)
    counted = (spec, room, fodder.Spec, fodder.Buffer, type(None))
    counts = [sys.getrefcount(one) for one in counted]
    for _ in range(1000):
        data = fodder.generate(4096, spec=spec, threads=1)
        fodder.fill(room, spec=spec)
        fodder.fill(memoryview(room), seed=1, unit="4KiB", codec="lz4", threads=2)
        fodder.verify(data, spec=spec, foreign=[spec, str(spec)])
        data.spec.replace(seed=2), str(spec), hash(spec), spec == data.spec, data.numpy
        for bad in ({"seed": -1}, {"spec": 5}, {"spec": spec, "seed": 1}, {"codec": "rar"}, {"threads": 0}, {"offset": 1 << 63}):
            with pytest.raises((ValueError, TypeError)):
                fodder.fill(room, **bad)
    del data
    gc.collect()
    drift = [sys.getrefcount(one) - count for one, count in zip(counted, counts)]
    assert all(abs(change) < 50 for change in drift[:4]), drift


def test_a_million_small_calls_take_no_memory():
    room, spec = bytearray(512), fodder.Spec(2, 3, seed=1)

    def calls(count):
        for i in range(count):
            fodder.fill(room, spec=spec, offset=i)
            fodder.fill(room, seed=i, compress=2)
            fodder.generate(512, spec=spec)

    def resident():
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    calls(20_000)
    before = resident()
    calls(333_333)
    assert resident() - before < 2 << 20  # two bytes for each call


