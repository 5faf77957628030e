"""fodder measure: every number of --json --full is the one that counting by hand gives; codecs are what their own tools make."""

import os
import pathlib
import random
import shutil
import subprocess
import sys

import pytest

from by_hand import (BLOCKS, KIB, MIB, RECORDS, check_account, check_row, compress, compress_row, contents_of, dedup_of_all, dedup_row, gzip_size, has_zlib_of,
                     library_codec, told)

ROOT = pathlib.Path(__file__).parents[2]


def some_of(path, length):
    """The beginning of a real file, or text where it is not there."""
    try:
        with open(path, "rb") as file:
            return file.read(length)
    except OSError:
        return b"".join(b"line %d of no %s\n" % (i * i, os.fsencode(path)) for i in range(length // 32))


# ---- Trees


def make_versions(folder):
    """Sources twice, the second time edited; other names of files, links, nothing."""
    for version in ("one", "two"):
        (folder / version).mkdir()
        for path in sorted((ROOT / "src").glob("[lmo]*/*.[ch]")):
            (folder / version / path.name).write_bytes(path.read_bytes().replace(b"const ", b"" if version == "two" else b"const ", 1))
    os.link(folder / "one" / "layout.c", folder / "two" / "again.c")
    os.link(folder / "one" / "overhead.c", folder / "one" / "more.c")
    os.symlink("one", folder / "link")
    os.symlink("nowhere", folder / "dangling")
    (folder / "empty").touch()


def make_mail(folder):
    """1,200 files, more than are under way at once: many alike, many short, some of one byte or none."""
    for i in range(1200):
        (folder / str(i % 11)).mkdir(exist_ok=True)
        (folder / str(i % 11) / f"{i}").write_bytes(b"Subject: %d\n\n" % (i % 700) + b"Good morning.\n" * (i % 60) if i % 10 else b"xyz"[i % 4:i % 4 + 1])


TREES = {"versions": make_versions, "mail": make_mail}


def holes_of(folder):
    stats = {(s.st_dev, s.st_ino): s for s in (path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())}
    return sum(max(0, s.st_size - 512 * s.st_blocks) for s in stats.values())


@pytest.mark.parametrize("name", TREES)
def test_every_number_of_a_tree_is_the_one_counted_by_hand(fodder, tmp_path, name):
    TREES[name](tmp_path)
    os.sync()
    before, account = holes_of(tmp_path), told(fodder, tmp_path, "--full")["total"]
    contents = contents_of(tmp_path, set())
    check_account(account, contents)
    assert account["files"] == len(contents) and account["unreadable"] == account["changed"] == 0
    assert account["links"] == (2 if name == "versions" else 0)
    if before == holes_of(tmp_path):
        assert account["holes"] == before


def test_several_paths_are_counted_each_for_itself_and_all_as_one(fodder, tmp_path):
    for name in TREES:
        (tmp_path / name).mkdir()
        TREES[name](tmp_path / name)
    paths = [tmp_path / "versions" / "two", tmp_path / "mail", tmp_path / "versions" / "one"]
    result, seen = told(fodder, *paths, "--full"), set()
    contents = [contents_of(path, seen) for path in paths]
    assert [account["path"] for account in result["paths"]] == [str(path) for path in paths]
    for account, files in zip(result["paths"], contents):
        check_account(account, files)
    check_account(result["total"], sum(contents, []))
    assert [account["links"] for account in [*result["paths"], result["total"]]] == [0, 0, 2, 2]


LENGTHS = {
    "around": [1, 511, 512, 513, 4096, 65535, MIB - 1, MIB, MIB + 1, 2 * MIB, 4 * MIB + 512, 16 * MIB - 1, 16 * MIB, 16 * MIB + 4097],
    "whole": [MIB] * 18,  # so that the 16th file ends where a batch does
    "few": [0, 1],
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_blocks_begin_at_every_file_whatever_its_length(fodder, tmp_path, lengths):
    """16 MiB are worked on at once, and segments of 1 MiB are sampled: lengths around both."""
    chosen, paths = random.Random(2), []
    rock = [chosen.randbytes(64 * KIB) for _ in range(8)]
    for i, length in enumerate(chosen.sample(lengths, len(lengths))):
        paths.append(tmp_path / str(i))
        paths[-1].write_bytes(b"".join(chosen.choices(rock, k=length // (64 * KIB) + 1))[:length])
    order = contents_of(tmp_path, set())
    account = told(fodder, tmp_path, "--sample", "1M")["total"]
    for found, wanted in zip(account["dedup"], dedup_of_all(order, by_content=len(order) == 18)):
        check_row(found, wanted)
    assert account["bytes"] == sum(lengths)


# ---- Codecs


@pytest.fixture(scope="module")
def chunks(tmp_path_factory):
    """A file of program, text, random bytes and zeros, and a function: its chunks of a size, each in a file of its own."""
    folder = tmp_path_factory.mktemp("chunks")
    data = some_of(os.path.realpath(sys.executable), 700 * KIB) + some_of(ROOT / "docs" / "format.md", MIB) + random.Random(3).randbytes(300 * KIB) + b"\0" * 70001
    (folder / "data").write_bytes(data)

    def cut_to_files(size):
        (folder / str(size)).mkdir(exist_ok=True)
        paths = [folder / str(size) / f"{at:08}" for at in range(0, len(data), size)]
        for path, at in zip(paths, range(0, len(data), size)):
            path.write_bytes(data[at:at + size])
        return paths

    return folder / "data", cut_to_files


@pytest.fixture(scope="module")
def of_chunks(chunks):
    from running import Fodder

    return told(Fodder(), chunks[0], "--full")["total"]


def sizes_by_tool(words, paths, ending):
    subprocess.run([*words, *paths], check=True, capture_output=True)
    sizes = [os.path.getsize(f"{path}{ending}") for path in paths]
    for path in paths:
        os.unlink(f"{path}{ending}")
    return sizes


def version_of(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True).stdout


@pytest.mark.parametrize("chunk", RECORDS)
@pytest.mark.parametrize("level", [1, 3, 9])
def test_zstd_stores_what_the_zstd_command_makes(chunks, of_chunks, level, chunk):
    found = compress_row(of_chunks, f"zstd-{level}", chunk)
    if not shutil.which("zstd") or f"v{found['version']}," not in version_of("zstd"):
        pytest.skip("no zstd command of the library's version")
    paths = chunks[1](chunk)
    sizes = sizes_by_tool(["zstd", f"-{level}", "--no-check", "--single-thread", "-q", "-f"], paths, ".zst")
    by_content = {path.read_bytes(): size for path, size in zip(paths, sizes)}
    check_row(found, compress(f"zstd-{level}", chunk, [chunks[0].read_bytes()], by_content.get))


@pytest.mark.parametrize("chunk", RECORDS)
def test_lz4_stores_what_the_lz4_command_makes_but_for_its_frame(chunks, of_chunks, chunk):
    found = compress_row(of_chunks, "lz4", chunk)
    if not shutil.which("lz4"):
        pytest.skip("no lz4 command")
    paths, frame = chunks[1](chunk), 15  # 7 at the head, a block's length, the end; a block that does not shrink is raw
    sizes = sizes_by_tool(["lz4", "-1", "--no-frame-crc", "-q", "-f", "-m"], paths, ".lz4")
    stored = sum(min(size - frame, path.stat().st_size) for path, size in zip(paths, sizes))
    assert abs(found["stored"] - stored) <= frame * len(paths) and found["stored"] == pytest.approx(stored, rel=0.001)


@pytest.mark.parametrize("chunk", RECORDS)
@pytest.mark.parametrize("codec", ["lz4", "snappy"])
def test_a_codec_stores_what_its_library_makes(chunks, of_chunks, codec, chunk):
    size_of = library_codec(codec)
    if not size_of or codec not in {row["codec"] for row in of_chunks["compress"]}:
        pytest.skip(f"no lib{codec}")
    check_row(compress_row(of_chunks, codec, chunk), compress(codec, chunk, [chunks[0].read_bytes()], size_of))


@pytest.mark.parametrize("sector", [512, 4096])
def test_what_shrinks_is_rounded_up_to_sectors_and_what_does_not_is_raw(fodder, chunks, sector):
    result = told(fodder, chunks[0], "--full", "--sector", sector)
    assert result["sector"] == sector
    for chunk in RECORDS:
        found = compress_row(result["total"], "gzip-6", chunk)
        if not has_zlib_of(found):
            pytest.skip("another zlib")
        check_row(found, compress("gzip-6", chunk, [chunks[0].read_bytes()], gzip_size, sector))


# ---- Planted


def test_zeros_are_one_block_of_each_size(fodder, tmp_path):
    with open(tmp_path / "zeros", "wb") as file:
        file.truncate(8 * MIB)
    account = told(fodder, tmp_path / "zeros", "--full", "--sector", "4096")["total"]
    for size in BLOCKS:
        row, count = dedup_row(account, "fixed", size), 8 * MIB // size
        assert (row["ratio"], row["zero_pieces"], row["zero_bytes"], row["distinct"]) == (count, count, 8 * MIB, 1)
        assert row["reuse"] == [0] * (count - 1).bit_length() + [1]
        assert row["distances"] == [0] * (size // 4096).bit_length() + [count - 1]
    for size in (8 * KIB, 64 * KIB, MIB):  # no gear hash cuts zeros
        assert dedup_row(account, "cdc", size)["ratio"] == max(1, MIB // size)
    assert account["entropy"] == 0 and compress_row(account, "lz4", 128 * KIB)["ratio"] == 32


def test_distances_and_reuse_of_a_known_pattern(fodder, tmp_path):
    """Pages: a b a c a c c; a comes again after 8 KiB twice, c after 8 and 4, and b never."""
    a, b, c = (random.Random(seed).randbytes(4096) for seed in (5, 6, 7))
    (tmp_path / "data").write_bytes(a + b + a + c + a + c + c)
    account = told(fodder, tmp_path / "data")["total"]
    row = dedup_row(account, "fixed", 4096)
    assert row["reuse"] == [1, 0, 2] and row["distances"] == [0, 1, 3]
    row = dedup_row(account, "fixed", 512)
    assert row["reuse"] == [8, 0, 16] and row["distances"] == [0, 8, 24]
    assert dedup_row(account, "fixed", 8192)["reuse"] == [2, 1]  # ab, ac twice, and a short c


def test_both_is_dedup_times_what_is_left_after_it(fodder, tmp_path):
    """Records: three of one that does not shrink, and one that is half zeros."""
    solid, half = random.Random(8).randbytes(128 * KIB), random.Random(9).randbytes(64 * KIB) + bytes(64 * KIB)
    (tmp_path / "data").write_bytes(solid + half + solid + solid)
    account = told(fodder, tmp_path / "data", "--full")["total"]
    row = compress_row(account, "lz4", 128 * KIB)
    squeezed = row["stored"] - 3 * 128 * KIB
    assert 64 * KIB < squeezed < 66 * KIB and row["raw_chunks"] == 3 and row["unique_chunks"] == 2
    assert dedup_row(account, "fixed", 128 * KIB)["ratio"] == 2
    assert row["unique_ratio"] == pytest.approx(256 * KIB / (128 * KIB + squeezed), rel=1e-6)
    assert row["both"] == pytest.approx(512 * KIB / (128 * KIB + squeezed), rel=1e-6)
