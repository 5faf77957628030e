"""Pages that tools/site makes of what is the reference in the sources: the public headers, the man pages, the Python package."""

import pathlib
import re
import subprocess

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


def as_written(header):
    """A header as a C programmer reads it: without what is for C++, for the linker and against reading it twice."""
    text = header.read_text()
    text = re.sub(r"(?ms)^#ifdef __cplusplus\n[^#]*#endif\n", "", text)  # extern "C"
    text = re.sub(r"(?ms)^#ifdef __cplusplus\n.*?^#else\n(.*?)^#endif\n", r"\1", text)
    text = re.sub(r"(?ms)^#if defined.*?^#endif\n", "", text)
    return re.sub(r"(?m)^#(ifndef|endif|include|define \w+_H$).*\n|\bFODDER_API\s+", "", text)


def pieces(text):
    """(comment, declarations) in order. A comment that nothing follows, such as a section's title, stands alone."""
    found = [["", ""]]
    for token in re.split(r"(?ms)^(/\*.*?\*/\n)", text):
        if token.startswith("/*"):
            found.append([token, ""])
        else:
            found[-1][1] += token
    return [(comment, declarations.strip()) for comment, declarations in found if comment or declarations.strip()]


def names_of(declarations):
    """The first is what the declarations are called."""
    names = re.findall(r"^(?:typedef )?(?:struct|enum) (fodder_\w+)|^#define (FODDER_\w+)|^\w[^;(]*?\b(fodder_\w+)\(", declarations, re.M)
    return list(dict.fromkeys("".join(found) for found in names))


def prose(comment, places):
    """A comment as Markdown; what is indented in it is a block, and a function's name leads to it."""
    out, inside = [], False
    for line in comment.strip().splitlines():
        line = re.sub(r"^(/\*| \*)(?!/) ?|^ ?\*/$| ?\*/$", "", line)
        if line.strip() and line.startswith("    ") != inside:
            while inside and not out[-1]:
                out.pop()
            out.append("```" if inside else "```c")
            inside = not inside
        out.append(line[4:] if inside else re.sub(r"([*<>\[\]\\|])", r"\\\1", line.strip()))
    text = "\n".join(out + ["```"] * inside)
    outside = re.split(r"(?ms)(^```.*?^```)", text)
    return "".join(part if part.startswith("```") else re.sub(r"\b(fodder_\w+)\(\)", lambda name: link(name[1], places), part) for part in outside)


def link(name, places):
    return f"[`{name}()`](#{places[name]})" if name in places else f"`{name}()`"


def c_page():
    read = [pieces(as_written(header)) for header in HEADERS]
    found = [piece for of_header in read for piece in of_header[1:]]
    places = {name: names_of(declarations)[0].lower() for _, declarations in found for name in names_of(declarations)}
    intro = re.sub(r"SPDX[^\n]*", "", prose(read[0][0][0], places))
    out = ["# C: the headers\n", "`#include <fodder/fodder.h>` is all of it. This page is made of the headers' comments; [From C](../../docs/c.md) shows how to begin.\n", intro.strip() + "\n", "## Version\n"]
    for comment, declarations in found:
        title = re.match(r"/\* -+ (.*?) -+ \*/", comment)
        if title:
            out.append(f"## {title[1]}\n")
        names = names_of(declarations)
        if names:
            out.append(f"### {names[0]}\n")
        if declarations:
            out.append(f"```c\n{declarations}\n```\n")
        if comment and not title:
            out.append(prose(comment, places) + "\n")
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
