"""What a message costs the gateway beside time: allocations and system calls. Allocations are counted
by a library of ours that is loaded into it (support/count_allocations.c), system calls,
instructions and context switches by `perf stat`, which counts events in the kernel and slows nothing
down that would change the counts. Each is a run of its own, so neither measures the other.
"""

import os
import signal
import struct
import subprocess

import programs

LIBRARY = os.environ.get("HIKYAKU_COUNT_ALLOCATIONS", os.path.join(
    os.path.dirname(os.path.abspath(programs.TOOLS)), "bench/libcount_allocations.so"))
SECONDS = 6
START_SECONDS = 20
AT_REST = 1000  # allocations in a fifth of a second
EVERYTHING = "raw_syscalls:sys_enter"
CALLS = ("epoll_wait", "epoll_ctl", "recvfrom", "recvmsg", "sendto", "sendmsg", "read", "write",
         "writev", "pwrite64", "lseek", "fdatasync", "futex", "timerfd_settime", "mmap", "mprotect",
         "brk")
OTHERS = ("instructions:u", "instructions:k", "context-switches")
RUNS = {
    "full cycle": {"load": ["--rate", "max"], "carrier": True},
    "full cycle at 5000/s": {"load": ["--rate", "5000/s"], "carrier": True},
    "accept": {"load": ["--rate", "max", "--registered", "0"], "carrier": False},
    "http": {"load": ["--rate", "max", "--registered", "0"], "carrier": True, "http": True},
}


class Allocations:
    """Reads the counters of a gateway that was started with `environment`."""

    def __init__(self, folder):
        if not os.access(LIBRARY, os.R_OK):
            raise programs.failed(f"{LIBRARY} is missing: build everything, or name it with "
                                  "HIKYAKU_COUNT_ALLOCATIONS")
        self._path = os.path.join(folder, "counts")
        self.environment = {"LD_PRELOAD": os.path.abspath(LIBRARY), "HIKYAKU_COUNTS": self._path}

    def read_at_rest(self):
        """The counters when the start is over: the certificates of the system, hundreds of thousands
        of allocations, are read on a thread of its own and would count for the messages."""
        before = self.read()
        deadline = programs.Deadline(START_SECONDS)
        while deadline.pause(0.2):
            now = self.read()
            if now[0] - before[0] < AT_REST:
                return now
            before = now
        raise programs.failed("the gateway goes on allocating after its start")

    def read(self):
        with open(self._path, "rb") as file:
            return struct.unpack("QQQ", file.read(24))


class Events:
    """Counts what a process does until stop()."""

    def __init__(self, pid, folder):
        self._out = os.path.join(folder, "events")
        control, done = (os.path.join(folder, name) for name in ("control", "done"))
        os.mkfifo(control)
        os.mkfifo(done)
        names = [EVERYTHING, *(f"syscalls:sys_enter_{call}" for call in CALLS), *OTHERS]
        self._perf = subprocess.Popen(
            ["perf", "stat", "-x", ";", "-o", self._out, "-e", ",".join(names), "-p", str(pid),
             "--delay", "-1", "--control", f"fifo:{control},{done}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        descriptor = os.open(control, os.O_RDWR)
        os.write(descriptor, b"enable\n")
        acknowledged = os.open(done, os.O_RDWR | os.O_NONBLOCK)
        deadline = programs.Deadline(10)
        while deadline.pause(0.02) and self._perf.poll() is None:
            try:
                if os.read(acknowledged, 16):
                    return
            except BlockingIOError:
                pass
        self._perf.kill()
        why = self._perf.communicate()[1].decode().strip().split("\n")[0]
        raise programs.failed(f"perf cannot count system calls here: {why}")

    def stop(self):
        """{event: count}; None for those that this machine cannot count."""
        self._perf.send_signal(signal.SIGINT)
        self._perf.communicate(timeout=20)
        counts = {}
        with open(self._out, encoding="utf-8") as file:
            for line in file:
                fields = line.split(";")
                if len(fields) > 2:
                    counts[fields[2]] = int(fields[0]) if fields[0].isdigit() else None
        return counts


def run_load(gateway, what):
    target = gateway.addresses["http" if what.get("http") else "smpp"]
    return programs.load(target, *what["load"], "--duration", programs.lasting(SECONDS),
                         http=what.get("http", False))["accepted"]


def measure(what, count):
    """What count(folder, carrier's port) returns."""
    with programs.fresh_folder() as folder, \
            programs.carrier("--receipt-delay", "0ms") as carrier:
        port = carrier.port("smpp") if what["carrier"] else programs.NOBODY
        return count(folder, port)


def allocations(binary, what):
    def count(folder, port):
        counter = Allocations(folder)
        with programs.gateway(folder, port, binary, counter.environment) as gateway:
            before = counter.read_at_rest()
            messages = run_load(gateway, what)
            number, octets, _ = (end - begin for begin, end in zip(before, counter.read()))
        return {"allocations": round(number / messages, 2),
                "allocated bytes": round(octets / messages)}
    return measure(what, count)


def system_calls(binary, what):
    def count(folder, port):
        with programs.gateway(folder, port, binary) as gateway:
            events = Events(gateway.pid, folder)
            messages = run_load(gateway, what)
            counts = events.stop()
        each = {"system calls": counts.get(EVERYTHING)}
        each.update((call, counts.get(f"syscalls:sys_enter_{call}")) for call in CALLS)
        each["instructions"] = counts.get("instructions:u")
        each["kernel's instructions"] = counts.get("instructions:k")
        each["context switches"] = counts.get("context-switches")
        return {name: round(value / messages, 3) for name, value in each.items() if value}
    return measure(what, count)


def run(binary):
    results = []
    for name, what in RUNS.items():
        result = {"scenario": f"costs of a message: {name}", "figures": allocations(binary, what)}
        try:
            result["figures"].update(system_calls(binary, what))
        except programs.failed as fault:
            result["not_measured"] = str(fault)
        results.append(result)
    return results
