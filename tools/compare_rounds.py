"""What tools/compare measures: speed in rounds beside memset, and ratios asked against ratios found.

The clock of a shared machine moves by half within seconds (bench/README.md). So a round is memset, a contender, memset, the next
contender, memset ...: a figure's share of memset is its rate against its two neighbours, and the median of the rounds is told.
"""

import json
import os
import statistics
import time
from dataclasses import dataclass

import compare_peers as peers
from compare_peers import PeerError

MIB = 1 << 20
ROUNDS, LEAST_ROUNDS, CASE_SECONDS = 7, 5, 4
SLICE_SECONDS = 0.12
COMPRESS = (1, 2, 4)
ASKED = ((1, 2), (1, 3), (1, 4), (2, 1), (3, 1))  # (dedup, compress)
RATIO_SIZE = 64 * MIB


@dataclass(frozen=True)
class Case:
    name: str
    request: str
    chunk: int = 0  # bytes; 0: the whole in one call
    yardstick: str = "memset"
    fio: str = None  # its block size


CASES = (
    Case("first", "first", yardstick="memset-fresh"),
    Case("later", "later"),
    Case("refill", "refill"),
    # fio's usual large block; of 32 MiB it would have the one buffer as well, which no longer fits a cache.
    Case("stream-32m", "stream", 32 * MIB, fio="1M"),
    Case("stream-64k", "stream", 64 << 10),
    Case("stream-4k", "stream", 4 << 10, fio="4k"),
)
STREAMS = tuple(case.name for case in CASES if case.chunk)
CALLS = ("first", *STREAMS)  # where nothing is kept and no buffer is taken, later calls are as the first


@dataclass(frozen=True)
class Contender:
    package: str  # that it needs; None: nothing
    cases: tuple
    compress: tuple = COMPRESS
    many: bool = True  # more than one thread
    part: int = 1  # of the size of the one-shot cases: slow ones make less


ALL = tuple(case.name for case in CASES)
CONTENDERS = {
    "fodder": Contender(None, ALL),
    "s3dlio": Contender("s3dlio", ALL),
    "dgen-py": Contender("dgen-py", ALL),
    "dgen-py-pool": Contender("dgen-py", ("stream-64k", "stream-4k")),
    "fio": Contender("fio", ("stream-32m", "stream-4k")),
    "numpy-bytes": Contender("numpy", CALLS, (1,), many=False, part=4),
    "numpy-integers": Contender("numpy", CALLS, (1,), many=False, part=4),
    "urandom": Contender(None, CALLS, (1,), many=False, part=8),
    "memset-small": Contender(None, ("first",), (1,)),
}


class Session:
    """The processes of one number of threads. What fails is told once, and left out from then on."""

    def __init__(self, threads, size, absent, python, binaries, say):
        self.threads, self.size, self.say, self.failed = threads, size, say, {}
        self.yardstick = peers.Process(peers.contender_command("fodder", python, binaries), threads)
        self.processes = {}
        for name, kind in CONTENDERS.items():
            if kind.package in absent or name == "fio" or (threads > 1 and not kind.many):
                continue
            try:
                self.processes[name] = peers.Process(peers.contender_command(name, python, binaries), threads)
            except PeerError as error:
                self.fail(name, error)
        if "fio" not in absent:
            self.processes["fio"] = None

    def fail(self, name, error):
        self.say(f"{name}: {error}; left out")
        self.failed[name] = str(error)
        process = self.processes.pop(name, None)
        if process:
            process.close()

    def close(self):
        for process in (self.yardstick, *filter(None, self.processes.values())):
            process.close()

    def yardstick_rate(self, case):
        # Of a small chunk, which the cache takes: long enough to be timed.
        size = self.size if case.chunk in (0, 32 * MIB) else 2 * self.size
        return self.yardstick.rate(case.yardstick, size, case.chunk)

    def members(self, case, compress):
        return [name for name in self.processes if case.name in CONTENDERS[name].cases and compress in CONTENDERS[name].compress]

    def rate(self, name, case, compress, size):
        if name == "fio":
            return peers.fio_rate(case.fio, compress, self.threads)
        request = "memset-fresh-small" if name == "memset-small" else case.request
        return self.processes[name].rate(request, size, case.chunk, compress)

    def size_of(self, name, case, compress):
        """What a slice makes: the whole of a one-shot case, or as many chunks as take a slice's time."""
        if not case.chunk or name == "fio":
            return self.size // CONTENDERS[name].part
        size, seconds = max(MIB, case.chunk), 0
        while True:
            seconds = size / self.rate(name, case, compress, size)
            if seconds > SLICE_SECONDS / 8 or size >= 4 * self.size:
                break
            size *= 4
        size = min(size * SLICE_SECONDS / seconds, 4 * self.size)
        return max(1, round(size / case.chunk)) * case.chunk

    def try_or_fail(self, name, action, *arguments):
        try:
            return action(name, *arguments)
        except PeerError as error:
            self.fail(name, error)
            return None

    def measure(self, case, compress):
        """Rows of results: each contender's, and memset's."""
        sizes = {name: self.try_or_fail(name, self.size_of, case, compress) for name in self.members(case, compress)}
        rates = {name: [] for name in sizes}
        shares = {name: [] for name in sizes}
        start, before = time.monotonic(), self.yardstick_rate(case)
        memset = [before]
        for count in range(ROUNDS):
            if count >= LEAST_ROUNDS and time.monotonic() - start > CASE_SECONDS:
                break
            for name in self.members(case, compress):
                rate = self.try_or_fail(name, self.rate, case, compress, sizes[name])
                after = self.yardstick_rate(case)
                if rate:
                    rates[name].append(rate)
                    shares[name].append(2 * rate / (before + after))
                memset.append(after)
                before = after
        made = [self.row(name, case, compress, rates[name], shares[name]) for name in self.members(case, compress)]
        return made + [self.row("memset", case, compress, memset, [1])]

    def row(self, name, case, compress, rates, shares):
        return {
            "tool": name,
            "case": case.name,
            "compress": compress,
            "threads": self.threads,
            "gbps": round(statistics.median(rates) / 1e9, 4),
            "gbps_range": [round(min(rates) / 1e9, 4), round(max(rates) / 1e9, 4)],
            "to_memset": round(statistics.median(shares), 4),
            "rounds": len(rates),
        }


def measure_speed(session):
    rows = []
    # Memory that the host has not given to this machine yet would be paid by whoever touches it first.
    for request in ("memset-fresh", "memset-fresh-small"):
        session.yardstick.rate(request, session.size)
    for case in CASES:
        for compress in COMPRESS:
            session.say(f"{session.threads} threads, {case.name}, compress {compress}")
            rows += session.measure(case, compress)
    return rows


def write_data(name, path, dedup, compress, python, binaries):
    if name == "fio":
        peers.write_by_fio(path, RATIO_SIZE, dedup, compress)
    else:
        peers.run([*peers.contender_command(name, python, binaries), "write", path, *map(str, (RATIO_SIZE, dedup, compress))])


def read_ratios(path, binaries):
    fodder = os.path.join(binaries, "..", "cli", "fodder")
    total = json.loads(peers.run([fodder, "measure", path, "--json"]))["total"]
    ratios = {f"{row['codec']}-{row['chunk']}": row["ratio"] for row in total["compress"]}
    ratios |= {f"dedup-{row['size']}": row["ratio"] for row in total["dedup"] if row["kind"] == "fixed"}
    return ratios


def measure_ratios(directory, absent, python, binaries, say):
    rows, path = [], os.path.join(directory, "data")
    for name in ("fodder", "s3dlio", "dgen-py", "fio"):
        if CONTENDERS[name].package in absent:
            continue
        say(f"{name}: ratios")
        for dedup, compress in ASKED:
            try:
                write_data(name, path, dedup, compress, python, binaries)
                rows.append({"tool": name, "dedup": dedup, "compress": compress, "measured": read_ratios(path, binaries)})
            except PeerError as error:
                say(f"{name}, dedup {dedup}, compress {compress}: {error}")
    if os.path.exists(path):
        os.remove(path)
    return rows
