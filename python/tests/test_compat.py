"""The drop-in modules, beside the released packages where those are installed."""

import importlib
import zlib
from multiprocessing import shared_memory

import pytest

import fodder
from fodder.compat import dgen_py, s3dlio

MODULES = {"s3dlio": s3dlio, "dgen_py": dgen_py}

# Calls that work in the released packages, and the size of what they give.
CALLS = {
    "s3dlio": [
        (lambda m: len(m.generate_data(100)), 100),
        (lambda m: len(m.generate_data(size=1 << 20, dedup=2, compress=3)), 1 << 20),
        (lambda m: len(m.generate_data(0)), 0),
        (lambda m: len(m.generate_data_with_threads(1 << 20, threads=2)), 1 << 20),
        (lambda m: len(m.generate_data_with_threads(1000, 1, 1, 0)), 1000),
        (lambda m: m.generate_into_buffer(bytearray(1000), dedup=2, compress=3, threads=1), 1000),
        (lambda m: m.generate_into_buffer(bytearray()), 0),
        (lambda m: len(bytes(m.generate_data(1000))), 1000),
        (lambda m: len(m.generate_data(1000).to_bytes()), 1000),
        (lambda m: m.generate_data(1000).memoryview().nbytes, 1000),
        (lambda m: memoryview(m.generate_data(1000)).nbytes, 1000),
        (lambda m: m.Generator(1000).chunk_size, 32 << 20),
        (lambda m: m.Generator(1000, 2, 3, 1, 4096, 7).chunk_size, 4096),
        (lambda m: m.Generator(size=1000, dedup=1, compress=1, threads=None, chunk_size=None, seed=None).fill_chunk(bytearray(400)), 400),
        (lambda m: [g := m.Generator(1000), [g.fill_chunk(bytearray(400)) for _ in range(4)], g.is_complete()][1:], [[400, 400, 200, 0], True]),
        (lambda m: [g := m.Generator(1000), g.fill_chunk(bytearray(400)), g.reset(), g.is_complete(), g.fill_chunk(bytearray(1000))][3:], [False, 1000]),
        (lambda m: m.py_total_cpus() >= 1 and m.py_default_data_gen_threads() >= 1, True),
    ],
    "dgen_py": [
        (lambda m: len(m.generate_buffer(100)), 100),
        (lambda m: len(m.generate_buffer(1 << 20, 2.0, 3.0, "auto", 2, None)), 1 << 20),
        (lambda m: len(m.generate_buffer(1000, numa_mode="force")), 1000),
        (lambda m: len(m.generate_buffer(1000, numa_mode="disabled", max_threads=0)), 1000),
        (lambda m: len(m.generate_buffer(1000, method="parallel")), 1000),
        (lambda m: len(m.generate_data(1000, dedup_ratio=2.0, compress_ratio=2.0, numa_mode="auto", max_threads=1)), 1000),
        (lambda m: m.generate_into_buffer(bytearray(1000)), 1000),
        (lambda m: m.fill_buffer(bytearray(1000), 2.0, 3.0, "auto", 1), 1000),
        (lambda m: [(type(one), len(one)) for one in m.create_bytearrays(3, 10)], [(bytearray, 10)] * 3),
        (lambda m: m.create_bytearrays(0, 10), []),
        (lambda m: m.Generator(1000).chunk_size, 32 << 20),
        (lambda m: m.Generator(size=1000, chunk_size=100, block_size=1 << 20, seed=3).chunk_size, 100),
        (lambda m: m.StreamingGenerator(1000).total_size(), 1000),
        (lambda m: [g := m.Generator(1000), [g.fill_chunk(bytearray(400)) for _ in range(4)], g.position(), g.is_complete()][1:], [[400, 400, 200, 0], 1000, True]),
        (lambda m: [g := m.Generator(1000), len(g.get_chunk(600)), len(g.get_chunk(600)), g.get_chunk(600)][1:], [600, 400, None]),
        (lambda m: m.Generator(1000).get_chunk(0), None),
        (lambda m: m.Generator(0).get_chunk(5), None),
        (lambda m: [g := m.Generator(1000), g.get_chunk(400), g.set_seed(7), g.position(), g.set_seed(None), g.reset(), g.position()][3::3], [400, 0]),
        (lambda m: len(m.BufferPool().next_slice(1000)), 1000),
        (lambda m: len(m.BufferPool(dedup_ratio=2, compress_ratio=3).next_slice(5 << 20)), 5 << 20),
        (lambda m: [p := m.BufferPool(), p.reconfigure(dedup_ratio=2.0, compress_ratio=3.0), p.dedup_ratio, p.compress_ratio][2:], [2, 3]),
        (lambda m: m.BufferPool().remaining >= 1 << 20, True),
    ],
}


def real(name):
    return pytest.importorskip(name)


@pytest.mark.parametrize("name, number", [(name, i) for name, calls in CALLS.items() for i in range(len(calls))])
def test_a_call_gives_what_it_gave(name, number):
    call, want = CALLS[name][number]
    assert call(MODULES[name]) == want


@pytest.mark.parametrize("name, number", [(name, i) for name, calls in CALLS.items() for i in range(len(calls))])
def test_the_released_package_gives_it_too(name, number):
    call, want = CALLS[name][number]
    assert call(real(name)) == want


@pytest.mark.parametrize("name", MODULES)
def test_read_only_buffers_are_refused_in_the_same_words(name):
    for module in (MODULES[name], importlib.import_module(name) if importlib.util.find_spec(name) else MODULES[name]):
        with pytest.raises(ValueError, match="^Buffer must be writable$"):
            module.generate_into_buffer(bytes(10))
        with pytest.raises(ValueError, match="^Buffer must be writable$"):
            module.Generator(10).fill_chunk(bytes(10))
        with pytest.raises(TypeError):
            module.generate_into_buffer(5)


def test_other_errors_are_those_of_dgen_py():
    with pytest.raises(ValueError, match="Invalid numa_mode 'x': must be 'auto', 'force', or 'disabled'"):
        dgen_py.generate_buffer(10, numa_mode="x")
    with pytest.raises(ValueError, match="size must be > 0"):
        dgen_py.BufferPool().next_slice(0)


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_of_data_generation_is_there(name):
    module = MODULES[name]
    assert all(hasattr(module, one) for one in module.__all__)
    made_here = {"s3dlio": {"default_data_gen_threads", "total_cpus"}, "dgen_py": {"StreamingGenerator"}}[name]
    released = real(name)
    assert all(hasattr(released, one) for one in module.__all__ if one not in made_here)


@pytest.mark.parametrize("name", MODULES)
def test_other_names_come_from_the_package_itself(name):
    released = real(name)
    other = {"s3dlio": "put", "dgen_py": "generate_uniform"}[name]
    assert getattr(MODULES[name], other) is getattr(released, other)
    with pytest.raises(AttributeError, match="no_such_name"):
        MODULES[name].no_such_name


def test_without_the_package_a_missing_name_says_so(monkeypatch):
    monkeypatch.setitem(importlib.sys.modules, "s3dlio", None)
    with pytest.raises(AttributeError, match="s3dlio itself, which may, is not installed"):
        s3dlio.put
    assert not hasattr(s3dlio, "__wrapped__")


def unique_units(data, size=1 << 20):
    units = [bytes(data[at : at + size]) for at in range(0, len(data), size)]
    return len(units) / len(set(units))


@pytest.mark.parametrize("name", MODULES)
def test_ratios_hold(name):
    """Asked for 8:1 s3dlio compresses 1.4:1; the dedup of dgen_py does nothing."""
    generate = MODULES[name].generate_data
    for ratio in (1.5, 2, 8):
        data = bytes(generate(8 << 20, 1, ratio))
        assert len(data) / len(zlib.compress(data, 6)) == pytest.approx(ratio, rel=0.05)
        assert unique_units(memoryview(generate(256 << 20, ratio, 1))) == pytest.approx(ratio, rel=0.03)


@pytest.mark.parametrize("name", MODULES)
def test_data_are_fresh_at_every_call_and_again_the_same_after_a_reset(name):
    module = MODULES[name]
    assert module.generate_data(4096) != module.generate_data(4096)
    first, again, other, seeded = bytearray(4096), bytearray(4096), bytearray(4096), bytearray(4096)
    generator = module.Generator(8192)
    generator.fill_chunk(first)
    generator.reset()
    generator.fill_chunk(again)
    module.Generator(8192).fill_chunk(other)
    assert first == again != other
    module.Generator(8192, seed=9).fill_chunk(seeded)
    assert seeded == fodder.generate(4096, seed=9)


@pytest.mark.parametrize("name", MODULES)
def test_chunks_of_any_size_give_the_same_bytes(name):
    whole = bytearray(300_000)
    MODULES[name].Generator(300_000, 2, 3, seed=5).fill_chunk(whole)
    for size in (1, 511, 4096, 65_537):
        generator, parts, room = MODULES[name].Generator(300_000, 2, 3, seed=5), bytearray(), bytearray(size)
        while len(parts) < min(300_000, size * 100) and (count := generator.fill_chunk(room)):
            parts += room[:count]
        assert parts == whole[: len(parts)] and len(parts) == min(300_000, size * 100)


def test_a_new_seed_changes_what_follows():
    generator = dgen_py.Generator(8192, 2, 3, seed=5)
    generator.get_chunk(4096)
    generator.set_seed(6)
    assert generator.get_chunk(4096) == fodder.generate(4096, 2, 3, seed=6, offset=4096)


def test_shared_memory_is_filled_as_mlperf_s_checkpoints_do_it():
    memory = shared_memory.SharedMemory(create=True, size=1 << 20)
    try:
        generator = dgen_py.Generator(size=(1 << 20) + 5, seed=42)
        assert generator.fill_chunk(memory.buf) == 1 << 20
        assert fodder.verify(memory.buf[: 1 << 20], seed=42).ok
        assert generator.fill_chunk(memory.buf) == 5
    finally:
        memory.close()
        memory.unlink()


def test_no_two_slices_of_a_pool_are_alike():
    pool = dgen_py.BufferPool()
    assert len({bytes(pool.next_slice(512)) for _ in range(5000)}) == 5000


def test_the_machine_is_told_as_dgen_py_tells_it():
    told = dgen_py.get_system_info()
    assert told == dgen_py.get_numa_info()
    assert set(told) == {"num_nodes", "physical_cores", "logical_cpus", "is_uma", "deployment_type"}
    assert told["num_nodes"] == len(fodder.topology().nodes) and told["is_uma"] == (told["num_nodes"] == 1)
