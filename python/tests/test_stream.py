"""Stream: a data set as a file."""

import copy
import http.client
import http.server
import io
import multiprocessing
import os
import pickle
import shutil
import tarfile
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fodder
from fodder import Stream

SPEC = fodder.Spec(2, 3, seed=42, unit="4KiB")
SIZE = 100_003
WHOLE = bytes(fodder.generate(SIZE, spec=SPEC, offset=777))


def stream(**keywords):
    return Stream(SIZE, spec=SPEC, offset=777, **keywords)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 9000)),
        st.tuples(st.just("readinto"), st.integers(0, 9000)),
        st.tuples(st.just("readline"), st.just(0)),
        st.tuples(st.just("start"), st.integers(0, SIZE)),
        st.tuples(st.just("end"), st.integers(-SIZE, 0)),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_it_reads_as_bytesio_of_the_same_bytes_does(steps):
    ours, theirs = stream(), io.BytesIO(WHOLE)
    for step, value in steps:
        if step == "readinto":
            mine, other = bytearray(value), bytearray(value)
            assert ours.readinto(mine) == theirs.readinto(other) and mine == other
        elif step in ("start", "end"):
            whence = os.SEEK_SET if step == "start" else os.SEEK_END
            assert ours.seek(value, whence) == theirs.seek(value, whence)
        else:
            arguments = [] if step == "readline" else [value]
            assert getattr(ours, step)(*arguments) == getattr(theirs, step)(*arguments)
        assert ours.tell() == theirs.tell()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, SIZE - 1), st.integers(0, 5000))
def test_a_read_is_what_fill_puts_there(at, size):
    size = min(size, SIZE - at)
    ours, room = stream(), bytearray(size)
    ours.seek(at)
    fodder.fill(room, spec=SPEC, offset=777 + at)
    assert ours.read(size) == room == WHOLE[at : at + size]


def test_it_is_a_raw_binary_file():
    ours = stream()
    assert isinstance(ours, io.RawIOBase) and len(ours) == ours.size == SIZE and ours.spec == SPEC
    assert (ours.readable(), ours.seekable(), ours.writable(), ours.closed, ours.mode) == (True, True, False, False, "rb")
    with pytest.raises(io.UnsupportedOperation):
        ours.write(b"x")
    with pytest.raises(OSError):
        ours.fileno()
    with ours:
        ours.read(1)
    for call in (ours.read, ours.tell, ours.readable, ours.seekable, lambda: ours.seek(0), lambda: ours.readinto(bytearray(1))):
        with pytest.raises(ValueError, match="closed"):
            call()


def test_files_and_archives_take_it(tmp_path):
    with open(tmp_path / "copy", "wb") as file:
        shutil.copyfileobj(stream(), file)
    assert (tmp_path / "copy").read_bytes() == WHOLE
    assert io.BufferedReader(stream()).read() == WHOLE
    entry = tarfile.TarInfo("data")
    entry.size = SIZE
    with tarfile.open(tmp_path / "tar", "w") as archive:
        archive.addfile(entry, stream())
    with tarfile.open(tmp_path / "tar") as archive:
        assert archive.extractfile("data").read() == WHOLE


def test_chunks_make_the_whole_and_readers_share_them():
    assert b"".join(bytes(chunk) for chunk in stream(chunk_size=4096)) == WHOLE
    shares = [[bytes(chunk) for chunk in stream(chunk_size=4096).chunks(k, 3)] for k in range(3)]
    in_turn = [shares[i % 3][i // 3] for i in range(sum(map(len, shares)))]
    assert b"".join(in_turn) == WHOLE
    part = stream(chunk_size="4KiB")
    part.seek(1000)
    assert b"".join(bytes(chunk) for chunk in part) == WHOLE[1000:] and part.tell() == 1000
    for bad in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="index"):
            list(stream().chunks(*bad))


def test_it_is_pickled_with_its_position():
    ours = stream(chunk_size=5000, threads=2, numa="off")
    ours.seek(5000)
    for again in (pickle.loads(pickle.dumps(ours)), copy.copy(ours)):
        assert again.tell() == 5000 and again.chunk_size == 5000 and again.read() == WHOLE[5000:]
    assert ours.tell() == 5000


def test_threads_get_each_byte_once():
    ours = Stream(4_000_000, seed=1, threads=1)
    pieces, lock = [], threading.Lock()

    def read():
        room = bytearray(9973)
        while count := ours.readinto(room):
            with lock:
                pieces.append(bytes(room[:count]))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    whole = bytes(fodder.generate(4_000_000, seed=1))
    assert sorted(pieces) == sorted(whole[at : at + 9973] for at in range(0, 4_000_000, 9973))


def read_part(ours):
    return bytes(ours.read(1 << 20))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_read_it(method):
    """A pool that has threads here has threads again there."""
    ours = Stream(4 << 20, spec=SPEC, threads=2)
    want = ours.read(1 << 20)
    ours.seek(0)
    with multiprocessing.get_context(method).Pool(2) as workers:
        assert workers.map(read_part, [ours, ours, ours]) == [want] * 3


def test_a_part_that_was_not_made_is_the_next_again():
    ours = stream()
    with pytest.raises(ValueError, match="read-only"):
        ours.readinto(bytes(10))
    with pytest.raises(ValueError, match="contiguous"):
        ours.readinto(memoryview(bytearray(10))[::2])
    with pytest.raises(TypeError):
        ours.readinto(5)
    assert ours.tell() == 0 and ours.read(10) == WHOLE[:10]


BAD = [
    ({"size": -1}, ValueError, "size"),
    ({"size": None}, TypeError, "size"),
    ({"offset": 1 << 63}, ValueError, "past the data set"),
    ({"chunk_size": 0}, ValueError, "chunk_size"),
    ({"threads": 0}, ValueError, "threads"),
    ({"numa": "on"}, ValueError, "numa"),
    ({"dedup": 0.5}, ValueError, "dedup"),
    ({"spec": SPEC, "seed": 1}, TypeError, "either spec"),
    ({"spec": SPEC, "dedup": 2}, TypeError, "either spec"),
    ({"colour": 1}, TypeError, "colour"),
]


@pytest.mark.parametrize("keywords, error, message", BAD)
def test_what_is_not_valid_is_refused_when_it_is_made(keywords, error, message):
    with pytest.raises(error, match=message):
        Stream(**{"size": 10, **keywords})


def test_positions_outside_of_it_are_refused():
    ours = stream()
    for position in (-1, SIZE + 1):
        with pytest.raises(ValueError, match="not in this stream"):
            ours.seek(position)
    with pytest.raises(ValueError, match="whence"):
        ours.seek(0, 3)
    assert ours.seek(0, os.SEEK_END) == SIZE and ours.read() == b"" and ours.readinto(bytearray(5)) == 0


def test_a_size_of_nothing_is_a_stream_of_nothing():
    assert Stream(0).read() == b"" and list(Stream(0)) == []


def test_arrays_of_any_type_are_read_into_to_the_end():
    numpy = pytest.importorskip("numpy")
    for kind in ("complex64", ">i2", "f8", "S8"):
        values, ours = numpy.zeros(2000, kind), Stream(10_001, spec=SPEC)
        count = values.nbytes
        parts = []
        while got := ours.readinto(values):
            parts.append(values.tobytes()[:got])
        assert b"".join(parts) == fodder.generate(10_001, spec=SPEC) and len(parts) == -(-10_001 // count)


@pytest.fixture
def server():
    """An HTTP server on loopback that keeps what is put there."""
    kept = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listening.server_port}", kept
        listening.shutdown()
        thread.join()


def test_http_clients_send_it_with_its_length(server):
    place, kept = server
    connection = http.client.HTTPConnection(place, timeout=10)
    connection.request("PUT", "/one", body=stream(), headers={"Content-Length": str(SIZE)})
    assert connection.getresponse().status == 200 and kept["/one"] == WHOLE
    connection.close()


def test_requests_sends_it_with_its_length(server):
    requests = pytest.importorskip("requests")
    place, kept = server
    part = stream()
    part.seek(1000)
    assert requests.put(f"http://{place}/two", data=part, timeout=10).ok and kept["/two"] == WHOLE[1000:]
