"""Names whose servers do not answer: they hold up nobody but the request that needs them. The name
server is real, and silent about names below silent.test; it answers for carriers and other accounts.
What must not wait is shown to come while the look-ups of the silent names are still under way.
"""
import time
import unittest
import urllib.parse

from support import web
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.names import name_server
from support.waiting import eventually
from support.webhooks import receiver

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
# Longer than anything here waits for: a look-up that has begun is under way until its request ends.
SERVER_TIMEOUT = 30
CALLBACKS = 8  # the engine has no more of one account under way
DRAIN_LIMIT = 30  # seconds, of the program


class slow_names_test(unittest.TestCase):
    def setUp(self):
        self.names = name_server({"smsc.carrier.test": "127.0.0.1", "hook.good.test": "127.0.0.1"},
                                 denied={"nobody.test"})
        self.addCleanup(self.names.close)
        self.receiver = receiver()
        self.addCleanup(self.receiver.close)
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)

    def start(self, timeout="60s", server_timeout=f"{SERVER_TIMEOUT}s", private=True, host=None):
        """Account `slow` has a webhook and callbacks that nobody finds, account `app` a webhook
        that is found."""
        host = host or f"hook.good.test:{self.receiver.port}"
        slow = account(name="slow", system_id="", password="", api_tokens=["slow"],
                       webhook={"url": "http://hook.silent.test/", "secret": SECRET,
                                "timeout": timeout, "allow_private": True},
                       sendsms={"username": "slow", "password": "foobar", "timeout": timeout,
                                "allow_private": True})
        app = account(webhook={"url": f"http://{host}/hook", "secret": SECRET,
                               "allow_private": private})
        by_name = to_carrier(self.carrier.port, hosts=[f"smsc.carrier.test:{self.carrier.port}"])
        configuration = default_configuration([by_name], [slow, app])
        configuration["server.http"]["sendsms"] = True
        configuration["dns"] = {"servers": [self.names.address], "timeout": server_timeout}
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def running(self):
        return (self.gateway.metric("hikyaku_callback_running"),
                self.gateway.metric("hikyaku_webhook_running"))

    def fill_with_silent_names(self):
        """As many requests of `slow` as the engine makes at once, each to a host of its own."""
        for number in range(CALLBACKS):
            query = urllib.parse.urlencode({
                "username": "slow", "password": "foobar", "from": "12345", "to": "819012340000",
                "text": "x", "dlr-mask": 1, "dlr-url": f"http://d{number}.silent.test/dlr?d=%d"})
            got = web.request(self.gateway.ports["http"], "GET", "/cgi-bin/sendsms?" + query)
            self.assertEqual(got.status, 202, got)
        self.gateway.send("+4917240001", "hello", "slow")
        for number in range(CALLBACKS):
            self.names.wait_asked(f"d{number}.silent.test")
        self.names.wait_asked("hook.silent.test")
        eventually(lambda: self.running() == (CALLBACKS, 1), "all of them wait for a name")

    def check_nothing_waited(self):
        self.assertEqual(self.running(), (CALLBACKS, 1), "the silent names are still looked up")
        self.assertEqual(self.gateway.metric("hikyaku_callback_failures_total"), 0)

    def test_carriers_and_other_accounts_do_not_wait(self):
        self.start()
        self.fill_with_silent_names()
        binds = len(self.carrier.sessions)
        self.carrier.disconnect()
        self.carrier.sessions.wait_count(binds + 1, "bound again after the break")
        self.check_nothing_waited()
        sent = self.gateway.send("+4917240002", "hello")
        self.receiver.wait_event("/hook", lambda e: e["data"]["message_id"] == sent["id"])
        self.check_nothing_waited()

    def test_a_restart_does_not_wait(self):
        self.start()
        self.fill_with_silent_names()
        self.gateway.kill()
        asked = len(self.names.asked)
        self.gateway.start()
        self.names.asked.wait(lambda name: name.endswith("silent.test"), "asked again", start=asked)
        self.gateway.wait_bound()
        sent = self.gateway.send("+4917240002", "hello")
        self.receiver.wait_event("/hook", lambda e: e["data"]["message_id"] == sent["id"])
        eventually(lambda: self.running() == (CALLBACKS, 1), "what waited before waits again")
        self.check_nothing_waited()

    def test_the_timeout_of_a_webhook_counts_the_look_up(self):
        timeout = 1
        self.start(timeout=f"{timeout}s")
        begin = time.monotonic()
        self.gateway.send("+4917240001", "hello", "slow")
        self.names.wait_asked("hook.silent.test")
        eventually(lambda: self.gateway.metric("hikyaku_webhook_failures_total") == 1, "a failure")
        took = time.monotonic() - begin
        self.assertGreaterEqual(took, timeout)
        self.assertLess(took, SERVER_TIMEOUT, "else the name server's time counts, not the request's")

    def test_sigterm_does_not_wait(self):
        self.start()
        self.fill_with_silent_names()
        begin = time.monotonic()
        self.assertEqual(self.gateway.stop(), 0)
        self.assertLess(time.monotonic() - begin, min(SERVER_TIMEOUT, DRAIN_LIMIT) / 2)
        said = "\n".join(self.gateway.logs)
        self.assertNotIn("something is in flight", said)
        # Nothing is lost: the next process looks them up again.
        asked = len(self.names.asked)
        self.gateway.start()
        for number in range(CALLBACKS):
            name = f"d{number}.silent.test"
            self.names.asked.wait(lambda each, name=name: each == name, name, start=asked)

    def test_the_last_addresses_of_a_carrier_are_kept(self):
        self.start(server_timeout="200ms")
        self.names.silent = True
        binds = len(self.carrier.sessions)
        self.carrier.disconnect()
        self.carrier.sessions.wait_count(binds + 1, "bound to the addresses known before")
        eventually(lambda: self.gateway.metric("hikyaku_dns_lookups_total", of="carriers",
                                               result="kept") >= 1, "counted as kept")
        self.gateway.program.error.wait(
            lambda line: "its last addresses are used" in line and "smsc.carrier.test" in line,
            "the log says so")

    def test_a_name_that_does_not_exist_is_a_failure_at_once(self):
        self.start(host=f"nobody.test:{self.receiver.port}")
        self.gateway.send("+4917240001", "hello")
        self.gateway.wait_metric(1, "hikyaku_webhook_failures_total")
        self.assertGreaterEqual(self.gateway.metric("hikyaku_dns_lookups_total", of="accounts",
                                                    result="unknown"), 1)

    def test_what_a_name_leads_to_is_judged(self):
        self.start(private=False)
        self.gateway.send("+4917240001", "hello")
        self.gateway.wait_metric(1, "hikyaku_webhook_refused_targets_total")
        self.assertEqual(self.receiver.deliveries.items(), [])


if __name__ == "__main__":
    unittest.main()
