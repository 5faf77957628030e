"""The recipes of docs/python.md run, where what they need is installed.

Those that need an S3 server take AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "python.md"
RECIPES = re.findall(r"### (.*?)\n(?:(?!###).)*?```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


def require(text):
    needs = re.match(r"# needs (.*)", text)
    for need in needs.group(1).split(", ") if needs else []:
        if need == "S3":
            if "AWS_ENDPOINT_URL" not in os.environ:
                pytest.skip("AWS_ENDPOINT_URL names no S3 server")
        else:
            pytest.importorskip(need)


@pytest.mark.parametrize("title, text", RECIPES, ids=[title for title, _ in RECIPES])
def test_recipe(title, text, tmp_path):
    require(text)
    script = tmp_path / "recipe.py"
    script.write_text(text)
    result = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


def test_every_block_is_found():
    assert len(RECIPES) == DOCUMENT.read_text().count("```python\n") >= 5
