"""The public headers as man pages need them: sections, and in each the comments with the declarations that they speak of."""

import dataclasses
import re


@dataclasses.dataclass
class Item:
    comment: str  # without its frame; paragraphs have empty lines between
    declarations: list

    def names(self):
        return [name for declaration in self.declarations for name in names_in(declaration)]


@dataclasses.dataclass
class Section:
    title: str
    items: list

    def names(self):
        return [name for item in self.items for name in item.names()]


def names_in(declaration):
    """What a declaration declares: a function, a type or a macro."""
    for pattern in (r"#define (\w+)", r"^enum (\w+) \{", r"typedef struct (\w+)", r"^FODDER_API [^(]*?(\w+)\("):
        match = re.search(pattern, declaration)
        if match:
            return [match.group(1)]
    raise ValueError(f"a declaration of no known kind: {declaration}")


def bare(comment):
    """The text of a comment, without its stars."""
    inner = comment.strip().removeprefix("/*").removesuffix("*/")
    return "\n".join(re.sub(r"^ \* ?", "", line).rstrip() for line in inner.strip(" ").splitlines()).strip("\n").strip()


def for_c(text):
    """Of what the preprocessor chooses, C's part; include guards, and C++'s braces, are left out."""
    text = re.sub(r"^#ifdef __cplusplus\n(?:(?!#else|#endif).*\n)*(?:#else\n((?:(?!#endif).*\n)*))?#endif\n", r"\1", text, flags=re.M)
    text = re.sub(r"^#if defined\(__GNUC__\)\n(?:.*\n)*?#endif\n", "", text, flags=re.M)
    return re.sub(r"^#(?:include|ifndef|endif|define FODDER_\w+_H\b).*\n", "", text, flags=re.M)


TOKEN = re.compile(
    r"(?P<title>^/\* ---- (?P<words>.*?) -+ \*/$)"
    r"|(?P<comment>^/\*(?:.|\n)*?\*/\n)"
    r"|(?P<macro>^#define .*$)"
    r"|(?P<declaration>^(?:FODDER_API|enum|typedef)\b[^{;]*(?:\{(?:.|\n)*?^\}[^;]*)?;)"
    r"|(?P<blank>\n(?=\n))|\n",
    re.M,
)


def read(header):
    """The head comment, and the sections; the first, without a title, is what comes before all others."""
    text = for_c(header.read_text())
    head = re.match(r"/\*(?:.|\n)*?\*/\n", text).group(0)
    sections, comment, place = [Section("", [])], None, len(head)
    joined = False  # the next declaration follows one at once
    while place < len(text):
        token = TOKEN.match(text, place)
        if not token:
            raise ValueError(f"{header}: not understood: {text[place:place + 80]!r}")
        place = max(token.end(), place + 1)
        if token["title"]:
            sections.append(Section(token["words"], []))
        elif token["comment"]:
            comment = bare(token["comment"])
        elif token["macro"] or token["declaration"]:
            items = sections[-1].items
            if comment is None and joined:
                items[-1].declarations.append(token[0])
            else:
                items.append(Item(comment or "", [token[0]]))
            comment, joined = None, True
            continue
        elif token["blank"]:
            joined = False
            continue
        else:
            continue
        joined = False
    return bare(head), sections
