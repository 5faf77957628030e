"""What the tests of the package share. They run against the package that is installed, wherever it came from."""

import pathlib

import pytest

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "tests" / "vectors" / "format1.txt"


@pytest.fixture(autouse=True)
def doctest_names(doctest_namespace):
    import fodder

    doctest_namespace.update({name: getattr(fodder, name) for name in fodder.__all__})
