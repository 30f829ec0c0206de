"""The soak run, `./dev soak [--minutes N]`: the real gateway under half of the rate it can take,
for an hour unless told otherwise, with a simulated carrier behind it, receipts, and a retention
so short that the store has to stay at one size. Every ten seconds it writes what the process
uses and the latencies of that interval to a CSV file; at the end the first quarter after the
warm-up is compared with the last. Exit code 0: all is flat, nothing lost or refused; 1:
something grows or is lost.
"""
import argparse
import csv
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from soak import verdict
from support import web
from support.gateway import PASSWORD, SYSTEM_ID, account, default_configuration, gateway, \
    to_carrier
from support.program import binary, program
from support.waiting import HANGS_AFTER, eventually, never

BINDS, WINDOW = 4, 100
PAGE_BYTES = 4096
MIB = 1024 * 1024
COLUMNS = ["at_s", "rss_anon_mib", "vm_rss_mib", "store_file_mib", "store_used_mib",
           "store_map_mib", "open_files", "threads", "tasks", "queued_messages", "outbox_events",
           "accepted", "expired", "refused", "failed", "messages_per_second", "response_p50_ms",
           "response_p99_ms", "response_max_ms", "receipt_p50_ms", "receipt_p99_ms",
           "cpu_us_per_message", "disk_write_ms", "disk_flush_ms", "carrier_rss_anon_mib",
           "load_rss_anon_mib"]


class failed(Exception):
    """The run could not take place or has lost something; the text says what."""


def simulated_carrier():
    made = program([binary(), "carrier", "--listen", "127.0.0.1:0", "--web", "none", "--no-phone",
                    "--receipt-delay", "0ms", "--window", "100"], "carrier")
    return made, int(made.wait_line(r"smpp listening on \S+:(\d+)")[1])


def make_gateway(carrier_port, retention, folder):
    configuration = default_configuration(
        [to_carrier(carrier_port, binds=BINDS, window=WINDOW)],
        [account(window=WINDOW, receipt_window=WINDOW)])
    configuration["store"].update(map_bytes_initial="1GiB", retention=retention)
    configuration["log"]["level"] = "warn"
    return gateway(configuration, store=folder)


def load_arguments(port, rate, seconds, every=None):
    arguments = [binary(), "load", "--target", f"127.0.0.1:{port}", "--system-id", SYSTEM_ID,
                 "--password", PASSWORD, "--binds", str(BINDS), "--window", str(WINDOW),
                 "--rate", rate, "--duration", f"{seconds:g}s"]
    return arguments + (["--report-every", f"{every:g}s"] if every else [])


def measure_rate(options):
    """Messages a second at full speed, receipts included, on a store of its own; half of the time
    as much has to leave the store as comes in, unless told otherwise."""
    seconds = options.measure_seconds or 2 * seconds_of(options.retention)
    carrier, port = simulated_carrier()
    under_test = make_gateway(port, options.retention, options.store)
    try:
        under_test.start()
        under_test.wait_bound(BINDS)
        done = subprocess.run(load_arguments(under_test.ports["smpp"], "max", seconds),
                              capture_output=True, text=True, timeout=seconds + HANGS_AFTER,
                              check=False)
        if done.returncode != 0:
            raise failed(f"the rate could not be measured: {done.stdout} {done.stderr}")
        under_test.stop()
        return json.loads(done.stdout.splitlines()[-1])["cycles_per_second"]
    finally:
        under_test.close()
        carrier.kill()


def memory_of(pid):
    """KiB, and the number of threads."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.rstrip("\n").split(":", 1) for line in status)
    return {name: int(fields[name].split()[0]) for name in ("RssAnon", "VmRSS", "Threads")}


def anonymous_mib(pid):
    """None when it has just ended."""
    try:
        return memory_of(pid)["RssAnon"] / 1024
    except (OSError, KeyError):
        return None


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class disk_watch:
    """How long the disk under a folder takes for a write and for a flush, between two calls of take()."""

    # Where the kernel's Documentation/block/stat.rst has (done, ms they took); flushes from 5.5 on.
    _WRITES, _FLUSHES = (4, 7), (15, 16)

    def __init__(self, folder):
        device = os.stat(folder).st_dev
        self._path = f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat"
        self._last = self._read()

    def _read(self):
        """The kernel's counters since the machine was started; none for what is no disk."""
        try:
            with open(self._path, encoding="ascii") as stat:
                return [int(field) for field in stat.read().split()]
        except OSError:
            return []

    def take(self):
        """Mean ms of (a write, a flush); None for what was not done or is not counted."""
        before, self._last = self._last, self._read()

        def mean(done, took):
            if len(before) <= took or len(self._last) <= took or self._last[done] == before[done]:
                return None
            return (self._last[took] - before[took]) / (self._last[done] - before[done])

        return mean(*self._WRITES), mean(*self._FLUSHES)


def free_pages(path):
    """Free pages of the store's file, as Debian's mdb_stat counts them; None without it."""
    try:
        done = subprocess.run(["mdb_stat", "-f", path], capture_output=True, text=True,
                              timeout=HANGS_AFTER, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"Free pages: (\d+)", done.stdout)
    return int(found[1]) if found else None


class sampler:
    """Takes one sample a call; figures of the interval come from the load generator's line."""

    def __init__(self, under_test, carrier_pid, load_pid):
        self._gateway, self._carrier_pid, self._load_pid = under_test, carrier_pid, load_pid
        self._begin = time.monotonic()
        self._cpu = cpu_seconds(under_test.program.pid)
        self._disk = disk_watch(under_test.configuration["store"]["path"])

    def take(self, interval):
        disk_write, disk_flush = self._disk.take()
        pid = self._gateway.program.pid
        memory, cpu = memory_of(pid), cpu_seconds(pid)
        metrics, _ = web.parse_metrics(self._gateway.admin("/metrics").body.decode())

        def metric(name):
            return sum(value for (found, _), value in metrics.items() if found == name)
        file_bytes = metric("hikyaku_store_used_bytes")
        free = free_pages(self._gateway.configuration["store"]["path"])
        used_cpu, self._cpu = cpu - self._cpu, cpu
        response, receipt = interval["response_latency_ms"], interval["receipt_latency_ms"]
        return {
            "at_s": round(time.monotonic() - self._begin, 1),
            "rss_anon_mib": memory["RssAnon"] / 1024, "vm_rss_mib": memory["VmRSS"] / 1024,
            "store_file_mib": file_bytes / MIB,
            "store_used_mib": None if free is None else (file_bytes - free * PAGE_BYTES) / MIB,
            "store_map_mib": metric("hikyaku_store_map_bytes") / MIB,
            "open_files": len(os.listdir(f"/proc/{pid}/fd")), "threads": memory["Threads"],
            "tasks": metric("hikyaku_tasks"),
            "queued_messages": metric("hikyaku_queued_messages"),
            "outbox_events": metric("hikyaku_account_outbox_events"),
            "accepted": metric("hikyaku_messages_accepted_total"),
            "expired": metric("hikyaku_expired_by_retention_total"),
            "refused": sum(interval["refused"].values()),
            "failed": sum(interval["failed"].values()),
            "messages_per_second": interval["accepted"] / interval["duration_s"],
            "response_p50_ms": response["p50"], "response_p99_ms": response["p99"],
            "response_max_ms": response["max"],
            "receipt_p50_ms": receipt["p50"], "receipt_p99_ms": receipt["p99"],
            "cpu_us_per_message": used_cpu * 1e6 / max(interval["accepted"], 1),
            "disk_write_ms": disk_write,
            "disk_flush_ms": disk_flush,
            "carrier_rss_anon_mib": anonymous_mib(self._carrier_pid),
            "load_rss_anon_mib": anonymous_mib(self._load_pid),
        }


class soak_run:
    """One run at a fixed rate: samples, then what is left at the end."""

    def __init__(self, options, rate):
        self._options, self._rate = options, rate
        self.samples, self.result = [], {}
        self.faults = []

    def take(self, writer):
        """Runs it all; `writer` is called with each sample as soon as it is there."""
        carrier, port = simulated_carrier()
        under_test = make_gateway(port, self._options.retention, self._options.store)
        load = None
        try:
            under_test.start()
            under_test.wait_bound(BINDS)
            load = program(load_arguments(under_test.ports["smpp"], f"{self._rate}/s",
                                          self._options.minutes * 60, self._options.every),
                           "load")
            sampled = sampler(under_test, carrier.pid, load.pid)
            self._follow(load, sampled, writer)
            self._end(under_test, load)
        finally:
            if load is not None:
                load.kill()
            under_test.close()
            carrier.kill()

    def _follow(self, load, sampled, writer):
        """A sample for each whole interval; the result is the line behind the last one."""
        patience = self._options.every + HANGS_AFTER
        for number in itertools.count():
            line = load.out.wait(lambda each: True, f"line {number + 1} of the load", patience,
                                 start=number)
            interval = json.loads(line)
            if "interval" not in interval:
                return
            if interval["duration_s"] >= 0.9 * self._options.every and interval["messages"] > 0:
                self.samples.append(sampled.take(interval))
                writer(self.samples[-1])

    def _end(self, under_test, load):
        """Everything has to come to its end: receipts, queue, outbox, and the process in order."""
        code = load.wait_end()
        self.result = json.loads(load.out.items()[-1])
        if code != 0 or self.result.get("error"):
            self.faults.append(f"the load generator ended with {code}: {self.result}")
            return
        for name in ("unsent", "reconnects", "lost"):
            if self.result[name]:
                self.faults.append(f"{self.result[name]} {name}")
        for name in ("refused", "failed"):
            if self.result[name]:
                self.faults.append(f"{name}: {self.result[name]}")
        try:
            under_test.wait_metric(0, "hikyaku_queued_messages")
            eventually(lambda: under_test.metric("hikyaku_account_outbox_events", account="app",
                                                 way="smpp") == 0, "an empty outbox")
        except never as fault:
            self.faults.append(str(fault))
        for name in ("hikyaku_store_read_faults_total", "hikyaku_tasks_failed_total",
                     "hikyaku_store_commits_failed_total", "hikyaku_dead_letters_total"):
            if under_test.metric(name) != 0:
                self.faults.append(f"{name} is {under_test.metric(name)}")
        if (code := under_test.stop()) != 0:
            self.faults.append(f"the gateway ended with {code}")


def seconds_of(text):
    match = re.fullmatch(r"(\d+)(m|h|d)", text)
    if not match:
        raise failed(f"a retention of '{text}': write 2m, 1h or 1d")
    return int(match[1]) * {"m": 60, "h": 3600, "d": 86400}[match[2]]


def warm_up_seconds(options):
    """Some retention times, so that the store has its size; half of a run that is too short."""
    return min(3 * seconds_of(options.retention) + 30, options.minutes * 30)


def report(run, rate, options):
    """Prints the verdict and returns the exit code."""
    warm_up = warm_up_seconds(options)
    rows = verdict.judge(run.samples, warm_up)
    print(f"\n{options.minutes:g} min at {rate}/s, retention {options.retention}, "
          f"{len(run.samples)} samples of {options.every:g} s, warm-up of {warm_up:g} s left out; "
          "the middle value of each quarter:\n")
    print(verdict.table(rows))
    result = run.result
    print(f"\naccepted {result['accepted']}, receipts {result['receipts']}, "
          f"lost {result['lost']}, refused {sum(result['refused'].values())}; response p50 / p99 / "
          f"max {result['response_latency_ms']['p50']} / {result['response_latency_ms']['p99']} / "
          f"{result['response_latency_ms']['max']} ms over the whole run")
    share = verdict.retention_share(run.samples, warm_up)
    print(f"retention removed {share:.1%} of what came in after the warm-up")
    faults = list(run.faults)
    if options.minutes * 60 > 2 * seconds_of(options.retention) and share < 0.95:
        faults.append("retention does not keep up")
    faults += [f"{row[0]} grows from {row[2]:.1f} to {row[3]:.1f}" for row in rows
               if row[-1] == "grows"]
    print("verdict: " + ("flat, nothing lost" if not faults else "; ".join(faults)))
    return 1 if faults else 0


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="of the run; 60")
    parser.add_argument("--rate", type=int, default=0,
                        help="messages a second; unless given, half of what is measured first")
    parser.add_argument("--measure-seconds", type=int, default=0,
                        help="how long the highest rate is measured; twice the retention")
    parser.add_argument("--retention", default="2m", help="of the store; 2m")
    parser.add_argument("--every", type=float, default=10, help="seconds between two samples; 10")
    parser.add_argument("--csv", default="", help="where the samples go; run/soak/TIME.csv")
    parser.add_argument("--store", default=None,
                        help="an empty folder for the store; a temporary one")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    seconds_of(options.retention)
    path = options.csv or os.path.join("run", "soak", time.strftime("%Y%m%d-%H%M%S") + ".csv")
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    rate = options.rate
    if rate == 0:
        highest = measure_rate(options)
        rate = int(highest / 2)
        print(f"measured {highest:.0f} messages a second; the run has {rate}/s", flush=True)
    print(f"samples go to {path}", flush=True)
    run = soak_run(options, rate)
    with open(path, "w", encoding="ascii", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()

        def write(sample):
            writer.writerow({name: round(value, 3) if isinstance(value, float) else value
                             for name, value in sample.items()})
            out.flush()
        run.take(write)
    return report(run, rate, options)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ.setdefault("HIKYAKU_BINARY", os.path.join("build", "release", "hikyaku"))
    try:
        sys.exit(main(sys.argv[1:]))
    except (failed, never, ValueError) as fault:
        sys.exit(f"soak: {fault}")
