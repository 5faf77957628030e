"""fodder measure: where it estimates, the truth lies where it says. FODDER_SEEDS=100 asks for more than make check has time for."""

import os
import random
import subprocess
import zlib

import pytest

from by_hand import KIB, MIB, compress_row, told

SEEDS = max(2, int(os.environ.get("FODDER_SEEDS", 0)) // 5)


def make_mixed(path, seed, count=64):
    """So many MiB, of five kinds of data in random order, at random shares; what gzip makes of it at 128 KiB."""
    chosen, stored = random.Random(seed), 0
    text = b"".join(b"%d %s\n" % (i, bytes(chosen.choices(b"aeinrst ", k=9))) for i in range(50000))[:128 * KIB] * 8
    kinds = [bytes(MIB), chosen.randbytes(MIB), (chosen.randbytes(64 * KIB) + bytes(64 * KIB)) * 8, chosen.randbytes(128 * KIB) * 8, text]
    sizes = [sum(min(128 * KIB, len(zlib.compress(kind[at:at + 128 * KIB], 6))) for at in range(0, MIB, 128 * KIB)) for kind in kinds]
    with open(path, "wb") as file:
        for number in chosen.choices(range(len(kinds)), weights=[0.3 + chosen.random() for _ in kinds], k=count):
            file.write(kinds[number])
            stored += sizes[number]
    return count * MIB / stored


@pytest.mark.parametrize("seed", range(SEEDS))
def test_compress_of_a_sample_lies_within_four_of_its_standard_errors(fodder, tmp_path, seed):
    truth = make_mixed(tmp_path / "data", seed)
    account = told(fodder, tmp_path / "data", "--sample", "12M")["total"]
    row = compress_row(account, "gzip-6", 128 * KIB)
    assert account["sampled_bytes"] == row["bytes"] == 8 * MIB and account["sample"] == 0.125  # one of 8 that lie side by side
    assert 0 < row["relative_error"] < 0.5 and abs(row["ratio"] / truth - 1) < 4 * row["relative_error"]
    assert row["ratio_low"] <= truth <= row["ratio_high"]


def test_a_pipe_has_the_sample_of_a_file(fodder, tmp_path):
    make_mixed(tmp_path / "data", 1, 24)
    with subprocess.Popen(["cat", tmp_path / "data"], stdout=subprocess.PIPE) as cat:
        piped = told(fodder, "-", "--sample", "3M", stdin=cat.stdout)["total"]
    assert piped["path"] == "-"
    assert {**piped, "path": None} == {**told(fodder, tmp_path / "data", "--sample", "3M")["total"], "path": None}
