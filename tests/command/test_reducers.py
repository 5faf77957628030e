"""What real reducers store is what fodder measure predicts; tools/reducers has more of them, and more data."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools"))
sys.dont_write_bytecode = True

import reducers_engines as engines  # noqa: E402

# Percent: what an engine adds of its own to so few data, such as the names and hashes of chunks.
CASES = {
    "borg fixed 64 KiB, none": 1,
    "borg fixed 128 KiB, lz4": 2,
    "borg fixed 128 KiB, zstd -3": 2,
    "squashfs, gzip -6": 2,
    "squashfs, lz4": 2,
    "squashfs, zstd -3": 2,
}


def make_fodder(folder):
    words = [os.environ["FODDER"], "generate", "16MiB", "--seed", "7", "--dedup", "2", "--compress", "2", "--unit", "128KiB", "-o", folder / "data"]
    subprocess.run(words, check=True, capture_output=True)


def make_real(folder):
    """One file: engines differ in how they pack small ones."""
    with open(folder / "data", "wb") as out:
        for path in sorted(pathlib.Path(os.__file__).parent.glob("*.py")):
            out.write(path.read_bytes())


@pytest.fixture(scope="module", params=[make_fodder, make_real])
def data(request, tmp_path_factory):
    """A folder with data, and what is measured of it."""
    folder = tmp_path_factory.mktemp("data")
    request.param(folder)
    told = subprocess.run([os.environ["FODDER"], "measure", "--json", folder], check=True, capture_output=True).stdout
    return folder, json.loads(told)["total"]


@pytest.mark.parametrize("name", CASES)
def test_what_is_stored_is_what_is_predicted(data, tmp_path, name):
    engine = next(engine for engine in engines.ENGINES if engine.name == name)
    if not shutil.which(engine.program):
        pytest.skip(f"no {engine.program}")
    folder, total = data
    stored = total["bytes"] / engines.stored_bytes(engine, str(folder), str(tmp_path))
    assert stored == pytest.approx(engines.predicted_ratio(engine, total), rel=CASES[name] / 100)
