"""Every block of README.md and docs/*.md is run, or says why not: tests/recipes.py tells how."""

import os
import re

import pytest

import recipes
from recipes import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def runner(name):
    """The test that runs a page itself, to look at what its blocks say; Python's page is run by each Python."""
    if name == "docs/python.md":
        return "python/tests"
    tests = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if f'recipes.run("{os.path.basename(name)}"' in path.read_text()]
    return str(tests[0].relative_to(ROOT)) if tests else ""


@pytest.fixture
def folder(tmp_path):
    """A reader's: the sources lie in it, as fodder-src."""
    (tmp_path / "fodder-src").symlink_to(ROOT)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_the_blocks_of_a_page_run(name, folder):
    todo = [block for block in recipes.read(ROOT / name) if block.runs]
    if not todo:
        return
    if runner(name):
        pytest.skip(f"{runner(name)} runs it")
    recipes.run(ROOT / name, folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_a_block_writes_is_used(name):
    found = recipes.read(ROOT / name)
    for number, block in enumerate(found):
        if block.name:
            later = "".join(other.text for other in found[number + 1:] if other.runs)
            assert block.name in later or os.path.dirname(block.name).split("/")[0] + "/" in later or re.search(rf"\bcd {block.name.split('/')[0]}\b", later), block


def test_what_is_only_shown_is_listed(capsys):
    """Not hidden: each has a reason, and they are few."""
    shown = [(name, block) for name in NAMES for block in recipes.read(ROOT / name) if block.reason]
    run = sum(block.runs for name in NAMES for block in recipes.read(ROOT / name))
    with capsys.disabled():
        print(f"\n{run} blocks run, {len(shown)} are only shown:")
        for name, block in shown:
            print(f"  {name}:{block.line}: {block.language}: {block.reason}")
    assert run > 5 * len(shown) > 0


# A mechanism that lets all through is none.

FINE = "```sh\ntrue\n```\n\ntext\n\n```text\nx\n```\n"


@pytest.mark.parametrize("text", ["```perl\nprint\n```\n", "```\nls\n```\n", "    indented\n", "```sh no-run\nls\n```\n", "```sh\nls\n", "```sh twice\nls\n```\n",
                                  "```rust\nfn main() {}\n```\n", "```c a.c b.c\nint x;\n```\n"])
def test_a_block_that_does_not_say_what_it_is_is_refused(text):
    assert len(recipes.blocks_of(FINE)) == 2
    with pytest.raises(recipes.Unclear):
        recipes.blocks_of(FINE + "\n" + text)


WRONG = {
    "sh": "```sh\nfalse\ntrue\n```\n",
    "a pipe": "```sh\nfalse | true\n```\n",
    "console's status": "```console\n$ false\n```\n",
    "console's words": "```console\n$ echo one\ntwo\n```\n",
    "console's numbers": "```console\n$ echo 1\n2\n```\n",
    "console's end": "```console\n$ echo a; echo b\na\n```\n",
    "another status": "```console exit=3\n$ true\n```\n",
    "words where numbers vary": "```console varies\n$ echo 1 a\n2 b\n```\n",
    "python": "```python\nassert False\n```\n",
    "c": "```c\nint main(void) { return 1; }\n```\n",
    "c with a warning": "```c\nint main(void) { int x; return 0; }\n```\n",
    "pycon": "```pycon\n>>> 1 + 1\n3\n```\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_block_that_is_wrong_fails(text, tmp_path):
    (block,) = recipes.blocks_of(text)
    recipes.skip_without(recipes.needs_of(block))
    recipes.our_programs(tmp_path / "bin")
    with pytest.raises(AssertionError):
        recipes.run_block(block, tmp_path)


RIGHT = ["```console\n$ echo 1; echo 2; echo 3\n1\n...\n3\n```\n", "```console exit=3\n$ exit 3\n```\n", "```console varies\n$ echo 'took 3.5 s ##'\ntook 1 s #\n```\n",
         "```console\n$ echo one two three\none ...\n```\n", "```console\n$ echo a\\\n  b\na b\n```\n"]


@pytest.mark.parametrize("text", RIGHT)
def test_a_block_that_is_right_passes(text, tmp_path):
    (block,) = recipes.blocks_of(text)
    recipes.our_programs(tmp_path / "bin")
    recipes.run_block(block, tmp_path)
