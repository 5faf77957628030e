"""docs/fio.md: its commands run, and what it says of fio's data and of fodder's is measured again."""

import os
import re
import shutil
import subprocess

import pytest

import recipes
from by_hand import KIB, compress_row, dedup_row, told

DOCUMENT = (recipes.DOCS / "fio.md").read_text()
CODECS = {"lz4": "lz4", "zstd -3": "zstd-3"}


def measured(fodder, path):
    """The data are alike everywhere, so that codecs need little of them."""
    return told(fodder, path, "--sample", "1MiB")["total"]


def test_the_commands_of_the_document_run(tmp_path):
    said = recipes.run("fio.md", tmp_path)
    assert "data: right, 64 MiB" in said[0] and "data: right, 64 MiB" in said[1]
    assert "268435456 bytes read, 0 written" in said[2]


@pytest.fixture(scope="module")
def fio(tmp_path_factory):
    """fio(fodder, setting, ...) gives what is measured of 32 MiB that fio has written, in requests of 128k."""
    if not shutil.which("fio"):
        pytest.skip("no fio")
    version = subprocess.run(["fio", "--version"], capture_output=True, text=True).stdout.strip()
    if version != "fio-3.33":
        pytest.skip(f"the document speaks of fio 3.33; this is {version}")
    folder, known = tmp_path_factory.mktemp("fio"), {}

    def run(fodder, *settings):
        if settings not in known:
            words = ["fio", "--name=w", "--ioengine=psync", f"--filename={folder}/data", "--size=32M", "--rw=write", "--bs=128k"]
            subprocess.run([*words, *(f"--{setting}" for setting in settings)], cwd=folder, check=True, capture_output=True, timeout=60)
            known[settings] = measured(fodder, folder / "data")
        return known[settings]

    return run


def fixed(total, size):
    return dedup_row(total, "fixed", size)["ratio"]


COMPRESS = re.findall(r"^\| compress (\d+) %, (\d+) \| (lz4|zstd -3), (\d+) KiB \| ([\d.]+) \| ([\d.]+) \|$", DOCUMENT, re.M)
DEDUP = re.findall(r"^\| dedup (\d+) %, (\d+) \| (\d+) KiB \| ([\d.]+) to ([\d.]+) \| ([\d.]+) \|$", DOCUMENT, re.M)


def test_the_tables_are_found():
    assert len(COMPRESS) == 8 and len(DEDUP) == 4
    assert all(float(ratio) == 1 / (1 - float(percent) / 100) for percent, ratio, *_ in COMPRESS + DEDUP)


@pytest.mark.parametrize("percent, ratio, codec, chunk, of_fio, of_fodder", COMPRESS)
def test_compress_is_as_the_table_says(fodder, fio, tmp_path, percent, ratio, codec, chunk, of_fio, of_fodder):
    total = fio(fodder, "refill_buffers", f"buffer_compress_percentage={percent}")
    assert compress_row(total, CODECS[codec], int(chunk) * KIB)["ratio"] == pytest.approx(float(of_fio), rel=0.005)
    fodder("generate", "32M", "--seed", "42", "--compress", ratio, "--unit", "128KiB", "-o", tmp_path / "data")
    total = measured(fodder, tmp_path / "data")
    assert compress_row(total, CODECS[codec], int(chunk) * KIB)["ratio"] == pytest.approx(float(of_fodder), rel=0.005)


@pytest.mark.parametrize("percent, ratio, size, low, high, of_fodder", DEDUP)
def test_dedup_is_as_the_table_says(fodder, fio, tmp_path, percent, ratio, size, low, high, of_fodder):
    """fio's of 32 MiB strays farther than that of 128 MiB."""
    total = fio(fodder, "refill_buffers", f"dedupe_percentage={percent}", f"bs={size}k")
    assert 0.85 * float(low) < fixed(total, int(size) * KIB) < 1.15 * float(high)
    fodder("generate", "128M", "--seed", "42", "--dedup", ratio, "--unit", f"{size}KiB", "-o", tmp_path / "data")
    assert fixed(measured(fodder, tmp_path / "data"), int(size) * KIB) == pytest.approx(float(of_fodder), rel=0.001)


def test_large_chunks_of_fio_hide_a_dedup(fodder, fio):
    total = fio(fodder, "refill_buffers", "buffer_compress_percentage=50", "buffer_compress_chunk=4k")
    assert fixed(total, 512) == pytest.approx(2, rel=0.01) and fixed(total, 4 * KIB) == 1
    assert fixed(fio(fodder, "refill_buffers", "buffer_compress_percentage=50"), 512) == 1


def test_fio_that_verifies_drops_its_dedup_and_hides_another(fodder, fio):
    assert fixed(fio(fodder, "refill_buffers", "dedupe_percentage=50"), 128 * KIB) > 1.7
    assert fixed(fio(fodder, "refill_buffers", "dedupe_percentage=50", "verify=crc32c"), 512) == 1
    total = fio(fodder, "refill_buffers", "buffer_compress_percentage=75", "verify=crc32c")
    assert fixed(total, 4 * KIB) == pytest.approx(4, rel=0.01)


def test_fio_without_refilling_writes_one_buffer_again(fodder, fio):
    assert fixed(fio(fodder, "scramble_buffers=0"), 128 * KIB) == 256
    total = fio(fodder, "scramble_buffers=1")
    assert fixed(total, 512) == 1 and compress_row(total, "zstd-3", 128 * KIB)["ratio"] > 1.05


def test_fio_takes_512_bytes_of_a_file_as_its_pattern(fodder, fio, tmp_path):
    (tmp_path / "pattern").write_bytes(os.urandom(4096))
    assert fixed(fio(fodder, f"buffer_pattern='{tmp_path}/pattern'"), 512) == 65536


def test_fio_overwrites_a_file_shorter_than_its_size(fodder, fio, tmp_path):
    for words, code in [(["--readonly"], 0), ([], 3)]:
        fodder("generate", "1M", "--seed", "42", "-o", tmp_path / "data")
        subprocess.run(["fio", *words, "--name=r", f"--filename={tmp_path}/data", "--size=2M", "--rw=read"], cwd=tmp_path, capture_output=True, timeout=60)
        assert fodder("verify", tmp_path / "data", "1M", "--seed", "42").returncode == code


def test_fio_that_writes_to_the_disk_fails(tmp_path):
    recipes.skip_without(["nbdkit", "fio"])
    recipes.our_programs(tmp_path / "bin")
    run = 'fio --name=w --ioengine=nbd --uri="$uri" --rw=write --bs=64k --size=1M'
    words = ["timeout", "-k", "5", "60", tmp_path / "bin" / "nbdkit", "-U", "-", "fodder", "size=1M", "seed=42", "--run", run]
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0 and "write of 65536 bytes at 0 of the disk: corrupt" in result.stderr
