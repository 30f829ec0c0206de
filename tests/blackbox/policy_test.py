"""The gate's two doors, the real program: POST /v1/policy:evaluate and `hikyaku gate evaluate` give
one answer to one question; and which rules `hikyaku check` prints for whom.
"""
import json
import unittest

from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.program import hikyaku

EXAMPLE = {"pack": "japan/lender", "purpose": "dunning",
           "contact": {"id": "+819012345678", "zones": ["Asia/Tokyo"], "tags": []},
           "debtor": "d1", "at": "2026-12-01T20:59:59+09:00",
           "holds": [{"kind": "promise", "until": "2026-12-10"}],
           "history": [{"at": "2026-11-30T12:00:00+09:00", "purpose": "dunning"}],
           "suppressed": [], "carrier_retry": "72h"}


def question(**more):
    return {"pack": "japan/lender", "purpose": "dunning", "contact": {"id": "+819012345678"},
            "at": "2026-12-01T12:00:00+09:00", **more}


QUESTIONS = [
    EXAMPLE,
    question(),
    question(at="2026-12-01T21:00:00+09:00"),
    question(contact={"id": "+819012345678", "tags": ["work"]}),
    question(contact={"id": "unknown"}),  # the account's zones
    question(contact={"zones": ["Asia/Tokio"]}),
    question(purpose="transactional", at="2026-12-01T03:00:00+09:00"),
    question(pack="us/third-party", contact={"zones": ["America/New_York", "America/Los_Angeles"]},
             at="2026-12-01T10:59:59-05:00"),
    question(pack="us/third-party", contact={"id": "+18085550123"}, consents=[]),
    question(pack=None),
]
WRONG = [question(purpose="reminder"), question(at="today"), question(hold=[]),
         {"purpose": "dunning"}]


class policy_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        app = account(policy="japan/merchant", zones=["Asia/Tokyo"],
                      policy_rules={"close": "19:00", "blackout_days": ["2026-12-31"]})
        cls.configuration = default_configuration([to_carrier(cls.carrier.port)], [app])
        cls.gateway = gateway(cls.configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()

    def over_http(self, asked):
        return self.gateway.http("POST", "/v1/policy:evaluate", asked)

    def on_lines(self, *asked, more=()):
        text = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n"
                       for each in asked)
        code, out, error = hikyaku("gate", "evaluate", "--config", self.gateway.config_path,
                                   *more, text=text)
        self.assertEqual(error, "")
        return code, [json.loads(line) for line in out.splitlines()]

    def test_both_doors_say_the_same(self):
        code, told = self.on_lines(*QUESTIONS)
        self.assertEqual((code, len(told)), (0, len(QUESTIONS)))
        for asked, line in zip(QUESTIONS, told):
            got = self.over_http(asked)
            self.assertEqual(got.status, 200, got)
            self.assertEqual(got.json(), line, asked)

    def test_decisions(self):
        _, told = self.on_lines(*QUESTIONS)
        self.assertEqual([each["decision"] for each in told],
                         ["block", "allow", "delay", "block", "allow", "block", "allow", "delay",
                          "require", "allow"])
        self.assertEqual([each["rule"] for each in told[0]["reasons"]],
                         ["hold_promise", "deliver_by"])
        self.assertEqual(told[1]["deliver_by"], "2026-12-01T21:00:00+09:00")
        self.assertEqual(told[2]["until"], "2026-12-02T08:00:00+09:00")
        self.assertEqual(told[7]["until"], "2026-12-01T11:00:00-05:00")
        self.assertEqual(told[8]["fields"], ["consents"])
        # The account's own: its hours end at 19:00.
        self.assertEqual((told[9]["pack"], told[9]["deliver_by"]),
                         ("japan/merchant", "2026-12-01T19:00:00+09:00"))

    def test_faulty_questions_are_named_and_the_rest_is_answered(self):
        code, told = self.on_lines(WRONG[0], "", "{", *WRONG[1:], QUESTIONS[1])
        self.assertEqual(code, 1)
        self.assertEqual([each.get("error", {}).get("pointer") for each in told],
                         ["/purpose", None, "/at", "/hold", "/contact", None])
        self.assertEqual(told[1]["error"]["code"], "json_invalid")
        self.assertEqual(told[-1]["decision"], "allow")
        _, told = self.on_lines(*WRONG)
        for asked, line in zip(WRONG, told):
            got = self.over_http(asked)
            self.assertEqual((got.status, got.json()), (line["error"]["status"], line["error"]))

    def test_who_asks(self):
        code, out, error = hikyaku("gate", "evaluate", "--config", self.gateway.config_path,
                                   "--account", "nobody", text="")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("no account is named 'nobody'", error)
        code, out, error = hikyaku("gate", "evaluate", text=json.dumps(EXAMPLE) + "\n")
        self.assertEqual((code, error, json.loads(out)["decision"]), (0, "", "block"))

    def test_check_prints_the_rules_of_each_account(self):
        code, out, _ = hikyaku("check", self.gateway.config_path)
        self.assertEqual(code, 0)
        self.assertIn("policy japan/merchant of 2026-11-30\n", out)
        self.assertIn("  contact_hours [practice] service, dunning, marketing: only from 08:00 to "
                      "before 19:00", out)
        self.assertIn("  blackout_days [practice] dunning, marketing: ", out)


if __name__ == "__main__":
    unittest.main()
