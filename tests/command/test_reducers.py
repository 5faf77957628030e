"""What real reducers store is what fodder measure predicts; tools/reducers has more of them, and more data."""

import json
import os
import pathlib
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

# Percent, of 32 MiB that come again behind 1000 bytes. restic draws its hash anew for each store: its first common cut lies 512 KiB to
# 8 MiB from the start, so what it stores of them is a ratio of 1.60 to 1.97, by its bounds. The others always cut alike.
SHIFTED = {"bup, -0": 2, "zpaq -m0": 2, "borg buzhash, none": 8, "restic, off": 20}


def found(name):
    engine = next(engine for engine in engines.ENGINES if engine.name == name)
    if not engines.is_present(engine):
        pytest.skip(f"no {engine.program}")
    return engine


def measured(folder, *words):
    told = subprocess.run([os.environ["FODDER"], "measure", "--json", *words, folder], check=True, capture_output=True).stdout
    return json.loads(told)["total"]


def predicted_and_stored(engine, folder, total, work):
    return engines.predicted_ratio(engine, total), total["bytes"] / engines.stored_bytes(engine, str(folder), str(work))


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
    return folder, measured(folder)


@pytest.mark.parametrize("name", CASES)
def test_what_is_stored_is_what_is_predicted(data, tmp_path, name):
    predicted, stored = predicted_and_stored(found(name), *data, tmp_path)
    assert stored == pytest.approx(predicted, rel=CASES[name] / 100)


@pytest.fixture(scope="module")
def shifted(tmp_path_factory):
    """A folder with 32 MiB, and the same behind 1000 bytes; and what is measured of it."""
    folder = tmp_path_factory.mktemp("shifted")
    subprocess.run([os.environ["FODDER"], "generate", "32MiB", "--seed", "7", "-o", folder / "first"], check=True, capture_output=True)
    (folder / "second").write_bytes(bytes(range(250)) * 4 + (folder / "first").read_bytes())
    return folder, measured(folder, "--sample", "1MiB")


@pytest.mark.parametrize("name", SHIFTED)
def test_what_moved_is_found_by_its_content_as_predicted(shifted, tmp_path, name):
    predicted, stored = predicted_and_stored(found(name), *shifted, tmp_path)
    assert stored == pytest.approx(predicted, rel=SHIFTED[name] / 100)
    assert stored > 1.5


def test_what_moved_is_lost_to_fixed_chunks_as_predicted(shifted, tmp_path):
    predicted, stored = predicted_and_stored(found("borg fixed 64 KiB, none"), *shifted, tmp_path)
    assert predicted == pytest.approx(1, rel=0.01)
    assert stored == pytest.approx(predicted, rel=0.01)
