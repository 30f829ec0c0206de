"""Five million messages in the queue: what they cost in memory, and how soon the first of them goes
out after a start. The carrier is down while they are accepted and up at each start. Starts follow a
stop and a SIGKILL in turn; the page cache is warm, as it is after any restart of a process. The
first start and the last one have a contract rate: before the first one nothing was sent, before the
last one somebody else has just sent at full speed.
"""

import json
import signal
import statistics
import threading
import time

import programs

MESSAGES = 5_000_000
STARTS = 3
LIMITED = "1000/s"


class Peak(threading.Thread):
    """The most anonymous memory that a process has had while this ran."""

    def __init__(self, program):
        super().__init__(daemon=True)
        self._program = program
        self._ended = threading.Event()
        self.mib = 0

    def run(self):
        while not self._ended.wait(0.1):
            self.mib = max(self.mib, self._program.figures()["anonymous_mib"])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *fault):
        self._ended.set()
        self.join()


def fill(folder, binary, count):
    """Accepts `count` messages; leaves the gateway running."""
    gateway = programs.gateway(folder, programs.NOBODY, binary)
    try:
        empty = gateway.figures()
        with Peak(gateway) as peak:
            load = programs.load(gateway.addresses["smpp"], "--rate", "max", "--count", str(count),
                                 "--registered", "0")
        if load["accepted"] != count:
            raise programs.failed(f"only {load['accepted']} of {count} messages were accepted")
        queued = programs.metric(gateway, "hikyaku_queued_messages")
        if queued != count:
            raise programs.failed(f"{queued} of {count} messages are queued")
        used = gateway.figures()
    except BaseException:
        gateway.kill()
        raise
    return gateway, {"scenario": "memory, 5 million queued", "messages": count, "load": load,
                     "figures": {"anonymous MiB": used["anonymous_mib"],
                                 "most anonymous MiB": max(peak.mib, used["anonymous_mib"]),
                                 "anonymous MiB when empty": empty["anonymous_mib"],
                                 "resident MiB": used["resident_mib"],
                                 "store MiB": round(programs.metric(
                                     gateway, "hikyaku_store_used_bytes") / 2**20)}}


def start(folder, binary, **changes):
    """Starts the gateway in front of a carrier; (gateway, carrier, what was measured)."""
    carrier = programs.carrier("--receipt-delay", "0ms")
    gateway = None
    try:
        gateway = programs.gateway(folder, carrier.port("smpp"), binary, **changes)
        ready = gateway.ready - gateway.executed
        report = {}
        while report.get("submissions", 0) == 0:
            time.sleep(0.005)
            carrier.signal(signal.SIGUSR1)
            line = carrier.wait_line("{", 10)
            if line is None or gateway.process.poll() is not None:
                raise programs.failed("the gateway or the carrier has ended")
            report = json.loads(line)
        first = report["first_submission_us"] / 1e6 - gateway.executed
    except BaseException:
        for each in (gateway, carrier):
            if each:
                each.kill()
        raise
    return gateway, carrier, {"ready_s": round(ready, 3), "first_message_s": round(first, 3),
                              "anonymous_mib": gateway.figures()["anonymous_mib"]}


def run(binary):
    count = programs.scaled(MESSAGES)
    starts = []
    with programs.fresh_folder() as folder:
        gateway, memory = fill(folder, binary, count)
        gateway.stop()
        after = "a stop"
        for number in range(2 * STARTS + 2):
            last = number == 2 * STARTS + 1
            limited = number == 0 or last
            changes = {"carrier": {"contract_rate": LIMITED}} if limited else {}
            gateway, carrier, measured = start(folder, binary, **changes)
            queued = programs.metric(gateway, "hikyaku_queued_messages")
            starts.append({"after": after, **measured, "still_queued": queued,
                           "rate": LIMITED if limited else "unlimited"})
            after = "SIGKILL" if after == "a stop" else "a stop"
            if after == "SIGKILL" or last:
                gateway.kill()
            else:
                gateway.stop()
            carrier.stop()

    def median(what, after, rate="unlimited"):
        return statistics.median(one[what] for one in starts
                                 if one["after"] == after and one["rate"] == rate)
    return [memory, {"scenario": "start, 5 million queued", "starts": starts, "figures": {
        "first message s": median("first_message_s", "a stop"),
        "ready s": median("ready_s", "a stop"),
        "first message after SIGKILL s": median("first_message_s", "SIGKILL"),
        "ready after SIGKILL s": median("ready_s", "SIGKILL"),
        f"first message at {LIMITED} s": median("first_message_s", "a stop", LIMITED),
        f"first message at {LIMITED} behind others s":
            median("first_message_s", "SIGKILL", LIMITED)}}]
