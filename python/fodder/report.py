"""Verifying: what came back, and what it is instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Unpack

from . import _core
from ._core import Spec
from .keywords import Keywords


@dataclass(frozen=True, slots=True)
class Run:
    """Wrong bytes that lie together and are of one kind: whole sectors of 512 bytes, clipped at the range's ends.

    Offsets are bytes in the data set.
    """

    kind: str
    """zeroed, constant, misplaced, stale, foreign, corrupt: bits differ, or missing."""
    offset: int
    length: int
    first: int
    """The offset of the first byte that differs; `last` is that of the last."""
    last: int
    bytes: int
    """How many bytes differ; `bits` is how many bits."""
    bits: int
    torn: bool
    """Whether a unit is right up to `offset` and wrong from there to its end, all of it this run."""
    source: int
    """misplaced, foreign: the lowest offset where what is here belongs."""
    generation: int
    """misplaced, stale, foreign: the generation that is here."""
    foreign: int
    """foreign: the index in the list of foreign specs."""
    value: int
    """zeroed, constant: the byte."""


@dataclass(frozen=True, slots=True)
class Report:
    """What verify() found. It is true where all is right."""

    bytes: int
    """Compared."""
    bad: int
    """Of them differ."""
    runs: tuple[Run, ...]
    """The first 1000, in order; `more_runs` are not listed."""
    more_runs: int

    @property
    def ok(self) -> bool:
        """Whether every byte is right."""
        return self.bad == 0

    def __bool__(self) -> bool:
        return self.ok


def verify(buffer: Any, *, offset: int | str = 0, foreign: Iterable[Spec | str] = (), **keywords: Unpack[Keywords]) -> Report:
    """Compares a buffer with the bytes of a spec from `offset` on, and tells what is wrong, run by run.

    buffer is contiguous, of any shape and item type; it may be read-only. Give spec=, a Spec or its text, or seed= and the
    other fields that generate() takes; threads= and numa= as there. foreign are Specs whose data may have come instead.

    Raises TypeError where neither spec nor seed is given, and ValueError for a range that ends past the data set.

    >>> from fodder import generate
    >>> data = generate(1 << 20, seed=42)
    >>> data[4096:8192] = bytes(4096)
    >>> report = verify(data, seed=42)
    >>> report.ok, report.runs[0].kind, report.runs[0].offset, report.runs[0].length
    (False, 'zeroed', 4096, 4096)
    """
    total, bad, runs, more_runs = _core.verify(buffer, offset=offset, foreign=foreign, **keywords)
    return Report(total, bad, tuple(Run(*run) for run in runs), more_runs)
