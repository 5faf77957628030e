"""Servers that die, connections that break, data that change on their way: nothing is lost, and nothing is left behind."""

import json
import random
import subprocess
import threading
import time

import pytest

MIB = 1 << 20
PARTS = ["generate", "21MiB", "--seed", 7, "--dedup", 2, "--block", "5MiB", "--attempts", 5, "-o"]
KILLS = 20


def is_part(request):
    return "partNumber=" in request.path


def is_begin(request):
    return request.method == "POST" and request.path.endswith("?uploads=")


def is_end(request):
    return request.method == "POST" and "uploadId=" in request.path


def check_whole(fodder, server, key, size):
    assert server.head(key)["ContentLength"] == size
    result = fodder("verify", f"s3://bucket/{key}", "--endpoint", server.url)
    assert result.returncode == 0, result.stdout
    assert server.uploads() == []


@pytest.mark.parametrize("fault", ["busy", "cut", "lose_answer", "corrupt", "stall"])
@pytest.mark.parametrize("wanted", [is_begin, is_part, is_end])
def test_a_request_that_fails_is_made_again(fodder, server, through, fault, wanted):
    key = f"again-{fault}-{wanted.__name__}"
    if fault == "corrupt" and wanted is is_begin:
        pytest.skip("this request has no body")
    done = through.once(fault, wanted)
    result = fodder(*PARTS, f"s3://bucket/{key}", "--timeout", 1)
    assert result.returncode == 0, result.stderr
    assert done()
    check_whole(fodder, server, key, 21 * MIB)


def test_an_upload_that_is_begun_again_needs_no_list(fodder, server, through):
    """Who may write need not be allowed to list uploads."""
    left = ["lose_answer"]
    through.answer = 403, {}, b"<Error><Code>AccessDenied</Code></Error>"
    through.fault = lambda request: left.pop() if left and is_begin(request) else "answer" if "uploads=" in request.path and request.method == "GET" else None
    result = fodder(*PARTS, "s3://bucket/unlisted")
    assert result.returncode == 0 and not left, result.stderr
    assert server.head("unlisted")["ContentLength"] == 21 * MIB
    for upload in server.client.list_multipart_uploads(Bucket="bucket")["Uploads"]:
        server.client.abort_multipart_upload(Bucket="bucket", Key=upload["Key"], UploadId=upload["UploadId"])


@pytest.mark.parametrize("tag", [None, '"' + 200 * "t" + '"'])
def test_a_part_without_a_tag_is_told(fodder, server, through, tag):
    through.headers = {"etag": tag}
    through.fault = lambda request: "answer_with" if is_part(request) else None
    result = fodder(*PARTS, "s3://bucket/untagged")
    assert result.returncode == 1 and b"gave a part no ETag" in result.stderr, result.stderr
    assert server.uploads() == []


@pytest.mark.parametrize("text", [b"", b"<html></html>"])
def test_an_object_is_whole_when_the_server_says_so(fodder, server, through, text):
    through.answer = 200, {}, text
    through.fault = lambda request: "answer" if is_end(request) else None
    result = fodder(*PARTS, "s3://bucket/unsaid")
    assert result.returncode == 1 and b"does not say that the object is whole" in result.stderr, result.stderr
    assert server.uploads() == [] and server.keys("unsaid") == []


KEPT = ["dataset", "s3://bucket/kept-connection", "--files", 2, "--seed", 1, "--threads", 1, "--only", "0-1", "--timeout", 3]


def test_an_upload_that_is_begun_twice_on_a_kept_connection_is_removed(fodder, server, through):
    begun = []

    def lose_second(request):
        if is_begin(request):
            begun.append(request)
            return "lose_answer" if len(begun) == 2 else None

    through.fault = lose_second
    result = fodder(*KEPT, "--size", "17MiB")
    assert result.returncode == 0 and len(begun) == 3, result.stderr
    assert server.uploads() == []


def test_an_object_whose_completion_was_heard_twice_is_whole(fodder, server, through):
    """Also where libcurl has sent it again, so that only one attempt is counted."""
    through.answer = 404, {}, b"<Error><Code>NoSuchUpload</Code></Error>"

    def end_before(request):
        if is_end(request):
            path, upload = request.path.split("?uploadId=")
            key, parts = path.removeprefix("/bucket/"), server.client.list_parts(Bucket="bucket", Key="twice", UploadId=upload)["Parts"]
            parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
            server.client.complete_multipart_upload(Bucket="bucket", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
            return "answer"

    through.fault = end_before
    result = fodder(*PARTS, "s3://bucket/twice")
    assert result.returncode == 0, result.stderr
    check_whole(fodder, server, "twice", 21 * MIB)


@pytest.mark.parametrize("other", [["--seed", 8], ["--offset", "1GiB"]])
def test_an_upload_that_is_gone_is_told_where_another_object_is_there(fodder, server, through, other):
    fodder(*PARTS, "s3://bucket/gone", *other)
    through.answer = 404, {}, b"<Error><Code>NoSuchUpload</Code></Error>"
    through.fault = lambda request: "answer" if is_end(request) else None
    result = fodder(*PARTS, "s3://bucket/gone")
    assert result.returncode == 1 and b"the upload is gone" in result.stderr, result.stderr
    assert server.uploads() == []


@pytest.mark.parametrize("fault", ["busy", "cut", "lose_answer", "corrupt"])
def test_a_small_object_is_put_again(fodder, server, through, fault):
    done = through.once(fault, lambda request: request.method == "PUT")
    result = fodder("generate", 5000, "--seed", 1, "-o", f"s3://bucket/small-{fault}")
    assert result.returncode == 0 and done(), result.stderr
    check_whole(fodder, server, f"small-{fault}", 5000)


@pytest.mark.parametrize("fault", ["busy", "cut", "cut_answer", "stall"])
def test_what_is_read_goes_on_where_it_stopped(fodder, server, through, fault):
    fodder(*PARTS, "s3://bucket/read")
    through.requests.clear()
    done = through.once(fault, lambda request: "bytes=0-" in request.headers.get("range", ""))
    result = fodder("verify", "s3://bucket/read", "--block", "4MiB", "--timeout", 1, "--json")
    assert done() and result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["bytes"] == 21 * MIB
    ranges = [request.headers["range"] for request in through.requests if request.method == "GET"]
    assert len(ranges) == 7  # 6 blocks, and one again
    if fault == "cut_answer":
        assert f"bytes={2 * MIB}-{4 * MIB - 1}" in ranges


def test_attempts_are_counted_from_the_last_byte_on(fodder, server, through):
    """A connection that breaks again and again, but brings something each time, comes to an end."""
    fodder(*PARTS, "s3://bucket/brittle")
    through.requests.clear()
    through.fault = lambda request: "cut_answer" if sum(r.method == "GET" for r in through.requests) in range(1, 5) else None
    result = fodder("verify", "s3://bucket/brittle", "--block", "24MiB", "--attempts", 2)
    assert result.returncode == 0, result.stderr
    assert sum(request.method == "GET" for request in through.requests) == 5


def test_what_ignores_ranges_is_told(fodder, server, through):
    """Its bytes are those of the object, but of other places."""
    fodder(*PARTS, "s3://bucket/ranges")
    through.answer = 200, {"ETag": server.head("ranges")["ETag"]}, server.get("ranges")
    through.fault = lambda request: "answer" if request.method == "GET" else None
    result = fodder("verify", "s3://bucket/ranges", "--block", "4MiB")
    assert result.returncode == 1 and b"not the range that was asked for" in result.stderr, result.stderr
    assert fodder("verify", "s3://bucket/ranges", "--block", "24MiB").returncode == 0  # one block: the whole object is what is wanted


@pytest.mark.parametrize("fault, said", [("more", b"not the range that was asked for"), ("nothing", b"empty where the object has not ended"), ("another", b"put anew while it was read")])
def test_wrong_answers_to_a_range_are_told(fodder, server, through, fault, said):
    fodder(*PARTS, "s3://bucket/misfit")
    through.fault = lambda request: f"answer_{fault}" if "bytes=4194304-" in request.headers.get("range", "") else None
    result = fodder("verify", "s3://bucket/misfit", "--block", "4MiB")
    assert result.returncode == 1 and said in result.stderr, result.stderr
    assert sum("bytes=4194304-" in request.headers.get("range", "") for request in through.requests) == 1  # that will not pass


def test_answers_may_have_less_than_was_asked_for(fodder, server, through):
    fodder(*PARTS, "s3://bucket/less")
    through.fault = lambda request: "answer_less" if request.method == "GET" else None
    result = fodder("verify", "s3://bucket/less", "--block", "4MiB", "--json")
    assert result.returncode == 0 and json.loads(result.stdout)["bytes"] == 21 * MIB, result.stdout


def test_a_slow_server_is_waited_for(fodder, server, through):
    through.fault = lambda request: "trickle" if request.method == "GET" else None
    fodder("generate", "1MiB", "--seed", 7, "-o", "s3://bucket/slow")
    assert fodder("verify", "s3://bucket/slow", "--timeout", 1).returncode == 0
    assert sum(request.method == "GET" for request in through.requests) == 1


def test_wrong_data_that_come_back_are_told(fodder, server, through):
    fodder("generate", "1MiB", "--seed", 7, "-o", "s3://bucket/flipped")
    through.fault = lambda request: "corrupt_answer" if request.method == "GET" else None
    result = fodder("verify", "s3://bucket/flipped", "--json")
    assert result.returncode == 3 and json.loads(result.stdout)["bad"] == 1


def test_a_storm_of_refusals_is_outlived(fodder, server, through):
    drawn = random.Random(5)
    through.fault = lambda request: "busy" if drawn.random() < 0.5 else None
    result = fodder(*PARTS, "s3://bucket/storm", "--attempts", 20, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["repeated_requests"] == sum(request.answered is None for request in through.requests) > 0
    check_whole(fodder, server, "storm", 21 * MIB)


@pytest.mark.parametrize("wanted", [is_part, is_end])
def test_a_server_that_stays_busy_ends_it(fodder, server, through, wanted):
    through.fault = lambda request: "busy" if wanted(request) else None
    result = fodder(*PARTS, "s3://bucket/never")
    assert result.returncode == 1
    assert b"503 SlowDown" in result.stderr and b"it was tried 5 times" in result.stderr
    assert b"0 of 22020096 bytes were written" in result.stderr
    assert server.uploads() == [] and server.keys("never") == []


def test_data_that_change_on_every_way_end_it(fodder, server, through):
    through.fault = lambda request: "corrupt" if is_part(request) else None
    result = fodder(*PARTS, "s3://bucket/changed", "--attempts", 2)
    assert result.returncode == 1 and b"the data were changed on their way" in result.stderr, result.stderr
    assert server.uploads() == [] and server.keys("changed") == []


def test_a_refusal_that_breaks_off_is_asked_for_again(fodder, server, through):
    """Nobody knows yet whether it would pass."""
    through.answer = 400, {"Content-Length": 1000}, b"<Error><Co"
    done = through.once("answer_and_cut", is_part)
    result = fodder(*PARTS, "s3://bucket/broken-off")
    assert result.returncode == 0 and done(), result.stderr
    check_whole(fodder, server, "broken-off", 21 * MIB)


@pytest.mark.parametrize("code, status, times", [("RequestTimeout", 400, 2), ("InternalError", 200, 2), ("SlowDown", 503, 2), ("", 429, 2), ("", 502, 2), ("", 504, 2), ("", 408, 2),
                                                 ("AccessDenied", 403, 1), ("InvalidRequest", 400, 1), ("NotImplemented", 501, 1), ("", 505, 1), ("Odd", 200, 1)])  # fmt: skip
def test_only_what_may_pass_is_asked_for_again(fodder, server, through, code, status, times):
    through.answer = status, {}, f"<Error><Code>{code}</Code></Error>".encode() if code else b""
    through.fault = lambda request: "answer"
    result = fodder("generate", 10, "--seed", 1, "-o", "s3://bucket/refused", "--attempts", 2)
    assert result.returncode == 1 and len(through.requests) == times, result.stderr
    assert (b"it was tried 2 times" in result.stderr) == (times == 2)


def test_a_redirect_is_told(fodder, server, through):
    through.answer = 301, {"Location": "https://elsewhere/bucket/x"}, b""
    through.fault = lambda request: "answer"
    result = fodder("generate", 10, "--seed", 1, "-o", "s3://bucket/x")
    assert result.returncode == 1 and b"sends us on to https://elsewhere/bucket/x; name it with --endpoint" in result.stderr, result.stderr
    through.answer = 301, {"Location": "https://elsewhere/", "x-amz-bucket-region": "moon"}, b""
    result = fodder("generate", 10, "--seed", 1, "-o", "s3://bucket/x")
    assert result.returncode == 1 and b"in another region than us-east-1: moon; name it with --region" in result.stderr, result.stderr
    assert len(through.requests) == 2


def test_what_cannot_be_removed_is_told(fodder, server, through):
    through.fault = lambda request: "busy" if is_part(request) or request.method == "DELETE" else None
    result = fodder(*PARTS, "s3://bucket/left", "--attempts", 2)
    assert result.returncode == 1 and b"parts of it are left at the server" in result.stderr
    assert server.uploads() == ["left"]
    through.fault = lambda request: None
    upload = server.client.list_multipart_uploads(Bucket="bucket")["Uploads"][0]
    server.client.abort_multipart_upload(Bucket="bucket", Key="left", UploadId=upload["UploadId"])


def test_an_upload_that_somebody_else_removed_leaves_nothing(fodder, server, through):
    def remove_before(request):
        if request.method == "DELETE":
            server.client.abort_multipart_upload(Bucket="bucket", Key="removed", UploadId=request.path.split("uploadId=")[1])
        return "busy" if is_part(request) else None

    through.fault = remove_before
    result = fodder(*PARTS, "s3://bucket/removed", "--attempts", 2)
    assert result.returncode == 1 and b"503 SlowDown" in result.stderr and b"are left" not in result.stderr, result.stderr
    assert server.uploads() == [] and any(request.method == "DELETE" for request in through.requests)


def test_an_object_that_is_put_anew_while_it_is_read_is_told(fodder, server, through):
    fodder(*PARTS, "s3://bucket/moving")
    others = []

    def replace(request):
        if request.method == "GET" and not others:
            others.append(request)
            server.put("moving", bytes(21 * MIB))

    through.fault = replace
    result = fodder("verify", "s3://bucket/moving", "--block", "1MiB")
    assert result.returncode == 1 and b"put anew while it was read" in result.stderr


def test_a_server_that_is_killed_in_an_upload(fodder, server):
    for seed in range(2):
        process = fodder.start("generate", "200MiB", "--seed", seed, "--block", "8MiB", "-o", "s3://bucket/killed", stderr=subprocess.PIPE)
        while not server_has_upload(server, "killed"):
            assert process.poll() is None
        server.restart(1)
        _, said = process.communicate(timeout=100)
        assert process.returncode == 0, said
        check_whole(fodder, server, "killed", 200 * MIB)


def server_has_upload(server, key):
    return key in server.uploads()


def test_a_thousand_objects_while_the_server_is_killed(fodder, server, tmp_path):
    manifest, drawn, ended = tmp_path / "set.json", random.Random(11), threading.Event()
    words = ["--files", 1000, "--size", "lognormal:64KiB,1.5,1-24MiB", "--unit", "4KiB", "--seed", 3, "--manifest", manifest]
    kills = []

    def kill():
        while len(kills) < KILLS:
            ended.wait(drawn.uniform(0.1, 0.8))
            server.restart(drawn.uniform(0, 0.3))
            kills.append(time.time())

    thread = threading.Thread(target=kill)
    thread.start()
    rounds = 0
    while rounds == 0 or len(kills) < KILLS:  # each round makes all objects anew, so that every kill falls into one
        words_of_round = [*words, "--resume"] if rounds == 0 else ["--manifest", manifest, "--only", "0-999"]
        result = fodder("dataset", "s3://bucket/kills", *words_of_round, "--threads", 8)
        assert result.returncode == 0, result.stderr
        rounds += 1
    thread.join()
    result = fodder("verify", "s3://bucket/kills", "--manifest", manifest, "--strict", "--json")
    told = json.loads(result.stdout)
    assert (result.returncode, told["ok"], told["files"], told["strays"]) == (0, True, 1000, 0), result.stderr
    assert server.uploads() == [] and len(server.keys("kills/")) == 1000
