"""fodder bench: what it tells, not how fast it is: that is the machine's affair."""

import json
import os

import pytest


def test_bench_measures_every_number_of_threads_up_to_the_most(fodder):
    told = json.loads(fodder("bench", "--json", "--threads", "3", "--compress", "2").stdout)
    for where in ("in_cache", "in_memory"):
        assert [figure["threads"] for figure in told[where]] == [1, 2, 3]
        assert all(figure["fill"] > 1e6 and figure["memset"] > 1e6 for figure in told[where])
    assert [stream["chunk"] for stream in told["streams"]] == [32 << 20, 64 << 10, 4 << 10]
    assert all(told[shot]["fill"] > 1e6 for shot in ("new_buffer", "freed_buffer"))
    assert told["kernel"] and told["limit"]


def test_bench_draws_and_names_the_limit(fodder):
    text = fodder("bench").stdout.decode()
    cpus = json.loads(fodder("info", "--json").stdout)["cpus"]
    assert text.count(" of memset\n") == 2 * (cpus.bit_length() + (cpus & (cpus - 1) != 0))
    assert "In the cache" in text and "In memory" in text and "\nThe limit is " in text
    assert max(map(len, text.splitlines())) <= 160


@pytest.mark.parametrize("words, why", [
    (["--threads", "0"], "1 to 1024"),
    (["--dedup", "0.5"], "dedup is a ratio"),
    (["--numa", "9"], "no node of that number"),
    (["10G"], "10G"),
])
def test_bench_refuses_what_cannot_be(fodder, words, why):
    result = fodder("bench", *words)
    assert result.returncode == 2 and why in result.stderr.decode() and result.stdout == b""


def test_bench_by_one_cpu_has_one_thread(fodder):
    one = {min(os.sched_getaffinity(0))}
    told = json.loads(fodder("bench", "--json", preexec_fn=lambda: os.sched_setaffinity(0, one)).stdout)
    assert [figure["threads"] for figure in told["in_memory"]] == [1]
