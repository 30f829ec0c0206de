"""A well-behaved application beside the trouble that a test makes: `hikyaku load` at a steady
rate in an open loop, in a process of its own, so that its latencies are the gateway's and not
those of a busy test. And what a process uses, for bounds on memory and processor time.
"""
import json
import os
import signal

from support.gateway import PASSWORD, SYSTEM_ID
from support.program import binary, program
from support.waiting import HANGS_AFTER


class steady_load:
    """Messages at `rate` per second for `seconds`, or None: until it is stopped; over SMPP, or over
    HTTP with the token `http`."""

    def __init__(self, gateway, rate, seconds=None, system_id=SYSTEM_ID, password=PASSWORD,
                 http=None, arguments=()):
        target = ["--http", f"http://127.0.0.1:{gateway.ports['http']}", "--token", http] \
            if http else ["--target", f"127.0.0.1:{gateway.ports['smpp']}", "--system-id",
                          system_id, "--password", password]
        self._seconds = seconds or 0
        self._program = program([binary(), "load", *target, "--rate", f"{rate}/s", "--duration",
                                 f"{seconds}s" if seconds else "24h", "--wait",
                                 f"{HANGS_AFTER:g}s", *arguments], "load")

    def stop(self):
        """It sends no more, waits for what is missing, and ends: its result."""
        self._program.signal(signal.SIGTERM)
        return self.result()

    def result(self):
        """The JSON object at the end, with the exit code as `exit_code`."""
        code = self._program.wait_end(self._seconds + 2 * HANGS_AFTER)
        found = json.loads(self._program.out.items()[-1])
        if "error" in found:
            raise AssertionError(f"load: {found}")
        found["exit_code"] = code
        return found

    def kill(self):
        self._program.kill()


def median_seconds(result):
    """From the planned moment of sending to the response."""
    return result["response_latency_ms"]["p50"] / 1000


def latencies(result):
    """For people."""
    found = result["response_latency_ms"]
    return f"{found['p50']} / {found['p99']} / {found['max']} ms"


def anonymous_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.rstrip("\n").split(":", 1) for line in status)
    return int(fields["RssAnon"].split()[0]) / 1024


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
