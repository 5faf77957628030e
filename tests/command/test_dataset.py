"""fodder dataset, and fodder verify of a directory: the files of docs/dataset.md, and every difference named."""

import json
import os
import pathlib
import re
import shutil
import tempfile

import pytest
from running import error_of
from set_by_hand import DataSet, Fixed, Histogram, Lognormal, Uniform
from trees import tree

SPEC = "fodder1:seed=7,dedup=2,compress=3,unit=4KiB"
SET = ["--size", "lognormal:8KiB,1.5", "--spec", SPEC]


def sizes_below(path):
    """Every file below a directory: name and size."""
    found, todo = {}, [""]
    while todo:
        folder = todo.pop()
        for entry in os.scandir(os.path.join(path, folder)):
            name = os.path.join(folder, entry.name)
            if entry.is_dir():
                todo.append(name)
            else:
                found[name] = entry.stat().st_size
    return found


@pytest.fixture
def made(fodder, tmp_path):
    """A set of 300 files in tmp_path/"set", its manifest beside it."""
    words = ["--files", "300", *SET, "--manifest", tmp_path / "m", "-q"]
    result = fodder("dataset", tmp_path / "set", *words)
    assert result.returncode == 0 and result.stderr == b"" and result.stdout == b""
    return tmp_path / "set"


def verify(fodder, made, *options):
    return fodder("verify", made, "--manifest", made.parent / "m", *options)


def told(result):
    return json.loads(result.stdout)


# ---- What the files are ----


def test_the_files_are_those_of_the_document_and_hold_the_bytes_of_the_format(fodder, oracle, made):
    files = tree(made)
    wanted = list(DataSet(300, Lognormal(8192, 1500000), unit=4096, seed=7).all())
    assert {name: len(data) for name, data in files.items()} == {name: size for name, size, _ in wanted}
    for name, size, start in wanted[::17]:
        assert files[name] == oracle(SPEC, start, size), name


RULES = [
    ("0", Fixed(0)), ("5000", Fixed(5000)), ("4KiB", Fixed(4096)), ("uniform:0-9000", Uniform(0, 9000)),
    ("lognormal:4KiB,2.25", Lognormal(4096, 2250000)), ("lognormal:4KiB,2,1KiB-8KiB", Lognormal(4096, 2000000, 1024, 8192)),
    ("csv:rows", Histogram([(0, 0, 1500000), (4096, 4096, 250000), (100, 20000, 3000000)])),
]


@pytest.mark.parametrize("text, rule", RULES, ids=[text for text, _ in RULES])
@pytest.mark.parametrize("threads", [1, 3])
def test_each_rule_of_sizes_is_that_of_the_document(fodder, oracle, tmp_path, text, rule, threads):
    (tmp_path / "rows").write_text("# sizes that were counted\nsize,weight\n0,1.5\n4KiB, .25\n" .replace(" .25", "0.25") + "100,20000,3\n")
    words = ["--files", "700", "--size", text, "--seed", "3", "--series", "9", "--unit", "8KiB", "--threads", threads, "-q"]
    assert fodder("dataset", "set", *words, "--per-dir", "10", cwd=tmp_path).returncode == 0
    found = sizes_below(tmp_path / "set")
    wanted = list(DataSet(700, rule, unit=8192, seed=3, series=9, per_dir=10).all())
    assert found == {name: size for name, size, _ in wanted}
    name, size, start = wanted[-1]
    assert (tmp_path / "set" / name).read_bytes() == oracle("fodder1:seed=3,series=9,unit=8KiB", start, size)


def test_the_numbers_of_the_documents_example(fodder, tmp_path):
    fodder("dataset", tmp_path / "set", "--files", "4", "--size", "lognormal:8KiB,1.5", "--seed", "7", "--unit", "4KiB")
    page = (pathlib.Path(__file__).parents[2] / "docs" / "dataset.md").read_text()
    rows = re.findall(r"^\| \d \| (d\S+) \|.* \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.M)
    assert sizes_below(tmp_path / "set") == {name: int(size) for name, size, *_ in rows} and len(rows) == 4
    starts = [int(row[-1]) for row in rows]
    assert starts == [start for _, _, start in DataSet(4, Lognormal(8192, 1500000), unit=4096, seed=7).all()]


def test_a_million_tiny_files_have_the_names_and_sizes_of_the_document(fodder):
    files = 1000000 if os.environ.get("FAIL_IO_SHIM") else 20000  # a sanitizer takes its time
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = os.path.join(folder, "set")
        words = ["--files", files, "--size", "uniform:0-16", "--seed", "5", "--unit", "4KiB", "-q"]
        assert fodder("dataset", path, *words).returncode == 0
        found = sizes_below(path)
        shutil.rmtree(path)
    wanted = DataSet(files, Uniform(0, 16), unit=4096, seed=5)
    assert len(found) == files
    for k in range(files):
        assert found.get(wanted.name(k)) == wanted.size(k), k


def test_names_follow_their_pattern(fodder, tmp_path):
    words = ["--files", "7", "--size", "1", "--names", "a/{dir}/{k}-{dir}.bin", "--per-dir", "3", "-q"]
    assert fodder("dataset", tmp_path / "set", *words).returncode == 0
    wanted = DataSet(7, Fixed(1), names="a/{dir}/{k}-{dir}.bin", per_dir=3)
    assert set(tree(tmp_path / "set")) == {wanted.name(k) for k in range(7)}
    assert "a/000002/000000006-000002.bin" in tree(tmp_path / "set")


@pytest.mark.parametrize("size", ["5000", "uniform:0-20000"])
def test_ranks_write_what_one_process_writes(fodder, tmp_path, size):
    words = ["--files", "100", "--size", size, "--spec", SPEC, "-q"]
    fodder("dataset", tmp_path / "one", *words)
    ranks = [fodder.start("dataset", tmp_path / "many", *words, "--rank", rank, "--world", 3) for rank in range(3)]
    assert [rank.wait(60) for rank in ranks] == [0, 0, 0]
    assert tree(tmp_path / "many") == tree(tmp_path / "one")
    fodder("dataset", tmp_path / "part", *words, "--rank", "1", "--world", "3")
    assert [int(name[-9:]) % 3 for name in tree(tmp_path / "part")] == [1] * 33


def test_a_set_that_grows_keeps_its_files(fodder, tmp_path):
    fodder("dataset", tmp_path / "small", "--files", "50", *SET)
    fodder("dataset", tmp_path / "large", "--files", "90", *SET)
    assert tree(tmp_path / "small").items() < tree(tmp_path / "large").items()
    result = fodder("dataset", tmp_path / "small", "--files", "90", *SET, "--resume", "--json")
    assert told(result)["settled"] == 50 and told(result)["written"] == 40
    assert tree(tmp_path / "small") == tree(tmp_path / "large")


def test_no_files_are_a_set_too(fodder, tmp_path):
    result = fodder("dataset", tmp_path / "set", "--files", "0", *SET, "--manifest", tmp_path / "m", "--json")
    assert result.returncode == 0 and told(result)["written"] == told(result)["units"] == 0
    assert os.listdir(tmp_path / "set") == []
    result = verify(fodder, tmp_path / "set", "--strict")
    assert result.returncode == 0 and b"right, 0 files" in result.stdout


def test_a_set_of_one_rule_needs_no_more_memory_for_more_files(fodder, tmp_path):
    """10^11 files, of which three are written."""
    words = ["--files", 10**11, "--size", "4KiB", "--seed", "1", "--unit", "4KiB", "--only", "99999999990-99999999992"]
    result = fodder("dataset", tmp_path / "set", *words, "--json", preexec_fn=lambda: limit_memory(64 << 20))
    assert result.returncode == 0, result.stderr
    assert sorted(tree(tmp_path / "set")) == [f"d99999999/f{k}" for k in range(99999999990, 99999999993)]


def limit_memory(bytes_):
    import resource

    if not os.environ.get("FAIL_IO_SHIM"):
        return  # a sanitizer has terabytes of addresses
    resource.setrlimit(resource.RLIMIT_DATA, (bytes_, bytes_))


@pytest.mark.parametrize("size, dedup, low", [("uniform:4KiB-64KiB", 2, 1.79), ("uniform:1-9000", 3, 1.3), ("16KiB", 2, 2), ("1000", 3, 2.99), ("33000", 2.7, 2.4)])
def test_dedup_holds_over_the_set(fodder, tmp_path, size, dedup, low):
    """Counted by the blocks of all files; where a file's end cuts units, what is told is about right."""
    words = ["--files", "4000", "--size", size, "--seed", "1", "--dedup", dedup, "--unit", "4KiB", "--json"]
    result = fodder("dataset", tmp_path / "set", *words)
    blocks = [data[at : at + 4096] for data in tree(tmp_path / "set").values() for at in range(0, len(data), 4096)]
    measured = sum(map(len, blocks)) / sum(map(len, set(blocks)))
    assert measured == pytest.approx(told(result)["dedup"], rel=0.01) and low <= measured <= dedup * 1.001


def test_what_the_set_can_hold_is_told(fodder, tmp_path):
    def said(*words):
        shutil.rmtree(tmp_path / "set", ignore_errors=True)
        return fodder("dataset", tmp_path / "set", "--files", "2000", *words, "--seed", "1").stderr.decode()

    text = said("--size", "uniform:1-20000", "--dedup", "2", "--unit", "64KiB")
    assert re.search(r"dedup 2 was asked, this set holds about 1\.000 .*100 % of the bytes .* choose a smaller --unit", text), text
    assert "was asked" not in said("--size", "4KiB", "--dedup", "2", "--unit", "4KiB")
    assert "only whole files are duplicates" in said("--size", "8KiB", "--dedup", "2", "--unit", "64KiB")
    assert "duplicates" not in said("--size", "8KiB", "--unit", "64KiB")


def test_files_smaller_than_a_unit_are_duplicates_as_a_whole(fodder, tmp_path):
    fodder("dataset", tmp_path / "set", "--files", "2048", "--size", "100", "--seed", "1", "--dedup", "2")
    assert len(set(tree(tmp_path / "set").values())) == 1024


# ---- What is told ----


def test_json_and_manifest_tell_the_set(fodder, tmp_path):
    words = ["--files", "20", *SET, "--manifest", tmp_path / "m", "--json", "--threads", "2"]
    result = fodder("dataset", tmp_path / "set", *words)
    assert result.stderr == b""
    run, manifest = told(result), json.loads((tmp_path / "m").read_text())
    sizes = [size for _, size, _ in DataSet(20, Lognormal(8192, 1500000), unit=4096, seed=7).all()]
    assert run.items() >= manifest.items()
    assert manifest["spec"] == SPEC and manifest["size"] == "lognormal:8KiB,1.5" and manifest["files"] == 20
    assert manifest["bytes"] == run["written_bytes"] == sum(sizes) and manifest["unit"] == 4096
    assert manifest["units"] == sum(-(-size // 4096) for size in sizes)
    assert manifest["distinct_units"] == -(-manifest["units"] // 2)
    assert (manifest["names"], manifest["per_dir"], manifest["rank"], manifest["world"]) == ("d{dir}/f{k}", 1000, 0, 1)
    assert manifest["threads"] == 2 and manifest["generations"] == [] and manifest["nodes"] >= 1
    info = told(fodder("info", "--json"))
    assert (manifest["fodder"], manifest["kernel"], manifest["cpus"]) == (info["fodder"], info["kernel"], info["cpus"])
    assert run["written"] == 20 and run["settled"] == 0 and run["files_per_second"] == pytest.approx(20 / run["seconds"], rel=1e-6)


def test_without_a_seed_one_is_drawn_and_told(fodder, tmp_path):
    result = fodder("dataset", tmp_path / "one", "--files", "5", "--size", "uniform:1-9000", "--per-dir", "2", "--names", "{dir}/{k} x")
    again = re.search(r"again: fodder dataset (.*)\n", result.stderr.decode()).group(1)
    import shlex

    words = shlex.split(again)
    assert fodder("dataset", tmp_path / "two", *words[1:]).returncode == 0
    assert tree(tmp_path / "two") == tree(tmp_path / "one") and len(tree(tmp_path / "one")) == 5


def test_quiet_says_nothing_and_verbose_says_more(fodder, tmp_path):
    assert fodder("dataset", tmp_path / "a", "--files", "3", *SET, "-q").stderr == b""
    assert b"kernel" in fodder("dataset", tmp_path / "b", "--files", "3", *SET, "-v").stderr
    assert b"kernel" not in fodder("dataset", tmp_path / "c", "--files", "3", *SET).stderr


def test_synced_files_are_the_same(fodder, tmp_path, made):
    assert fodder("dataset", tmp_path / "synced", "--files", "300", *SET, "--sync", "-q").returncode == 0
    assert tree(tmp_path / "synced") == tree(made)


# ---- What is there already ----


def test_an_existing_set_is_refused_and_left_alone(fodder, made):
    before = tree(made)
    text = error_of(fodder("dataset", made, "--files", "300", "--size", "1", "--manifest", made.parent / "other"), 1)
    assert "d000000/f000000000: it is there already; go on with --resume, or choose another DIR" in text
    assert tree(made) == before and not (made.parent / "other").exists()


def test_a_file_that_is_in_the_way_is_not_overwritten(fodder, tmp_path):
    (tmp_path / "set" / "d000000").mkdir(parents=True)
    (tmp_path / "set" / "d000000" / "f000000005").write_bytes(b"precious")
    text = error_of(fodder("dataset", tmp_path / "set", "--files", "9", *SET, "--threads", "1"), 1)
    assert "f000000005: it is there already; 5 of 9 files are whole; add --resume to go on, or choose another DIR" in text
    assert (tmp_path / "set" / "d000000" / "f000000005").read_bytes() == b"precious"


def test_resume_settles_a_file_by_its_size_and_its_end(fodder, made):
    before = tree(made)
    folder = made / "d000000"
    names = sorted(os.listdir(folder))
    large = [name for name in names if (folder / name).stat().st_size > 20000]
    (folder / names[0]).unlink()
    os.truncate(folder / large[1], 15000)
    with open(folder / large[2], "ab") as file:
        file.write(b"x")
    damage(folder / large[3], -1)
    damage(folder / large[4], -4096)
    damage(folder / large[5], 0)  # not at its end
    result = fodder("dataset", made, "--manifest", made.parent / "m", "--resume", "--json")
    assert (told(result)["settled"], told(result)["written"]) == (295, 5)
    assert {name for name, data in tree(made).items() if data != before[name]} == {f"d000000/{large[5]}"}
    result = fodder("dataset", made, "--manifest", made.parent / "m", "--resume=verify")
    assert b"299 files were settled" in result.stderr and b"1 files were written" in result.stderr
    assert tree(made) == before


def damage(path, at):
    """Flips a bit; a negative place counts from the end."""
    with open(path, "r+b") as file:
        file.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def test_resume_where_nothing_is_writes_all(fodder, tmp_path, made):
    result = fodder("dataset", tmp_path / "new", "--files", "300", *SET, "--resume", "--json")
    assert (told(result)["settled"], told(result)["written"]) == (0, 300)
    assert tree(tmp_path / "new") == tree(made)


def test_a_manifest_and_options_must_agree(fodder, made):
    manifest = made.parent / "m"
    good = ["--manifest", manifest, "--resume"]
    assert fodder("dataset", made, "--files", "300", *SET, *good).returncode == 0
    assert fodder("dataset", made, "--files", "300", "--size", "lognormal:8k,1.50", "--dedup", "2", "--compress", "3", "--unit", "4k", *good).returncode == 0
    for words, option in [(["--files", "299"], "files"), (["--size", "1"], "size"), (["--names", "{k}"], "names"), (["--per-dir", "5"], "per-dir"),
                          (["--spec", "fodder1:seed=8"], "spec"), (["--seed", "8"], "seed"), (["--dedup", "3"], "seed"), (["--generation", "1"], "seed")]:
        text = error_of(fodder("dataset", made, *words, *good), 2)
        assert f"this set is another than --{option}" in text
    assert verify(fodder, made).returncode == 0


def test_a_set_with_a_drawn_seed_goes_on_by_its_manifest(fodder, tmp_path):
    words = ["--files", "20", "--size", "5000", "--manifest", tmp_path / "m"]
    assert fodder("dataset", tmp_path / "set", *words).returncode == 0
    (tmp_path / "set" / "d000000" / "f000000007").unlink()
    assert b"19 files were settled" in fodder("dataset", tmp_path / "set", *words, "--resume").stderr
    assert verify(fodder, tmp_path / "set").returncode == 0


# ---- Generations ----


def test_a_part_is_written_anew_with_another_generation(fodder, made, oracle):
    before = tree(made)
    manifest = made.parent / "m"
    assert fodder("dataset", made, "--manifest", manifest, "--only", "10-19", "--generation", "5").returncode == 0
    after = tree(made)
    wanted = list(DataSet(300, Lognormal(8192, 1500000), unit=4096, seed=7).all())
    for k, (name, size, start) in enumerate(wanted):
        assert (after[name] == before[name]) == (not 10 <= k <= 19), k
    name, size, start = wanted[12]
    assert after[name] == oracle(SPEC.replace("seed=7", "seed=7,generation=5"), start, size)
    assert json.loads(manifest.read_text())["generations"] == [{"first": 10, "last": 19, "generation": 5}]
    assert verify(fodder, made).returncode == 0
    fodder("dataset", made, "--manifest", manifest, "--only", "15-25", "--generation", "6")
    fodder("dataset", made, "--manifest", manifest, "--only", "12", "--generation", "0")
    assert len(json.loads(manifest.read_text())["generations"]) == 3 and verify(fodder, made).returncode == 0
    assert tree(made)[name] == before[name]
    fodder("dataset", made, "--manifest", manifest, "--only", "10-25", "--generation", "0")
    assert json.loads(manifest.read_text())["generations"] == [{"first": 10, "last": 25, "generation": 0}]
    assert tree(made) == before


def test_a_part_that_was_not_written_anew_is_stale(fodder, made):
    part = ["--manifest", made.parent / "m", "--only", "10-19", "--generation", "5"]
    before = tree(made)
    fodder("dataset", made, *part)
    (made / "d000000" / "f000000015").write_bytes(before["d000000/f000000015"])
    result = verify(fodder, made)
    assert result.returncode == 3 and b"d000000/f000000015: stale at 0, " in result.stdout and b"1 of 300 files" in result.stdout
    result = fodder("dataset", made, *part, "--resume", "--json")
    assert (told(result)["settled"], told(result)["written"]) == (9, 1)
    assert verify(fodder, made).returncode == 0


def test_only_repairs_files_as_the_manifest_has_them(fodder, made):
    before = tree(made)
    damage(made / "d000000" / "f000000003", 5)
    damage(made / "d000000" / "f000000004", 5)
    assert fodder("dataset", made, "--manifest", made.parent / "m", "--only", "3-3").returncode == 0
    assert {name for name, data in tree(made).items() if data != before[name]} == {"d000000/f000000004"}


def test_only_without_a_manifest_needs_the_whole_set(fodder, made, oracle):
    spec = SPEC.replace("seed=7", "seed=7,generation=2")
    words = ["--files", "300", "--size", "lognormal:8KiB,1.5", "--spec", spec]
    assert fodder("dataset", made, *words, "--only", "1").returncode == 0
    name, size, start = list(DataSet(2, Lognormal(8192, 1500000), unit=4096, seed=7).all())[1]
    assert (made / name).read_bytes() == oracle(spec, start, size)


def test_more_parts_than_a_manifest_holds_are_refused(fodder, made):
    manifest = made.parent / "m"
    whole = json.loads(manifest.read_text())
    whole["files"] = 2000
    whole["generations"] = [{"first": k, "last": k, "generation": 1} for k in range(1000)]
    manifest.write_text(json.dumps(whole))
    assert "has 1000 parts" in error_of(fodder("dataset", made, "--manifest", manifest, "--only", "1500", "--generation", "1"), 2)
    assert fodder("dataset", made, "--manifest", manifest, "--only", "0-9", "--generation", "2", "-q").returncode == 0
    assert len(json.loads(manifest.read_text())["generations"]) == 991


# ---- Wrong usage ----

BAD = [
    ([], "--files is missing"),
    (["--files", "3"], "--size is missing"),
    (["--files", "-3"], "--files -3: the number of files is 0 to 1000000000000"),
    (["--files", "1e3"], "--files 1e3: the number of files"),
    (["--files", "1000000000001"], "--files 1000000000001: the number of files"),
    (["--files", "3", "--size", "big"], "--size big: it is a size up to 4EiB, uniform:MIN-MAX"),
    (["--files", "3", "--size", "uniform:9-5"], "--size uniform:9-5: uniform:MIN-MAX takes two sizes"),
    (["--files", "3", "--size", "lognormal:4k"], "--size lognormal:4k: lognormal:MEDIAN,SIGMA"),
    (["--files", "3", "--size", "lognormal:4k,9"], "a sigma from 0 to 8"),
    (["--files", "3", "--size", "csv:none"], "--size csv:none: No such file"),
    (["--files", "3", "--size", "csv:bad"], "--size csv:bad: line 2: a weight is a number"),
    (["--files", "3", "--size", "csv:/dev/null"], "--size csv:/dev/null: it has no row with a weight"),
    (["--files", "3", "--size", "csv:."], "--size csv:.: Is a directory"),
    (["--files", "1000000", "--size", "4EiB", "--seed", "1"], "ask for fewer or smaller files"),
    (["--files", "1000000", "--size", "uniform:1EiB-2EiB", "--seed", "1"], "ask for fewer or smaller files"),
    (["--files", "2", "--size", "4EiB", "--seed", "1"], "ask for fewer or smaller files"),
    (["--files", "100", "--size", "1PiB", "--unit", "4k"], "or for a larger --unit"),
    (["--files", "3", "--size", "1", "--names", "f"], "--names f: a pattern contains {k}"),
    (["--files", "3", "--size", "1", "--names", "/{k}"], "--names /{k}: a name is relative"),
    (["--files", "3", "--size", "1", "--names", "../{k}"], "--names ../{k}: a name is relative"),
    (["--files", "3", "--size", "1", "--names", "{k}{rank}"], "braces are for {k} and {dir} only"),
    (["--files", "3", "--size", "1", "--names", "{k}" + "x" * 2000], "--names: a pattern has at most 1023 bytes"),
    (["--files", "3", "--size", "1", "--names", "{k}", "--per-dir", "5"], "--per-dir: the pattern {k} has no {dir}"),
    (["--files", "3", "--size", "1", "--per-dir", "0"], "--per-dir 0: it is a number from 1"),
    (["--files", "3", "--size", "1", "--rank", "2", "--world", "2"], "--rank 2: with --world 2 the ranks are 0 to 1"),
    (["--files", "3", "--size", "1", "--world", "2"], "each rank would draw another seed"),
    (["--files", "3", "--size", "1", "--world", "0"], "--world 0: it is a number from 1"),
    (["--files", "3", "--size", "1", "--resume"], "which data?"),
    (["--files", "3", "--size", "1", "--resume=all"], "--resume all: --resume looks at the end of each file"),
    (["--files", "3", "--size", "1", "--only", "1-2"], "which data?"),
    (["--files", "3", "--size", "1", "--seed", "1", "--only", "1-3"], "--only 1-3: the set has 3 files"),
    (["--files", "3", "--size", "1", "--only", "2-1"], "--only 2-1: name the first and the last file"),
    (["--files", "3", "--size", "1", "--only", "x"], "--only x: name the first"),
    (["--files", "3", "--size", "1", "--seed", "1", "--only", "1", "--manifest", "none"], "there is no such file"),
    (["--files", "3", "--size", "1", "--manifest", "set/m"], "it is in DIR, which holds the data only"),
    (["--files", "3", "--size", "1", "--manifest", "./set/../set/m"], "it is in DIR"),
    (["--files", "3", "--size", "1", "--manifest", "-"], "--manifest -: name a file"),
    (["--files", "3", "--size", "1", "--threads", "0"], "1 to 1024"),
    (["--files", "3", "--size", "1", "--seed", "x"], "--seed x: seed is a whole number"),
    (["more", "--files", "3"], "more: one argument too many"),
]


@pytest.mark.parametrize("words, why", BAD, ids=[" ".join(words)[:60] for words, _ in BAD])
def test_wrong_usage_is_refused_before_anything_is_written(fodder, tmp_path, words, why):
    (tmp_path / "bad").write_text("1,1\n2,x\n")
    result = fodder("dataset", "set", *words, cwd=tmp_path)
    assert why in error_of(result, result.returncode) and result.returncode in (1, 2)
    assert os.listdir(tmp_path) == ["bad"]


def test_the_directory_must_be_one_and_is_made_below_one(fodder, tmp_path):
    (tmp_path / "file").write_text("")
    assert "file: Not a directory; no files were written" in error_of(fodder("dataset", tmp_path / "file", "--files", "1", *SET), 1)
    assert "No such file" in error_of(fodder("dataset", tmp_path / "no" / "set", "--files", "1", *SET), 1)
    assert "DIR is missing" in error_of(fodder("dataset", "--files", "1"), 2)


def test_a_manifest_that_cannot_be_written_leaves_nothing(fodder, tmp_path):
    result = fodder("dataset", tmp_path / "set", "--files", "3", *SET, "--manifest", tmp_path / "no" / "m")
    assert "no files were written" in error_of(result, 1) and os.listdir(tmp_path) == []


def test_a_manifest_does_not_lie_in_the_directory_by_another_name(fodder, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "m").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "set" / "m")
    (tmp_path / "there").symlink_to(tmp_path / "set")
    (tmp_path / "nowhere").symlink_to(tmp_path / "set" / "n")
    for name, why in [("link", "it is in DIR"), ("there/new", "it is in DIR"), ("nowhere", "this link leads nowhere")]:
        assert why in error_of(fodder("dataset", tmp_path / "set", "--files", "3", *SET, "--manifest", tmp_path / name), 2)
    assert tree(tmp_path / "set") == {"m": b"old"}


@pytest.mark.parametrize("change", [
    {"set": 2}, {"set": None}, {"spec": "fodder1:sed=1"}, {"files": -1}, {"files": 10**13}, {"size": "huge"}, {"size": "csv"},
    {"names": "f"}, {"names": "../{k}"}, {"names": None}, {"per_dir": 0}, {"generations": 5}, {"generations": [5]},
    {"generations": [{"first": 1, "last": 0, "generation": 1}]}, {"generations": [{"first": 1, "last": 300, "generation": 1}]},
    {"generations": [{"first": 1, "last": 2, "generation": 1 << 20}]}, {"files": 10**12, "size": "4EiB"},
], ids=str)
def test_a_manifest_that_is_none_is_refused(fodder, made, change):
    manifest = made.parent / "m"
    whole = json.loads(manifest.read_text()) | change
    manifest.write_text(json.dumps({key: value for key, value in whole.items() if value is not None}))
    for result in (verify(fodder, made), fodder("dataset", made, "--manifest", manifest, "--resume")):
        assert len(error_of(result, result.returncode)) > 20 and result.returncode in (1, 2)
        assert result.stdout == b""


# ---- Verify ----


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
