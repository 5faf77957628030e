"""fodder dataset and verify where disks are full, devices fail, processes are killed and files change under them."""

import errno
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time

import pytest
from running import error_of
from set_by_hand import DataSet, Lognormal
from sets import SET, SPEC, made, told, verify  # noqa: F401: made is a fixture
from trees import tree


@pytest.fixture
def shim(tmp_path):
    """The environment in which files whose name ends in `name` fail as `how` says."""

    def environment(how, name):
        path = os.environ.get("FAIL_IO_SHIM")
        if not path:
            pytest.skip("a sanitizer wants to be preloaded first")
        return {**os.environ, "LD_PRELOAD": path, "FAIL_IO": how, "FAIL_IO_NAME": name, "FAIL_IO_FLAG": str(tmp_path / "flag")}

    return environment


def wait_for(path):
    for _ in range(3000):
        if path.exists():
            return
        time.sleep(0.01)
    pytest.fail(f"{path} does not come")


def assert_whole_files_only(path, set_):
    """Every file of the set that is there has its size."""
    wanted = {name: size for name, size, _ in set_.all()}
    sizes = {name: len(data) for name, data in tree(path).items()}
    assert sizes.items() <= wanted.items()
    return len(sizes)


THE_SET = DataSet(300, Lognormal(8192, 1500000), unit=4096, seed=7)


# ---- Disks and devices ----


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_full_file_system_is_told_and_leaves_whole_files(fodder, small_disk):
    words = ["--files", "300", *SET, "--manifest", small_disk.parent / "m"]
    text = error_of(fodder("dataset", small_disk / "set", *words), 1)
    whole = int(re.search(r"(\d+) of 300 files are whole; add --resume to go on", text).group(1))
    assert re.search(r"set/d000000/f\d{9}: " + os.strerror(errno.ENOSPC), text)
    assert 0 < whole == assert_whole_files_only(small_disk / "set", THE_SET) < 300
    text = error_of(fodder("dataset", small_disk / "set", *words, "--resume"), 1)  # still full
    assert re.search(r"; at least \d+ of 300 files are whole; ", text)
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert fodder("dataset", small_disk / "set", *words, "--resume", "-q").returncode == 0
    result = fodder("verify", small_disk / "set", "--manifest", small_disk.parent / "m", "--strict")
    assert result.returncode == 0, result


def test_a_file_size_limit_is_told(fodder, tmp_path):
    limit = 40000

    def cap():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    text = error_of(fodder("dataset", tmp_path / "set", "--files", "300", *SET, "--threads", "1", preexec_fn=cap), 1)
    first = next(k for k in range(300) if THE_SET.size(k) > limit)
    assert f"{THE_SET.name(first)}: {os.strerror(errno.EFBIG)}; {first} of 300 files are whole" in text
    assert assert_whole_files_only(tmp_path / "set", THE_SET) == first


def test_no_room_for_a_directory_is_told(fodder, tmp_path, shim):
    text = error_of(fodder("dataset", tmp_path / "set", "--files", "3", *SET, env=shim("mkdir", "")), 1)
    assert "set/d000000/f00000000" in text and os.strerror(errno.EIO) in text and "0 of 3 files are whole" in text


@pytest.mark.parametrize("threads", [1, 4])
def test_a_write_that_fails_names_its_file_and_leaves_whole_ones(fodder, tmp_path, shim, threads):
    words = ["--files", "300", *SET, "--manifest", tmp_path / "m", "--threads", threads]
    text = error_of(fodder("dataset", tmp_path / "set", *words, env=shim("write", "f000000123")), 1)
    whole = int(re.search(r"(\d+) of 300 files are whole", text).group(1))
    assert f"set/d000000/f000000123: {os.strerror(errno.EIO)}" in text
    assert assert_whole_files_only(tmp_path / "set", THE_SET) == whole and (whole == 123 or threads > 1)
    assert not (tmp_path / "set" / "d000000" / "f000000123").exists()
    result = fodder("dataset", tmp_path / "set", *words, "--resume", "--json")
    assert told(result)["settled"] == whole and verify(fodder, tmp_path / "set").returncode == 0


def test_an_error_that_comes_when_a_file_is_closed_is_told(fodder, tmp_path):
    path = os.environ.get("FAIL_CLOSE_SHIM")
    if not path:
        pytest.skip("a sanitizer wants to be preloaded first")
    result = fodder("dataset", tmp_path / "set", "--files", "3", *SET, "-t", "1", env={**os.environ, "LD_PRELOAD": path})
    assert f"f000000000: {os.strerror(errno.EIO)}; 0 of 3 files are whole" in error_of(result, 1)
    assert tree(tmp_path / "set") == {}


def test_short_writes_lose_nothing(fodder, made, tmp_path, shim):
    assert fodder("dataset", tmp_path / "short", "--files", "300", *SET, "-q", env=shim("short", "")).returncode == 0
    assert tree(tmp_path / "short") == tree(made)


def test_a_drawn_seed_is_told_where_the_set_is_not_finished(fodder, tmp_path, shim):
    words = ["--files", "50", "--size", "uniform:1-20000", "--unit", "4KiB", "--dedup", "2"]
    text = error_of(fodder("dataset", tmp_path / "set", *words, env=shim("write", "f000000040")), 1)
    more = re.search(r"add (--resume --seed \d+) to go on", text).group(1).split()
    result = fodder("dataset", tmp_path / "set", *words, *more, "--json")
    assert result.returncode == 0 and told(result)["settled"] > 0 and told(result)["written"] < 50


# ---- Signals ----


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_with_whole_files_and_says_how_to_go_on(fodder, tmp_path, shim, number):
    large = next(k for k in range(20, 300) if THE_SET.size(k) > 1 << 18)  # in its second block
    words = ["--files", "300", *SET, "--manifest", tmp_path / "m", "--threads", "1"]
    process = fodder.start("dataset", tmp_path / "set", *words, stderr=subprocess.PIPE, env=shim("wait-write", THE_SET.name(large)))
    wait_for(tmp_path / "flag")
    process.send_signal(number)
    (tmp_path / "flag").unlink()
    text = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 1 and text.count("\n") == 1
    assert f"({number.name}); " in text and "files are whole; add --resume to go on" in text
    whole = int(re.search(r"(\d+) of 300", text).group(1))
    assert whole in (large, large + 1) and assert_whole_files_only(tmp_path / "set", THE_SET) == whole
    result = fodder("dataset", tmp_path / "set", *words, "--resume", "--json")
    assert told(result)["settled"] == whole and verify(fodder, tmp_path / "set", "--strict").returncode == 0


def test_a_signal_ends_verify_with_what_it_has(fodder, made, shim):
    large = next(k for k in range(20, 300) if THE_SET.size(k) > 1 << 18)
    (made / THE_SET.name(3)).unlink()
    words = ["--manifest", made.parent / "m", "--threads", "1"]
    process = fodder.start("verify", made, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=shim("wait-read", THE_SET.name(large)))
    wait_for(made.parent / "flag")
    process.send_signal(signal.SIGTERM)
    (made.parent / "flag").unlink()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and b"WRONG, 1 of " in out and b"f000000003: missing" in out
    assert re.search(rf"ended \(SIGTERM\) after {large} of 300 files".encode(), err)


def kill_at_random(fodder, path, words, seconds):
    process = fodder.start("dataset", path, *words, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    return process.wait() == -signal.SIGKILL


def test_what_a_kill_leaves_is_gone_on_with_and_is_right(fodder, tmp_path):
    """50 rounds, each killed at a random moment, and every third twice."""
    words = ["--files", "300", *SET, "--manifest", tmp_path / "m", "-q"]
    start = time.monotonic()
    fodder("dataset", tmp_path / "set", *words)
    whole = time.monotonic() - start
    numbers = random.Random(1)
    settled, killed = [], 0
    for round_ in range(50):
        shutil.rmtree(tmp_path / "set")
        (tmp_path / "m").unlink(missing_ok=True)
        killed += kill_at_random(fodder, tmp_path / "set", words, numbers.uniform(0, whole))
        if round_ % 3 == 0:
            killed += kill_at_random(fodder, tmp_path / "set", [*words, "--resume"], numbers.uniform(0, whole / 2))
        assert not (tmp_path / "m").exists() or (tmp_path / "m").read_text().endswith("\n}\n")
        result = fodder("dataset", tmp_path / "set", *words, "--resume", "--json")
        assert result.returncode == 0, result.stderr
        settled.append(told(result)["settled"])
        result = verify(fodder, tmp_path / "set", "--strict")
        assert result.returncode == 0, (round_, result.stdout)
    assert killed > 10 and sum(0 < count < 300 for count in settled) > 5, (killed, settled)
    assert [name for name in os.listdir(tmp_path) if name not in ("set", "m") and not name.startswith(".fodder-")] == []


# ---- Files that change, and files that cannot be read ----


def test_what_cannot_be_read_does_not_end_verify(fodder, made, shim):
    (made / THE_SET.name(200)).write_bytes(b"")
    result = verify(fodder, made, env=shim("read", "f000000100"))
    assert result.returncode == 1
    assert result.stderr.decode() == f"fodder: {made}/{THE_SET.name(100)}: {os.strerror(errno.EIO)}\n"
    assert b"f000000200: missing at 0" in result.stdout and b"WRONG, 1 of 299 files differ" in result.stdout
    assert b"1 more could not be read" in result.stdout
    found = told(verify(fodder, made, "--json", env=shim("read", "f000000100")))
    assert found["ok"] is False and found["unreadable"] == 1 and found["bad_files"] == 1


def while_it_reads(fodder, made, shim, k, change):
    """The result of verify, the file k being changed after its first block was read."""
    words = ["--manifest", made.parent / "m"]
    process = fodder.start("verify", made, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=shim("wait-read", THE_SET.name(k)))
    wait_for(made.parent / "flag")
    change(made / THE_SET.name(k))
    (made.parent / "flag").unlink()
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


LARGE = next(k for k in range(300) if THE_SET.size(k) > 1 << 18)


def test_a_file_that_shrinks_while_it_is_read_is_short(fodder, made, shim):
    code, out, err = while_it_reads(fodder, made, shim, LARGE, lambda path: os.truncate(path, 1000))
    assert code == 3 and err == "" and f"{THE_SET.name(LARGE)}: missing at 262144, {THE_SET.size(LARGE) - 262144} bytes" in out


def test_a_file_that_is_replaced_while_it_is_read_is_the_one_that_was_opened(fodder, made, shim):
    def replace(path):
        (path.parent / "new").write_bytes(b"other")
        os.rename(path.parent / "new", path)

    code, out, err = while_it_reads(fodder, made, shim, LARGE, replace)
    assert code == 0 and err == "" and "right, 300 files" in out
    assert verify(fodder, made).returncode == 3


def test_a_directory_that_is_removed_while_files_are_written_is_made_again_or_told(fodder, tmp_path, shim):
    words = ["--files", "300", *SET, "--threads", "1", "--manifest", tmp_path / "m"]
    process = fodder.start("dataset", tmp_path / "set", *words, stderr=subprocess.PIPE, env=shim("wait-write", THE_SET.name(LARGE)))
    wait_for(tmp_path / "flag")
    shutil.rmtree(tmp_path / "set" / "d000000")
    (tmp_path / "flag").unlink()
    assert process.wait(60) == 0 and process.stderr.read().count(b"\n") == 3
    result = verify(fodder, tmp_path / "set")
    assert result.returncode == 3 and f"{LARGE + 1} of 300 files differ" in result.stdout.decode()


def test_something_else_in_a_files_place_is_told_and_left(fodder, tmp_path):
    folder = tmp_path / "set" / "d000000"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "f000000002")
    (tmp_path / "precious").write_bytes(b"precious")
    words = ["--files", "9", *SET, "--threads", "1", "--resume"]
    assert "f000000002: " in error_of(fodder("dataset", tmp_path / "set", *words), 1)
    (folder / "f000000002").unlink()
    (folder / "f000000002").symlink_to(tmp_path / "precious")
    assert "f000000002: " in error_of(fodder("dataset", tmp_path / "set", *words), 1)
    (folder / "f000000002").unlink()
    (folder / "f000000002").mkdir()
    assert "f000000002: Is a directory; at least 2 of 9 files are whole" in error_of(fodder("dataset", tmp_path / "set", *words), 1)
    assert (tmp_path / "precious").read_bytes() == b"precious"


# ---- Memory ----


@pytest.mark.parametrize("words", [
    ["dataset", "set", "--files", "5", "--size", "csv:rows", "--spec", SPEC, "--manifest", "new", "-t", "1", "--json"],
    ["dataset", "set", "--manifest", "m", "--resume=verify", "-t", "1", "-q"],
    ["dataset", "set", "--manifest", "m", "--only", "1-2", "--generation", "3", "-t", "1", "-q"],
    ["verify", "set", "--manifest", "m", "-t", "1", "--foreign", "9"],  # not --strict: without memory glibc's fts_open() crashes
], ids=["dataset", "resume", "only", "verify"])
def test_every_allocation_that_fails_is_told_or_done_without(fodder, tmp_path, words):
    path = os.environ.get("FAIL_ALLOC_SHIM")
    if not path:
        pytest.skip("a sanitizer owns malloc in this build")
    (tmp_path / "rows").write_text("5000,1\n9000,12000,2\n")
    fodder("dataset", "good", "--files", "5", "--size", "csv:rows", "--spec", SPEC, "--manifest", "good.json", cwd=tmp_path)
    environment = {**os.environ, "LD_PRELOAD": path, "FAIL_ALLOC_COUNT": str(tmp_path / "count")}

    def run(number):
        shutil.rmtree(tmp_path / "set", ignore_errors=True)
        if "new" not in words:
            shutil.copytree(tmp_path / "good", tmp_path / "set")
            shutil.copy(tmp_path / "good.json", tmp_path / "m")
        result = fodder(*words, cwd=tmp_path, env={**environment, "FAIL_ALLOC": str(number)})
        return result, tree(tmp_path / "set") if (tmp_path / "set").exists() else None

    whole, files = run(0)
    total = int((tmp_path / "count").read_text())
    assert whole.returncode == 0 and total > 10 and len(files) == 5
    for number in range(1, total + 1):
        result, left = run(number)
        assert result.returncode in (0, 1), (number, result)
        if result.returncode == 0:
            assert left == files and len(result.stdout) >= len(whole.stdout) / 2, f"allocation {number} was lost silently"
        else:
            assert b"annot allocate memory" in result.stderr or b"no memory" in result.stderr, (number, result)
