"""The data of tools/reducers: fodder's own, and files of this machine or made as people's programs make them. A set is a directory.

Of the machine's files, each is taken by a hash of its name until the set is full, so a run takes the same ones as the last.
"""

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import tarfile
from dataclasses import dataclass

KIB, MIB = 1 << 10, 1 << 20
SEED = 42


@dataclass(frozen=True)
class Set:
    name: str
    make: object  # make(directory, made, fodder); `made`: the sets before it, by name
    size: int = 0  # of fodder's data
    sample: int = 0  # that codecs read, 0 for all
    compress: float = 0  # of fodder's data; 0: other data
    needed: bool = False  # by a later set


def generate(directory, fodder, size, unit, compress, window):
    words = [fodder, "generate", str(size), "--seed", str(SEED), "--dedup", "2", "--compress", str(compress), "--unit", unit]
    words += ["--window", str(window)] if window else []
    subprocess.run([*words, "--quiet", "-o", os.path.join(directory, "data")], check=True)


def fodder_set(unit, size, compress=1, window=0):
    name = f"{unit} units" + (f", window {window}" if window else "") + (f", compress {compress}" if compress > 1 else "")

    def make(directory, _, fodder):
        generate(directory, fodder, size, unit.replace(" ", ""), compress, window)

    return Set(name, make, size, 32 * MIB, compress)


def files_below(roots):
    for root in roots:
        for directory, _, names in os.walk(root):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.R_OK):
                    yield path


def copy_files(directory, roots, size, wanted=lambda path: True):
    paths = sorted((path for path in files_below(roots) if wanted(path)), key=lambda path: hashlib.md5(path.encode()).digest())
    taken = 0
    for path in paths:
        length = os.path.getsize(path)
        if 0 < length <= size // 8 and taken + length <= size:
            target = directory + path
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(path, target)
            taken += length


def make_binaries(directory, _, __):
    copy_files(directory, ("/usr/bin", "/usr/lib"), 96 * MIB)


def make_documents(directory, _, __):
    compressed = (".gz", ".xz", ".zst", ".png", ".jpg", ".pdf")
    copy_files(directory, ("/usr/share/doc", "/usr/include", "/usr/share/perl"), 64 * MIB, lambda path: not path.endswith(compressed))


def write_tar(path, directory):
    with tarfile.open(path, "w") as archive:
        archive.add(directory, ".")


def make_tarball(directory, made, _):
    write_tar(os.path.join(directory, "data.tar"), made["binaries"])


def make_two_tarballs(directory, made, _):
    first, second = (os.path.join(directory, name) for name in ("first.tar", "second.tar"))
    write_tar(first, made["documents"])
    with open(first, "rb") as source, open(second, "wb") as target:
        target.write(source.read(10000) + random.Random(SEED).randbytes(1000))
        shutil.copyfileobj(source, target)


def log_line(rng, number):
    agents = ("curl/7.88", "Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "kube-probe/1.27")
    paths = ("/api/v1/items", "/static/app.js", "/login", "/api/v1/users", "/health", "/images/logo.svg")
    second = number // 40
    clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
    path = rng.choice(paths) + (f"/{rng.randrange(100000)}" if rng.random() < 0.5 else "")
    address = f"10.{rng.randrange(4)}.{rng.randrange(256)}.{rng.randrange(256)}"
    answer = f"{rng.choice((200, 200, 200, 304, 404))} {rng.randrange(200, 90000)}"
    took = rng.expovariate(1 / 20)
    return f'{address} - - [24/Nov/2026:{clock} +0000] "GET {path} HTTP/1.1" {answer} "-" "{rng.choice(agents)}" {took:.3f}\n'


def make_logs(directory, _, __):
    rng = random.Random(SEED)
    for day in range(4):
        with open(os.path.join(directory, f"access.log.{day}"), "w", encoding="ascii") as file:
            file.writelines(log_line(rng, number) for number in range(60000))


def rows_of(rng, first, count):
    for number in range(first, first + count):
        words = " ".join(f"{rng.choice('bcdfgkmnprst')}{rng.choice('aeiou')}{rng.randrange(3000)}" for _ in range(rng.randrange(8, 30)))
        yield number, f"customer-{rng.randrange(20000)}", rng.randrange(1 << 40), rng.gauss(100, 15), words


def make_databases(directory, _, __):
    """A database, and the same after a fortieth of its rows was updated and some were added."""
    rng = random.Random(SEED)
    before, after = (os.path.join(directory, name) for name in ("monday.db", "tuesday.db"))
    insert = "INSERT INTO orders VALUES (?, ?, ?, ?, ?)"
    with sqlite3.connect(before) as base:
        base.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, stamp INTEGER, amount REAL, remark TEXT)")
        base.executemany(insert, rows_of(rng, 0, 150000))
        base.execute("CREATE INDEX by_customer ON orders (customer)")
    base.close()
    shutil.copyfile(before, after)
    with sqlite3.connect(after) as base:
        changed = ((rng.gauss(100, 15), start + row) for start in (rng.randrange(150000 - 250) for _ in range(15)) for row in range(250))
        base.executemany("UPDATE orders SET amount = ? WHERE id = ?", changed)
        base.executemany(insert, rows_of(rng, 150000, 2000))
    base.close()


def make_compressed(directory, made, _):
    for number, name in enumerate(("binaries", "documents")):
        path = os.path.join(directory, f"archive{number}.tar.gz")
        with tarfile.open(path, "w:gz", compresslevel=3) as archive:
            archive.add(made[name], ".")


def make_sparse(directory, _, __):
    """128 MiB, of which every fourth MiB of the first half is written."""
    rng = random.Random(SEED)
    with open(os.path.join(directory, "disk.img"), "wb") as file:
        file.truncate(128 * MIB)
        for place in range(0, 64 * MIB, 4 * MIB):
            file.seek(place + 12345)
            file.write(rng.randbytes(MIB))


FODDER = (
    fodder_set("4 KiB", 64 * MIB, window=4),
    fodder_set("64 KiB", 64 * MIB, window=8),
    fodder_set("64 KiB", 256 * MIB),
    fodder_set("1 MiB", 256 * MIB),
    fodder_set("8 MiB", 768 * MIB),
    fodder_set("64 MiB", 1536 * MIB),
    fodder_set("64 KiB", 128 * MIB, 3),
    fodder_set("1 MiB", 128 * MIB, 2),
    fodder_set("8 MiB", 256 * MIB, 3),
)
REAL = (
    Set("binaries", make_binaries, needed=True),
    Set("documents", make_documents, needed=True),
    Set("tarball of binaries", make_tarball),
    Set("two tarballs, 1000 bytes inserted", make_two_tarballs),
    Set("compressed tarballs", make_compressed),
    Set("logs", make_logs),
    Set("database of two days", make_databases),
    Set("sparse disk image", make_sparse),
)
