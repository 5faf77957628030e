"""verify(): what came back, and what it is instead."""

import pytest

import fodder

SPEC = fodder.Spec(seed=42)


def test_right_data_are_right_wherever_they_lie():
    data = fodder.generate(3_000_000, spec=SPEC)
    assert fodder.verify(data, spec=SPEC) == fodder.Report(3_000_000, 0, (), 0)
    assert fodder.verify(data, seed=42) and fodder.verify(bytes(data), spec=str(SPEC), threads=3).ok
    assert fodder.verify(data[1000:], spec=SPEC, offset=1000).ok
    assert not fodder.verify(data, seed=43)


def test_each_kind_is_named():
    data = fodder.generate(1 << 20, spec=SPEC)
    data[0:4096] = bytes(4096)
    data[8192:12288] = b"\x07" * 4096
    data[16384:20480] = bytes(fodder.generate(4096, offset=512 << 10, spec=SPEC))
    data[24576:28672] = bytes(fodder.generate(4096, offset=24576, spec=SPEC.replace(generation=3)))
    data[32768:36864] = bytes(fodder.generate(4096, offset=0, seed=7))
    data[40960] ^= 1
    report = fodder.verify(data, spec=SPEC, foreign=["fodder1:seed=6", fodder.Spec(seed=7)])
    assert [(run.kind, run.offset, run.length) for run in report.runs] == [
        ("zeroed", 0, 4096),
        ("constant", 8192, 4096),
        ("misplaced", 16384, 4096),
        ("stale", 24576, 4096),
        ("foreign", 32768, 4096),
        ("corrupt", 40960, 512),
    ]
    by_kind = {run.kind: run for run in report.runs}
    assert by_kind["constant"].value == 7 and by_kind["misplaced"].source == 512 << 10
    assert by_kind["stale"].generation == 3 and (by_kind["foreign"].foreign, by_kind["foreign"].source) == (1, 0)
    assert (by_kind["corrupt"].first, by_kind["corrupt"].bytes, by_kind["corrupt"].bits) == (40960, 1, 1)
    assert not report and report.bytes == 1 << 20 and report.bad == sum(run.bytes for run in report.runs)


def test_a_thousand_runs_are_listed_and_the_others_counted():
    data = fodder.generate(2_000_000, spec=SPEC)
    for at in range(0, 2_000_000, 1024):
        data[at] ^= 1
    report = fodder.verify(data, spec=SPEC, threads=2)
    assert (len(report.runs), report.more_runs, report.bad) == (1000, 954, 1954)


def test_what_the_data_were_made_with_is_asked_for():
    for keywords in ({}, {"dedup": 2}, {"seed": None}):
        with pytest.raises(TypeError, match="give spec or seed"):
            fodder.verify(bytes(10), **keywords)
    with pytest.raises(ValueError, match="past the data set"):
        fodder.verify(bytes(10), seed=1, offset=1 << 63)
    with pytest.raises(TypeError, match="a spec is"):
        fodder.verify(bytes(10), seed=1, foreign=[5])
    with pytest.raises(TypeError):
        fodder.verify(bytes(10), seed=1, foreign=5)
    with pytest.raises(ValueError, match="not contiguous"):
        fodder.verify(memoryview(bytes(10))[::2], seed=1)
    with pytest.raises(TypeError, match="unknown keyword"):
        fodder.verify(bytes(10), sed=1)
