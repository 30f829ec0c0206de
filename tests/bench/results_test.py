"""Recorded results: how a run becomes a line of bench/results, what ./dev bench trends makes of lines,
and that every line of this tree has the members that bench/results/README.md describes.
"""
import contextlib
import datetime
import importlib.machinery
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.environ["HIKYAKU_SOURCE_DIR"]
BENCH = os.path.join(ROOT, "bench")
sys.path.insert(0, BENCH)
import compare_text  # noqa: E402
import machine  # noqa: E402
import record  # noqa: E402
import scenarios  # noqa: E402
import trends  # noqa: E402

BIG = {"cores": 2, "model": "A", "memory_gib": 24, "store": "ext4"}
SMALL = {"cores": 1, "model": "B", "memory_gib": 2, "store": "tmpfs"}


def bench_run():
    """bench/run as a module; its name has no .py."""
    loader = importlib.machinery.SourceFileLoader("bench_run", os.path.join(BENCH, "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


def line(commit, figures, on=None, **more):
    return {"date": "2026-11-28", "commit": commit, "machine": on or BIG, "scenario": "s",
            "rounds": 3, "figures": figures, **more}


def rate(median, least, most):
    return {"messages/s": {"median": median, "least": least, "most": most}}


class results_case(unittest.TestCase):
    """Lines go to a folder of the test's own."""

    def setUp(self):
        made = tempfile.TemporaryDirectory(prefix="hikyaku-test-")
        self.addCleanup(made.cleanup)
        self.addCleanup(setattr, record, "FOLDER", record.FOLDER)
        record.FOLDER = self.folder = made.name

    def quietly(self, what, *values):
        """(what it returns, what it says)"""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            returned = what(*values)
        return returned, said.getvalue()


class recorded(results_case):
    def test_the_medians_of_a_benchmark(self):
        values = iter((10.0, 30.0, 11.0))
        self.addCleanup(scenarios.ALL.pop, "made-up")
        scenarios.ALL["made-up"] = lambda binary: [
            {"scenario": "made up", "figures": {"messages/s": next(values), "never": None}}]
        code, _ = self.quietly(bench_run().main, ["made-up", "--rounds", "3", "--record"])
        self.assertEqual(code, 0)
        self.assertEqual(record.names(), ["made-up"])
        self.assertEqual(record.read("made-up"), [{
            "date": datetime.date.today().isoformat(), "commit": record.commit(),
            "machine": machine.facts(), "scenario": "made up", "rounds": 3,
            "figures": {"messages/s": {"median": 11.0, "least": 10.0, "most": 30.0},
                        "never": None}}])

    def test_nothing_without_being_asked(self):
        self.addCleanup(scenarios.ALL.pop, "made-up")
        scenarios.ALL["made-up"] = lambda binary: [{"scenario": "made up", "figures": {"a": 1}}]
        self.quietly(bench_run().main, ["made-up"])
        self.assertEqual(record.names(), [])

    def test_other_programs_and_short_runs_are_refused(self):
        for more in (["--short"], ["--binary", sys.executable]):
            with self.assertRaises(SystemExit) as ended:
                self.quietly(bench_run().main, ["http", "--record", *more])
            self.assertEqual(ended.exception.code, 2)

    def test_one_round_is_a_number_and_a_line_is_behind_the_others(self):
        for value in (1, 2):
            self.quietly(record.append, "a", "s", 1, {"x": [value]})
        self.assertEqual([each["figures"] for each in record.read("a")], [{"x": 1}, {"x": 2}])

    def test_the_commit_says_whether_a_source_differs(self):
        def git(*words):
            subprocess.run(["git", "-C", self.folder, "-c", "user.name=a", "-c", "user.email=a@b",
                            *words], check=True, capture_output=True, timeout=60)
        self.addCleanup(setattr, record, "ROOT", record.ROOT)
        record.ROOT = self.folder
        self.assertIsNone(record.commit())
        os.makedirs(os.path.join(self.folder, "bench/results"))
        git("init")
        for name in ("source", "bench/results/a.jsonl"):
            self.write(name, "1")
            git("add", name)
        git("commit", "-m", "x")
        self.assertRegex(record.commit(), "^[0-9a-f]{7,}$")
        self.write("bench/results/a.jsonl", "2")
        self.assertRegex(record.commit(), "^[0-9a-f]{7,}$")
        self.write("source", "2")
        self.assertRegex(record.commit(), "^[0-9a-f]{7,}-dirty$")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)


SAID = {
    "crash": """HIKYAKU_CRASH_SEED=7 HIKYAKU_CRASH_ROUNDS=20
20 of 20: 900 messages and 80 taps answered
21 deaths: 15 load, 6 stop
messages: 1000 answered, 0 lost, 12 without an answer; 1300 segments sent, 140 of them again
receipts: 1000, replies: 55, 0 lost; 70 deliveries again
hits: 90 answered, 0 lost, 3 without an answer, 91 counted; 4 events again; 0 may be lost
""",
    "soak": """
60 min at 24343/s, retention 2m, 360 samples of 10 s, warm-up of 390 s left out; the middle value:

| quantity | first quarter | last quarter | highest | allowed | verdict |
|---|---|---|---|---|---|
| `rss_anon_mib` | 41 MiB | 41.5 MiB | 42 MiB | 51 MiB | flat |
| `store_file_mib` | 1,661 MiB | 1,662 MiB | 1,661 MiB | 1,760 MiB | flat |
| `response_p50_ms` | 3.4 ms | 3.6 ms | 5.5 ms | 5.3 ms | flat |
| `response_p99_ms` | 22 ms | 28.3 ms | 134 ms | 38 ms | flat |
| `receipt_p99_ms` | 33 ms | 40.1 ms | 143 ms | 59.5 ms | flat |
| `cpu_us_per_message` | 32.6 us | 33.3 us | 41.1 us | 39.5 us | flat |

accepted 87634800, receipts 87634800, lost 0, refused 0; response p50 / p99 / max 1 / 2 / 3 ms
retention removed 99.8% of what came in after the warm-up
verdict: flat, nothing lost
"""}


class read_from_output(results_case):
    def run_saying(self, name, text, code=0):
        program = f"print({text!r}, end=''); raise SystemExit({code})"
        return self.quietly(record.main, [name, sys.executable, "-c", program])

    def test_a_crash_run(self):
        code, said = self.run_saying("crash", SAID["crash"])
        self.assertEqual(code, 0)
        self.assertIn(SAID["crash"], said)
        (kept,) = record.read("crash")
        self.assertEqual((kept["scenario"], kept["findings"]), ("SIGKILL under load", []))
        self.assertEqual(kept["figures"], {
            "kills": 21, "messages answered": 1000, "messages lost": 0, "segments sent": 1300,
            "segments again": 140, "receipts": 1000, "replies": 55,
            "receipts and replies lost": 0, "deliveries again": 70, "hits answered": 90,
            "hits lost": 0})

    def test_a_soak_run_that_found_something(self):
        said = SAID["soak"].replace("flat, nothing lost", "tasks grows from 5.0 to 50.0")
        code, _ = self.run_saying("soak", said, 1)
        self.assertEqual(code, 1)
        (kept,) = record.read("soak")
        self.assertEqual(kept["findings"], ["tasks grows from 5.0 to 50.0"])
        self.assertEqual(kept["figures"], {
            "minutes": 60, "messages/s": 24343, "accepted": 87634800, "receipts": 87634800,
            "lost": 0, "refused": 0, "removed by retention %": 99.8,
            "anonymous MiB, last quarter": 41.5, "store MiB, last quarter": 1662,
            "response p50 ms, last quarter": 3.6, "response p99 ms, last quarter": 28.3,
            "receipt p99 ms, last quarter": 40.1, "CPU us per message, last quarter": 33.3})

    def test_a_failure_without_a_verdict(self):
        code, _ = self.run_saying("crash", SAID["crash"], 1)
        self.assertEqual(code, 1)
        (kept,) = record.read("crash")
        self.assertEqual(kept["findings"], ["exit code 1"])

    def test_a_run_of_the_simulation_itself(self):
        program = os.path.join(os.path.dirname(os.environ["HIKYAKU_BINARY"]), "tests/test_sim")
        code, said = self.quietly(record.main, ["sim", program, "--seed", "3", "--runs", "2",
                                                "--gtest_filter=simulation.nothing*"])
        self.assertEqual(code, 0, said)
        (kept,) = record.read("sim")
        self.assertEqual((kept["figures"]["seeds"], kept["figures"]["first seed"]), (2, 3))
        self.assertGreater(kept["figures"]["messages"], 0)

    def test_the_lines_of_a_power_cut(self):
        figures = record.found_in(
            "20 power cuts (3 kept): 57 blocks not synced, 30 of them lost or torn\n"
            + SAID["crash"], record.PATTERNS["power"])
        self.assertEqual([figures[each] for each in ("cuts", "blocks not synced",
                                                     "of them lost or torn")], [[20], [57], [30]])

    def test_a_figure_that_is_missing_is_no_result(self):
        code, said = self.run_saying("crash", SAID["crash"].replace("hits:", "taps:"))
        self.assertEqual(code, 1)
        self.assertIn('nothing is recorded, the output has no "hits answered"', said)
        self.assertEqual(record.names(), [])

    def test_a_usage_error(self):
        for words in ([], ["crash"], ["nothing", "true"]):
            with self.assertRaises(SystemExit):
                record.main(words)


class history(results_case):
    def test_changes_are_against_the_same_machine(self):
        lines = [line("aaaaaaa", rate(1000, 900, 1100)), line("bbbbbbb", rate(50, 40, 60), SMALL),
                 line("ccccccc", rate(1500, 1200, 1600), note="quiet"),
                 line("ddddddd", rate(1400, 1300, 1450)), line(None, rate(100, 90, 110), SMALL)]
        self.assertEqual(trends.table(lines).split("\n"), [
            "s", "  messages/s",
            "    2026-11-28  aaaaaaa  1,000 (900-1,100)              A",
            "    2026-11-28  bbbbbbb  50 (40-60)                     B",
            "    2026-11-28  ccccccc  1,500 (1,200-1,600)  +50.0 %   A  quiet",
            "    2026-11-28  ddddddd  1,400 (1,300-1,450)  -6.7 % ~  A",
            "    2026-11-28  -        100 (90-110)         +100.0 %  B",
            "A: 2 cores of A, 24 GiB, stores on ext4", "B: 1 cores of B, 2 GiB, stores on tmpfs"])

    def test_without_a_spread_a_change_may_be_chance(self):
        self.assertEqual(trends.change(100, 110), "+10.0 % ~")
        self.assertEqual(trends.change({"median": 100}, rate(110, 105, 120)["messages/s"]),
                         "+10.0 % ~")
        self.assertEqual(trends.change(0, 5), "")
        self.assertEqual(trends.change(100, 100), "+0.0 %")

    def test_figures_without_a_value_are_left_out(self):
        printed = trends.table([line("aaaaaaa", {"a": None, "b": 1}, None)])
        self.assertIn("  b\n", printed)
        self.assertNotIn("  a\n", printed)

    def test_what_runs_have_found(self):
        printed = trends.table([line("aaaaaaa", {"a": 1}, findings=[]),
                                line(None, {}, findings=["one", "two"])]).split("\n")
        self.assertEqual(printed[3:6], ["  findings", "    2026-11-28  -        one",
                                        "    2026-11-28  -        two"])

    def test_the_command(self):
        for name, scenario in (("one", "s"), ("two", "t")):
            with open(os.path.join(self.folder, f"{name}.jsonl"), "w", encoding="utf-8") as file:
                file.write(json.dumps({**line("aaaaaaa", {"a b": 1, "c": 2}),
                                       "scenario": scenario}) + "\n")
        _, everything = self.quietly(trends.main, [], self.folder)
        _, chosen = self.quietly(trends.main, ["two", "--figure", "a"], self.folder)
        self.assertEqual(re.findall(r"^\S+$|^  \S.*$", everything, re.MULTILINE),
                         ["s", "  a b", "  c", "t", "  a b", "  c"])
        self.assertEqual(re.findall(r"^\S+$|^  \S.*$", chosen, re.MULTILINE), ["t", "  a b"])
        with self.assertRaises(SystemExit) as ended:
            self.quietly(trends.main, ["three"], self.folder)
        self.assertEqual(ended.exception.code, 2)


class in_this_tree(unittest.TestCase):
    def check(self, one):
        self.assertLessEqual(set(one), set(record.MEMBERS))
        self.assertLessEqual({"date", "commit", "machine", "scenario", "rounds", "figures"},
                             set(one))
        if one["date"] is not None:
            datetime.date.fromisoformat(one["date"])
        if one["commit"] is not None:
            self.assertRegex(one["commit"], "^[0-9a-f]{7,40}(-dirty)?$")
        if one["machine"] is not None:
            self.assertEqual(set(one["machine"]), set(BIG))
        for value in one["figures"].values():
            if isinstance(value, dict):
                self.assertEqual(set(value), set(record.SPREAD))
                known = [value[each] for each in ("least", "median", "most")
                         if value[each] is not None]
                self.assertEqual(known, sorted(known))
            elif value is not None:
                self.assertIsInstance(value, (int, float))
        for text in one.get("findings", []):
            self.assertIsInstance(text, str)

    def test_every_line_is_as_described(self):
        self.assertGreater(len(record.names()), 0)
        for name in record.names():
            for number, one in enumerate(record.read(name), 1):
                with self.subTest(file=name, line=number):
                    self.check(one)

    def test_trends_prints_them_all(self):
        done = subprocess.run([os.path.join(BENCH, "trends.py")], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in record.names():
            for one in record.read(name):
                self.assertIn("\n" + one["scenario"] + "\n", "\n" + done.stdout)

    def test_the_written_section_fits_the_columns_of_documents(self):
        for text in (compare_text._introduction(3), compare_text._about_speed(),
                     compare_text._about_kills()):
            self.assertLessEqual(max(map(len, text.split("\n"))), 100, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
