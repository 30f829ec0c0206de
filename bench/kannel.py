"""Kannel in front of the simulated carrier: Debian's bearerbox and smsbox, set up for speed as an
operator would who knows them; docs/bench.md shows the configuration. Kannel cannot be told to pick
a port, so free ones are looked for just before it starts.
"""

import contextlib
import http.client
import os
import signal
import socket
import time

import programs
from support.kannel import free_ports

ADMIN_PASSWORD = "admin-of-the-benchmark"
BINDS = 4
# 3 is "error": nothing is written for a message. Binds and window are those of Hikyaku. What stands
# here and what does not was chosen by trying: larger values of max-pending-requests,
# smsbox-max-pending and the queue limits gave no more.
CORE = {"log-level": 3, "dlr-storage": "internal", "sms-resend-freq": 1}
SMSC = {"smsc": "smpp", "smsc-id": "simulated", "smsc-username": "hikyaku",
        "smsc-password": "secret", "system-type": "", "transceiver-mode": "true",
        "instances": BINDS, "max-pending-submits": 100, "reconnect-delay": 1}
SMSBOX = {"log-level": 3}
USER = {"max-messages": 10}
STORE = {"none": {}, "file": {"store-type": "file", "store-dump-freq": 10},
         "spool": {"store-type": "spool"}}


def _group(name, *members):
    lines = [f"group = {name}"]
    for each in members:
        lines += [f'{key} = "{value}"' for key, value in each.items()]
    return "\n".join(lines) + "\n"


def configuration(folder, carrier_port, store, admin_port, smsbox_port, port):
    """The text of kannel.conf, with the store below `folder`."""
    stored = dict(STORE[store])
    if stored:
        stored["store-location"] = os.path.join(folder, f"store-{store}")
    return "\n".join([
        _group("core", {"admin-port": admin_port, "admin-password": ADMIN_PASSWORD,
                        "smsbox-port": smsbox_port, "box-allow-ip": "127.0.0.1",
                        "log-file": os.path.join(folder, "bearerbox.log")}, CORE, stored),
        _group("smsc", {"host": "127.0.0.1", "port": carrier_port}, SMSC),
        _group("smsbox", {"bearerbox-host": "127.0.0.1", "sendsms-port": port,
                          "sendsms-interface": "127.0.0.1",
                          "log-file": os.path.join(folder, "smsbox.log")}, SMSBOX),
        _group("sendsms-user", {"username": programs.SYSTEM_ID, "password": programs.PASSWORD},
               USER)])


class Kannel:
    """Both processes, ready to take messages on `port`, with all binds of the carrier up. The store
    is below `folder` and survives kill_core()."""

    def __init__(self, folder, carrier_port, store="none"):
        self._begun = []
        self.admin_port, smsbox_port, self.port = free_ports(3)
        self._path = os.path.join(folder, "kannel.conf")
        if store == "spool":
            os.makedirs(os.path.join(folder, "store-spool"), exist_ok=True)
        with open(self._path, "w", encoding="ascii") as file:
            file.write(configuration(folder, carrier_port, store, self.admin_port, smsbox_port,
                                     self.port))
        try:
            self.start()
        except programs.failed:
            self.stop()
            raise

    def start(self):
        """What does not run (again); returns when messages are taken and all binds are up."""
        self._until(self._takes_messages, "smsbox listens and is connected")
        self._until(lambda: self.status().count("(online") >= BINDS, "all binds are up")

    def _keep_running(self):
        """As Debian's start script does: what has ended is started again. smsbox does so itself
        when it has lost its bearerbox, as a new process that is no child of ours."""
        if not self._pids("bearerbox"):
            self._begin("bearerbox")
        elif "Status" in self.status() and not self._pids("smsbox"):
            self._begin("smsbox")

    def _begin(self, name):
        self._begun.append(programs.Program([name, "-v", "4", self._path], None))

    def _pids(self, name):
        """Our own processes of this name, known by the configuration that they were given."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if os.path.basename(words[0]) == name.encode() and self._path.encode() in words:
                found.append(int(entry))
        return found

    def _takes_messages(self):
        with socket.socket() as probe:
            return (probe.connect_ex(("127.0.0.1", self.port)) == 0 and
                    "smsbox:" in self.status())

    def status(self):
        """bearerbox's own report; empty while it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        try:
            connection.request("GET", f"/status.txt?password={ADMIN_PASSWORD}")
            return connection.getresponse().read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            connection.close()

    def _until(self, holds, what, seconds=programs.START_SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            self._keep_running()
            if holds():
                return
            if time.monotonic() > deadline:
                raise programs.failed(f"Kannel: not within {seconds} s: {what}")
            time.sleep(0.05)

    def figures(self):
        """CPU seconds and anonymous memory of both processes together."""
        both = [programs.figures_of(pid) for name in ("bearerbox", "smsbox")
                for pid in self._pids(name)]
        return {name: sum(each[name] for each in both) for name in ("cpu_s", "anonymous_mib")}

    def kill_core(self):
        """SIGKILL to bearerbox. smsbox lives on or ends, as it likes."""
        self._signal("bearerbox", signal.SIGKILL)

    def _signal(self, name, number):
        for pid in self._pids(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self):
        """SIGTERM to both, and SIGKILL to what has not ended ten seconds later."""
        deadline = time.monotonic() + 10
        for name in ("smsbox", "bearerbox"):
            self._signal(name, signal.SIGTERM)
        while self._pids("smsbox") or self._pids("bearerbox"):
            if time.monotonic() > deadline:
                for name in ("smsbox", "bearerbox"):
                    self._signal(name, signal.SIGKILL)
            time.sleep(0.05)
        for each in self._begun:
            each.stop()

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.stop()
