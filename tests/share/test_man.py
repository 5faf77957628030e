"""The man pages, made as the build makes them: nothing public is without a page, nothing in them is unknown, and both readers like them."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]
HEADERS = [ROOT / "include" / "fodder" / name for name in ("fodder.h", "parallel.h")]
PAGE = ROOT / "docs" / "man" / "fodder.1"


def tool(*words):
    return subprocess.run([ROOT / "tools" / "man", *words], check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A folder as man wants it, with both sections."""
    folder = tmp_path_factory.mktemp("man")
    for section in "13":
        (folder / f"man{section}").mkdir()
    tool("3", "1.2.3", folder / "man3", *HEADERS)
    tool("1", "1.2.3", folder / "man1", PAGE, os.environ["FODDER"])
    return folder


def real_pages(pages):
    return [page for page in sorted(pages.glob("man?/*")) if not page.read_text().startswith(".so ")]


def options_in(text):
    return set(re.findall(r"--[a-z][a-z-]+", text.replace("\\-", "-")))


def public_names():
    """Read from the headers in another way than tools/man does."""
    text = "".join(header.read_text() for header in HEADERS)
    names = re.findall(r"\b(fodder_\w+)\(", "".join(re.findall(r"^FODDER_API [^;]*;", text, re.M)))
    names += re.findall(r"^(?:typedef )?(?:struct|enum) (fodder_\w+)", text, re.M)
    return set(names + re.findall(r"^#define (FODDER_\w+)", text, re.M)) - {"FODDER_API", "FODDER_FODDER_H", "FODDER_PARALLEL_H"}


def test_every_public_function_type_and_macro_has_a_page_that_speaks_of_it(pages):
    names = public_names()
    assert len(names) > 70 and {"fodder_fill", "fodder_spec", "FODDER_SPEC", "fodder_error", "fodder_stream_done"} <= names
    for name in names:
        text = (pages / "man3" / f"{name}.3").read_text()
        link = re.fullmatch(r"\.so (man3/\w+\.3)\n", text)
        text = (pages / link.group(1)).read_text() if link else text
        assert re.search(rf"\b{name}\b", re.search(r"^\.SH NAME\n(.*)", text, re.M).group(1)), name
        described = re.search(rf"^\.TP\n.*\\fB{name}\\fR.*\n(.*)", text.partition(".SH DESCRIPTION")[2], re.M)
        assert described and described.group(1) not in ("\\&", ".TP", ".RS"), f"{name}: no word about it; its header says nothing"


def test_every_field_and_every_constant_is_there_with_its_comment(pages):
    text = (pages / "man3" / "fodder_spec.3").read_text()
    assert "\\fBuint64_t unit;\\fR\nbytes; a duplicate is a whole unit" in text and "\\fBFODDER_CODEC_ZSTD = 2\\fR" in text
    text = (pages / "man3" / "fodder_errors.3").read_text()
    for name in re.findall(r"FODDER_ERR_[A-Z]+", HEADERS[0].read_text()):
        assert f"\\fB{name} =" in text
    for field in ("decision", "threads", "keep", "user"):
        assert re.search(rf"\\fB.*\b{field}\b.*;\\fR\n", (pages / "man3" / "fodder_pool.3").read_text()), field


def test_every_command_has_a_page_with_each_of_its_options_and_no_other(fodder, pages):
    commands = re.findall(r"^  fodder (\w+)", fodder("--help").stdout.decode(), re.M)
    assert {page.stem for page in (pages / "man1").iterdir()} == {"fodder", *(f"fodder-{command}" for command in commands)}
    for command in commands:
        text = (pages / "man1" / f"fodder-{command}.1").read_text()
        section = text.partition(".SH DESCRIPTION\n")[2].partition(".SH ")[0]
        assert options_in(section) == options_in(fodder(command, "--help").stdout.decode()) - {"--help"}
        assert f"\\fBfodder {command}\\fR" in text and ".SH EXIT STATUS\n" in text
        assert ".BR fodder\\-" + command + " (1)" in (pages / "man1" / "fodder.1").read_text()


def test_the_files_are_those_that_the_build_was_told_of(pages):
    assert sorted(tool("names", "1", PAGE).split()) == sorted(page.name for page in (pages / "man1").iterdir())
    assert sorted(tool("names", "3", *HEADERS).split()) == sorted(page.name for page in (pages / "man3").iterdir())


def test_pages_say_the_version_that_they_are_of(pages):
    for page in real_pages(pages):
        assert '"fodder 1.2.3"' in page.read_text().splitlines()[0], page.name


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not here")
def test_mandoc_warns_of_nothing(pages):
    result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *real_pages(pages)], capture_output=True, text=True, timeout=60)
    assert result.stdout == "" and result.returncode == 0


@pytest.mark.skipif(not shutil.which("man"), reason="man is not here")
def test_man_warns_of_nothing_and_finds_pages_by_the_names_of_commands_and_functions(pages):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANROFFSEQ": ""}
    for page in real_pages(pages):
        result = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], env=environment, capture_output=True, timeout=60)
        assert result.stderr == b"" and result.stdout, page.name
    for words, title in ((["fodder-generate"], "FODDER-GENERATE(1)"), (["3", "fodder_fill"], "FODDER_PLAN(3)"), (["3", "FODDER_SPEC"], "FODDER_SPEC(3)")):
        result = subprocess.run(["man", "-M", pages, "-P", "cat", *words], env=environment, capture_output=True, text=True, timeout=60)
        assert result.stdout.startswith(title), (words, result.stderr)
