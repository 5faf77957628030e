"""The keywords that generate(), fill(), verify() and Stream share, as types."""

from __future__ import annotations

from typing import Literal, TypedDict

from ._core import Spec

Codec = Literal["balanced", "lz4", "zstd", "deflate"]
Numa = Literal["auto", "force", "off"] | int


class Fields(TypedDict, total=False):
    """What Spec() takes; or else spec, a Spec or its text."""

    seed: int | None
    series: int
    generation: int
    unit: int | str | None
    window: int | None
    codec: Codec | None
    spec: Spec | str | None


class Placed(TypedDict, total=False):
    """Who fills: threads, half of the CPUs where it is None, and on which NUMA nodes. Neither changes a byte."""

    threads: int | None
    numa: Numa


class Keywords(Fields, Placed, total=False):
    dedup: float
    compress: float
