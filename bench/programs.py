"""The programs of a measurement: starts the gateway, the simulated carrier and the load generator on
ports that the system picks, and reads what a process has used so far. Everything listens on the
loopback interface only, and every program that was started ends with the `with` that it belongs to.
`bench/run` and `bench/compare.py` build their scenarios on it.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(ROOT, "tests"))
from support import toml  # noqa: E402  pylint: disable=wrong-import-position

BINARY = os.environ.get("HIKYAKU_BINARY", os.path.join(ROOT, "build/release/hikyaku"))
# The load generator and the carrier: always the same ones, whatever gateway is measured.
TOOLS = os.environ.get("HIKYAKU_TOOLS", BINARY)
NOBODY = 9  # a port where nobody listens: the carrier is down
START_SECONDS = 120  # a guard against waiting for ever; no figure depends on it
RUN_SECONDS = 300
SYSTEM_ID, PASSWORD, TOKEN = "load", "load-password", "load-token-of-the-benchmark"

scale = 1.0  # of every run: less only shows that a scenario works

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def scaled(count):
    return max(1, round(count * scale))


def scaled_seconds(seconds):
    return max(1.0, seconds * scale)


def lasting(seconds):
    """The same as the load generator wants it."""
    return f"{scaled_seconds(seconds):g}s"


class failed(Exception):
    """A measurement that could not take place; the text says why."""


def _prepare_child():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Deadline:
    """For loops that look again and again: `while deadline.pause(0.1): ...`"""

    def __init__(self, seconds):
        self._end = time.monotonic() + seconds

    def pause(self, seconds):
        """False when the time is up."""
        time.sleep(seconds)
        return time.monotonic() < self._end


class Program:
    """One process whose announcements ("smpp listening on host:port") are collected until a line
    begins with `ready`. `addresses` maps the first word of each to "host:port"."""

    def __init__(self, arguments, ready, environment=None, seconds=START_SECONDS):
        self.errors = tempfile.TemporaryFile()
        self.executed = time.monotonic()  # just before exec
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE,
                                        stderr=self.errors,
                                        env={**os.environ, **(environment or {})},
                                        preexec_fn=_prepare_child)
        self.unread = b""
        self.addresses = {}
        self.lines = []
        if ready is not None and self.wait_line(ready, seconds) is None:
            self.process.kill()
            self.process.communicate()
            self.errors.seek(0)
            why = self.errors.read().decode(errors="replace").strip().split("\n")[-1]
            why = why or "".join(self.lines[-1:])
            raise failed(f"{' '.join(arguments)} did not start: {why}")
        self.ready = time.monotonic()

    @property
    def pid(self):
        return self.process.pid

    def wait_line(self, prefix, seconds):
        """The first line from here on that begins so, None if it does not come in time."""
        for line in self._read_until(time.monotonic() + seconds):
            self.lines.append(line)
            words = line.replace("http://", "").rstrip("/").split()
            if "on" in words:
                self.addresses[words[0]] = words[words.index("on") + 1]
            if line.startswith(prefix):
                return line
        return None

    def _read_until(self, deadline):
        while True:
            line, newline, rest = self.unread.partition(b"\n")
            if newline:
                self.unread = rest
                yield line.decode().strip()
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if select.select([self.process.stdout], [], [], left)[0]:
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    return
                self.unread += more

    def port(self, name):
        return int(self.addresses[name].rsplit(":", 1)[1])

    def figures(self):
        return figures_of(self.pid)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=60):
        """SIGTERM, SIGKILL if that takes too long; all lines that it printed."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                rest, _ = self.process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                rest, _ = self.process.communicate()
        else:
            rest, _ = self.process.communicate()
        self.errors.close()
        return [*self.lines, *(self.unread + rest).decode().split("\n")]

    def kill(self):
        """SIGKILL."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        if self.process.poll() is None:
            self.stop()


def figures_of(pid):
    """What a process has used so far: seconds of CPU (`user_s` and `system_s` are parts of it), its
    memory now in MiB (`anonymous_mib` is what it allocated, `resident_mib` counts mapped files
    too), threads and the seconds of CPU of each, file descriptors and context switches of all."""
    def pairs_of(path):
        with open(path, encoding="ascii", errors="replace") as file:
            return dict(line.rstrip("\n").split(":", 1) for line in file if ":" in line)
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    status = pairs_of(f"/proc/{pid}/status")
    user, system = int(fields[11]) / ticks, int(fields[12]) / ticks
    switches, of_threads = 0, []
    for thread in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
        with contextlib.suppress(FileNotFoundError):
            with open(f"/proc/{pid}/task/{thread}/stat", encoding="ascii") as stat:
                used = stat.read().rsplit(")", 1)[1].split()
            of_threads.append((int(used[11]) + int(used[12])) / ticks)
            of_thread = pairs_of(f"/proc/{pid}/task/{thread}/status")
            switches += int(of_thread["voluntary_ctxt_switches"])
            switches += int(of_thread["nonvoluntary_ctxt_switches"])
    return {"cpu_s": user + system, "user_s": user, "system_s": system,
            "anonymous_mib": round(int(status["RssAnon"].split()[0]) / 1024, 1),
            "resident_mib": round(int(status["VmRSS"].split()[0]) / 1024, 1),
            "threads": int(status["Threads"]), "threads_cpu_s": of_threads, "switches": switches,
            "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}


def used_between(before, after, messages):
    """Two readings of figures_of() as one object: CPU and context switches of the time between,
    also for each message, and the memory at its end."""
    used = {name: after[name] for name in ("anonymous_mib", "resident_mib", "threads")}
    for name in ("cpu_s", "user_s", "system_s"):
        used[name] = round(after[name] - before[name], 2)
    if len(before["threads_cpu_s"]) == len(after["threads_cpu_s"]):
        used["threads_cpu_s"] = [round(end - begin, 2) for begin, end in
                                 zip(before["threads_cpu_s"], after["threads_cpu_s"])]
    used["switches"] = after["switches"] - before["switches"]
    used["cpu_us_per_message"] = round(used["cpu_s"] * 1e6 / messages, 1) if messages else None
    return used


def configuration(folder, carrier_port, **changes):
    """The text of a configuration. Each change is merged into its section: `account={"window": 7}`;
    the section server_smpp is [server.smpp], and so on. A list replaces all tables of its name."""
    sections = {
        "server.smpp": {"listen": ["127.0.0.1:0"]},
        "server.http": {"listen": ["127.0.0.1:0"]},
        "server.admin": {"listen": "127.0.0.1:0"},
        "store": {"path": os.path.join(folder, "store")},
        "log": {"level": "warn"},
        "account": [{"name": "load", "system_id": SYSTEM_ID, "password": PASSWORD,
                     "api_tokens": [TOKEN], "rate": {"per_second": "unlimited"}, "window": 100,
                     "receipt_window": 100}],
        "carrier": [{"name": "simulated", "hosts": [f"127.0.0.1:{carrier_port}"],
                     "system_id": "hikyaku", "password": "secret", "binds": 4, "window": 100,
                     "contract_rate": "unlimited", "reconnect_min": "50ms",
                     "reconnect_max": "1s"}],
        "route": [{"name": "all", "carrier": "simulated"}],
    }
    for name, change in changes.items():
        name = name.replace("_", ".")
        if isinstance(change, list):
            sections[name] = change
            continue
        section = sections.setdefault(name, {})
        (section[0] if isinstance(section, list) else section).update(change)
    return toml.document(sections)


@contextlib.contextmanager
def fresh_folder():
    """A folder for one measurement, removed with everything in it."""
    path = tempfile.mkdtemp(prefix="hikyaku-bench-", dir=os.environ.get("HIKYAKU_BENCH_FOLDER"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def carrier(*arguments, port=0):
    """The simulated carrier, without phones, its window as wide as all others here. stop() then
    gives its report, see report_of()."""
    return Program([TOOLS, "carrier", "--listen", f"127.0.0.1:{port}", "--web", "none",
                    "--no-phone", "--rate-report", "--window", "100", *arguments],
                   "smpp listening")


def report_of(lines):
    """The last line of JSON of a program that has ended."""
    reports = [line for line in lines if line.startswith("{")]
    return json.loads(reports[-1]) if reports else {}


def gateway(folder, carrier_port, binary=None, environment=None, ready="ready",
            seconds=START_SECONDS, **changes):
    """The gateway with configuration(folder, carrier_port, **changes), ready to work. Its store is
    below `folder` and outlives it."""
    path = os.path.join(folder, "bench.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(configuration(folder, carrier_port, **changes))
    return Program([binary or BINARY, "run", "--config", path], ready, environment, seconds)


def metric(gateway_program, name):
    """The sum of a metric over its labels."""
    url = f"http://{gateway_program.addresses['admin']}/metrics"
    with urllib.request.urlopen(url, timeout=30) as answer:
        lines = answer.read().decode().split("\n")
    values = [float(line.rsplit(" ", 1)[1]) for line in lines
              if line.startswith((name + " ", name + "{"))]
    if not values:
        raise failed(f"there is no metric {name}")
    total = sum(values)
    return int(total) if total.is_integer() else total


def load_command(target, *arguments, http=False):
    """Against "host:port": over SMPP with four binds and a window of 100, or over HTTP."""
    if http:
        return [TOOLS, "load", "--http", f"http://{target}", "--token", TOKEN, *arguments]
    return [TOOLS, "load", "--target", target, "--system-id", SYSTEM_ID, "--password", PASSWORD,
            "--binds", "4", "--window", "100", *arguments]


def load(target, *arguments, http=False, seconds=RUN_SECONDS):
    """The load generator from its start to its end: its report, with its own CPU time in it."""
    process = subprocess.Popen(load_command(target, *arguments, http=http), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, preexec_fn=_prepare_child)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        out, error = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise failed(f"the load generator took longer than {seconds} s") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not out.startswith("{"):
        raise failed(error.strip() or "the load generator printed nothing")
    report = json.loads(out)
    if "error" in report:
        raise failed(report["error"])
    report["exit_code"] = process.returncode
    report["load_cpu_s"] = round(after.ru_utime + after.ru_stime - before.ru_utime
                                 - before.ru_stime, 2)
    return report
