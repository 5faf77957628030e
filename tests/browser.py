"""Chromium, without a window and with a home of its own."""

import os
import shutil
import subprocess

import pytest


def browse(url, home, *options):
    """What it is told to print, such as the page after its scripts have run, by --dump-dom."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no chromium")
    words = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}/chromium", *options, url]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": str(home)})
    assert done.returncode == 0, done.stderr
    return done.stdout
