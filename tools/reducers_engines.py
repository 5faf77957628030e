"""The reducers of tools/reducers: how each stores a directory, what of that counts, and which figures of fodder measure speak of it.

An engine's ratio is predicted as dedup times compress: `dedup` names a row of measure's dedup (kind, size), `codec` and `chunk` a row of its
compress. Where both are named the codec sees what is left after dedup, so its ratio is that of chunks that are the first of their kind.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KIB, MIB = 1 << 10, 1 << 20
SECONDS = 240
# All bytes of all files, in the order of their names: what fodder measure reads, as one stream.
STREAM = ("sh", "-c", 'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | "$@" >"$0"', "{store}")


class ReducerError(Exception):
    """One sentence on why an engine gave no figure."""


@dataclass(frozen=True)
class Engine:
    name: str
    package: str  # the Debian package
    store: tuple  # the command; runs in the directory that is stored. {store}: where to
    counted: str = ""  # a pattern of files below {store} whose bytes count; "": {store} is a file, and counts
    prepare: tuple = ()  # makes an empty store
    dedup: tuple = None  # (kind, size)
    codec: str = None
    chunk: int = 0

    @property
    def program(self):
        return self.store[4] if self.store[0] == "sh" else self.store[0]


def borg(what, chunker, compression, dedup, codec=None, chunk=0):
    create = ("borg", "create", "--chunker-params", chunker, "--compression", compression, "{store}::a", ".")
    init = ("borg", "init", "--encryption", "none", "{store}")
    return Engine(f"borg {what}, {compression.replace(',', ' -')}", "borgbackup", create, "data/**/*", init, dedup, codec, chunk)


def restic(compression, codec=None, chunk=0):
    backup = ("restic", "--quiet", "--no-cache", "--repo", "{store}", "backup", "--compression", compression, ".")
    init = ("restic", "--quiet", "--no-cache", "--repo", "{store}", "init", "--repository-version", "2")
    return Engine(f"restic, {compression}", "restic", backup, "data/**/*", init, ("cdc", MIB), codec, chunk)


def squashfs(title, *compressor):
    command = ("mksquashfs", ".", "{store}", "-noappend", "-no-progress", "-no-xattrs", "-b", "131072", "-comp", *compressor)
    return Engine(f"squashfs, {title}", "squashfs-tools", command, codec=title.replace(" -", "-"), chunk=128 * KIB)


def stream(codec, *command):
    return Engine(f"{' '.join(command)} on a stream", command[0], (*STREAM, *command), codec=codec, chunk=MIB)


BUZHASH = "buzhash,19,23,21,4095"  # borg's own
ENGINES = (
    borg("fixed 64 KiB", "fixed,65536", "none", ("fixed", 64 * KIB)),
    borg("fixed 128 KiB", "fixed,131072", "lz4", ("fixed", 128 * KIB), "lz4", 128 * KIB),
    borg("fixed 128 KiB", "fixed,131072", "zstd,3", ("fixed", 128 * KIB), "zstd-3", 128 * KIB),
    Engine("erofs chunks of 64 KiB", "erofs-utils", ("mkfs.erofs", "--chunksize=65536", "{store}", "."), dedup=("fixed", 64 * KIB)),
    Engine("bup, -0", "bup", ("sh", "-c", "bup -d {store} index . && bup -d {store} save -q -0 -n a .", "", "bup"),
           "objects/pack/*.pack", ("bup", "-d", "{store}", "init"), ("cdc", 8 * KIB)),
    Engine("zpaq -m0", "zpaq", ("zpaq", "add", "{store}.zpaq", ".", "-method", "0"), dedup=("cdc", 64 * KIB)),
    Engine("casync, zstd", "casync", ("casync", "make", "--compression=zstd", "--store={store}", "{store}.caidx", "."),
           "**/*.cacnk", dedup=("cdc", 64 * KIB), codec="zstd-3", chunk=64 * KIB),
    restic("off"),
    restic("auto", "zstd-3", MIB),
    borg("buzhash", BUZHASH, "none", ("cdc", MIB)),
    borg("buzhash", BUZHASH, "zstd,3", ("cdc", MIB), "zstd-3", MIB),
    squashfs("gzip -6", "gzip", "-Xcompression-level", "6"),
    squashfs("lz4", "lz4"),
    squashfs("zstd -3", "zstd", "-Xcompression-level", "3"),
    stream("gzip-6", "gzip", "-6"),
    stream("lz4", "lz4", "-1"),
    stream("zstd-3", "zstd", "-3"),
    stream("zstd-3", "zstd", "-3", "--long=27"),
)


def is_present(engine):
    return shutil.which(engine.program) is not None


def shows_dedup(engine):
    """Of engines that store the same with and without a codec, the one without."""
    return not engine.codec or not any(other.package == engine.package and not other.codec for other in ENGINES)


def environment(home):
    """Nothing of the user's own is read, and no question asked."""
    borgs = {name: "yes" for name in ("BORG_RELOCATED_REPO_ACCESS_IS_OK", "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK")}
    return {**os.environ, **borgs, "HOME": home, "BORG_BASE_DIR": home, "RESTIC_PASSWORD": "none", "TMPDIR": home, "LC_ALL": "C.UTF-8"}


def run(command, home, where, seconds=SECONDS):
    try:
        done = subprocess.run(
            command, cwd=where, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReducerError(str(error)) from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ReducerError(f"{command[0]}: {lines[-1] if lines else f'exit status {done.returncode}'}")
    return done.stdout


def fill_in(words, store):
    return [word.replace("{store}", store) for word in words]


def counted_bytes(engine, store):
    if not engine.counted:
        path = next(path for path in (store, f"{store}.zpaq") if os.path.exists(path))
        return os.path.getsize(path)
    return sum(path.stat().st_size for path in Path(store).glob(engine.counted) if path.is_file())


def empty_store(engine, work, store):
    """An empty store is made once by each way to make one, and copied: restic spends seconds on it."""
    kept = os.path.join(work, "empty-" + engine.prepare[0])
    if not os.path.exists(kept):
        run(fill_in(engine.prepare, kept), work, work)
    shutil.copytree(kept, store)


def stored_bytes(engine, data, work):
    """Bytes that the engine takes to store the directory, beyond its empty store. Leaves nothing."""
    home = os.path.join(work, re.sub(r"\W+", "-", engine.name))
    store = os.path.join(home, "store")
    os.makedirs(home)
    try:
        if engine.prepare:
            empty_store(engine, work, store)
        before = counted_bytes(engine, store) if engine.prepare else 0
        run(fill_in(engine.store, store), home, data)
        return counted_bytes(engine, store) - before
    finally:
        shutil.rmtree(home, ignore_errors=True)


def compress_ratio(total, codec, chunk, key):
    """Between two of measure's chunk sizes the mean of their ratios."""
    rows = {row["chunk"]: row[key] for row in total["compress"] if row["codec"] == codec}
    if chunk in rows:
        return rows[chunk]
    below, above = max(size for size in rows if size < chunk), min(size for size in rows if size > chunk)
    return (rows[below] + rows[above]) / 2


def predicted_ratio(engine, total):
    """`total` is the account of all paths that fodder measure --json tells."""
    ratio = 1
    if engine.dedup:
        kind, size = engine.dedup
        ratio = next(row["ratio"] for row in total["dedup"] if (row["kind"], row["size"]) == (kind, size))
    if engine.codec:
        ratio *= compress_ratio(total, engine.codec, engine.chunk, "unique_ratio" if engine.dedup else "ratio")
    return ratio


def version(package):
    try:
        text = run(["dpkg-query", "-W", "-f", "${Version}", package], "/", "/", 10)
    except ReducerError:
        return "of unknown version"
    return re.sub(r"^\d+:|[-+].*$", "", text)
