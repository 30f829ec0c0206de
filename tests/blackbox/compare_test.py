"""The comparison with Kannel and nginx itself: a short run of each kind with few messages, whose
counts must add up, a Kannel without a store, in which the audit has to find the losses, and the text
that goes into the document.
"""
import os
import sys
import tempfile
import unittest

from support.program import needs

sys.path.insert(0, os.path.join(os.environ["HIKYAKU_SOURCE_DIR"], "bench"))
os.environ["PATH"] += ":/usr/sbin"
import compare_kill  # noqa: E402
import compare_speed  # noqa: E402
import compare_text  # noqa: E402
import peers  # noqa: E402

KANNEL = "Kannel, no store"


class killed(unittest.TestCase):
    """Two seconds of a slow carrier instead of ten, and few messages."""

    def setUp(self):
        changes = {"KILL_AT": 1000, "QUIET_SECONDS": 2, "CARRIER": (
            "--response-delay", "800ms", "--response-delay-step", "3s:0ms",
            "--receipt-delay", "1s")}
        for name, value in changes.items():
            self.addCleanup(setattr, compare_kill, name, getattr(compare_kill, name))
            setattr(compare_kill, name, value)

    def test_hikyaku_loses_nothing(self):
        needs("nginx")
        figures = compare_kill.run(peers.OURS)["figures"]
        self.assertGreaterEqual(figures["accepted"], 1000)
        self.assertGreaterEqual(figures["at the carrier"], figures["accepted"])
        self.assertEqual((figures["messages lost"], figures["receipts lost"]), (0, 0))

    def test_losses_of_a_kannel_without_a_store_are_seen(self):
        needs("nginx", "bearerbox", "smsbox")
        figures = compare_kill.run(KANNEL)["figures"]
        self.assertGreaterEqual(figures["accepted"], 1000)
        self.assertGreater(figures["messages lost"], 0)
        self.assertEqual(figures["messages lost"] + figures["at the carrier"],
                         figures["accepted"])
        self.assertGreater(figures["receipts lost"], 0)


class fast(unittest.TestCase):
    def test_all_that_was_answered_comes_out_with_its_receipt(self):
        needs("nginx", "wrk")
        self.addCleanup(setattr, compare_speed, "LOAD_SECONDS", compare_speed.LOAD_SECONDS)
        compare_speed.LOAD_SECONDS = 1
        result = compare_speed.run(peers.OURS, True)
        load = result["load"]
        self.assertEqual((load["refused"], load["broken"]), (0, 0))
        self.assertGreater(load["requests"], 0)
        # wrk leaves at most one request on each connection without waiting for its answer.
        self.assertGreaterEqual(result["messages"], load["requests"])
        self.assertLessEqual(result["messages"],
                             load["requests"] + compare_speed.CONNECTIONS)
        self.assertEqual(result["figures"]["receipts missing"], 0)


def speed_result(peer, per_second, cpu_us):
    return {"peer": peer, "receipts": False, "figures": {
        "messages/s": per_second, "CPU us per message": cpu_us, "p50 ms": 1.0, "p99 ms": 2.5}}


class text(unittest.TestCase):
    def test_medians_spreads_and_ratios(self):
        results = [speed_result(peers.OURS, rate, 50) for rate in (20111, 30000, 10000)]
        results += [speed_result(KANNEL, rate, 150) for rate in (5000, 5027.5, 6000)]
        rows = compare_text.speed(results).split("\n")[2:]
        self.assertEqual(rows, [
            "| Hikyaku | no | 20,100 (10,000-30,000) | - | - | 1 | 50 | 1 | 1 / 2.5 |",
            "| Kannel, no store | no | 5,030 (5,000-6,000) | - | - | 0.25 | 150 | 3 | 1 / 2.5 |"])

    def test_redirects_are_compared_within_a_round(self):
        rounds = [{"gateway": {"per_second": ours, "p99_ms": 3}, "nginx":
                   {"per_second": theirs, "p99_ms": 2}} for ours, theirs in ((50, 100), (90, 100),
                                                                            (60, 80))]
        rows = compare_text.redirects({"links": 1000000, "rounds": rounds}).split("\n")[2:]
        self.assertEqual(rows, [
            "| Hikyaku, 1,000,000 links, hits stored | 60 (50-90) | 0.75 (0.5-0.9) | 3 |",
            "| nginx, `return 302`, one worker | 100 (80-100) | 1 | 2 |"])

    def test_only_its_own_section_of_the_document_changes(self):
        section = f"{compare_text.BEGIN}\nnew\n{compare_text.END}\n"
        for before, after in (
                ("# Title\n", f"# Title\n\n{section}"),
                (f"# Title\n\n{compare_text.BEGIN}\nold\n{compare_text.END}\n\n## More\n",
                 f"# Title\n\n{section}\n## More\n")):
            with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as file:
                file.write(before)
                file.flush()
                compare_text.put(file.name, section)
                with open(file.name, encoding="utf-8") as written:
                    self.assertEqual(written.read(), after)


if __name__ == "__main__":
    unittest.main()
