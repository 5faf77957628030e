"""--start-at: all is made ready, and then the work begins at a time that hosts share; and what JSON tells of times."""

import json
import os
import pty
import signal
import socket
import subprocess
import time

import pytest

from running import listens
from trees import tree


def commands(tmp_path, fodder):
    """Each command that has --start-at, and what it leaves where it does nothing."""
    fodder("dataset", tmp_path / "there", "--files", "3", "--size", "9", "--seed", "1", "--manifest", tmp_path / "there.json")
    fodder("generate", "1MiB", "--seed", "1", "-o", tmp_path / "one")
    return {
        "dataset": ["dataset", tmp_path / "set", "--files", "3", "--size", "9", "--seed", "1", "--manifest", tmp_path / "set.json"],
        "generate": ["generate", "1MiB", "--seed", "1", "-o", tmp_path / "data", "--manifest", tmp_path / "data.json"],
        "verify": ["verify", tmp_path / "one", "--seed", "1"],
        "verify of a set": ["verify", tmp_path / "there", "--manifest", tmp_path / "there.json"],
    }


NAMES = ["dataset", "generate", "verify", "verify of a set"]


@pytest.mark.parametrize("name", NAMES)
def test_it_waits_and_begins_on_time_and_tells_when_and_where(fodder, tmp_path, name):
    words = commands(tmp_path, fodder)[name]
    start = round(time.time() + 1.5, 3)
    result = fodder(*words, "--json", "--start-at", start)
    told = json.loads(result.stdout)
    assert result.returncode == 0 and result.stderr == b""
    assert start <= told["began"] < start + 1 and told["began"] <= told["ended"] < start + 5
    assert told["ended"] - told["began"] == pytest.approx(told["seconds"], abs=2e-6)
    assert told["host"] == socket.gethostname() and told["command"] == name.split()[0]


def test_times_keep_their_microseconds(fodder, tmp_path):
    texts = [json.loads(fodder("generate", "1", "-o", "/dev/null", "--io", "null", "--json").stdout, parse_float=str)["began"] for _ in range(5)]
    assert all(abs(float(text) - time.time()) < 60 for text in texts)
    assert max(len(text.split(".")[1]) for text in texts) == 6 and len(set(texts)) == 5


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.500Z"])
def test_utc_is_understood(fodder, form):
    whole = int(time.time()) + 3
    start = whole + (0.5 if ".500" in form else 0)
    result = fodder("generate", "1", "-o", "/dev/null", "--json", "--start-at", time.strftime(form, time.gmtime(whole)),
                    env={**os.environ, "TZ": "America/New_York"})
    assert start <= json.loads(result.stdout)["began"] < start + 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ahead, why", [(-90, "that time has passed 1 min 3"), (-3600 * 50, "passed 50 h 0 min ago"), (3600 * 24 + 60, "24 h 1 min ahead")])
def test_a_time_that_has_passed_or_is_a_day_off_is_an_error_before_anything_is_written(fodder, tmp_path, name, ahead, why):
    words = commands(tmp_path, fodder)[name]
    before = tree(tmp_path)
    result = fodder(*words, "--start-at", f"{time.time() + ahead:.6f}")
    assert result.returncode == 2 and why in result.stderr.decode() and result.stdout == b""
    assert tree(tmp_path) == before and not (tmp_path / "set").exists()


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "0x10", "1795644000.", ".5", "1795644000s", "inf", "2026-11-25", "2026-11-25T22:00:00", "2026-11-25 22:00:00Z",
                                  "2026-02-30T22:00:00Z", "2026-11-25T25:00:00Z", "2026-13-25T22:00:00Z", "2026-11-25T22:00:00+01:00", "2026-11-25T22:00:00.Z",
                                  "2026-11-25T22:00:60Z", "2026-1-5T22:00:00Z"])
def test_what_is_no_time_is_told(fodder, tmp_path, text):
    result = fodder("dataset", tmp_path / "set", "--files", "1", "--size", "1", f"--start-at={text}")
    assert result.returncode == 2 and b"seconds since 1970" in result.stderr and not (tmp_path / "set").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", NAMES)
def test_a_signal_ends_the_wait(fodder, tmp_path, name, number):
    words = commands(tmp_path, fodder)[name]
    process = fodder.start(*words, "--start-at", str(int(time.time()) + 3600), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    listens(process, number)
    process.send_signal(number)
    begin = time.monotonic()
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - begin < 10 and process.returncode == 1 and out == b""
    assert f"({signal.Signals(number).name}) while it waited for --start-at; no " in err.decode()
    assert not (tmp_path / "data").exists() and not tree(tmp_path / "set")


def test_two_processes_begin_together(fodder, tmp_path):
    start = time.time() + 2.5
    words = ["--files", "4", "--size", "1", "--seed", "1", "--world", "2", "--json", "--start-at", f"{start:.3f}"]
    ranks = []
    for rank in range(2):
        ranks.append(fodder.start("dataset", tmp_path / "set", *words, "--rank", str(rank), stdout=subprocess.PIPE))
        time.sleep(1)
    told = [json.loads(rank.communicate(timeout=60)[0]) for rank in ranks]
    assert abs(told[0]["began"] - told[1]["began"]) < 0.8


def test_on_a_terminal_it_says_how_long_it_waits(fodder):
    ours, its = pty.openpty()
    process = fodder.start("generate", "1", "-o", "/dev/null", "--start-at", str(int(time.time()) + 2), stderr=its)
    os.close(its)
    said = b""
    try:
        while True:
            said += os.read(ours, 4096)
    except OSError:
        pass
    assert process.wait(20) == 0 and b"s for --start-at\r" in said.replace(b"\x1b[K", b"") and b"again: fodder generate" in said


def test_a_result_is_one_line(fodder, tmp_path):
    for words in commands(tmp_path, fodder).values():
        result = fodder(*words, "--json")
        assert result.stdout.count(b"\n") == 1 and result.stdout.endswith(b"}\n") and len(result.stdout) < 4096


@pytest.mark.parametrize("words", [["generate", "1"], ["generate", "1", "-o", "/dev/null"]])
def test_a_result_is_written_in_one_piece(fodder, words):
    """Processes that share an output would write between the pieces of others. Of datagrams each is one write."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    streams = {"stdout": subprocess.DEVNULL, "stderr": its} if len(words) == 2 else {"stdout": its, "stderr": subprocess.DEVNULL}
    process = fodder.start(*words, "--json", **streams)
    its.close()
    ours.settimeout(30)
    assert json.loads(ours.recv(1 << 16))["command"] == "generate"
    ours.setblocking(False)
    assert process.wait(30) == 0
    with pytest.raises((BlockingIOError, ConnectionResetError)):
        ours.recv(1)
