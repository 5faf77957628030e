"""Runs the shell commands of a document, as a reader does from its top to its end, in one folder."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"

# Ours are not installed: they lie where the build has put them, and so does the plugin that nbdkit finds by its name.
FODDER = """#!/bin/sh
exec {fodder} "$@"
"""
NBDKIT = """#!/bin/sh
for word; do
    [ "$word" != fodder ] || word={plugin}
    shift
    set -- "$@" "$word"
done
exec {nbdkit} "$@"
"""


def put(path, text):
    path.write_text(text)
    path.chmod(0o755)


def our_programs(folder):
    folder.mkdir()
    put(folder / "fodder", FODDER.format(fodder=os.environ["FODDER"]))
    if "NBD_PLUGIN" in os.environ:
        put(folder / "nbdkit", NBDKIT.format(nbdkit=shutil.which("nbdkit"), plugin=os.environ["NBD_PLUGIN"]))


def blocks(document):
    """(what it needs, text) of each block of shell; "# needs a, b" is its first line where it needs a program."""
    text = (DOCS / document).read_text()
    found = re.findall(r"```sh\n(?:# needs ([^\n]*)\n)?(.*?)```", text, re.DOTALL)
    assert len(found) == text.count("```sh\n") > 0
    return [(needs.split(", ") if needs else [], block) for needs, block in found]


def skip_without(needs):
    missing = sorted(need for need in needs if not shutil.which(need) or (need == "nbdkit" and not os.environ.get("NBD_PLUGIN")))
    if missing:
        pytest.skip("no " + ", ".join(missing))


def run(document, folder, seconds=120):
    """All blocks in order; each must succeed. What they say, each by itself."""
    skip_without({need for needs, _ in blocks(document) for need in needs})
    our_programs(folder / "bin")
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)}
    said = []
    for _, block in blocks(document):
        words = ["timeout", "-k", "5", str(seconds), "bash", "-eu", "-o", "pipefail", "-c", block]
        result = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
        assert result.returncode == 0, block + result.stdout + result.stderr
        said.append(result.stdout + result.stderr)
    return said
