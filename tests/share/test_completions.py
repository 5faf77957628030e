"""What bash, zsh and fish complete, asked of the shells themselves: every command, every option, and what values may be."""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SHELLS = [pytest.param(shell, marks=pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is not here")) for shell in ("bash", "zsh", "fish")]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The scripts, as the build makes them, and files to complete."""
    folder = tmp_path_factory.mktemp("completions")
    for shell, name in (("bash", "fodder.bash"), ("zsh", "_fodder"), ("fish", "fodder.fish")):
        made = subprocess.run([ROOT / "tools" / "completions", os.environ["FODDER"], shell], check=True, capture_output=True, timeout=60)
        (folder / name).write_bytes(made.stdout)
    (folder / "files" / "a folder").mkdir(parents=True)
    (folder / "files" / "a file").write_text("")
    return folder


def by_bash(scripts, line):
    """COMPREPLY, as readline would ask for it: words parted at blanks, and at '='."""
    words = line.replace("=", " = ").split() + ([""] if line.endswith(" ") else [])
    script = f'source "{scripts}/fodder.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fodder; printf "%s\\n" "${{COMPREPLY[@]}}"'
    result = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], cwd=scripts / "files", capture_output=True, text=True, timeout=60)
    assert [said for said in result.stderr.splitlines() if "compopt: not currently executing" not in said] == []
    return {word.rstrip("=") for word in result.stdout.splitlines() if word}


def by_fish(scripts, line):
    environment = {**os.environ, "HOME": str(scripts), "XDG_CONFIG_HOME": str(scripts / "none")}
    script = f'source "{scripts}/fodder.fish"; complete -C "{line}"'
    result = subprocess.run(["fish", "--no-config", "-c", script], cwd=scripts / "files", env=environment, capture_output=True, text=True, timeout=60)
    assert result.stderr == ""
    return {word.split("\t")[0].rstrip("/") for word in result.stdout.splitlines()}


def by_zsh(scripts, line):
    """A terminal's: the shell is sent the line and Tab, and what it would insert is caught where it does so."""
    start = f"""
        PS1=READY; unsetopt zle_bracketed_paste; fpath=({scripts} $fpath); autoload -Uz compinit; compinit -u -D
        compadd() {{ local -A o; local -a found; builtin compadd -O found "$@"; print -rl -- "<"$^found">" >>{scripts}/caught; builtin compadd "$@" }}
        stty -echo
    """
    (scripts / "caught").write_text("")
    (scripts / ".zshrc").write_text(start)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(scripts / "files")
        os.execvpe("zsh", ["zsh", "-d", "-i"], {**os.environ, "ZDOTDIR": str(scripts), "TERM": "dumb", "LC_ALL": "C.UTF-8"})
    said = b""

    def wait(until):
        nonlocal said
        end = time.monotonic() + 30
        while not until() and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                said += os.read(terminal, 65536)

    try:
        wait(lambda: b"READY" in said)
        os.write(terminal, line.encode() + b"\t")
        wait(lambda: (scripts / "caught").read_text())
        # The list has ended when nothing has been added for a while.
        length = -1
        while length != len((scripts / "caught").read_text()):
            length = len((scripts / "caught").read_text())
            wait(lambda end=time.monotonic() + 0.3: time.monotonic() > end)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)
    return {word.rstrip("=") for word in re.findall(r"<(.*)>", (scripts / "caught").read_text())}


ASK = {"bash": by_bash, "zsh": by_zsh, "fish": by_fish}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_commands(fodder, scripts, shell):
    commands = set(re.findall(r"^  fodder (\w+)", fodder("--help").stdout.decode(), re.M))
    assert commands <= ASK[shell](scripts, "fodder ") and len(commands) > 5


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_every_command_and_no_other(fodder, scripts, shell):
    for command in re.findall(r"^  fodder (\w+)", fodder("--help").stdout.decode(), re.M):
        options = set(re.findall(r"^  (?:-.,|   ) (--[a-z-]+)", fodder(command, "--help").stdout.decode(), re.M)) | {"--help"}
        found = {word for word in ASK[shell](scripts, f"fodder {command} --") if word.startswith("--")}
        assert found == options, command


@pytest.mark.parametrize("shell", SHELLS)
def test_values_that_are_words_and_values_that_are_files(scripts, shell):
    ask = ASK[shell]
    assert ask(scripts, "fodder generate 1M --codec ") == {"balanced", "lz4", "zstd", "deflate"}
    assert ask(scripts, "fodder measure --codec=zs") >= ({"zstd-1", "zstd-3", "zstd-9"} if shell != "fish" else {"--codec=zstd-1"})
    assert {word.replace("\\", "") for word in ask(scripts, "fodder generate 1M -o a")} == {"a file", "a folder"}
    assert {word.replace("\\", "") for word in ask(scripts, "fodder info --root a")} == {"a folder"}
    assert ask(scripts, "fodder generate 1M --seed a") == set()


def words_of(fodder):
    rows = [line.split("\t") for line in fodder("--tables").stdout.decode().splitlines()]
    return [(row[1], row[2], word) for row in rows if row[0] == "option" for word in row[6].split()]


def test_every_word_that_is_offered_is_one_that_its_option_takes(fodder):
    words = words_of(fodder)
    lacks_uring = not json.loads(fodder("info", "--json").stdout)["built"]["uring"]
    assert ("generate", "io", "uring") in words and ("dataset", "resume", "verify") in words
    for command, option, word in words:
        expected = 2 if word == "uring" and lacks_uring else 0
        assert fodder(command, f"--{option}={word}", "--help").returncode == expected, (command, option, word)
        assert fodder(command, f"--{option}=no-such-{word}", "--help").returncode == 2, (command, option)
