"""Data sets as sections 1 to 6 of docs/dataset.md define them, written from that page alone and as plainly as it is."""

import math
import struct
from dataclasses import dataclass
from itertools import accumulate

WORD = (1 << 64) - 1


def chacha20_block(key):
    """RFC 8439, section 2.3, with block counter 0 and a nonce of zeros."""
    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *struct.unpack("<8I", key), 0, 0, 0, 0]
    w = list(start)

    def turn(x, n):
        return (x << n | x >> 32 - n) & 0xFFFFFFFF

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            w[x] = (w[x] + w[y]) & 0xFFFFFFFF
            w[z] = turn(w[z] ^ w[x], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(w, start)))


class Draws:
    def __init__(self, seed=0, series=0):
        self.s = int.from_bytes(chacha20_block(struct.pack("<QQ16x", seed, series))[:8], "little")

    def __call__(self, k, j):
        z = self.s + (8 * k + j + 1) * 0x9E3779B97F4A7C15 & WORD
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & WORD
        z = (z ^ z >> 27) * 0x94D049BB133111EB & WORD
        return z ^ z >> 31


def within(low, high, w):
    return low + (w * (high - low + 1) >> 64)


@dataclass
class Fixed:
    size: int

    def __call__(self, draws, k):
        return self.size


@dataclass
class Uniform:
    low: int
    high: int

    def __call__(self, draws, k):
        return within(self.low, self.high, draws(k, 0))


ROOTS = [1 << 63]
for _ in range(32):
    ROOTS.append(math.isqrt(ROOTS[-1] << 62))


@dataclass
class Lognormal:
    median: int
    millionths: int
    low: int = 1
    high: int = 1 << 62

    def exponent(self, draws, k):
        words = [draws(k, j) for j in range(6)]
        total = sum((word >> 32) + word % (1 << 32) for word in words) + 6 - 6 * (1 << 32)
        r = abs(total)
        q = r * r >> 36
        p = 128418560
        for a in (35888609, 328749304, 1084087473, 16964459987):
            p = (p * q >> 32) + a
        x = (p * r >> 34) * (6196328018 * self.millionths // 10**6) >> 32
        return -x if total < 0 else x

    def __call__(self, draws, k):
        n, f = divmod(self.exponent(draws, k), 1 << 32)
        m = 1 << 62
        for i in range(1, 33):
            if f >> 32 - i & 1:
                m = m * ROOTS[i] >> 62
        product = self.median * m << 200  # 200 bits more, so that a negative n loses none of them
        size = ((product << n if n >= 0 else product >> -n) + (1 << 261)) >> 262
        return min(max(size, self.low), self.high)


@dataclass
class Histogram:
    rows: list  # (low, high, weight in millionths)

    def __post_init__(self):
        self.sums = list(accumulate(weight for _, _, weight in self.rows))

    def __call__(self, draws, k):
        at = draws(k, 0) * self.sums[-1] >> 64
        low, high, _ = self.rows[next(i for i, total in enumerate(self.sums) if at < total)]
        return within(low, high, draws(k, 1))


@dataclass
class DataSet:
    files: int
    sizes: object
    unit: int = 1 << 20
    seed: int = 0
    series: int = 0
    names: str = "d{dir}/f{k}"
    per_dir: int = 1000

    def __post_init__(self):
        self.draws = Draws(self.seed, self.series)

    def size(self, k):
        return self.sizes(self.draws, k)

    def name(self, k):
        last = max(self.files - 1, 0)
        number = str(k).zfill(max(9, len(str(last))))
        folder = str(k // self.per_dir).zfill(max(6, len(str(last // self.per_dir))))
        return self.names.replace("{k}", number).replace("{dir}", folder)

    def all(self):
        """(name, size, start) of each file."""
        first = 0
        for k in range(self.files):
            size = self.size(k)
            yield self.name(k), size, first * self.unit
            first += -(-size // self.unit)
