"""An application's web server: takes webhooks and callbacks, checks what Standard Webhooks asks for,
and answers as each test wants. One listener for any number of paths.
"""
import base64
import functools
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse

from support import contract
from support.waiting import HANGS_AFTER, journal, wait_set


def key_of(secret):
    """Standard Webhooks: "whsec_" and base64, or the octets as they stand."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret[len("whsec_"):])
    return secret.encode()


def signature(secret, message_id, timestamp, body):
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class delivery:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.at = time.monotonic()
        self.status = None
        self.answered_at = None  # the answer had been sent by then

    def events(self):
        body = json.loads(self.body)
        contract.check_events(body)
        return body["data"]["events"]

    @functools.cached_property
    def parameters(self):
        """Of a callback: those of the query, then those of a form."""
        query = urllib.parse.urlsplit(self.path).query
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True) +
                    urllib.parse.parse_qsl(self.body.decode("ascii"), keep_blank_values=True))

    def signed_by(self, secret):
        expected = signature(secret, self.headers["webhook-id"], self.headers["webhook-timestamp"],
                             self.body)
        return expected in self.headers["webhook-signature"].split(" ")

    def __repr__(self):
        return f"delivery({self.path} -> {self.status} {self.body[:300]})"


class _server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A gateway that is killed resets its connections: no news here."""


class receiver:
    """`answers[path]` is a list of (status, headers) used up one by one; then it is 200. A path in
    `gates` waits for its event before it answers. `words` is the body of each answer.
    """

    def __init__(self):
        self.deliveries = journal()
        self.answers = {}
        self.gates = {}
        self.words = b""
        outer = self

        class handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.do_POST()

            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size)
                if len(body) < size:
                    self.close_connection = True
                    return  # whoever was sending it has died
                what = delivery(self.command, self.path,
                                {k.lower(): v for k, v in self.headers.items()}, body)
                status, headers = outer.answers.get(self.path) and \
                    outer.answers[self.path].pop(0) or (200, {})
                what.status = status
                gate = outer.gates.get(self.path)
                outer.deliveries.add(what)
                if gate is not None:
                    wait_set(gate, f"the gate of {self.path}")  # without it there is no answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(outer.words)))
                self.end_headers()
                self.wfile.write(outer.words)
                what.answered_at = time.monotonic()

            def log_message(self, *arguments):
                pass

        self._server = _server(("127.0.0.1", 0), handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def to(self, path):
        return [each for each in self.deliveries.items() if each.path == path]

    def wait(self, path, count=1, seconds=HANGS_AFTER):
        return self.deliveries.wait_count(count, f"{count} to {path}", seconds,
                                          lambda each: each.path == path)

    def wait_event(self, path, where, seconds=HANGS_AFTER):
        """The first event of an accepted delivery to `path` for which where(event) holds."""
        def fits(each):
            return each.path == path and each.status == 200 and any(map(where, each.events()))
        found = self.deliveries.wait(fits, f"event to {path}", seconds)
        return next(filter(where, found.events()))

    def close(self):
        self._server.shutdown()
        self._server.server_close()
