"""embed.py PAGE HEADER: writes the page as two arrays of characters: what comes before @DATA@, and what comes after it."""

import pathlib
import sys

page, header = map(pathlib.Path, sys.argv[1:])
head, tail = page.read_text(encoding="ascii").split("@DATA@")  # ASCII: a char may be signed or not


def array(name, text):
    rows = (text[at:at + 24] for at in range(0, len(text), 24))
    return f"static const char {name}[] = {{\n" + "".join(f"    {', '.join(map(str, map(ord, row)))},\n" for row in rows) + "};\n"


header.write_text(array("page_head", head) + array("page_tail", tail))
