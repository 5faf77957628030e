"""The results of tools/reducers as text: a table for the terminal, and a section in Markdown."""


def heading(results):
    return ", ".join(f"{name} {version}" for name, version in results["versions"].items())


def difference(row):
    return 100 * (row["stored"] / row["predicted"] - 1)


def table(results):
    lines = [heading(results)]
    for kind in results["sets"]:
        lines += ["", f"{kind['set']}: {kind['files']} files, {kind['bytes'] / (1 << 20):.0f} MiB{'predicted':>20} {'stored':>9}"]
        lines += [f"  {row['engine']:34} {row['predicted']:9.3f} {row['stored']:9.3f} {difference(row):+8.1f} %" for row in kind["rows"]]
    lines += ["", *(f"absent: {name}" for name in results["absent"])]
    return "\n".join(lines)


def units(results):
    """{engine: {unit: stored}} of fodder's data of dedup 2, that do not compress."""
    found = {}
    for kind in results["sets"]:
        if kind["fodder"] and kind["compress"] == 1:
            for row in kind["rows"]:
                found.setdefault(row["engine"], {})[kind["set"]] = row["stored"]
    return found


def markdown_table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def markdown(results):
    lines = [heading(results) + ".", ""]
    by_engine = units(results)
    names = list(dict.fromkeys(name for found in by_engine.values() for name in found))
    lines += ["What is stored of dedup 2:", ""]
    lines += markdown_table(["engine", *names], ([engine, *(f"{found[n]:.2f}" if n in found else "" for n in names)] for engine, found in by_engine.items()))
    for kind in results["sets"]:
        lines += ["", f"{kind['set']} ({kind['files']} files, {kind['bytes'] / (1 << 20):.0f} MiB):", ""]
        rows = ([r["engine"], f"{r['predicted']:.3f}", f"{r['stored']:.3f}", f"{difference(r):+.1f} %"] for r in kind["rows"])
        lines += markdown_table(["engine", "predicted", "stored", "difference"], rows)
    return "\n".join(lines)
