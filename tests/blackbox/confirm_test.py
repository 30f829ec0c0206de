"""Whose store it is, in the real program: on another machine, as a copy, or under a clock that has
jumped nothing goes out that asks the gate, until an operator confirms it.
"""
import os
import shutil
import unittest

from support.carrier import carrier
from support.clock import shifted_clock
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.program import hikyaku
from support.waiting import eventually


class confirm_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.place = folder()
        self.addCleanup(self.place.remove)
        self.clock = shifted_clock(self.place)
        self.machine = self.place.file("machine-id", "0123456789abcdef0123456789abcdef\n")
        made = default_configuration([to_carrier(self.carrier.port)], [account()])
        made["store"]["machine_id_file"] = self.machine
        self.gateway = gateway(made, environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        self.last = 0

    def send(self, purpose):
        self.last += 1
        number = f"8190123440{self.last:02}"
        return number, self.gateway.send("+" + number, "due", purpose=purpose)["id"]

    def restart(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.start_again()

    def start_again(self):
        self.gateway.start()
        self.gateway.wait_bound()

    def status(self):
        got = self.gateway.admin("/admin/store")
        self.assertEqual(got.status, 200, got)
        return got.json()

    def confirm(self):
        got = self.gateway.admin_post("/admin/store:confirm",
                                      {"by": "Sato", "why": "the old machine is off"})
        self.assertEqual(got.status, 200, got)
        return got.json()

    def assert_sends(self):
        for purpose in ("dunning", "transactional"):
            number, _ = self.send(purpose)
            self.carrier.submissions.wait(lambda each: each.destination == number, number)
        self.assertEqual(self.gateway.metric("hikyaku_store_unconfirmed"), 0)
        self.assertEqual(self.status()["doubts"], [])

    def assert_waits(self, rule, doubts):
        """What asks the gate waits, what does not goes out; the messages that wait."""
        waiting = []
        for purpose in ("dunning", "marketing", "service"):
            number, sent = self.send(purpose)
            waiting.append(number)

            def decided(message):
                return rule in [each["rule"] for each in message.get("decision", {}).get(
                    "reasons", [])]
            told = self.gateway.wait_message(sent, decided, f"{purpose} waits")
            self.assertEqual((told["status"], told["decision"]["decision"]), ("queued", "delay"))
        free, _ = self.send("transactional")
        self.carrier.submissions.wait(lambda each: each.destination == free, free)
        self.assertEqual(self.gateway.metric("hikyaku_store_unconfirmed"), 1)
        told = self.status()
        self.assertEqual((told["confirmed"], told["rule"], told["doubts"]), (False, rule, doubts))
        self.assertTrue(any("hikyaku store confirm" in line
                            for line in self.gateway.program.error.items()))
        self.assertEqual([each for each in self.sent() if each in waiting], [])
        return waiting

    def sent(self):
        return [each.destination for each in self.carrier.submissions.items()]

    def test_a_restart_is_no_doubt(self):
        self.assert_sends()
        self.restart()
        self.assert_sends()
        self.gateway.kill()
        self.start_again()
        self.assert_sends()
        self.assertEqual(self.gateway.stop(), 0)
        # Downtime, within one run of this machine: both clocks go on.
        os.rename(self.gateway.configuration["store"]["path"], os.path.join(self.place.path, "moved"))
        self.gateway.configuration["store"]["path"] = os.path.join(self.place.path, "moved")
        self.gateway.write_configuration()
        self.start_again()
        self.assert_sends()

    def test_another_machine(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.place.file("machine-id", "ffffffffffffffffffffffffffffffff\n")
        self.start_again()
        self.assert_waits("store_unconfirmed", ["machine"])
        self.restart()
        self.assert_waits("store_unconfirmed", ["machine"])
        told = self.confirm()
        self.assertEqual((told["confirmed"], told["doubts"]), (True, []))
        self.assert_sends()
        last = self.status()["last_confirmation"]
        self.assertEqual((last["by"], last["why"], last["doubts"]),
                         ("Sato", "the old machine is off", ["machine"]))
        self.gateway.kill()
        self.start_again()
        self.assert_sends()

    def test_a_machine_that_cannot_be_told_is_another_one(self):
        self.assertEqual(self.gateway.stop(), 0)
        os.remove(self.machine)
        self.start_again()
        self.assert_waits("store_unconfirmed", ["machine"])

    def test_a_copied_store(self):
        self.assertEqual(self.gateway.stop(), 0)
        copy = os.path.join(self.place.path, "copy")
        shutil.copytree(self.gateway.configuration["store"]["path"], copy)
        self.gateway.configuration["store"]["path"] = copy
        self.gateway.write_configuration()
        self.start_again()
        self.assert_waits("store_unconfirmed", ["file"])

    def test_a_backup_that_is_restored(self):
        path = self.gateway.configuration["store"]["path"]
        backup = os.path.join(self.place.path, "backup")
        code, _, error = hikyaku("backup", "--config", self.gateway.config_path, backup)
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(self.gateway.stop(), 0)
        shutil.copy(os.path.join(path, "master.key"), backup)
        shutil.rmtree(path)
        os.rename(backup, path)
        self.start_again()
        self.assert_waits("store_unconfirmed", ["file"])

    def test_a_clock_that_jumps_while_it_runs(self):
        self.clock.set(-2 * 3600)
        eventually(lambda: not self.status()["confirmed"], "the jump is noticed")
        self.assert_waits("clock_jumped", ["clock"])
        self.confirm()
        # The gateway's own clock never goes back: its hours are those of two hours ahead.
        _, sent = self.send("dunning")
        told = self.gateway.wait_message(
            sent, lambda m: m.get("decision", {}).get("reasons"), "it waits")
        self.assertEqual((told["decision"]["decision"], told["decision"]["reasons"][0]["rule"]),
                         ("delay", "clock_jumped"))
        self.clock.set(2 * 3600)
        eventually(lambda: not self.status()["confirmed"], "the other jump is noticed")
        self.confirm()
        self.assert_sends()

    def test_a_clock_that_jumps_while_it_is_down(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.clock.set(-3 * 3600)
        self.start_again()
        self.assert_waits("clock_jumped", ["clock"])

    def test_half_an_hour_is_no_jump(self):
        self.clock.set(30 * 60)
        self.assert_sends()
        self.restart()
        self.assert_sends()

    def test_the_command_beside_a_running_gateway(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.place.file("machine-id", "ffffffffffffffffffffffffffffffff\n")
        self.start_again()
        admin = ("--admin", f"http://127.0.0.1:{self.gateway.ports['admin']}")
        code, out, _ = hikyaku("store", "status", *admin)
        self.assertEqual(code, 1)
        self.assertIn("machine in doubt", out)
        code, _, error = hikyaku("store", "confirm", *admin)
        self.assertEqual(code, 2)
        self.assertIn("--by", error)
        code, out, error = hikyaku("store", "confirm", "--by", "Sato", "--why", "moved", *admin)
        self.assertEqual((code, error), (0, ""))
        self.assertIn("is confirmed", out)
        self.assertEqual(hikyaku("store", "status", *admin)[0], 0)
        self.assert_sends()

    def test_the_command_without_a_gateway(self):
        self.assertEqual(self.gateway.stop(), 0)
        self.place.file("machine-id", "ffffffffffffffffffffffffffffffff\n")
        config = ("--config", self.gateway.config_path)
        code, out, _ = hikyaku("store", "status", *config)
        self.assertEqual(code, 1)
        self.assertIn("machine in doubt", out)
        code, out, error = hikyaku("store", "confirm", "--by", "Sato", "--why", "moved", *config)
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(hikyaku("store", "status", *config)[0], 0)
        self.start_again()
        self.assert_sends()
        last = self.status()["last_confirmation"]
        self.assertEqual((last["by"], last["why"], last["doubts"]), ("Sato", "moved", ["machine"]))

    def test_who_confirms_has_to_be_said(self):
        for body in ({}, {"by": "Sato"}, {"by": "", "why": "x"}):
            got = self.gateway.admin_post("/admin/store:confirm", body)
            self.assertEqual(got.status, 422, got)


if __name__ == "__main__":
    unittest.main()
