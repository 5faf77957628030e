"""What fodder measure counts, counted once more: slowly, from docs/measure.md and src/measure/*.h, with pieces compared
as they are. Shares no code with src/."""

import collections
import ctypes
import ctypes.util
import json
import math
import os
import zlib

import pytest

KIB, MIB = 1 << 10, 1 << 20
BLOCKS = [512 << level for level in range(14)]
CHUNKS = [8 * KIB, 64 * KIB, MIB]
RECORDS = [4 * KIB, 32 * KIB, 128 * KIB, MIB]
WORD = (1 << 64) - 1


def told(fodder, *arguments, code=0, **options):
    """The JSON of fodder measure."""
    result = fodder("measure", "--json", *arguments, **options)
    if result.returncode == 2 and b"built without" in result.stderr:
        pytest.skip("this fodder measures nothing")
    assert result.returncode == code, result.stderr
    return json.loads(result.stdout)


def dedup_row(account, kind, size):
    return next(row for row in account["dedup"] if (row["kind"], row["size"]) == (kind, size))


def compress_row(account, codec, chunk):
    return next(row for row in account["compress"] if (row["codec"], row["chunk"]) == (codec, chunk))


# ---- What is read


def contents_of(path, seen):
    """The bytes of each regular file, in the order of the directories; of hard links the first."""
    if not os.path.isdir(path):
        return [open(path, "rb").read()]
    contents = []
    with os.scandir(path) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                contents += contents_of(entry.path, seen)
            elif entry.is_file(follow_symlinks=False) and (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                contents.append(open(entry.path, "rb").read())
    return contents


# ---- Dedup


def cut(data, size):
    """Blocks of one file; the last may be short."""
    return [data[at:at + size] for at in range(0, len(data), size)]


def gear_table():
    """SplitMix64 from "fodder" on."""
    state, gear = 0x666F64646572, []
    for _ in range(256):
        state = state + 0x9E3779B97F4A7C15 & WORD
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & WORD
        z = (z ^ z >> 27) * 0x94D049BB133111EB & WORD
        gear.append(z ^ z >> 31)
    return gear


GEAR = gear_table()


def places_of_few_bits(data, zeros):
    """(place behind the byte, hash) wherever the gear hash has as many 0 bits on top."""
    bound, gear, rolling, places = 1 << 64 - zeros, GEAR, 0, []
    for place, byte in enumerate(data, 1):
        rolling = (rolling << 1) + gear[byte] & WORD
        if rolling < bound:
            places.append((place, rolling))
    return places


def cut_by_content(data, average, places):
    """FastCDC, normalization 2, a quarter to 8 times the average."""
    bits, begin, chunks = average.bit_length() - 1, 0, []
    for place, rolling in places + [(len(data), WORD)]:
        while place - begin > 8 * average:
            chunks.append(data[begin:begin + 8 * average])
            begin += 8 * average
        length = place - begin
        zeros = bits + 2 if length < average else bits - 2
        if length == 8 * average or length >= average // 4 and rolling >> 64 - zeros == 0:
            chunks.append(data[begin:place])
            begin = place
    return chunks + [data[begin:]] * (begin < len(data))


def distance_class(now, last):
    """Places are kept in sectors, distances are told in blocks of 4 KiB."""
    return ((now // 512 - last // 512) // 8).bit_length()


def trimmed(counter):
    return [counter[i] for i in range(max(counter, default=-1) + 1)]


def dedup(kind, size, pieces):
    """A row of "dedup"."""
    counts, last, at, distances = collections.Counter(), {}, 0, collections.Counter()
    for piece in pieces:
        if piece in last:
            distances[distance_class(at, last[piece])] += 1
        last[piece] = at
        counts[piece] += 1
        at += len(piece)
    distinct_bytes = sum(map(len, counts))
    zeros = {piece: count for piece, count in counts.items() if not piece.strip(b"\0")}
    ratio = at / distinct_bytes if at else 1
    return {
        "kind": kind, "size": size, "pieces": len(pieces), "bytes": at, "distinct": len(counts), "distinct_bytes": distinct_bytes,
        "zero_pieces": sum(zeros.values()), "zero_bytes": sum(len(piece) * count for piece, count in zeros.items()),
        "ratio": ratio, "ratio_low": ratio, "ratio_high": ratio, "exact": True,
        "reuse": trimmed(collections.Counter(min((count - 1).bit_length(), 31) for count in counts.values())),
        "distances": trimmed(distances),
    }


def dedup_of_all(contents, by_content=True):
    """All rows of "dedup"."""
    rows = [dedup("fixed", size, [block for data in contents for block in cut(data, size)]) for size in BLOCKS]
    if by_content:
        places = [places_of_few_bits(data, 11) for data in contents]  # two fewer than 8 KiB has: all that can end a chunk
        for size in CHUNKS:
            rows.append(dedup("cdc", size, [chunk for data, where in zip(contents, places) for chunk in cut_by_content(data, size, where)]))
    return rows


# ---- Compress


def compress(codec, chunk, contents, size_of, sector=1):
    """A row of "compress"; size_of(piece) is what the codec makes of it."""
    pieces, known, histogram = [piece for data in contents for piece in cut(data, chunk)], {}, [0] * 20
    for piece in pieces:
        if piece not in known:
            known[piece] = min(len(piece), -(-size_of(piece) // sector) * sector)
        histogram[-(-20 * known[piece] // len(piece)) - 1] += 1
    size, stored = sum(map(len, pieces)), sum(known[piece] for piece in pieces)
    unique = sum(map(len, known)), sum(known.values())
    return {
        "codec": codec, "chunk": chunk, "chunks": len(pieces), "raw_chunks": sum(known[piece] == len(piece) for piece in pieces),
        "bytes": size, "stored": stored, "ratio": size / stored if size else 1, "relative_error": 0, "ratio_low": size / stored if size else 1, "ratio_high": size / stored if size else 1, "histogram": histogram,
        "unique_chunks": len(known), "unique_ratio": unique[0] / unique[1] if size else 1, "both": size / unique[1] if size else 1,
    }


def gzip_size(piece):
    return len(zlib.compress(piece, 6))


def has_zlib_of(row):
    return row["version"] == zlib.ZLIB_RUNTIME_VERSION


def library_codec(name):
    """What the codec's own library makes of a piece; None where it is not found."""
    found = ctypes.util.find_library(name)
    if not found:
        return None
    library = ctypes.CDLL(found)

    def lz4_size(piece):
        room = ctypes.create_string_buffer(len(piece) + len(piece) // 255 + 16)
        return library.LZ4_compress_default(piece, room, len(piece), len(room))

    def snappy_size(piece):
        room = ctypes.create_string_buffer(32 + len(piece) + len(piece) // 6)
        size = ctypes.c_size_t(len(room))
        assert library.snappy_compress(piece, ctypes.c_size_t(len(piece)), room, ctypes.byref(size)) == 0
        return size.value

    return {"lz4": lz4_size, "snappy": snappy_size}[name]


def entropy(contents):
    counts, size = collections.Counter(b"".join(contents)), sum(map(len, contents))
    return -sum(count / size * math.log2(count / size) for count in counts.values())


# ---- The comparison


def check_row(found, wanted):
    """Counts are equal, ratios to 1e-5."""
    for key, value in wanted.items():
        where = found.get("kind", found.get("codec")), found.get("size", found.get("chunk")), key
        assert found[key] == (pytest.approx(value, rel=1e-5) if isinstance(value, float) else value), where


def check_account(account, contents, by_content=True):
    """All that can be counted by hand of an account: everything but the codecs that Python lacks."""
    assert account["bytes"] == account["sampled_bytes"] == sum(map(len, contents)) and account["sample"] == 1
    assert account["entropy"] == pytest.approx(entropy(contents), abs=1e-6)
    rows = dedup_of_all(contents, by_content)
    assert len(account["dedup"]) == len(BLOCKS) + len(CHUNKS)
    for found, wanted in zip(account["dedup"], rows):
        check_row(found, wanted)
    for chunk in RECORDS:
        check_gzip(account, contents, chunk)


def check_gzip(account, contents, chunk):
    found = compress_row(account, "gzip-6", chunk)
    if has_zlib_of(found):
        check_row(found, compress("gzip-6", chunk, contents, gzip_size))
