"""fodder dataset where a set is there already: it is left alone, goes on, or is written anew in part."""

import json
import os

from running import error_of
from set_by_hand import DataSet, Lognormal
from sets import SET, SPEC, damage, made, told, verify  # noqa: F401: made is a fixture
from trees import tree


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
