"""fodder dataset: the files of docs/dataset.md, what is told of them, and what is refused."""

import json
import os
import pathlib
import re
import shutil
import tempfile

import pytest
from running import error_of
from set_by_hand import DataSet, Fixed, Histogram, Lognormal, Uniform
from sets import SET, SPEC, made, told, verify  # noqa: F401: made is a fixture
from trees import tree


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
