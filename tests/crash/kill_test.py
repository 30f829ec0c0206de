"""SIGKILL at random moments, mostly under load, again and again on one store, then the audit of
crash/audit.py.

HIKYAKU_CRASH_ROUNDS (default 5) and HIKYAKU_CRASH_SEED (printed) decide a run.
"""
import unittest

from crash.audit import crash_case, say, seed, setting

ROUNDS = setting("HIKYAKU_CRASH_ROUNDS", 5)
SEED = seed()


class kill_test(crash_case):
    def test_nothing_answered_is_lost(self):
        say(f"HIKYAKU_CRASH_SEED={SEED} HIKYAKU_CRASH_ROUNDS={ROUNDS}")
        self.prepare(SEED)
        self.live_and_die_often(ROUNDS)
        sessions = self.last_life()
        self.audit()
        self.assertEqual(self.gateway.stop(), 0)
        for each in sessions:
            each.end()


if __name__ == "__main__":
    unittest.main(verbosity=2)
