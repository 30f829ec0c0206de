"""A gateway with a well-behaved application beside whatever a test does to it: what the tests of
abuse begin with, and how they see that the neighbour did not suffer.

HIKYAKU_ABUSE_SECONDS (default 3) is how long a storm lasts.
"""
import os
import sys
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.steady import p99, steady_load
from support.waiting import eventually

SECONDS = float(os.environ.get("HIKYAKU_ABUSE_SECONDS", "3"))
RATE, HTTP_RATE, HTTP_CONNECTIONS = 500, 200, 16
# On a busy machine with two cores, which also runs the abuse; docs/reliability.md has figures.
P99_MS = 1000


class besieged_test(unittest.TestCase):
    def start(self, before_exec=None, **sections):
        upstream = carrier(window=100)
        self.addCleanup(upstream.close)
        configuration = default_configuration(
            [to_carrier(upstream.port)],
            [account(), account(name="good", system_id="good", password="good-one",
                                api_tokens=["good-token"])])
        configuration["log"]["level"] = "error"
        for name, settings in sections.items():
            section = "server." + name
            configuration[section] = {**configuration.get(section, {}), **settings}
        self.gateway = gateway(configuration, before_exec=before_exec)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def neighbour(self, seconds=SECONDS, http=False):
        """A well-behaved application, once it is served."""
        made = steady_load(self.gateway, HTTP_RATE if http else RATE, seconds, "good", "good-one",
                           http="good-token" if http else None,
                           arguments=["--connections", str(HTTP_CONNECTIONS)] if http else [])
        eventually(lambda: self.gateway.metric("hikyaku_messages_accepted_total") > 0,
                   "the neighbour is served")
        return made

    def check(self, load, what):
        got = load.result()
        print(f"{what}: {got['accepted']} messages beside it, {got['accepted_per_second']:.0f}/s, "
              f"response p50 / p99 / max {got['response_latency_ms']['p50']} / {p99(got)} / "
              f"{got['response_latency_ms']['max']} ms", file=sys.stderr)
        self.assertEqual((got["accepted"], got["refused"], got["failed"], got.get("lost", 0),
                          got["unsent"]), (got["messages"], {}, {}, 0, 0))
        self.assertLess(p99(got), P99_MS, what)

    def can_bind(self):
        try:
            smpp.bound(self.gateway.ports["smpp"], "app", "secret01").close()
            return True
        except AssertionError:
            return False
