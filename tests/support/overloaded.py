"""A gateway with the simulated carrier, both fast enough to be loaded to the limit, and a watch
over its memory and queue meanwhile: what the tests of overload begin with.
"""
import threading
import unittest

from support.gateway import default_configuration, gateway, to_carrier
from support.program import binary, program
from support.steady import anonymous_mib
from support.waiting import eventually

BINDS, WINDOW = 4, 100
# Of the time that a flood takes: who had to wait for its end would wait for half of it.
SHARE_OF_FLOOD = 0.1


class watch:
    """Anonymous memory of a process and the length of the queue, while a test does something."""

    def __init__(self, under_test):
        self._gateway = under_test
        self.samples, self.queued = [], []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        while not self._stop.wait(0.2):
            self.samples.append(anonymous_mib(self._gateway.program.pid))
            self.queued.append(self._gateway.metric("hikyaku_queued_messages"))

    def end(self):
        self._stop.set()
        self._thread.join()
        return self


class overloaded_test(unittest.TestCase):
    def start(self, accounts, store=None, **carrier_settings):
        upstream = program([binary(), "carrier", "--listen", "127.0.0.1:0", "--web", "none",
                            "--no-phone", "--receipt-delay", "0ms", "--window", "100"], "carrier")
        self.addCleanup(upstream.kill)
        port = int(upstream.wait_line(r"smpp listening on \S+:(\d+)")[1])
        configuration = default_configuration(
            [to_carrier(port, binds=BINDS, window=WINDOW, **carrier_settings)], accounts)
        configuration["log"]["level"] = "error"
        configuration["store"]["map_bytes_initial"] = "1GiB"
        configuration["store"].update(store or {})
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound(BINDS)

    def drained(self):
        self.gateway.wait_metric(0, "hikyaku_queued_messages")
        for way in ("smpp", "webhook"):
            eventually(lambda way=way: self.gateway.metric(
                "hikyaku_account_outbox_events", account="app", way=way) == 0, "outbox")
        self.assertEqual(self.gateway.metric("hikyaku_dead_letters_total"), 0)
        self.assertEqual(self.gateway.metric("hikyaku_tasks_failed_total"), 0)
