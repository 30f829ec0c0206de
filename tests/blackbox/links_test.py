"""Tracked links from the text to the counted hit: rewriting over HTTP and SMPP, the redirect, what
strangers and programs get, and that it all works while no carrier is there.
"""
import re
import time
import unittest

from support import web
from support.carrier import carrier
from support.clock import shifted_clock
from support.program import hikyaku
from support.gateway import (PASSWORD, SYSTEM_ID, account, default_configuration, folder,
                             gateway, to_carrier)
from support.smpp import application
from support.waiting import eventually

TARGET = "https://shop.example/pay/77?ref=a&b=c"
LINK = re.compile(r"https://pay\.example/([1-9A-HJ-NP-Za-km-z]{10})(?=$|[ .])")
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
                       " (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
         "Accept": "text/html,application/xhtml+xml", "Accept-Language": "ja-JP"}


class links_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        own = folder()
        self.addCleanup(own.remove)
        self.clock = shifted_clock(own)
        configuration = default_configuration(
            [to_carrier(self.carrier.port)],
            [account(links={"track": True}, parts_max=3),
             account(name="plain", system_id="plain", api_tokens=["plain-token"])])
        configuration["server.links"] = {"listen": "127.0.0.1:0", "expires_after": "90d",
                                         "base_url": "https://pay.example",
                                         "misses_per_network": "5/h",
                                         "trusted_proxies": ["127.0.0.1"]}
        configuration["store"]["retention"] = "100d"
        self.gateway = gateway(configuration, environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        self.visitors = 0

    def visit(self, path, method="GET", headers=None, visitor=None):
        """A request by a visitor of its own network, through the trusted proxy."""
        if visitor is None:
            self.visitors += 1
            visitor = f"198.51.{self.visitors}.7"
        return web.request(self.gateway.ports["links"], method, path,
                           headers={"X-Forwarded-For": visitor, **(headers or PHONE)})

    def arrived(self, destination):
        return self.carrier.submissions.wait(lambda each: each.destination == destination,
                                             f"submission to {destination}").text

    def send_link(self, destination="+4917250000"):
        """(message id, code) of a fresh link to TARGET."""
        sent = self.gateway.send(destination, f"Pay here: {TARGET} Thanks")
        text = self.arrived(destination[1:])
        self.assertNotIn("shop.example", text)
        return sent["id"], LINK.search(text)[1]

    def assert_not_available(self, got):
        self.assertEqual(got.status, 404)
        self.assertNotIn("location", got.headers)
        self.assertEqual(got.headers["cache-control"], "no-store")
        return (got.status, got.body, {k: v for k, v in got.headers.items() if k != "date"})

    def test_rewriting_over_http_and_smpp(self):
        body = {"from": "Shop", "to": "+4917250001", "text": f"a {TARGET}. b {TARGET} c"}
        got = self.gateway.http("POST", "/v1/messages", body)
        self.assertEqual(got.json()["segments"], 1)
        text = self.arrived("4917250001")
        codes = LINK.findall(text)
        self.assertEqual(len(codes), 2, text)
        self.assertEqual(codes[0], codes[1], "the same target is the same link")
        self.assertEqual(text, f"a https://pay.example/{codes[0]}. "
                               f"b https://pay.example/{codes[0]} c")
        client = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        client.submit("4917250002", f"over SMPP {TARGET}")
        other = LINK.search(self.arrived("4917250002"))[1]
        self.assertNotEqual(other, codes[0])
        self.assertEqual(self.visit(f"/{other}").headers["location"], TARGET)
        # Segments are counted on the final text: 300 characters of URL shrink to one segment.
        long = "https://shop.example/" + "x" * 280
        got = self.gateway.http("POST", "/v1/messages", {**body, "to": "+4917250003",
                                                         "text": "go " + long})
        self.assertEqual(got.json()["segments"], 1)
        self.assertEqual(self.visit("/" + LINK.search(self.arrived("4917250003"))[1])
                         .headers["location"], long)
        # An account without tracking keeps its URLs; a message may decide for itself.
        self.gateway.send("+4917250004", f"plain {TARGET}", "plain-token")
        self.assertEqual(self.arrived("4917250004"), f"plain {TARGET}")
        self.gateway.send("+4917250005", f"asked {TARGET}", "plain-token", track_links=True)
        self.assertRegex(self.arrived("4917250005"), LINK)
        self.gateway.send("+4917250006", f"not wanted {TARGET}", track_links=False)
        self.assertEqual(self.arrived("4917250006"), f"not wanted {TARGET}")

    def test_redirect_and_classes_of_hits(self):
        began = time.monotonic()
        message_id, code = self.send_link()
        got = self.visit(f"/{code}")
        self.assertEqual((got.status, got.headers["location"], got.headers["cache-control"],
                          got.headers["referrer-policy"], got.body),
                         (302, TARGET, "no-store", "no-referrer", b""))
        # Within two seconds nobody can have read the message: whether that was so is known only of
        # a machine that is fast enough.
        soon = time.monotonic() - began < 2
        self.clock.set(60)
        self.assertEqual(self.visit(f"/{code}").status, 302)
        self.assertEqual(self.visit(f"/{code}?utm=x&url=http://evil.example/")
                         .headers["location"], TARGET)
        self.visit(f"/{code}", headers={"User-Agent": "facebookexternalhit/1.1"})
        self.visit(f"/{code}", headers={**PHONE, "Sec-Purpose": "prefetch"})
        self.visit(f"/{code}", headers={"User-Agent": "curl/7.88.1", "Accept": "*/*"})
        head = self.visit(f"/{code}", "HEAD")
        self.assertEqual((head.status, head.headers["location"], head.body), (302, TARGET, b""))
        found = self.gateway.wait_message(message_id, lambda m: m["hits"]["total"] == 7, "hits")
        classes = {name: count for name, count in found["hits"]["by_class"].items() if count}
        human = classes.pop("human_likely")
        self.assertIn(human, (2,) if soon else (2, 3))
        self.assertEqual(classes, {"preview": 1, "prefetch": 1, "automation": 1,
                                   "scanner": 4 - human})
        self.assertEqual((found["hits"]["unique"], found["hits"]["human_likely"],
                          found["hits"]["seen"]), (7, human, None))
        self.assertEqual(len(found["links"]), 1)
        self.assertEqual(self.gateway.metric("hikyaku_link_hits_total"), 7)
        # Kept over a restart.
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.assertEqual(self.gateway.message(message_id)["hits"]["total"], 7)
        self.assertEqual(self.visit(f"/{code}").status, 302)

    def test_seen_because_the_target_says_so(self):
        message_id, code = self.send_link()
        _, other = self.send_link("+4917250009")
        self.clock.set(60)
        for _ in range(5):
            self.visit(f"/{code}", visitor="203.0.113.9")
        found = self.gateway.wait_message(message_id, lambda m: m["hits"]["total"] == 5, "hits")
        self.assertEqual((found["hits"]["unique"], found["hits"]["human_likely"],
                          found["hits"]["seen"]), (1, 5, None))
        path = f"/v1/links/{code}:seen"
        at = found["accepted_at"]
        told = self.gateway.http("POST", path, {"at": at})
        self.assertEqual((told.status, told.json()), (200, {"link": code, "seen": at}))
        again = self.gateway.http("POST", path)
        self.assertEqual((again.status, again.json()["seen"]), (200, at), "the first one counts")
        self.assertEqual(self.gateway.message(message_id)["hits"]["seen"], at)
        for body, status in (({"at": "2999-01-01T00:00:00Z"}, 422), ({"at": "yesterday"}, 422),
                             ({"when": at}, 422)):
            self.assertEqual(self.gateway.http("POST", path, body).status, status, body)
        foreign = self.gateway.http("POST", f"/v1/links/{other}:seen", token="plain-token")
        unknown = self.gateway.http("POST", "/v1/links/1111111111:seen")
        self.assertEqual([each.status for each in (foreign, unknown)], [404, 404])
        self.assertEqual(foreign.json()["code"], unknown.json()["code"])
        self.assertEqual(self.gateway.metric("hikyaku_links_seen_total"), 1)
        self.assertEqual(self.gateway.metric("hikyaku_link_visits_total"), 1)
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(self.gateway.message(message_id)["hits"]["seen"], at)
        self.assertEqual(self.gateway.message(message_id)["hits"]["unique"], 1)

    def test_lists_of_ones_own_and_hits_of_before(self):
        message_id, code = self.send_link()
        self.clock.set(60)
        gate = {**PHONE, "User-Agent": "OurGate/1.0"}
        self.visit(f"/{code}", headers=gate)
        self.visit(f"/{code}", headers={**PHONE, "User-Agent": "Other/1.0"})
        self.visit(f"/{code}", visitor="203.0.113.9")

        def classes():
            counted = self.gateway.message(message_id)["hits"]["by_class"]
            return {name: count for name, count in counted.items() if count}

        self.gateway.wait_message(message_id, lambda m: m["hits"]["total"] == 3, "hits")
        self.assertEqual(classes(), {"unknown": 2, "human_likely": 1})
        own = self.gateway.folder.file("own.toml", '[[agent]]\nsays = "scanner"\nmatch = ["^OurGate("]\n')
        links = self.gateway.configuration["server.links"]
        links["agents_file"] = own
        self.gateway.write_configuration()
        code_of, _, error = hikyaku("check", self.gateway.config_path)
        self.assertEqual(code_of, 1)
        self.assertIn(f"{own}:3: the pattern '^OurGate(' is no regular expression", error)
        self.gateway.folder.file("own.toml", '[[agent]]\nsays = "scanner"\nmatch = ["^OurGate/"]\n')
        admin = f"http://127.0.0.1:{self.gateway.ports['admin']}"
        self.assertEqual(hikyaku("links", "reclassify", "--admin", admin, "--status")[1],
                         "never: 0 hits looked at, 0 of another class now, 0 with other reasons "
                         "only\n")
        code_of, out, error = hikyaku("reload", "--admin", admin)
        self.assertEqual(code_of, 0, error)
        self.assertIn("lists of user agents", out)
        self.assertEqual(classes(), {"unknown": 2, "human_likely": 1}, "not by itself")
        self.visit(f"/{code}", headers=gate)
        self.gateway.wait_message(message_id, lambda m: m["hits"]["total"] == 4, "hits")
        self.assertEqual(classes(), {"unknown": 2, "human_likely": 1, "scanner": 1})
        for moved in (1, 0):
            code_of, out, error = hikyaku("links", "reclassify", "--admin", admin)
            self.assertEqual((code_of, error), (0, ""))
            self.assertEqual(out, f"done: 4 hits looked at, {moved} of another class now, 0 with "
                             "other reasons only\n" + "unknown -> scanner: 1\n" * moved)
            self.assertEqual(classes(), {"unknown": 1, "human_likely": 1, "scanner": 2})
        state = self.gateway.admin("/admin/links/reclassification").json()
        self.assertEqual((state["state"], state["looked_at"], state["moved"]), ("done", 4, []))
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(classes(), {"unknown": 1, "human_likely": 1, "scanner": 2})

    def test_nothing_to_see_looks_the_same(self):
        _, code = self.send_link()
        answers = [self.assert_not_available(self.visit(path)) for path in (
            "/1111111111", "/" + code[:-1], "/" + code + "x", "/", "/0OIl", "/" + "a" * 500,
            "/../../etc/passwd", "/%00", "/?url=http://evil.example/")]
        self.assertEqual(len({str(each) for each in answers}), 1)
        wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
        self.assertEqual(str(self.assert_not_available(self.visit("/" + wrong))), str(answers[0]))
        head = self.visit("/" + wrong, "HEAD")
        self.assertEqual((head.status, head.body), (404, b""))
        self.assertEqual({k: v for k, v in head.headers.items() if k != "date"}, answers[0][2])
        self.assertEqual(self.visit("/" + code, "POST").status, 405)
        robots = self.visit("/robots.txt")
        self.assertEqual((robots.status, robots.body), (200, b"User-agent: *\nDisallow:\n"))
        for behind in ("", ")", ".", ",", "!", "'", ";", "/", "%20", "%E3%80%82", "%EF%BC%81",
                       "%EF%BC%89%E3%80%82", "?x=1", ").", "/?x"):
            self.assertEqual(self.visit("/" + code + behind).status, 302, behind)
        self.clock.set(91 * 86400)
        expired = self.assert_not_available(self.visit("/" + code))
        self.assertEqual(str(expired), str(answers[0]))

    def test_guessing_is_slowed_down(self):
        _, code = self.send_link()
        guesser, neighbour, other = "203.0.113.5", "203.0.113.200", "203.0.114.5"
        statuses = [self.visit(f"/guess{n:05d}", visitor=guesser).status for n in range(6)]
        self.assertEqual(statuses, [404] * 5 + [429])
        limited = self.visit("/" + code, visitor=neighbour)
        self.assertEqual(limited.status, 429, "the whole network waits, for good codes too")
        self.assertTrue(1 <= int(limited.headers["retry-after"]) <= 3600)
        self.assertEqual(self.visit("/" + code, visitor=other).status, 302)
        self.assertEqual(self.gateway.metric("hikyaku_link_requests_total", answer="limited"), 2)

    def test_works_without_carrier_and_smpp(self):
        message_id, code = self.send_link()
        self.carrier.close()
        self.gateway.wait_bound(0)
        self.assertEqual(self.visit(f"/{code}").headers["location"], TARGET)
        self.gateway.wait_message(message_id, lambda m: m["hits"]["total"] == 1, "counted")
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.assertEqual(self.visit(f"/{code}").headers["location"], TARGET)

    def test_clock_that_jumps_back(self):
        """Times and ids go on from where they were, and messages still go out."""
        began = time.monotonic()
        self.clock.set(7200)
        before, _ = self.send_link("+4917250100")
        accepted = self.gateway.message(before)["accepted_at"]
        self.clock.set(0)
        after, code = self.send_link("+4917250101")
        self.assertGreater(int(after), int(before))
        self.assertGreaterEqual(self.gateway.message(after)["accepted_at"], accepted)
        self.gateway.wait_message(after, lambda m: m["status"] == "delivered", "delivered")
        ahead = eventually(lambda: self.gateway.metric("hikyaku_clock_ahead_seconds"),
                           "seen in the metrics")
        self.assertTrue(7200 - (time.monotonic() - began) - 1 <= ahead <= 7200, ahead)
        self.assertEqual(self.visit(f"/{code}").status, 302)
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        again, _ = self.send_link("+4917250102")
        self.assertGreater(int(again), int(after), "also when the process starts behind its store")


if __name__ == "__main__":
    unittest.main(verbosity=2)
