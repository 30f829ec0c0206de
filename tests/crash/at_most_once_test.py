"""SIGKILL while messages are with a carrier that takes them and never answers: those that are to be
sent at most once do not come again, whatever their number of segments, and are unknown when their
time is over; the others come again.
"""
import unittest

from support.carrier import carrier
from support.clock import shifted_clock
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.waiting import eventually

COUNT = 16
VALIDITY = 3600  # seconds


class at_most_once_test(unittest.TestCase):
    def start(self, on_unknown="resend"):
        self.carrier = carrier(respond=False)
        self.addCleanup(self.carrier.close)
        here = folder()
        self.addCleanup(here.remove)
        self.clock = shifted_clock(here)
        self.gateway = gateway(default_configuration(
            [to_carrier(self.carrier.port, on_unknown=on_unknown)], [account()]),
            environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def submit(self, **fields):
        """COUNT messages, every fourth of two segments, all of them on the air; their ids."""
        before = len(self.carrier.submissions.items())
        ids = [self.gateway.send(f"+49173000{n:04}", "a" * (200 if n % 4 == 0 else 20),
                                 valid_for=VALIDITY, **fields)["id"]
               for n in range(COUNT)]
        segments = before + COUNT + COUNT // 4
        self.wait_segments(segments)
        return ids

    def wait_segments(self, count):
        eventually(lambda: len(self.carrier.submissions.items()) >= count, f"{count} segments")
        self.assertEqual(len(self.carrier.submissions.items()), count)

    def die_and_start(self):
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()

    def audit_never_again(self, ids):
        segments = len(self.carrier.submissions.items())
        self.die_and_start()
        # What is submitted now overtakes nothing: had the others been ready, they had come first.
        self.gateway.send("+491749999", "after the crash")
        self.wait_segments(segments + 1)
        self.assertEqual(self.gateway.metric("hikyaku_resends_withheld_total"), segments)
        self.die_and_start()
        self.gateway.send("+491749999", "after another")
        eventually(lambda: self.carrier.submissions.items()[-1].text == "after another", "it")
        self.audit_carrier(segments)

    def audit_carrier(self, segments):
        again = [each for each in self.carrier.submissions.items()[segments:]
                 if each.destination != "491749999"]
        self.assertEqual(again, [])

    def test_messages_that_ask_for_it(self):
        self.start()
        ids = self.submit(at_most_once=True)
        segments = len(self.carrier.submissions.items())
        self.audit_never_again(ids)
        self.clock.set(VALIDITY + 1)
        for each in ids:
            self.gateway.wait_message(each, lambda found: found["status"] == "unknown", "its end")
        self.audit_carrier(segments)

    def test_carriers_whose_receipts_are_awaited(self):
        self.start("await_receipt")
        self.audit_never_again(self.submit())

    def test_receipts_of_what_was_in_flight_find_it(self):
        self.start()
        ids = self.submit(at_most_once=True)
        segments = self.carrier.submissions.items()
        self.die_and_start()
        self.gateway.wait_metric(len(segments), "hikyaku_resends_withheld_total")
        for each in segments:
            self.carrier.receipt(each, "DELIVRD")
        for each in ids:
            self.gateway.wait_message(each, lambda found: found["status"] == "delivered",
                                      "its receipt")
        self.assertEqual(len(self.carrier.submissions.items()), len(segments))

    def test_others_come_again(self):
        self.start()
        self.submit()
        segments = len(self.carrier.submissions.items())
        self.die_and_start()
        self.wait_segments(2 * segments)


if __name__ == "__main__":
    unittest.main(verbosity=2)
