import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[1]))

from running import fodder, oracle, pytest_configure  # noqa: E402, F401
