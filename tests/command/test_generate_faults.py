"""fodder generate where it cannot write, or is told to stop: what it says, and what it leaves."""

import errno
import fcntl
import json
import os
import resource
import signal
import subprocess
import time

import pytest

from running import error_of, listens

SPEC = "fodder1:seed=42,dedup=2,compress=3,unit=64KiB"


def test_an_unwritable_path_is_an_error(fodder, tmp_path):
    assert "0 bytes were written" in error_of(fodder("generate", "1M", "-o", tmp_path / "none" / "data"), 1)
    assert "directory" in error_of(fodder("generate", "1M", "-o", tmp_path, "--manifest", tmp_path / "manifest"), 1)
    assert not (tmp_path / "manifest").exists()


def test_a_manifest_that_is_the_data_by_another_name_is_refused(fodder, tmp_path):
    (tmp_path / "link").symlink_to("data")
    for manifest in ("./data", "link"):
        result = fodder("generate", "1k", "-o", "data", "--manifest", manifest, cwd=tmp_path)
        assert "this is where the data go" in error_of(result, 2)
        assert not (tmp_path / "data").exists()


def test_a_path_of_any_bytes_can_be_told(fodder, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\xfe"
    result = subprocess.run([os.environ["FODDER"], "generate", "1k", "--json", "-o", path], capture_output=True)
    assert result.returncode == 0 and json.loads(result.stdout)["path"].endswith("/??")
    assert os.path.getsize(path) == 1024


def test_a_closed_standard_output_never_becomes_the_data_file(tmp_path):
    data = tmp_path / "data"
    data.write_bytes(b"x" * 5000)
    script = f'exec "$FODDER" generate 1000 --spec {SPEC} --json -o {data} >&-'
    result = subprocess.run(["sh", "-c", script], capture_output=True)
    assert result.returncode == 1 and b"Bad file descriptor" in result.stderr
    assert data.stat().st_size == 1000
    result = subprocess.run(["sh", "-c", 'exec "$FODDER" generate 1000 >&-'], capture_output=True)
    assert result.returncode == 1 and b"0 of 1000 bytes were written" in result.stderr


def test_a_failing_manifest_leaves_no_empty_file(fodder, tmp_path):
    fodder("generate", "1M", "-o", tmp_path / "data", "--manifest", tmp_path / "none" / "manifest")
    assert os.listdir(tmp_path) == []


def test_an_unwritable_manifest_leaves_the_old_data_alone(fodder, tmp_path):
    (tmp_path / "data").write_bytes(b"precious")
    result = fodder("generate", "1M", "-o", tmp_path / "data", "--manifest", tmp_path / "none" / "manifest")
    assert "--manifest" in error_of(result, 1)
    assert (tmp_path / "data").read_bytes() == b"precious"


def test_a_full_disk_ends_in_an_error_that_says_how_much_was_written(fodder, tmp_path):
    limit = 1000000  # as a file system that is full: the kernel writes up to the limit and then refuses

    def cap():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    result = fodder("generate", "4M", "-o", tmp_path / "data", preexec_fn=cap)
    assert f"{limit} of 4194304 bytes were written" in error_of(result, 1)
    assert (tmp_path / "data").stat().st_size == limit


def test_an_error_that_comes_when_the_file_is_closed_is_told(fodder, tmp_path):
    shim = os.environ.get("FAIL_CLOSE_SHIM")
    if not shim:
        pytest.skip("a sanitizer wants to be preloaded first")
    result = fodder("generate", "1000", "-o", tmp_path / "data", env={**os.environ, "LD_PRELOAD": shim})
    text = error_of(result, 1)
    assert os.strerror(errno.EIO) in text and "when it was closed, after 1000 bytes" in text


def test_a_device_without_room_is_an_error(fodder):
    text = error_of(fodder("generate", "1M", "-o", "/dev/full"), 1)
    assert os.strerror(errno.ENOSPC) in text and "0 of 1048576 bytes were written" in text


def test_a_file_that_cannot_be_emptied_is_an_error(fodder):
    file = os.memfd_create("data", os.MFD_ALLOW_SEALING)
    os.write(file, b"precious")
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    text = error_of(fodder("generate", "8", "-o", f"/proc/self/fd/{file}", pass_fds=[file]), 1)
    assert os.strerror(errno.EPERM) in text and "0 bytes were written" in text
    assert os.pread(file, 100, 0) == b"precious"
    os.close(file)


@pytest.mark.parametrize("default", [True, False], ids=["SIGPIPE kills", "SIGPIPE is ignored"])
def test_a_closed_pipe_ends_quietly(fodder, default):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "restore_signals": default}
    process = fodder.start("generate", "1G", **options)
    process.stdout.read(100)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == -signal.SIGPIPE


def test_a_write_that_was_cut_short_goes_on_where_it_ended(fodder, oracle):
    process = fodder.start("generate", "300k", "--spec", SPEC, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.2)  # the pipe is full: it waits inside a write, with a part of it done
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.1)
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=60)[0] == oracle(SPEC, 0, 300 << 10)
    assert process.returncode == 0


def test_a_signal_stops_it_also_where_no_write_waits(fodder):
    process = fodder.start("generate", "1P", "-o", "/dev/null", stderr=subprocess.PIPE)
    listens(process, signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    try:
        text = process.communicate(timeout=20)[1].decode()
    finally:
        process.kill()
    assert process.returncode == 1 and "SIGINT" in text and f"of {1 << 50} bytes were written" in text


@pytest.mark.parametrize("number, name", [(signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_stops_it_and_it_says_how_much_was_written(fodder, tmp_path, number, name):
    process = fodder.start("generate", "1T", "-o", "-", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(1 << 20)  # the pipe is full after that: it waits inside a write
    time.sleep(0.2)
    process.send_signal(number)
    left = process.stdout.read()
    text = process.stderr.read().decode()
    assert process.wait(timeout=60) == 1
    assert name in text and f"{(1 << 20) + len(left)} of {1 << 40} bytes were written" in text


def test_a_signal_ends_a_write_that_has_not_begun(fodder):
    reader, writer = os.pipe()
    os.write(writer, b"x" * fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ))
    process = fodder.start("generate", "1M", stdout=writer, stderr=subprocess.PIPE)
    listens(process, signal.SIGTERM)
    time.sleep(0.3)  # until it waits in the write
    process.send_signal(signal.SIGTERM)
    text = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 1 and "SIGTERM" in text and f"0 of {1 << 20} bytes were written" in text
    os.close(reader)
    os.close(writer)
