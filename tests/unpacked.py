"""Copies of other machines' /sys and /proc, which lie packed in tests/machines."""

import pathlib

MACHINES = pathlib.Path(__file__).parent / "machines"


def unpack(name, folder):
    for line in (MACHINES / f"{name}.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            path, content = line.split(" ", 1)
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content.replace("\\n", "\n").replace("\\t", "\t") + "\n")
