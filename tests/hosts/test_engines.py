"""Real engines start real ranks: Open MPI's mpirun, and a Slurm that these tests start."""

import json
import os
import shutil
import subprocess

import pytest

import recipes
import slurm as engines
from running import FODDER
from trees import tree

# Without the last one mpirun ends all ranks as soon as one has found a difference, and ends with a status other than 0.
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--mca", "btl", "self", "--mca", "oob_tcp_if_include", "lo", "--mca", "plm_rsh_agent", "false",
          "--mca", "orte_abort_on_non_zero_status", "0"]
SET = ["--files", "50", "--size", "lognormal:20KiB,1.5", "--spec", "fodder1:seed=7,dedup=2,unit=4KiB"]


@pytest.fixture
def mpirun():
    """mpirun(ranks, *words) runs fodder so many times; words may follow those of mpirun itself."""
    if not shutil.which("mpirun") or "Open MPI" not in subprocess.run(["mpirun", "--version"], capture_output=True, text=True).stdout:
        pytest.skip("Open MPI's mpirun: not here; tools/deps check installs it")

    def run(ranks, *words, of_mpirun=(), **options):
        line = [*MPIRUN, "-n", str(ranks), *of_mpirun, FODDER, *map(str, words)]
        return subprocess.run(line, capture_output=True, timeout=120, stdin=subprocess.DEVNULL, **options)

    return run


@pytest.fixture(scope="module")
def slurm():
    why = engines.why_not()
    if why:
        pytest.skip(why)
    with engines.Slurm() as one:
        yield one


@pytest.fixture
def alone(fodder, tmp_path):
    """What one process makes of SET, and its manifest."""
    assert fodder("dataset", tmp_path / "alone", *SET, "--manifest", tmp_path / "alone.json").returncode == 0
    return tree(tmp_path / "alone")


def results(text):
    """The objects that ranks have told on one output, by rank."""
    told = [json.loads(line) for line in text.splitlines() if line]
    return sorted(told, key=lambda one: one["rank"])


@pytest.mark.parametrize("ranks", [1, 2, 5])
def test_ranks_of_mpirun_make_what_one_makes(mpirun, alone, tmp_path, ranks):
    result = mpirun(ranks, "dataset", tmp_path / "many", *SET, "--manifest", tmp_path / "many.json", "--json")
    assert result.returncode == 0, result.stderr
    assert tree(tmp_path / "many") == alone
    told = results(result.stdout)
    assert [(one["rank"], one["world"], one["ranks_from"]) for one in told] == [(rank, ranks, "Open MPI") for rank in range(ranks)]
    assert [one["written"] for one in told] == [len(range(rank, 50, ranks)) for rank in range(ranks)]
    for rank in range(ranks):
        assert f"fodder: rank {rank} of {ranks}, as Open MPI says\n" in result.stderr.decode()


@pytest.mark.parametrize("ranks", [1, 3])
def test_ranks_of_mpirun_verify_what_others_made(mpirun, alone, tmp_path, ranks):
    words = ["verify", tmp_path / "alone", "--manifest", tmp_path / "alone.json", "--json"]
    told = results(mpirun(ranks, *words).stdout)
    assert [one["files"] for one in told] == [len(range(rank, 50, ranks)) for rank in range(ranks)] and all(one["ok"] for one in told)
    (tmp_path / "alone" / "d000000" / "f000000004").write_bytes(b"no")
    result = mpirun(ranks, *words)
    assert [one["ok"] for one in results(result.stdout)] == [4 % ranks != rank for rank in range(ranks)]
    assert [one["files"] for one in results(result.stdout)] == [len(range(rank, 50, ranks)) for rank in range(ranks)]


def test_a_world_of_one_by_options_wins_over_mpirun(mpirun, alone, tmp_path):
    result = mpirun(2, "verify", tmp_path / "alone", "--manifest", tmp_path / "alone.json", "--json", "--rank", "0", "--world", "1")
    assert [one["files"] for one in results(result.stdout)] == [50, 50]


def test_torchrun_within_mpirun_is_the_innermost(mpirun, alone, tmp_path):
    """Its documented variables, as torchrun on a host would set them for the fifth of six ranks."""
    variables = {"RANK": "4", "WORLD_SIZE": "6", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "none"}
    words = ["verify", tmp_path / "alone", "--manifest", tmp_path / "alone.json", "--json"]
    told = results(mpirun(1, *words, of_mpirun=[word for name in variables for word in ("-x", name)], env={**os.environ, **variables}).stdout)
    assert [(one["rank"], one["world"], one["ranks_from"]) for one in told] == [(4, 6, "torchrun")]


def test_mpirun_into_one_file_and_a_report_of_it(mpirun, fodder, tmp_path):
    """Each of 8 ranks writes one line to the output that they share."""
    (tmp_path / "made.json").write_bytes(mpirun(8, "dataset", tmp_path / "set", *SET, "--manifest", tmp_path / "set.json", "--json").stdout)
    result = fodder("report", tmp_path / "made.json", "--json", "--svg", tmp_path / "made.svg")
    told = json.loads(result.stdout)
    made = tree(tmp_path / "set")
    assert result.returncode == 0, result.stderr
    assert (told["processes"], told["world"], told["hosts"], told["files"], told["bytes"]) == (8, 8, 1, 50, sum(map(len, made.values())))
    (tmp_path / "set" / "d000000" / "f000000007").unlink()
    found = mpirun(3, "verify", tmp_path / "set", "--manifest", tmp_path / "set.json", "--json")
    result = subprocess.run([FODDER, "report", "-"], input=found.stdout, capture_output=True, timeout=60)
    assert result.returncode == 3 and b"verify: 3 ranks on 1 host, 50 files" in result.stdout and b"WRONG: 1 files differ" in result.stdout


def test_a_rank_that_died_is_missing_in_the_report_and_resume_mends_it(mpirun, fodder, alone, tmp_path):
    lines = mpirun(4, "dataset", tmp_path / "set", *SET, "--manifest", tmp_path / "set.json", "--json").stdout.splitlines(keepends=True)
    for number in range(2, 50, 4):
        (tmp_path / "set" / "d000000" / f"f{number:09}").unlink()
    (tmp_path / "made.json").write_bytes(b"".join(line for line in lines if b'"rank": 2,' not in line))
    result = fodder("report", tmp_path / "made.json")
    assert result.returncode == 1 and b"1 of 4 ranks are missing: 2\n" in result.stderr
    told = results(mpirun(3, "dataset", tmp_path / "set", "--manifest", tmp_path / "set.json", "--resume", "--json").stdout)
    assert sum(one["written"] for one in told) == 12 and sum(one["settled"] for one in told) == 38
    assert tree(tmp_path / "set") == alone


def test_tasks_of_srun_make_what_one_makes(slurm, alone, tmp_path):
    result = slurm.srun("-n3", FODDER, "dataset", tmp_path / "many", *SET, "--json")
    assert result.returncode == 0, result.stderr
    assert tree(tmp_path / "many") == alone
    assert [(one["rank"], one["world"], one["ranks_from"]) for one in results(result.stdout)] == [(rank, 3, "Slurm") for rank in range(3)]
    assert b"rank 2 of 3, as Slurm says" in result.stderr


def test_tasks_of_srun_end_by_themselves_and_the_worst_status_is_told(slurm, alone, tmp_path):
    (tmp_path / "alone" / "d000000" / "f000000004").write_bytes(b"no")
    result = slurm.srun("-n3", FODDER, "verify", tmp_path / "alone", "--manifest", tmp_path / "alone.json", "--json")
    assert result.returncode == 3 and [(one["ok"], one["files"]) for one in results(result.stdout)] == [(True, 17), (False, 17), (True, 16)]


def test_srun_with_pmi2_says_the_same(slurm, alone, tmp_path):
    result = slurm.srun("-n2", "--mpi=pmi2", FODDER, "verify", tmp_path / "alone", "--manifest", tmp_path / "alone.json", "--json")
    assert [(one["rank"], one["world"], one["files"]) for one in results(result.stdout)] == [(0, 2, 25), (1, 2, 25)]


def test_a_batch_script_without_srun_makes_all(slurm, alone, tmp_path):
    """Slurm tells it SLURM_PROCID=0 and SLURM_NTASKS=3: it is nevertheless alone."""
    code, said = slurm.sbatch(f"env | grep ^SLURM_\n{FODDER} dataset {tmp_path}/many {' '.join(SET)}\n", "-n3")
    assert code == 0 and "SLURM_PROCID=0\n" in said and "SLURM_NTASKS=3\n" in said and "as Slurm says" not in said
    assert "50 files were written" in said and tree(tmp_path / "many") == alone


def test_srun_within_a_batch_script_shares(slurm, alone, tmp_path):
    code, said = slurm.sbatch(f"srun {FODDER} dataset {tmp_path}/many {' '.join(SET)}\n", "-n2")
    assert code == 0 and "rank 1 of 2, as Slurm says" in said and tree(tmp_path / "many") == alone


def test_mpirun_within_a_job_of_slurm_is_the_innermost(slurm, mpirun, alone, tmp_path):
    code, said = slurm.sbatch(f"{' '.join(MPIRUN)} -n 4 {FODDER} dataset {tmp_path}/many {' '.join(SET)}\n", "-n2")
    assert code == 0, said
    assert [line for line in sorted(said.splitlines()) if " says" in line] == [f"fodder: rank {rank} of 4, as Open MPI says" for rank in range(4)]
    assert tree(tmp_path / "many") == alone


def test_torchrun_within_srun_is_the_innermost(slurm, alone, tmp_path):
    words = f"{FODDER} verify {tmp_path}/alone --manifest {tmp_path}/alone.json --json"
    ranks = "for local in 0 1; do TORCHELASTIC_RUN_ID=7 RANK=$((2 * SLURM_PROCID + local)) WORLD_SIZE=4 " + words + "; done"
    told = results(slurm.srun("-n2", "bash", "-c", ranks).stdout)
    assert [(one["rank"], one["world"], one["ranks_from"]) for one in told] == [(rank, 4, "torchrun") for rank in range(4)]


def test_the_recipes_of_the_document_run(mpirun, tmp_path, monkeypatch):
    for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "OMPI_MCA_rmaps_base_oversubscribe"):
        monkeypatch.setenv(name, "1")
    (said,) = recipes.run("hosts.md", tmp_path)
    assert "dataset: 4 ranks on 1 host, 400 files, 39.8 MiB (41735049 bytes) in " in said and "verify: 3 ranks on 1 host, 400 files, " in said
