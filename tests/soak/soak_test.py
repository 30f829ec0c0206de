"""The soak run itself is tested: that its verdict sees growth in each quantity and nothing else,
and that a run of a few seconds goes through to the end.
"""
import contextlib
import io
import os
import tempfile
import unittest

from soak import run, verdict


def samples(count=40, **last):
    """Flat ones; the columns in `last` grow evenly to that value."""
    flat = {column: 100.0 for column in verdict.ALLOWED}
    made = []
    for number in range(count):
        grown = {column: 100.0 + (value - 100.0) * number / (count - 1)
                 for column, value in last.items()}
        made.append({**flat, **grown, "at_s": 10.0 * (number + 1),
                     "accepted": 1000.0 * number, "expired": 980.0 * number})
    return made


def verdicts(taken, warm_up=0):
    """Of what is judged."""
    return {row[0]: row[-1] for row in verdict.judge(taken, warm_up) if row[0] in verdict.ALLOWED}


class soak_test(unittest.TestCase):
    def test_flat_samples_are_flat(self):
        self.assertEqual(set(verdicts(samples()).values()), {"flat"})

    def test_growth_of_each_quantity_is_seen(self):
        for column, (_, times, more) in verdict.ALLOWED.items():
            grown = verdicts(samples(**{column: 100 * times + 2 * more + 100}))
            self.assertEqual(grown.pop(column), "grows", column)
            self.assertEqual(set(grown.values()), {"flat"}, column)

    def test_growth_during_the_warm_up_is_none(self):
        taken = samples(rss_anon_mib=10000)
        for each in taken[10:]:
            each["rss_anon_mib"] = 5000
        self.assertEqual(verdicts(taken, 100)["rss_anon_mib"], "flat")
        self.assertEqual(verdicts(taken, 0)["rss_anon_mib"], "grows")

    def test_a_single_high_sample_is_not_growth(self):
        taken = samples()
        taken[-1]["response_p99_ms"] = 1000
        rows = {row[0]: row for row in verdict.judge(taken, 0)}
        self.assertEqual(rows["response_p99_ms"][-1], "flat")
        self.assertEqual(rows["response_p99_ms"][4], 1000)  # but it is shown

    def test_a_slow_disk_is_shown_and_not_judged(self):
        taken = samples()
        for number, each in enumerate(taken):
            each["disk_write_ms"] = 0.2 if number < 20 else 5.0
        rows = {row[0]: row for row in verdict.judge(taken, 0)}
        self.assertEqual(rows["disk_write_ms"][2:], (0.2, 5.0, 5.0, None, "not judged"))
        self.assertIn("| `disk_write_ms` | 0.2 ms | 5 ms | 5 ms | - | not judged |",
                      verdict.table(rows.values()))

    def test_what_could_not_be_measured_is_said(self):
        taken = samples()
        for each in taken:
            each["store_used_mib"] = None
        self.assertEqual(verdicts(taken)["store_used_mib"], "not measured")

    def test_too_few_samples_are_refused(self):
        with self.assertRaises(ValueError):
            verdict.judge(samples(count=11), 0)

    def test_the_share_of_retention(self):
        self.assertAlmostEqual(verdict.retention_share(samples(), 100), 0.98)

    def test_a_short_run(self):
        with tempfile.TemporaryDirectory(prefix="hikyaku-test-") as folder:
            path = os.path.join(folder, "samples.csv")
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                code = run.main(["--minutes", "0.2", "--rate", "200", "--every", "0.2", "--csv",
                                  path, "--retention", "1h"])
            # Whether so few seconds are flat on a busy machine says nothing about the program.
            self.assertIn(code, (0, 1), said.getvalue())
            self.assertIn("accepted 2400, receipts 2400, lost 0, refused 0", said.getvalue())
            with open(path, encoding="ascii") as written:
                lines = written.read().splitlines()
        self.assertEqual(lines[0].split(","), run.COLUMNS)
        # Without so many there is no verdict; a busy machine has longer intervals, and fewer.
        self.assertGreater(len(lines), 4 * verdict.QUARTER_MIN)


if __name__ == "__main__":
    unittest.main(verbosity=2)
