"""Power cuts under load, again and again on one store: the gateway is killed, and then a random
part of what it had written and not synced is given back (support/power.py). Nothing answered may be
lost, except hits of the last moment where hits_survive is "process": a redirect does not wait for
the disk then. And the same with a store that does not sync, which must be seen to lose.

HIKYAKU_POWER_ROUNDS, HIKYAKU_POWER_FIRST_STARTS (default 5 each) and HIKYAKU_CRASH_SEED (printed)
decide a run.
"""
import http.client
import os
import shutil
import unittest

from crash.audit import crash_case, say, seed, setting
from support.power import DROPPED, KEPT, MODES, RANDOM, TORN, power
from support.waiting import never

ROUNDS = setting("HIKYAKU_POWER_ROUNDS", 5)
FIRST_STARTS = setting("HIKYAKU_POWER_FIRST_STARTS", 5)
SEED = seed()


class power_loss_test(crash_case):
    def prepare(self, number, store=None):
        super().prepare(number, store)
        self.power = power(self.gateway.folder, self.gateway.configuration["store"]["path"])
        self.gateway.environment = self.power.environment

    def test_nothing_answered_is_lost_but_hits(self):
        self.cut_power_under_load("process")

    def test_nothing_answered_is_lost(self):
        self.cut_power_under_load("power")

    def cut_power_under_load(self, hits_survive):
        say(f"HIKYAKU_CRASH_SEED={SEED} HIKYAKU_POWER_ROUNDS={ROUNDS} hits_survive={hits_survive}")
        self.prepare(SEED)
        self.gateway.configuration["server.links"]["hits_survive"] = hits_survive
        self.power.sync_takes(2)

        def cut():
            self.power.cut(self.random, self.random.choice(MODES))
            # Mostly a slow disk: then most deaths fall into the middle of a commit.
            self.power.sync_takes(self.random.choice((0, 2, 10)))
        self.live_and_die_often(ROUNDS, cut)
        cuts = ", ".join(f"{times} {mode}" for mode, times in self.power.cuts.items())
        say(f"{ROUNDS} power cuts ({cuts}): {self.power.blocks_unsynced} blocks not synced, "
            f"{self.power.blocks_dropped} of them lost or torn")
        self.power.sync_takes(0)
        sessions = self.last_life()
        self.audit(hits_lost_max=0 if hits_survive == "power" else self.phones.unsettled)
        self.assertEqual(self.gateway.stop(), 0)
        for each in sessions:
            each.end()

    def test_a_first_start_that_is_cut_off_leaves_no_broken_store(self):
        self.prepare(SEED)
        self.power.sync_takes(5)
        made = 0
        for _ in range(FIRST_STARTS):
            shutil.rmtree(self.gateway.configuration["store"]["path"], ignore_errors=True)
            self.gateway.launch()
            self.pause(0.06)
            self.gateway.kill()
            self.power.cut(self.random, self.random.choice(MODES))
            made += os.path.exists(self.gateway.configuration["store"]["path"] + "/data.mdb")
            self.gateway.start()
            self.gateway.send("4917299999", "the store works")
            self.gateway.kill()
            self.power.cut(self.random, KEPT)
        say(f"{FIRST_STARTS} first starts cut off, {made} with a store already")

    def life_without_sync(self, number, mode):
        """A life without syncs on a store that had a good one: how many of the messages answered in
        it are lost; None: the store is damaged."""
        self.prepare(number)
        self.gateway.start()
        self.gateway.send("4917299999", "the store works")
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.configuration["store"]["sync"] = False
        self.gateway.write_configuration()
        sessions = self.start_life()
        self.book.wait(lambda: len(self.book.answered) >= 200, "answers")
        self.gateway.kill()
        self.end_life(sessions)
        self.power.cut(self.random, mode)
        try:
            self.gateway.start()
            found = self.stored(self.book.answered)
        except (never, OSError, http.client.HTTPException):  # at the start, or at the page it is in
            self.assertEqual(self.gateway.program.wait_end(), 1)
            self.assertRegex("\n".join(self.gateway.program.error.items()), "damaged")
            return None
        return sum(1 for what in found.values() if what is None)

    def test_a_store_that_does_not_sync_is_seen_to_lose(self):
        for mode in (DROPPED, RANDOM, TORN):
            lost = self.life_without_sync(SEED, mode)
            answered = len(self.book.answered)
            say(f"without sync, {mode}: " + (f"store damaged after {answered} answers" if
                                             lost is None else f"{lost} of {answered} lost"))
            self.assertNotEqual(lost, 0, f"seed {SEED}, {mode}: the seam takes nothing away")
            if mode == DROPPED:
                self.assertEqual(lost, answered)


if __name__ == "__main__":
    unittest.main(verbosity=2)
