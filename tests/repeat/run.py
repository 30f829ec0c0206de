"""`./dev test --repeat N [ctest arguments]`: the tests that are not unit tests, N times alone and N
times beside a load on every core, one round after the other. Each failure is printed as soon as its
round is over, with the file that keeps its output; then a summary. Exit code 0: there was none; 1:
there was one, or no test ran; 130: interrupted.
"""
import argparse
import collections
import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

CORES = len(os.sched_getaffinity(0))
ALONE, LOADED = "alone", "loaded"
ROUNDS_MAX = 1000
CTEST_FAILED = 8  # its exit code when a test has failed
ENDS_WITHIN = 20  # seconds that a ctest which is told to end may take; then it is killed
_PR_SET_PDEATHSIG = 1
_INTERRUPTIONS = {signal.SIGINT, signal.SIGTERM}
_libc = ctypes.CDLL(None)


@contextlib.contextmanager
def _uninterrupted():
    """What is started here has a name before an interruption can end it: one between the two would
    leave it behind."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTIONS)


def _in_the_child():
    """It dies with its parent, and may be interrupted."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTIONS)


class broken(Exception):
    """The tests could not be run; the text says why."""


class load:
    """Keeps every core busy, and the disk now and then, until end(). Its processes are ended by their
    ids, and die with this one in any case."""

    def __init__(self, folder):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "load.py")
        self._processes = [
            subprocess.Popen([sys.executable, path, os.path.join(folder, f"load-{number}")],
                             start_new_session=True, preexec_fn=_in_the_child)
            for number in range(CORES)]

    def end(self):
        """True if all of them have run until now."""
        whole = all(each.poll() is None for each in self._processes)
        for each in self._processes:
            each.kill()
        for each in self._processes:
            each.wait()
        return whole


class failure:
    def __init__(self, name, number, how, path):
        self.name, self.number, self.how, self.path = name, number, how, path

    def __str__(self):
        return f"FAILED {self.name} in round {self.number}, {self.how}: {self.path}"


class rounds:
    """What was run and what failed so far; `folder` keeps the output of what failed."""

    def __init__(self, build, folder, arguments):
        self._build, self._folder, self._arguments = build, folder, arguments
        self.failures = []
        self.made = collections.Counter()  # how -> whole rounds
        self.tests = set()

    def run(self, number, how):
        report = os.path.join(self._folder, "report.xml")
        command = ["ctest", "--test-dir", self._build, "-LE", "^unit$", "--no-tests=error",
                   "-j", str(CORES), "--test-output-size-failed", "1000000",
                   "--output-junit", report, "--quiet", *self._arguments]
        began = time.monotonic()
        beside = ctest = None
        whole = True
        try:
            with _uninterrupted():
                if how == LOADED:
                    beside = load(self._folder)
                # A group of its own: what ends it reaches the tests too.
                ctest = subprocess.Popen(command, start_new_session=True,
                                         preexec_fn=_in_the_child)
            ctest.wait()
        finally:
            if ctest is not None and ctest.poll() is None:
                self._end(ctest)
            if beside is not None:
                whole = beside.end()
        found = self._read(report, number, how)
        if found == 0 or ctest.returncode not in (0, CTEST_FAILED):
            raise broken(f"ctest ended with {ctest.returncode} and {found} tests")
        if not whole:
            raise broken("the load has ended before the tests")
        self.made[how] += 1
        failed = [each for each in self.failures if (each.number, each.how) == (number, how)]
        print(f"round {number}, {how}: {found} tests in {time.monotonic() - began:.0f} s, "
              f"{len(failed)} failed", flush=True)
        for each in failed:
            print(f"  {each}", flush=True)

    @staticmethod
    def _end(ctest):
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        os.killpg(ctest.pid, signal.SIGTERM)
        try:
            ctest.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(ctest.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        ctest.wait()

    def _read(self, report, number, how):
        """How many tests the report of ctest has; what failed is kept."""
        if not os.path.exists(report):
            return 0
        cases = xml.etree.ElementTree.parse(report).getroot().findall("testcase")
        os.remove(report)
        for case in cases:
            name = case.get("name")
            self.tests.add(name)
            if case.get("status") == "run":
                continue
            plain = re.sub(r"[^\w.-]+", "_", name)
            path = os.path.join(self._folder, f"{plain}-{number}-{how}.log")
            with open(path, "w", encoding="utf-8") as out:
                out.write(f"{name}: {case.get('status')} after {case.get('time')} s\n")
                out.write(case.findtext("system-out") or "")
            self.failures.append(failure(name, number, how, path))
        return len(cases)

    def summary(self):
        counts = collections.defaultdict(collections.Counter)
        for each in self.failures:
            counts[each.name][each.how] += 1
        lines = [f"{len(self.tests)} tests, {self.made[ALONE]} times alone and "
                 f"{self.made[LOADED]} times beside a load on {CORES} cores: "
                 f"{len(self.failures)} failures"]
        for name, failed in sorted(counts.items()):
            lines.append(f"  {name}: " + ", ".join(
                f"{failed[how]} of {self.made[how]} {how}" for how in (ALONE, LOADED)))
        return "\n".join(lines)


def count(text):
    number = int(text)
    if not 1 <= number <= ROUNDS_MAX:
        raise argparse.ArgumentTypeError(f"from 1 to {ROUNDS_MAX}")
    return number


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev test --repeat", description=__doc__)
    parser.add_argument("--build", required=True, help="the folder of the build")
    parser.add_argument("--keep", default=os.path.join("run", "repeat"),
                        help="where a folder for this run is made")
    parser.add_argument("rounds", type=count, metavar="N")
    given, for_ctest = parser.parse_known_args(arguments)
    folder = os.path.join(given.keep, time.strftime("%Y%m%d-%H%M%S-") + str(os.getpid()))
    os.makedirs(folder)
    made = rounds(os.path.abspath(given.build), os.path.abspath(folder), for_ctest)

    def interrupted(number, frame):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, interrupted)
    code = 1
    try:
        for number in range(1, given.rounds + 1):
            for how in (ALONE, LOADED):
                made.run(number, how)
        code = 1 if made.failures else 0
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        code = 130
    except broken as fault:
        print(f"repeat: {fault}", flush=True)
    print(made.summary(), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
