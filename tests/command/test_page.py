"""fodder measure --html: what a browser shows of the page is what --json tells."""

import ctypes
import html.parser
import json
import os
import re
import resource
import signal
import subprocess

import pytest

from browser import browse

DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.S)
SIZES = ["B", "KiB", "MiB", "GiB"]


class Shown(html.parser.HTMLParser):
    """A page after its scripts have run: tables as rows of cells, (value, text) or text; texts by id; how often each element is there."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.texts, self.names, self.rows, self.open = {}, {}, {}, None, []
        self.feed(text)

    def handle_starttag(self, name, attributes):
        told = dict(attributes)
        self.names[name] = self.names.get(name, 0) + 1
        if name == "table":
            self.rows = self.tables[told["id"]] = []
        elif name == "tr":
            self.rows.append([])
        elif name in ("th", "td"):
            self.rows[-1].append("")
        elif name == "data":
            self.rows[-1][-1] = (float(told["value"]), "")
        if name not in ("meta", "link", "br"):
            self.open.append((name, told.get("id")))

    def handle_data(self, text):
        for _, name in self.open:
            self.texts[name] = self.texts.get(name, "") + text
        names = [name for name, _ in self.open]
        if "table" in names and ("th" in names or "td" in names):
            cell = self.rows[-1][-1]
            self.rows[-1][-1] = (cell[0], cell[1] + text) if isinstance(cell, tuple) else cell + text

    def handle_endtag(self, name):
        while self.open and self.open.pop()[0] != name:
            pass


def shown(page, view=""):
    """What the browser makes of a page."""
    return Shown(browse(page.as_uri() + view, page.parent, "--dump-dom"))


def table(page, name):
    """Rows as dictionaries. A shown number is its value, rounded."""
    head, *rows = page.tables[name + "-table"]
    for cell in (cell for row in rows for cell in row if isinstance(cell, tuple)):
        value, text = cell
        number, _, unit = text.lstrip("<> ").replace(",", "").partition(" ")
        scale = 100 if unit == "%" else 1 / 1024 ** SIZES.index(unit) if unit else 1
        assert float(number) == pytest.approx(value * scale, rel=0.006, abs=0.51 if unit == "%" else 0.00006), cell
        assert unit or "." in text or float(number) == value, cell  # counts are whole
    return [dict(zip(head, (cell[0] if isinstance(cell, tuple) else cell for cell in row), strict=True)) for row in rows]


def changed(page, change):
    """The page with other data."""
    text = page.read_text()
    data = json.loads(DATA.search(text).group(2))
    change(data)
    page.write_text(DATA.sub(lambda found: found[1] + json.dumps(data).replace("<", "\\u003c") + found[3], text, count=1))
    return page


@pytest.fixture
def measured(fodder, tmp_path):
    """Two files and a third that is named as an attack; the page, and what --json told of them."""
    evil = tmp_path / "<" / "script><b>x"
    evil.parent.mkdir()
    evil.write_bytes(b"</script><b>y" * 1000)
    fodder("generate", "3M", "--seed", "1", "--dedup", "2", "--compress", "3", "-o", tmp_path / "a")
    fodder("generate", "1M", "--seed", "2", "--unit", "4K", "-o", tmp_path / "b")
    result = fodder("measure", "a", "b", "</script><b>x", "--html", "page.html", "--json", cwd=tmp_path)
    if result.returncode == 1 and b"built without" in result.stderr:
        pytest.skip("this fodder measures nothing")
    assert result.returncode == 0, result.stderr
    return tmp_path / "page.html", json.loads(result.stdout)


def check_tables(page, account, codec, chunk, kind, size):
    names = {"chunk": "Chunk", "chunks": "Chunks", "raw_chunks": "Stored as they are", "bytes": "Bytes", "stored": "Bytes stored", "ratio": "Ratio", "codec": "Codec",
             "unique_chunks": "First copies", "unique_ratio": "Ratio of first copies", "both": "Dedup, then compress", "relative_error": "Standard error",
             "ratio_low": "At least", "ratio_high": "At most"}
    assert [{key: row[name] for key, name in names.items()} for row in table(page, "compress")] == [{key: row[key] for key in names} for row in account["compress"]]
    names = {"pieces": "Number", "bytes": "Bytes", "zero_pieces": "Of zeros", "zero_bytes": "Bytes of zeros", "distinct": "Distinct", "distinct_bytes": "Bytes distinct",
             "ratio": "Ratio", "ratio_low": "At least", "ratio_high": "At most"}
    assert [{key: row[name] for key, name in names.items()} for row in table(page, "dedup")] == [{key: row[key] for key in names} for row in account["dedup"]]
    row = next(row for row in account["compress"] if (row["codec"], row["chunk"]) == (codec, chunk))
    assert [bar["Chunks"] for bar in table(page, "histogram")] == row["histogram"]
    row = next(row for row in account["dedup"] if (row["kind"], row["size"]) == (kind, size))
    assert [bar["Distinct pieces"] for bar in table(page, "reuse")] == row["reuse"]
    assert [bar["Duplicates"] for bar in table(page, "distances")] == row["distances"]


def test_the_tables_hold_the_numbers_of_the_json(measured):
    path, told = measured
    page = shown(path)
    assert page.texts["summary"] == told["total"]["summary"] + "."
    assert page.texts["name"] == "3 paths together"
    check_tables(page, told["total"], "lz4", 131072, "fixed", 131072)
    accounts = [told["total"], *told["paths"]]
    assert [row["Bytes"] for row in table(page, "paths")] == [account["bytes"] for account in accounts]
    assert [row["Dedup, 128 KiB"] for row in table(page, "paths")] == [account["dedup"][8]["ratio"] for account in accounts]
    assert page.names["svg"] == 7 and page.names["path"] > 60  # five charts, and two marks in a legend


def test_every_path_codec_and_size_can_be_chosen(measured):
    path, told = measured
    page = shown(path, "#path=0&view=both&codec=zstd-3&chunk=4096&pieces=cdc-8192")
    assert page.texts["name"] == "a" and page.texts["histogram-says"].startswith("zstd-3, chunks of 4 KiB: ")
    check_tables(page, told["paths"][0], "zstd-3", 4096, "cdc", 8192)


def test_a_path_is_text_and_never_markup(measured):
    path, told = measured
    assert json.loads(DATA.search(path.read_text()).group(2)) == told
    assert path.read_bytes().count(b"</script>") == 2
    page = shown(path, "#path=2")
    assert page.texts["name"] == "</script><b>x" == told["paths"][2]["path"]
    assert page.names["script"] == 2 and page.names["b"] == 2  # those of <noscript>


def test_what_is_no_full_truth_is_said(measured):
    def spoil(data):
        data["interrupted"] = True
        data["total"].update(unreadable=3, changed=1, sample=0.25, holes=4096, links=2)
        data["total"]["dedup"][0].update(exact=False, ratio_low=1.5, ratio_high=2.5)

    fine = shown(measured[0]).texts
    notes = shown(changed(measured[0], spoil)).texts["notes"]
    assert fine.get("notes", "") == "" and "about" not in fine["stored"]
    for word in ("Interrupted", "Not measured: 3", "Changed: 1 file ", "Estimate: dedup is estimated at 1 of 17", "Sample", "Sparse files: 4 KiB", "Hard links: 2"):
        assert word in notes


def test_nothing_makes_a_page_too(fodder, tmp_path, measured):
    assert fodder("measure", "/dev/null", "--html", tmp_path / "empty.html", "--quiet").returncode == 0
    page = shown(tmp_path / "empty.html")
    assert "Empty" in page.texts["notes"] and page.texts["name"] == "/dev/null" and page.names["svg"] == 7


def test_a_page_needs_no_network(measured):
    text = DATA.sub("", measured[0].read_text())
    assert set(re.findall(r"https?://[^'\"]*", text)) == {"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"}  # names, not addresses
    assert "default-src 'none'" in text
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|@import|<link|src=", text)


def test_a_page_that_cannot_be_written_is_an_error(fodder, measured):
    result = fodder("measure", measured[0], "--html", "/dev/full", "--quiet")
    assert result.returncode == 1 and b"No space left" in result.stderr


def test_a_page_never_takes_the_place_of_what_is_measured(fodder, tmp_path):
    data, link = tmp_path / "data", tmp_path / "link"
    data.write_bytes(b"data" * 1000)
    link.symlink_to(data)
    for page in (data, link):
        result = fodder("measure", "/dev/null", data, "--html", page)
        assert result.returncode == 2 and b"that is a file to measure; name another" in result.stderr
    assert data.read_bytes() == b"data" * 1000


@pytest.mark.parametrize("place, code, why", [("none/page", 1, "No such file or directory"), (".", 1, "Is a directory"), ("", 1, "No such file"), ("-", 2, "name a file"),
                                              ("file/page", 1, "Not a directory"), ("/proc/page", 1, "No such file")])
def test_a_page_that_can_have_no_place_is_an_error_before_anything_is_read(fodder, tmp_path, measured, place, code, why):
    (tmp_path / "file").touch()
    before = sorted(os.listdir(tmp_path))
    process = fodder.start("measure", "-", "--html", place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    out, err = process.stdout.read(), process.stderr.read()  # its input is still open
    process.stdin.close()
    assert process.wait() == code and out == b"" and f"--html {place}: ".encode() in err and why.encode() in err
    assert sorted(os.listdir(tmp_path)) == before


def test_a_page_without_permission_is_an_error_before_anything_is_read(fodder, tmp_path, measured):
    without_override = lambda: ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP of CAP_DAC_OVERRIDE: even root obeys modes then
    (tmp_path / "closed").mkdir(mode=0o555)
    if subprocess.run(["touch", tmp_path / "closed" / "new"], preexec_fn=without_override, capture_output=True).returncode == 0:
        pytest.skip("modes mean nothing here")
    result = fodder("measure", "/dev/zero", "--html", tmp_path / "closed" / "page", preexec_fn=without_override)
    assert result.returncode == 1 and b"Permission denied; nothing was read" in result.stderr


def test_a_run_that_fails_leaves_the_former_page(fodder, tmp_path, measured):
    """Where there is no space for all of the page, and where the run is killed; and nothing beside it."""
    page = tmp_path / "page.html"
    before, names = page.read_bytes(), sorted(os.listdir(tmp_path))
    small = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)) or signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    result = fodder("measure", "/dev/null", "--html", page, "-q", preexec_fn=small, restore_signals=False)
    assert result.returncode == 1 and f"--html {page}: File too large".encode() in result.stderr
    process = fodder.start("measure", "-", "--html", page, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdin.write(bytes(1 << 20))
    process.stdin.flush()
    process.kill()
    process.wait()
    process.stdin.close()
    assert page.read_bytes() == before and sorted(os.listdir(tmp_path)) == names


def test_a_page_takes_the_place_of_the_former_one(fodder, tmp_path, measured):
    page, link, lost = tmp_path / "page.html", tmp_path / "link", tmp_path / "lost"
    page.chmod(0o640)
    link.symlink_to("page.html")
    lost.symlink_to("new.html")
    before, inode = page.read_bytes(), page.stat().st_ino
    for name in (link, lost, tmp_path / "fresh.html"):
        assert fodder("measure", "/dev/null", "--html", name, "-q", preexec_fn=lambda: os.umask(0o027)).returncode == 0
        assert name.read_bytes().endswith(b"</html>\n") and name.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink() and lost.is_symlink() and page.read_bytes() != before and page.stat().st_ino != inode
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".fodder")]


def test_a_page_that_memory_does_not_suffice_for_is_an_error(fodder, tmp_path, measured):
    shim = os.environ.get("FAIL_ALLOC_SHIM")
    if not shim:
        pytest.skip("a sanitizer owns malloc in this build")
    words = ["measure", tmp_path / "b", "--html", tmp_path / "new.html", "--quiet"]
    environment = {**os.environ, "LD_PRELOAD": shim, "FAIL_ALLOC_COUNT": str(tmp_path / "count")}
    assert fodder(*words, env=environment).returncode == 0
    total = int((tmp_path / "count").read_text())
    codes = set()
    for number in range(total - 40, total + 3):  # threads make the count vary by a few
        result = fodder(*words, env={**environment, "FAIL_ALLOC": str(number)})
        codes.add(result.returncode)
        assert result.returncode == 1 and b"annot allocate memory" in result.stderr or (
            result.returncode == 0 and (tmp_path / "new.html").read_text().endswith("</html>\n")), (number, result)
    assert 1 in codes
