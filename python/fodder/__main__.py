"""python -m fodder: the fodder command, where it is installed."""

import os
import shutil
import sys

found = shutil.which("fodder")
if found is None:
    sys.exit("python -m fodder: the command fodder is not on PATH; build it with `make install` in fodder's sources")
os.execv(found, ["fodder", *sys.argv[1:]])
