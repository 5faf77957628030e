"""Rank and world size, as the engine that started the process tells them by its variables."""

import json
import os
import socket
import subprocess

import pytest

from trees import tree

SET = ["--files", "20", "--size", "1000", "--seed", "5"]

TORCHRUN = {"RANK": "1", "WORLD_SIZE": "3", "LOCAL_RANK": "1", "TORCHELASTIC_RUN_ID": "none"}
SRUN = {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "3", "SLURM_NTASKS": "9"}
MPIRUN = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "3", "PMIX_RANK": "1"}
BATCH = {"SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_NPROCS": "8"}


def run(fodder, variables, *words):
    return fodder(*words, env={**os.environ, **variables})


def made(fodder, place, variables, *words):
    """The data set's numbers that were written, and the result as JSON."""
    result = run(fodder, variables, "dataset", place, *SET, "--json", *words)
    assert result.returncode == 0, result.stderr
    return [int(name[-9:]) for name in tree(place)], json.loads(result.stdout), result.stderr.decode()


@pytest.mark.parametrize("variables, engine", [
    (MPIRUN, "Open MPI"),
    ({"PMI_RANK": "1", "PMI_SIZE": "3"}, "PMI"),
    ({"RANK": "1", "WORLD_SIZE": "3"}, "torchrun"),
    (TORCHRUN, "torchrun"),
    (SRUN, "Slurm"),
    ({**SRUN, "PMIX_RANK": "1"}, "Slurm"),
    ({**SRUN, "PMI_RANK": "1", "PMI_SIZE": "3"}, "PMI"),
    ({**TORCHRUN, "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2"}, "torchrun"),
    ({"RANK": "1", "WORLD_SIZE": "3", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2"}, "torchrun"),
    ({**TORCHRUN, "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"}, "torchrun"),
    ({**MPIRUN, "RANK": "0", "WORLD_SIZE": "1"}, "Open MPI"),
    ({**MPIRUN, **BATCH}, "Open MPI"),
    ({**MPIRUN, "SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "4"}, "Open MPI"),
    ({**MPIRUN, "JOB_COMPLETION_INDEX": "0"}, "Open MPI"),
])
def test_the_innermost_engine_says_which_rank_this_is(fodder, tmp_path, variables, engine):
    numbers, told, said = made(fodder, tmp_path / "set", variables)
    assert numbers == list(range(1, 20, 3))
    assert (told["rank"], told["world"], told["ranks_from"]) == (1, 3, engine)
    assert f"fodder: rank 1 of 3, as {engine} says\n" in said


@pytest.mark.parametrize("variables", [BATCH, {"RANK": "3"}, {"WORLD_SIZE": "8"}, {"SLURM_NTASKS": "8"}, {"OMPI_COMM_WORLD_SIZE": "2"},
                                       {"OMPI_COMM_WORLD_RANK": "", "RANK": "", "WORLD_SIZE": "2"}])
def test_what_no_engine_has_started_is_alone_and_makes_all(fodder, tmp_path, variables):
    numbers, told, said = made(fodder, tmp_path / "set", variables)
    assert numbers == list(range(20)) and (told["rank"], told["world"], told["ranks_from"]) == (0, 1, "default")
    assert said == ""


@pytest.mark.parametrize("variables, words, expected, source", [
    (MPIRUN, ["--rank", "0", "--world", "1"], (0, 1), "--rank and --world"),
    ({"OMPI_COMM_WORLD_RANK": "x"}, ["--rank", "0", "--world", "1"], (0, 1), "--rank and --world"),
    (MPIRUN, ["--rank", "2"], (2, 3), "Open MPI and --rank"),
    (MPIRUN, ["--world", "7"], (1, 7), "Open MPI and --world"),
    ({"JOB_COMPLETION_INDEX": "2"}, ["--world", "4"], (2, 4), "Kubernetes and --world"),
    ({"PMIX_RANK": "2"}, ["--world", "4"], (2, 4), "PMIx and --world"),
    ({}, ["--world", "4"], (0, 4), "--world"),
])
def test_options_win_and_the_environment_fills_in(fodder, tmp_path, variables, words, expected, source):
    numbers, told, said = made(fodder, tmp_path / "set", variables, *words)
    assert numbers == list(range(expected[0], 20, expected[1]))
    assert ((told["rank"], told["world"]), told["ranks_from"]) == (expected, source)
    assert (" and " in said) == (" and --" in source and not source.startswith("--"))


@pytest.mark.parametrize("variables, words, why", [
    ({"JOB_COMPLETION_INDEX": "2"}, [], ["JOB_COMPLETION_INDEX=2", "Kubernetes", "--world"]),
    ({"PMIX_RANK": "0"}, [], ["PMIX_RANK=0", "PMIx", "--world"]),
    ({"OMPI_COMM_WORLD_RANK": "0"}, [], ["OMPI_COMM_WORLD_RANK=0", "Open MPI", "--world"]),
    ({"PMI_RANK": "3", "PMI_SIZE": "3"}, [], ["PMI_RANK=3 does not fit PMI_SIZE=3"]),
    ({"PMI_RANK": "0", "PMI_SIZE": "0"}, [], ["PMI_RANK=0 does not fit PMI_SIZE=0"]),
    ({"RANK": "one", "WORLD_SIZE": "3"}, [], ["RANK=one, of torchrun, is no number"]),
    ({"RANK": "1", "WORLD_SIZE": "-3"}, [], ["WORLD_SIZE=-3, of torchrun, is no number"]),
    ({"RANK": "1", "WORLD_SIZE": "3 "}, [], ["WORLD_SIZE=3 , of torchrun, is no number"]),
    (MPIRUN, ["--rank", "3"], ["--rank 3 does not fit OMPI_COMM_WORLD_SIZE=3"]),
    (MPIRUN, ["--world", "1"], ["OMPI_COMM_WORLD_RANK=1 does not fit --world 1"]),
    ({**SRUN, "PMIX_RANK": "2"}, [], ["SLURM_PROCID=1 and PMIX_RANK=2 name two ranks"]),
])
@pytest.mark.parametrize("command", ["dataset", "verify"])
def test_what_cannot_be_is_an_error_that_names_the_variable(fodder, tmp_path, command, variables, words, why):
    (tmp_path / "set").mkdir()
    what = SET if command == "dataset" else ["--manifest", tmp_path / "set.json"]
    result = run(fodder, variables, command, tmp_path / "set", *what, *words)
    said = result.stderr.decode()
    assert result.returncode == 2 and not [part for part in why if part not in said], said
    assert not tree(tmp_path / "set")


def test_quiet_says_nothing_of_ranks(fodder, tmp_path):
    assert run(fodder, MPIRUN, "dataset", tmp_path / "set", *SET, "--quiet").stderr == b""


def test_verify_takes_its_rank_from_the_environment_and_the_manifest_fits_any_world(fodder, tmp_path):
    fodder("dataset", tmp_path / "set", *SET, "--manifest", tmp_path / "set.json")
    (tmp_path / "set" / "d000000" / "f000000007").write_bytes(b"?")
    words = ["verify", tmp_path / "set", "--manifest", tmp_path / "set.json", "--json"]
    results = [run(fodder, {"SLURM_PROCID": str(rank), "SLURM_STEP_NUM_TASKS": "3"}, *words) for rank in range(3)]
    told = [json.loads(result.stdout) for result in results]
    assert [result.returncode for result in results] == [0, 3, 0]
    assert [one["files"] for one in told] == [7, 7, 6] and [one["bad_files"] for one in told] == [0, 1, 0]
    assert [(one["rank"], one["world"], one["ranks_from"], one["complete"]) for one in told] == [(rank, 3, "Slurm", True) for rank in range(3)]


def test_a_rank_does_not_share_one_file(fodder, tmp_path):
    """verify of a file is whole, whoever started it."""
    fodder("generate", "1MiB", "--seed", "1", "-o", tmp_path / "data")
    result = run(fodder, MPIRUN, "verify", tmp_path / "data", "--seed", "1", "--json")
    assert result.returncode == 0 and "rank" not in json.loads(result.stdout) and json.loads(result.stdout)["bytes"] == 1 << 20


def test_ranks_of_an_engine_want_a_seed(fodder, tmp_path):
    result = run(fodder, MPIRUN, "dataset", tmp_path / "set", "--files", "3", "--size", "1")
    assert result.returncode == 2 and b"each rank would draw another seed" in result.stderr and not (tmp_path / "set").exists()


def test_ranks_that_share_a_manifest_leave_one_that_describes_the_whole_set(fodder, tmp_path):
    words = ["dataset", tmp_path / "set", *SET, "--manifest", tmp_path / "set.json", "--quiet"]
    ranks = [fodder.start(*words, env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "12"}) for rank in range(12)]
    assert [rank.wait(60) for rank in ranks] == [0] * 12
    manifest = json.loads((tmp_path / "set.json").read_text())
    assert manifest["files"] == 20 and manifest["world"] == 12 and sorted(os.listdir(tmp_path)) == ["set", "set.json"]
    assert fodder("verify", tmp_path / "set", "--manifest", tmp_path / "set.json", "--strict").returncode == 0


def test_a_message_is_written_in_one_piece(fodder, tmp_path):
    """Ranks that share a terminal would write between the pieces of others. Of datagrams each is one write."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    process = fodder.start("dataset", tmp_path / "a\x1b", *SET, env={**os.environ, **MPIRUN}, stdout=subprocess.DEVNULL, stderr=its)
    its.close()
    ours.settimeout(30)
    assert process.wait(30) == 0 and ours.recv(1 << 16) == b"fodder: rank 1 of 3, as Open MPI says\n"
    assert ours.recv(1 << 16).startswith(b"fodder: 7 files were written, ")
    again = ours.recv(1 << 16)
    assert b"/a\\x1b --files 20 " in again and again.endswith(b"\n")
