"""How blocks are moved: every kind moves the same bytes, and what fails is told with how much is there."""

import json
import os
import signal
import subprocess
import time

import pytest

MIB = 1 << 20
SPEC = "fodder1:seed=5,dedup=2,compress=2,unit=64KiB"
KINDS = ["stream", "file", "direct", "uring"]
SIZES = [0, 1, 4095, 4096, 4097, 3 * MIB + 5]


@pytest.fixture
def direct_path(tmp_path):
    """A folder whose file system takes O_DIRECT."""
    probe = tmp_path / "probe"
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_DIRECT))
    except OSError:
        pytest.skip("no O_DIRECT there")
    probe.unlink()
    return tmp_path


def generate(fodder, size, path, *options, **more):
    return fodder("generate", size, "--spec", SPEC, "-o", path, *options, **more)


def need(kind, result):
    if kind == "uring" and (b"does not allow io_uring" in result.stderr or b"--io uring: null" in result.stderr):
        pytest.skip("no io_uring here")


def expected(fodder, size, offset=0):
    result = fodder("generate", size, "--spec", SPEC, "--offset", offset, "--io", "stream")
    assert result.returncode == 0 and len(result.stdout) == size
    return result.stdout


def shimmed(fault):
    shim = os.environ.get("FAIL_PLACE_SHIM")
    if not shim:
        pytest.skip("this build has no shim")
    return {**os.environ, "LD_PRELOAD": shim, "FAIL_PLACE": fault}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_every_kind_writes_and_reads_the_same_bytes(fodder, oracle, direct_path, kind, size):
    path = direct_path / "data"
    path.write_bytes(b"old" * 5_000_000)
    for offset in [0, 12345]:
        result = generate(fodder, size, path, "--io", kind, "--offset", offset, "--block", "64KiB", "--json")
        need(kind, result)
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["io"] == kind
        data = path.read_bytes()
        assert data == expected(fodder, size, offset)
        assert data[:4096] == oracle(SPEC, offset, min(size, 4096))
        for depth in [2, 5]:
            result = fodder("verify", path, "--io", kind, "--block", "64KiB", "--depth", depth, "--json")
            assert result.returncode == 0 and json.loads(result.stdout)["bytes"] == size
        other = fodder("verify", path, "--io", kind, "--spec", SPEC.replace("5", "6", 1), "--json")
        assert other.returncode == (3 if size else 0)


def test_a_pipe_is_given_the_pages_and_later_blocks_do_not_show_in_them(fodder):
    """The reader passes on what it reads without a copy, and a second pipe holds it, while the ring goes round."""
    size = 64 * MIB
    want = expected(fodder, size)
    with fodder.start("generate", size, "--spec", SPEC, "-q", stdout=subprocess.PIPE) as process:
        passed_in, passed_out = os.pipe()
        got = bytearray()
        while moved := os.splice(process.stdout.fileno(), passed_out, 65536):
            if len(got) % (4 * MIB) < 65536:
                time.sleep(0.005)  # the writer is ahead
            while moved:
                piece = os.read(passed_in, moved)
                got += piece
                moved -= len(piece)
        assert process.wait() == 0
    assert got == want


def test_a_pipe_that_nobody_reads_for_a_while_holds_what_it_was_given(fodder):
    with fodder.start("generate", 512 * 1024, "--spec", SPEC, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(0.5)  # it has ended, and its memory is gone
        assert process.poll() == 0
        assert process.stdout.read() == expected(fodder, 512 * 1024)
        assert json.loads(process.stderr.read())["io"] == "pipe"


def test_null_writes_nothing(fodder, tmp_path):
    (tmp_path / "data").write_bytes(b"old")
    for output in [["-o", tmp_path / "data"], []]:
        result = fodder("generate", "1GiB", "--spec", SPEC, *output, "--io", "null", "--json")
        told = json.loads(result.stdout)
        assert result.returncode == 0 and told["limit"] == "making the data"
    assert (tmp_path / "data").read_bytes() == b"old" and label(tmp_path / "data") is None


def test_the_closing_line_tells_who_waited(fodder, tmp_path):
    result = generate(fodder, "64MiB", tmp_path / "data")
    assert b"the output waited for data" in result.stderr and b"the limit was" in result.stderr
    told = json.loads(generate(fodder, "64MiB", tmp_path / "data", "--json").stdout)
    assert 0 <= told["output_waited_seconds"] <= told["seconds"] and told["maker_waited_seconds"] >= 0
    assert (told["io"], told["block"] * told["depth"] <= 64 * MIB) == ("file", True)


WRONG = [
    (["--io", "tape"], "--io tape: null, stream, file"),
    (["--io", "pipe"], "is no pipe"),
    (["--block", "1000"], "--block 1000: a block is a multiple of 4KiB"),
    (["--block", "2GiB"], "--block 2GiB: a block is a multiple of 4KiB"),
    (["--depth", "1"], "--depth 1: the number of blocks is 2 to 1024"),
    (["-o", "-", "--io", "direct"], "--io direct: it takes a file or a device that is named"),
    (["-o", "-", "--io", "file"], "--io file: standard output is no file"),
]


@pytest.mark.parametrize("options, words", WRONG, ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_wrong_usage_is_refused_before_anything_is_written(fodder, tmp_path, options, words):
    result = generate(fodder, 1000, tmp_path / "data", *options)
    assert result.returncode == 2 and words in result.stderr.decode() and not result.stdout
    assert not (tmp_path / "data").exists()


def label(path):
    try:
        return os.getxattr(path, "user.fodder.spec").decode()
    except OSError:
        return None


def test_a_file_says_itself_what_it_holds(fodder, tmp_path):
    path = tmp_path / "data"
    generate(fodder, "1MiB", path, "--offset", "3GiB")
    if label(path) is None:
        pytest.skip("no extended attributes there")
    assert label(path) == SPEC
    result = fodder("verify", path)
    assert result.returncode == 0 and b"right" in result.stdout
    with open(path, "r+b") as file:
        file.write(b"\1")
    assert fodder("verify", path).returncode == 3
    assert fodder("verify", path, "--seed", "1").returncode == 3, "options come first"
    os.setxattr(path, "user.fodder.spec", b"fodder9:seed=1")
    assert b"does not say it itself" in fodder("verify", path).stderr


def test_a_file_that_is_not_whole_says_nothing(fodder, tmp_path):
    path = tmp_path / "data"
    generate(fodder, "1MiB", path)
    if label(path) is None:
        pytest.skip("no extended attributes there")
    result = generate(fodder, "8MiB", path, env=shimmed("write:4000000:4000001:EIO"))
    assert result.returncode == 1 and label(path) is None


@pytest.mark.parametrize("kind, call", [("file", "write"), ("stream", "write"), ("direct", "pwrite")])
def test_an_error_while_writing_tells_how_much_is_there(fodder, direct_path, kind, call):
    path = direct_path / "data"
    options = ["--io", kind, "--block", "64KiB", "--depth", "4"]
    result = generate(fodder, "8MiB", path, *options, env=shimmed(f"{call}:4000000:4000001:EIO"))
    whole = 4000000 // 65536 * 65536
    assert result.returncode == 1
    assert f"Input/output error; {whole} of {8 * MIB} bytes were written" in result.stderr.decode()
    data = path.read_bytes()
    assert data[:whole] == expected(fodder, whole), "what is said to be there is there"
    assert kind != "direct" or len(data) == whole, "what was reserved is given back"
    assert kind != "file" or len(data) == whole, "nothing lies where it does not belong"


@pytest.mark.parametrize("kind, call", [("file", "write"), ("stream", "write"), ("direct", "pwrite")])
def test_short_writes_are_gone_on_with(fodder, direct_path, kind, call):
    path = direct_path / "data"
    result = generate(fodder, 4 * MIB, path, "--io", kind, env=shimmed(f"{call}:0:{8 * MIB}:short"))
    assert result.returncode == 0, result.stderr
    assert path.read_bytes() == expected(fodder, 4 * MIB)


@pytest.mark.parametrize("kind", ["file", "direct"])
def test_what_cannot_be_read_is_told_and_passed_over(fodder, direct_path, kind):
    path = direct_path / "data"
    generate(fodder, 8 * MIB, path)
    with open(path, "r+b") as file:
        file.seek(6 * MIB)
        file.write(bytes(512))
    environment = shimmed("pread:3000000:3010000:EIO")
    result = fodder("verify", path, "--spec", SPEC, "--io", kind, "--block", "1MiB", "--json", env=environment)
    told = json.loads(result.stdout)
    first, last = 3000000 // 4096 * 4096, -(-3010000 // 4096) * 4096
    assert result.returncode == 1 and f"{last - first} bytes at {first} cannot be read: Input/output error" in result.stderr.decode()
    assert told["unreadable"] == last - first and told["bytes"] == 8 * MIB - (last - first)
    assert [(run["kind"], run["offset"]) for run in told["runs"]] == [("zeroed", 6 * MIB)], "it went on"


def test_short_reads_are_gone_on_with(fodder, direct_path):
    path = direct_path / "data"
    generate(fodder, 4 * MIB, path)
    result = fodder("verify", path, "--spec", SPEC, "--io", "file", env=shimmed(f"pread:0:{8 * MIB}:short"))
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_signal_ends_it_with_what_is_there(fodder, direct_path, kind):
    path = direct_path / "data"
    size = "200GiB" if kind in ("stream", "file") else "20GiB"  # of which the second is reserved
    process = fodder.start("generate", size, "--spec", SPEC, "-o", path, "--io", kind, stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    if "No space" in error or "io_uring" in error:
        pytest.skip(error)
    assert process.returncode == 1 and "interrupted (SIGINT)" in error
    whole = int(error.split("; ")[1].split()[0])
    assert 0 < whole < 200 << 30
    result = fodder("verify", path, whole, "--spec", SPEC)
    path.unlink()
    assert result.returncode == 0, "so many bytes are right"


@pytest.mark.parametrize("kind", ["file", "direct", "uring"])
def test_a_sample_is_the_same_however_it_is_read(fodder, direct_path, kind):
    path = direct_path / "data"
    generate(fodder, 16 * MIB, path)
    result = fodder("verify", path, "--sample", "25", "--io", kind, "--spec", SPEC, "--json")
    need(kind, result)
    assert json.loads(result.stdout)["bytes"] == 4 * MIB


def test_the_page_cache_is_dropped_where_asked(fodder, tmp_path):
    path = tmp_path / "data"
    generate(fodder, 4 * MIB, path, "--sync")
    assert fodder("verify", path, "--spec", SPEC, "--drop-cache").returncode == 0


@pytest.fixture
def loop_device(tmp_path):
    """A block device of 16 MiB that is a file."""
    backing = tmp_path / "backing"
    backing.write_bytes(bytes(16 * MIB))
    made = subprocess.run(["losetup", "--find", "--show", backing], capture_output=True, text=True)
    if made.returncode:
        pytest.skip("no loop devices here")
    yield made.stdout.strip()
    subprocess.run(["losetup", "--detach", made.stdout.strip()], check=True)


def test_a_block_device_is_written_and_read_past_the_cache(fodder, loop_device):
    result = generate(fodder, 5 * MIB + 17, loop_device, "--force", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["io"] in ("uring", "direct")
    assert fodder("verify", loop_device, 5 * MIB + 17, "--spec", SPEC).returncode == 0
    result = generate(fodder, 16 * MIB + 1, loop_device, "--force")
    assert result.returncode == 1 and b"it holds 16777216 bytes; 0 of 16777217" in result.stderr
    assert fodder("verify", loop_device, 5 * MIB, "--spec", SPEC).returncode == 0, "it was left alone"


def test_a_device_in_use_is_refused(fodder, loop_device, tmp_path):
    if subprocess.run(["mkfs.ext4", "-q", loop_device]).returncode:
        pytest.skip("no mkfs.ext4")
    place = tmp_path / "mounted"
    place.mkdir()
    if subprocess.run(["mount", loop_device, place]).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        result = generate(fodder, MIB, loop_device, "--force")
        assert result.returncode == 1 and b"it is in use: mounted" in result.stderr
    finally:
        subprocess.run(["umount", place], check=True)
