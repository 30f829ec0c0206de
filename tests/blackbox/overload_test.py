"""Twice the highest rate in an open loop: what is too much is refused with the status that means
"later", memory stays bounded, what is accepted is delivered, an application beside it is served,
and afterwards all is as before.

HIKYAKU_OVERLOAD_SECONDS (default 4) is how long it lasts.
"""
import json
import os
import subprocess
import sys
import unittest

from support.gateway import account
from support.overloaded import BINDS, SHARE_OF_FLOOD, WINDOW, overloaded_test, watch
from support.program import binary
from support.steady import anonymous_mib, latencies, median_seconds, steady_load
from support.waiting import HANGS_AFTER

SECONDS = float(os.environ.get("HIKYAKU_OVERLOAD_SECONDS", "4"))
QUEUED_MAX = 20000
PROBE_RATE = 200
GROWTH_MIB = 64  # of the windows and QUEUED_MAX messages, however long it lasts
DOUBLINGS = 5


class overload_test(overloaded_test):
    def highest_rate(self):
        done = subprocess.run(
            [binary(), "load", "--target", f"127.0.0.1:{self.gateway.ports['smpp']}",
             "--system-id", "app", "--password", "secret01", "--binds", str(BINDS), "--window",
             str(WINDOW), "--rate", "max", "--duration", "2s"],
            capture_output=True, text=True, timeout=HANGS_AFTER, check=False)
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
        # What was the highest rate is not that of a machine that others have left since.
        for doubling in range(1, DOUBLINGS + 1):
            offered = int(2 ** doubling * highest)
            probe = steady_load(self.gateway, PROBE_RATE, SECONDS, "probe", "probe")
            flood = steady_load(self.gateway, offered, SECONDS,
                                arguments=["--binds", str(BINDS), "--window", "20000"])
            probed, flooded = probe.result(), flood.result()
            if flooded["refused"]:
                break
        watching.end()
        self.drained()
        after = self.usual_latency()
        refused = sum(flooded["refused"].values())
        print(f"highest {highest:.0f}/s, offered {offered}/s for {SECONDS:g} s: "
              f"{flooded['accepted']} accepted, refused {flooded['refused']}, unsent "
              f"{flooded['unsent']}, lost {flooded['lost']}; response p50 / p99 / max "
              f"{latencies(flooded)}; beside it {PROBE_RATE}/s of another account "
              f"{latencies(probed)}; memory {before:.1f} MiB before, "
              f"{max(watching.samples):.1f} MiB at most; at most {max(watching.queued):.0f} "
              f"queued; at {PROBE_RATE}/s before {latencies(usual)}, after {latencies(after)}",
              file=sys.stderr)
        self.assertGreater(refused, 0)
        self.assertLessEqual(set(flooded["refused"]), {"ESME_RTHROTTLED", "ESME_RMSGQFUL"})
        self.assertEqual(flooded["accepted"] + refused, flooded["messages"])
        self.assertEqual((flooded["failed"], flooded["lost"], flooded["reconnects"]), ({}, 0, 0))
        self.assertEqual(flooded["receipts"], flooded["accepted"])
        self.assertEqual((probed["accepted"], probed["lost"]), (PROBE_RATE * SECONDS, 0))
        self.assertLess(median_seconds(probed), SHARE_OF_FLOOD * flooded["duration_s"])
        self.assertLess(max(watching.samples) - before, GROWTH_MIB)

    def usual_latency(self):
        found = steady_load(self.gateway, PROBE_RATE, 2, "probe", "probe").result()
        self.assertEqual((found["accepted"], found["lost"]), (2 * PROBE_RATE, 0))
        return found


if __name__ == "__main__":
    unittest.main(verbosity=2)
