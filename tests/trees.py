"""What a directory holds."""

import pathlib


def tree(root):
    """Each file below root: its name, and its bytes."""
    root = pathlib.Path(root)
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if not path.is_dir()}
