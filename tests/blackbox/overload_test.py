"""Twice the highest rate in an open loop: what is too much is refused with the status that means
"later", memory stays bounded, what is accepted is answered in time and delivered, an application
beside it is served, and afterwards all is as before.

HIKYAKU_OVERLOAD_SECONDS (default 4) is how long it lasts.
"""
import json
import os
import subprocess
import sys
import unittest

from support.gateway import account
from support.overloaded import BINDS, FLOOD_P99_MS, WINDOW, overloaded_test, watch
from support.program import binary
from support.steady import anonymous_mib, p99, steady_load

SECONDS = float(os.environ.get("HIKYAKU_OVERLOAD_SECONDS", "4"))
QUEUED_MAX = 20000
PROBE_RATE = 200
GROWTH_MIB = 64


def latencies(result):
    found = result["response_latency_ms"]
    return f"{found['p50']} / {found['p99']} / {found['max']}"


class overload_test(overloaded_test):
    def highest_rate(self):
        done = subprocess.run(
            [binary(), "load", "--target", f"127.0.0.1:{self.gateway.ports['smpp']}",
             "--system-id", "app", "--password", "secret01", "--binds", str(BINDS), "--window",
             str(WINDOW), "--rate", "max", "--duration", "2s"],
            capture_output=True, text=True, timeout=60, check=False)
        found = json.loads(done.stdout)
        self.assertEqual(found["lost"], 0)
        return found["cycles_per_second"]

    def test_twice_the_possible_rate(self):
        probe_account = account(name="probe", system_id="probe", password="probe",
                                api_tokens=["probe-token"])
        self.start([account(window=WINDOW, receipt_window=WINDOW, queued_max=QUEUED_MAX),
                    probe_account])
        highest = self.highest_rate()
        usual = self.usual_latency()
        before = anonymous_mib(self.gateway.program.pid)
        watching = watch(self.gateway)
        probe = steady_load(self.gateway, PROBE_RATE, SECONDS, "probe", "probe")
        flood = steady_load(self.gateway, int(2 * highest), SECONDS,
                            arguments=["--binds", str(BINDS), "--window", "20000", "--wait", "60s"])
        probed, flooded = probe.result(), flood.result(120)
        watching.end()
        self.drained()
        after = self.usual_latency()
        refused = sum(flooded["refused"].values())
        print(f"highest {highest:.0f}/s, offered {2 * highest:.0f}/s for {SECONDS:g} s: "
              f"{flooded['accepted']} accepted, refused {flooded['refused']}, unsent "
              f"{flooded['unsent']}, lost {flooded['lost']}; response p50 / p99 / max "
              f"{latencies(flooded)} ms; beside it {PROBE_RATE}/s of another account "
              f"{latencies(probed)} ms; memory {before:.1f} MiB before, "
              f"{max(watching.samples):.1f} MiB at most; at most {max(watching.queued):.0f} "
              f"queued; at {PROBE_RATE}/s before {latencies(usual)} ms, after {latencies(after)} "
              "ms", file=sys.stderr)
        self.assertGreater(refused, 0)
        self.assertLessEqual(set(flooded["refused"]), {"ESME_RTHROTTLED", "ESME_RMSGQFUL"})
        self.assertEqual(flooded["accepted"] + refused, flooded["messages"])
        self.assertEqual((flooded["failed"], flooded["lost"], flooded["reconnects"]), ({}, 0, 0))
        self.assertEqual(flooded["receipts"], flooded["accepted"])
        self.assertLess(p99(flooded), FLOOD_P99_MS)
        self.assertEqual((probed["accepted"], probed["lost"]), (PROBE_RATE * SECONDS, 0))
        self.assertLess(p99(probed), FLOOD_P99_MS)
        self.assertLess(max(watching.samples) - before, GROWTH_MIB)
        self.assertLess(p99(after), max(4 * p99(usual), 100), "it has not recovered")

    def usual_latency(self):
        found = steady_load(self.gateway, PROBE_RATE, 2, "probe", "probe").result()
        self.assertEqual((found["accepted"], found["lost"]), (2 * PROBE_RATE, 0))
        return found


if __name__ == "__main__":
    unittest.main(verbosity=2)
