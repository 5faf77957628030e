"""Runs the blocks of a document, as a reader does from its top to its end, in one folder.

The word after ``` is the block's language, and says what is done with it:

    sh            run by bash; each block must succeed
    console       lines after "$ " are run, what stands below each must be what it says; "..." stands for anything, in a line or for lines
    python, c     run as a program; with a name ("c first.c") written to that file, which a later block uses
    rust          has a name, likewise
    pycon         run as doctest does
    ini           written to the file that it names
    text          is only shown: no command, no code

More may follow: "exit=3" is the status that the last command of a console block ends with, "varies" lets every number of its output be another one, and
"no-run: REASON" says that this block is only shown, and why. "# needs a, b" is the first line of a block that wants programs (or Python's modules, or S3).
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

RUN = ("sh", "console", "python", "pycon", "c", "rust", "ini")
SHOWN = ("text",)

# Ours are not installed: they lie where the build has put them, and so does the plugin that nbdkit finds by its name.
OURS = """#!/bin/sh
exec {program} "$@"
"""
NBDKIT = """#!/bin/sh
for word; do
    [ "$word" != fodder ] || word={plugin}
    shift
    set -- "$@" "$word"
done
exec {nbdkit} "$@"
"""
# Where a program may be there and not be allowed to work.
PROBES = {"perf": ["perf", "record", "-q", "-e", "cpu-clock", "-o", "/dev/null", "true"]}
DOCTEST = "import doctest, sys; sys.exit(doctest.testfile(sys.argv[1], module_relative=False, optionflags=doctest.ELLIPSIS).failed)"


@dataclasses.dataclass
class Block:
    line: int
    language: str
    name: str  # of the file that it is written to, or ""
    words: list  # "exit=3", "varies"
    reason: str  # why it is not run, or ""
    needs: list
    text: str

    @property
    def runs(self):
        return self.language in RUN and not self.reason


class Unclear(Exception):
    """A block that does not say what it is."""


def parse(info, lines, number):
    head, marked, reason = info.partition("no-run")
    language, *words = head.split() or [""]
    reason = reason.removeprefix(":").strip()
    if language not in RUN + SHOWN:
        raise Unclear(f"line {number}: a block of {language or 'no language'}; known are {', '.join(RUN + SHOWN)}")
    if marked and not reason:
        raise Unclear(f"line {number}: no-run wants a reason: ```{language} no-run: REASON")
    names = [word for word in words if "." in word]
    unknown = [word for word in words if word not in names and not re.fullmatch(r"varies|exit=\d+", word)]
    if unknown or len(names) > 1 or (language in ("rust", "ini") and not names and not marked):
        raise Unclear(f"line {number}: ```{info}: {language} wants one file's name, and no other words than varies, exit=N and no-run")
    needs = re.match(r"(?:\$ )?# needs ([^\n]*)\n", "".join(lines))
    return Block(number, language, names[0] if names else "", words, reason, needs[1].split(", ") if needs else [], "".join(lines))


def blocks_of(text):
    """All blocks of a document. One that is only indented, and so tells no language, is refused."""
    found, info, start, lines, blank = [], None, 0, [], True
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.startswith("```"):
            if info is None:
                info, start, lines = line[3:].strip(), number, []
            else:
                found.append(parse(info, lines, start))
                info = None
        elif info is not None:
            lines.append(line)
        elif blank and re.match(r" {4,}\S", line):
            raise Unclear(f"line {number}: a block that is only indented: fence it, and say what it is")
        blank = not line.strip()
    if info is not None:
        raise Unclear(f"line {start}: a block that does not end")
    return found


def read(document):
    return blocks_of((DOCS / document).read_text())


def put(path, text):
    path.write_text(text)
    path.chmod(0o755)


def our_programs(folder):
    folder.mkdir()
    put(folder / "fodder", OURS.format(program=os.environ["FODDER"]))
    put(folder / "python3", OURS.format(program=python()))
    if "NBD_PLUGIN" in os.environ:
        put(folder / "nbdkit", NBDKIT.format(nbdkit=shutil.which("nbdkit"), plugin=os.environ["NBD_PLUGIN"]))


def python():
    """One that has our package, where there is one."""
    return os.environ.get("FODDER_PYTHON", sys.executable)


def has_module(name):
    return subprocess.run([python(), "-c", f"import {name}"], capture_output=True).returncode == 0


def has(need):
    if need == "S3":
        return "AWS_ENDPOINT_URL" in os.environ
    if need == "nbdkit" and not os.environ.get("NBD_PLUGIN"):
        return False
    if need in PROBES:
        return bool(shutil.which(need)) and subprocess.run(PROBES[need], capture_output=True).returncode == 0
    return bool(shutil.which(need)) or has_module(need)


def skip_without(needs):
    missing = sorted(need for need in needs if not has(need))
    if missing:
        pytest.skip("no " + ", ".join(missing))


def execute(words, folder, seconds):
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder), "CARGO_NET_OFFLINE": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    for name, place in (("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")):
        environment.setdefault(name, str(pathlib.Path.home() / place))
    return subprocess.run(["timeout", "-k", "5", str(seconds), *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def succeed(words, folder, seconds, block, code=0):
    result = execute(words, folder, seconds)
    assert result.returncode == code, f"line {block.line}: ended with {result.returncode}\n{block.text}\n{result.stdout}"
    return result.stdout


def shell(text):
    return ["bash", "-eu", "-o", "pipefail", "-c", text]


def commands(text):
    """(command, what is below it), ...; a line that ends in a backslash goes on."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif found and not found[-1][1] and found[-1][0].endswith("\\"):
            found[-1][0] += "\n" + line
        elif found:
            found[-1][1].append(line)
        else:
            raise Unclear(f"a console block begins with '$ ', not with {line!r}")
    return found


def pattern(line, varies):
    """What a line of the output must match: "..." is anything, alone any lines, and where numbers vary so is a number."""
    if line.strip() == "...":
        return "(?:.*\n)*?"
    text = re.escape(line).replace(r"\.\.\.", ".*")
    return (re.sub(r"\d+(\\\.\d+)?", r"\\d+(?:\\.\\d+)?", text) if varies else text) + "\n"


def says(wanted, said, varies):
    def lines(texts):
        """Where numbers vary, columns and bars move with them."""
        return [re.sub(r"[ #]+", " ", text).rstrip() if varies else text.rstrip() for text in texts]

    output = "\n".join(lines(said.strip("\n").splitlines()) + [""])
    return re.fullmatch("".join(pattern(line, varies) for line in lines(wanted)), output if wanted else output.strip("\n")) is not None


def run_console(block, folder, seconds):
    said, codes = "", [word[5:] for word in block.words if word.startswith("exit=")]
    parts = commands(block.text)
    for number, (command, wanted) in enumerate(parts):
        code = int(codes[0]) if codes and number == len(parts) - 1 else 0
        output = succeed(shell(command), folder, seconds, block, code)
        while wanted and not wanted[-1].strip():
            wanted.pop()
        assert says(wanted, output, "varies" in block.words), f"line {block.line}: {command} says\n{output}\nand the document\n" + "\n".join(wanted)
        said += output
    return said


def run_program(block, folder, seconds):
    file = folder / f"line{block.line}.{'py' if block.language == 'python' else 'txt' if block.language == 'pycon' else 'c'}"
    file.write_text(block.text)
    if block.language == "python":
        return succeed(["python3", file], folder, seconds, block)
    if block.language == "pycon":
        return succeed(["python3", "-c", DOCTEST, file], folder, seconds, block)
    build = f"cc -Wall -Wextra -Werror {file} -o {file}.out $(pkg-config --cflags --libs fodder)"
    return succeed(shell(f"{build} && {file}.out"), folder, seconds, block)


def run_block(block, folder, seconds=120):
    if block.name:
        (folder / block.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / block.name).write_text(block.text)
        return ""
    if block.language == "sh":
        return succeed(shell(block.text), folder, seconds, block)
    if block.language == "console":
        return run_console(block, folder, seconds)
    return run_program(block, folder, seconds)


def needs_of(block):
    """What it says itself, and what its language wants."""
    of_language = {"python": ["fodder"], "pycon": ["fodder"], "c": ["cc", "pkg-config"]}.get(block.language, []) if not block.name else []
    return [*block.needs, *of_language]


def run(document, folder, seconds=120):
    """All blocks that run, in order; what they say, each by itself. Those that need what is not here are left out, and the test then counts as skipped."""
    our_programs(folder / "bin")
    said, missing = [], set()
    for block in filter(lambda block: block.runs, read(document)):
        lacks = {need for need in needs_of(block) if not has(need)}
        missing |= lacks
        said.append("" if lacks else run_block(block, folder, seconds))
    if missing:
        pytest.skip("no " + ", ".join(sorted(missing)))
    return said
