"""fodder generate: the right bytes at the right place, what is told of them, and what is refused."""

import errno
import json
import os
import pty
import re
import subprocess
import time

import pytest

from running import error_of

SPEC = "fodder1:seed=42,dedup=2,compress=3,unit=64KiB"


def test_writes_the_bytes_of_the_format_to_a_file(fodder, oracle, tmp_path):
    assert fodder("generate", "300k", "--spec", SPEC, "-o", tmp_path / "data").returncode == 0
    assert (tmp_path / "data").read_bytes() == oracle(SPEC, 0, 300 << 10)


def test_writes_the_same_bytes_to_standard_output(fodder, oracle):
    result = fodder("generate", "100001", "--spec", SPEC)
    assert result.returncode == 0
    assert result.stdout == oracle(SPEC, 0, 100001)
    assert fodder("generate", "100001", "--spec", SPEC, "-o", "-").stdout == result.stdout


def test_options_make_the_same_data_as_their_spec(fodder, oracle):
    options = "--seed 42 --dedup 2 --compress 3 --unit 64KiB --series 5 --generation 6 --window 8 --codec lz4".split()
    spec = "fodder1:seed=42,series=5,generation=6,dedup=2,compress=3,unit=64KiB,window=8,codec=lz4"
    assert fodder("generate", "200k", *options).stdout == oracle(spec, 0, 200 << 10)


@pytest.mark.parametrize("offset", [0, 1, 511, 512, 262143, 262144, 300001, 100 << 30, (1 << 60) + 12345])
def test_offset_is_the_first_byte_written(fodder, oracle, offset):
    assert fodder("generate", "70000", "--spec", SPEC, "--offset", offset).stdout == oracle(SPEC, offset, 70000)


def test_the_last_byte_of_the_data_set_can_be_made(fodder, oracle):
    spec, last = "fodder1:seed=42,compress=3", (1 << 63) - 1
    assert fodder("generate", "1", "--spec", spec, "--offset", last).stdout == oracle(spec, last, 1)
    assert fodder("generate", "0", "--unit", "4KiB", "--offset", 1 << 56).returncode == 0


def test_every_kernel_writes_the_same(fodder, oracle):
    kernels = json.loads(fodder("info", "--json").stdout)["kernels"]
    wanted = oracle(SPEC, 5, 100000)
    for kernel in kernels:
        result = fodder("generate", "100000", "--offset", "5", "--spec", SPEC, "--kernel", kernel["name"])
        if kernel["runs"]:
            assert result.stdout == wanted
        else:
            assert "lacks its instructions" in error_of(result, 2)


@pytest.mark.parametrize("preset, dedup, compress", [("database", 4, 2), ("logs", 2, 8), ("vm-image", 8, 4)])
def test_a_preset_sets_both_ratios(fodder, oracle, preset, dedup, compress):
    spec = f"fodder1:seed=1,dedup={dedup},compress={compress}"
    assert fodder("generate", "70000", "--seed", "1", "--preset", preset).stdout == oracle(spec, 0, 70000)


def test_a_ratio_named_beside_a_preset_wins_in_either_order(fodder, oracle):
    wanted = oracle("fodder1:seed=1,dedup=4,compress=5", 0, 70000)
    assert fodder("generate", "70000", "--seed=1", "--preset=database", "--compress=5").stdout == wanted
    assert fodder("generate", "70000", "--seed=1", "--compress=5", "--preset=database").stdout == wanted
    wanted = oracle("fodder1:seed=1,dedup=5,compress=2", 0, 70000)
    assert fodder("generate", "70000", "--seed=1", "--preset=database", "--dedup=5").stdout == wanted
    assert fodder("generate", "70000", "--seed=1", "--dedup=5", "--preset=database").stdout == wanted


def test_without_a_seed_each_run_differs_and_tells_how_to_repeat_it(fodder):
    first, second = fodder("generate", "1M"), fodder("generate", "1M")
    assert first.stdout != second.stdout
    assert fodder("generate", "1k", "--series", "1").stdout != fodder("generate", "1k", "--series", "1").stdout
    assert b"--offset" not in first.stderr
    again = re.search(rb"again: fodder (generate .*)\n", first.stderr).group(1).decode().split()
    assert fodder(*again).stdout == first.stdout


def test_the_repeat_command_keeps_the_offset(fodder):
    first = fodder("generate", "1000", "--offset", "12345", "--dedup", "1.5")
    again = re.search(rb"again: fodder (generate .*)\n", first.stderr).group(1).decode().split()
    assert fodder(*again).stdout == first.stdout


def test_an_existing_file_is_replaced(fodder, oracle, tmp_path):
    (tmp_path / "data").write_bytes(b"x" * 100000)
    fodder("generate", "1000", "--spec", SPEC, "-o", tmp_path / "data")
    assert (tmp_path / "data").read_bytes() == oracle(SPEC, 0, 1000)


def test_a_new_file_has_the_mode_that_the_umask_leaves(fodder, tmp_path):
    fodder("generate", "1", "-o", tmp_path / "data", preexec_fn=lambda: os.umask(0o026))
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o640


def test_size_0_makes_an_empty_file(fodder, tmp_path):
    result = fodder("generate", "0", "--dedup", "2", "-v", "-o", tmp_path / "data")
    assert result.returncode == 0 and b"0 distinct: dedup 1\n" in result.stderr and b"was asked" not in result.stderr
    assert (tmp_path / "data").read_bytes() == b""


def test_shell_redirection_appends_where_it_should(oracle, tmp_path):
    with open(tmp_path / "data", "wb") as file:
        file.write(b"head")
    with open(tmp_path / "data", "ab") as file:
        subprocess.run([os.environ["FODDER"], "generate", "10", "--spec", SPEC], stdout=file, check=True)
    assert (tmp_path / "data").read_bytes() == b"head" + oracle(SPEC, 0, 10)


def test_json_tells_the_run(fodder, tmp_path):
    start = time.monotonic()
    result = fodder("generate", "1M", "--spec", SPEC, "--offset", "64k", "-o", tmp_path / "data", "--json")
    told = json.loads(result.stdout)
    assert told["seconds"] < time.monotonic() - start
    assert result.stderr == b""
    assert told["spec"] == SPEC and told["bytes"] == 1 << 20 and told["offset"] == 65536
    assert told["units"] == 16 and told["dedup"] == pytest.approx(16 / told["distinct_units"])
    assert told["seconds"] > 0 and told["bytes_per_second"] == pytest.approx(told["bytes"] / told["seconds"], rel=1e-6)
    assert told["kernel"] == json.loads(fodder("info", "--json").stdout)["kernel"]


def test_units_are_counted_where_the_range_lies(fodder, tmp_path):
    words = ["--spec", "fodder1:seed=42,dedup=1.5,unit=4KiB,window=8", "-o", tmp_path / "data", "--json"]
    told = json.loads(fodder("generate", 5 * 4096, "--offset", 7 * 4096 + 1, *words).stdout)
    assert told["units"] == 6 and told["distinct_units"] == 4  # docs/format.md, section 8: units 7 to 12, ids 5 5 6 7 6 8


def test_json_goes_to_standard_error_where_the_data_have_the_output(fodder, oracle):
    result = fodder("generate", "1000", "--spec", SPEC, "--json")
    assert result.stdout == oracle(SPEC, 0, 1000)
    assert json.loads(result.stderr)["bytes"] == 1000


def test_json_on_a_full_output_is_an_error_though_the_data_are_whole(oracle, tmp_path):
    with open("/dev/full", "wb") as full:
        words = [os.environ["FODDER"], "generate", "1000", "--spec", SPEC, "-o", tmp_path / "data", "--json"]
        result = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 1 and f"{os.strerror(errno.ENOSPC)}; the data are whole" in result.stderr.decode()
    assert (tmp_path / "data").read_bytes() == oracle(SPEC, 0, 1000)


def test_the_manifest_names_version_path_kernel_and_threads(fodder, tmp_path):
    (tmp_path / "manifest").write_text("old")
    fodder("generate", "1M", "-o", tmp_path / "data", "--manifest", tmp_path / "manifest", "--kernel", "scalar", "-t", "1")
    text = (tmp_path / "manifest").read_text()
    told = json.loads(text)
    assert text.startswith('{\n  "fodder": ') and text.endswith("\n}\n")
    assert told["fodder"] == json.loads(fodder("info", "--json").stdout)["fodder"]
    assert told["path"] == str(tmp_path / "data") and told["kernel"] == "scalar" and told["threads"] == 1
    assert told["nodes"] == len(json.loads(fodder("info", "--json").stdout)["nodes"])


def test_the_manifest_records_what_was_made(fodder, tmp_path):
    manifest = tmp_path / "manifest.json"
    fodder("generate", "1M", "--dedup", "2", "-o", tmp_path / "data", "--manifest", manifest)
    told = json.loads(manifest.read_text())
    assert {"fodder", "spec", "path", "offset", "bytes", "cpus", "nodes", "kernel", "threads"} <= told.keys()
    assert told["cpus"] == json.loads(fodder("info", "--json").stdout)["cpus"]
    assert fodder("generate", told["bytes"], "--spec", told["spec"]).stdout == (tmp_path / "data").read_bytes()


def test_the_reached_dedup_is_told_where_the_size_cannot_hold_the_asked(fodder, tmp_path):
    small = fodder("generate", "1M", "--dedup", "2", "-o", tmp_path / "data").stderr.decode()
    assert "dedup 2 was asked, this range holds 1.000" in small
    large = fodder("generate", "1M", "--dedup", "2", "--unit", "4k", "-o", tmp_path / "data").stderr.decode()
    assert "was asked" not in large
    near = fodder("generate", "4M", "--dedup", "3", "--unit", "4k", "-v", "-o", tmp_path / "data").stderr.decode()
    assert "1024 units, 342 distinct" in near and "was asked" not in near
    off = fodder("generate", "124k", "--dedup", "2", "--unit", "4k", "-o", tmp_path / "data").stderr.decode()
    assert "dedup 2 was asked, this range holds 1.938 (units of 4 KiB: 31)" in off


def test_the_rate_is_that_of_the_bytes_and_the_time(fodder, tmp_path):
    told = fodder("generate", "50M", "--kernel", "scalar", "-o", "/dev/null").stderr.decode()
    size, time, unit, rate, scale = re.search(r"\((\d+) bytes\) in ([\d.]+) (m?s), ([\d.]+) ([kMGT]?)B/s", told).groups()
    seconds = float(time) * {"s": 1, "ms": 1e-3}[unit]
    assert float(rate) * 1000 ** " kMGT".index(scale) == pytest.approx(int(size) / seconds, rel=0.05)


def test_quiet_says_nothing_and_verbose_says_more(fodder, tmp_path):
    assert fodder("generate", "1M", "--dedup", "9", "-q", "-o", tmp_path / "data").stderr == b""
    assert b"kernel" in fodder("generate", "1M", "-v", "-o", tmp_path / "data").stderr
    assert b"kernel" not in fodder("generate", "1M", "-o", tmp_path / "data").stderr


BAD = [
    (["generate"], "SIZE is missing"),
    (["generate", "-1"], "-1: numbers have no sign"),
    (["generate", "--", "-1"], "SIZE -1: not a size"),
    (["generate", "1e30"], "SIZE 1e30: not a size"),
    (["generate", "8E"], "SIZE 8E: not a size"),
    (["generate", "1.5"], "SIZE 1.5: not a size"),
    (["generate", "1M", "2M"], "2M: one argument too many"),
    (["generate", "1M", "--dedup", "0.5"], "--dedup 0.5: dedup is a ratio from 1 to 1000000"),
    (["generate", "1M", "--dedup", "NaN"], "--dedup NaN: dedup is a ratio"),
    (["generate", "1M", "--dedup", "inf"], "--dedup inf: dedup is a ratio"),
    (["generate", "1M", "--dedup", "2x"], "--dedup 2x: dedup is a ratio"),
    (["generate", "1M", "--dedup", "1000001"], "--dedup 1000001: dedup is a ratio"),
    (["generate", "1M", "--compress", "33"], "--compress 33: compress is a ratio from 1 to 32"),
    (["generate", "1M", "--unit", "3000"], "--unit 3000: unit is a power of two from 4KiB to 64MiB"),
    (["generate", "1M", "--unit", "128GiB"], "--unit 128GiB: unit is a power of two"),
    (["generate", "1M", "--window", "1000"], "--window 1000: window is a power of two"),
    (["generate", "1M", "--codec", "rar"], "--codec rar: codec is balanced, lz4, zstd or deflate"),
    (["generate", "1M", "--seed", "-1"], "--seed -1: seed is a whole number"),
    (["generate", "1M", "--generation", "1048576"], "--generation 1048576: generation is a whole number from 0 to 1048575"),
    (["generate", "1M", "--preset", "cat-photos"], "--preset cat-photos: the presets are database, logs and vm-image"),
    (["generate", "1M", "--spec", "fodder1:sed=42"], "--spec fodder1:sed=42: unknown field"),
    (["generate", "1M", "--spec", "fodder2:seed=42"], "--spec fodder2:seed=42: this version of fodder makes format 1"),
    (["generate", "1M", "--spec", "fodder1:seed=1", "--dedup", "2"], "--spec says all"),
    (["generate", "1M", "--spec", "fodder1:seed=1", "--preset", "logs"], "--spec says all"),
    (["generate", "1M", "--offset", "9223372036854775807"],
     "SIZE 1048576 from --offset 9223372036854775807 on passes the end of the data set, 9223372036854775808; ask for less\n"),
    (["generate", "1M", "--unit", "4k", "--offset", "1E"], "passes the end of the data set, 72057594037927936"),
    (["generate", "64PiB", "--unit", "4k", "--offset", "1"], "72057594037927936; ask for less, or for a larger --unit"),
    (["generate", "1M", "--offset", "x"], "--offset x: not a size"),
    (["generate", "1M", "--kernel", "abacus"], "--kernel abacus: no such kernel"),
    (["generate", "1M", "--colour"], "--colour: no such option"),
    (["generate", "1M", "-x"], "-x: no such option"),
    (["generate", "1M", "--seed"], "--seed: a value is missing"),
    (["generate", "1M", "-o"], "-o: a value is missing"),
    (["generate", "1M", "--quiet=yes"], "--quiet=yes"),
    (["generate", "1M", "--manifest", "{data}"], "this is where the data go"),
    (["generat"], "generat: no such command"),
    (["info", "now"], "now: one argument too many"),
]


@pytest.mark.parametrize("arguments, words", BAD, ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_wrong_usage_is_refused_before_anything_is_written(fodder, tmp_path, arguments, words):
    data = tmp_path / "data"
    data.write_bytes(b"precious")
    arguments = [word.replace("{data}", str(data)) for word in arguments]
    before = ["-o", data] if arguments[0] == "generate" and arguments[-1] not in ("-o", "--seed") else []
    assert words in error_of(fodder(arguments[0], *before, *arguments[1:]), 2)
    assert data.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["data"]


def test_a_block_device_wants_force(fodder, tmp_path):
    device = tmp_path / "device"
    try:
        os.mknod(device, 0o600 | 0o060000, os.makedev(7, 255))
    except PermissionError:
        pytest.skip("only root makes device nodes")
    assert "--force" in error_of(fodder("generate", "1M", "-o", device), 2)
    assert "0 of 1048576 bytes" in error_of(fodder("generate", "1M", "--force", "-o", device), 1)  # no disk behind it


def run_on_terminal(arguments, **options):
    """Runs the command with a terminal for standard error; the exit code and what the terminal showed."""
    master, slave = pty.openpty()
    process = subprocess.Popen([os.environ["FODDER"], *arguments], stderr=slave, **{"stdout": subprocess.DEVNULL, **options})
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:  # the terminal is closed
        pass
    os.close(master)
    return process.wait(timeout=60), shown.decode()


def test_progress_is_drawn_on_a_terminal_only(fodder):
    code, shown = run_on_terminal(["generate", "1G", "--kernel", "scalar"])
    assert code == 0
    assert re.search(r"\r\x1b\[K *\d+ %  [\d.]+ .iB of 1 GiB  [\d.]+ .B/s  .* left", shown)
    assert re.search(r" left\r\x1b\[Kfodder: ", shown)
    assert b"\x1b" not in fodder("generate", "1M", "-o", "/dev/null").stderr
    assert "left" not in run_on_terminal(["generate", "1G", "--kernel", "scalar", "-q"])[1]


def in_units(number, unit):
    """The bytes, or seconds, of what the command shows."""
    binary = {f"{letter}iB": 1024 ** (i + 1) for i, letter in enumerate("KMGT")}
    decimal = {f"{letter}B/s": 1000 ** (i + 1) for i, letter in enumerate("kMGT")}
    return float(number) * {**binary, **decimal, "ms": 1e-3, "s": 1}[unit]


def test_progress_agrees_with_itself_and_is_drawn_five_times_a_second(fodder):
    start = time.monotonic()
    code, shown = run_on_terminal(["generate", "3G", "--kernel", "scalar"])
    seconds = time.monotonic() - start
    lines = re.findall(r"\r\x1b\[K *(\d+) %  ([\d.]+) (.iB) of 3 GiB  ([\d.]+) (.B/s)  ([\d.]+) (m?s) left", shown)
    assert code == 0 and 2 <= len(lines) <= 5 * seconds + 1
    for number, (percent, done, done_unit, rate, rate_unit, left, left_unit) in enumerate(lines, 1):
        done, rate, left = in_units(done, done_unit), in_units(rate, rate_unit), in_units(left, left_unit)
        assert float(percent) == pytest.approx(100 * done / (3 << 30), abs=1)
        assert left == pytest.approx(((3 << 30) - done) / rate, rel=0.05, abs=0.05)
        assert done / rate > 0.19 * number


def test_data_are_not_written_to_a_terminal():
    master, slave = pty.openpty()
    result = subprocess.run([os.environ["FODDER"], "generate", "1k"], stdout=slave, stderr=subprocess.PIPE, timeout=60)
    os.close(slave)
    os.close(master)
    assert result.returncode == 2 and b"standard output is a terminal" in result.stderr


@pytest.mark.parametrize("words", [["--threads", "2"], ["-t", "5"], ["--threads", "3", "--numa", "force"], ["--numa", "off"], ["--numa", "0"]])
def test_threads_change_no_byte(fodder, oracle, tmp_path, words):
    out = tmp_path / "data"
    result = fodder("generate", "9000001", "--spec", SPEC, "--offset", "777", "-v", *words, "-o", out)
    assert result.returncode == 0, result.stderr
    plain = fodder("generate", "9000001", "--spec", SPEC, "--offset", "777", "--threads", "1").stdout
    assert out.read_bytes() == plain and plain[:5000] == oracle(SPEC, 777, 5000)


def test_the_manifest_says_how_many_threads_made_it(fodder, tmp_path):
    result = fodder("generate", "1M", "--threads", "3", "--manifest", tmp_path / "m", "-o", tmp_path / "data", "--json")
    told, written = json.loads(result.stdout), json.loads((tmp_path / "m").read_text())
    assert told["threads"] == written["threads"] == 3 and told["nodes"] >= 1


@pytest.mark.parametrize("words, why", [
    (["--threads", "0"], "--threads 0: the number of threads is 1 to 1024"),
    (["--threads", "1025"], "--threads 1025"),
    (["--threads", "-1"], "--threads -1"),
    (["--numa", "all"], "--numa all: auto, force, off, or the number of a node"),
    (["--numa", "99"], "--numa: this machine has no node of that number"),
])
def test_threads_and_nodes_that_cannot_be_are_refused_before_anything_is_written(fodder, tmp_path, words, why):
    result = fodder("generate", "1M", *words, "-o", tmp_path / "data")
    assert result.returncode == 2 and why in result.stderr.decode()
    assert not (tmp_path / "data").exists()
