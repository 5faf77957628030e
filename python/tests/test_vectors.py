"""The bytes of format 1: the same file of vectors as C and Rust read."""

import pytest
from conftest import VECTORS

import fodder


def fnv(data):
    hash_ = 0xCBF29CE484222325
    for byte in data:
        hash_ = (hash_ ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"fnv:{hash_:016x}"


def cases():
    lines = [line.split() for line in VECTORS.read_text().splitlines() if line and not line.startswith("#")]
    return [(spec, int(offset), int(length), value) for spec, offset, length, value in lines]


def in_data_set(case):
    spec, offset, length, _ = case
    return offset + length <= fodder.Spec(spec).limit


@pytest.mark.parametrize("spec, offset, length, value", [case for case in cases() if in_data_set(case)])
def test_bytes_are_those_of_the_vectors(spec, offset, length, value):
    data = bytearray(length)
    assert fodder.fill(data, spec=spec, offset=offset) == length
    assert (data.hex() if length <= 64 else fnv(data)) == value
    assert fodder.generate(length, spec=spec, offset=offset) == data
    assert fodder.verify(data, spec=spec, offset=offset).ok


def test_most_vectors_lie_in_their_data_sets():
    """The others begin past the end, where Python refuses and C wraps."""
    beyond = [case for case in cases() if not in_data_set(case)]
    assert len(beyond) <= len(cases()) // 10
    for spec, offset, length, _ in beyond:
        with pytest.raises(ValueError, match="past the data set"):
            fodder.fill(bytearray(length), spec=spec, offset=offset)
