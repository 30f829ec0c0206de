"""A bad network on both sides of the gateway: connections of applications and of the carrier are
slow, cut at any byte, carry garbage, or stop forwarding in one direction. Then the network is
good again, and everything that was answered must come to its end: each message at the carrier,
each receipt at the application, and twice only what had an unknown outcome.

HIKYAKU_CHAOS_SECONDS (default 4) and HIKYAKU_CHAOS_SEED (printed) decide a run.
"""
import collections
import contextlib
import os
import sys
import threading
import time
import unittest

from support.carrier import carrier
from support.chaos_proxy import chaos_proxy
from support.clock import shifted_clock
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.returning import book, http_application, smpp_application
from support.waiting import eventually, never

SECONDS = float(os.environ.get("HIKYAKU_CHAOS_SECONDS", "4"))
SEED = int(os.environ.get("HIKYAKU_CHAOS_SEED", str(time.time_ns() % 1000000)))
SESSIONS, BINDS, CARRIER_WINDOW, RECEIPT_WINDOW = 3, 3, 20, 30
FAULTS = 6  # at least so many before the network is good again
# The pauses after an unknown outcome begin with half a minute and end with ten minutes.
AFTER_UNKNOWN_SECONDS, LONGEST_SECONDS = 120, 3600
# The shortest there are, so that half-open connections are found out soon.
SHORT = {"enquire_link_interval": "1s", "response_timeout": "1s"}


class chaos_test(unittest.TestCase):
    def setUp(self):
        print(f"HIKYAKU_CHAOS_SEED={SEED} HIKYAKU_CHAOS_SECONDS={SECONDS:g}", file=sys.stderr)
        self.book = book()
        self.carrier = carrier(window=100)
        self.addCleanup(self.carrier.close)
        self.to_carrier = self.proxy(self.carrier.port, 1, garbage_to=1)
        configuration = default_configuration(
            [to_carrier(self.to_carrier.port, window=CARRIER_WINDOW, binds=BINDS,
                        bind_timeout="1s", **SHORT)],
            [account(window=50, receipt_window=RECEIPT_WINDOW, receipts={"receipts": "smpp"})])
        configuration["server.smpp"].update(session_init_timeout="1s", **SHORT)
        configuration["server.http"].update(request_timeout="1s", idle_timeout="2s")
        configuration["log"]["level"] = "error"
        here = folder()
        self.addCleanup(here.remove)
        self.clock = shifted_clock(here)
        self.gateway = gateway(configuration, environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.to_smpp = self.proxy(self.gateway.ports["smpp"], 2)
        self.to_http = self.proxy(self.gateway.ports["http"], 3, framed=False)
        self.proxies = (self.to_carrier, self.to_smpp, self.to_http)

    def proxy(self, target, number, **more):
        made = chaos_proxy(target, SEED * 10 + number, **more)
        self.addCleanup(made.close)
        return made

    def injected(self):
        return sum(sum(each.injected.values()) for each in self.proxies)

    def test_everything_answered_comes_to_its_end(self):
        sessions = [smpp_application(self.to_smpp.port, self.book) for _ in range(SESSIONS)]
        posts = http_application(self.to_http.port, self.book)
        threading.Event().wait(SECONDS)  # of bad network; what happens in it is the test's input
        eventually(lambda: self.injected() >= FAULTS, "the network is bad")
        for each in self.proxies:
            each.calm()
        already = len(self.book.answered)
        self.book.wait(lambda: len(self.book.answered) >= already + 50, "it works again")
        for each in sessions:
            each.stop_submitting()
        posts.end()
        self.drain()
        for each in sessions:
            each.end()
        self.audit(sessions, posts)

    def drain(self):
        def told():
            return not self.book.untold
        # What timed out waits for a late response, longer each time: let that pass.
        for ahead in range(0, LONGEST_SECONDS, AFTER_UNKNOWN_SECONDS):
            self.clock.set(ahead)
            with contextlib.suppress(never):
                self.book.wait(told, "all receipts", 3)
                break
        self.book.wait(told, "a receipt for every answered message")
        self.gateway.wait_metric(0, "hikyaku_queued_messages")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")
        eventually(lambda: self.carrier.waiting() == 0, "the carrier has its answers")

    def audit(self, sessions, posts):
        parts, times = collections.defaultdict(dict), collections.Counter()
        for each in self.carrier.submissions.items():
            number, total = (each.header[5], each.header[4]) if each.header else (1, 1)
            parts[each.destination].setdefault(number, (total, each.text))
            times[(each.destination, number)] += 1
            self.assertEqual(parts[each.destination][number], (total, each.text))
        for message_id, destination in self.book.answered.items():
            text = "".join(parts[destination][number][1]
                           for number in sorted(parts[destination]))
            self.assertEqual(text, self.book.asked[destination], message_id)
            self.assertEqual(set(self.book.receipts[message_id]), {"DELIVRD"}, message_id)
        for destination, got in parts.items():
            self.assertEqual(len(got), next(iter(got.values()))[0], destination)
            self.assertEqual("".join(got[each][1] for each in sorted(got)),
                             self.book.asked[destination])
        posted = collections.Counter(self.book.answered.values())
        self.assertEqual([each for each, count in posted.items() if count > 1], [],
                         "one request, two messages")
        twice = sum(times.values()) - len(times)
        again = sum(len(each) - 1 for each in self.book.receipts.values())
        unknown = self.gateway.metric("hikyaku_outcome_unknown_total")
        print(f"{len(self.book.answered)} answered ({posts.answered} over HTTP in {posts.tries} "
              f"tries), {self.book.unknown} without an answer, refused {self.book.refused}; "
              f"{sum(each.binds for each in sessions)} binds of applications, "
              f"{len(self.carrier.sessions)} to the carrier; {len(times)} segments, {twice} again, "
              f"{unknown:.0f} outcomes unknown; {again} receipts again; faults to carrier, smpp, "
              f"http: {[dict(each.injected) for each in self.proxies]}", file=sys.stderr)
        self.assertLessEqual(twice, unknown, "sent again without need")
        # What was in flight to the application on a session that ended, or timed out.
        ended = sum(each.binds for each in sessions)
        failed = self.gateway.metric("hikyaku_deliveries_failed_total")
        self.assertLessEqual(again, ended * RECEIPT_WINDOW + failed, "told again without need")
        for name in ("hikyaku_tasks_failed_total", "hikyaku_store_read_faults_total",
                     "hikyaku_dead_letters_total"):
            self.assertEqual(self.gateway.metric(name), 0, name)
        self.assertEqual(self.gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
