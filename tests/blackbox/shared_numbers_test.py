"""Whose a reply is where several accounts share a number, and stops under a policy pack: in the
night they are confirmed in the morning, unless the law wants it at once.
"""
import datetime
import unittest

from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.waiting import eventually

NUMBER = "815031110000"
TOKENS = {"one": "token-of-one", "two": "token-of-two"}
TOKYO = datetime.timezone(datetime.timedelta(hours=9))


def of(name, **more):
    return account(name=name, system_id="", password="", api_tokens=[TOKENS[name]], **more)


class shared_base(unittest.TestCase):
    def start(self, accounts):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        made = default_configuration([to_carrier(self.carrier.port)], accounts)
        made["sandbox"] = {"clock": "virtual"}
        self.gateway = gateway(made)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def advance(self, **how):
        got = self.gateway.admin_post("/admin/clock:advance", how)
        self.assertEqual(got.status, 200, got)

    def to_next(self, hour, zone=TOKYO):
        now = datetime.datetime.fromisoformat(
            self.gateway.admin("/admin/clock").json()["now"].replace("Z", "+00:00"))
        wanted = now.astimezone(zone).replace(hour=hour, minute=0, second=0, microsecond=0)
        if wanted < now:
            wanted += datetime.timedelta(days=1)
        self.advance(to=wanted.isoformat(), stand=True)

    def send(self, name, phone, **more):
        return self.gateway.send("+" + phone, "due", token=TOKENS[name],
                                 **{"from": "+" + NUMBER, **more})["id"]

    def reply(self, phone, text):
        name = f"{phone} {text}"
        self.carrier.reply(name, phone, NUMBER, text)
        self.carrier.acknowledged.wait(lambda each: each == name, "acknowledged")

    def texts(self, name, phone):
        got = self.gateway.http("POST", "/v1/conversations:search", {"contact": "+" + phone},
                                token=TOKENS[name])
        self.assertEqual(got.status, 200, got)
        return [each["text"] for each in got.json()["entries"] if each["kind"] == "reply"]

    def sent_to(self, phone):
        return [each for each in self.carrier.submissions.items() if each.destination == phone]


class owners_test(shared_base):
    def setUp(self):
        reads = {"numbers": [NUMBER], "replies": {"read": True}}
        self.start([of("one", **reads), of("two", keywords=["beta"], **reads)])

    def test_keyword_then_who_wrote_last_then_the_number(self):
        for purpose in ("dunning", "transactional"):
            with self.subTest(purpose):
                phone = "8190222200" + ("01" if purpose == "dunning" else "02")
                self.reply(phone, "nobody wrote")
                eventually(lambda: self.texts("one", phone) == ["nobody wrote"], "the first")
                self.send("one", phone, purpose=purpose)
                self.send("two", phone, purpose=purpose)
                eventually(lambda: len(self.sent_to(phone)) == 2, "both")
                self.reply(phone, "the second wrote last")
                eventually(lambda: self.texts("two", phone) == ["the second wrote last"], "two")
                self.send("one", phone, purpose=purpose)
                eventually(lambda: len(self.sent_to(phone)) == 3, "all")
                self.reply(phone, "the first did")
                eventually(lambda: self.texts("one", phone)[1:] == ["the first did"], "one")
                self.reply(phone, "BETA please")
                eventually(lambda: self.texts("two", phone)[1:] == ["BETA please"], "the keyword's")

    def test_thirty_days(self):
        phone = "819022220003"
        self.send("two", phone, purpose="dunning")
        eventually(lambda: self.sent_to(phone), "the message")
        self.advance(by="29d")
        self.reply(phone, "within")
        eventually(lambda: self.texts("two", phone) == ["within"], "two")
        self.advance(by="2d")
        self.reply(phone, "beyond")
        eventually(lambda: self.texts("one", phone) == ["beyond"], "one")


class night_test(shared_base):
    def setUp(self):
        self.start([of("one", policy="japan/lender", zones=["Asia/Tokyo"], keywords=["jp"]),
                    of("two", policy="us/first-party", zones=["America/New_York"],
                       numbers=[NUMBER])])

    def suppressed(self, name, phone):
        got = self.gateway.http("POST", "/v1/suppressions:search", {"contact": "+" + phone},
                                token=TOKENS[name])
        return bool(got.json()["suppressions"])

    def test_a_confirmation_waits_for_the_hours(self):
        self.to_next(23)
        phone = "819022220101"
        self.reply(phone, "JP 停止")
        eventually(lambda: self.suppressed("one", phone), "suppressed")
        eventually(lambda: self.gateway.metric("hikyaku_gate_answers_total", answer="delay") >= 1,
                   "the gate's delay")
        self.assertEqual(self.sent_to(phone), [])
        self.to_next(8)
        eventually(lambda: len(self.sent_to(phone)) == 1, "the confirmation")

    def test_one_that_the_law_wants_at_once_does_not(self):
        eastern = datetime.timezone(datetime.timedelta(hours=-5))
        self.to_next(23, eastern)
        phone = "12125550101"
        self.reply(phone, "STOP")
        eventually(lambda: self.suppressed("two", phone), "suppressed")
        eventually(lambda: len(self.sent_to(phone)) == 1, "the confirmation")
        held = self.send("two", phone, purpose="service")
        self.gateway.wait_message(held, lambda m: m.get("decision", {}).get("decision") == "delay",
                                  "other services wait", token=TOKENS["two"])


if __name__ == "__main__":
    unittest.main()
