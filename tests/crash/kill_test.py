"""SIGKILL under load, again and again on one store, then an audit: every message that was answered
has reached the carrier whole and its receipt the application, every receipt and reply that was
acknowledged to the carrier has arrived, and what came twice is no more than what was in flight.

HIKYAKU_CRASH_ROUNDS (default 5) and HIKYAKU_CRASH_SEED (printed) decide a run.
"""
import collections
import os
import random
import sys
import time
import unittest

from crash.load import WINDOW, http_load, ledger, smpp_load
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.waiting import eventually

ROUNDS = int(os.environ.get("HIKYAKU_CRASH_ROUNDS", "5"))
SEED = int(os.environ.get("HIKYAKU_CRASH_SEED", str(time.time_ns() % 1000000)))
RECEIPT_WINDOW = 30
CARRIER_WINDOW, BINDS, SESSIONS = 20, 2, 2
DRAIN_SECONDS = 90
REPLY_NUMBER = "4915790000"


class kill_test(unittest.TestCase):
    def setUp(self):
        print(f"HIKYAKU_CRASH_SEED={SEED} HIKYAKU_CRASH_ROUNDS={ROUNDS}", file=sys.stderr)
        self.random = random.Random(SEED)
        self.book = ledger()
        self.replies = 0
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        configuration = default_configuration(
            [to_carrier(self.carrier.port, window=CARRIER_WINDOW, binds=BINDS)],
            [account(numbers=[REPLY_NUMBER], window=WINDOW, receipt_window=RECEIPT_WINDOW,
                     receipts={"receipts": "smpp", "replies": "smpp"})])
        configuration["log"]["level"] = "info"
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.posts = http_load(self.book)

    def start_life(self):
        self.gateway.start()
        sessions = [smpp_load(self.gateway.ports["smpp"], self.book) for _ in range(SESSIONS)]
        self.posts.start(self.gateway.ports["http"])
        return sessions

    def send_replies(self, count):
        for _ in range(count):
            self.replies += 1
            self.carrier.reply(f"reply {self.replies}", "4917299999", REPLY_NUMBER,
                               f"reply {self.replies}")

    def live_and_die(self):
        """One life under load, ended after a random number of answers, sometimes very few."""
        sessions = self.start_life()
        already = len(self.book.answered)
        more = self.random.choice((1, self.random.randint(2, 60), self.random.randint(60, 800)))
        half = already + more // 2
        self.book.wait(lambda: len(self.book.answered) >= half, "half of the answers", 60)
        self.send_replies(self.random.randint(1, 20))
        self.book.wait(lambda: len(self.book.answered) >= already + more, "the answers", 60)
        self.gateway.kill()
        for each in sessions:
            each.end()
        self.posts.stop()

    def last_life(self):
        """No more crashes: everything must come to its end."""
        sessions = self.start_life()
        already = len(self.book.answered)
        self.book.wait(lambda: len(self.book.answered) >= already + 100, "it still works", 60)
        for each in sessions:
            each.stop()
        self.posts.stop()
        eventually(lambda: all(each.idle() for each in sessions), "all answered")
        self.book.wait(lambda: all(each in self.book.receipts for each in self.book.answered),
                       "a receipt for every answered message", DRAIN_SECONDS)
        eventually(lambda: self.carrier.waiting() == 0, "the carrier has its answers",
                   DRAIN_SECONDS)
        self.book.wait(lambda: len(self.book.replies) == self.replies, "every reply",
                       DRAIN_SECONDS)
        self.gateway.wait_metric(0, "hikyaku_queued_messages")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")
        return sessions

    def test_nothing_answered_is_lost(self):
        for _ in range(ROUNDS):
            self.live_and_die()
        sessions = self.last_life()
        self.audit_carrier()
        self.audit_application()
        self.audit_references()
        self.assertEqual(self.gateway.metric("hikyaku_store_read_faults_total"), 0)
        self.assertEqual(self.gateway.stop(60), 0)
        for each in sessions:
            each.end()

    def audit_carrier(self):
        """Every answered message whole, nothing that was not asked for, few things twice."""
        book, parts, times = self.book, collections.defaultdict(dict), collections.Counter()
        for each in self.carrier.submissions.items():
            number = each.header[5] if each.header else 1
            total = each.header[4] if each.header else 1
            self.assertIn(each.destination, book.asked, "nobody asked for this")
            known = parts[each.destination].setdefault(number, (total, each.text))
            self.assertEqual(known, (total, each.text), "sent again, but not the same")
            times[(each.destination, number)] += 1
        for destination, got in parts.items():
            total = next(iter(got.values()))[0]
            if destination in book.answered.values() or len(got) == total:
                self.assertEqual(sorted(got), list(range(1, total + 1)), destination)
                text = "".join(got[number][1] for number in sorted(got))
                self.assertEqual(text, book.asked[destination])
        missing = [each for each in book.answered.values() if each not in parts]
        self.assertEqual(missing, [], "answered, but never sent")
        twice = sum(times.values()) - len(times)
        print(f"{len(book.answered)} answered, {book.unknown} without an answer, "
              f"{len(times)} segments sent, {twice} of them again", file=sys.stderr)
        # In flight at the kill, and as much again whose responses were being stored.
        self.assertLessEqual(twice, ROUNDS * 2 * CARRIER_WINDOW * BINDS)

    def audit_application(self):
        """Each answered message has one final state, told at least once."""
        book = self.book
        for message_id in book.answered:
            self.assertEqual(set(book.receipts[message_id]), {"DELIVRD"}, message_id)
        strangers = [each for each in book.receipts if each not in book.answered]
        self.assertLessEqual(len(strangers), book.unknown, "receipts for what nobody submitted")
        again = sum(len(each) - 1 for each in book.receipts.values()) + \
            sum(each - 1 for each in book.replies.values())
        print(f"{len(book.receipts)} receipts, {len(book.replies)} replies, {again} events again",
              file=sys.stderr)
        self.assertEqual(set(book.replies), {f"reply {n}" for n in range(1, self.replies + 1)})
        self.assertLessEqual(again, ROUNDS * 2 * RECEIPT_WINDOW * SESSIONS)
        acknowledged = set(self.carrier.acknowledged.items())
        self.assertGreaterEqual(acknowledged, {f"reply {n}" for n in range(1, self.replies + 1)})

    def audit_references(self):
        """A post that was repeated with its key after a crash was accepted once."""
        self.assertGreater(len(self.book.posted), 0)
        for destination, reference in self.book.posted.items():
            found = self.gateway.http("GET", f"/v1/messages?reference={reference}").json()
            self.assertEqual([(each["to"], each["status"]) for each in found["messages"]],
                             [("+" + destination, "delivered")], reference)


if __name__ == "__main__":
    unittest.main(verbosity=2)
