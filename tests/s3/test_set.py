"""Data sets whose files are objects: the same as in a directory."""

import json
import subprocess

import pytest
from trees import tree

WORDS = ["--files", 40, "--size", "lognormal:16KiB,2,0-20MiB", "--unit", "4KiB", "--dedup", 2, "--seed", 5]


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "set.json"


def objects(server, prefix):
    return {key.removeprefix(prefix): server.get(key) for key in server.keys(prefix)}


def test_objects_are_what_files_would_be(fodder, server, tmp_path, manifest):
    assert fodder("dataset", tmp_path / "set", *WORDS).returncode == 0
    result = fodder("dataset", "s3://bucket/same/", *WORDS, "--manifest", manifest, "--json")
    assert result.returncode == 0, result.stderr
    files, told = tree(tmp_path / "set"), json.loads(result.stdout)
    assert (told["written"], told["written_bytes"]) == (40, sum(map(len, files.values())))
    assert objects(server, "same/") == files
    assert fodder("verify", "s3://bucket/same", "--manifest", manifest, "--strict").returncode == 0
    assert fodder("verify", tmp_path / "set", "--manifest", manifest).returncode == 0
    assert fodder("verify", "s3://bucket/same/d000000/f000000007").returncode == 0  # it says itself what it is


def test_large_objects_are_put_in_parts(fodder, server, manifest):
    assert fodder("dataset", "s3://bucket/large", "--files", 2, "--size", "33MiB", "--seed", 1, "--manifest", manifest).returncode == 0
    assert server.head("large/d000000/f000000001")["ETag"].endswith('-3"')
    assert fodder("verify", "s3://bucket/large", "--manifest", manifest).returncode == 0


def test_ranks_make_one_set(fodder, server, tmp_path, manifest):
    fodder("dataset", tmp_path / "set", *WORDS)
    ranks = [fodder.start("dataset", "s3://bucket/ranks", *WORDS, "--rank", rank, "--world", 3, stderr=subprocess.PIPE) for rank in range(3)]
    for rank in ranks:
        _, said = rank.communicate(timeout=60)
        assert rank.returncode == 0, said
    assert objects(server, "ranks/") == tree(tmp_path / "set")


def test_every_difference_is_told(fodder, server, manifest):
    fodder("dataset", "s3://bucket/bad", *WORDS, "--manifest", manifest)
    server.client.delete_object(Bucket="bucket", Key="bad/d000000/f000000003")
    server.put("bad/d000000/f000000004", server.get("bad/d000000/f000000004") + b"more")
    server.put("bad/d000000/f000000005", bytes(len(server.get("bad/d000000/f000000005"))))
    server.put("bad/other", b"")
    result = fodder("verify", "s3://bucket/bad", "--manifest", manifest, "--strict", "--json")
    told = json.loads(result.stdout)
    assert result.returncode == 3
    assert [differs["name"] for differs in told["differ"]] == [f"d000000/f00000000{k}" for k in (3, 4, 5)]
    assert (told["bad_files"], told["strays"], told["differ"][1]["longer"], told["differ"][0]["missing"]) == (3, 1, 4, True)
    text = fodder("verify", "s3://bucket/bad", "--manifest", manifest, "--strict").stdout.decode()
    assert "d000000/f000000003: missing" in text and "other: this does not belong to the set" in text


def test_what_is_there_is_not_written_over(fodder, server):
    assert fodder("dataset", "s3://bucket/there", *WORDS).returncode == 0
    result = fodder("dataset", "s3://bucket/there", *WORDS)
    assert result.returncode == 1 and b"it is there already" in result.stderr


@pytest.mark.parametrize("how", ["--resume", "--resume=verify"])
def test_a_set_is_gone_on_with(fodder, server, through, manifest, how):
    prefix = "resume" + how.strip("-").replace("=", "")
    fodder("dataset", f"s3://bucket/{prefix}", *WORDS, "--manifest", manifest)
    server.client.delete_object(Bucket="bucket", Key=f"{prefix}/d000000/f000000003")
    data = bytearray(server.get(f"{prefix}/d000000/f000000011"))
    server.put(f"{prefix}/d000000/f000000011", bytes(data[:-1]))
    large = max(server.client.list_objects_v2(Bucket="bucket", Prefix=prefix)["Contents"], key=lambda item: item["Size"])["Key"]
    first = server.get(large)
    assert len(first) > 4096 and not large.endswith("11")
    server.put(large, bytes([first[0] ^ 1]) + first[1:])
    result = fodder("dataset", f"s3://bucket/{prefix}", "--manifest", manifest, how, "--json")
    told = json.loads(result.stdout)
    whole = how == "--resume=verify"  # only that looks at more than the end
    assert (told["written"], told["settled"]) == ((3, 37) if whole else (2, 38))
    assert (fodder("verify", f"s3://bucket/{prefix}", "--manifest", manifest).returncode == 0) == whole


def test_a_part_is_written_with_another_generation(fodder, server, manifest):
    fodder("dataset", "s3://bucket/part", *WORDS, "--manifest", manifest)
    assert fodder("dataset", "s3://bucket/part", "--manifest", manifest, "--only", "5-6", "--generation", 4).returncode == 0
    assert server.head("part/d000000/f000000005")["Metadata"]["fodder-spec"].split(":")[1].startswith("seed=5,generation=4,")
    assert fodder("verify", "s3://bucket/part", "--manifest", manifest).returncode == 0


def test_what_a_killed_run_left_is_removed(fodder, server, manifest):
    words = ["--files", 1, "--size", "33MiB", "--seed", 1]
    server.client.create_multipart_upload(Bucket="bucket", Key="stale/d000000/f000000000")
    server.client.create_multipart_upload(Bucket="bucket", Key="stale/d000000/f0000000001")  # another object's
    assert fodder("dataset", "s3://bucket/stale", *words, "--resume").returncode == 0
    assert server.uploads() == ["stale/d000000/f0000000001"]
    for upload in server.client.list_multipart_uploads(Bucket="bucket")["Uploads"]:
        server.client.abort_multipart_upload(Bucket="bucket", Key=upload["Key"], UploadId=upload["UploadId"])


@pytest.mark.parametrize("length, code", [(1024, 0), (1025, 2)])
def test_a_key_has_1024_bytes_with_the_name(fodder, server, length, code):
    prefix = (length - len("/d000000/f000000000")) * "p"
    result = fodder("dataset", f"s3://bucket/{prefix}", "--files", 1, "--size", 1, "--seed", 1)
    assert result.returncode == code, result.stderr
    assert len(server.keys(prefix)) == (code == 0)


def test_an_object_that_is_too_long_is_made_anew(fodder, server):
    """All that the set has of it is right."""
    words = ["dataset", "s3://bucket/longer", "--files", 3, "--size", 5000, "--seed", 1]
    fodder(*words)
    server.put("longer/d000000/f000000001", server.get("longer/d000000/f000000001") + b"more")
    for how in ("--resume=verify", "--resume"):
        result = fodder(*words, how, "--json")
        assert json.loads(result.stdout)["written"] == (1 if how == "--resume=verify" else 0)
    assert server.head("longer/d000000/f000000001")["ContentLength"] == 5000


@pytest.mark.parametrize("left", [0, 10])
def test_an_object_that_is_too_short_is_told_and_made_anew(fodder, server, manifest, left):
    """What is asked for lies behind its end, or some of it does."""
    words = ["dataset", f"s3://bucket/shorter{left}", "--files", 3, "--size", 5000, "--seed", 1, "--manifest", manifest]
    fodder(*words)
    key = f"shorter{left}/d000000/f000000001"
    server.put(key, server.get(key)[:left])
    result = fodder("verify", f"s3://bucket/shorter{left}", "--manifest", manifest, "--json")
    told = json.loads(result.stdout)
    assert (result.returncode, told["bad_files"], told["unreadable"]) == (3, 1, 0), result.stderr
    result = fodder("dataset", f"s3://bucket/shorter{left}", "--manifest", manifest, "--resume", "--json")
    assert result.returncode == 0 and json.loads(result.stdout)["written"] == 1, result.stderr
    assert server.head(key)["ContentLength"] == 5000


def test_a_list_of_uploads_that_cannot_be_read_is_told(fodder, server, through):
    """Parts may be left there."""
    through.answer = 200, {}, b"<ListMultipartUploadsResult><Upload>"
    through.fault = lambda request: "answer" if "uploads=" in request.path and request.method == "GET" else None
    result = fodder("dataset", "s3://bucket/unread", "--files", 1, "--size", "17MiB", "--seed", 1, "--resume")
    assert result.returncode == 1 and b"list of uploads cannot be read" in result.stderr, result.stderr


def test_a_failure_says_how_far_it_came(fodder, server, through):
    through.fault = lambda request: "busy" if request.method == "PUT" and "f000000030" in request.path else None
    result = fodder("dataset", "s3://bucket/far", *WORDS, "--attempts", 2)
    assert result.returncode == 1 and b"d000000/f000000030: the server answers 503 SlowDown" in result.stderr, result.stderr
    assert b"of 40 files are whole; add --resume to go on" in result.stderr


def test_a_large_object_that_fails_leaves_no_parts(fodder, server, through):
    through.fault = lambda request: "busy" if "partNumber=2" in request.path else None
    result = fodder("dataset", "s3://bucket/parts", "--files", 1, "--size", "17MiB", "--seed", 1, "--attempts", 2)
    assert result.returncode == 1 and b"503 SlowDown" in result.stderr and b"0 of 1 files are whole" in result.stderr, result.stderr
    assert server.uploads() == [] and server.keys("parts") == []


def test_a_list_of_more_than_a_page(fodder, server, manifest):
    words = ["--files", 1234, "--size", 10, "--seed", 1, "--manifest", manifest, "--names", "ü {k}/+%"]
    assert fodder("dataset", "s3://bucket/many", *words).returncode == 0
    server.put("many/zz + stray%20", b"")
    result = fodder("verify", "s3://bucket/many", "--manifest", manifest, "--strict")
    assert result.returncode == 3 and b"zz + stray%20: this does not belong to the set" in result.stdout
    assert b"0 of 1234 files differ" in result.stdout and b"1 file does not belong" in result.stdout


@pytest.mark.parametrize(
    "words, code, said",
    [
        (["dataset", "s3://no-such-bucket/x", *WORDS], 1, b"there is no bucket no-such-bucket"),
        (["dataset", "s3:///x", *WORDS], 2, b"name a bucket"),
        (["dataset", "s3://bucket/" + 1020 * "p", *WORDS], 2, b"more than 1024 bytes"),
        (["verify", "s3://bucket/x/"], 2, b"--manifest FILE"),
    ],
)
def test_what_is_wrong_is_told(fodder, server, words, code, said):
    result = fodder(*words)
    assert result.returncode == code and said in result.stderr, result.stderr
