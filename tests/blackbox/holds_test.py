"""Holds, suppressions and stops in the real program: what is placed between acceptance and hand-off
keeps every PDU back, ends what is queued, and is not forgotten by a kill right behind its answer.
"""
import json
import os
import unittest

from support import web
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.program import hikyaku
from support.waiting import eventually

KINDS = ("promise", "dispute", "representation", "insolvency", "death", "hardship", "wrong_person",
         "ownership_doubt", "opt_out", "cease", "breathing_space", "disaster", "manual",
         "complaint", "service_issue", "vulnerability")
OTHER = "other-token"


class holds_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        accounts = [account(), account(name="other", system_id="", password="", api_tokens=[OTHER])]
        cls.gateway = gateway(default_configuration([to_carrier(cls.carrier.port)], accounts))
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()
        cls.last = 0

    def post(self, path, body=None, token=TOKEN):
        return self.gateway.http("POST", path, body, token=token)

    def get(self, path, token=TOKEN):
        return self.gateway.http("GET", path, token=token)

    @classmethod
    def number(cls):
        cls.last += 1
        return f"81901234{cls.last:04}"

    def remind(self, to, token=TOKEN, **more):
        body = {"from": "Shop", "to": "+" + to, "text": "due", "purpose": "dunning", **more}
        got = self.post("/v1/messages", body, token)
        self.assertEqual(got.status, 202, got)
        return got.json()["id"]

    def pause(self, word):
        self.assertEqual(self.gateway.admin(f"/admin/carriers/sim:{word}", "POST").status, 200)

    def place(self, token=TOKEN, **hold):
        got = self.post("/v1/holds", {"kind": "promise", **hold}, token)
        self.assertEqual(got.status, 201, got)
        return got.json()

    def lift(self, hold):
        got = self.post(f"/v1/holds/{hold['id']}:lift", {"reason": "over", "lifted_by": "Ito"})
        self.assertEqual(got.status, 200, got)
        return got.json()

    def assert_nothing_came(self, numbers):
        """What is sent after them has come, and they have not."""
        marker = self.number()
        self.gateway.send("+" + marker, "marker")
        self.carrier.submissions.wait(lambda each: each.destination == marker, marker)
        came = [each.destination for each in self.carrier.submissions.items()
                if each.destination in numbers]
        self.assertEqual(came, [])

    def ended(self, message_id):
        return self.gateway.wait_message(message_id, lambda m: m["status"] == "rejected",
                                         "rejected")

    def test_each_kind_placed_between_acceptance_and_hand_off(self):
        self.pause("pause")
        held = {}
        for kind in KINDS:
            to = self.number()
            message = self.remind(to, debtor="d-" + kind)
            hold = self.place(kind=kind, debtor="d-" + kind, evidence="letter", placed_by="Sato")
            self.assertEqual(hold["ended"], {"withdrawn": 1, "with_carriers": 0})
            self.assertTrue(hold["active"])
            held[to] = (kind, message)
        self.pause("resume")
        self.assert_nothing_came(held)
        for kind, message in held.values():
            shown = self.ended(message)
            error = shown["segments"][0]["error"]
            self.assertEqual((error["refused_by"], error["additional_status_info_text"]), ("gateway", "hold_" + kind))

    def test_a_hold_counts_by_number_contact_debtor_and_debt(self):
        for name, of_hold, of_message in [
                ("number", lambda to: {"contact": "+" + to}, {}),
                ("contact", lambda to: {"contact": "c-1"}, {"contact": {"id": "c-1"}}),
                ("debtor", lambda to: {"debtor": "d-1"}, {"debtor": "d-1"}),
                ("debt", lambda to: {"debt": "e-1"}, {"debt": "e-1"})]:
            with self.subTest(name):
                to = self.number()
                hold = self.place(**of_hold(to))
                message = self.remind(to, **of_message)
                shown = self.gateway.wait_message(message, lambda m: "decision" in m, "a decision")
                self.assertEqual(shown["status"], "rejected")
                self.assertEqual(shown["decision"]["decision"], "block")
                self.assertEqual(shown["decision"]["reasons"][0]["rule"], "hold_promise")
                self.assert_nothing_came({to})
                service = self.number()
                self.remind(service, purpose="service", **of_message)
                self.carrier.submissions.wait(lambda each: each.destination == service, service)
                self.assertFalse(self.lift(hold)["active"])
                self.remind(to, **of_message)
                self.carrier.submissions.wait(lambda each: each.destination == to, to)

    def test_a_hold_of_one_account_is_not_seen_by_another(self):
        to = self.number()
        hold = self.place(contact="+" + to)
        self.remind(to, token=OTHER)
        self.carrier.submissions.wait(lambda each: each.destination == to, to)
        self.assertEqual(self.get(f"/v1/holds/{hold['id']}", OTHER).status, 404)
        self.assertEqual(self.post(f"/v1/holds/{hold['id']}:lift", {}, OTHER).status, 404)
        self.assertEqual(self.search("holds", OTHER, contact="+" + to), {"holds": []})
        self.assertEqual(self.get("/v1/holds", OTHER).json(), {"holds": []})
        for written in (to, "+" + to, f"+81 90-{to[4:8]} {to[8:]}"):
            self.assertEqual([each["id"] for each in
                              self.search("holds", contact=written)["holds"]], [hold["id"]])

    def test_all_holds_in_pages(self):
        placed = [self.place(debt=f"page-{i}")["id"] for i in range(5)]
        self.lift({"id": placed[1]})
        found, after = [], ""
        while True:
            page = self.get(f"/v1/holds?limit=2&active=true{after}").json()
            found += [each["id"] for each in page["holds"]]
            if "next" not in page:
                break
            after = "&after=" + page["next"]
        self.assertEqual(found[:4], [placed[i] for i in (4, 3, 2, 0)])
        self.assertEqual(len(found), len(set(found)))
        self.assertIn(placed[1], [each["id"] for each in
                                  self.get("/v1/holds?limit=1000").json()["holds"]])

    def test_faulty_holds(self):
        for body, code in [({}, "field_missing"), ({"kind": "nap", "debt": "1"}, "field_invalid"),
                           ({"kind": "promise"}, "field_missing"),
                           ({"kind": "promise", "debt": "1", "debtor": "2"}, "field_invalid"),
                           ({"kind": "promise", "debt": "1", "until": "tomorrow"},
                            "field_invalid"),
                           ({"kind": "promise", "debt": "1", "until": "2020-01-01T00:00:00Z"},
                            "field_invalid"),
                           ({"kind": "promise", "debt": ""}, "field_invalid"),
                           ({"kind": "promise", "debt": "1", "who": "x"}, "field_unknown")]:
            got = self.post("/v1/holds", body)
            self.assertEqual((got.status, got.json()["code"]), (422, code), (body, got))
        for path in ("holds", "timeline"):
            for body, code in [({}, "field_missing"), ({"debt": "1", "debtor": "2"},
                                                       "field_invalid"),
                               ({"debt": "1", "limit": 0}, "field_invalid")]:
                got = self.post(f"/v1/{path}:search", body)
                self.assertEqual((got.status, got.json()["code"]), (422, code), (path, body, got))
        for path in ("holds?after=x", "suppressions?after=%2B8190", "tasks?after=x"):
            self.assertEqual(self.get("/v1/" + path).json()["code"], "field_invalid", path)
        self.assertEqual(self.get("/v1/holds/17").status, 404)

    def test_suppressions_one_by_one(self):
        to = self.number()
        got = self.post("/v1/suppressions", {"contact": "+" + to, "purposes": ["dunning"],
                                             "reason": "letter"})
        self.assertEqual(got.status, 201, got)
        self.assertEqual((got.json()["purposes"], got.json()["source"]), (["dunning"], "api"))
        self.assertEqual(self.ended(self.remind(to))["segments"][0]["error"]["additional_status_info_text"],
                         "suppressed")
        self.remind(to, purpose="marketing")
        self.carrier.submissions.wait(lambda each: each.destination == to, to)
        whose = {"contact": f"+81 90 {to[4:]}"}
        self.assertEqual([each["reason"] for each in
                          self.search("suppressions", **whose)["suppressions"]], ["letter"])
        self.assertEqual(self.post("/v1/suppressions:remove", whose, OTHER).status, 404)
        got = self.post("/v1/suppressions:remove", {**whose, "purposes": ["marketing"]})
        self.assertEqual(got.status, 404, got)
        self.assertEqual(self.post("/v1/suppressions:remove", whose).json(),
                         {"contact": "+" + to, "status": "removed"})
        self.assertEqual(self.search("suppressions", **whose), {"suppressions": []})

    def test_nobody_is_named_in_a_target(self):
        for method, path in [("GET", "/v1/holds?contact=x"), ("GET", "/v1/holds?debtor=x"),
                             ("GET", "/v1/suppressions?contact=x")]:
            self.assertEqual(self.gateway.http(method, path).json()["code"], "field_unknown")
        self.assertEqual(self.gateway.http("DELETE", "/v1/suppressions/x").status, 404)
        self.assertEqual(self.get("/v1/timeline?debtor=x").status, 404)
        to = self.number()
        self.place(contact="+" + to)
        self.post("/v1/suppressions", {"contact": "+" + to})
        page = self.get("/v1/suppressions?limit=1").json()
        self.assertNotIn(page["suppressions"][0]["contact"].strip("+"), page.get("next", ""))

    def search(self, what, token=TOKEN, **body):
        got = self.post(f"/v1/{what}:search", body, token)
        self.assertEqual(got.status, 200, got)
        return got.json()

    def events(self, **whose):
        return [(each["kind"], each["detail"])
                for each in reversed(self.search("timeline", **whose)["events"])]

    def test_a_timeline_from_the_hold_to_the_end(self):
        to = self.number()
        self.remind(to, debtor="d-9")
        eventually(lambda: self.events(debtor="d-9") ==
                   [("handed_over", "dunning"), ("receipt", "delivered")], "the message's events")
        hold = self.place(kind="dispute", debtor="d-9", evidence="letter")
        self.ended(self.remind(to, debtor="d-9"))
        tasks = [each for each in self.get("/v1/tasks").json()["tasks"]
                 if each["hold"] == hold["id"]]
        self.assertEqual([(each["kind"], each["why"]) for each in tasks],
                         [("hold_dispute", "letter")])
        got = self.post(f"/v1/tasks/{tasks[0]['id']}:done", {"done_by": "Ito", "remark": "agreed"})
        self.assertEqual((got.status, got.json()["done_by"]), (200, "Ito"), got)
        self.lift(hold)
        expected = {("hold_placed", "dispute"), ("task_opened", "hold_dispute"),
                    ("withheld", "hold_dispute"), ("receipt", "rejected"),
                    ("task_done", "hold_dispute"), ("hold_lifted", "dispute")}
        eventually(lambda: set(self.events(debtor="d-9")[2:]) == expected, "the hold's events")
        self.assertEqual(self.events(contact=to)[0], ("handed_over", "dunning"))
        self.assertEqual(self.search("timeline", OTHER, debtor="d-9")["events"], [])
        page = self.search("timeline", debtor="d-9", limit=3)
        rest = self.search("timeline", debtor="d-9", limit=100, before=page["next"])
        self.assertEqual((len(page["events"]), len(rest["events"])), (3, 5))
        numbers = [each["number"] for each in page["events"] + rest["events"]]
        self.assertEqual(numbers, sorted(numbers, reverse=True))

    def test_suppressions_as_csv(self):
        rows = [self.number() for _ in range(1300)]
        text = "name,contact,purposes,reason\r\n" + "".join(
            f'"a ""b"", {i}",+{row},dunning marketing,"two\nlines"\r\n'
            for i, row in enumerate(rows)) + "x,,dunning,\r\ny,+81,fun,\r\n"
        headers = {"Authorization": f"Bearer {OTHER}", "Content-Type": "text/csv"}
        port = self.gateway.ports["http"]
        got = web.request(port, "POST", "/v1/suppressions:import", text, headers)
        self.assertEqual(got.status, 200, got)
        answer = got.json()
        self.assertEqual((answer["imported"], answer["refused"]), (1300, 2))
        self.assertEqual([each["line"] for each in answer["faults"]], [2602, 2603])
        found, after = set(), ""
        while True:
            page = self.get(f"/v1/suppressions?limit=100{after}", OTHER).json()
            found |= {each["contact"] for each in page["suppressions"]}
            if "next" not in page:
                break
            after = "&after=" + page["next"]
        self.assertEqual(found, {"+" + row for row in rows})
        got = web.request(port, "GET", "/v1/suppressions:export", headers=headers)
        self.assertEqual(got.headers["content-type"], "text/csv")
        lines = got.body.decode() if isinstance(got.body, bytes) else got.body
        self.assertEqual(lines.count('dunning marketing'), 1300)
        again = web.request(port, "POST", "/v1/suppressions:import", lines, headers)
        self.assertEqual(again.json()["imported"], 1300, again)
        self.assertEqual(self.ended_of(OTHER, rows[7]), "suppressed")

    def ended_of(self, token, to):
        message = self.remind(to, token=token)
        shown = self.gateway.wait_message(message, lambda m: m["status"] == "rejected", "rejected",
                                          token=token)
        return shown["segments"][0]["error"]["additional_status_info_text"]


class stops_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)]))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def command(self, *arguments):
        url = f"http://127.0.0.1:{self.gateway.ports['admin']}"
        return hikyaku("stop-sending", "--admin", url, *arguments)

    def came(self):
        return [each.destination for each in self.carrier.submissions.items()]

    def test_stop_restart_resume(self):
        code, said, _ = self.command("--by", "Sato")
        self.assertEqual(code, 0)
        self.assertIn("stopped: everything of every account", said)
        message = self.gateway.send("+819012345678", "transactional")
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()
        self.assertIn("by Sato", self.command("--list")[1])
        self.assertEqual(self.came(), [])
        self.assertEqual(self.command("--lift")[0], 0)
        self.carrier.submissions.wait(lambda each: each.destination == "819012345678", "message")
        self.assertIn("nothing is stopped", self.command("--list")[1])
        self.assertEqual(self.command("--lift")[0], 1)
        self.assertEqual(self.command("--account", "nobody")[0], 1)
        self.gateway.wait_message(message["id"],
                                  lambda m: m["status"] == "delivered", "delivered")

    def test_the_stop_of_an_account_that_is_removed(self):
        """It stays in force, is named as before, and can be lifted; nothing new can be stopped."""
        accounts = self.gateway.configuration["account"]
        accounts.append(account(name="gone", system_id="", password="", api_tokens=[OTHER]))
        for restarts in (False, True):
            self.gateway.kill()
            self.gateway.write_configuration()
            self.gateway.start()
            self.assertEqual(self.command("--account", "gone", "--by", "Sato")[0], 0)
            removed = accounts.pop()
            self.gateway.write_configuration()
            if restarts:
                self.gateway.kill()
                self.gateway.start()
            else:
                url = f"http://127.0.0.1:{self.gateway.ports['admin']}"
                self.assertEqual(hikyaku("reload", "--admin", url)[0], 0)
            self.assertIn("everything of gone, since", self.command("--list")[1])
            self.assertEqual(self.command("--account", "gone")[0], 1)
            code, said, _ = self.command("--account", "gone", "--lift")
            self.assertEqual((code, said.strip()), (0, "sending again: everything of gone"))
            self.assertIn("nothing is stopped", self.command("--list")[1])
            accounts.append(removed)

    def test_one_purpose_only(self):
        self.assertEqual(self.command("--account", "app", "--purpose", "dunning")[0], 0)
        body = {"from": "Shop", "to": "+819012340001", "text": "due", "purpose": "dunning"}
        held = self.gateway.http("POST", "/v1/messages", body).json()["id"]
        self.gateway.http("POST", "/v1/messages",
                          {**body, "to": "+819012340002", "purpose": "marketing"})
        self.carrier.submissions.wait(lambda each: each.destination == "819012340002", "other")
        shown = self.gateway.wait_message(held, lambda m: "decision" in m, "a decision")
        self.assertEqual(shown["decision"]["decision"], "delay")
        self.assertEqual(self.came(), ["819012340002"])
        url = f"http://127.0.0.1:{self.gateway.ports['admin']}"
        got = hikyaku("gate", "explain", "--admin", url, held)
        self.assertEqual(json.loads(got[1])["reasons"][0]["rule"], "stop", got)
        self.assertEqual(hikyaku("gate", "explain", "--admin", url, "17")[0], 1)


class kill_test(unittest.TestCase):
    """A kill right behind each answer: what was answered counts in the next process."""

    def test_an_answered_hold_is_never_forgotten(self):
        phones = carrier()
        self.addCleanup(phones.close)
        under_test = gateway(default_configuration([to_carrier(phones.port)]))
        self.addCleanup(under_test.close)
        under_test.start()
        numbers = []
        for turn in range(6):
            to = f"81901111{turn:04}"
            contact = {"contact": "+" + to}
            got = under_test.http("POST", "/v1/holds", {"kind": "dispute", **contact}) \
                if turn % 2 == 0 else under_test.http("POST", "/v1/suppressions", contact)
            self.assertEqual(got.status, 201, got)
            under_test.kill()
            under_test.start()
            numbers.append(to)
            ids = [under_test.http("POST", "/v1/messages",
                                   {"from": "Shop", "to": "+" + each, "text": "due",
                                    "purpose": "dunning"}).json()["id"] for each in numbers]
            for each in ids:
                under_test.wait_message(each, lambda m: m["status"] == "rejected", "rejected")
        self.assertEqual([each.destination for each in phones.submissions.items()], [])
        path = os.path.join(under_test.configuration["store"]["path"], "master.key")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        under_test.kill()
        os.remove(path)
        under_test.launch()
        self.assertEqual(under_test.program.wait_end(), 1)


if __name__ == "__main__":
    unittest.main()
