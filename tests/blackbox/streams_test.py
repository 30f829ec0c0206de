"""Bodies without end: uploads in lines and listings, by the clients that there are. curl reads while
it sends, Python's http.client sends everything first, one reads slowly, one goes in the middle, and
the gateway's memory stays what it was.
"""
import http.client
import json
import os
import re
import signal
import socket
import tempfile
import unittest

from support import web
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.memory import memory_watch
from support.waiting import HANGS_AFTER, eventually

MESSAGES = 20000
LINE_OCTETS = 1000  # 20 MB in all
GROWTH_MIB = 40
OTHER = "other-token"
LATER = "2027-06-01T09:00:00Z"


def line(number, **fields):
    text = {"from": "Shop", "to": f"+491722{number:06}", "text": f"message {number}",
            "send_at": LATER, **fields}
    octets = json.dumps(text)
    return (octets[:-1] + " " * (LINE_OCTETS - 1 - len(octets)) + octets[-1:] + "\n").encode()


class streams_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        accounts = [account(), account(name="other", system_id="", password="",
                                       api_tokens=[OTHER])]
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)], accounts))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def url(self, path="/v1/messages"):
        return f"http://127.0.0.1:{self.gateway.ports['http']}{path}"

    def connect(self, receive_buffer=None):
        link = socket.socket()
        self.addCleanup(link.close)
        link.settimeout(HANGS_AFTER)
        if receive_buffer:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        link.connect(("127.0.0.1", self.gateway.ports["http"]))
        return link

    @staticmethod
    def head(method, path, **fields):
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    @staticmethod
    def rows(octets):
        return [json.loads(each) for each in octets.splitlines()]

    def listed(self, query="", token=TOKEN):
        got = self.gateway.http("GET", f"/v1/messages{query}", token=token,
                                Accept="application/x-ndjson")
        self.assertEqual((got.status, got.headers["content-type"]), (200, "application/x-ndjson"))
        return self.rows(got.body)

    def upload_by_curl(self):
        with tempfile.NamedTemporaryFile() as file:
            for number in range(MESSAGES):
                file.write(line(number))
            file.flush()
            self.assertEqual(os.path.getsize(file.name), MESSAGES * LINE_OCTETS)
            return web.curl("-X", "POST", "-T", file.name, "-H", f"Authorization: Bearer {TOKEN}",
                            "-H", "Content-Type: application/x-ndjson",
                            "-H", "Transfer-Encoding: chunked", self.url())

    def test_a_large_upload_and_its_listing(self):
        watch = memory_watch(self.gateway.program.pid)
        got = self.upload_by_curl()
        self.assertEqual((got.status, got.headers["content-type"]), (200, "application/x-ndjson"))
        answers = self.rows(self.without_chunks(got))
        growth = watch.growth()
        self.assertEqual([each["line"] for each in answers], list(range(1, MESSAGES + 1)))
        self.assertEqual({each["status"] for each in answers}, {"accepted"})
        self.assertEqual(answers[7]["to"], "+491722000007")
        print(f"upload of {MESSAGES * LINE_OCTETS // 1000000} MB: {growth:.1f} MiB more")
        self.assertLess(growth, GROWTH_MIB)

        watch = memory_watch(self.gateway.program.pid)
        listed = self.listed()
        growth = watch.growth()
        print(f"listing of {MESSAGES} messages: {growth:.1f} MiB more")
        self.assertLess(growth, GROWTH_MIB)
        self.assertEqual([each["id"] for each in listed], [each["id"] for each in answers])
        self.assertEqual(listed[7], self.gateway.message(answers[7]["id"]))
        self.pages_lead_to_each_other([each["id"] for each in answers])

    @staticmethod
    def without_chunks(got):
        """What curl -i shows is decoded already; only to be sure that it was chunked."""
        if got.headers["transfer-encoding"] != "chunked":
            raise AssertionError(got.headers)
        return got.body

    def pages_lead_to_each_other(self, ids):
        seen, query = [], "?limit=7000"
        while query:
            page = self.gateway.http("GET", f"/v1/messages{query}").json()
            seen += [each["id"] for each in page["messages"]]
            query = f"?limit=7000&after={page['next']}" if "next" in page else None
        self.assertEqual(seen, ids)
        self.assertEqual(self.listed("?limit=3"), self.listed()[:3])
        self.assertEqual(self.listed("?status=delivered"), [])
        self.assertEqual(len(self.listed("?status=queued,expired&limit=10")), 10)
        self.assertEqual(self.listed(token=OTHER), [], "another account's are nobody's business")

    def test_a_client_that_sends_everything_before_it_reads(self):
        count = 60000
        body = b"x\n" * count + line(1)
        link = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["http"],
                                          timeout=HANGS_AFTER)
        self.addCleanup(link.close)
        watch = memory_watch(self.gateway.program.pid)
        pieces = (body[at:at + 1000] for at in range(0, len(body), 1000))
        link.request("POST", "/v1/messages", pieces,
                     {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"},
                     encode_chunked=True)
        got = link.getresponse()
        answers = self.rows(got.read())
        growth = watch.growth()
        self.assertEqual([each["line"] for each in answers], list(range(1, count + 2)))
        self.assertEqual({each.get("code") for each in answers[:-1]}, {"json_invalid"})
        self.assertEqual(answers[-1]["status"], "accepted")
        print(f"answers to {count} faulty lines: {growth:.1f} MiB more")
        self.assertLess(growth, GROWTH_MIB)
        link.request("GET", "/v1/account", headers={"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual(link.getresponse().status, 200, "the connection goes on")
        store = self.gateway.configuration["store"]["path"]
        self.assertEqual([name for name in os.listdir(store) if "tmp" in name], [])

    def test_a_client_that_goes_in_the_middle(self):
        link = self.connect()
        link.sendall(self.head("POST", "/v1/messages", Content_Type="application/x-ndjson",
                               Content_Length=1000000))
        link.sendall(b"".join(line(number) for number in range(100)) + line(100)[:500])
        got = b""
        while got.count(b'"status":"accepted"') < 100:
            got += link.recv(65536)
        link.close()
        eventually(lambda: self.gateway.metric("hikyaku_http_connections", listener="http") == 0,
                   "the connection is gone")
        self.assertEqual(len(self.listed()), 100, "what was answered is accepted, half a line is not")
        self.assertEqual(self.gateway.metric("hikyaku_http_bodies_bytes", listener="http"), 0)
        self.assertEqual(self.gateway.metric("hikyaku_api_pending_requests"), 0)

    def test_a_slow_reader_holds_nobody_up(self):
        self.upload_by_curl()
        link = self.connect(receive_buffer=4096)
        watch = memory_watch(self.gateway.program.pid)
        link.sendall(self.head("GET", "/v1/messages", Accept="application/x-ndjson"))
        got = link.recv(1000)
        self.assertTrue(got.startswith(b"HTTP/1.1 200 OK\r\n"), got)
        self.assertEqual(self.gateway.metric("hikyaku_store_scans"), 1)
        self.assertEqual(len(self.listed()), MESSAGES, "another reads all of it meanwhile")
        sent = self.gateway.send("+4917299", "urgent")
        self.gateway.wait_message(sent["id"], lambda m: m["status"] == "delivered", "delivered")
        for _ in range(100):
            got += link.recv(1000)
        self.assertLess(watch.growth(), GROWTH_MIB)
        link.close()
        self.gateway.wait_metric(0, "hikyaku_store_scans")

    def test_a_stop_ends_an_upload_between_two_lines(self):
        link = self.connect()
        link.sendall(self.head("POST", "/v1/messages", Content_Type="application/x-ndjson",
                               Content_Length=1000000))
        link.sendall(line(1))
        got = link.recv(65536)
        while b'"line":1' not in got:
            got += link.recv(65536)
        self.gateway.program.signal(signal.SIGTERM)
        while more := link.recv(65536):
            got += more
        self.assertTrue(got.endswith(b"0\r\n\r\n"), got[-100:])
        self.assertEqual(len(re.findall(rb'"line":', got)), 1)
        self.assertEqual(self.gateway.program.wait_end(HANGS_AFTER), 0)

    def reload(self):
        self.gateway.write_configuration()
        self.assertEqual(self.gateway.admin("/admin/config:reload", "POST").status, 200)

    def listing(self, version="1.1", token=TOKEN):
        """A connection whose listing has begun, and what has come of it. Its client reads no more."""
        link = self.connect(receive_buffer=4096)
        link.sendall(f"GET /v1/messages HTTP/{version}\r\nHost: x\r\nAuthorization: Bearer "
                     f"{token}\r\nAccept: application/x-ndjson\r\n\r\n".encode())
        got = link.recv(1000)
        self.assertTrue(got.startswith(b"HTTP/1.1 200 OK\r\n"), got)
        return link, got

    def test_listings_of_one_account_are_bounded(self):
        self.upload_by_curl()
        held = [self.listing()[0] for _ in range(4)]
        got = self.gateway.http("GET", "/v1/messages")
        self.assertEqual((got.status, got.json()["code"]), (503, "server_busy"))
        self.assertIn("4 listings at a time", got.json()["detail"])
        self.assertEqual(self.listed(token=OTHER), [], "another account has its own")
        held.pop().close()
        eventually(lambda: self.gateway.http("GET", "/v1/messages").status == 200, "a place is free")
        self.gateway.wait_metric(3, "hikyaku_store_scans")

    def test_a_stop_cuts_listings_so_that_their_clients_see_it(self):
        self.upload_by_curl()
        new, of_new = self.listing()
        old, of_old = self.listing(version="1.0")
        self.assertIn(b"Transfer-Encoding: chunked", of_new)
        self.assertIn(b"Connection: close", of_old)
        self.gateway.program.signal(signal.SIGTERM)
        self.assertEqual(self.gateway.program.wait_end(HANGS_AFTER), 0)
        with self.assertRaises(ConnectionResetError):
            while old.recv(65536):
                pass
        got = of_new
        try:
            while more := new.recv(65536):
                got += more
        except ConnectionResetError:
            pass
        self.assertFalse(got.endswith(b"0\r\n\r\n"), got[-100:])

    def test_an_account_that_goes_ends_its_upload(self):
        accounts = self.gateway.configuration["account"]
        accounts.append(account(name="slow", system_id="slow", api_tokens=["slow-token"],
                                parts_max=1, rate={"per_second": "10/s", "burst": 1,
                                                   "on_excess": "pace"}))
        self.reload()
        link = self.connect()
        link.sendall(self.head("POST", "/v1/messages", Content_Type="application/x-ndjson",
                               Content_Length=1000000).replace(TOKEN.encode(), b"slow-token"))
        link.sendall(b"".join(line(number) for number in range(200)))
        got = link.recv(65536)
        while b'"line":5,' not in got:
            got += link.recv(65536)
        accounts.pop()
        self.reload()
        while more := link.recv(65536):
            got += more
        answers = self.rows(b"".join(re.findall(rb'{"line":.*\n', got)))
        self.assertGreater(len(answers), 50, "ten seconds of the rate wait for it")
        self.assertEqual([each["line"] for each in answers], list(range(1, len(answers) + 1)))
        self.assertEqual({each.get("status") for each in answers[:-1]}, {"accepted"})
        self.assertEqual(answers[-1]["code"], "token_invalid")

    def test_refusals(self):
        def post(body, **fields):
            return self.gateway.http("POST", "/v1/messages", body,
                                     **{"Content_Type": "application/x-ndjson", **fields})
        got = post(line(1), Idempotency_Key="k")
        self.assertEqual((got.status, got.json()["code"]), (422, "unsupported"))
        got = self.gateway.http("POST", "/v1/messages", line(1), token="wrong",
                                Content_Type="application/x-ndjson")
        self.assertEqual(got.status, 401)
        got = post(b"")
        self.assertEqual((got.status, got.body), (200, b""))
        got = post(b"\n\n" + line(1).rstrip())
        self.assertEqual([each["line"] for each in self.rows(got.body)], [3])
        for query, code in (("?after=x", "field_invalid"), ("?from=monday", "field_invalid"),
                            ("?status=done", "field_invalid"), ("?limit=0", "field_invalid"),
                            ("?limit=1&limit=2", "field_invalid"), ("?page=2", "field_unknown"),
                            ("?limit=1&reference=a", "field_invalid"),
                            ("?status=queued&reference=a", "field_invalid")):
            got = self.gateway.http("GET", f"/v1/messages{query}")
            self.assertEqual((got.status, got.json()["code"]), (422, code), query)
            self.assertIn(re.match(r"\?(\w+)", query)[1], got.json()["detail"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
