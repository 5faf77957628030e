"""fodder --help, --version, info, the man page: they agree with each other and with the option tables."""

import json
import os
import pathlib
import re

import pytest

MAN = pathlib.Path(__file__).parents[2] / "docs" / "man"
COMMANDS = ["generate", "verify", "info"]


def options_in(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


def test_help_lists_the_commands(fodder):
    for words in (["--help"], ["-h"], ["help"]):
        result = fodder(*words)
        assert result.returncode == 0 and result.stderr == b""
        assert re.findall(r"^  fodder (\w+)", result.stdout.decode(), re.M) == COMMANDS


def test_no_command_is_wrong_usage_and_shows_the_help(fodder):
    result = fodder()
    assert result.returncode == 2 and result.stdout == b""
    assert result.stderr == fodder("--help").stdout


def test_version_is_that_of_the_header(fodder):
    header = (pathlib.Path(__file__).parents[2] / "include" / "fodder" / "fodder.h").read_text()
    version = re.search(r'#define FODDER_VERSION "(.*)"', header).group(1)
    assert fodder("--version").stdout.decode() == f"fodder {version}\n"
    assert json.loads(fodder("info", "--json").stdout)["fodder"] == version


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_not_wider_than_a_terminal_line_and_names_its_options(fodder, command):
    result = fodder(command, "--help")
    text = result.stdout.decode()
    assert result.returncode == 0 and result.stderr == b""
    assert text.startswith(f"Usage: fodder {command}")
    assert "--json" in options_in(text)
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("command", COMMANDS)
def test_the_man_page_has_every_option_and_no_other(fodder, command):
    page = (MAN / "fodder.1").read_text().replace("\\-", "-")
    section = re.search(rf"^\.SS fodder {command}.*?(?=^\.S[SH] )", page, re.M | re.S).group(0)
    assert options_in(section) == options_in(fodder(command, "--help").stdout.decode()) - {"--help"}


def test_info_tells_kernels_and_machine(fodder):
    told = json.loads(fodder("info", "--json").stdout)
    assert told["cpus"] == len(os.sched_getaffinity(0)) and told["nodes"] >= 1
    assert [kernel["name"] for kernel in told["kernels"]][-1] == "scalar"
    assert told["kernel"] == next(kernel["name"] for kernel in told["kernels"] if kernel["runs"])
    text = fodder("info").stdout.decode()
    assert f"{told['kernel']} (chosen)" in text and told["cpu"] in text


def test_a_full_standard_output_is_an_error(fodder):
    with open("/dev/full", "wb") as full:
        import subprocess

        result = subprocess.run([os.environ["FODDER"], "info"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 1 and b"standard output" in result.stderr
