"""Every allocation of the command fails once: it says so and ends, or does without and does all."""

import json
import os
import resource

import pytest

SPEC = "fodder1:seed=42,dedup=2,compress=3,unit=64KiB"

RUNS = [
    ["generate", "300k", "--spec", SPEC, "-o", "data", "--manifest", "manifest", "--json"],
    ["generate", "300k", "--spec", SPEC, "-o", "data", "-v"],
    ["verify", "good", "--spec", SPEC, "--foreign", "7"],
    ["verify", "good", "--manifest", "good.json", "--json"],
    ["report", "results.json", "--json"],
    ["report", "results.json", "--svg", "chart.svg"],
    ["info"],
    ["info", "--json"],
    ["generate", "--help"],
]


def shape(told):
    """What JSON says, with the keys of each object but not the values."""
    if isinstance(told, list):
        return [shape(child) for child in told]
    return {key: shape(value) for key, value in told.items()} if isinstance(told, dict) else None


def left(result, tmp_path):
    """What a run leaves, but for its time: the JSON, the data, and what verify found."""
    texts = [result.stdout.decode()] if "--json" in result.args else []
    if "--manifest" in result.args:
        texts.append((tmp_path / result.args[result.args.index("--manifest") + 1]).read_text())
    data = (tmp_path / "data").read_bytes() if "-o" in result.args else b""
    data = (tmp_path / "chart.svg").read_bytes() if "--svg" in result.args else data
    found = b"right" in result.stdout or "--json" in result.args and json.loads(result.stdout).get("ok")
    return [shape(json.loads(text)) for text in texts], data, found


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_no_memory_is_told_or_done_without(fodder, oracle, tmp_path, arguments):
    shim = os.environ.get("FAIL_ALLOC_SHIM")
    if not shim:
        pytest.skip("a sanitizer owns malloc in this build")
    assert fodder("generate", "300k", "--spec", SPEC, "-o", "good", "--manifest", "good.json", cwd=tmp_path).returncode == 0
    results = [fodder("verify", "good", "--manifest", "good.json", "--json", cwd=tmp_path).stdout for _ in range(70)]
    (tmp_path / "results.json").write_bytes(b"".join(results))
    environment = {**os.environ, "LD_PRELOAD": shim, "FAIL_ALLOC_COUNT": str(tmp_path / "count")}
    whole = fodder(*arguments, cwd=tmp_path, env=environment)
    assert whole.returncode == 0
    wanted = left(whole, tmp_path)
    assert wanted[1] == (oracle(SPEC, 0, 300 << 10) if "-o" in arguments else b"") or "--svg" in arguments
    total = int((tmp_path / "count").read_text())
    assert total > 0
    failed = 0
    for number in range(1, total + 1):
        result = fodder(*arguments, cwd=tmp_path, env={**environment, "FAIL_ALLOC": str(number)})
        if result.returncode == 0:
            assert left(result, tmp_path) == wanted, f"allocation {number} was lost silently"
        else:
            failed += 1
            assert result.returncode == 1 and result.stderr.startswith(b"fodder: "), (number, result)
            words = [b"annot allocate memory", b"no memory", b"no thread"]  # pthread_create() says EAGAIN where it has none
            assert any(word in result.stderr for word in words), (number, result)
    assert failed > 0 or arguments[-1] in ("info", "--help")


def test_measuring_ends_with_words_wherever_memory_does(fodder, tmp_path):
    """A codec that gets no memory on a pool's thread, too."""
    if not os.environ.get("FAIL_ALLOC_SHIM"):
        pytest.skip("a sanitizer wants more memory than there is")
    (tmp_path / "data").write_bytes(bytes(20 << 20))
    codes = set()
    for limit in range(40 << 20, 160 << 20, 5 << 20):
        result = fodder("measure", tmp_path / "data", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        codes.add(result.returncode)
        if result.returncode == 1:
            assert b"Cannot allocate memory" in result.stderr
        if result.returncode == -6:  # snappy is C++, and throws where nobody can catch it
            assert b"bad_alloc" in result.stderr
    assert {0, 1} <= codes <= {0, 1, -6, 127}  # 127: not even the libraries could be loaded
