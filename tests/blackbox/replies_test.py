"""Replies in the real program: what they say is read, told, and acted on. A stop keeps everything
back from its acknowledgement on and is confirmed once, whatever dies between; what is not sure
sends nothing, and holds until a person has looked.
"""
import datetime
import unittest
import urllib.parse

from support import webhooks
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.waiting import eventually

NUMBER = "815031110000"
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


class replies_base(unittest.TestCase):
    """An account without a pack, so that the hour of the day does not count."""

    def start(self, **of_account):
        self.last = 0
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.receiver = webhooks.receiver()
        self.addCleanup(self.receiver.close)
        hook = {"url": self.receiver.url("/hook"), "secret": SECRET, "allow_private": True}
        settings = {"numbers": [NUMBER], "webhook": hook, "replies": {"read": True}, **of_account}
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)],
                                                     [account(**settings)]))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def phone(self):
        self.last += 1
        return f"8190111100{self.last:02}"

    def remind(self, phone, **more):
        body = {"from": "+" + NUMBER, "to": "+" + phone, "text": "due", "purpose": "dunning", **more}
        got = self.gateway.http("POST", "/v1/messages", body)
        self.assertEqual(got.status, 202, got)
        return got.json()["id"]

    def reply(self, phone, text, number=NUMBER):
        """Its reading, as the webhook is told."""
        self.last += 1
        name = f"reply {self.last}"
        before = len([each for each in self.reads(phone) if each["text"] == text])
        self.carrier.reply(name, phone, number, text)
        self.carrier.acknowledged.wait(lambda each: each == name, f"{text} acknowledged")
        return self.wait_read(phone, text, before + 1)

    def reads(self, phone):
        return [event["data"] for each in self.receiver.to("/hook") for event in each.events()
                if event["type"] == "reply_read" and event["data"]["from"] == "+" + phone]

    def wait_read(self, phone, text, times=1):
        def check():
            found = [each for each in self.reads(phone) if each["text"] == text]
            return found[-1] if len(found) >= times else None
        return eventually(check, f"the reading of {text}")

    def sent_to(self, phone):
        return [each for each in self.carrier.submissions.items() if each.destination == phone]

    def nothing_more(self, phone, count):
        """What is sent after everything else has come, and no more than `count` to the phone."""
        marker = self.phone()
        self.gateway.send("+" + marker, "marker")
        self.carrier.submissions.wait(lambda each: each.destination == marker, marker)
        self.assertEqual(len(self.sent_to(phone)), count, [each.octets for each in
                                                           self.sent_to(phone)])

    def post(self, path, body):
        return self.gateway.http("POST", path, body)

    def search(self, what, **body):
        got = self.post(f"/v1/{what}:search", body)
        self.assertEqual(got.status, 200, got)
        return got.json()

    def holds(self, **whose):
        return [(each["kind"], each["scope"]) for each in
                self.search("holds", active=True, **whose)["holds"]]

    def suppressed(self, phone):
        return [(sorted(each["purposes"]), each["source"]) for each in
                self.search("suppressions", contact="+" + phone)["suppressions"]]

    def tasks(self, phone):
        return [each for each in self.gateway.http("GET", "/v1/tasks?limit=1000").json()["tasks"]
                if each["contact"] == "+" + phone]

    def assert_rejected(self, phone, why):
        message = self.remind(phone)
        ended = self.gateway.wait_message(message, lambda m: m["status"] == "rejected", "rejected")
        self.assertEqual(ended["segments"][0]["error"]["additional_status_info_text"], why)


class stops_test(replies_base):
    def setUp(self):
        self.start()

    def test_a_stop_ends_what_is_queued_and_is_confirmed_once(self):
        phone = self.phone()
        self.assertEqual(self.gateway.admin("/admin/carriers/sim:pause", "POST").status, 200)
        waiting = self.remind(phone, debtor="d-1")
        self.carrier.reply("stop", phone, NUMBER, "STOP")
        self.carrier.acknowledged.wait(lambda each: each == "stop", "acknowledged")
        read = self.wait_read(phone, "STOP")
        self.assertEqual(self.gateway.admin("/admin/carriers/sim:resume", "POST").status, 200)
        self.assertEqual(read["intents"][0]["intent"], "stop")
        self.assertEqual((read["decision"], read["followed"]), ("act", ["stopped", "confirmation"]))
        self.assertEqual(read["debtor"], "d-1")
        self.assertEqual(self.suppressed(phone), [(["dunning", "marketing"], "reply")])
        self.gateway.wait_message(waiting, lambda m: m["status"] == "rejected", "rejected")
        [confirmation] = eventually(lambda: self.sent_to(phone), "the confirmation")
        self.assertEqual(confirmation.source, NUMBER)
        self.assertIn(b"opted out", confirmation.octets)
        self.assertEqual(self.reply(phone, "Stop. Thank you")["followed"], [])
        self.assertEqual(self.reply(phone, "STOP PLEASE")["followed"], [])
        self.assert_rejected(phone, "suppressed")
        self.nothing_more(phone, 1)

    def test_start_takes_away_what_the_stop_has_made_and_nothing_else(self):
        phone = self.phone()
        self.reply(phone, "please stop sending")
        self.assertEqual(self.reply(phone, "START")["followed"], ["started"])
        self.assertEqual(self.suppressed(phone), [])
        self.remind(phone)
        eventually(lambda: len(self.sent_to(phone)) == 2, "the reminder")
        self.assertEqual(self.reply(phone, "stop")["followed"], ["stopped", "confirmation"])
        eventually(lambda: len(self.sent_to(phone)) == 3, "another confirmation")
        got = self.post("/v1/suppressions", {"contact": "+" + phone, "purposes": ["dunning"]})
        self.assertEqual(got.status, 201, got)
        self.reply(phone, "START")
        self.assertEqual(self.suppressed(phone), [(["dunning"], "api")])

    def test_a_stop_with_a_reference_is_for_that_debt(self):
        phone = self.phone()
        self.remind(phone, debt="12345", debtor="d-2")
        self.remind(phone, debt="L-7", reference="INV-9", debtor="d-2")
        eventually(lambda: len(self.sent_to(phone)) == 2, "the reminders")
        self.assertEqual(self.reply(phone, "STOP 12345")["followed"],
                         ["hold_opt_out", "confirmation"])
        self.assertEqual(self.holds(debt="12345"), [("opt_out", "debt")])
        self.assertEqual(self.suppressed(phone), [])
        confirmation = eventually(lambda: self.sent_to(phone)[2:], "the confirmation")[0]
        self.assertIn(b"12345", confirmation.octets)
        self.assertEqual(self.reply(phone, "STOP 12345")["followed"], [])
        self.remind(phone, debt="L-7")
        eventually(lambda: len(self.sent_to(phone)) == 4, "that of the other debt")
        self.reply(phone, "stop inv-9")
        self.assertEqual(self.holds(debt="L-7"), [("opt_out", "debt")])
        self.assertEqual(self.reply(phone, "START")["followed"], ["started"])
        self.assertEqual(self.holds(debt="12345") + self.holds(debt="L-7"), [])
        self.assertEqual(self.reply(phone, "STOP 99999")["followed"], ["stopped", "confirmation"])

    def test_what_only_sounds_like_a_stop(self):
        phone = self.phone()
        read = self.reply(phone, "We have got to STOP this bill")
        self.assertEqual(read["decision"], "person")
        self.assertEqual(self.suppressed(phone), [])
        self.assertEqual([each["kind"] for each in self.tasks(phone)], ["reply_unclear"])
        unsure = self.phone()
        self.assertIn("hold_opt_out", self.reply(unsure, "no thanks")["followed"])
        self.assertEqual(self.holds(contact="+" + unsure), [("opt_out", "contact")])
        self.assertEqual([each["kind"] for each in self.tasks(unsure)], ["reply_stop"])
        self.assert_rejected(unsure, "hold_opt_out")
        self.nothing_more(phone, 0)
        self.nothing_more(unsure, 0)

    def test_in_japanese_and_half_width(self):
        for text in ("停止", "ﾃｲｼ", "ＳＴＯＰ", "もう送らないでください"):
            phone = self.phone()
            read = self.reply(phone, text)
            self.assertEqual(read["followed"], ["stopped", "confirmation"], text)
            [confirmation] = eventually(lambda: self.sent_to(phone), "the confirmation")
            if read["language"] == "ja":
                self.assertIn("停止しました", confirmation.octets.decode("utf-16-be"))

    def test_one_confirmation_over_kills(self):
        phones = [self.phone() for _ in range(12)]
        for i, phone in enumerate(phones):
            self.carrier.reply(f"kill {i}", phone, NUMBER, "STOP")
            if i % 3 == 2:
                self.carrier.acknowledged.wait(lambda each, i=i: each == f"kill {i - 1}", "one")
                self.gateway.kill()
                self.gateway.start()
                self.gateway.wait_bound()
        for i, phone in enumerate(phones):
            self.carrier.acknowledged.wait(lambda each, i=i: each == f"kill {i}", "acknowledged")
            eventually(lambda p=phone: self.suppressed(p) == [(["dunning", "marketing"], "reply")],
                       "suppressed")
            eventually(lambda p=phone: self.sent_to(p), "the confirmation")
        for phone in phones:
            self.nothing_more(phone, 1)
            told = {event["id"] for each in self.receiver.to("/hook") for event in each.events()
                    if event["type"] == "reply_read" and event["data"]["from"] == "+" + phone
                    and event["data"]["followed"]}
            self.assertEqual(len(told), 1, "told twice as new")


class intents_test(replies_base):
    def setUp(self):
        self.start()

    def test_a_promise_holds_until_the_end_of_its_day(self):
        phone = self.phone()
        self.remind(phone, debtor="d-3")
        eventually(lambda: self.sent_to(phone), "the reminder")
        tokyo = datetime.timezone(datetime.timedelta(hours=9))
        day = datetime.datetime.now(tokyo).date() + datetime.timedelta(days=5)
        read = self.reply(phone, f"{day.month}月{day.day}日に払います")
        self.assertEqual(read["intents"][0]["intent"], "promise")
        self.assertEqual(read["intents"][0]["dates"], [day.isoformat()])
        self.assertEqual(read["followed"], ["hold_promise"])
        for whose in ({"contact": "+" + phone}, {"debtor": "d-3"}):
            [hold] = self.search("holds", active=True, **whose)["holds"]
            self.assertEqual(hold["kind"], "promise")
            until = datetime.datetime.fromisoformat(hold["until"].replace("Z", "+00:00"))
            self.assertEqual(until, datetime.datetime.combine(
                day + datetime.timedelta(days=1), datetime.time(), tokyo))
        self.assertEqual(self.tasks(phone), [])
        self.assert_rejected(phone, "hold_promise")

    def test_what_a_person_has_to_look_at(self):
        for text, intent, followed, kind in [
                ("もう払いました", "paid", ["task"], "reply_paid"),
                ("I already paid last week", "paid", ["task"], "reply_paid"),
                ("請求の内容に異議があります", "dispute", ["hold_dispute", "task"],
                 "reply_dispute"),
                ("弁護士に依頼しました", "representation", ["hold_representation", "task"],
                 "reply_representation"),
                ("I filed for bankruptcy", "insolvency", ["hold_insolvency", "task"],
                 "reply_insolvency"),
                ("父は先月亡くなりました", "death", ["hold_death", "task"], "reply_death"),
                ("分割払いにできますか", "plan_request", ["task"], "reply_plan_request"),
                ("\U0001F600\U0001F64F", "unclear", ["task"], "reply_unclear")]:
            with self.subTest(text):
                phone = self.phone()
                read = self.reply(phone, text)
                self.assertIn(intent, [each["intent"] for each in read["intents"]])
                self.assertEqual(read["followed"], followed)
                tasks = self.tasks(phone)
                self.assertEqual([each["kind"] for each in tasks], [kind])
                self.assertEqual(tasks[0]["why"], text)
                self.nothing_more(phone, 0)

    def test_a_wrong_person_is_written_to_no_more(self):
        phone = self.phone()
        read = self.reply(phone, "人違いです")
        self.assertEqual(read["followed"], ["suppressed", "hold_wrong_person", "task"])
        self.assertEqual(self.suppressed(phone), [(["dunning", "marketing", "service"], "reply")])
        self.reply(phone, "START")
        self.assertEqual(self.suppressed(phone), [(["dunning", "marketing", "service"], "reply")])
        self.nothing_more(phone, 0)

    def test_one_open_task_of_a_kind(self):
        phone = self.phone()
        for i in range(3):
            self.reply(phone, f"call me back at {i + 5} pm")
        self.assertEqual([each["kind"] for each in self.tasks(phone)], ["reply_callback"])
        [task] = self.tasks(phone)
        got = self.post(f"/v1/tasks/{task['id']}:done", {"done_by": "Ito"})
        self.assertEqual(got.status, 200, got)
        self.reply(phone, "call me back please")
        self.assertEqual(len(self.tasks(phone)), 1)

    def test_it_is_in_the_timeline(self):
        phone = self.phone()
        self.remind(phone, debtor="d-4", debt="L-4")
        eventually(lambda: self.sent_to(phone), "the reminder")
        self.reply(phone, "I dispute this debt")
        for whose in ({"contact": "+" + phone}, {"debtor": "d-4"}, {"debt": "L-4"}):
            found = [each for each in self.search("timeline", **whose)["events"]
                     if each["kind"] == "reply"]
            self.assertEqual([(each["detail"], each["text"], each["decision"]) for each in found],
                             [("dispute", "I dispute this debt", "act")])
            self.assertGreaterEqual(found[0]["intents"][0]["confidence"], 0.8)


class conversations_test(replies_base):
    def setUp(self):
        self.start(replies={"read": True, "help_text": "Call 0120-000-000.",
                            "closed_text": "This number is not read."})

    def conversation(self, name, query=""):
        got = self.gateway.http("GET", f"/v1/conversations/{urllib.parse.quote(name)}{query}")
        self.assertEqual(got.status, 200, got)
        return got.json()

    def test_the_thread_in_order_by_each_name(self):
        phone = self.phone()
        self.remind(phone)
        eventually(lambda: self.sent_to(phone), "the reminder")
        read = self.reply(phone, "how much is it?")
        wanted = ["handed_over", "reply", "task_opened"]

        def kinds(thread):
            return [each["kind"] for each in thread["entries"] if each["kind"] in wanted]
        thread = eventually(lambda: (t := self.conversation(read["conversation"])) and
                            kinds(t) == wanted and t, "the thread")
        texts = {each["kind"]: each.get("text") for each in thread["entries"]}
        self.assertEqual((texts["handed_over"], texts["reply"]), ("due", "how much is it?"))
        self.assertEqual((thread["contact"], thread["state"], thread["number"]),
                         ("+" + phone, "open", NUMBER))
        self.assertEqual(self.conversation("+" + phone), thread)
        raw = self.gateway.http("GET", f"/v1/conversations/+{phone}")
        self.assertEqual(raw.json(), thread)
        self.assertEqual(self.search("conversations", contact=phone), thread)
        page = self.conversation(read["conversation"], "?limit=1")
        rest = self.conversation(read["conversation"], f"?before={page['next']}")
        self.assertEqual(rest["entries"] + page["entries"], thread["entries"])
        self.assertEqual(self.gateway.http("GET", "/v1/conversations/" + "ab" * 16).status, 404)
        self.gateway.stop()
        self.assertFalse([line for line in self.gateway.logs if phone in line])

    def test_staff_answer_and_close(self):
        phone = self.phone()
        name = self.reply(phone, "how much is it?")["conversation"]
        path = f"/v1/conversations/{name}"
        headers = {"Idempotency_Key": "k-1"}
        answers = [self.gateway.http("POST", path + "/messages", {"text": "It is 3,000 yen."},
                                     **headers) for _ in range(2)]
        self.assertEqual([each.status for each in answers], [202, 202], answers)
        self.assertEqual(answers[0].json()["id"], answers[1].json()["id"])
        shown = self.gateway.message(answers[0].json()["id"])
        self.assertEqual((shown["purpose"], shown["from"], shown["to"]),
                         ("service", "+" + NUMBER, "+" + phone))
        eventually(lambda: len(self.sent_to(phone)) == 1, "the answer")
        self.assertEqual(self.post("/v1/conversations/+81901/messages", {"to": "+1"}).status, 422)
        closed = self.gateway.http("POST", path + ":close")
        self.assertEqual((closed.status, closed.json()["state"]), (200, "closed"), closed)
        self.assertEqual(self.reply(phone, "hello?")["followed"], ["answer"])
        eventually(lambda: len(self.sent_to(phone)) == 2, "that it is closed")
        self.assertEqual(self.reply(phone, "anybody?")["followed"], ["task"])
        self.assertEqual(self.conversation(name)["state"], "open")
        self.nothing_more(phone, 2)

    def test_help_is_answered_once_a_day(self):
        phone = self.phone()
        self.assertEqual(self.reply(phone, "HELP")["followed"], ["answer"])
        [answer] = eventually(lambda: self.sent_to(phone), "the answer")
        self.assertEqual(answer.octets, b"Call 0120-000-000.")
        self.assertEqual(self.reply(phone, "HELP")["followed"], ["task"])
        self.nothing_more(phone, 1)


if __name__ == "__main__":
    unittest.main()
