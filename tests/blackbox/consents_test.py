"""Consents in the real program: what is written down, checked, withdrawn counts at the next hand-off
and after a kill.
"""
import unittest

from support.carrier import carrier
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.waiting import eventually


def rule(name, kind, more=""):
    return (f'[[rule]]\nid = "{name}"\nkind = "{kind}"\nsource = "this test"\n'
            f'date = "2026-11-30"\nstanding = "practice"\n{more}\n')


# What else us/third-party has would keep the test to the hours of New York.
OPEN = ('pack = "open"\nversion = "2026-11-30"\ntitle = "open"\njurisdiction = "US"\n'
        'capacity = "third-party"\n' + rule("held", "hold") + rule("kept", "suppression") +
        rule("given", "consent", 'consents = ["direct", "texted"]') +
        rule("fresh", "consent",
             'within = "60d"\nconsents = ["direct", "texted", "number_checked"]'))


class consents_test(unittest.TestCase):
    """A pack that asks for consents, at hours that are open wherever the test runs."""

    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.packs = folder()
        self.addCleanup(self.packs.remove)
        self.packs.file("open.toml", OPEN)
        configuration = default_configuration([to_carrier(self.carrier.port)],
                                              [account(policy="open", zones=["America/New_York"])])
        configuration["policy"] = {"path": self.packs.path}
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def post(self, path, body):
        return self.gateway.http("POST", path, body)

    def remind(self, debtor):
        got = self.post("/v1/messages", {"from": "Shop", "to": "+12125550123", "text": "due",
                                         "purpose": "dunning", "debtor": debtor})
        self.assertEqual(got.status, 202, got)
        shown = self.gateway.wait_message(got.json()["id"], lambda m: "decision" in m, "a decision")
        return [each["rule"] for each in shown["decision"]["reasons"]]

    def test_given_checked_withdrawn_and_killed(self):
        self.assertEqual(self.remind("d-1"), ["given", "fresh"])
        given = {"contact": "+1 (212) 555-0123", "kind": "direct", "source": "form 17",
                 "at": "2024-04-01T09:00:00Z", "recorded_by": "Sato"}
        got = self.post("/v1/consents", given)
        self.assertEqual(got.status, 201, got)
        self.assertEqual((got.json()["contact"], got.json()["status"], got.json()["counts"]),
                         ("+12125550123", "given", True))
        self.assertEqual(self.remind("d-2"), ["fresh"])
        got = self.post("/v1/consents", {"contact": "12125550123", "kind": "number_checked",
                                         "source": "database of reassigned numbers"})
        self.assertEqual(got.status, 201, got)
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()
        self.assertEqual(self.remind("d-3"), [])
        self.carrier.submissions.wait(lambda each: each.destination == "12125550123", "a message")
        got = self.post("/v1/consents:withdraw", {"contact": "+12125550123", "kinds": ["direct"],
                                                  "source": "call of 2 May"})
        self.assertEqual([each["status"] for each in got.json()["consents"]], ["withdrawn"], got)
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()
        self.assertEqual(self.remind("d-4"), ["given"])
        found = self.post("/v1/consents:search", {"contact": "+12125550123"}).json()["consents"]
        self.assertEqual([(each["kind"], each["status"], each["counts"]) for each in found],
                         [("direct", "withdrawn", False), ("direct", "given", False),
                          ("number_checked", "given", True)])
        kinds = {"consent_given", "consent_withdrawn", "handed_over", "withheld", "receipt"}

        def events():
            told = self.post("/v1/timeline:search", {"contact": "+12125550123"}).json()["events"]
            return {each["kind"] for each in told}
        eventually(lambda: events() == kinds, "the events")

    def test_faulty_ones(self):
        tomorrow_ = "2099-01-01T00:00:00Z"
        for path, body, code in [
                ("consents", {"contact": "1", "kind": "direct"}, "field_missing"),
                ("consents", {"contact": "1", "kind": "direct", "source": ""}, "field_invalid"),
                ("consents", {"contact": "1", "kind": "silent", "source": "x"}, "field_invalid"),
                ("consents", {"contact": "1", "kind": "direct", "source": "x", "at": tomorrow_},
                 "field_invalid"),
                ("consents:withdraw", {"contact": "1", "at": tomorrow_}, "field_invalid"),
                ("consents:withdraw", {"contact": "1", "kinds": []}, "field_invalid"),
                ("consents:search", {}, "field_missing")]:
            got = self.post("/v1/" + path, body)
            self.assertEqual((got.status, got.json()["code"]), (422, code), (path, body, got))


if __name__ == "__main__":
    unittest.main()
