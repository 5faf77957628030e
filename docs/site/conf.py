"""Sphinx's settings. tools/site lays the pages out and runs it; docs/README.md is the navigation."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

project = "fodder"
release = version = re.search(r'#define FODDER_VERSION "(.*)"', (ROOT / "include/fodder/fodder.h").read_text())[1]
copyright = "the fodder authors, MIT OR Apache-2.0"
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
root_doc = "index"
highlight_language = "none"
pygments_style = "friendly"
pygments_dark_style = "monokai"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "furo"
html_title = f"fodder {release}"
html_static_path = ["style.css"]
html_css_files = ["style.css"]
html_use_index = html_domain_indices = html_copy_source = html_show_sphinx = html_show_sourcelink = False
