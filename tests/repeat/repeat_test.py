"""`./dev test --repeat` itself is tested, with a folder of tests made for it: that it finds a test that
fails now and then, in which rounds, and keeps what it said; and that nothing of it stays behind.
"""
import os
import signal
import subprocess
import sys
import unittest

from support.gateway import folder
from support.waiting import HANGS_AFTER, eventually

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.py")
TESTS = """
add_test(good "true")
add_test(seldom "sh" "-c"
         "echo x >>{folder}/times; echo so it was; test $(wc -l <{folder}/times) != 4")
add_test(endless "sh" "-c" "echo $$ >{folder}/endless; exec sleep 100000")
add_test(pure "false")
set_tests_properties(pure PROPERTIES LABELS unit)
"""


class repeat_test(unittest.TestCase):
    def setUp(self):
        self.folder = folder()
        self.addCleanup(self.folder.remove)
        self.folder.file("CTestTestfile.cmake", TESTS.format(folder=self.folder.path))
        self.kept = os.path.join(self.folder.path, "kept")

    def command(self, *arguments):
        return [sys.executable, RUN, "--build", self.folder.path, "--keep", self.kept, *arguments]

    def repeat(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True,
                              timeout=HANGS_AFTER, check=False)
        return done.returncode, done.stdout

    def processes(self):
        """Those that have this test's folder in their arguments."""
        found = []
        for each in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{each}/cmdline", "rb") as arguments:
                    if self.folder.path.encode() in arguments.read():
                        found.append(int(each))
            except OSError:
                pass
        return found

    def test_what_fails_once_is_found(self):
        code, said = self.repeat("3", "-R", "good|seldom|pure")
        lines = said.splitlines()
        self.assertEqual(code, 1, said)
        self.assertRegex(lines[0], "^round 1, alone: 2 tests in [0-9]+ s, 0 failed$")
        # The fourth time is the second round's beside the load.
        failed = [line for line in lines if "FAILED" in line]
        self.assertEqual(len(failed), 1, said)
        self.assertRegex(failed[0], "FAILED seldom in round 2, loaded: /")
        with open(failed[0].rsplit(": ", 1)[1], encoding="utf-8") as output:
            self.assertIn("so it was", output.read())
        self.assertRegex(lines[-2], "^2 tests, 3 times alone and 3 times beside a load on [0-9]+ "
                                    "cores: 1 failures$")
        self.assertEqual(lines[-1], "  seldom: 0 of 3 alone, 1 of 3 loaded")
        self.assertEqual(self.processes(), [])

    def test_no_failure(self):
        code, said = self.repeat("1", "-R", "good")
        self.assertEqual(code, 0, said)
        self.assertRegex(said.splitlines()[-1], ": 0 failures$")

    def test_no_test(self):
        self.assertEqual(self.repeat("1", "-R", "nothing")[0], 1)
        self.assertEqual(self.repeat("0")[0], 2)

    def test_an_interruption_leaves_nothing_behind(self):
        started = subprocess.Popen(self.command("1", "-R", "good|endless"), text=True,
                                   stdout=subprocess.PIPE)
        path = os.path.join(self.folder.path, "endless")
        eventually(lambda: os.path.exists(path) and os.path.getsize(path), "a test runs")
        with open(path, encoding="ascii") as written:
            endless = int(written.read())
        started.send_signal(signal.SIGTERM)
        said, _ = started.communicate(timeout=HANGS_AFTER)
        self.assertEqual(started.returncode, 130, said)
        self.assertIn("interrupted\n", said)
        eventually(lambda: not os.path.exists(f"/proc/{endless}"), "the test has ended too")
        self.assertEqual(self.processes(), [])

    def test_an_interruption_ends_the_load(self):
        started = subprocess.Popen(self.command("1", "-R", "endless"), text=True,
                                   stdout=subprocess.PIPE)
        path = os.path.join(self.folder.path, "endless")

        def running():
            if not os.path.exists(path):
                return None
            with open(path, encoding="ascii") as written:
                return int(written.read() or "0")
        first = eventually(running, "a test runs alone")
        os.kill(first, signal.SIGTERM)
        eventually(lambda: running() != first, "it runs again, beside the load")
        self.assertGreater(sum(b"load.py" in arguments for arguments in self.arguments()), 0)
        started.send_signal(signal.SIGINT)
        said, _ = started.communicate(timeout=HANGS_AFTER)
        self.assertEqual(started.returncode, 130, said)
        self.assertEqual(self.processes(), [])

    def arguments(self):
        for each in self.processes():
            with open(f"/proc/{each}/cmdline", "rb") as read:
                yield read.read()


if __name__ == "__main__":
    unittest.main(verbosity=2)
