"""A sandbox: its clock is moved by the admin listener, things come due in their order, and nothing of
it leaves the machine.
"""
import datetime
import http.client
import json
import threading
import unittest

from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.program import hikyaku
from support.waiting import eventually, joined

TOKYO = datetime.timezone(datetime.timedelta(hours=9))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def later(text, hours):
    at = moment(text) + datetime.timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def configuration(port, **more):
    made = default_configuration([to_carrier(port)],
                                 [account(policy="japan/lender", zones=["Asia/Tokyo"], **more)])
    made["sandbox"] = {"clock": "virtual"}
    return made


class sandbox_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.gateway = gateway(configuration(self.carrier.port))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def post(self, path, body):
        return self.gateway.admin_post(path, body)

    def clock(self):
        return self.gateway.admin("/admin/clock").json()

    def advance(self, **how):
        got = self.post("/admin/clock:advance", how)
        self.assertEqual(got.status, 200, got)
        return got.json()

    def to_next(self, hour, minute=0, second=0):
        """The clock stands at the next such moment in Tokyo."""
        now = moment(self.clock()["now"]).astimezone(TOKYO)
        wanted = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        if wanted < now:
            wanted += datetime.timedelta(days=1)
        self.assertEqual(moment(self.advance(to=wanted.isoformat(), stand=True)["now"]), wanted)
        return wanted

    def remind(self, to, **more):
        return self.gateway.send(to, "due", purpose="dunning", **more)["id"]

    def came(self):
        return [each.destination for each in self.carrier.submissions.items()]

    def test_what_the_gate_delays_goes_out_with_the_first_second_of_the_window(self):
        self.to_next(21)
        late = self.remind("+819012345001")
        told = self.gateway.message(late)
        eventually(lambda: self.gateway.metric(
            "hikyaku_gate_answers_total", answer="delay") >= 1, "delayed")
        self.to_next(7, 59, 59)
        self.assertEqual(self.came(), [])
        self.assertEqual(self.gateway.message(late)["status"], told["status"])
        at = self.to_next(8)
        self.carrier.submissions.wait(lambda each: each.destination == "819012345001", "sent")
        done = self.gateway.wait_message(late, lambda m: m["status"] == "delivered", "delivered")
        self.assertEqual(done["decision"]["decision"], "allow")
        self.assertEqual(moment(done["decision"]["at"]), at)

    def test_things_come_due_in_their_order(self):
        self.to_next(9)
        base = self.clock()["now"]
        hours = [30, 2, 5, 28, 26]
        for each in hours:
            at = later(base, each)
            self.remind(f"+8190123451{each:02}", send_at=at, valid_for="40h")
        self.gateway.send("+819012345299", "expires", send_at=later(base, 20),
                          valid_for="1h")
        self.assertEqual(self.advance(by="3d")["clock"], "virtual")
        self.assertEqual(self.came(), ["8190123451" + f"{each:02}" for each in (2, 5)] +
                         ["819012345299"] + ["8190123451" + f"{each:02}" for each in (26, 28, 30)])

    def test_a_message_that_cannot_be_sent_expires_and_is_forgotten(self):
        self.assertEqual(self.gateway.admin("/admin/carriers/sim:pause", "POST").status, 200)
        lost = self.gateway.send("+819012345003", "lost", valid_for="2h")["id"]
        self.advance(by="3h")
        self.assertEqual(self.gateway.message(lost)["status"], "expired")
        self.advance(by="60d")
        self.assertEqual(self.gateway.http("GET", f"/v1/messages/{lost}").status, 404)

    def test_what_it_was_moved_by_survives_a_kill_and_it_never_goes_back(self):
        before = self.clock()
        moved = self.advance(by="30d")
        self.assertGreaterEqual(moment(moved["now"]),
                                moment(before["now"]) + datetime.timedelta(days=30))
        self.assertGreater(moved["moved_by_seconds"], 29 * 24 * 3600)
        self.gateway.kill()
        self.gateway.start()
        again = self.clock()
        self.assertGreaterEqual(again["now"], moved["now"])
        self.assertEqual(again["stands"], False)
        got = self.post("/admin/clock:advance", {"to": later(again["now"], -1)})
        self.assertEqual((got.status, got.json()["code"]), (422, "field_invalid"))
        stood = self.advance(by="0s", stand=True)["now"]
        self.gateway.kill()
        self.gateway.start()
        self.assertEqual((self.clock()["now"], self.clock()["stands"]), (stood, True))
        self.assertEqual(self.gateway.stop(), 0)

    def test_a_kill_in_the_middle_of_a_move(self):
        base = self.clock()["now"]
        due = {f"8190123460{each:02}": later(base, 1 + each) for each in range(40)}
        for number, at in due.items():
            self.gateway.send("+" + number, "due", send_at=at, valid_for="6d")
        numbers = iter(range(1, 1000))

        def silent_from_the_tenth(_):
            number = next(numbers)
            self.carrier.respond = number < 10
            return str(number)
        self.carrier.ids = silent_from_the_tenth
        mover = threading.Thread(target=self.move_until_killed, daemon=True)
        mover.start()
        self.carrier.submissions.wait_count(10, "ten have come")
        self.gateway.kill()
        joined(mover, "the request has ended with the gateway")
        came = self.came()
        self.assertLess(len(came), 40, "it waits for the answer, for a while")
        self.carrier.ids, self.carrier.respond = None, True
        self.gateway.start()
        self.gateway.wait_bound()
        # What was due before the last one was on disk when that was sent.
        self.assertGreaterEqual(moment(self.clock()["now"]), moment(due[came[-2]]))
        self.advance(by="3d")
        self.assertEqual(set(self.came()), set(due))
        first = list(dict.fromkeys(self.came()))
        self.assertEqual(first, sorted(due), "in their order")
        self.assertLessEqual(len(self.came()), 40 + len(came) - 9,
                             "what had no answer may have come twice")

    def move_until_killed(self):
        try:
            self.post("/admin/clock:advance", {"by": "3d"})
        except (OSError, http.client.HTTPException):
            pass

    def test_faulty_moves(self):
        for body, code in (({}, "field_missing"), ({"by": "1h", "to": "2100-01-01T00:00:00Z"},
                                                   "field_invalid"),
                           ({"by": "soon"}, "field_invalid"), ({"to": "tomorrow"}, "field_invalid"),
                           ({"by": "401d"}, "field_invalid"), ({"hours": 3}, "field_unknown")):
            got = self.post("/admin/clock:advance", body)
            self.assertEqual((got.status, got.json()["code"]), (422, code), body)

    def test_nobody_takes_it_for_the_real_thing(self):
        for got in (self.gateway.http("GET", "/v1/account"), self.gateway.http("GET", "/nothing"),
                    self.gateway.http("GET", "/v1/account", token="wrong"),
                    self.gateway.admin("/admin/clock")):
            self.assertEqual(got.headers.get("hikyaku-clock"), "virtual", got)
        self.assertTrue(any("the clock is virtual" in line
                            for line in self.gateway.program.error.items()))

    def test_the_command_moves_it(self):
        admin = f"http://127.0.0.1:{self.gateway.ports['admin']}"
        code, out, _ = hikyaku("clock", "--admin", admin)
        self.assertRegex(out, r"^\S+Z \(virtual, 0d 00:00:00 ahead of the machine's\)$")
        before = moment(out.split()[0])
        code, out, error = hikyaku("clock", "advance", "14d", "--admin", admin)
        self.assertEqual((code, error), (0, ""))
        self.assertGreaterEqual(moment(out.split()[0]), before + datetime.timedelta(days=14))
        code, out, _ = hikyaku("clock", "advance", "2200-01-01T00:00:00+09:00", "--admin", admin)
        self.assertEqual(code, 1)
        code, out, _ = hikyaku("clock", "advance", later(out or before.isoformat(), 24 * 20),
                               "--stand", "--admin", admin)
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^\S+:\d\d\.000Z \(virtual, .* ahead of the machine's, stands\)$")
        code, _, error = hikyaku("clock", "advance", "yesterday", "--admin", admin)
        self.assertEqual(code, 1)
        self.assertIn("field_invalid", error)

    def test_a_reload_brings_no_carrier_of_another_machine(self):
        self.gateway.configuration["carrier"][0]["hosts"] = ["192.0.2.1:2775"]
        self.gateway.configuration["sandbox"]["clock"] = "system"
        self.gateway.write_configuration()
        got = self.gateway.admin("/admin/config:reload", "POST")
        self.assertEqual((got.status, got.json()["code"]), (422, "configuration_invalid"))
        self.assertIn("must be on this machine", json.dumps(got.json()["faults"]))


class no_sandbox_test(unittest.TestCase):
    def start(self, **changes):
        upstream = carrier()
        self.addCleanup(upstream.close)
        made = gateway({**default_configuration([to_carrier(upstream.port)]), **changes})
        self.addCleanup(made.close)
        return made

    def test_the_systems_clock_is_not_moved(self):
        plain = self.start().start()
        self.assertEqual(plain.admin("/admin/clock").json()["clock"], "system")
        self.assertNotIn("hikyaku-clock", plain.http("GET", "/v1/account").headers)
        self.assertEqual(plain.admin_post("/admin/clock:advance", {"by": "1h"}).status, 404)

    def test_a_carrier_elsewhere_is_a_fault(self):
        mixed = self.start(sandbox={"clock": "virtual"})
        mixed.configuration["carrier"][0]["hosts"] = ["smsc.example.org:2775"]
        mixed.write_configuration()
        for command in ("check", "run"):
            code, _, error = hikyaku(command, mixed.config_path)
            self.assertEqual(code, 1, command)
            self.assertIn("carrier 'sim' must be on this machine", error)

    def test_a_sandboxs_store_is_no_others(self):
        moved = self.start(sandbox={"clock": "virtual"}).start()
        self.assertEqual(moved.admin_post("/admin/clock:advance", {"by": "1d"}).status, 200)
        self.assertEqual(moved.stop(), 0)
        del moved.configuration["sandbox"]
        moved.write_configuration()
        moved.launch()
        self.assertEqual(moved.program.wait_end(), 1)
        self.assertIn("is a sandbox's", "\n".join(moved.program.error.items()))


if __name__ == "__main__":
    unittest.main()
