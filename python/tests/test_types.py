"""The stubs agree with the package, and a user's program passes mypy --strict."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy")

USER = """
import fodder
from fodder.compat import dgen_py, s3dlio

data: fodder.Buffer = fodder.generate("1MiB", dedup=2, compress=3, seed=42)
count: int = fodder.fill(bytearray(10), spec=data.spec, numa="off", threads=2)
report: fodder.Report = fodder.verify(data, spec=data.spec, foreign=["fodder1:seed=1"])
kinds: list[str] = [run.kind for run in report.runs]
with fodder.Stream(1 << 30, 2, 3, seed=1, unit="64KiB") as stream:
    first: bytes = stream.read(10)
    size: int = stream.readinto(bytearray(10))
    chunks: list[int] = [len(chunk) for chunk in stream]
nodes: int = len(fodder.topology().nodes)
view: memoryview = memoryview(data)
old: s3dlio.BytesView = s3dlio.generate_data(10, dedup=2)
more: dgen_py.BytesView | None = dgen_py.Generator(10).get_chunk(5)
"""

WRONG = [
    "import fodder\nfodder.generate(1.5)\n",
    "import fodder\nfodder.generate(1, colour=2)\n",
    "import fodder\nfodder.Spec(codec='rar')\n",
    "import fodder\nfodder.verify(b'', sed=1)\n",
    "import fodder\nfodder.Stream(1, numa='on')\n",
]


def mypy(cwd, *arguments):
    command = [sys.executable, "-m", "mypy", "--strict", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_the_package_is_strict(tmp_path):
    result = mypy(tmp_path, "-p", "fodder")
    assert result.returncode == 0, result.stdout


def test_a_user_s_program_is_strict(tmp_path):
    program = tmp_path / "user.py"
    program.write_text(USER)
    result = mypy(tmp_path, str(program))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("program", WRONG)
def test_a_wrong_program_is_told(program, tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(program)
    assert mypy(tmp_path, str(path)).returncode == 1


def test_the_stub_is_what_the_extension_has(tmp_path):
    not_before_python_3_12 = tmp_path / "allowed"
    not_before_python_3_12.write_text("fodder._core.Buffer.__buffer__\n")
    allowed = ["--allowlist", str(not_before_python_3_12), "--ignore-unused-allowlist"]
    command = [sys.executable, "-m", "mypy.stubtest", "fodder._core", *allowed]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 0, result.stdout
