"""CSV files of any length into the real program: its memory stays what it was, a kill in the middle
leaves what was written, and the same file once more makes nothing double.
"""
import csv
import io
import socket
import unittest

from support import web
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.memory import memory_watch
from support.waiting import HANGS_AFTER, eventually

OTHER, THIRD = "other-token", "third-token"
LINES = 20000
GROWTH_MIB = 40


def number(index):
    return f"+8190{index:08}"


def suppressions(count):
    return "contact,purposes,reason\r\n" + "".join(
        f"{number(i)},dunning marketing,letter {i}\r\n" for i in range(count))


def consents(count):
    return "contact,kind,status,at,source\r\n" + "".join(
        f"{number(i)},direct,{'withdrawn' if i % 2 else 'given'},2026-04-01T00:00:00Z,form {i}\r\n"
        for i in range(count))


class imports_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        accounts = [account(), account(name="other", system_id="", password="", api_tokens=[OTHER]),
                    account(name="third", system_id="", password="", api_tokens=[THIRD])]
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)], accounts))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def send(self, what, text, token=TOKEN, **headers):
        return web.request(self.gateway.ports["http"], "POST", f"/v1/{what}:import", text,
                           {"Authorization": f"Bearer {token}", "Content-Type": "text/csv",
                            **headers}, 10 * HANGS_AFTER)

    def exported(self, what, query=""):
        got = web.request(self.gateway.ports["http"], "GET", f"/v1/{what}:export{query}",
                          headers={"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual((got.status, got.headers["content-type"]), (200, "text/csv"))
        return got.body.decode()

    def begin(self, text, token=TOKEN, length=10_000_000):
        """Of a body that is not complete."""
        link = socket.socket()
        self.addCleanup(link.close)
        link.settimeout(HANGS_AFTER)
        link.connect(("127.0.0.1", self.gateway.ports["http"]))
        link.sendall((f"POST /v1/suppressions:import HTTP/1.1\r\nHost: x\r\n"
                      f"Authorization: Bearer {token}\r\nContent-Type: text/csv\r\n"
                      f"Content-Length: {length}\r\n\r\n{text}").encode())
        return link

    def events_of(self, index):
        got = self.gateway.http("POST", "/v1/timeline:search", {"contact": number(index)})
        return [each["kind"] for each in got.json()["events"]]

    def test_a_kill_in_the_middle_and_the_same_file_again(self):
        text = suppressions(LINES)
        half = text[:text.index(number(LINES // 2))]
        link = self.begin(half)
        eventually(lambda: self.exported("suppressions").count("letter") >= 400, "some of them")
        self.gateway.kill()
        link.close()
        self.gateway.start()
        before = self.exported("suppressions").count("letter")
        self.assertGreaterEqual(before, 400, "what was written stays")
        self.assertLess(before, LINES)
        for _ in range(2):
            got = self.send("suppressions", text)
            self.assertEqual((got.status, got.json()["imported"], got.json()["refused"]),
                             (200, LINES, 0), got)
        rows = list(csv.DictReader(io.StringIO(self.exported("suppressions"))))
        self.assertEqual(len(rows), LINES)
        self.assertEqual({each["contact"] for each in rows}, {number(i) for i in range(LINES)})
        self.assertEqual({each["source"] for each in rows}, {"import"})
        eventually(lambda: self.events_of(LINES - 1) == ["suppressed"], "the last event")
        self.assertEqual([self.events_of(i) for i in (0, 300, LINES // 2)], [["suppressed"]] * 3)

    def test_consents_twice(self):
        text = consents(3000)
        for _ in range(2):
            got = self.send("consents", text)
            self.assertEqual((got.status, got.json()["imported"]), (200, 3000), got)
        rows = list(csv.DictReader(io.StringIO(self.exported("consents"))))
        self.assertEqual(len(rows), 3000)
        self.assertEqual({(each["contact"], each["status"], each["source"]) for each in rows},
                         {(number(i), "withdrawn" if i % 2 else "given", f"form {i}")
                          for i in range(3000)})
        eventually(lambda: self.events_of(2999) == ["consent_withdrawn"], "the last event")
        self.assertEqual(self.events_of(0), ["consent_given"])
        faulty = ("contact,kind,at,source\n1,direct,2026-04-01T00:00:00Z,\n"
                  "1,silent,2026-04-01T00:00:00Z,x\n1,direct,,x\n1,direct,2099-01-01T00:00:00Z,x\n")
        got = self.send("consents", faulty).json()
        self.assertEqual((got["imported"], got["refused"]), (0, 4))
        self.assertEqual([each["line"] for each in got["faults"]], [2, 3, 4, 5])
        got = self.send("consents", "contact,kind,at\n")
        self.assertEqual((got.status, got.json()["code"]), (422, "body_invalid"), got)

    def test_the_memory_stays_what_it_was(self):
        watch = memory_watch(self.gateway.program.pid)
        got = self.send("suppressions", suppressions(100_000))
        growth = watch.growth()
        self.assertEqual((got.status, got.json()["imported"]), (200, 100_000), got)
        print(f"import of 100,000 lines: {growth:.1f} MiB more")
        self.assertLess(growth, GROWTH_MIB)

    def test_longer_than_any_other_body_may_be(self):
        self.gateway.kill()
        self.gateway.configuration["server.http"]["body_bytes_max"] = "64KiB"
        self.gateway.write_configuration()
        self.gateway.start()
        text = suppressions(5000)
        self.assertGreater(len(text), 3 * 64 << 10)
        got = self.send("suppressions", text)
        self.assertEqual((got.status, got.json()["imported"]), (200, 5000), got)

    def test_no_content_type_is_csv(self):
        got = web.request(self.gateway.ports["http"], "POST", "/v1/suppressions:import",
                          suppressions(700), {"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual((got.status, got.json()["imported"]), (200, 700), got)

    def test_a_few_at_the_same_time(self):
        open_ = [self.begin(suppressions(1), token) for token in (TOKEN, TOKEN, OTHER)]
        eventually(lambda: self.send("suppressions", "contact\n").status == 503, "two of one account")
        got = self.send("suppressions", "contact\n")
        self.assertEqual((got.json()["code"], got.headers["retry-after"]), ("server_busy", "1"))
        self.assertEqual(self.send("suppressions", "contact\n", OTHER).status, 200)
        open_.append(self.begin(suppressions(1), THIRD))
        eventually(lambda: self.send("suppressions", "contact\n", OTHER).status == 503, "four in all")
        for link in open_:
            link.close()
        eventually(lambda: self.send("suppressions", "contact\n").status == 200, "they are gone")
        self.gateway.wait_metric(0, "hikyaku_api_pending_requests")

    def test_no_memory_for_the_body(self):
        """A request that comes whole is known when its memory is asked for, and answered twice by
        nobody."""
        self.gateway.kill()
        self.gateway.configuration["server.http"]["bodies_bytes_max"] = "4MiB"
        self.gateway.write_configuration()
        self.gateway.start()
        link = self.begin(suppressions(1), OTHER)
        eventually(lambda: self.gateway.metric("hikyaku_http_bodies_bytes", listener="http") > 0,
                   "the other body")
        refused = 0
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", self.gateway.ports["http"]),
                                          timeout=HANGS_AFTER) as whole:
                whole.sendall((f"POST /v1/suppressions:import HTTP/1.1\r\nHost: x\r\n"
                               f"Authorization: Bearer {OTHER}\r\nContent-Type: text/csv\r\n"
                               f"Content-Length: 8\r\n\r\ncontact\n").encode())
                refused += web.parse(whole.recv(65536)).status == 503
        self.assertEqual(refused, 3)
        link.close()
        eventually(lambda: self.send("suppressions", "contact\n", OTHER).status == 200, "room")

    def test_for_a_spreadsheet_and_back(self):
        text = 'contact,reason\r\n+819012345678,"=1+1, ""x"""\r\n-x,\'=y\r\n'
        self.assertEqual(self.send("suppressions", text).json()["imported"], 2)
        plain, safe = (list(csv.DictReader(io.StringIO(self.exported("suppressions", query))))
                       for query in ("", "?safe=true"))
        self.assertEqual({(each["contact"], each["reason"]) for each in safe},
                         {("'+819012345678", "'=1+1, \"x\""), ("'-x", "'=y")})
        again = self.exported("suppressions", "?safe=true")
        self.assertEqual(self.send("suppressions", again).json()["imported"], 2)
        self.assertEqual(list(csv.DictReader(io.StringIO(self.exported("suppressions")))), plain)


if __name__ == "__main__":
    unittest.main(verbosity=2)
