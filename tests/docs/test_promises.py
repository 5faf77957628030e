"""Each test that docs/promises.md names is there; what docs/troubleshooting.md shows of other machines is what the command says of them."""

import os
import re
import subprocess

import pytest

import unpacked
from recipes import ROOT

PROMISES = (ROOT / "docs" / "promises.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w./-]+): (\w+)`", PROMISES)))


@pytest.mark.parametrize("path, name", NAMED)
def test_a_test_that_is_named_is_there(path, name):
    text = (ROOT / path).read_text()
    assert re.search(rf"^\s*(?:def|fn|async fn|static void) {name}\(", text, re.M)


def test_every_promise_names_what_shows_it():
    """Three columns, but under the guide's "see also"."""
    sections = {text.split("\n")[0]: text for text in PROMISES.split("\n## ")[1:]}
    rows = [row for title, text in sections.items() if title != "See also" for row in re.findall(r"^\| (?!the guide says|---).*\|$", text, re.M)]
    assert len(rows) > 35 and len(NAMED) > 20
    for row in rows:
        assert re.search(r"\| [^|]*(`[\w./-]+: \w+`|`make bench`)[^|]*\|$", row), row


SHOWN = re.findall(r"<!-- machine: (\S+) -->\n\n```text\n(.*?)```", (ROOT / "docs" / "troubleshooting.md").read_text(), re.S)


@pytest.mark.parametrize("name, lines", SHOWN, ids=[name for name, _ in SHOWN])
def test_a_machine_is_shown_as_info_tells_it(name, lines, tmp_path):
    unpacked.unpack(name, tmp_path)
    said = subprocess.run([os.environ["FODDER"], "info", "--root", tmp_path], capture_output=True, text=True, check=True).stdout
    assert set(lines.splitlines()) <= set(said.splitlines()), said


def test_machines_are_shown():
    assert len(SHOWN) == 3
