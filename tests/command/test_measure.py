"""fodder measure: against the same computed in Python, on trees of real files; and how it behaves."""

import gzip
import hashlib
import json
import lzma
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tarfile

import pytest

from by_hand import KIB, MIB, check_account, compress_row, contents_of, told

ROOT = pathlib.Path(__file__).parents[2]
MOST = 3 * MIB  # of a tree


# ---- Trees


def copy_some(files, folder):
    """Copies files until there is enough; a real tree that changes meanwhile must not change the test."""
    folder.mkdir()
    taken = 0
    for i, path in enumerate(sorted(files)):
        if path.is_file() and not path.is_symlink() and 0 < path.stat().st_size < MOST - taken:
            shutil.copyfile(path, folder / f"{i:05}")
            taken += path.stat().st_size
    assert taken > 64 * KIB, "no such files on this machine"


def make_log(folder):
    folder.mkdir()
    lines = (f"2026-11-24T12:{i // 60 % 60:02}:{i % 60:02} node{i * 7919 % 31} GET /objects/{i * 104729 % 100003} {200 + i % 3}\n" for i in range(40000))
    (folder / "log").write_text("".join(lines))


def make_database(folder):
    folder.mkdir()
    with sqlite3.connect(folder / "db") as db:
        db.execute("create table t (a integer primary key, b text, c blob)")
        db.executemany("insert into t values (?, ?, ?)", ((i, f"name {i % 97}", hashlib.sha256(b"%d" % i).digest()) for i in range(20000)))


def text_of_library():
    return b"".join(path.read_bytes() for path in sorted(pathlib.Path(os.__file__).parent.glob("*.py"))[:60])[:MOST]


def make_tar(folder):
    folder.mkdir()
    for name in ("one", "two"):  # the second shares all but its beginning
        with tarfile.open(folder / name, "w") as tar:
            for i, path in enumerate(sorted((ROOT / "src").rglob("*.c"))):
                if name == "one" or i != 1:
                    tar.add(path, arcname=path.name)


def make_compressed(folder):
    folder.mkdir()
    (folder / "text.gz").write_bytes(gzip.compress(text_of_library(), mtime=0))
    (folder / "text.xz").write_bytes(lzma.compress(text_of_library()))


def make_sparse(folder):
    folder.mkdir()
    with open(folder / "sparse", "wb") as file:
        file.write(text_of_library()[: 300 * KIB])
        file.truncate(5 * MIB + 77)


def make_tiny(folder):
    for i in range(700):
        (folder / f"d{i % 7}").mkdir(parents=True, exist_ok=True)
        (folder / f"d{i % 7}" / str(i)).write_bytes(b"%d" % (i % 50) * (i % 400))


TREES = {
    "programs": lambda folder: copy_some(pathlib.Path("/usr/bin").iterdir(), folder),
    "libraries": lambda folder: copy_some(pathlib.Path("/usr/lib").glob("*/*.so*"), folder),
    "documents": lambda folder: copy_some(pathlib.Path("/usr/share/doc").rglob("*"), folder),
    "sources": lambda folder: copy_some(ROOT.glob("[sct]*/**/*.[ch]"), folder),
    "python": lambda folder: copy_some(pathlib.Path(os.__file__).parent.glob("*.py"), folder),
    "pictures": lambda folder: copy_some([*ROOT.glob("docs/*.svg"), *pathlib.Path("/usr/share").rglob("*.png")], folder),
    "logs": make_log,
    "database": make_database,
    "tarballs": make_tar,
    "compressed": make_compressed,
    "sparse": make_sparse,
    "tiny": make_tiny,
}


BY_CONTENT = ["database", "tarballs", "sparse"]  # Python is slow at it


@pytest.mark.parametrize("name", TREES)
def test_figures_are_those_of_an_independent_computation(fodder, tmp_path, name):
    folder = tmp_path / "tree"
    TREES[name](folder)
    contents = contents_of(folder, set())
    total = told(fodder, folder)["total"]
    assert total["files"] == len(contents) > 0
    check_account(total, contents, by_content=name in BY_CONTENT)


# ---- Codecs, and planted data


@pytest.mark.parametrize("codec, words", [("zstd-1", "zstd -1 --no-check"), ("zstd-3", "zstd -3 --no-check"), ("zstd-9", "zstd -9 --no-check"), ("lz4", "lz4 -1 --no-frame-crc")])
def test_codecs_agree_with_their_own_command_line_tools(fodder, tmp_path, codec, words):
    if not shutil.which(words.split()[0]):
        pytest.skip("no such tool")
    data = text_of_library()[: 128 * KIB]
    (tmp_path / "data").write_bytes(data)
    row = compress_row(told(fodder, tmp_path / "data")["total"], codec, 128 * KIB)
    made = len(subprocess.run([*words.split(), "-c", tmp_path / "data"], capture_output=True, check=True).stdout)
    # lz4 wraps a block in 15 bytes; zstd may note or leave out the content's size, 4 bytes.
    assert abs(made - row["stored"]) <= (15 if codec == "lz4" else 4)


def test_content_defined_chunks_survive_an_insertion_and_fixed_blocks_do_not(fodder, tmp_path, oracle):
    data = fodder("generate", "6MiB", "--seed", 5).stdout
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "b").write_bytes(data[:1000] + b"inserted" + data[1000:])
    rows = {(r["kind"], r["size"]): r["ratio"] for r in told(fodder, tmp_path, "--sample", "1MiB")["total"]["dedup"]}
    assert rows["cdc", 8 * KIB] > 1.97 and rows["cdc", 64 * KIB] > 1.8
    assert rows["fixed", 512] < 1.001


def test_incompressible_chunks_are_stored_raw_and_zeros_in_whole_sectors(fodder, tmp_path):
    (tmp_path / "random").write_bytes(fodder("generate", "1MiB", "--seed", 1).stdout)
    for row in told(fodder, tmp_path / "random", "--sector", "4096")["total"]["compress"]:
        assert row["ratio"] == 1 and row["raw_chunks"] == row["chunks"] == row["histogram"][19]
    (tmp_path / "zeros").write_bytes(bytes(MIB))
    total = told(fodder, tmp_path / "zeros", "--sector", "512")["total"]
    for row in total["compress"]:
        assert row["stored"] % 512 == 0 and (row["chunk"] > 4096 or row["stored"] == 512 * row["chunks"])
    for row in total["dedup"]:
        assert row["zero_bytes"] == MIB and row["distinct"] == 1 or row["kind"] == "cdc"


def test_an_estimate_keeps_its_bound(fodder):
    """Of 12 seeds 11.4 are expected within a 95 % bound; fewer than 9 are one run in 6,000, and the seeds are always the same."""
    seeds, inside = int(os.environ.get("FODDER_SEEDS", 12)), 0
    for seed in range(seeds):
        made = fodder.start("generate", "420MiB", "--seed", seed, "--dedup", 2, "--unit", "4KiB", "-q", stdout=subprocess.PIPE)
        total = told(fodder, "-", "--memory", "32MiB", "--sample", "1MiB", stdin=made.stdout)["total"]
        made.stdout.close()
        assert made.wait() == 0
        row = total["dedup"][0]
        assert not row["exact"] and row["ratio_low"] < row["ratio"] < row["ratio_high"] < 2.05
        inside += row["ratio_low"] <= 2 <= row["ratio_high"]
    print(f"{inside} of {seeds} within their bound")
    assert inside >= seeds * 3 // 4


def test_a_sample_whose_segments_compress_alike_is_not_said_to_be_sure(fodder, tmp_path):
    """The last MiB, which it has not seen, is within the bound."""
    (tmp_path / "data").write_bytes(b"fodder" * MIB + fodder("generate", "1MiB", "--seed", 1).stdout)
    (tmp_path / "alike").write_bytes(b"fodder" * MIB)
    for name in ("data", "alike"):
        truth, guess = (told(fodder, tmp_path / name, *words)["total"]["compress"] for words in ([], ["--sample", "1MiB"]))
        for exact, row in zip(truth, guess):
            assert exact["relative_error"] == 0 and exact["ratio_low"] == exact["ratio"] == exact["ratio_high"]
            assert row["ratio_low"] <= exact["ratio"] <= row["ratio_high"] and row["ratio_low"] < row["ratio_high"]
    assert guess[0]["relative_error"] == 0  # in the sample nothing differs
    text = fodder("measure", tmp_path / "alike", "--sample", "1MiB").stdout
    assert b"Compress of a sample: 1.14:1 to " in text and b"of a sample" not in fodder("measure", tmp_path / "alike").stdout


# ---- How it behaves


def test_standard_input_a_fifo_and_a_file_are_the_same(fodder, tmp_path):
    data = text_of_library()[:MIB]
    (tmp_path / "data").write_bytes(data)
    os.mkfifo(tmp_path / "fifo")
    with open(tmp_path / "data", "rb") as file:
        piped = told(fodder, "-", stdin=file)["total"]
    writer = subprocess.Popen(["sh", "-c", 'cat "$0" > "$1"', tmp_path / "data", tmp_path / "fifo"])
    through = told(fodder, tmp_path / "fifo")["total"]
    assert writer.wait() == 0
    straight = told(fodder, tmp_path / "data")["total"]
    assert piped["dedup"] == through["dedup"] == straight["dedup"]
    assert piped["compress"] == through["compress"] == straight["compress"]


def test_a_redirected_file_is_read_from_where_it_stands(fodder, tmp_path):
    data = text_of_library()[:MIB]
    (tmp_path / "data").write_bytes(data)
    (tmp_path / "rest").write_bytes(data[4096:])
    with open(tmp_path / "data", "rb") as file:
        for place, rest in ((4096, tmp_path / "rest"), (MIB, "/dev/null"), (2 * MIB, "/dev/null")):
            os.lseek(file.fileno(), place, os.SEEK_SET)
            total, straight = told(fodder, "-", stdin=file)["total"], told(fodder, rest)["total"]
            assert all(total[key] == straight[key] for key in ("files", "bytes", "holes", "changed", "dedup", "compress"))


def test_a_file_whose_size_its_system_does_not_tell_is_read_to_its_end(fodder):
    path = pathlib.Path("/proc/version")
    assert path.stat().st_size == 0
    total = told(fodder, path)["total"]
    assert (total["files"], total["bytes"], total["unreadable"], total["changed"]) == (1, len(path.read_bytes()), 0, 0)
    with open("/proc/cpuinfo", "rb") as file:  # this one cannot seek to its end
        assert told(fodder, "-", stdin=file)["total"]["bytes"] > 0


def test_several_paths_are_told_alone_and_together(fodder, tmp_path):
    data = fodder("generate", "2MiB", "--seed", 1).stdout
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(data)
    result = told(fodder, tmp_path / "a", tmp_path / "b")
    assert [path["dedup"][3]["ratio"] for path in result["paths"]] == [1, 1]
    assert result["total"]["dedup"][3]["ratio"] == 2 and result["total"]["bytes"] == 4 * MIB


def test_hard_links_are_read_once_and_holes_are_told(fodder, tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 5000)
    os.link(tmp_path / "a", tmp_path / "b")
    os.symlink(tmp_path / "a", tmp_path / "c")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(4 * MIB)
    total = told(fodder, tmp_path)["total"]
    assert (total["files"], total["links"], total["bytes"]) == (2, 1, 5000 + 4 * MIB)
    assert total["holes"] == 4 * MIB - 512 * os.stat(tmp_path / "sparse").st_blocks


def test_what_cannot_be_read_is_named_and_counted_and_the_rest_measured(fodder, tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 5000)
    result = fodder("measure", "--json", tmp_path / "a", tmp_path / "gone")
    assert result.returncode == 1 and b"gone: No such file" in result.stderr
    total = json.loads(result.stdout)["total"]
    assert total["unreadable"] == 1 and total["bytes"] == 5000


@pytest.mark.parametrize("target, why", [("nowhere", b"No such file"), ("link", b"Too many levels of symbolic links")])
def test_a_named_link_that_leads_nowhere_cannot_be_read(fodder, tmp_path, target, why):
    os.symlink(tmp_path / target, tmp_path / "link")
    result = fodder("measure", "--json", tmp_path / "link")
    assert result.returncode == 1 and b"link: " + why in result.stderr
    assert json.loads(result.stdout)["total"]["unreadable"] == 1
    assert told(fodder, tmp_path)["total"]["files"] == 0  # in a directory it is left alone, as any link


def test_nothing_has_the_ratio_1(fodder, tmp_path):
    (tmp_path / "empty").touch()
    total = told(fodder, tmp_path)["total"]
    assert (total["files"], total["bytes"]) == (1, 0)
    assert {row["ratio"] for row in total["dedup"] + total["compress"]} == {1}
    assert told(fodder, "-")["total"]["bytes"] == 0


def test_expectations_gate(fodder, tmp_path):
    path = tmp_path / "data"
    assert fodder("generate", "16MiB", "-o", path, "--seed", 1, "--dedup", 2, "--compress", 3, "--unit", "128KiB").returncode == 0
    assert fodder("measure", path, "-q", "--expect-dedup", 2, "--expect-compress", 3, "--tolerance", "3%").returncode == 0
    result = fodder("measure", path, "-q", "--expect-dedup", 2.1, "--expect-compress", 3)
    assert result.returncode == 3 and result.stdout == b"" and b"dedup is 2, not 2.1: -4.76 %" in result.stderr
    result = fodder("measure", path, "-q", "--expect-compress", 3, "--tolerance", 0.1, "--codec", "zstd-3")
    assert result.returncode == 3 and b"compress is 3.0" in result.stderr


@pytest.mark.parametrize("option, value", [("expect-dedup", "0.5"), ("expect-dedup", "nan"), ("expect-compress", "abc"), ("tolerance", "-1"), ("tolerance", "inf"), ("block", "5000"), ("codec", "foo"), ("sector", "100"), ("sample", "x"), ("memory", "1MiB")])
def test_wrong_options_name_themselves(fodder, option, value):
    result = fodder("measure", "/dev/null", f"--{option}", value)
    assert result.returncode == 2 and f"--{option}".encode() in result.stderr and result.stdout == b""


def test_no_path_is_wrong_usage_and_a_full_disk_is_told(fodder):
    assert fodder("measure").returncode == 2
    assert fodder("measure", "/dev/null", "--full", "--sample", "1MiB").returncode == 2
    result = fodder("measure", "/dev/null", "--html", "/dev/full", "-q")
    assert result.returncode == 1 and b"--html /dev/full: No space left" in result.stderr


def by_bytes(*words):
    return subprocess.run([os.environ["FODDER"].encode(), *words], capture_output=True, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("name, shown", [
    (b"a\x1b[2J\r\n\t\x7fb", rb"a\x1b[2J\x0d\x0a\x09\x7fb"),
    ("Größe 数 😀\u00a0".encode(), "Größe 数 😀\u00a0".encode()),
    ("c1\u009b2J\u0080".encode(), rb"c1\xc2\x9b2J\xc2\x80"),
    (b"\x9b\xff\xc0\x9b\xe0\x80\x9b\xf0\x80\x80\x9b\xf5\x80\x80\x80\xe2\x82", rb"\x9b\xff\xc0\x9b\xe0\x80\x9b\xf0\x80\x80\x9b\xf5\x80\x80\x80\xe2\x82"),
], ids=["control", "text", "C1", "no UTF-8"])
def test_names_cannot_command_a_terminal(tmp_path, name, shown):
    folder = os.fsencode(tmp_path)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"x" * 100)
    for words in ((b"measure", b"/dev/null"), (b"verify", b"--seed", b"1")):
        result = by_bytes(*words, os.path.join(folder, name))
        assert folder + b"/" + shown + b": " in result.stdout
    for words in ((b"measure",), (b"verify", b"--seed", b"1"), (b"generate", b"0", b"-o")):
        result = by_bytes(*words, os.path.join(folder, b"gone", name))
        assert result.returncode == 1 and folder + b"/gone/" + shown + b": No such file" in result.stderr
