"""The data set that tests of fodder dataset share."""

import json
import os

import pytest

SPEC = "fodder1:seed=7,dedup=2,compress=3,unit=4KiB"
SET = ["--size", "lognormal:8KiB,1.5", "--spec", SPEC]


@pytest.fixture
def made(fodder, tmp_path):
    """A set of 300 files in tmp_path/"set", its manifest beside it."""
    words = ["--files", "300", *SET, "--manifest", tmp_path / "m", "-q"]
    result = fodder("dataset", tmp_path / "set", *words)
    assert result.returncode == 0 and result.stderr == b"" and result.stdout == b""
    return tmp_path / "set"


def verify(fodder, made, *options, **more):
    return fodder("verify", made, "--manifest", made.parent / "m", *options, **more)


def told(result):
    return json.loads(result.stdout)


def damage(path, at):
    """Flips a bit; a negative place counts from the end."""
    with open(path, "r+b") as file:
        file.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
