"""What the gate has decided, counted: over HTTP, on the admin listener and by `hikyaku gate report`."""
import datetime
import unittest
from urllib.parse import quote

from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.program import hikyaku

OTHER = "other-token"
SHADOW = "shadow-token"
TOKYO = datetime.timezone(datetime.timedelta(hours=9))


class report_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        accounts = [account(policy="japan/lender", zones=["Asia/Tokyo"]),
                    account(name="other", system_id="", password="", api_tokens=[OTHER]),
                    account(name="shadow", system_id="", password="", api_tokens=[SHADOW],
                            policy="japan/lender", policy_shadow=True)]
        made = default_configuration([to_carrier(cls.carrier.port)], accounts)
        made["sandbox"] = {"clock": "virtual"}
        cls.gateway = gateway(made)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()
        cls.day = cls.fill()

    @classmethod
    def fill(cls):
        """Tomorrow at ten one message goes out and one is held, at ten in the evening two wait."""
        now = datetime.datetime.fromisoformat(
            cls.gateway.admin("/admin/clock").json()["now"].replace("Z", "+00:00"))
        day = (now.astimezone(TOKYO) + datetime.timedelta(days=1)).replace(
            minute=0, second=0, microsecond=0)
        cls.move(day.replace(hour=10))
        cls.gateway.http("POST", "/v1/holds", {"kind": "dispute", "debtor": "held"})
        cls.sent = cls.remind("+819012347001")
        cls.gateway.wait_message(cls.sent, lambda m: m["status"] == "delivered", "delivered")
        cls.held = cls.remind("+819012347002", debtor="held")
        cls.gateway.wait_message(cls.held, lambda m: m["status"] == "rejected", "held")
        cls.move(day.replace(hour=22))
        cls.waiting = [cls.remind(f"+81901234701{each}") for each in range(2)]
        for each in cls.waiting:
            cls.gateway.wait_message(each, lambda m: m.get("decision"), "decided")
        cls.shown = [cls.remind(f"+81901234702{each}", token=SHADOW) for each in range(3)]
        for each in cls.shown:
            cls.gateway.wait_message(each, lambda m: m["status"] == "delivered", "delivered",
                                     token=SHADOW)
        return day.date()

    @classmethod
    def move(cls, to):
        got = cls.gateway.admin_post("/admin/clock:advance",
                                     {"to": to.isoformat(), "stand": True})
        if got.status != 200:
            raise AssertionError(got)

    @classmethod
    def remind(cls, to, **more):
        return cls.gateway.send(to, "due", purpose="dunning", **more)["id"]

    def range(self, **more):
        asked = {"from": f"{self.day}T00:00:00+09:00",
                 "to": f"{self.day + datetime.timedelta(days=1)}T00:00:00+09:00", **more}
        return "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())

    def row(self, rule, decision, messages, shadow=False):
        return {"day": str(self.day), "rule": rule, "decision": decision, "shadow": shadow,
                "messages": messages}

    def test_over_http(self):
        got = self.gateway.http("GET", f"/v1/policy/report?{self.range()}")
        self.assertEqual(got.status, 200, got)
        told = got.json()
        self.assertEqual((told["account"], told["zone"], told["allowed"]), ("app", "Asia/Tokyo", 1))
        self.assertEqual(told["rows"], [self.row("contact_hours", "delay", 2),
                                        self.row("hold_dispute", "block", 1)])
        self.assertEqual([(each["id"], each["decision"]) for each in told["messages"]],
                         [(self.held, "block")] + [(each, "delay") for each in self.waiting])
        self.assertNotIn("next", told)

    def test_what_a_shadow_would_have_done(self):
        told = self.gateway.http("GET", f"/v1/policy/report?{self.range()}", token=SHADOW).json()
        # The account has no zones: the days are those of UTC, and so is this one.
        self.assertEqual((told["zone"], told["allowed"]), ("UTC", 0))
        self.assertEqual(told["rows"], [self.row("contact_hours", "delay", 3, shadow=True)])
        self.assertEqual([(each["id"], each["decision"], each["shadow"])
                          for each in told["messages"]],
                         [(each, "delay", True) for each in self.shown])
        admin = ("--admin", f"http://127.0.0.1:{self.gateway.ports['admin']}")
        code, out, error = hikyaku("gate", "report", "--account", "shadow", "--to",
                                   f"{self.day}T22:00:01+09:00", *admin)
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(out.splitlines(), [f"{self.day} contact_hours shadow delay 3",
                                            "allowed 0"])

    def test_page_by_page(self):
        found, after = [], None
        while True:
            more = {"after": after} if after else {}
            page = self.gateway.http("GET", f"/v1/policy/report?{self.range(limit=1, **more)}").json()
            found += [each["id"] for each in page["messages"]]
            after = page.get("next")
            if after is None:
                break
        self.assertEqual(found, [self.held, *self.waiting])

    def test_of_another_account_nothing_is_told(self):
        told = self.gateway.http("GET", f"/v1/policy/report?{self.range()}", token=OTHER).json()
        self.assertEqual((told["rows"], told["messages"], told["allowed"]), ([], [], 0))

    def test_operators_name_the_account(self):
        told = self.gateway.admin(f"/admin/policy/report?account=app&{self.range()}").json()
        self.assertEqual(told, self.gateway.http("GET", f"/v1/policy/report?{self.range()}").json())
        got = self.gateway.admin(f"/admin/policy/report?account=nobody&{self.range()}")
        self.assertEqual((got.status, got.json()["code"]), (422, "field_invalid"))

    def test_faulty_ranges(self):
        for query in (self.range(to=f"{self.day}T00:00:00+09:00"), self.range(**{"from": "today"}),
                      self.range(to="2100-01-01T00:00:00Z"), self.range(limit=1001)):
            got = self.gateway.http("GET", f"/v1/policy/report?{query}")
            self.assertEqual((got.status, got.json()["code"]), (422, "field_invalid"), query)
        self.assertEqual(self.gateway.http("GET", "/v1/policy/report").json()["code"],
                         "field_missing")

    def test_the_command(self):
        admin = ("--admin", f"http://127.0.0.1:{self.gateway.ports['admin']}")
        # Until the gateway's now, which is when the last were accepted: a second later.
        to = ("--to", f"{self.day}T22:00:01+09:00")
        code, out, error = hikyaku("gate", "report", "--account", "app", *to, *admin)
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(out.splitlines(), [f"{self.day} contact_hours delay 2",
                                            f"{self.day} hold_dispute block 1", "allowed 1"])
        code, out, _ = hikyaku("gate", "report", "--account", "app", "--list", *to, *admin)
        self.assertEqual(code, 0)
        self.assertEqual([line.split()[0] for line in out.splitlines()],
                         [self.held, *self.waiting])
        code, _, error = hikyaku("gate", "report", "--account", "nobody", *admin)
        self.assertEqual(code, 1)
        self.assertIn("no account", error)


if __name__ == "__main__":
    unittest.main()
