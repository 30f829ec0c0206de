"""What clients hear when there is too much: full queues, rates that are exceeded and a disk that
cannot keep up have the status that means "later", over SMPP and over HTTP; what was accepted is
delivered.
"""
import collections
import unittest

from support.gateway import TOKEN, account
from support.overloaded import SHARE_OF_FLOOD, WINDOW, overloaded_test, watch
from support.steady import median_seconds, steady_load

RATE, SECONDS, QUEUED_MAX, CONTRACT = 1500, 3, 400, 200
ONE = {"from": "Hikyaku", "to": "+819012345678", "text": "one"}


class refusals_test(overloaded_test):
    def test_full_queues_at_both_doors(self):
        """Far more comes in than the contract with the carrier lets out, until no more may wait."""
        self.start([account(queued_max=QUEUED_MAX, receipt_window=WINDOW)],
                   contract_rate=f"{CONTRACT}/s")
        watching = watch(self.gateway)
        flood = steady_load(self.gateway, RATE, SECONDS)
        posts = steady_load(self.gateway, RATE, SECONDS, http=TOKEN)
        flooded, posted = flood.result(), posts.result()
        watching.end()
        self.assertEqual(list(flooded["refused"]), ["ESME_RMSGQFUL"])
        self.assertEqual(list(posted["refused"]), ["429"])
        self.assertEqual((flooded["failed"], posted["failed"]), ({}, {}))
        self.assertLessEqual(max(watching.queued), QUEUED_MAX)
        self.assertEqual(flooded["receipts"], flooded["accepted"])
        self.assertLess(median_seconds(flooded), SHARE_OF_FLOOD * flooded["duration_s"])
        self.assertLess(median_seconds(posted), SHARE_OF_FLOOD * posted["duration_s"])
        self.drained()
        again = self.gateway.http("POST", "/v1/messages", ONE)
        self.assertEqual(again.status, 202, "there is room again")
        self.assertEqual(self.gateway.metric("hikyaku_messages_accepted_total"),
                         flooded["accepted"] + posted["accepted"] + 1)
        self.gateway.wait_metric(flooded["accepted"] + posted["accepted"] + 1,
                                 "hikyaku_messages_finished_total", state="delivered")

    def test_a_disk_that_cannot_keep_up(self):
        """More comes in than the disk takes: 503, and ESME_RMSGQFUL over SMPP."""
        self.start([account(window=10000)], store={"pending_bytes_max": "1MiB"})
        # A request of more than may wait: no disk is as fast as that.
        several = {"from": "Shop", "to": [f"+4917250{n:04d}" for n in range(1000)],
                   "text": "x" * 1500}
        self.assertIn(self.gateway.http("POST", "/v1/messages", several).status, (202, 207, 503))
        self.assertGreater(self.refused("store_busy"), 0)
        posts = steady_load(self.gateway, 100000, 1, http=TOKEN,
                            arguments=["--batch", "1000", "--connections", "16"])
        flood = steady_load(self.gateway, 10000, 1, arguments=["--window", "10000"])
        posted, flooded = posts.result(), flood.result()
        self.assertLessEqual(set(posted["refused"]), {"503", "in_batch"})
        self.assertLessEqual(set(flooded["refused"]), {"ESME_RMSGQFUL"})
        self.assertEqual((flooded["failed"], posted["failed"]), ({}, {}))
        self.assertEqual(flooded["receipts"], flooded["accepted"])
        self.assertEqual(self.refused("store_failing"), 0, "nothing is wrong with the disk")
        self.drained()

    def refused(self, reason):
        return self.gateway.metric("hikyaku_submissions_refused_total", reason=reason)

    def test_the_refusals_say_when_to_come_back(self):
        """429 for the account's rate and for its queue."""
        self.start([account(rate={"per_second": "1/min", "burst": 10}),
                    account(name="full", system_id="full", password="full", queued_max=1,
                            api_tokens=["full-token"])], contract_rate="1/min")
        codes = collections.Counter()
        for token in [TOKEN] * 12 + ["full-token"] * 4:
            got = self.gateway.http("POST", "/v1/messages", ONE, token)
            codes[(token, got.status, got.json().get("code"))] += 1
            if got.status == 429:
                self.assertGreaterEqual(int(got.headers["retry-after"]), 1)
        self.assertEqual(codes[(TOKEN, 202, None)], 10)
        self.assertEqual(codes[(TOKEN, 429, "rate_exceeded")], 2)
        self.assertGreaterEqual(codes[("full-token", 429, "queue_full")], 2)
        self.assertEqual(sum(codes.values()), 16)
        self.assertEqual({status for _, status, _ in codes}, {202, 429})


if __name__ == "__main__":
    unittest.main(verbosity=2)
