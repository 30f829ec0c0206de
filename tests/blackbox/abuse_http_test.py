"""Those who mean no good, over HTTP and by sheer numbers: clients that send an octet at a time,
headers and bodies without end, JSON made to hurt, and thousands of connections. Each gets the
answer that the documents name, and a well-behaved application beside it goes on as if nothing
were the matter.
"""
import resource
import socket
import sys
import time
import unittest

from support import web
from support.besieged import HTTP_CONNECTIONS, HTTP_RATE, RATE, SECONDS, besieged_test
from support.crowd import crowd
from support.gateway import TOKEN
from support.steady import anonymous_mib, open_files
from support.waiting import HANGS_AFTER, eventually

CROWD = 5000
REQUEST_TIMEOUT, IDLE_TIMEOUT = 2, 5  # seconds
BODY_OCTETS = 1000  # of those that come one by one


def raise_file_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class abuse_http_test(besieged_test):
    def test_slow_http_clients(self):
        self.start(http={"request_timeout": f"{REQUEST_TIMEOUT}s",
                         "idle_timeout": f"{IDLE_TIMEOUT}s", "strangers_per_address_max": 1000})
        load = self.neighbour(http=True)
        port = self.gateway.ports["http"]
        heads = crowd(port, 200)  # a header an octet at a time
        bodies = crowd(port, 200)  # a body that never ends
        mute = crowd(port, 200)  # nothing at all
        for each in (heads, bodies, mute):
            self.addCleanup(each.close)
        bodies.send(f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                    "Content-Type: application/json\r\n"
                    f"Content-Length: {BODY_OCTETS}\r\n\r\n".encode())
        begin, sent = time.monotonic(), 0
        head = b"POST /v1/messages HTTP/1.1\r\nHost: slow.example\r\nX: "
        while heads.look(0.05) < 200:
            heads.send(head[sent:sent + 1] or b"y")
            bodies.send(b" ")
            sent += 1
            self.assertLess(sent, BODY_OCTETS, "it was waited for to the end")
        slow = time.monotonic() - begin
        bodies.wait_closed(200)
        mute.wait_closed(200)
        took = time.monotonic() - begin
        print(f"slow clients: all closed after {slow:.2f} s, the mute ones after {took:.2f} s",
              file=sys.stderr)
        for each in (heads, bodies):
            self.assertEqual(len(each.closed), 200)
            self.assertEqual({web.parse(octets).status for octets in each.answers()}, {408})
            self.assertEqual(len(each.answers()), 200)
        self.assertEqual(mute.answers(), [])
        self.check(load, "slow clients", took)

    def bomb(self, head, endless=b"", octets_max=32 << 20):
        """Sends `head` and `endless` for ever: (the answer, octets sent until the end)."""
        with socket.create_connection(("127.0.0.1", self.gateway.ports["http"]),
                                      HANGS_AFTER) as link:
            sent = 0
            try:
                link.sendall(head)
                sent = len(head)
                while endless and sent < octets_max:
                    link.sendall(endless)
                    sent += len(endless)
            except ConnectionError:  # a server that neither reads nor closes is none
                pass
            try:
                return web.read_response(link), sent
            except ConnectionError:
                return None, sent

    def throw(self, name, wanted, head, endless):
        with self.subTest(name):
            answer, sent = self.bomb(head, endless)
            status = answer.status if answer else None
            # Whoever never stops sending may lose the answer to a reset; but it ends early.
            if endless and status is None:
                self.assertLess(sent, 32 << 20)
            else:
                self.assertEqual(status, wanted, answer)

    def test_header_and_body_bombs(self):
        self.start()
        pid = self.gateway.program.pid
        load = self.neighbour(http=True)
        before = highest = anonymous_mib(pid)
        post = (f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                "Content-Type: application/json\r\n").encode()

        def whole(body):
            return post + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        deep = b'{"from":"a","to":"+819012345678","text":' + b"[" * 500000 + b"]" * 500000 + b"}"
        bombs = [
            ("a header of 10 MB", 431, post + b"X: ", b"y" * 65536),
            ("headers without end", 431, post, b"X: y\r\n" * 1000),
            ("a long URL", 431, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b""),
            ("a URL without end", 431, b"GET /", b"a" * 65536),
            ("a body too large, as it says", 413, post + b"Content-Length: 10000000000\r\n\r\n",
             b" " * 65536),
            ("chunks without end", 413, post + b"Transfer-Encoding: chunked\r\n\r\n",
             b"10000\r\n" + b" " * 65536 + b"\r\n"),
            ("a chunk of 2^63 octets", 413, post + b"Transfer-Encoding: chunked\r\n\r\n"
             b"7fffffffffffffff\r\n", b" " * 65536),
            ("chunk extensions without end", 431, post + b"Transfer-Encoding: chunked\r\n\r\n1;",
             b"x" * 65536),
            ("tiny chunks with extensions", 431, post + b"Transfer-Encoding: chunked\r\n\r\n",
             (b"1;" + b"x" * 1000 + b"\r\n \r\n") * 64),
            ("two lengths", 400, post + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", b""),
            ("length and chunks", 400, post + b"Content-Length: 2\r\nTransfer-Encoding: chunked"
             b"\r\n\r\n0\r\n\r\n", b""),
            ("no HTTP at all", 400, b"\x16\x03\x01" + bytes(range(256)) * 4 + b"\r\n\r\n", b""),
            ("deep JSON", 400, whole(deep), b""),
            ("a wide object", 422, whole(b"{" + b",".join(
                b'"k%d":1' % each for each in range(200000)) + b"}"), b""),
            ("a number of a million digits", 400, whole(b'{"x":' + b"9" * 1000000 + b"e}"), b""),
            ("a list of nothing", 422, whole(b'{"messages":[' + b"{}," * 300000 + b"{}]}"), b""),
        ]
        began, rounds = time.monotonic(), 0
        while time.monotonic() < began + SECONDS - 1:
            rounds += 1
            for bomb in bombs:
                self.throw(*bomb)
                highest = max(highest, anonymous_mib(pid))
        print(f"bombs, {rounds} times each: anonymous memory {before:.1f} MiB before, "
              f"{highest:.1f} MiB at most", file=sys.stderr)
        self.assertLess(highest - before, 64)
        self.check(load, "bombs", time.monotonic() - began)

    def test_thousands_of_connections(self):
        """As many as the settings say are kept; for one more the oldest without a name goes."""
        kept = CROWD - 500
        # They stay until the test is over, however long that takes.
        self.start(http={"connections_max": kept, "strangers_per_address_max": kept,
                         "request_timeout": "1h", "idle_timeout": "1h"},
                   smpp={"sessions_max": CROWD, "unbound_sessions_max": kept,
                         "unbound_per_address_max": kept, "session_init_timeout": "1h"})
        pid = self.gateway.program.pid
        over_smpp = self.neighbour()
        over_http = self.neighbour(http=True)
        eventually(lambda: self.gateway.metric("hikyaku_http_connections", listener="http") ==
                   HTTP_CONNECTIONS,
                   "the HTTP neighbour is there")
        before, began = anonymous_mib(pid), time.monotonic()
        doors = {name: crowd(self.gateway.ports[name], CROWD) for name in ("http", "smpp")}
        for each in doors.values():
            self.addCleanup(each.close)
        doors["http"].wait_closed(500 + HTTP_CONNECTIONS)
        doors["smpp"].wait_closed(500)
        # While they are there the neighbours go on, for what is two seconds' work.
        already = self.gateway.metric("hikyaku_messages_accepted_total")
        eventually(lambda: self.gateway.metric("hikyaku_messages_accepted_total") >=
                   already + 2 * (RATE + HTTP_RATE), "the neighbours go on")
        took = time.monotonic() - began
        self.assertEqual(self.gateway.metric("hikyaku_http_connections", listener="http"), kept)
        self.assertEqual(self.gateway.metric("hikyaku_smpp_sessions", state="unbound"), kept)
        grown = anonymous_mib(pid) - before
        print(f"{CROWD} connections to each door, {kept} kept: {grown:.1f} MiB more, "
              f"{open_files(pid)} files", file=sys.stderr)
        self.assertEqual((len(doors["http"].closed), len(doors["smpp"].closed)),
                         (500 + HTTP_CONNECTIONS, 500))
        for each in doors.values():
            self.assertEqual(each.answers(), [])
        self.assertLess(grown, 256)
        self.assertTrue(self.can_bind())
        self.assertEqual(self.gateway.http("GET", "/v1/messages/1").status, 404)
        for each in doors.values():
            each.close()
        self.check(over_smpp, f"{CROWD} connections, SMPP", took)
        self.check(over_http, f"{CROWD} connections, HTTP", took)
        self.assertTrue(self.can_bind())


if __name__ == "__main__":
    raise_file_limit()
    unittest.main(verbosity=2)
