"""The whole way as a person sees it, in Chromium: a message on the simulated phone's page, and the tap
on its link that leads to the target and is counted.
"""
import http.server
import os
import re
import subprocess
import threading
import unittest

from support.gateway import account, default_configuration, folder, gateway, to_carrier
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
        done = subprocess.run(
            ["chromium", *FLAGS, f"--host-resolver-rules={names}", f"--user-agent={PHONE}",
             "--accept-lang=ja", f"--user-data-dir={os.path.join(self.folder.path, 'profile')}",
             "--dump-dom", url],
            capture_output=True, text=True, timeout=HANGS_AFTER, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return done.stdout

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


if __name__ == "__main__":
    unittest.main()
