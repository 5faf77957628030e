"""The results of tools/compare as text: a table for the terminal, and a short one in Markdown for README."""

NAMES = {
    "fodder": "fodder",
    "s3dlio": "s3dlio",
    "dgen-py": "dgen-py",
    "dgen-py-pool": "dgen-py BufferPool",
    "fio": "fio",
    "numpy-bytes": "numpy bytes",
    "numpy-integers": "numpy integers",
    "urandom": "os.urandom",
    "memset": "memset",
    "memset-small": "memset, 4 KiB pages",
}
CASES = {
    "first": "one-shot",
    "later": "again",
    "refill": "refill",
    "stream-32m": "32 MiB chunks",
    "stream-64k": "64 KiB chunks",
    "stream-4k": "4 KiB chunks",
}
NOTES = """\
one-shot: {size} of memory from the system and the data in it. again: the same once an earlier result was freed; fodder keeps that memory.
refill: one buffer of the caller's, written before; s3dlio and dgen-py by fill_chunk(), which is faster than their generate_into_buffer().
chunks: a stream through one buffer. Callers' buffers lie on huge pages, whoever fills them.
GB/s are 10^9 bytes a second, medians. x is the share of memset by as many threads just before and after: on fresh huge pages for one-shot,
else on pages written before. A chunk below 1 MiB is set by one thread, and below 512 KiB made by one by fodder.
fodder is called from C, the packages from Python, some 0.1 us a call. BufferPool gives slices of a block of its own. numpy and os.urandom
give new memory at each call, and make a quarter and an eighth of it in one-shot. fio: null engine, refill_buffers; 1 MiB under 32 MiB.
Ratios: fodder with units of 64 KiB, fio with blocks of 64 KiB. Zero blocks are duplicates: dedup above 1 where none was asked for."""


def number(value):
    """Three digits, or two of what is small."""
    digits = next((digits for least, digits in ((99.5, 0), (9.95, 1), (0.0995, 2)) if value >= least), 3)
    return f"{value:.{digits}f}"


def share(value):
    return f"{value:.2f}" if value >= 0.0995 else f"{value:.1g}"


def size_name(size):
    return f"{size >> 30} GiB" if size % (1 << 30) == 0 else f"{size >> 20} MiB"


def order(tools):
    return [name for name in NAMES if name in tools]


def heading(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return f"{machine['cpu']}, {machine['cpus']} CPUs; {versions}"


def speed_lines(results, threads):
    rows = {(r["tool"], r["compress"], r["case"]): r for r in results["speed"] if r["threads"] == threads}
    yield f"{threads} thread{'s' if threads > 1 else ''}, GB/s and share of memset"
    yield f"{'':20} {'compress':>8}" + "".join(f"{title:>16}" for title in CASES.values())
    for tool in order({tool for tool, _, _ in rows}):
        for compress in sorted({c for t, c, _ in rows if t == tool}):
            if tool == "memset" and compress > 1:
                continue
            cells = (rows.get((tool, compress, case)) for case in CASES)
            asked = "" if tool.startswith("memset") else f"{compress}"
            yield f"{NAMES[tool]:20} {asked:>8}" + "".join(f"{cell(row):>16}" for row in cells)


def cell(row):
    if not row:
        return "-"
    if row["tool"] == "memset":
        return number(row["gbps"]) + " " * 10
    return f"{number(row['gbps'])} {'(' + share(row['to_memset']):>7}x)"


def ratio_lines(results):
    measures = {"zstd-3-131072": "zstd -3, 128K", "lz4-4096": "lz4, 4K"}
    blocks = {"dedup-512": "dedup, 512", "dedup-4096": "dedup, 4K", "dedup-65536": "dedup, 64K"}
    yield f"asked and measured, {results['ratio_size'] >> 20} MiB: compressed by chunks; blocks / distinct blocks, by their size"
    yield f"{'':20} {'asked':>12}" + "".join(f"{title:>15}" for title in (measures | blocks).values())
    for row in results["ratios"]:
        asked = f"compress {row['compress']}" if row["compress"] > 1 else f"dedup {row['dedup']}"
        # A codec finds copies within its chunk as well, so its figure says nothing of data with dedup.
        shown = [f"{row['measured'][key]:.3f}" if row["dedup"] == 1 else "" for key in measures]
        shown += [f"{row['measured'][key]:.3f}" for key in blocks]
        yield f"{NAMES[row['tool']]:20} {asked:>12}" + "".join(f"{text:>15}" for text in shown)


def table(results):
    lines = [heading(results), ""]
    for threads in results["threads"]:
        lines += [*speed_lines(results, threads), ""]
    lines += [*ratio_lines(results), ""]
    lines += [f"absent: {NAMES.get(name, name)}: {reason}" for name, reason in results["absent"].items()]
    lines.append(NOTES.format(size=size_name(results["size"])))
    return "\n".join(line.rstrip() for line in lines)


def readme_speed(results):
    rows = {(r["tool"], r["case"], r["threads"]): r["gbps"] for r in results["speed"] if r["compress"] == 1}
    yield "| GB/s, " + " / ".join(map(str, results["threads"])) + " threads | " + " | ".join(CASES.values()) + " |"
    yield "|---" * (1 + len(CASES)) + "|"
    for tool in order({tool for tool, _, _ in rows}):
        cells = []
        for case in CASES:
            got = [rows.get((tool, case, threads)) for threads in results["threads"]]
            cells.append(" / ".join(number(rate) for rate in got if rate is not None))
        yield f"| {NAMES[tool]} | " + " | ".join(cells) + " |"


def readme_ratios(results):
    rows = {(r["tool"], r["dedup"], r["compress"]): r["measured"] for r in results["ratios"]}
    tools = order({tool for tool, _, _ in rows})
    measures = {"zstd-3-131072": "zstd -3, 128 KiB", "lz4-4096": "lz4, 4 KiB", "dedup-4096": "dedup at 4 KiB"}
    yield "| asked | measured | " + " | ".join(NAMES[tool] for tool in tools) + " |"
    yield "|---" * (2 + len(tools)) + "|"
    for dedup, compress in sorted({row[1:] for row in rows}):
        asked = f"compress {compress}" if compress > 1 else f"dedup {dedup}"
        for key, title in measures.items():
            if dedup > 1 and not key.startswith("dedup"):
                continue
            got = (rows.get((tool, dedup, compress)) for tool in tools)
            yield f"| {asked} | {title} | " + " | ".join(f"{m[key]:.2f}" if m else "" for m in got) + " |"


def readme(results):
    return "\n".join([heading(results) + ".", "", *readme_speed(results), "", *readme_ratios(results)])
