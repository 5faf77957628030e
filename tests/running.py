"""What the tests of the command and of the nbdkit plugin share: they run fodder and the oracle, and write TAP, which Meson counts."""

import os
import subprocess
import time

import pytest

# What engines tell the processes that they start, fodder would believe too, if they had started these tests.
ENGINES = ["RANK", "WORLD_SIZE", "TORCHELASTIC_RUN_ID", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMIX_RANK",
           "SLURM_PROCID", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", "JOB_COMPLETION_INDEX"]
for name in ENGINES:
    os.environ.pop(name, None)

FODDER = os.environ["FODDER"]
ORACLE = os.environ["ORACLE"]


class Fodder:
    """The command: fodder("generate", "1M", ...) gives a CompletedProcess, whose streams are bytes."""

    def __call__(self, *arguments, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([FODDER, *map(str, arguments)], capture_output=True, timeout=120, **options)

    def start(self, *arguments, **options):
        return subprocess.Popen([FODDER, *map(str, arguments)], **options)


def listens(process, number=2):
    """Waits until the process has a handler for a signal: what comes before is the system's affair. Slow builds take their time."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with open(f"/proc/{process.pid}/status") as status:
            caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt"))
        if caught >> (number - 1) & 1:
            return
        time.sleep(0.02)
    raise AssertionError(f"it does not listen to signal {number}, status {process.poll()}")


def error_of(result, code):
    """The one line that a failing command says."""
    text = result.stderr.decode()
    assert result.returncode == code, text
    assert text.startswith("fodder: ") and text.count("\n") == 1, text
    return text


def overwrite(path, at, piece):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(piece)


@pytest.fixture
def fodder():
    return Fodder()


@pytest.fixture
def oracle():
    """oracle(spec, offset, length) gives the bytes that docs/format.md defines."""

    def run(spec, offset, length):
        words = [ORACLE, spec, str(offset), str(length)]
        return bytes.fromhex(subprocess.run(words, capture_output=True, check=True, text=True).stdout)

    return run


class Tap:
    """A line for each test as it ends, and the plan at the end."""

    count = 0

    def pytest_runtest_logreport(self, report):
        if report.when != "call" and report.passed:
            return
        self.count += 1
        name = report.nodeid.split("::")[-1].replace("#", "")
        if report.skipped:
            print(f"ok {self.count} # SKIP {name}", flush=True)
        elif report.passed:
            print(f"ok {self.count} - {name}", flush=True)
        else:
            print(f"not ok {self.count} - {name}")
            print("".join(f"# {line}\n" for line in str(report.longrepr).splitlines()), end="", flush=True)

    def pytest_sessionfinish(self):
        print(f"1..{self.count}", flush=True)


def pytest_configure(config):
    if config.pluginmanager.is_blocked("terminal"):  # -p no:terminal: a program reads, not a person
        config.pluginmanager.register(Tap())
