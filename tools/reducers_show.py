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


def markdown_table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def cell(row):
    off = f"{difference(row):+.0f}"
    return f"{row['predicted']:.2f} / {row['stored']:.2f}" + (f" ({off} %)" if int(off) else "")


def matrix(kinds):
    """A row for each engine, a column for each set of data."""
    names = list(dict.fromkeys(row["engine"] for kind in kinds for row in kind["rows"]))
    cells = [{row["engine"]: cell(row) for row in kind["rows"]} for kind in kinds]
    return markdown_table(["engine", *(kind["set"] for kind in kinds)], ([name, *(found.get(name, "") for found in cells)] for name in names))


def markdown(results):
    sets = results["sets"]
    parts = {
        "fodder's data of dedup 2, compress 1": [kind for kind in sets if kind["compress"] == 1],
        "fodder's data of dedup 2 that compress": [kind for kind in sets if kind["compress"] > 1],
        "Real files": [kind for kind in sets if not kind["fodder"]],
    }
    lines = [heading(results) + ". Each cell: predicted / stored, and how far that is off where it is half a percent or more."]
    for title, kinds in parts.items():
        lines += ["", f"{title}:", "", *matrix(kinds)]
    return "\n".join(lines)
