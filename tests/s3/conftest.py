import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).parents[1]))

from proxy import Proxy  # noqa: E402
from running import FODDER, fodder, oracle, pytest_configure  # noqa: E402, F401

TOOL = pathlib.Path(__file__).parents[2] / "tools" / "s3-server"
KEYS = {"AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "TESTSECRET", "AWS_REGION": "us-east-1"}


class Server:
    """A real radosgw: what it holds is asked for by boto3, which shares nothing with fodder."""

    def __init__(self, folder, port):
        self.folder, self.port, self.url = folder, port, f"http://127.0.0.1:{port}"
        boto3 = pytest.importorskip("boto3")
        self.client = boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id="TESTKEY", aws_secret_access_key="TESTSECRET", region_name="us-east-1"
        )

    def get(self, key):
        return self.client.get_object(Bucket="bucket", Key=key)["Body"].read()

    def put(self, key, data):
        self.client.put_object(Bucket="bucket", Key=key, Body=data)

    def head(self, key):
        return self.client.head_object(Bucket="bucket", Key=key)

    def keys(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket="bucket", Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def uploads(self):
        return [upload["Key"] for upload in self.client.list_multipart_uploads(Bucket="bucket").get("Uploads", [])]

    def warm_up(self):
        """The first request of each kind makes pools, which may take longer than tests wait."""
        upload = {"Bucket": "bucket", "Key": "warm", "UploadId": self.client.create_multipart_upload(Bucket="bucket", Key="warm")["UploadId"]}
        part = self.client.upload_part(**upload, PartNumber=1, Body=bytes(1000))
        self.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
        self.put("warm", b"")
        self.client.delete_object(Bucket="bucket", Key="warm")

    def restart(self, seconds=0):
        subprocess.run([TOOL, "restart", self.folder, str(seconds)], check=True, timeout=60)


def free_port():
    """The server takes three in a row."""
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        return first.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    if not shutil.which("radosgw") or os.geteuid() != 0:
        pytest.skip("radosgw is not installed, or this is not root")
    folder = tmp_path_factory.mktemp("s3")
    for _ in range(3):
        place, port = folder / "server", free_port()
        started = subprocess.run([TOOL, "start", place, str(port)], capture_output=True, text=True, timeout=300)
        if started.returncode == 0:
            break
        shutil.rmtree(place)
    assert started.returncode == 0, started.stderr
    started = Server(place, port)
    started.warm_up()
    yield started
    subprocess.run([TOOL, "stop", place], check=True, timeout=60)


@pytest.fixture
def proxy(server):
    with Proxy(server.port) as started:
        yield started


@pytest.fixture(autouse=True)
def environment(monkeypatch, request, tmp_path):
    """fodder and boto3 know one server and one key, and nothing of this machine's own files."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    if "server" in request.fixturenames:
        monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("server").url)


@pytest.fixture
def through(proxy, monkeypatch):
    """The proxy, which fodder takes for the server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    return proxy
