"""fodder --help, --version, info, the man page: they agree with each other and with the option tables."""

import json
import os
import pathlib
import platform
import re
import subprocess

import pytest

import unpacked

ROOT = pathlib.Path(__file__).parents[2]
MAN = ROOT / "docs" / "man"
COMMANDS = ["generate", "dataset", "verify", "report", "measure", "bench", "info"]


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
    assert fodder(command, "-h").stdout == result.stdout
    assert max(map(len, text.splitlines())) <= 110


def test_help_of_generate_has_letters_and_ends_with_an_example(fodder):
    text = fodder("generate", "--help").stdout.decode()
    for words in ("  -o, --output PATH ", "  -q, --quiet ", "      --offset SIZE ", "Exit status: 0 fine", "\nExample: "):
        assert words in text


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "report"])
def test_help_tells_how_many_threads_there_are_unless_it_is_said(fodder, command):
    half = "half of the CPUs" in fodder(command, "--help").stdout.decode()
    assert half == (command not in ("dataset", "measure", "bench"))
    wrong = fodder(command, *{"generate": ["1M"], "verify": ["/dev/null"], "measure": ["/dev/null"], "dataset": ["set"]}.get(command, []), "--threads", "0")
    assert wrong.returncode == 2 and b"1 to 1024" in wrong.stderr and b"half" not in wrong.stderr
    if command == "measure":
        result = fodder(command, "/dev/null", "--json", preexec_fn=lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2]))
        assert json.loads(result.stdout)["threads"] == min(2, json.loads(fodder("info", "--json").stdout)["cpus"])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_man_page_has_every_option_and_no_other(fodder, command):
    page = (MAN / "fodder.1").read_text().replace("\\-", "-")
    section = re.search(rf"^\.SS fodder {command}.*?(?=^\.S[SH] )", page, re.M | re.S).group(0)
    assert options_in(section) == options_in(fodder(command, "--help").stdout.decode()) - {"--help"}


def test_info_tells_kernels_and_machine(fodder):
    told = json.loads(fodder("info", "--json").stdout)
    assert 1 <= told["cpus"] <= len(os.sched_getaffinity(0)) and len(told["nodes"]) >= 1
    assert [kernel["name"] for kernel in told["kernels"]][-1] == "scalar"
    assert told["kernel"] == next(kernel["name"] for kernel in told["kernels"] if kernel["runs"])
    text = fodder("info").stdout.decode()
    assert f"{told['kernel']} (chosen)" in text and told["cpu"] in text
    assert [line.split()[0] for line in text.splitlines()[:8]] == ["fodder", "cpu", "kernels", "built", "cpus", "caches", "memory", "threads"]
    for kernel in told["kernels"]:
        assert (f"{kernel['name']} (not on this CPU)" in text) != kernel["runs"]


def test_info_tells_what_the_build_has(fodder):
    """Each part as it shows elsewhere."""
    built = json.loads(fodder("info", "--json").stdout)["built"]
    assert list(built) == ["json", "measure", "uring", "s3", "numa", "pinning", "static"] and built["json"]
    assert built["measure"] == (b"not in this build" not in fodder("measure", "--help").stdout)
    assert built["uring"] == (fodder("generate", "--io", "uring", "--help").returncode == 0)
    keys = {**os.environ, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    nowhere = fodder("generate", "4096", "-o", "s3://bucket/key", "--endpoint", "http://127.0.0.1:9", "--attempts", "1", env=keys)
    assert nowhere.returncode == 1 and built["s3"] == (b"this build has no S3" not in nowhere.stderr)
    assert built["static"] == (b"interpreter" not in subprocess.run(["readelf", "-l", os.environ["FODDER"]], capture_output=True).stdout)
    line = re.search(r"^built    with (.*?)(?:; not (.*))?$", fodder("info").stdout.decode(), re.M)
    assert line.group(1).split(", ") == [part for part in built if built[part]]
    assert (line.group(2) or "").split(", ") == ([part for part in built if not built[part]] or [""])


def test_info_tells_the_machine_that_linux_tells(fodder):
    told = json.loads(fodder("info", "--json").stdout)
    lines = dict(re.findall(r"^(\w[\w ]*?)\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    assert told["format"] == 1 and told["cpu"] == lines.get("model name", "unknown")
    online = pathlib.Path("/sys/devices/system/node/online")
    ranges = [part.split("-") for part in online.read_text().strip().split(",")] if online.exists() else [["0"]]
    assert len(told["nodes"]) == sum(int(ends[-1]) - int(ends[0]) + 1 for ends in ranges)
    assert told["cpus_allowed"] == len(os.sched_getaffinity(0))
    assert sum(node["threads"] for node in told["nodes"]) == told["threads"] == max(1, told["cpus"] // 2)


def test_cpus_are_those_that_it_may_run_on(fodder):
    one = {min(os.sched_getaffinity(0))}
    result = fodder("info", "--json", preexec_fn=lambda: os.sched_setaffinity(0, one))
    assert json.loads(result.stdout)["cpus"] == 1


@pytest.fixture
def machine(tmp_path):
    """A copy of a machine's /sys and /proc, unpacked from tests/machines."""

    def unpack(name):
        unpacked.unpack(name, tmp_path / name)
        return tmp_path / name

    return unpack


def test_info_draws_another_machine(fodder, machine):
    text = fodder("info", "--root", machine("two-sockets"), "--threads", "6").stdout.decode()
    assert "node 0   ###.....  3 threads on 8 CPUs, 62.7 GiB\n" in text and "node 1   ###.....  3 threads" in text
    text = fodder("info", "--root", machine("cpuset")).stdout.decode()
    assert "node 0   ----##..  2 threads on 4 CPUs, 32 GiB\n" in text and "node 1   --------  0 threads" in text
    told = json.loads(fodder("info", "--root", machine("cgroup-v2"), "--json").stdout)
    assert (told["cpus"], told["cpu_quota"], told["threads"], told["cpus_online"]) == (2, 2.5, 1, 8)


@pytest.mark.parametrize("words, why", [
    (["--numa", "9"], "no node of that number"),
    (["--root", "/nonexistent"], "No such file or directory"),
    (["--threads", "1025"], "1 to 1024"),
    (["--threads", "two"], "1 to 1024"),
    (["--numa", "sideways"], "auto, force, off, or the number of a node"),
])
def test_info_refuses_what_cannot_be(fodder, words, why):
    result = fodder("info", *words)
    assert result.returncode in (1, 2) and why in result.stderr.decode() and result.stdout == b""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the kernels are of x86-64")
def test_the_kernels_that_run_are_those_whose_instructions_the_cpu_has(fodder):
    flags = re.search(r"^flags\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M).group(1).split()
    needs = {"scalar": [], "aesni": ["aes", "sse4_2", "popcnt"], "vaes256": ["vaes", "avx2"],
             "vaes512": ["vaes", "avx2", "avx512f", "avx512bw", "avx512vbmi", "avx512_vpopcntdq"]}
    kernels = json.loads(fodder("info", "--json").stdout)["kernels"]
    assert [kernel["name"] for kernel in kernels] == ["vaes512", "vaes256", "aesni", "scalar"]
    for kernel in kernels:
        assert kernel["runs"] == all(flag in flags for flag in needs[kernel["name"]]), kernel["name"]


def test_messages_name_options_that_there_are(fodder):
    rows = [line.split("\t") for line in fodder("--tables").stdout.decode().splitlines()]
    there = {f"--{row[2]}" for row in rows if row[0] == "option"} | {"--help", "--version", "--tables"}
    named = {}
    for file in [*ROOT.glob("cli/*.c"), *ROOT.glob("src/*/*.c")]:
        for words in re.findall(r'"(?:[^"\\\n]|\\.)*"', file.read_text()):
            named.update(dict.fromkeys(options_in(words), file.name))
    assert len(named) > 20 and {option: file for option, file in named.items() if option not in there} == {}


def test_a_full_standard_output_is_an_error(fodder):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([os.environ["FODDER"], "info"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == 1 and b"standard output" in result.stderr


def test_a_closed_pipe_ends_info_quietly(fodder):
    reader, writer = os.pipe()
    os.close(reader)
    process = fodder.start("info", stdout=writer, stderr=subprocess.PIPE, restore_signals=False)
    assert process.communicate(timeout=60)[1] == b"" and process.returncode == 1
    os.close(writer)
