"""The site that tools/site makes: every page can be reached, every link and anchor leads somewhere, nothing is fetched from elsewhere, and a phone shows all of it."""

import functools
import html.parser
import http.server
import json
import os
import re
import subprocess
import threading
import urllib.parse

import pytest

from browser import browse
from recipes import ROOT

PHONE = 390


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(path.read_text())

    def handle_starttag(self, name, attributes):
        told = dict(attributes)
        self.anchors |= {told[key] for key in ("id", "name") if told.get(key)}
        if name in ("a", "form") and told.get("href", told.get("action")):
            self.links.append(told.get("href", told.get("action")))
        if told.get("src") or name == "link" and told.get("rel") not in ("index", "search", "next", "prev", "canonical"):
            self.loaded.append(told.get("src") or told["href"])


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Made anew, in the build folder, as make site does."""
    done = subprocess.run([ROOT / "tools" / "site"], capture_output=True, text=True)
    if "No module named sphinx" in done.stderr:
        pytest.skip("no Sphinx")
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "build" / "site"


@pytest.fixture(scope="session")
def pages(site):
    return {path.relative_to(site).as_posix(): Page(path) for path in site.rglob("*.html")}


def resolved(page, link):
    """(file, anchor) that a link of the site leads to; None for one that leads out of it."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    file = os.path.normpath(os.path.join(os.path.dirname(page), urllib.parse.unquote(parts.path))) if parts.path else page
    return file, urllib.parse.unquote(parts.fragment)


def test_links_and_anchors_lead_somewhere(site, pages):
    count, broken = 0, []
    for name, page in pages.items():
        for file, anchor in filter(None, (resolved(name, link) for link in page.links)):
            count += 1
            if not (site / file).is_file() or anchor and file in pages and anchor not in pages[file].anchors:
                broken.append(f"{name}: {file}#{anchor}")
    assert not broken and count > 1000


def test_every_page_is_reached_from_the_first(pages):
    seen, todo = set(), ["index.html"]
    while todo:
        name = todo.pop()
        if name in pages and name not in seen:
            seen.add(name)
            todo += [found[0] for found in (resolved(name, link) for link in pages[name].links) if found]
    assert seen == set(pages) and len(seen) > 30


def test_every_document_is_a_page(pages):
    assert {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")} - {"README.html"} <= set(pages)
    assert {f"command-{path.name.replace('.', '-')}.html" for path in (ROOT / "docs" / "man").iterdir()} <= set(pages)


def test_the_reference_has_every_function_of_the_headers_and_of_the_package(site, pages):
    declared = set(re.findall(r"^FODDER_API [^(;]*\b(fodder_\w+)\(", "".join(path.read_text() for path in (ROOT / "include" / "fodder").iterdir()), re.M))
    shown = re.sub(r"<[^>]*>", "", (site / "reference-c.html").read_text())
    assert len(declared) > 50 and all(f"{name}(" in shown for name in declared)
    names = re.findall(r'^    "(\w+)",$', (ROOT / "python" / "fodder" / "__init__.py").read_text(), re.M)
    assert len(names) > 15 and {f"fodder.{name}" for name in names if name[0] != "_" and name not in ("FORMAT",)} <= pages["reference-python.html"].anchors


def test_nothing_comes_from_elsewhere(site, pages):
    for name, page in pages.items():
        assert not [address for address in page.loaded if not resolved(name, address) or not (site / resolved(name, address)[0]).is_file()], name
    for path in site.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", path.read_text()):
            assert address.startswith("data:") or (path.parent / address.split("?")[0].split("#")[0]).is_file(), (path, address)


@pytest.fixture(scope="session")
def address(site):
    """Of a server for the site on the loopback."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    handler.log_message = lambda *_: None
    handler.func.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


# Frames as wide as the screen; each page's layout takes the frame's width for the window's.
FRAMES = """<!DOCTYPE html><title>frames</title><pre id="result"></pre><script>
const names = %s, found = {};
function reach(element) {  // how far it goes to the right; what lies in something that scrolls can be read
    for (let above = element.parentElement; above; above = above.parentElement)
        if (/auto|scroll/.test(getComputedStyle(above).overflowX) && above.closest("article"))
            return 0;
    return Math.floor(element.getBoundingClientRect().right);
}
async function look() {
    for (const name of names) {
        const frame = document.createElement("iframe");
        frame.style = "width: %dpx; height: 800px; border: 0";
        frame.src = name;
        await new Promise(done => { frame.onload = done; document.body.append(frame); });
        const page = frame.contentDocument;
        found[name] = Math.max(page.documentElement.scrollWidth, page.body.scrollWidth, ...[...page.querySelectorAll("article, article *")].map(reach));
        frame.remove();
    }
    document.getElementById("result").textContent = JSON.stringify(found);
}
look();
</script>"""


def widths(site, address, names, home):
    """How wide each page is on a phone."""
    (site / "frames.html").write_text(FRAMES % (json.dumps(names), PHONE))
    try:
        shown = browse(f"{address}/frames.html", home, "--dump-dom", "--virtual-time-budget=60000", "--window-size=1200,900")
    finally:
        (site / "frames.html").unlink()
    return json.loads(re.search(r'<pre id="result">(.*?)</pre>', shown, re.S)[1])


def test_no_page_is_wider_than_a_phone(site, pages, address, tmp_path):
    found = widths(site, address, sorted(pages), tmp_path)
    assert set(found) == set(pages)
    assert {name: told for name, told in found.items() if told > PHONE} == {}


def test_a_page_that_is_too_wide_is_seen(site, address, tmp_path):
    text = (site / "speed.html").read_text()
    (site / "wide.html").write_text(text.replace("</h1>", "</h1><div style='width: 500px'>wide</div>"))
    try:
        assert widths(site, address, ["wide.html"], tmp_path)["wide.html"] >= 500
    finally:
        (site / "wide.html").unlink()


@pytest.mark.parametrize("word, page", [("fodder_fill", "reference-c"), ("misplaced", "tutorial"), ("lognormal", "dataset"), ("drop-cache", "command-fodder-1")])
def test_search_finds_without_a_server(site, tmp_path, word, page):
    shown = browse(f"{(site / 'search.html').as_uri()}?q={word}", tmp_path, "--dump-dom", "--virtual-time-budget=5000")
    results = re.search(r'<div id="search-results">(.*)', shown, re.S)[1]
    assert f'href="{page}.html' in results
