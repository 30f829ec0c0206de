"""A gateway with a well-behaved application beside whatever a test does to it: what the tests of
abuse begin with, and how they see that the neighbour did not suffer.

HIKYAKU_ABUSE_SECONDS (default 3) is how long a storm lasts, on a machine that is fast enough: it
also has a least number of requests, and lasts until they are answered.
"""
import os
import sys
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.steady import latencies, median_seconds, steady_load
from support.waiting import eventually

SECONDS = float(os.environ.get("HIKYAKU_ABUSE_SECONDS", "3"))
RATE, HTTP_RATE, HTTP_CONNECTIONS = 500, 200, 16
# Whoever had to wait until the strangers have had their turn would wait for half of a storm.
SHARE_OF_STORM = 0.1


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

    def neighbour(self, http=False):
        """A well-behaved application that sends until check(), once it is served."""
        before = self.gateway.metric("hikyaku_messages_accepted_total")
        made = steady_load(self.gateway, HTTP_RATE if http else RATE, None, "good", "good-one",
                           http="good-token" if http else None,
                           arguments=["--connections", str(HTTP_CONNECTIONS)] if http else [])
        self.addCleanup(made.kill)
        eventually(lambda: self.gateway.metric("hikyaku_messages_accepted_total") > before,
                   "the neighbour is served")
        return made

    def check(self, load, what, storm_seconds):
        """The neighbour had all it asked for, most of it in a small part of the time that the storm
        took: a slower machine takes longer for both."""
        got = load.stop()
        print(f"{what}: {got['accepted']} messages beside it, {got['accepted_per_second']:.0f}/s, "
              f"response p50 / p99 / max {latencies(got)}; the storm took {storm_seconds:.2f} s",
              file=sys.stderr)
        self.assertEqual((got["accepted"], got["refused"], got["failed"], got.get("lost", 0)),
                         (got["messages"], {}, {}, 0))
        self.assertLess(median_seconds(got), SHARE_OF_STORM * storm_seconds, what)

    def can_bind(self):
        try:
            smpp.bound(self.gateway.ports["smpp"], "app", "secret01").close()
            return True
        except AssertionError:
            return False
