"""Requests of which two readers could see different ends: no listener may read a second request out
of the body of the first. Mutations of the fields that decide it, from a seed that is printed.

HIKYAKU_FRAMING_SEED and HIKYAKU_FRAMING_ROUNDS (default 300 for each listener) decide a run.
"""
import os
import random
import socket
import sys
import unittest

from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.waiting import HANGS_AFTER

SEED = int(os.environ.get("HIKYAKU_FRAMING_SEED", random.SystemRandom().randrange(1 << 30)))
ROUNDS = int(os.environ.get("HIKYAKU_FRAMING_ROUNDS", "300"))

VALUES = ["chunked", "xchunked", "identity", "gzip", "gzip, chunked", "chunked, identity", "chunked;q=0",
          '"chunked"', "", "chunked,", ", chunked", "chunked chunked", "\x0bchunked", "chunked\x00",
          "CHUNKED", "deflate", "br", "cHuNkEd"]
NAMES = ["Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING", "Transfer-Encoding ",
         " Transfer-Encoding", "Transfer_Encoding", "Transfer-Encodin", "X-Transfer-Encoding"]


def is_chunked(line):
    """What RFC 9112 reads as one sound Transfer-Encoding: chunked."""
    name, colon, value = line.partition(":")
    return bool(colon) and name.lower() == "transfer-encoding" and \
        value.strip(" \t").lower() == "chunked"


def mutated(draw):
    """A field line, mostly near to "Transfer-Encoding: chunked". It never begins with a line break:
    that would end the fields, and what follows a body of the named length is a request."""
    line = f"{draw.choice(NAMES)}:{draw.choice(['', ' ', '  ', chr(9)])}{draw.choice(VALUES)}"
    if draw.random() < 0.3:
        at = draw.randrange(len(line) + 1)
        octets = draw.choice(["\r\n ", "\r\n\t", "\t", " ", "\x00", "\r", "\n", ",", "x", "\x7f",
                              "\xff"])
        at = max(at, octets.startswith("\r\n"))
        line = line[:at] + octets + line[at:]
    return line


def exchange(port, octets):
    """Everything that comes back until the other side has closed."""
    with socket.create_connection(("127.0.0.1", port), HANGS_AFTER) as link:
        received = b""
        try:
            link.sendall(octets)
            link.shutdown(socket.SHUT_WR)
            while more := link.recv(65536):
                received += more
        except ConnectionResetError:
            pass
        return received


class framing_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"HIKYAKU_FRAMING_SEED={SEED} HIKYAKU_FRAMING_ROUNDS={ROUNDS}", file=sys.stderr)
        cls.carrier = carrier()
        configuration = default_configuration([to_carrier(cls.carrier.port)], [account()])
        configuration["server.http"]["sendsms"] = True
        configuration["server.links"] = {"listen": "127.0.0.1:0", "base_url": "https://t.example"}
        cls.gateway = gateway(configuration).start()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()
        cls.carrier.close()

    def heads(self, name):
        """The start of a request with a body, the whole of one hidden in it, and how the answer to
        the hidden one begins."""
        if name == "http":
            token = f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            return (f"POST /v1/messages:estimate HTTP/1.1\r\n{token}"
                    "Content-Type: application/json\r\n",
                    f"GET /v1/account HTTP/1.1\r\n{token}\r\n", b"HTTP/1.1 200")
        if name == "admin":
            return ("POST /nothing HTTP/1.1\r\nHost: localhost\r\n",
                    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HTTP/1.1 200")
        return ("POST /aaaaaaaaaa HTTP/1.1\r\nHost: x\r\n",
                "TRACE /aaaaaaaaaa HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 405")

    def listener(self, name):
        port = self.gateway.ports[name]
        head, hidden, found = self.heads(name)
        draw = random.Random(SEED)
        refused = 0
        plain = exchange(port, hidden.encode())
        self.assertTrue(plain.startswith(found), plain)
        for _ in range(ROUNDS):
            line = mutated(draw)
            as_body = f"{head}Content-Length: {len(hidden)}\r\n{line}\r\n\r\n{hidden}"
            as_chunks = f"{head}{line}\r\n\r\n0\r\n\r\n{hidden}"
            # A length beside a Transfer-Encoding is refused, so the hidden one stays a body.
            got = exchange(port, as_body.encode("latin-1"))
            self.assertEqual(got.count(found) - got[:12].count(found), 0, (line, got))
            self.assertTrue(got.startswith(b"HTTP/1.1 4"), (line, got))
            got = exchange(port, as_chunks.encode("latin-1"))
            self.assertEqual(got.count(found) - got[:12].count(found), is_chunked(line),
                             (line, got))
            refused += got.startswith(b"HTTP/1.1 400")
        self.assertGreater(refused, ROUNDS // 3)
        self.assertEqual(self.gateway.admin("/healthz").status, 200)

    def test_http(self):
        self.listener("http")

    def test_admin(self):
        self.listener("admin")

    def test_links(self):
        self.listener("links")


if __name__ == "__main__":
    unittest.main(verbosity=2)
