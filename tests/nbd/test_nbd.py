"""The nbdkit plugin: a disk that reads as the spec's bytes, and checks what is written to it."""

import os
import re
import shutil
import subprocess

import pytest

import recipes
from running import overwrite

PLUGIN = os.environ.get("NBD_PLUGIN")
SPEC = "fodder1:seed=42,dedup=2,compress=3,unit=64KiB"
MIB = 1 << 20
NEEDED = ["nbdkit", "nbdcopy", "nbdinfo", "qemu-io", "qemu-img"]
MISSING = [program for program in NEEDED if not shutil.which(program)]

pytestmark = pytest.mark.skipif(not PLUGIN or MISSING != [], reason="no plugin, or no " + ", ".join(MISSING))


def nbdkit(*words, run="true", spec=f"spec={SPEC}", **options):
    """Serves the disk to a shell command, which finds it at $uri."""
    words = ["timeout", "-k", "5", "60", "nbdkit", "-U", "-", *options.pop("before", []), PLUGIN, *map(str, words), *filter(None, [spec])]
    return subprocess.run([*words, "--run", run], capture_output=True, text=True, **options)


def serve(*words, **options):
    result = nbdkit(*words, **options)
    assert result.returncode == 0, result.stderr
    return result


def tally(result):
    """Bytes read, written, wrong."""
    return tuple(map(int, re.search(r"^fodder: (\d+) bytes read, (\d+) written, (\d+) of them wrong$", result.stderr, re.M).groups()))


def told(result):
    """What nbdkit was told of wrong writes, without the number of the connection."""
    return re.findall(r"^nbdkit: fodder\.\d+: error: ((?:write|zeroing) of .*)$", result.stderr, re.M)


@pytest.fixture
def data(fodder, tmp_path):
    """A file of 4 MiB from 1 GiB of the data set on."""
    assert fodder("generate", "4M", "--spec", SPEC, "--offset", "1G", "-o", tmp_path / "data").returncode == 0
    return tmp_path / "data"


DISK = ("size=4M", "offset=1G")  # holds it


# ---- Reading


@pytest.mark.parametrize("at, length", [(0, 1), (0, 4096), (511, 2), (65535, 65538), (1048575, 1536), (12345678901, 700), ((1 << 61) - 4097, 4097)])
def test_a_disk_may_begin_anywhere_and_reads_as_the_oracle_has_it(oracle, tmp_path, at, length):
    result = serve(f"size={length}", f"offset={at}", run=f'nbdcopy "$uri" {tmp_path}/back')
    assert (tmp_path / "back").read_bytes() == oracle(SPEC, at, length)
    assert tally(result) == (length, 0, 0)


def test_requests_of_any_place_and_length_read_as_the_oracle_has_them(oracle):
    places = [(0, 16), (1, 15), (510, 5), (65530, 20), (999999, 513), ((1 << 60) - 33, 33)]
    reads = " ".join(f'-c "read -v {at} {length}"' for at, length in places)
    lines = re.findall(r"^[0-9a-f]+:  ((?:[0-9a-f]{2} )+)", serve("size=1E", run=f'qemu-io -r -f raw "$uri" {reads}').stdout, re.M)
    assert bytes.fromhex("".join(lines)) == b"".join(oracle(SPEC, at, length) for at, length in places)


def test_the_largest_disk_reads_right_at_its_end(oracle, tmp_path):
    """Of units large enough for 8 EiB. nbdkit's filter, whose offset is not the plugin's, cuts the end off, for few clients can read a part."""
    size, spec = (1 << 63) - 1, "fodder1:seed=42,dedup=2,compress=3"
    result = serve(f"size={size}", f"offset={size - 70001}", spec=f"spec={spec}", before=["--filter=offset"], run=f'nbdcopy "$uri" {tmp_path}/back')
    assert (tmp_path / "back").read_bytes() == oracle(spec, size - 70001, 70001)
    assert tally(result)[0] == 70001
    assert serve(f"size={size}", spec=f"spec={spec}", run='nbdinfo --size "$uri"').stdout.strip() == str(size)


def test_the_largest_disk_of_qemu_reads_right_at_its_end(oracle):
    size, spec = (1 << 63) - (1 << 30), "fodder1:seed=42,dedup=2,compress=3"
    result = serve(f"size={size}", spec=f"spec={spec}", run=f'qemu-io -r -f raw "$uri" -c "read -v {size - 32} 32"')
    lines = re.findall(r"^[0-9a-f]+:  ((?:[0-9a-f]{2} )+)", result.stdout, re.M)
    assert bytes.fromhex("".join(lines)) == oracle(spec, size - 32, 32)


def test_single_fields_are_the_spec(oracle, tmp_path):
    fields = ["seed=7", "series=3", "generation=2", "dedup=1.5", "compress=4", "unit=4KiB", "window=16", "codec=lz4"]
    result = serve("10000", *fields, spec=None, run=f'nbdcopy "$uri" {tmp_path}/back; nbdinfo "$uri"')
    spec = "fodder1:seed=7,series=3,generation=2,dedup=1.5,compress=4,unit=4KiB,window=16,codec=lz4"
    assert (tmp_path / "back").read_bytes() == oracle(spec, 0, 10000)
    assert f"description: {spec}\n" in result.stdout


def test_qemu_img_finds_the_disk_and_the_file_equal(data):
    assert "Images are identical" in serve(*DISK, run=f'qemu-img compare -f raw -F raw {data} "$uri"').stdout
    overwrite(data, MIB + 5, b"??")
    assert nbdkit(*DISK, run=f'qemu-img compare -f raw -F raw {data} "$uri"').returncode == 1


# ---- Writing


@pytest.mark.parametrize("command", ['nbdcopy {data} "$uri"', 'nbdcopy - "$uri" <{data}', 'qemu-img convert -n -f raw -O raw {data} "$uri"'])
@pytest.mark.parametrize("writes", ["check", "report"])
def test_right_bytes_are_taken(data, command, writes):
    result = serve(*DISK, f"writes={writes}", run=command.format(data=data))
    assert tally(result)[1:] == (4 * MIB, 0) and told(result) == []


def test_a_wrong_byte_fails_and_is_named(data):
    at = 3 * MIB + 77
    overwrite(data, at, bytes([data.read_bytes()[at] ^ 4]))
    result = nbdkit(*DISK, run=f'nbdcopy {data} "$uri"')
    place = (1 << 30) + at
    assert result.returncode == 1 and "Input/output error" in result.stderr
    assert told(result) == [f"write of 262144 bytes at {3 * MIB} of the disk: corrupt at {place // 512 * 512} of the data, 512 bytes: "
                            f"1 bits in 1 bytes from {place} to {place}"]
    assert tally(result)[2] == 1


def test_report_tells_every_kind_and_succeeds(oracle, data):
    start, size = 1 << 30, 65536
    pieces = [
        (bytes(1024), "zeroed at {}, 1024 bytes"),
        (b"\xee" * 512, "constant at {}, 512 bytes: 0xee"),
        (oracle(SPEC, 512 * 7, 2048), f"misplaced at {{}}, 2048 bytes: belongs at {512 * 7}, generation 0"),
        (oracle(SPEC.replace("dedup", "generation=3,dedup"), start + 4 * 262144 + 512, size - 512),
         f"stale at {{}}, {size - 512} bytes: generation 3; torn: right before it, wrong to the end of its unit"),
    ]
    for number, (piece, _) in enumerate(pieces, 1):
        overwrite(data, number * 262144 + 512, piece)
    result = serve(*DISK, "writes=report", run=f'nbdcopy --connections=1 --requests=1 --sparse=0 {data} "$uri"')
    assert told(result) == [
        f"write of 262144 bytes at {number * 262144} of the disk: "
        + words.format(f"{start + number * 262144 + 512} of the data") for number, (_, words) in enumerate(pieces, 1)]
    assert tally(result)[1] == 4 * MIB and 60000 < tally(result)[2] <= sum(len(piece) for piece, _ in pieces)


def test_ten_runs_of_a_write_are_told_and_the_rest_counted(data):
    for number in range(25):
        overwrite(data, number * 4096, bytes(16) if number % 2 else b"?" * 16)
    result = nbdkit(*DISK, run=f'nbdcopy --connections=1 --requests=1 {data} "$uri"')
    assert result.returncode == 1
    assert len(told(result)) == 11 and told(result)[-1] == "write of 262144 bytes at 0 of the disk: ... and 15 more"


def test_zeros_are_wrong_bytes(data):
    write = 'qemu-io -f raw "$uri" -c "write -z 512 1M"'
    result = nbdkit(*DISK, run=write)
    assert "Input/output error" in result.stdout + result.stderr and tally(result)[1] == MIB
    assert told(result) == [f"zeroing of 1048576 bytes at 512 of the disk: zeroed at {(1 << 30) + 512} of the data, 1048576 bytes"]
    result = serve(*DISK, "writes=report", run=write)
    assert len(told(result)) == 1 and tally(result)[2] > 900000


def test_zeros_where_the_data_are_zero_are_right(oracle):
    at = oracle(SPEC, 0, 4096).index(0)
    result = serve("size=1", f"offset={at}", run='qemu-io -f raw "$uri" -c "write -z 0 1"')
    assert told(result) == [] and tally(result) == (0, 1, 0)


def test_the_zeros_of_a_request_are_one_run():
    """32 MiB are the most that qemu asks for at once."""
    result = nbdkit("size=1G", run='qemu-io -f raw "$uri" -c "write -z 0 32M"')
    assert told(result) == ["zeroing of 33554432 bytes at 0 of the disk: zeroed at 0 of the data, 33554432 bytes"]


def test_refuse_is_a_disk_that_cannot_be_written(data):
    result = nbdkit(*DISK, "writes=refuse", run=f'nbdinfo --is read-only "$uri" && nbdcopy {data} "$uri"')
    assert result.returncode == 1 and "read-only" in result.stderr and tally(result) == (0, 0, 0)
    assert nbdkit(*DISK, run='nbdinfo --is read-only "$uri"').returncode == 2


def test_flush_and_fua_succeed(data):
    result = serve(*DISK, run=f'qemu-io -f raw "$uri" -c "write -f -s {data} 0 4096" -c flush')
    assert "wrote 4096/4096" in result.stdout and "rror" not in result.stdout + result.stderr


def test_trim_and_fast_zeroing_are_not_offered_and_the_rest_is():
    asked = ["trim", "fast-zero", "zero", "flush", "fua", "multi-conn", "cache"]
    result = serve(*DISK, run="; ".join(f'nbdinfo --can {what} "$uri"; echo {what}=$?' for what in asked))
    assert result.stdout.split() == ["trim=2", "fast-zero=2", "zero=0", "flush=0", "fua=0", "multi-conn=0", "cache=0"]


# ---- Many at once


def test_many_connections_read_and_write_the_same(fodder, tmp_path):
    fodder("generate", "64M", "--spec", SPEC, "-o", tmp_path / "data")
    copies = " & ".join(f'nbdcopy --connections=4 "$uri" {tmp_path}/back{i} & nbdcopy --connections=4 {tmp_path}/data "$uri"' for i in range(3))
    result = serve("size=64M", run=f"{copies} & wait")
    assert all((tmp_path / f"back{i}").read_bytes() == (tmp_path / "data").read_bytes() for i in range(3))
    assert tally(result) == (192 * MIB, 192 * MIB, 0)


# ---- The command line

BAD = [
    ([], "size is missing: how large is the disk? Such as size=1E"),
    (["size=1X", "seed=1"], "size=1X: a disk has 1 byte to 9223372036854775807 (8E - 1), such as 1E"),
    (["size=0", "seed=1"], "size=0: a disk has 1 byte"),
    (["size=8E", "seed=1"], "size=8E: a disk has 1 byte"),
    (["size=1M"], "which data? Name them with spec=fodder1:seed=42,dedup=2,compress=3, or with seed=42"),
    (["size=1M", "dedup=2"], "which data?"),
    (["size=1M", "spec=fodder1:seed=1", "dedup=2"], "spec= says all that the bytes are"),
    (["size=1M", "spec=fodder9:seed=1"], "spec=fodder9:seed=1: this version of fodder makes format 1"),
    (["size=1M", "seed=1", "dedup=0.5"], "dedup=0.5: dedup is a ratio from 1 to 1000000, such as 2 or 1.5"),
    (["size=1M", "seed=x"], "seed=x: seed is a whole number"),
    (["size=1M", "seed=1", "colour=red"], "colour=red: unknown; there are size, offset, writes, spec"),
    (["size=1M", "seed=1", "writes=maybe"], "writes=maybe: writes of wrong bytes are for check"),
    (["size=1M", "seed=1", "offset=-1"], "offset=-1: the byte of the data set that the disk begins with is 0 or a size below 8E"),
    (["size=1M", "seed=1", "offset=9223372036854775807"], "passes the end of these data, 9223372036854775808"),
    (["size=64P", "offset=1", "seed=1", "unit=4KiB"], "passes the end of these data, 72057594037927936"),
]


@pytest.mark.parametrize("words, why", BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_parameters_are_named(words, why):
    result = nbdkit(*words, spec=None)
    assert result.returncode == 1 and why in result.stderr


def test_a_disk_may_end_where_the_data_end():
    assert serve("size=64P", "seed=1", "unit=4KiB", spec=None, run='nbdinfo --size "$uri"').stdout.strip() == str(64 << 50)


def test_help_has_every_parameter_and_dump_plugin_the_version_and_the_kernel(fodder):
    told = subprocess.run(["nbdkit", PLUGIN, "--help"], capture_output=True, text=True, timeout=60).stdout
    for name in ["size", "spec", "seed", "dedup", "compress", "unit", "window", "codec", "series", "generation", "offset", "writes"]:
        assert re.search(rf"\b{name}\b\]?=", told), name
    told = subprocess.run(["nbdkit", PLUGIN, "--dump-plugin"], capture_output=True, text=True, timeout=60).stdout
    version = fodder("--version").stdout.decode().split()[1]
    assert f"fodder_version={version}\n" in told and re.search(r"^fodder_kernel=(vaes|aesni|neon|scalar)", told, re.M)


def test_the_recipes_of_the_document_run(tmp_path):
    recipes.run("nbd.md", tmp_path)
