"""The results of tools/compare as a picture: bars of GB/s, compress 1, by case, on a scale of powers of ten."""

import math
from xml.sax.saxutils import escape

from compare_show import CASES, NAMES, number, order, size_name

WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 760, 168, 64, 15, 26, 62
LOWEST = 0.01
# Both halves of each rule change together, so that the picture is readable on any page.
STYLE = """
    .card { fill: #ffffff; stroke: #d0d7de } .grid { stroke: #e4e8ec } text { fill: #1f2328; font: 12px system-ui, sans-serif }
    .title { font-size: 16px; font-weight: 600 } .case { font-weight: 600 } .small { fill: #59636e; font-size: 11px }
    .halo { fill: #ffffff; stroke: #ffffff; stroke-width: 4px }
    .fodder { fill: #1a7f5a } .other { fill: #8c96a3 } .memset { stroke: #bc4c00; stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d } .grid { stroke: #262c36 } text { fill: #e6edf3 } .small { fill: #9198a1 }
      .halo { fill: #0d1117; stroke: #0d1117 }
      .fodder { fill: #3fb98a } .other { fill: #656f7c } .memset { stroke: #f0883e }
    }"""
TITLES = {
    "first": "one-shot, {size} of fresh memory",
    "later": "one-shot again, an earlier result freed",
    "refill": "the caller's buffer of {size} refilled",
    "stream-32m": "stream in chunks of 32 MiB (fio: 1 MiB)",
    "stream-64k": "stream in chunks of 64 KiB",
    "stream-4k": "stream in chunks of 4 KiB",
}


# For README, which has one screen.
SHORT = {"cases": ("later", "stream-32m", "stream-64k"), "tools": ("fodder", "s3dlio", "dgen-py", "fio", "memset")}


def scale(highest):
    """From GB/s to a place across."""
    top = 10 ** math.ceil(math.log10(highest))
    across = (WIDTH - LEFT - RIGHT) / math.log10(top / LOWEST)
    return top, lambda rate: LEFT + across * math.log10(max(rate, LOWEST) / LOWEST)


def text(x, y, said, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(said)}</text>'


def bar(tool, rate, y, place):
    """What is below memset's line, and what is above it."""
    kind = "fodder" if tool == "fodder" else "other"
    end = max(place(rate), LEFT + 1)
    shape = f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR - 3}" rx="2" class="{kind}"/>'
    # A figure on memset's line is read by what lies around it; not every viewer has paint-order.
    figure = [text(end + 5, y + BAR - 4, number(rate), kind) for kind in ("halo", "")]
    return shape, [text(LEFT - 8, y + BAR - 4, NAMES[tool], anchor="end"), *figure]


def group(case, rates, y, place, size):
    """Its parts, and where the next begins. memset is a line across the bars."""
    memset, top = place(rates["memset"]), y + 18
    tools = [tool for tool in order(rates) if not tool.startswith("memset")]
    bars = [bar(tool, rates[tool], top + BAR * i, place) for i, tool in enumerate(tools)]
    bottom = top + BAR * len(bars)
    parts = [shape for shape, _ in bars]
    parts.append(f'<line x1="{memset:.1f}" x2="{memset:.1f}" y1="{top - 3}" y2="{bottom}" class="memset"/>')
    parts += [word for _, words in bars for word in words]
    parts.append(text(LEFT, y + 12, TITLES[case].format(size=size), "case"))
    # Beside the longest title, where memset was slow.
    parts.append(text(max(memset, LEFT + 320), y + 12, f"memset {number(rates['memset'])}", "small", "middle"))
    return parts, bottom + GAP


def grid(top, bottom, place):
    parts, rate = [], LOWEST
    while rate <= top * 1.001:
        x = place(rate)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 10}" y2="{bottom}" class="grid"/>')
        parts.append(text(x, bottom + 14, f"{rate:g}", "small", "middle"))
        rate *= 10
    return parts


def caption(results):
    machine = results["machine"]
    versions = [f"{name} {version}" for name, version in results["versions"].items()]
    return [
        f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_gib']} GiB, {machine['system']}",
        ", ".join(versions),
        "fodder is called from C, the packages from Python; how it is measured: tools/compare",
    ]


def chart(results, cases=tuple(CASES), tools=tuple(NAMES)):
    """All of it, or some cases and tools."""
    threads = max(results["threads"])
    rows = [r for r in results["speed"] if r["compress"] == 1 and r["case"] in cases and r["tool"] in tools]
    # Those that have one thread only stand beside the others with what they have.
    by_case = {case: {} for case in CASES}
    for row in sorted(rows, key=lambda r: r["threads"]):
        by_case[row["case"]][row["tool"]] = row["gbps"]
    top, place = scale(max(row["gbps"] for row in rows))
    parts, y = [], TOP
    for case in filter(by_case.get, CASES):
        made, y = group(case, by_case[case], y, place, size_name(results["size"]))
        parts += made
    bottom = y - GAP + 8
    lines = caption(results)
    height = bottom + 30 + 15 * len(lines)
    title = f"Incompressible data, GB/s, {threads} thread{'s' if threads > 1 else ''}"
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}\n</style>",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" class="card"/>',
        text(20, 30, title, "title"),
        text(WIDTH - 20, 30, "each step is ten times" + ("; numpy and os.urandom: one thread" if "urandom" in tools else ""), "small", "end"),
    ]
    feet = [text(20, bottom + 34 + 15 * i, line, "small") for i, line in enumerate(lines)]
    return "\n".join([*head, *grid(top, bottom, place), *parts, *feet, "</svg>", ""])
