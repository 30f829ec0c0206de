"""The doors of tracked links: what every host is asked for, domains by account, limits of a link,
budgets for codes that are guessed, and where URLs may lead.
"""
import http.client
import unittest
import urllib.parse

from support import web
from support.carrier import carrier
from support.clock import shifted_clock
from support.gateway import (PASSWORD, SYSTEM_ID, TOKEN, account, default_configuration, folder,
                             gateway, to_carrier)
from support.smpp import application
from support.waiting import eventually

TARGET = "https://shop.example/pay/77"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
                       " (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
         "Accept": "text/html,application/xhtml+xml", "Accept-Language": "ja-JP"}
PREVIEW = {"User-Agent": "facebookexternalhit/1.1", "Accept": "*/*"}
ESME_RSUBMITFAIL = 0x45
NETWORKS = 4000
BUDGET = 1200  # the default of misses_in_total


class link_doors_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        own = folder()
        self.addCleanup(own.remove)
        self.clock = shifted_clock(own)
        self.number = 0
        self.visitors = 0

    def start(self, first=None, second=None, announce=None, **links):
        configuration = default_configuration(
            [to_carrier(self.carrier.port)],
            [account(links={"track": True, **(first or {})},
                     **({"announce": announce} if announce else {})),
             account(name="bank", system_id="bank", api_tokens=["bank-token"],
                     links={"track": True, **(second or {})})])
        configuration["server.links"] = {"listen": "127.0.0.1:0", "base_url": "https://pay.example",
                                         "trusted_proxies": ["127.0.0.1"], **links}
        configuration["log"]["level"] = "info"
        self.gateway = gateway(configuration, environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def link(self, token=TOKEN, **fields):
        """(host, code) of a new link to TARGET."""
        self.number += 1
        to = f"491725{self.number:06d}"
        self.sent = self.gateway.send("+" + to, f"Pay: {TARGET}", token, **fields)["id"]
        text = self.carrier.submissions.wait(lambda each: each.destination == to, "the text").text
        self.assertTrue(text.startswith("Pay: https://"), text)
        return text[len("Pay: https://"):].split("/")

    def visit(self, path, headers=None, visitor=None, **more):
        if visitor is None:
            self.visitors += 1
            visitor = f"198.51.{self.visitors}.7"
        return web.request(self.gateway.ports["links"], "GET", path,
                           headers={"X-Forwarded-For": visitor, **(headers or PHONE), **more})

    def test_what_every_host_is_asked_for(self):
        self.start(misses_per_network="3/h", misses_in_total="5/h")
        _, code = self.link()
        phone = "203.0.113.5"
        for _ in range(50):
            for path in ("/favicon.ico", "/apple-touch-icon.png",
                         "/apple-touch-icon-120x120-precomposed.png",
                         "/.well-known/apple-app-site-association"):
                self.assertEqual(self.visit(path, visitor=phone).status, 404)
        robots = self.visit("/robots.txt", visitor=phone)
        self.assertEqual((robots.status, robots.body), (200, b"User-agent: *\nDisallow:\n"))
        self.assertEqual(self.visit("/" + code, visitor=phone).status, 302)
        self.assertEqual(self.gateway.metric("hikyaku_link_requests_total", answer="fixed"), 201)
        for status in (404, 404, 404, 429):
            self.assertEqual(self.visit("/nosuchcode", visitor=phone).status, status)
        self.assertEqual(self.visit("/favicon.ico", visitor=phone).status, 404)

    def test_domains_of_accounts(self):
        self.start({"domains": ["go.shop.example", "old.shop.example"]})
        host, code = self.link()
        self.assertEqual(host, "go.shop.example")
        for at, status in (("go.shop.example", 302), ("GO.shop.example:443", 302),
                           ("old.shop.example", 302), ("pay.example", 404),
                           ("127.0.0.1", 404), ("elsewhere.example", 404)):
            self.assertEqual(self.visit("/" + code, Host=at).status, status, at)
        host, code = self.link("bank-token")
        self.assertEqual(host, "pay.example")
        for at, status in (("pay.example", 302), ("127.0.0.1:80", 302), ("localhost", 302),
                           ("go.shop.example", 404)):
            self.assertEqual(self.visit("/" + code, Host=at).status, status, at)
        # After a restart with another domain what was sent before goes on.
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.configuration["account"][1]["links"]["domains"] = ["go.bank.example"]
        self.gateway.write_configuration()
        self.gateway.start()
        for at, status in (("pay.example", 302), ("go.bank.example", 302),
                           ("go.shop.example", 404)):
            self.assertEqual(self.visit("/" + code, Host=at).status, status, at)

    def test_limits_of_a_link(self):
        self.start()
        _, code = self.link(links={"max_uses": 2})
        self.clock.set(60)  # nobody reads a message in its first two seconds
        for _ in range(5):
            self.assertEqual(self.visit("/" + code, PREVIEW).status, 302)
        self.assertEqual(self.visit("/" + code).status, 302)
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(self.visit("/" + code, PREVIEW).status, 302)
        self.assertEqual(self.visit("/" + code).status, 302)
        used_up, unknown = self.visit("/" + code), self.visit("/nosuchcode")
        self.assertEqual(used_up.status, 404)
        self.assertEqual(used_up.body, unknown.body)
        for got in (used_up, unknown):
            del got.headers["date"]
        self.assertEqual(used_up.headers, unknown.headers)
        for fields, pointer in (({"expires_at": "2099-01-01T00:00:00"}, "/links/expires_at"),
                                ({"expires_at": "2020-01-01T00:00:00Z"}, "/links/expires_at"),
                                ({"expires_after": "soon"}, "/links/expires_after"),
                                ({"expires_after": "1d", "expires_at": "2027-01-01T00:00:00Z"},
                                 "/links/expires_after"),
                                ({"max_uses": 0}, "/links/max_uses"),
                                ({"uses": 1}, "/links/uses"), ({}, "/links")):
            got = self.gateway.http("POST", "/v1/messages",
                                    {"from": "Shop", "to": "+4917250001", "text": TARGET,
                                     "links": fields})
            self.assertEqual((got.status, got.json()["pointer"]), (422, pointer), fields)

    def test_guessing_from_many_networks(self):
        """One wrong code from each: no network is over its own budget, all together are."""
        self.start()
        _, code = self.link()
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["links"])
        self.addCleanup(connection.close)
        statuses = []
        for n in range(NETWORKS):
            guess = "".join(ALPHABET[n // 58 ** place % 58] for place in range(10))
            connection.request("GET", "/" + guess,
                               headers={"X-Forwarded-For": f"10.{n // 256}.{n % 256}.1", **PHONE})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
            if n % 500 == 0:  # people are not held up
                self.assertEqual(self.visit("/" + code).status, 302)
        first = statuses.index(429)
        self.assertEqual({*statuses[:first]}, {404})
        self.assertEqual({*statuses[first:]}, {429})
        self.assertGreaterEqual(first, BUDGET)
        state = self.gateway.admin("/admin/links").json()["guessing"]
        self.assertTrue(state["alarm"])
        self.assertEqual(state["alarms"], 1)
        self.assertIsNone(state["ended_at"])
        self.assertEqual(state["unknown_codes"], NETWORKS - first)
        self.assertEqual(self.gateway.metric("hikyaku_link_guessing"), 1)
        eventually(lambda: [each["kind"] for each in self.gateway.admin("/admin/tasks").json()
                            ["tasks"]] == ["link_codes_guessed"], "one task for the operator")
        self.assertEqual(self.gateway.metric("hikyaku_link_requests_total", answer="held_back"),
                         NETWORKS - first)
        self.assertEqual(self.gateway.metric("hikyaku_link_requests_total", answer="limited"), 0)
        eventually(lambda: any("guessed from many networks" in line
                               for line in self.gateway.program.error.items()), "a line of the log")

    def test_where_urls_may_lead(self):
        self.start({"targets": ["shop.example/pay", "*.good.example"]})
        self.link()
        bad = "Pay: https://evil.example/pay/77"
        for fields in ({}, {"track_links": False}):
            got = self.gateway.http("POST", "/v1/messages",
                                    {"from": "Shop", "to": "+4917250001", "text": bad, **fields})
            self.assertEqual((got.status, got.json()["code"]), (403, "link_target_not_allowed"))
        client = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        with self.assertRaisesRegex(AssertionError, f"status 0x{ESME_RSUBMITFAIL:x}"):
            client.submit("4917250002", bad)
        self.gateway.configuration["account"][0]["links"]["targets"].append("evil.example")
        self.gateway.write_configuration()
        self.assertEqual(self.gateway.admin("/admin/config:reload", "POST").status, 200)
        got = self.gateway.http("POST", "/v1/messages",
                                {"from": "Shop", "to": "+4917250003", "text": bad})
        self.assertEqual(got.status, 202, "a reload counts at once")

    def test_redirects_that_wait_for_the_disk(self):
        self.start(hits_survive="power")
        _, code = self.link()
        message = self.sent
        for _ in range(20):
            self.assertEqual(self.visit("/" + code).status, 302)
        self.assertGreater(self.gateway.metric("hikyaku_link_hit_syncs_total"), 0)
        self.assertEqual(self.gateway.metric("hikyaku_link_hits_unsafe_total"), 0)
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_message(message, lambda m: m["hits"]["total"] == 20, "counted")

    def test_announce_and_links_while_everything_else_is_down(self):
        self.start({"domains": ["go.shop.example"]}, announce={
            "name": "The <Shop>", "samples": ["Your order is ready"],
            "how_to_check": "Call the number on your contract."})
        _, code = self.link(**{"from": "TheShop"})
        eventually(lambda: "TheShop" in self.gateway.http("GET", "/v1/announce").json()["senders"],
                   "a carrier has taken it")
        self.assertEqual(self.gateway.stop(), 0)
        self.carrier.close()
        self.gateway.start()
        self.gateway.wait_bound(0)
        self.assertEqual(self.visit("/" + code, Host="go.shop.example").headers["location"], TARGET)
        told = self.visit("/about.json", Host="go.shop.example").json()["businesses"]
        self.assertEqual(told, [{
            "name": "The <Shop>", "senders": ["TheShop"], "domains": ["go.shop.example"],
            "samples": ["Your order is ready"], "contact": None, "complete": True,
            "how_to_check": "Call the number on your contract."}])
        self.assertEqual(told[0], self.gateway.http("GET", "/v1/announce").json())
        page = self.visit("/about", Host="go.shop.example")
        self.assertEqual(page.status, 200)
        text = page.body.decode()
        for words in ("The &lt;Shop&gt;", "TheShop", "go.shop.example", "Your order is ready"):
            self.assertIn(words, text)
        self.assertNotIn("<Shop>", text)
        self.assertNotIn("Pay: ", text)
        self.assertEqual(self.visit("/about.json").json(), {"businesses": []})

    def report(self, words, visitor, link="", **headers):
        body = urllib.parse.urlencode({"link": link, "text": words}).encode()
        return web.request(self.gateway.ports["links"], "POST", "/abuse", body,
                           {"Content-Type": "application/x-www-form-urlencoded",
                            "X-Forwarded-For": visitor, **headers})

    def test_reports_of_abuse(self):
        self.start({"domains": ["go.shop.example"]}, reports_per_network="3/h")
        host, code = self.link()
        form = self.visit("/abuse", Host=host)
        self.assertEqual(form.status, 200)
        self.assertIn(b'<form method="post" action="/abuse">', form.body)
        self.assertNotIn(b"<script", form.body)
        answers = [self.report("they <b>threaten</b> me", "203.0.113.1", f"https://{host}/{code}",
                               Host=host),
                   self.report("no link", "203.0.113.2", Host=host),
                   self.report("unknown link", "203.0.114.3", f"https://{host}/nosuchcode",
                               Host=host),
                   self.report("whose is it?", "203.0.115.1", Host="pay.example")]
        for got in answers:
            self.assertEqual((got.status, got.body), (200, answers[0].body))
        tasks = self.gateway.http("GET", "/v1/tasks").json()["tasks"]
        self.assertEqual([(each["kind"], each["why"]) for each in tasks],
                         [("abuse_report", "they <b>threaten</b> me"), ("abuse_report", "no link"),
                          ("abuse_report", "unknown link")])
        self.assertIn(code, tasks[0]["what"])
        self.assertEqual(self.gateway.http("GET", "/v1/tasks", token="bank-token").json()["tasks"],
                         [])
        task, = self.gateway.admin("/admin/tasks").json()["tasks"]
        self.assertEqual(task["why"], "whose is it?")
        done = self.gateway.admin_post(f"/admin/tasks/{task['id']}:done", {"done_by": "Sato"})
        self.assertEqual(done.json()["done_by"], "Sato")
        self.assertEqual(self.gateway.admin("/admin/tasks").json()["tasks"], [])
        # 203.0.113.0/24 has two behind it.
        self.assertEqual(self.report("a third", "203.0.113.9", Host=host).status, 200)
        self.assertEqual(self.report("a fourth", "203.0.113.8", Host=host).status, 429)
        self.assertEqual(self.report("", "203.0.116.1", Host=host).body, form.body)
        with open(self.gateway.configuration["store"]["path"] + "/data.mdb", "rb") as store:
            self.assertNotIn(b"threaten", store.read(), "the words are sealed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
