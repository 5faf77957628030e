"""Spec: a value."""

import copy
import pickle

import pytest

import fodder
from fodder import Spec


def test_text_and_repr_recreate_it():
    spec = Spec(1.5, 3, seed=7, series=8, generation=9, unit="64KiB", window=16, codec="zstd")
    assert str(spec) == "fodder1:seed=7,series=8,generation=9,dedup=1.5,compress=3,unit=64KiB,window=16,codec=zstd"
    assert Spec(str(spec)) == spec
    assert eval(repr(spec)) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert copy.deepcopy(spec) == spec


def test_fields_are_told_with_their_defaults():
    spec = Spec(seed=5)
    fields = (spec.seed, spec.series, spec.generation, spec.dedup, spec.compress, spec.unit, spec.window, spec.codec)
    assert fields == (5, 0, 0, 1.0, 1.0, 1 << 20, 1024, "balanced")
    assert (spec.format, spec.limit) == (fodder.FORMAT, 1 << 63)


def test_equal_specs_hash_alike_and_others_differ():
    assert hash(Spec(seed=1, unit=1 << 20)) == hash(Spec(seed=1)) and Spec(seed=1, unit=1 << 20) == Spec(seed=1)
    assert Spec(seed=1) != Spec(seed=2) and len({Spec(seed=1), Spec(seed=1), Spec(seed=2)}) == 2
    assert Spec(seed=1) != str(Spec(seed=1))
    with pytest.raises(TypeError):
        Spec(seed=1) < Spec(seed=2)


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        Spec(seed=1).seed = 2
    with pytest.raises(TypeError):
        Spec.seed = 2


def test_without_a_seed_each_is_fresh():
    assert len({Spec().seed for _ in range(100)}) == 100


def test_replace_changes_what_it_is_given():
    spec = Spec(2, 3, seed=7, unit="4KiB")
    assert spec.replace(seed=8, compress=4) == Spec(2, 4, seed=8, unit="4KiB")
    assert spec == Spec(2, 3, seed=7, unit="4KiB") and spec.replace(seed=None) not in (spec, spec.replace(seed=None))


def test_count_tells_the_ratio_that_a_range_can_reach():
    assert Spec(2, seed=1).count(0, 256 << 20) == (256, 128)
    assert Spec(2, seed=1).count(0, 1 << 20) == (1, 1)
    with pytest.raises(ValueError, match="past the data set"):
        Spec(seed=1).count(1 << 63, 1)


BAD = [
    ({"dedup": 0.99}, ValueError, "dedup is a ratio from 1 to 1000000"),
    ({"dedup": 0}, ValueError, "dedup is a ratio"),
    ({"dedup": 0.0}, ValueError, "dedup is a ratio"),
    ({"dedup": -0.0}, ValueError, "dedup is a ratio"),
    ({"dedup": float("nan")}, ValueError, "dedup is a ratio"),
    ({"dedup": float("inf")}, ValueError, "dedup is a ratio"),
    ({"compress": 33}, ValueError, "compress is a ratio from 1 to 32"),
    ({"compress": "3"}, TypeError, "compress is a number, not '3'"),
    ({"compress": None}, TypeError, "compress is a number"),
    ({"compress": True}, TypeError, "compress is a number, not True"),
    ({"seed": -1}, ValueError, "seed is a whole number from 0"),
    ({"seed": 1 << 64}, ValueError, "seed is a whole number from 0"),
    ({"seed": 1.5}, TypeError, "seed is an integer"),
    ({"seed": True}, TypeError, "seed is an integer, not True"),
    ({"series": -1}, ValueError, "series is a whole number"),
    ({"generation": 1 << 20}, ValueError, "generation is a whole number from 0 to 1048575"),
    ({"unit": 0}, ValueError, "unit is a power of two"),
    ({"unit": 5000}, ValueError, "unit is a power of two"),
    ({"unit": "3KiB"}, ValueError, "unit is a power of two"),
    ({"unit": "much"}, ValueError, "unit is a power of two"),
    ({"window": 0}, ValueError, "window is a power of two"),
    ({"window": 3}, ValueError, "window is a power of two"),
    ({"codec": "rar"}, ValueError, "codec is balanced, lz4, zstd or deflate"),
    ({"codec": 1}, TypeError, "codec is a name, not 1"),
    ({"colour": 1}, TypeError, "unknown keyword 'colour'"),
    ({"threads": 1}, TypeError, "unknown keyword 'threads'"),
]


@pytest.mark.parametrize("fields, error, message", BAD)
def test_a_field_that_is_not_valid_is_named(fields, error, message):
    with pytest.raises(error, match=message):
        Spec(**fields)
    if "threads" not in fields:
        with pytest.raises(error, match=message):
            fodder.generate(1, **fields)


@pytest.mark.parametrize("text", ["", "fodder1", "fodder9:seed=1", "fodder1:seed=1,seed=2", "fodder1:colour=1"])
def test_a_text_that_is_no_spec_is_refused(text):
    with pytest.raises(ValueError):
        Spec(text)


def test_a_text_stands_alone():
    with pytest.raises(TypeError, match="text alone"):
        Spec("fodder1:seed=1", seed=2)
    with pytest.raises(TypeError, match="at most 2"):
        Spec(1, 2, 3)
