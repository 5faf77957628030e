"""fodder measure: what it does with files that change, vanish or cannot be read, with signals, full disks and odd names."""

import ctypes
import fcntl
import json
import os
import random
import re
import signal
import subprocess
import termios
import time

import pytest

from by_hand import KIB, MIB, compress_row, dedup_row, told
from running import listens

FULL = re.compile(rb"No space left on device")


# ---- Files that change while they are read


def wait_for(what):
    for _ in range(12000):
        found = what()
        if found is not None:
            return found
        time.sleep(0.005)
    pytest.fail("it does not come to that")


def place_in(process, paths):
    """(path, place) of the one that the process reads just now, or None."""
    folder = f"/proc/{process.pid}/fd"
    for fd in os.listdir(folder):
        try:
            target = os.readlink(f"{folder}/{fd}")
            place = int(re.search(r"pos:\s*(\d+)", open(f"/proc/{process.pid}/fdinfo/{fd}").read()).group(1))
        except OSError:
            continue
        if target in map(str, paths) and place > 0:
            return target, place
    return None


def halted_in(fodder, paths, *words):
    """The command, stopped in the middle of one of these files, and that one's path."""
    for _ in range(10):  # it may be faster than the test
        process = fodder.start("measure", "--json", "--sample", "1", *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: place_in(process, paths) or process.poll() is not None or None)
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: process.poll() is not None or " T " in open(f"/proc/{process.pid}/stat").read() or None)
        found = place_in(process, paths) if process.poll() is None else None
        if found and found[1] < os.path.getsize(found[0]):
            return process, found[0]
        process.kill()
        process.communicate()
    pytest.fail("it was faster than the test ten times")


def went_on(process, code):
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return json.loads(out)["total"], err


def make_sparse(path, size=400 * MIB):
    with open(path, "wb") as file:
        file.truncate(size)
    return path


@pytest.mark.parametrize("size, time", [(400 * MIB + 4, None), (MIB, None), (400 * MIB, 1)], ids=["longer", "shorter", "another time"])
def test_a_file_that_changes_while_it_is_read_is_counted_and_measured(fodder, tmp_path, size, time):
    """Only the size, or only the time."""
    path = make_sparse(tmp_path / "data")
    process, _ = halted_in(fodder, [path], path)
    before = path.stat()
    os.truncate(path, size)
    os.utime(path, ns=(before.st_atime_ns, time or before.st_mtime_ns))
    total, err = went_on(process, 0)
    assert total["changed"] == 1 == total["files"] and total["unreadable"] == 0 and err == b""
    assert total["bytes"] >= os.path.getsize(path) and dedup_row(total, "fixed", 4 * MIB)["bytes"] == total["bytes"]


@pytest.mark.parametrize("folders", [False, True], ids=["file", "directory"])
def test_what_vanishes_before_its_turn_is_named_counted_and_left_out(fodder, tmp_path, folders):
    paths = [make_sparse(tmp_path / name, 300 * MIB) for name in ("a", "b")]
    if folders:
        for i, path in enumerate(paths):
            path.rename(tmp_path / "moved")
            path.mkdir()
            paths[i] = (tmp_path / "moved").rename(path / "data")
    process, path = halted_in(fodder, paths, tmp_path)
    os.truncate(path, 0)  # that is quicker
    other = paths[str(paths[0]) == path]
    other.unlink()
    if folders:
        other.parent.rmdir()
    total, err = went_on(process, 1)
    assert (total["files"], total["unreadable"]) == (1, 1)
    assert (str(other.parent if folders else other) + ": No such file or directory").encode() in err and b"1 could not be read" in err


# ---- What cannot be read


def without_override():
    """Even root obeys the modes of files then."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_files_and_directories_without_permission_are_named_and_counted_and_the_rest_is_measured(fodder, tmp_path):
    (tmp_path / "closed").mkdir()
    for name in ("readable", "secret", "closed/inside"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    (tmp_path / "secret").chmod(0)
    (tmp_path / "closed").chmod(0)
    if subprocess.run(["cat", tmp_path / "secret"], preexec_fn=without_override, capture_output=True).returncode == 0:
        pytest.skip("modes mean nothing here")
    result = fodder("measure", "--json", tmp_path, preexec_fn=without_override)
    (tmp_path / "closed").chmod(0o700)
    total = json.loads(result.stdout)["total"]
    assert result.returncode == 1 and (total["files"], total["bytes"], total["unreadable"]) == (1, 1000, 2)
    assert all(f"{tmp_path / name}: Permission denied\n".encode() in result.stderr for name in ("secret", "closed"))
    assert b"NOT MEASURED: 1 " in fodder("measure", tmp_path / "secret", preexec_fn=without_override).stdout


@pytest.mark.parametrize("path, why", [("gone", "No such file"), ("socket", "No such device or address"), ("dangling", "No such file"), ("loop", "Too many levels")])
def test_an_operand_that_cannot_be_read_fails_and_the_others_are_measured(fodder, tmp_path, path, why):
    (tmp_path / "data").write_bytes(b"x" * 1000)
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    os.mknod(tmp_path / "socket", 0o140600)
    result = fodder("measure", "--json", path, "data", cwd=tmp_path)
    told = json.loads(result.stdout)
    assert result.returncode == 1 and f"{path}: {why}".encode() in result.stderr
    assert [account["unreadable"] for account in told["paths"]] == [1, 0] and told["total"]["bytes"] == 1000


def test_a_closed_standard_input_fails(fodder):
    result = subprocess.run(["sh", "-c", 'exec "$FODDER" measure -q - <&-'], capture_output=True)
    assert result.returncode == 1 and b"standard input: Bad file descriptor" in result.stderr


def test_pipes_and_links_in_directories_are_left_alone_and_a_named_link_is_followed(fodder, tmp_path):
    (tmp_path / "data").write_bytes(b"x" * 1000)
    os.mkfifo(tmp_path / "fifo")  # nobody writes: to read it would take for ever
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    assert told(fodder, tmp_path)["total"]["files"] == 1
    assert told(fodder, tmp_path / "link")["total"]["bytes"] == 1000


def test_another_file_system_is_left_alone_where_asked(fodder, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "data").write_bytes(b"x" * 1000)
    script = 'mount -t tmpfs none "$1/sub" && echo y >"$1/sub/data" && "$FODDER" measure --json "$1" && "$FODDER" measure --json -x "$1"'
    result = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", tmp_path], capture_output=True, text=True)
    if result.returncode != 0 and "fodder:" not in result.stderr:
        pytest.skip("nothing can be mounted here")
    assert [int(number) for number in re.findall(r'"files": (\d+)', result.stdout)] == [2, 2, 1, 1]


# ---- Signals


def is_empty(pipe):
    return fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)) == bytes(4)


@pytest.mark.parametrize("number, name", [(signal.SIGINT, b"interrupted (SIGINT)"), (signal.SIGTERM, b"ended (SIGTERM)")])
def test_a_signal_ends_the_reading_of_a_pipe_that_stays_open_and_what_came_is_told(fodder, tmp_path, number, name):
    (tmp_path / "never").write_bytes(b"x")
    ours, theirs = os.pipe()
    process = fodder.start("measure", "--json", "-", tmp_path / "never", "--html", tmp_path / "page", stdin=ours, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(ours)
    data = random.Random(1).randbytes(MIB) * 2
    for at in range(0, len(data), 4096):
        os.write(theirs, data[at:at + 4096])
    wait_for(lambda: is_empty(theirs) or None)
    time.sleep(0.1)  # a signal just before a read() waits for what comes next
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    os.close(theirs)
    told = json.loads(out)
    assert process.returncode == 1 and told["interrupted"] is True and name in err
    assert told["total"]["bytes"] == 2 * MIB and dedup_row(told["total"], "fixed", MIB)["ratio"] == 2
    assert [account["path"] for account in told["paths"]] == ["-"], "what was not begun is not told"
    assert b'"interrupted": true' in (tmp_path / "page").read_bytes()


def test_a_signal_ends_the_wait_for_a_writer(fodder, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    process = fodder.start("measure", "--json", tmp_path / "fifo", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    listens(process)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and json.loads(out)["interrupted"] is True


# ---- Expectations and usage


@pytest.mark.parametrize("words, code, said", [
    (["--expect-dedup", "2.06"], 0, b""),  # 2.9 % below
    (["--expect-dedup", "2.07"], 3, b"dedup is 2, not 2.07: -3.38 %, and 3 % are allowed"),
    (["--expect-dedup", "1.93"], 3, b"dedup is 2, not 1.93: +3.63 %"),
    (["--expect-dedup", "2.0001", "--tolerance", "0"], 3, b"and 0 % are allowed"),
    (["--expect-dedup", "4", "--tolerance", "50%"], 0, b""),
    (["--expect-dedup", "1", "--block", "1MiB", "--tolerance", "0"], 0, b""),
    (["--expect-compress", "1", "--block", "4096", "--sector", "4096"], 0, b""),
    (["--expect-compress", "3", "--expect-dedup", "3"], 3, b"dedup is 2, not 3"),
])
def test_the_exit_status_tells_whether_it_is_as_expected(fodder, tmp_path, words, code, said):
    """Eight records of 128 KiB, half zeros each, and the same backwards: no MiB comes twice."""
    record = [random.Random(seed).randbytes(64 * KIB) + bytes(64 * KIB) for seed in range(8)]
    (tmp_path / "data").write_bytes(b"".join(record) + b"".join(reversed(record)))
    result = fodder("measure", tmp_path / "data", "-q", *words)
    assert (result.returncode, result.stdout) == (code, b"") and said in result.stderr and (result.stderr == b"") == (code == 0)


def test_what_could_not_be_read_counts_more_than_what_is_not_as_expected(fodder, tmp_path):
    (tmp_path / "data").write_bytes(b"x" * 4096)
    assert fodder("measure", tmp_path / "data", tmp_path / "gone", "-q", "--expect-dedup", "2").returncode == 1


@pytest.mark.parametrize("words", [
    ["--expect-dedup", "0.5"], ["--expect-dedup", "nan"], ["--expect-dedup", "inf"], ["--expect-compress", "abc"], ["--expect-compress", "2x"], ["--expect-compress", ""],
    ["--tolerance", "-1"], ["--tolerance", "nan"], ["--tolerance", "3%%"], ["--block", "5000"], ["--block", "0"], ["--codec", "foo"], ["--codec", "zstd"], ["--sector", "100"],
    ["--memory", "1"], ["--memory", "-1"], ["--sample", "-1"], ["--sample", "all"], ["--threads", "0"], ["--nonsense"], ["--html"], ["--full", "--sample", "2G"],
])
def test_wrong_usage_names_the_option_and_reads_nothing(fodder, tmp_path, words):
    result = fodder("measure", tmp_path / "gone", *words)
    assert result.returncode == 2 and result.stdout == b"" and words[0].encode() in result.stderr and b"gone" not in result.stderr


@pytest.mark.parametrize("paths", [1, 2])
def test_the_least_memory_is_what_the_message_says(fodder, tmp_path, paths):
    (tmp_path / "data").write_bytes(b"x" * 100)
    words = ["measure", "-q", *[tmp_path / "data"] * paths, "--memory"]
    least = int(re.search(rb"--memory: (\d+) MiB or more", fodder(*words, "1").stderr).group(1)) * MIB
    assert (fodder(*words, least).returncode, fodder(*words, least - 1).returncode) == (0, 2)


# ---- Output


@pytest.mark.parametrize("words", [[], ["--json"], ["--json", "--html", "page"]])
def test_a_full_disk_behind_standard_output_fails(fodder, tmp_path, words):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([os.environ["FODDER"], "measure", "/dev/null", *words], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path)
    assert result.returncode == 1 and FULL.search(result.stderr)


def test_a_page_that_cannot_be_written_fails_and_the_json_is_told(fodder):
    result = fodder("measure", "/dev/null", "--json", "--html", "/dev/full")
    assert result.returncode == 1 and FULL.search(result.stderr) and json.loads(result.stdout)["total"]["bytes"] == 0


def test_the_terminal_shows_the_numbers_of_the_json(fodder, tmp_path):
    (tmp_path / "data").write_bytes(random.Random(1).randbytes(100000) * 3 + bytes(100000))
    account = told(fodder, tmp_path / "data")["total"]
    text = fodder("measure", tmp_path / "data").stdout.decode()
    rows = re.findall(r"^  (?:blocks|chunks) of .*? (\d+\.\d{3}) +(\d+\.\d) %$", text, re.M)
    assert [(f"{row['ratio']:.3f}", f"{100 * row['zero_bytes'] / row['bytes']:.1f}") for row in account["dedup"]] == rows
    for key in ("ratio", "both"):
        table = text.split("compress, chunks of" if key == "ratio" else "both, blocks of")[1]
        for codec in {row["codec"] for row in account["compress"]}:
            shown = re.search(rf"^  {codec} +(.*)$", table, re.M).group(1).split()
            assert shown == [f"{compress_row(account, codec, chunk)[key]:.3f}" for chunk in (4 * KIB, 32 * KIB, 128 * KIB, MIB)]
    assert text.endswith(f"\n{account['summary']}\n") and f"{account['entropy']:.3f} bits of entropy" in text


@pytest.mark.parametrize("name, shown", [(b"new\nline", "new\nline"), (b"tab\t\x01\"\\", "tab\t\x01\"\\"), ("\u00fc\u4e00".encode(), "\u00fc\u4e00"), (b"-x", "-x"), (b"--json", "--json"),
                                         (b"a\xff\xfe<b", "a??<b"), (b"\xed\xa0\x80", "???"), (b"%s%n", "%s%n")])
def test_a_file_of_any_name_is_measured_and_the_json_holds_its_name(fodder, tmp_path, name, shown):
    """What is no UTF-8 cannot stand in JSON: there ? takes the place of each of its bytes."""
    folder = os.fsencode(tmp_path)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"x" * 100)
    words = [os.environ["FODDER"].encode(), b"measure", b"--json", b"--html", b"page", b"--", name]
    result = subprocess.run(words, capture_output=True, cwd=folder)
    assert result.returncode == 0 and result.stderr == b""
    result = json.loads(result.stdout.decode("utf-8", "strict"))
    assert [account["path"] for account in result["paths"]] == [shown] == [result["total"]["path"]] and result["total"]["bytes"] == 100
    assert b"</html>" in (tmp_path / "page").read_bytes()
