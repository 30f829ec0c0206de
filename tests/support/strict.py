"""Octets that strangers send, and receivers that forgive nothing: texts made of whole and broken
characters by a seed, JSON read as strictly as the standards allow, and a web server that answers
400 to a body that is not.
"""
import http.server
import json
import threading
import time

from support.waiting import journal

# Whole characters of each length, their beginnings, surrogates, overlong and impossible ones, and
# what terminals, logs and pages act on.
PIECES = [b"a", b"7", b" ", b"\"", b"\\", b"<b>", b"&", b"%", b"=", b"\x01", b"\x1b[2J", b"\t",
          b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xc3\xa9", b"\xe6\x94\xaf",
          b"\xf0\x9f\x98\x80", b"\xef\xbf\xbf", b"\xef\xbb\xbf", b"\xc3", b"\xe6\x94",
          b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xed\xa0\x80\xed\xb0\x80", b"\xc0\xaf",
          b"\xe0\x80\xaf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80", b"\xff\xfe", b"\x80", b"\xbf"]


def foreign(random, octets_max, without=b"\0"):
    """One to `octets_max` octets, none of `without`."""
    made = b""
    while not made:
        for _ in range(random.randint(1, 12)):
            whole = random.random() < 0.8
            made += random.choice(PIECES) if whole else bytes([random.randrange(256)])
        made = bytes(each for each in made if each not in without)[:octets_max]
    return made


def shown(octets):
    """What a document says in their place: Python's decoder marks each longest beginning, too."""
    return octets.decode("utf-8", "replace")


def _members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name twice: {names}")
    return dict(pairs)


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def strict_json(octets):
    """The value, or ValueError for what is no UTF-8, no JSON, twice named, or a lone surrogate."""
    value = json.loads(octets.decode("utf-8", "strict"), object_pairs_hook=_members,
                       parse_constant=_no_constant)
    json.dumps(value, ensure_ascii=False).encode("utf-8", "strict")
    return value


class strict_receiver:
    """A webhook that takes a batch when it is JSON and refuses(events) is false; else it answers
    `status`. `events` has each event it took, `posts` (time, number of events, status)."""

    def __init__(self, refuses=lambda events: False, status=400):
        self.events = journal()
        self.posts = journal()
        self.faults = []
        self.refuses = refuses
        self.status = status
        outer = self

        class handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = outer.take(body)
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """A gateway that ends closes its connections: no news here."""

        self._server = server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, body):
        try:
            events = strict_json(body)["data"]["events"]
        except ValueError as fault:
            self.faults.append((fault, body))
            self.posts.add((time.monotonic(), 0, 400))
            return 400
        refused = self.refuses(events)
        self.posts.add((time.monotonic(), len(events), self.status if refused else 200))
        if refused:
            return self.status
        for each in events:
            self.events.add(each)
        return 200

    def close(self):
        self._server.shutdown()
        self._server.server_close()
