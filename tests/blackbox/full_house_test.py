"""Crowds at the doors that say nothing: whoever says who he is gets in all the same, from the same
address and from others, while the crowd comes again and again. And bodies without a token, or too
many at once: they take no memory, and what they took comes back.
"""
import json
import sys
import threading
import unittest

from support import smpp, web
from support.carrier import carrier
from support.crowd import crowd
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.steady import anonymous_mib
from support.waiting import crew, eventually

BODY = 4 << 20


class full_house_test(unittest.TestCase):
    def start(self, **sections):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        configuration = default_configuration(
            [to_carrier(self.carrier.port)],
            [account(sessions_max=200, transceivers_max=200),
             account(name="other", system_id="other", api_tokens=["other-token"])])
        configuration["log"]["level"] = "error"
        for name, settings in sections.items():
            configuration.setdefault("server." + name, {}).update(settings)
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def crowd(self, door, size, source=None):
        made = crowd(self.gateway.ports[door], size, source)
        self.addCleanup(made.close)
        return made

    def bind(self):
        return smpp.bound(self.gateway.ports["smpp"], "app", "secret01")

    def test_silent_connections_of_one_address(self):
        """205 of them filled the house for half a minute."""
        self.start()
        kept = smpp.application(self.gateway.ports["smpp"], "app", "secret01")
        self.addCleanup(kept.close)
        silent = self.crowd("smpp", 205)
        silent.wait_closed(155)
        self.gateway.wait_metric(50, "hikyaku_smpp_sessions", state="unbound")
        self.bind().close()
        silent.wait_closed(156)
        self.gateway.wait_metric(49, "hikyaku_smpp_sessions", state="unbound")
        self.assertEqual(kept.call(smpp.ENQUIRE_LINK, b"").status, smpp.ESME_ROK)

    def test_silent_connections_of_many_addresses(self):
        self.start()
        for number in range(2, 12):
            self.crowd("smpp", 50, f"127.0.0.{number}")
        self.gateway.wait_metric(200, "hikyaku_smpp_sessions", state="unbound")
        for _ in range(20):
            self.bind().close()

    def beside_a_crowd(self, source, works):
        """Calls works() while a crowd from this address comes again and again to both doors."""
        self.start(http={"connections_max": 60, "strangers_per_address_max": 20})
        over = threading.Event()
        came = []

        def renew(_):
            while not over.is_set():
                for door in ("smpp", "http"):
                    silent = crowd(self.gateway.ports[door], 60, source)
                    silent.look(0.02)
                    came.append(len(silent.closed))
                    silent.close()
        renewing = crew(1, renew)
        try:
            works()
        finally:
            over.set()
            renewing.join("the crowd")
        self.assertGreater(sum(came), 0)

    def test_a_crowd_of_another_address_is_not_felt(self):
        def works():
            for _ in range(50):
                self.bind().close()
                self.assertEqual(self.gateway.http("GET", "/v1/account").status, 200)
        self.beside_a_crowd("127.0.0.2", works)

    def test_a_crowd_of_the_own_address_lets_one_in(self):
        """A client that waits for a processor between its connect and its first octet may by then be
        the oldest stranger of its address, and goes; it gets in when it comes again."""
        def got_in(call):
            try:
                return call()
            except (ConnectionError, self.failureException):
                return None

        def works():
            for _ in range(50):
                eventually(lambda: got_in(self.bind), "a bind").close()
                answer = eventually(lambda: got_in(lambda: self.gateway.http(
                    "GET", "/v1/account")), "an answer")
                self.assertEqual(answer.status, 200)
        self.beside_a_crowd("127.0.0.1", works)

    def test_a_full_house_of_http(self):
        self.start(http={"connections_max": 100, "strangers_per_address_max": 30})
        for number in range(2, 8):
            self.crowd("http", 30, f"127.0.0.{number}")
        self.gateway.wait_metric(100, "hikyaku_http_connections", listener="http")
        for _ in range(20):
            self.assertEqual(self.gateway.http("GET", "/v1/account").status, 200)

    def post_head(self, token, size=BODY):
        name = f"Authorization: Bearer {token}\r\n" if token else ""
        return (f"POST /v1/messages HTTP/1.1\r\nHost: x\r\n{name}"
                f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n").encode()

    def many_bodies(self, token):
        """250 connections, each with a body of 4 MiB less one octet."""
        bodies = self.crowd("http", 250)
        bodies.send(self.post_head(token))
        block = b" " * 65536
        highest = 0
        for _ in range(BODY // len(block) - 1):
            bodies.send(block)
            highest = max(highest, anonymous_mib(self.gateway.program.pid))
        bodies.look(0.5)
        return bodies, highest

    def test_bodies_without_a_token_take_no_memory(self):
        self.start(http={"strangers_per_address_max": 250})
        before = anonymous_mib(self.gateway.program.pid)
        bodies, highest = self.many_bodies(None)
        bodies.wait_closed(250)
        answers = [web.parse(each).status for each in bodies.answers()]
        print(f"without a token: {before:.1f} MiB before, {highest:.1f} MiB at most, "
              f"{len(answers)} answers", file=sys.stderr)
        self.assertEqual(set(answers), {401})
        self.assertLess(highest - before, 64)
        self.assertEqual(self.gateway.metric("hikyaku_http_bodies_bytes", listener="http"), 0)

    def test_bodies_above_the_budget_are_refused_and_memory_comes_back(self):
        self.start(http={"strangers_per_address_max": 250, "bodies_bytes_max": "32MiB"})
        before = anonymous_mib(self.gateway.program.pid)
        bodies, highest = self.many_bodies(TOKEN)
        eventually(lambda: self.gateway.metric("hikyaku_http_bodies_refused_total",
                                               listener="http") >= 200, "most are refused")
        answers = [web.parse(each) for each in bodies.answers()]
        self.assertEqual({each.status for each in answers} - {503}, set())
        self.assertEqual({each.headers["retry-after"] for each in answers}, {"1"})
        self.assertEqual({json.loads(each.body)["code"] for each in answers}, {"server_busy"})
        # Another account, a large body, at the same time.
        texts = [{"from": "Shop", "to": "+4917280000", "text": "x" * 1000}] * 400
        sent = self.gateway.http("POST", "/v1/messages", {"messages": texts}, token="other-token")
        self.assertEqual(sent.status, 202)
        bodies.close()
        eventually(lambda: self.gateway.metric("hikyaku_http_bodies_bytes", listener="http") == 0,
                   "the budget is free again")
        eventually(lambda: anonymous_mib(self.gateway.program.pid) - before < 32,
                   "the memory has come back")
        print(f"with a token: {before:.1f} MiB before, {highest:.1f} MiB at most, "
              f"{anonymous_mib(self.gateway.program.pid):.1f} MiB afterwards", file=sys.stderr)
        self.assertLess(highest - before, 128)


if __name__ == "__main__":
    unittest.main(verbosity=2)
