"""A proxy between fodder and a server that spoils what it is told to spoil."""

import http.client
import http.server
import re
import socket
import ssl
import threading
import time

SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


class Request:
    def __init__(self, handler):
        self.method, self.path, self.headers = handler.command, handler.path, handler.headers
        length = handler.headers.get("content-length")
        self.body = handler.rfile.read(int(length)) if length else b""
        self.answered = None

    def __repr__(self):
        return f"{self.method} {self.path}"


class Cut(Exception):
    """The connection ends here."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def serve(self):
        owner = self.server.owner
        request = Request(self)
        with owner.lock:
            owner.requests.append(request)
            fault = owner.fault(request)
        try:
            getattr(self, f"do_{fault}" if fault else "do_forward")(request)
        except (Cut, OSError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = serve

    def ask(self, request):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.owner.target, timeout=60)
        connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in ("expect", "connection"):
                connection.putheader(name, value)
        connection.endheaders(request.body)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        request.answered = answer.status
        return answer, data

    def tell(self, request, answer, data, **other):
        """As the server did, but for the headers in `other`, whose names have _ for -; None is left out."""
        headers = {name.lower(): value for name, value in answer.getheaders()} | {name.replace("_", "-"): value for name, value in other.items()}
        self.send_response_only(answer.status)
        for name, value in headers.items():
            if name not in ("transfer-encoding", "connection", "content-length") and value is not None:
                self.send_header(name, value)
        self.send_header("Content-Length", answer.getheader("content-length") if request.method == "HEAD" else len(data))
        self.end_headers()

    def do_forward(self, request):
        answer, data = self.ask(request)
        self.tell(request, answer, data)
        if request.method != "HEAD":
            self.wfile.write(data)

    def do_busy(self, request):
        """503, before the server hears of it."""
        self.send_response_only(503)
        self.send_header("Content-Length", len(SLOW_DOWN))
        self.end_headers()
        if request.method != "HEAD":
            self.wfile.write(SLOW_DOWN)

    def do_cut(self, request):
        """Nothing is answered, and the server has not heard of it."""
        raise Cut

    def do_lose_answer(self, request):
        """The server has done it, but nobody is told."""
        self.ask(request)
        raise Cut

    def do_cut_answer(self, request):
        answer, data = self.ask(request)
        self.tell(request, answer, data)
        self.wfile.write(data[: len(data) // 2])
        self.wfile.flush()
        raise Cut

    def do_corrupt(self, request):
        """One bit is other than it was sent."""
        request.body = request.body[:-1] + bytes([request.body[-1] ^ 1])
        self.do_forward(request)

    def do_corrupt_answer(self, request):
        answer, data = self.ask(request)
        self.tell(request, answer, data)
        self.wfile.write(data[:-1] + bytes([data[-1] ^ 1]))

    def do_stall(self, request):
        time.sleep(3)
        raise Cut

    def do_trickle(self, request):
        answer, data = self.ask(request)
        self.tell(request, answer, data)
        step = len(data) // 8 + 1
        for at in range(0, len(data), step):
            self.wfile.write(data[at : at + step])
            self.wfile.flush()
            time.sleep(0.2)

    def do_echo(self, request):
        """As a server that knows the checksum answers."""
        answer, data = self.ask(request)
        sum = request.headers.get("x-amz-checksum-crc32c")
        self.tell(request, answer, data, x_amz_checksum_crc32c=sum)
        self.wfile.write(data)

    def do_answer(self, request):
        """What the test says, whatever was asked: the server does not hear of it."""
        status, headers, data = self.server.owner.answer
        self.send_response_only(status)
        for name, value in {"Content-Length": len(data), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if request.method != "HEAD":
            self.wfile.write(data)

    def do_answer_and_cut(self, request):
        self.do_answer(request)
        raise Cut

    def do_answer_with(self, request):
        """As the server does, but with other headers."""
        answer, data = self.ask(request)
        self.tell(request, answer, data, **self.server.owner.headers)
        self.wfile.write(data)

    def do_answer_less(self, request):
        """Half of the range that was asked for, which is allowed."""
        answer, data = self.ask(request)
        begin, size = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.getheader("content-range")).groups()
        data = data[: len(data) // 2 + 1]
        self.tell(request, answer, data, content_range=f"bytes {begin}-{int(begin) + len(data) - 1}/{size}")
        self.wfile.write(data)

    def do_answer_more(self, request):
        answer, data = self.ask(request)
        self.tell(request, answer, data + b"more")
        self.wfile.write(data + b"more")

    def do_answer_nothing(self, request):
        answer, _ = self.ask(request)
        self.tell(request, answer, b"")

    def do_answer_another(self, request):
        """As a server that takes no heed of If-Match."""
        self.server.owner.headers = {"etag": '"another"'}
        self.do_answer_with(request)


class Proxy:
    """proxy.fault(request) says what happens to a request: the end of a do_ above, or None. It may be set at any time."""

    def __init__(self, target, certificate=None):
        self.target, self.requests, self.lock = target, [], threading.Lock()
        self.fault, self.answer, self.headers = lambda request: None, None, {}
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.owner = self
        self.http.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.port = self.http.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.http.serve_forever, args=[0.05], daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def once(self, fault, wanted):
        """That fault, for the first request that is wanted."""
        left = [fault]
        self.fault = lambda request: left.pop() if left and wanted(request) else None
        return lambda: not left
