"""fodder verify: right data pass, wrong data are named, and the exit status tells."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from running import overwrite

SPEC = "fodder1:seed=42,dedup=2,compress=3,unit=64KiB"
MIB = 1 << 20


@pytest.fixture
def data(fodder, tmp_path):
    """A file of 8 MiB, from 1 GiB on, and its manifest."""
    path, manifest = tmp_path / "data", tmp_path / "manifest"
    assert fodder("generate", "8M", "--spec", SPEC, "--offset", "1G", "-o", path, "--manifest", manifest).returncode == 0
    return path


def verify(fodder, data, *options):
    return fodder("verify", data, "--manifest", data.parent / "manifest", *options)


def told(result):
    return json.loads(result.stdout)


def test_right_data_are_right(fodder, data):
    result = verify(fodder, data)
    assert result.returncode == 0 and result.stderr == b""
    assert b"right, 8 MiB (8388608 bytes)" in result.stdout and b"more bytes" not in result.stdout
    assert told(verify(fodder, data, "--json"))["ok"] is True
    assert fodder("verify", data, "--spec", SPEC, "--offset", "1G").returncode == 0
    assert fodder("verify", data, "8M", "--spec", SPEC, "--offset", "1G").returncode == 0


def test_a_pipe_is_compared_to_its_end(fodder, data):
    with open(data, "rb") as file:
        result = fodder("verify", "-", "--spec", SPEC, "--offset", "1G", stdin=file)
    assert result.returncode == 0 and b"standard input: right" in result.stdout
    piped = subprocess.run([os.environ["FODDER"], "verify", "-", "--spec", SPEC, "--offset", "1G", "--json"],
                           input=data.read_bytes()[:1000001], capture_output=True)
    assert piped.returncode == 0 and told(piped)["bytes"] == 1000001
    short = subprocess.run([os.environ["FODDER"], "verify", "-", "8M", "--spec", SPEC, "--offset", "1G", "--json"],
                           input=data.read_bytes()[:1000001], capture_output=True)
    assert short.returncode == 3 and told(short)["runs"][0]["kind"] == "missing"


def test_a_redirected_file_is_compared_from_where_it_stands(fodder, data):
    """--offset says which byte of the data set that is."""
    with open(data, "rb") as file:
        os.lseek(file.fileno(), 4096, os.SEEK_SET)
        result = fodder("verify", "-", "--spec", SPEC, "--offset", (1 << 30) + 4096, "--json", stdin=file)
        assert result.returncode == 0 and told(result)["bytes"] == 8 * MIB - 4096
        os.lseek(file.fileno(), 4096, os.SEEK_SET)
        result = fodder("verify", "-", MIB, "--spec", SPEC, "--offset", (1 << 30) + 4096, stdin=file)
        assert result.returncode == 0 and f"{7 * MIB - 4096} more bytes lie behind".encode() in result.stdout
        os.lseek(file.fileno(), 4096, os.SEEK_SET)
        assert fodder("verify", "-", "--spec", SPEC, "--offset", "1G", "-q", stdin=file).returncode == 3


def test_nothing_is_right_and_a_file_that_tells_no_size_is_read(fodder, tmp_path):
    (tmp_path / "empty").touch()
    for words in ([], ["--sample", "5"]):
        assert b"right, 0 B" in fodder("verify", tmp_path / "empty", "--seed", "1", *words).stdout
    result = fodder("verify", "/proc/version", "--seed", "1", "--json")
    assert result.returncode == 3 and told(result)["bytes"] == len(open("/proc/version", "rb").read())


def test_every_kind_is_named_and_placed(fodder, oracle, data):
    start = 1 << 30
    overwrite(data, 512 * 100, bytes(1024))
    overwrite(data, 512 * 200, b"\xee" * 512)
    overwrite(data, MIB, oracle(SPEC, 512 * 7, 2048))
    overwrite(data, 2 * MIB + 512, oracle(SPEC.replace("dedup", "generation=3,dedup"), start + 2 * MIB + 512, 65536 - 512))
    overwrite(data, 3 * MIB, oracle(SPEC.replace("seed=42", "seed=43,series=9"), start + 3 * MIB, 512))
    overwrite(data, 4 * MIB + 77, b"x" * 3)
    os.truncate(data, 7 * MIB)
    result = verify(fodder, data, "--json", "--foreign", "41", "--foreign", "43:9")
    assert result.returncode == 3
    answer = told(result)
    assert answer["ok"] is False and answer["bytes"] == 8 * MIB and answer["more_runs"] == 0
    assert [(run["kind"], run["offset"] - start, run["length"]) for run in answer["runs"]] == [
        ("zeroed", 512 * 100, 1024),
        ("constant", 512 * 200, 512),
        ("misplaced", MIB, 2048),
        ("stale", 2 * MIB + 512, 65536 - 512),
        ("foreign", 3 * MIB, 512),
        ("corrupt", 4 * MIB, 512),
        ("missing", 7 * MIB, MIB),
    ]
    zeroed, constant, misplaced, stale, foreign, corrupt, missing = answer["runs"]
    assert constant["value"] == 0xEE and misplaced["source"] == 512 * 7
    assert stale["generation"] == 3 and stale["torn"] is True and not any(
        run["torn"] for run in answer["runs"] if run is not stale)
    assert foreign["foreign"] == "43:9"
    assert corrupt["first"] - start >= 4 * MIB + 77 and corrupt["last"] - start <= 4 * MIB + 79
    assert 1 <= corrupt["bits"] <= 24 and missing["bits"] == 8 * MIB


def test_people_get_runs_sums_and_a_map(fodder, data):
    overwrite(data, MIB, bytes(65536))
    text = verify(fodder, data).stdout.decode()
    assert re.search(r"^zeroed    at 1074790400, 65536 bytes$", text, re.M)
    assert "in all: zeroed 64 KiB" in text
    overwrite(data, 2 * MIB, bytes(65536))
    assert "in all: zeroed 128 KiB" in verify(fodder, data).stdout.decode()
    overwrite(data, 2 * MIB, data.read_bytes()[2 * MIB + 65536:2 * MIB + 131072])
    rows = re.findall(r"^ +\d+  ([.0=msfx-]+)$", text, re.M)
    assert len("".join(rows)) == 256 and "".join(rows).count("0") == 2 and "".join(rows)[32:34] == "00"
    assert "WRONG" in text


def test_the_map_has_a_mark_for_each_kind(fodder, oracle, data):
    start = 1 << 30
    pieces = {
        "0": bytes(65536),
        "=": b"z" * 65536,
        "m": oracle(SPEC, 65536, 65536),
        "s": oracle(SPEC.replace("dedup", "generation=1,dedup"), start + 4 * MIB, 65536),
        "f": oracle(SPEC.replace("42", "43"), start + 5 * MIB, 65536),
        "x": os.urandom(65536),
    }
    for number, piece in enumerate(pieces.values(), 1):
        overwrite(data, number * MIB, piece)
    os.truncate(data, 8 * MIB - 65536)
    text = verify(fodder, data, "--foreign", "43").stdout.decode()
    marks = "".join(re.findall(r"^ +\d+  ([.0=msfx-]+)$", text, re.M))
    wanted = ["."] * 256
    for number, mark in enumerate(pieces, 1):
        wanted[32 * number:32 * number + 2] = [mark] * 2
    wanted[254:] = "--"
    assert marks == "".join(wanted)


def test_a_thousand_runs_are_listed_and_the_rest_counted(fodder, data):
    for i in range(1200):
        overwrite(data, i * 4096, b"?")
    answer = told(verify(fodder, data, "--json"))
    assert 1180 <= len(answer["runs"]) + answer["more_runs"] <= 1200  # some bytes were '?' before
    assert len(answer["runs"]) == 1000
    text = verify(fodder, data).stdout.decode()
    assert len(re.findall(r"^corrupt   at", text, re.M)) == 20
    assert f"... and {len(answer['runs']) + answer['more_runs'] - 20} more; --json lists the first 1000" in text


def test_a_signal_ends_it_with_what_was_found_and_nothing_missing(fodder, data):
    process = fodder.start("verify", "-", "8M", "--spec", SPEC, "--offset", "1G", "--json", stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(data.read_bytes()[:2 * MIB])
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    answer = json.loads(out)
    assert process.returncode == 1 and b"SIGINT" in err
    assert answer["ok"] and answer["runs"] == [] and MIB <= answer["bytes"] <= 2 * MIB


def test_another_seed_is_wrong_everywhere_and_named_where_it_is_asked_for(fodder, data):
    spec = SPEC.replace("42", "7")
    answer = told(fodder("verify", data, "--spec", spec, "--offset", "1G", "--json"))
    assert [run["kind"] for run in answer["runs"]] == ["corrupt"] and answer["runs"][0]["length"] == 8 * MIB
    answer = told(fodder("verify", data, "--spec", spec, "--offset", "1G", "--json", "--foreign", "42"))
    assert {run["kind"] for run in answer["runs"]} == {"foreign"}


def test_quiet_tells_by_the_exit_status_alone(fodder, data):
    result = verify(fodder, data, "-q")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    overwrite(data, 5, b"xyz")
    result = verify(fodder, data, "-q")
    assert (result.returncode, result.stdout, result.stderr) == (3, b"", b"")


def test_a_sample_reads_its_share(fodder, data):
    answer = told(verify(fodder, data, "--json", "--sample", "50"))
    assert answer["ok"] and answer["bytes"] == 4 * MIB
    assert told(verify(fodder, data, "--json", "--sample", "100%"))["bytes"] == 8 * MIB


def test_bytes_behind_the_verified_ones_are_told(fodder, data):
    with open(data, "ab") as file:
        file.write(b"tail")
    result = verify(fodder, data)
    assert result.returncode == 0 and b"4 more bytes lie behind" in result.stdout


WRONG_USAGE = [
    ([], "PATH is missing"),
    (["{data}"], "which data?"),
    (["{data}", "--dedup", "2"], "which data?"),
    (["{data}", "8X", "--seed", "1"], "SIZE 8X: not a size"),
    (["{data}", "1", "2", "--seed", "1"], "2: one argument too many"),
    (["{data}", "--manifest", "{manifest}", "--seed", "1"], "--manifest says what the data are"),
    (["{data}", "--manifest", "{manifest}", "--offset", "1"], "--manifest says what the data are"),
    (["{data}", "--seed", "1", "--foreign", "x"], "--foreign x: name a seed"),
    (["{data}", "--seed", "1", "--foreign", "1:"], "--foreign 1:: name a seed"),
    (["{data}", "--seed", "1"] + ["--foreign", "2"] * 17, "--foreign 2: at most 16 can be named"),
    (["{data}", "--seed", "1", "--sample", "0"], "--sample 0: the sample is a percentage"),
    (["{data}", "--seed", "1", "--sample", "101"], "--sample 101: the sample is a percentage"),
    (["{data}", "--seed", "1", "--sample", "nan"], "--sample nan: the sample is a percentage"),
    (["-", "--seed", "1", "--sample", "5"], "--sample: standard input cannot be read in parts"),
    (["{data}", "--seed", "1", "--offset", "9223372036854775807"], "pass the end of the data set"),
]


@pytest.mark.parametrize("arguments, words", WRONG_USAGE, ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_wrong_usage_is_refused(fodder, data, arguments, words):
    unlabelled = data.parent / "unlabelled"
    unlabelled.write_bytes(data.read_bytes()[:4096])
    places = {"{data}": unlabelled, "{manifest}": data.parent / "manifest"}
    with subprocess.Popen(["true"], stdout=subprocess.PIPE) as nothing:
        result = fodder("verify", *[places.get(word, word) for word in arguments], stdin=nothing.stdout)
    assert result.returncode == 2 and words in result.stderr.decode(), result.stderr


BAD_MANIFESTS = [
    ("", "--manifest"),
    ("{", "--manifest"),
    ("[]", "no JSON object"),
    ("{}", "spec, offset or bytes is missing"),
    ('{"spec": 5, "offset": 0, "bytes": 1}', "spec, offset or bytes is missing"),
    ('{"spec": "fodder1:", "offset": -1, "bytes": 1}', "spec, offset or bytes is missing"),
    ('{"spec": "fodder1:", "offset": 0, "bytes": 1.5}', "spec, offset or bytes is missing"),
    ('{"spec": "fodder1:seed=x", "offset": 0, "bytes": 1}', "seed is a whole number"),
    ('{"spec": "fodder9:", "offset": 0, "bytes": 1}', "format 1"),
    ('{"spec": "fodder1:", "spec": "fodder1:", "offset": 0, "bytes": 1}', "duplicate"),
]


@pytest.mark.parametrize("text, words", BAD_MANIFESTS)
def test_a_bad_manifest_is_an_error(fodder, data, text, words):
    (data.parent / "manifest").write_text(text)
    result = verify(fodder, data)
    assert result.returncode == 1 and words in result.stderr.decode(), result.stderr


def test_a_source_that_cannot_be_read_is_an_error(fodder, tmp_path):
    result = fodder("verify", tmp_path / "none", "--seed", "1")
    assert result.returncode == 1 and b"No such file" in result.stderr
    result = fodder("verify", tmp_path, "--seed", "1")
    assert result.returncode == 2 and b"this is a directory; name the manifest" in result.stderr


@pytest.mark.parametrize("words", [["--threads", "1"], ["--threads", "3"], ["-t", "2", "--numa", "force"]])
def test_threads_change_nothing_that_is_told(fodder, tmp_path, words):
    path = tmp_path / "data"
    fodder("generate", "9000001", "--spec", SPEC, "-o", path)
    data = bytearray(path.read_bytes())
    data[5 << 20] ^= 1
    data[6 << 20:(6 << 20) + 100000] = bytes(100000)
    path.write_bytes(data)
    result = fodder("verify", path, "--spec", SPEC, "--json", *words)
    told = json.loads(result.stdout)
    assert result.returncode == 3 and [run["kind"] for run in told["runs"]][:2] == ["corrupt", "zeroed"]
    alone = json.loads(fodder("verify", path, "--spec", SPEC, "--json", "-t", "1").stdout)
    assert told["runs"] == alone["runs"] and told["bad"] == alone["bad"]
