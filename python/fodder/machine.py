"""The machine, and this process's share of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from . import _core


@dataclass(frozen=True, slots=True)
class Cpu:
    """One CPU that is online."""

    id: int
    node: int
    """The id of its NUMA node."""
    core: int
    """CPUs of equal core are SMT siblings: the lowest id among them."""
    cache: int
    """CPUs of equal cache share the last cache: the lowest id among them."""
    usable: bool
    """Whether this process may run on it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One NUMA node. Numbers may have holes."""

    id: int
    cpus: int
    """Online; 0 on a node of memory only."""
    usable: int
    """Of them this process may use."""
    bindable: bool
    """Whether this process may have memory on it."""
    memory: int
    """Bytes; 0 on a node without memory."""
    distances: tuple[int, ...]
    """To each node in the order of Topology.nodes; 10 is near, 255 far or unknown."""


@dataclass(frozen=True, slots=True)
class Topology:
    """What the system tells. Sizes are bytes; what it does not tell is 0."""

    cpus: tuple[Cpu, ...]
    nodes: tuple[Node, ...]
    usable: int
    """CPUs online in the affinity mask."""
    total: int
    """total_cpus()."""
    threads: int
    """default_threads()."""
    quota: float
    """CPUs that the control groups' quotas allow, such as 2.5; 0 where there is no quota."""
    caches: tuple[int, int, int]
    """The data caches of levels 1 to 3, of the first CPU."""
    memory: int
    """What can be had without swapping, within the control groups' limits."""
    page: int
    huge_page: int
    """A transparent huge page."""
    huge_pages_free: int
    """How many explicit huge pages are free."""


def topology(root: str | os.PathLike[str] | None = None) -> Topology:
    """Reads the machine's topology, or that of the machine whose /sys and /proc were copied to `root`.

    Raises OSError where root cannot be read.

    >>> topology().total >= 1
    True
    """
    told: dict[str, Any] = _core.topology(root)
    cpus = tuple(Cpu(*cpu) for cpu in told.pop("cpus"))
    nodes = tuple(Node(*node) for node in told.pop("nodes"))
    return Topology(cpus=cpus, nodes=nodes, **told)


def info() -> dict[str, Any]:
    """What this fodder is and what it does here, fit for a benchmark's record: version, format, kernels, CPUs, nodes.

    Keys: fodder, format (newest), kernel (the one chosen), kernels (name: whether it runs here), cpus (total_cpus()),
    threads (default_threads()), quota, nodes (a dictionary for each), memory, page, huge_page, huge_pages_free, caches.

    >>> info()["format"]
    1
    """
    machine = topology()
    kernels = dict(_core.kernels())
    return {
        "fodder": _core.__version__,
        "format": _core.FORMAT,
        "kernel": next(name for name, runs in kernels.items() if runs),
        "kernels": kernels,
        "cpus": machine.total,
        "threads": machine.threads,
        "quota": machine.quota,
        "nodes": [
            {"id": node.id, "cpus": node.cpus, "usable": node.usable, "memory": node.memory, "bindable": node.bindable}
            for node in machine.nodes
        ],
        "memory": machine.memory,
        "page": machine.page,
        "huge_page": machine.huge_page,
        "huge_pages_free": machine.huge_pages_free,
        "caches": list(machine.caches),
    }
