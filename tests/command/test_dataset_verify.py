"""fodder verify of a data set: every difference is named."""

import os
import re

import pytest
from running import error_of
from set_by_hand import DataSet, Lognormal
from sets import SET, SPEC, damage, made, told, verify  # noqa: F401: made is a fixture
from trees import tree


def test_a_right_set_is_right(fodder, made):
    result = verify(fodder, made, "--strict")
    assert result.returncode == 0 and result.stderr == b"" and re.search(rb"set: right, 300 files, .* files/s", result.stdout)
    size = sum(map(len, tree(made).values()))
    assert told(verify(fodder, made, "--json")).items() >= {"ok": True, "files": 300, "bytes": size, "bad": 0, "differ": []}.items()
    assert verify(fodder, made, "-q").stdout == b""


def test_a_set_of_a_histogram_is_verified_by_its_manifest_alone(fodder, tmp_path):
    (tmp_path / "rows").write_text("size,weight\n" + "".join(f"{size},1\n" for size in range(5000)))
    words = ["--files", "500", "--size", f"csv:{tmp_path / 'rows'}", "--manifest", tmp_path / "m"]
    assert fodder("dataset", tmp_path / "set", *words).returncode == 0
    (tmp_path / "rows").unlink()
    assert verify(fodder, tmp_path / "set", "--strict").returncode == 0
    assert fodder("dataset", tmp_path / "set", "--manifest", tmp_path / "m", "--resume=verify", "-q").returncode == 0


@pytest.fixture
def broken(made):
    """One fault of each kind."""
    folder = made / "d000000"
    set_ = DataSet(300, Lognormal(8192, 1500000), unit=4096, seed=7)
    large = [k for k in range(300) if set_.size(k) > 30000]

    def path(k):
        return made / set_.name(k)

    path(large[0]).unlink()
    os.truncate(path(large[1]), 777)
    with open(path(large[2]), "ab") as file:
        file.write(b"xyz")
    damage(path(large[3]), 12345)
    damage(path(large[3]), 22345)
    with open(path(large[4]), "r+b") as file:
        file.write(bytes(1024))
    with open(path(large[5]), "r+b") as file:
        file.write(path(large[6]).read_bytes()[4096:8192])
    path(large[7]).unlink()
    path(large[7]).mkdir()
    path(large[8]).unlink()
    path(large[8]).symlink_to("f000000000")
    os.mkfifo(folder / "fifo")
    path(large[9]).unlink()
    os.mkfifo(path(large[9]))
    return made, set_, large


def test_every_bad_file_is_named_with_its_first_run(fodder, broken):
    made, set_, large = broken
    result = verify(fodder, made)
    assert result.returncode == 3 and result.stderr == b""
    lines = dict(line.split(": ", 1) for line in result.stdout.decode().splitlines() if line.startswith("d0"))
    name = [set_.name(k) for k in large]
    assert lines[name[0]] == "missing: there is no such file"
    assert lines[name[1]] == f"missing at 777, {set_.size(large[1]) - 777} bytes; 1 run"
    assert lines[name[2]] == "3 bytes too long"
    assert lines[name[3]] == "corrupt at 12288, 512 bytes: 1 bits in 1 bytes from 12345 to 12345; 2 runs"
    assert lines[name[4]] == "zeroed at 0, 1024 bytes: 0x00; 1 run" or lines[name[4]] == "zeroed at 0, 1024 bytes; 1 run"
    assert re.match(r"misplaced at 0, 4096 bytes: belongs to d0\S+ at \d+, generation 0", lines[name[5]])
    assert lines[name[7]] == lines[name[8]] == lines[name[9]] == "this is no regular file"
    assert len(lines) == 9 and "WRONG, 9 of 300 files differ" in result.stdout.decode()


def test_misplaced_data_name_their_file(fodder, made):
    set_ = DataSet(300, Lognormal(8192, 1500000), unit=4096, seed=7)
    unique = {}
    for name, size, start in set_.all():
        for at in range(0, size - 4095, 4096):
            unique.setdefault((made / name).read_bytes()[at : at + 4096], (name, at))
    for wanted in list(unique.values())[::60]:
        block = (made / wanted[0]).read_bytes()[wanted[1] : wanted[1] + 4096]
        target = made / "d000000" / "f000000001"
        kept = target.read_bytes()
        if kept[:4096] == block:
            continue
        with open(target, "r+b") as file:
            file.write(block)
        bad = told(verify(fodder, made, "--json"))["differ"]
        assert [(entry["name"], entry["source_name"], entry["source_offset"]) for entry in bad] == [("d000000/f000000001", *wanted)]
        target.write_bytes(kept)


def test_json_tells_the_bad_files(fodder, broken):
    made, set_, large = broken
    found = told(verify(fodder, made, "--json"))
    assert found["ok"] is False and found["files"] == 300 and found["bad_files"] == 9 and found["more_differ"] == 0
    entries = {entry["file"]: entry for entry in found["differ"]}
    assert list(entries) == sorted(entries) and set(entries) == set(large[:6] + large[7:10])
    assert entries[large[0]]["missing"] and entries[large[0]]["bad"] == set_.size(large[0])
    assert entries[large[2]]["longer"] == 3 and entries[large[2]]["runs"] == 0
    assert entries[large[3]]["runs"] == 2 and entries[large[3]]["first_run"]["first"] == 12345
    assert not entries[large[7]]["regular"]


def test_of_many_bad_files_json_lists_a_thousand(fodder, tmp_path):
    fodder("dataset", tmp_path / "set", "--files", "1500", "--size", "10", "--manifest", tmp_path / "m")
    for k in range(1200):
        (tmp_path / "set" / f"d{k // 1000:06}" / f"f{k:09}").unlink()
    found = told(verify(fodder, tmp_path / "set", "--json"))
    assert found["bad_files"] == 1200 and len(found["differ"]) == 1000 and found["more_differ"] == 200
    lines = verify(fodder, tmp_path / "set").stdout.decode().splitlines()
    assert len([line for line in lines if "no such file" in line]) == 1200


def test_foreign_data_are_named(fodder, tmp_path, made):
    fodder("dataset", tmp_path / "other", "--files", "300", *SET[:2], "--spec", SPEC.replace("seed=7", "seed=8"))
    data = (tmp_path / "other" / "d000000" / "f000000000").read_bytes()[:4096]
    with open(made / "d000000" / "f000000000", "r+b") as file:
        file.write(data)
    assert b"f000000000: foreign at 0, 4096 bytes: belongs to 8 at 0" in verify(fodder, made, "--foreign", "8").stdout


def test_a_sample_is_spread_evenly_and_always_the_same(fodder, made):
    assert b"right, 30 files" in verify(fodder, made, "--sample", "10").stdout
    assert b"right, 1 files" in verify(fodder, made, "--sample", "0.0000001").stdout
    found = set()
    for k in range(300):
        path = made / "d000000" / f"f{k:09}"
        path.rename(made / "away")
        if verify(fodder, made, "--sample", "10%", "-q").returncode == 3:
            found.add(k)
        (made / "away").rename(path)
    assert found == set(range(0, 300, 10))


def test_ranks_share_the_comparing(fodder, broken):
    made, set_, large = broken
    found = [told(verify(fodder, made, "--json", "--rank", rank, "--world", 4)) for rank in range(4)]
    assert [one["files"] for one in found] == [75] * 4
    for rank, one in enumerate(found):
        assert {entry["file"] for entry in one["differ"]} == {k for k in large[:6] + large[7:10] if k % 4 == rank}


def test_strict_finds_files_of_no_set(fodder, made):
    (made / "d000000" / "f000000300").write_text("")
    (made / "x").write_text("")
    (made / "deep" / "er").mkdir(parents=True)
    (made / "deep" / "er" / "f000000001").write_text("")
    assert verify(fodder, made).returncode == 0
    result = verify(fodder, made, "--strict")
    lines = [line for line in result.stdout.decode().splitlines() if line.endswith(": this does not belong to the set")]
    assert result.returncode == 3 and sorted(line.split(":")[0] for line in lines) == ["d000000/f000000300", "deep/er/f000000001", "x"]
    assert b"3 files do not belong to the set" in result.stdout
    assert told(verify(fodder, made, "--strict", "--json"))["strays"] == 3


@pytest.mark.parametrize("words, why", [
    ([], "name the manifest of the data set in it with --manifest FILE"),
    (["--manifest", "{m}", "--seed", "1"], "leave out the options that say it too"),
    (["--manifest", "{m}", "--offset", "1"], "leave out the options that say it too"),
    (["5", "--manifest", "{m}"], "leave out SIZE"),
    (["--manifest", "{m}", "--numa", "off"], "leave out --numa"),
    (["--manifest", "{m}", "--io", "direct"], "leave out --io, --block, --depth and --drop-cache"),
    (["--manifest", "{m}", "--block", "1MiB"], "leave out --io, --block, --depth and --drop-cache"),
    (["--manifest", "{m}", "--depth", "4"], "leave out --io, --block, --depth and --drop-cache"),
    (["--manifest", "{m}", "--drop-cache"], "leave out --io, --block, --depth and --drop-cache"),
    (["--manifest", "{m}", "--rank", "1"], "--rank 1: with --world 1 the ranks are 0 to 0"),
    (["--manifest", "{m}", "--world", "x"], "--world x"),
])
def test_options_that_say_it_twice_are_refused(fodder, made, words, why):
    words = [word.replace("{m}", str(made.parent / "m")) for word in words]
    assert why in error_of(fodder("verify", made, *words), 2)


def test_options_of_a_set_are_not_for_a_file(fodder, made):
    assert "is no directory" in error_of(fodder("verify", made.parent / "m", "--seed", "1", "--strict"), 2)
