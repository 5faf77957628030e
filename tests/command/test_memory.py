"""Every allocation of the command fails once: it says so and ends, or does without and does all."""

import json
import os

import pytest

SPEC = "fodder0:seed=42,dedup=2,compress=3,unit=64KiB"

RUNS = [
    ["generate", "300k", "--spec", SPEC, "-o", "data", "--manifest", "manifest", "--json"],
    ["generate", "300k", "--spec", SPEC, "-o", "data", "-v"],
    ["verify", "good", "--spec", SPEC, "--foreign", "7"],
    ["verify", "good", "--manifest", "good.json", "--json"],
    ["info"],
    ["info", "--json"],
    ["generate", "--help"],
]


def is_whole(result, tmp_path, wanted):
    """Is all there that a run without failures leaves?"""
    if "--json" in result.args:
        json.loads(result.stdout)
    if "--manifest" in result.args:
        json.loads((tmp_path / result.args[result.args.index("--manifest") + 1]).read_text())
    if "verify" in result.args:
        return b"right" in result.stdout or json.loads(result.stdout)["ok"]
    return "-o" not in result.args or (tmp_path / "data").read_bytes() == wanted


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_no_memory_is_told_or_done_without(fodder, oracle, tmp_path, arguments):
    shim = os.environ.get("FAIL_ALLOC_SHIM")
    if not shim:
        pytest.skip("a sanitizer owns malloc in this build")
    wanted = oracle(SPEC, 0, 300 << 10)
    assert fodder("generate", "300k", "--spec", SPEC, "-o", "good", "--manifest", "good.json", cwd=tmp_path).returncode == 0
    environment = {**os.environ, "LD_PRELOAD": shim, "FAIL_ALLOC_COUNT": str(tmp_path / "count")}
    assert fodder(*arguments, cwd=tmp_path, env=environment).returncode == 0
    total = int((tmp_path / "count").read_text())
    assert total > 0
    failed = 0
    for number in range(1, total + 1):
        result = fodder(*arguments, cwd=tmp_path, env={**environment, "FAIL_ALLOC": str(number)})
        if result.returncode == 0:
            assert is_whole(result, tmp_path, wanted), f"allocation {number} was lost silently"
        else:
            failed += 1
            assert result.returncode == 1 and result.stderr.startswith(b"fodder: "), (number, result)
    assert failed > 0 or arguments[-1] in ("info", "--help")
