"""Examples in docstrings and documents do what they say."""

import doctest
import importlib
import pathlib
import re
import subprocess
import sys

import pytest

import fodder

MODULES = ["fodder", "fodder.machine", "fodder.report", "fodder.stream", "fodder.compat.s3dlio", "fodder.compat.dgen_py"]
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "python.md"


def run(text, name, names):
    test = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert results.failed == 0
    return results.attempted


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name):
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0 and results.attempted > 0


@pytest.mark.parametrize("name", ["generate", "fill", "Spec"])
def test_examples_of_what_is_written_in_c(name):
    assert run(getattr(fodder, name).__doc__, name, dict(vars(fodder))) > 0


def test_examples_of_a_spec_s_methods():
    assert run(fodder.Spec.replace.__doc__, "replace", {"Spec": fodder.Spec}) > 0
    assert run(fodder.Spec.count.__doc__, "count", {"Spec": fodder.Spec}) > 0


def test_examples_of_the_document(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("numpy")
    text = re.sub(r"^```.*$", "", DOCUMENT.read_text(), flags=re.MULTILINE)
    assert run(text, "python.md", {}) > 10


def test_everything_public_is_documented():
    for name in fodder.__all__:
        thing = getattr(fodder, name)
        if callable(thing):
            assert thing.__doc__, name
            members = vars(thing) if isinstance(thing, type) else {}
            bare = [m for m, value in members.items() if not m.startswith("_") and callable(value) and not value.__doc__]
            assert set(bare) <= {"readable", "seekable", "write"}, (name, bare)


def test_python_m_fodder_is_the_command_or_says_where_it_is(tmp_path):
    empty = {"PATH": str(tmp_path)}
    missing = subprocess.run([sys.executable, "-m", "fodder", "info"], env=empty, capture_output=True, text=True)
    assert missing.returncode == 1 and "make install" in missing.stderr
    command = tmp_path / "fodder"
    command.write_text("#!/bin/sh\necho \"$@\"\nexit 3\n")
    command.chmod(0o755)
    found = subprocess.run([sys.executable, "-m", "fodder", "info", "--json"], env=empty, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (3, "info --json\n")
