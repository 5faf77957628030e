"""Test data for storage with a true dedup and compress ratio, made at the speed of memory.

    bytes = f(spec, offset)

Ask for a size, a dedup ratio and a compress ratio, and get bytes which real deduplicators and compressors reduce by just
that much: any range of them, in any order, on any number of threads, the same on every machine. And verify them when they
come back.

>>> import fodder
>>> data = fodder.generate("4MiB", dedup=2, compress=3, seed=42)
>>> str(data.spec)
'fodder1:seed=42,dedup=2,compress=3'
>>> fodder.verify(data, spec=data.spec).ok
True
"""

from ._core import FORMAT, Buffer, Spec, __version__, default_threads, fill, generate, total_cpus
from .machine import Cpu, Node, Topology, info, topology
from .report import Report, Run, verify
from .stream import Stream

__all__ = [
    "FORMAT",
    "Buffer",
    "Cpu",
    "Node",
    "Report",
    "Run",
    "Spec",
    "Stream",
    "Topology",
    "__version__",
    "default_threads",
    "fill",
    "generate",
    "info",
    "topology",
    "total_cpus",
    "verify",
]
