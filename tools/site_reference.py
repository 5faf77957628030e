"""Pages that tools/site makes of what is the reference in the sources: the public headers, the man pages, the Python package."""

import pathlib
import re
import subprocess

import header_items

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEADERS = [ROOT / "include/fodder/fodder.h", ROOT / "include/fodder/parallel.h"]

PYTHON = """# Python

What `help(fodder)` says. [python.md](../../docs/python.md) has the recipes.

```{eval-rst}
.. automodule:: fodder
   :members:
   :special-members: __len__, __getitem__
```

## fodder.compat.s3dlio

```{eval-rst}
.. automodule:: fodder.compat.s3dlio
   :members:
```

## fodder.compat.dgen_py

```{eval-rst}
.. automodule:: fodder.compat.dgen_py
   :members:
```
"""


def page(path):
    """The Markdown of a page that is made of a source; None for one that is Markdown already."""
    if path == HEADERS[0]:
        return c_page()
    if path.parent.name == "man":
        return man_page(path)
    if path.name == "__init__.py":
        return PYTHON
    return None


# ---- C


def prose(comment, places):
    """A comment as Markdown; what is indented in it is a block, and a function's name leads to it."""
    out, inside = [], False
    for line in comment.splitlines():
        if line.strip() and line.startswith("    ") != inside:
            while inside and not out[-1]:
                out.pop()
            out.append("```" if inside else "```c")
            inside = not inside
        out.append(line[4:] if inside else re.sub(r"([*<>\[\]\\|])", r"\\\1", line.strip()))
    text = "\n".join(out + ["```"] * inside)
    parts = re.split(r"(?ms)(^```.*?^```)", text)
    return "".join(part if part.startswith("```") else re.sub(r"\b(fodder_\w+)\(\)", lambda name: link(name[1], places), part) for part in parts)


def link(name, places):
    return f"[`{name}()`](#{places[name]})" if name in places else f"`{name}()`"


def c_item(item, places):
    declarations = "\n".join(item.declarations).replace("FODDER_API ", "")
    return f"### {item.names()[0]}\n\n```c\n{declarations}\n```\n\n{prose(item.comment, places)}\n"


def c_page():
    read = [header_items.read(header) for header in HEADERS]
    sections = [section for _, of_header in read for section in of_header if section.items]
    places = {name: item.names()[0].lower() for section in sections for item in section.items for name in item.names()}
    intro = re.sub(r"SPDX[^\n]*", "", prose(read[0][0], places))
    out = ["# C: the headers\n", "`#include <fodder/fodder.h>` is all of it. This page is made of the headers' comments; [From C](../../docs/c.md) shows how to begin.\n", intro.strip() + "\n"]
    for section in sections:
        out += [f"## {section.title or 'Version'}\n", *(c_item(item, places) for item in section.items)]
    return "\n".join(out)


# ---- The command


def man_page(path):
    """mandoc's HTML, cut at its headings, which become Markdown's, so that they are in the contents."""
    words = ["mandoc", "-T", "html", "-O", "fragment", path]
    html = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    html = re.sub(r"(?s)<table class=\"(?:head|foot)\">.*?</table>|</?section[^>]*>|</?div[^>]*>", "", html)
    out = [f"# {path.stem}({path.suffix[1:]})\n", "The man page, which the tests hold against `--help`.\n"]
    for part in re.split(r"(?s)(<h[12] .*?</h[12]>)", html):
        if re.match(r"<h[12]", part):
            words = re.sub(r"<[^>]*>", " ", part).split()
            out.append(f"## {' '.join(words).capitalize()}\n" if part.startswith("<h1") else f"### {' '.join(words[:2])}\n")
        elif part.strip():
            body = re.sub(r"\s+id=\"[^\"]*\"", "", part)
            body = re.sub(r'<a class="permalink" href="[^"]*">(.*?)</a>', r"\1", body, flags=re.S)
            out.append("```{raw} html\n" + body.strip() + "\n```\n")
    return "\n".join(out)
