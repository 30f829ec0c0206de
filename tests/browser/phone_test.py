"""The whole way as a person sees it, in Chromium: a message on the simulated phone's page, and the tap
on its link that leads to the target and is counted.
"""
import datetime
import http.server
import os
import re
import subprocess
import threading
import unittest

from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.ports import free_ports
from support.program import binary, program
from support.waiting import HANGS_AFTER

PHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Version/17.4 Mobile/15E148 Safari/604.1")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--virtual-time-budget=4000")


class target_page(http.server.BaseHTTPRequestHandler):
    """What the link in the text leads to."""

    def do_GET(self):
        body = f"<title>shop</title><h1>You are at {self.path}</h1>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def chromium(url, place, names=""):
    """The document that Chromium shows for the URL, scripts run, as HTML."""
    done = subprocess.run(
        ["chromium", *FLAGS, f"--host-resolver-rules={names}", f"--user-agent={PHONE}",
         "--accept-lang=ja", f"--user-data-dir={os.path.join(place.path, 'profile')}",
         "--dump-dom", url],
        capture_output=True, text=True, timeout=HANGS_AFTER, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr[-2000:])
    return done.stdout


class phone_test(unittest.TestCase):
    def setUp(self):
        self.folder = folder()
        self.addCleanup(self.folder.remove)
        self.shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), target_page)
        self.addCleanup(self.shop.server_close)
        self.addCleanup(self.shop.shutdown)
        threading.Thread(target=self.shop.serve_forever, daemon=True).start()
        self.carrier = program([binary(), "carrier", "--listen", "127.0.0.1:0", "--web",
                                "127.0.0.1:0", "--receipt-delay", "0ms"], "carrier")
        self.addCleanup(self.carrier.kill)
        smpp_port = int(self.carrier.wait_line(r"smpp listening on \S+:(\d+)")[1])
        self.phone = self.carrier.wait_line(r"phone on (http://\S+?)/?$")[1]
        configuration = default_configuration([to_carrier(smpp_port)],
                                              [account(links={"track": True})])
        configuration["server.links"] = {"listen": "127.0.0.1:0", "base_url": "http://links.test"}
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def page(self, url):
        """The document that Chromium shows for the URL, scripts run, as HTML."""
        names = (f"MAP links.test:80 127.0.0.1:{self.gateway.ports['links']},"
                 f"MAP shop.test:80 127.0.0.1:{self.shop.server_port}")
        return chromium(url, self.folder, names)

    def test_a_message_is_read_and_its_link_tapped(self):
        sent = self.gateway.send("+819012345678",
                                 "お支払いのご案内 http://shop.test/pay/42 <b>no markup</b>")
        self.gateway.wait_message(sent["id"], lambda m: m["status"] == "delivered", "delivered")
        shown = self.page(f"{self.phone}/#+819012345678")
        self.assertIn("お支払いのご案内", shown)
        self.assertNotIn("<b>no markup</b>", shown)
        self.assertNotIn("shop.test", shown)
        links = re.findall(r'href="(http://links\.test/[1-9A-HJ-NP-Za-km-z]{10})"', shown)
        self.assertEqual(len(set(links)), 1, shown[-3000:])
        self.assertIn("You are at /pay/42", self.page(links[0]))
        self.gateway.wait_message(sent["id"], lambda m: m["hits"]["total"] == 1, "the hit")


class night_test(unittest.TestCase):
    """A sandbox whose carrier finds every phone off, for up to a day, and tries again."""

    def start(self, *options):
        self.folder = folder()
        self.addCleanup(self.folder.remove)
        port, = free_ports(1)
        made = default_configuration(
            [to_carrier(port)], [account(policy="japan/lender")])
        made["sandbox"] = {"clock": "virtual"}
        self.gateway = gateway(made)
        self.addCleanup(self.gateway.close)
        self.gateway.command = ("sandbox", "--listen", f"127.0.0.1:{port}", "--web",
                                "127.0.0.1:0", "--phone-off", "1", "--phone-off-for", "24h",
                                *options)
        self.gateway.start()
        self.gateway.wait_bound()
        self.phone = self.gateway.program.wait_line(r"phone on (http://\S+?)/?$")[1]
        self.advance({"by": "1d"})
        today = self.gateway.admin("/admin/clock").json()["now"][:10]
        self.noon = datetime.datetime.fromisoformat(today + "T03:00:00+00:00")
        if self.noon.isoformat() < self.gateway.admin("/admin/clock").json()["now"]:
            self.noon += datetime.timedelta(days=1)
        self.advance({"to": self.noon.isoformat(), "stand": True})

    def advance(self, body):
        got = self.gateway.admin_post("/admin/clock:advance", body)
        self.assertEqual(got.status, 200, got)

    def send_to_all(self, count, **fields):
        """Sent at noon, then two days pass. What the phones show, by number."""
        numbers = [f"+8190123456{each:02}" for each in range(count)]
        ids = [self.gateway.send(each, "due", **fields)["id"] for each in numbers]
        for each in ids:
            self.gateway.wait_message(each, lambda m: m["status"] == "submitted", "submitted")
        self.advance({"by": "2d"})
        self.ended = [self.gateway.message(each)["status"] for each in ids]
        return {each: chromium(f"{self.phone}/#{each}", self.folder) for each in numbers}

    def hour_of(self, word, page):
        """The time of day behind the word; None where there is none."""
        found = re.search(word + r" \d+-\d+-\d+ (\d+):\d+ Asia/Tokyo", page)
        return found and int(found[1])

    def test_a_carrier_that_tries_for_hours_rings_at_night(self):
        self.start("--ignore-validity")
        pages = self.send_to_all(6, purpose="dunning")
        at_night = []
        for page in pages.values():
            hour = self.hour_of("rang", page)
            self.assertIsNotNone(hour, page[-2000:])
            at_night.append(not 8 <= hour < 21)
            self.assertEqual('class="night">at night<' in page, at_night[-1], hour)
        self.assertEqual(set(at_night), {True, False}, "the seed decides")
        self.assertEqual(set(self.ended), {"delivered"})

    def test_one_that_keeps_to_deliver_by_does_not(self):
        self.start()
        pages = self.send_to_all(6, purpose="dunning")
        for status, page in zip(self.ended, pages.values()):
            rang = self.hour_of(" rang", page)
            would = self.hour_of("would have rung", page)
            self.assertEqual(status, "delivered" if rang is not None else "expired")
            if rang is not None:
                self.assertTrue(8 <= rang < 21, page[-2000:])
                self.assertNotIn("at night", page)
            else:
                self.assertEqual(self.hour_of("gave up", page), 21)
                self.assertEqual("would be at night" in page, not 8 <= would < 21)
        self.assertEqual(set(self.ended), {"delivered", "expired"}, "the seed decides")


if __name__ == "__main__":
    unittest.main()
