"""python -m fodder: the fodder command, where it is installed."""

import os
import shutil
import sys


def main() -> None:
    """Becomes the command, with the same arguments; ends with 1 where there is none."""
    found = shutil.which("fodder")
    if found is None:
        sys.exit("python -m fodder: the command fodder is not on PATH; build it with `make install` in fodder's sources")
    os.execv(found, ["fodder", *sys.argv[1:]])


if __name__ == "__main__":
    main()
