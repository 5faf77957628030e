"""One object: its bytes, what it says of them, and what is told where something is wrong."""

import json
import ssl
import struct
import subprocess
import time

import pytest
from proxy import Proxy

MIB = 1 << 20


def crc32c(data):
    """From the polynomial alone (RFC 3720, 12.1)."""
    sum = 0xFFFFFFFF
    for byte in data:
        sum ^= byte
        for _ in range(8):
            sum = sum >> 1 ^ (0x82F63B78 if sum & 1 else 0)
    return struct.pack(">I", sum ^ 0xFFFFFFFF)


@pytest.mark.parametrize("size, options", [(0, []), (1, []), (1000003, []), (11 * MIB + 7, ["--block", "5MiB", "--depth", "8"])])
def test_the_bytes_are_those_of_the_spec(fodder, oracle, server, size, options):
    key = f"bytes-{size}"
    result = fodder("generate", size, "--spec", "fodder1:seed=3,dedup=2,compress=3", "--offset", 12345, "-o", f"s3://bucket/{key}", *options)
    assert result.returncode == 0, result.stderr
    data = server.get(key)
    assert len(data) == size
    for at in {0, size // 2, max(size - 500, 0), min(5 * MIB - 100, size)}:
        length = min(500, size - at)
        assert data[at : at + length] == oracle("fodder1:seed=3,dedup=2,compress=3", 12345 + at, length)
    assert ("-" in server.head(key)["ETag"]) == (size > 5 * MIB)  # put in parts
    assert fodder("verify", f"s3://bucket/{key}").returncode == 0


def test_an_object_says_itself_what_it_holds(fodder, server):
    fodder("generate", "9MiB", "--seed", 5, "--dedup", 2, "--offset", "1MiB", "--block", "5MiB", "-o", "s3://bucket/says")
    assert server.head("says")["Metadata"] == {"fodder-spec": "fodder1:seed=5,dedup=2", "fodder-offset": str(MIB)}
    result = fodder("verify", "s3://bucket/says", "--json")
    told = json.loads(result.stdout)
    assert (result.returncode, told["ok"], told["bytes"], told["offset"]) == (0, True, 9 * MIB, MIB)
    assert told["spec"] == "fodder1:seed=5,dedup=2"
    assert fodder("verify", "s3://bucket/says", "--sample", 20).returncode == 0


def test_a_wrong_object_is_told(fodder, server):
    fodder("generate", "6MiB", "--seed", 5, "-o", "s3://bucket/wrong")
    data = bytearray(server.get("wrong"))
    data[5 * MIB] ^= 1
    server.put("wrong", bytes(data[:-10]))
    result = fodder("verify", "s3://bucket/wrong", "6MiB", "--seed", 5, "--block", "1MiB", "--json")
    told = json.loads(result.stdout)
    assert (result.returncode, told["bad"]) == (3, 11)
    assert [(run["kind"], run["first"]) for run in told["runs"]] == [("corrupt", 5 * MIB), ("missing", 6 * MIB - 10)]
    result = fodder("verify", "s3://bucket/wrong")
    assert result.returncode == 2 and b"does not say it itself" in result.stderr


@pytest.mark.parametrize("key", ["with blank", "ümlaut/ä", "a+b&c=d?e#f", "%41%2f", "..", "a/../b", "//double", "~tilde*'()!$,;:@"])
def test_any_key_is_signed_as_the_server_reads_it(fodder, server, key):
    result = fodder("generate", 1000, "--seed", 1, "-o", f"s3://bucket/odd/{key}")
    assert result.returncode == 0, result.stderr
    assert f"odd/{key}" in server.keys("odd/")
    assert fodder("verify", f"s3://bucket/odd/{key}").returncode == 0


def test_an_old_object_stays_until_the_new_one_is_whole(fodder, server, through):
    server.put("kept", b"old")
    through.fault = lambda request: "busy" if "partNumber=2" in request.path else None
    result = fodder("generate", "11MiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/kept", "--attempts", 2)
    assert result.returncode == 1 and b"0 of 11534336 bytes were written" in result.stderr
    assert server.get("kept") == b"old"
    assert server.uploads() == []


@pytest.mark.parametrize(
    "changes, words, said",
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, ["s3://bucket/x"], b"the secret is not that of the access key TESTKEY"),
        ({"AWS_ACCESS_KEY_ID": "WRONG"}, ["s3://bucket/x"], b"does not know the access key WRONG"),
        ({"AWS_ACCESS_KEY_ID": ""}, ["s3://bucket/x"], b"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({}, ["s3://no-such-bucket/x"], b"there is no bucket no-such-bucket; create it"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ["s3://bucket/x"], b"check --endpoint or AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "ftp://127.0.0.1"}, ["s3://bucket/x"], b"no URL such as"),
        ({}, ["s3://no such?/x"], b"there is no bucket no such?"),
        ({}, ["s3://no such?/x", "--addressing", "virtual"], b"no such? cannot be in a host's name; use --addressing path"),
        ({}, ["s3://bucket/x", "--profile", "nobody"], b"for the profile nobody"),
    ],
)
@pytest.mark.parametrize("command", [["generate", 1000, "--seed", 1, "-o"], ["verify"]])
def test_what_is_wrong_is_told_with_the_remedy(fodder, server, monkeypatch, changes, words, said, command):
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    result = fodder(*command, *words)
    assert result.returncode == 1 and said in result.stderr, result.stderr
    assert result.stdout == b""


@pytest.mark.parametrize(
    "words, said",
    [
        (["generate", 1, "-o", "s3://"], b"name a bucket"),
        (["generate", 1, "-o", "s3://bucket"], b"name an object"),
        (["generate", 1, "-o", "s3://bucket/a/"], b"name an object"),
        (["generate", 1, "-o", "s3://bucket/" + 1025 * "k"], b"at most 1024 bytes"),
        (["generate", "20GiB", "-o", "s3://bucket/k", "--block", "4MiB"], b"at least 5MiB"),
        (["generate", "1TiB", "-o", "s3://bucket/k", "--block", "16MiB"], b"at most 10000 parts"),
        (["generate", 1, "-o", "s3://bucket/k", "--io", "file"], b"leave --io out"),
        (["generate", 1, "-o", "/dev/null", "--io", "s3"], b"no object of an S3 server"),
        (["generate", 1, "-o", "s3://bucket/k", "--attempts", 0], b"1 to 100"),
        (["generate", 1, "-o", "/dev/null", "--region", "here"], b"--region is for an S3 server"),
        (["verify", "/dev/null", "--insecure"], b"--insecure is for an S3 server"),
        (["dataset", "/tmp/none", "--files", 1, "--size", 1, "--timeout", 3], b"--timeout is for an S3 server"),
        (["generate", 1, "-o", "s3://bucket/k", "--timeout", "nan"], b"from 0.1 to 3600"),
        (["generate", 1, "-o", "s3://bucket/k", "--addressing", "host"], b"path"),
        (["generate", 1, "-o", "s3://bucket/k", "--checksum", "md5"], b"crc32c or none"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_asked(fodder, server, through, words, said):
    result = fodder(*words)
    assert result.returncode == 2 and said in result.stderr, result.stderr
    assert through.requests == []


def test_a_missing_object_is_told(fodder, server):
    result = fodder("verify", "s3://bucket/nowhere")
    assert result.returncode == 1 and b"there is no such object in the bucket bucket" in result.stderr


def test_a_clock_that_is_wrong_is_told(fodder, server):
    faketime = ["faketime", "-f", "+3700s"]
    if subprocess.run(["sh", "-c", "command -v faketime"], capture_output=True).returncode:
        pytest.skip("faketime is not installed")
    from running import FODDER

    command = [*faketime, FODDER, "generate", "1000", "--seed", "1", "-o", "s3://bucket/late"]
    result = subprocess.run(command, capture_output=True, timeout=60)
    if b"ASan" in result.stderr:
        pytest.skip("a sanitizer wants to be loaded first")
    assert result.returncode == 1 and b"clock is 3" in result.stderr and b"ahead of the server's" in result.stderr, result.stderr


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout {path} -out {path}.crt"
    subprocess.run(command.split(), check=True, capture_output=True)
    with open(path, "a") as file:
        file.write(open(f"{path}.crt").read())
    return path


def test_tls_is_verified(fodder, server, certificate, monkeypatch):
    with Proxy(server.port, certificate) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        words = ["generate", "6MiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/tls"]
        result = fodder(*words)
        assert result.returncode == 1 and b"is not trusted" in result.stderr and b"AWS_CA_BUNDLE" in result.stderr
        assert proxy.requests == [] and server.keys("tls") == []
        assert fodder(*words, "--insecure").returncode == 0
        monkeypatch.setenv("AWS_CA_BUNDLE", f"{certificate}.crt")
        assert fodder(*words).returncode == 0
        assert fodder("verify", "s3://bucket/tls").returncode == 0
        assert {r.headers["x-amz-content-sha256"] for r in proxy.requests if "partNumber" in r.path} == {"UNSIGNED-PAYLOAD"}


@pytest.mark.parametrize("style, host, path", [("path", "localhost", "/bucket/style"), ("virtual", "bucket.localhost", "/style"), (None, "localhost", "/bucket/style")])
def test_the_bucket_is_in_the_path_or_in_the_host(fodder, server, through, style, host, path):
    options = ["--addressing", style] if style else []
    result = fodder("generate", 10, "--seed", 1, "-o", "s3://bucket/style", "--endpoint", f"http://localhost:{through.port}", *options)
    assert result.returncode == 0, result.stderr
    (request,) = through.requests
    assert (request.headers["host"], request.path) == (f"{host}:{through.port}", path)


def test_parts_carry_checksums(fodder, server, through):
    import base64

    fodder("generate", 1000, "--seed", 1, "-o", "s3://bucket/sum")
    (request,) = through.requests
    assert base64.b64decode(request.headers["x-amz-checksum-crc32c"]) == crc32c(request.body)
    through.requests.clear()
    fodder("generate", 1000, "--seed", 1, "-o", "s3://bucket/sum", "--checksum", "none")
    assert "x-amz-checksum-crc32c" not in through.requests[0].headers


def test_checksums_that_the_server_took_are_named_again(fodder, server, through):
    through.fault = lambda request: "echo"
    result = fodder("generate", "11MiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/sums")
    assert result.returncode == 0, result.stderr
    begin, *parts, end = through.requests
    assert begin.headers["x-amz-checksum-algorithm"] == "CRC32C"
    sums = sorted((request.path, request.headers["x-amz-checksum-crc32c"]) for request in parts)
    assert len(sums) == 3
    for _, sum in sums:
        assert f"<ChecksumCRC32C>{sum}</ChecksumCRC32C>".encode() in end.body
    through.fault = lambda request: None
    through.requests.clear()
    fodder("generate", "11MiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/sums")
    assert b"Checksum" not in through.requests[-1].body  # this server does not know them


def test_a_checksum_that_is_not_ours_is_not_named(fodder, server, through):
    through.headers = {"x-amz-checksum-crc32c": "AAAAAA=="}
    through.fault = lambda request: "answer_with" if "partNumber" in request.path else None
    result = fodder("generate", "11MiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/not-ours")
    assert result.returncode == 0 and b"Checksum" not in through.requests[-1].body, result.stderr


def test_credentials_come_from_the_files(fodder, server, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text("[lab]\naws_access_key_id = TESTKEY\naws_secret_access_key = TESTSECRET\n")
    (tmp_path / ".aws" / "config").write_text(f"[profile lab]\nendpoint_url = {server.url}\nregion = us-east-1\n")
    assert fodder("generate", 10, "--seed", 1, "-o", "s3://bucket/files", "--profile", "lab").returncode == 0
    assert server.head("files")["ContentLength"] == 10


def test_who_stops_it_does_not_wait_long(fodder, server, through):
    """A server that does not answer would keep it for minutes: what it leaves is said then."""
    through.fault = lambda request: "busy" if request.method == "DELETE" else None
    process = fodder.start("generate", "1GiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/leaves", stderr=subprocess.PIPE)
    while len(through.requests) < 6:
        time.sleep(0.01)
    process.send_signal(2)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and b"parts of it are left at the server" in said and b"it was tried 3 times" in said, said
    for upload in server.client.list_multipart_uploads(Bucket="bucket")["Uploads"]:
        server.client.abort_multipart_upload(Bucket="bucket", Key="leaves", UploadId=upload["UploadId"])


def test_a_session_token_is_sent_and_signed(fodder, server, through, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-token")
    through.answer = 400, {}, b"<Error><Code>ExpiredToken</Code></Error>"
    through.fault = lambda request: "answer"
    result = fodder("generate", 10, "--seed", 1, "-o", "s3://bucket/token")
    (request,) = through.requests
    assert request.headers["x-amz-security-token"] == "the-token" and ";x-amz-security-token," in request.headers["authorization"]
    assert result.returncode == 1 and b"session token has expired" in result.stderr and b"the-token" not in result.stderr
    assert b"TESTSECRET" not in result.stderr


@pytest.mark.parametrize("signal", [2, 15])
def test_a_signal_leaves_nothing_behind(fodder, server, through, signal):
    process = fodder.start("generate", "1GiB", "--seed", 1, "--block", "5MiB", "-o", "s3://bucket/stopped", stderr=subprocess.PIPE)
    while len(through.requests) < 6:
        time.sleep(0.01)
    process.send_signal(signal)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and b"0 of 1073741824 bytes were written" in said, said
    assert (b"SIGINT" if signal == 2 else b"SIGTERM") in said
    assert server.uploads() == [] and server.keys("stopped") == []
