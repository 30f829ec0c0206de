"""Numbers as applications write them, over SMPP, JSON and sendsms, and what a carrier gets of them:
an account of Japan, one without settings, and one whose carrier's rules leave no room.
"""
import unittest

from support import smpp, web
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier

JAPAN_TOKEN, PLAIN_TOKEN = "japan-token", "plain-token"
INTERNATIONAL = "819012345678"
# Written, TON of the application; what the carrier gets, with which TON, or None for a refusal.
OF_JAPAN = [
    ("09012345678", 2, (INTERNATIONAL, 1)),
    ("09012345678", 0, (INTERNATIONAL, 1)),
    ("09012345678", 1, (INTERNATIONAL, 1)),
    ("00819012345678", 0, (INTERNATIONAL, 1)),
    ("00819012345678", 2, (INTERNATIONAL, 1)),
    ("819012345678", 0, (INTERNATIONAL, 1)),
    ("+819012345678", 0, (INTERNATIONAL, 1)),
    ("9012345678", 2, (INTERNATIONAL, 1)),
    ("0312345678", 0, ("81312345678", 1)),
    ("00449012345678", 0, ("449012345678", 1)),
    ("000123", 0, ("000123", 0)),
    ("000123", 1, ("000123", 0)),
    ("000123", 3, ("000123", 3)),
    ("819012345678", 2, None),
    ("0123", 0, None),
    ("+09012345678", 1, None),
]
WITHOUT_SETTINGS = [
    ("09012345678", 0, ("09012345678", 0)),
    ("09012345678", 1, ("09012345678", 0)),
    ("09012345678", 2, ("09012345678", 2)),
    ("00819012345678", 0, ("00819012345678", 0)),
    ("00819012345678", 1, ("00819012345678", 0)),
    ("819012345678", 0, (INTERNATIONAL, 1)),
]


class numbers_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier(receipts=None)
        cls.addClassCleanup(cls.carrier.close)
        accounts = [
            account(api_tokens=[JAPAN_TOKEN], home_country="81", trunk_prefix="0",
                    international_prefix="00", senders=["Shop"],
                    sendsms={"username": "kannel", "password": "kannel-1"}),
            account(name="plain", system_id="plain", api_tokens=[PLAIN_TOKEN]),
        ]
        long_rules = [{"prefix": "33", "prepend": "12345678901"}]
        configuration = default_configuration(
            [to_carrier(cls.carrier.port, address_rules=long_rules)], accounts)
        configuration["server.http"]["sendsms"] = True
        configuration["route"][0]["accounts"] = ["plain"]
        configuration["route"].append({"name": "digits", "accounts": ["app"], "carrier": "sim",
                                       "prefixes": ["81", "44", "33", "000"]})
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()

    def bound(self, system_id="app"):
        application = smpp.application(self.gateway.ports["smpp"], system_id, "secret01")
        self.addCleanup(application.close)
        return application

    def arrived(self, text):
        got = self.carrier.submissions.wait(lambda each: each.text == text, text)
        return got.destination, got.destination_ton

    def check_smpp(self, system_id, rows):
        application = self.bound(system_id)
        for number, (written, ton, wanted) in enumerate(rows):
            text = f"{system_id} {number}"
            body = smpp.message_body("Shop", written, text.encode(), source_ton=5,
                                     destination_ton=ton)
            response = application.call(smpp.SUBMIT_SM, body)
            status = smpp.ESME_RINVDSTADR if wanted is None else smpp.ESME_ROK
            self.assertEqual(response.status, status, (written, ton))
            if wanted is not None:
                self.assertEqual(self.arrived(text), wanted, (written, ton))

    def test_smpp_with_settings(self):
        self.check_smpp("app", OF_JAPAN)

    def test_smpp_without_settings(self):
        self.check_smpp("plain", WITHOUT_SETTINGS)

    def test_json_with_settings(self):
        for number, (written, ton, wanted) in enumerate(OF_JAPAN):
            if ton != 0:
                continue
            text = f"json {number}"
            got = self.gateway.http("POST", "/v1/messages", {"to": written, "text": text},
                                    token=JAPAN_TOKEN)
            if wanted is None:
                self.assertEqual((got.status, got.json()["code"]), (422, "destination_invalid"))
                continue
            self.assertEqual(got.status, 202, written)
            digits, wire_ton = self.arrived(text)
            self.assertEqual(digits, wanted[0])
            self.assertEqual(wire_ton == 1, wanted[1] == 1, written)
            shown = digits if digits.startswith("0") else "+" + digits
            self.assertEqual(got.json()["to"], shown)

    def test_json_without_settings(self):
        for written in ("09012345678", "00819012345678", "000123"):
            got = self.gateway.http("POST", "/v1/messages",
                                    {"from": "Shop", "to": written, "text": "no"},
                                    token=PLAIN_TOKEN)
            self.assertEqual((got.status, got.json()["code"]), (422, "destination_invalid"))

    def test_sendsms(self):
        url = f"http://127.0.0.1:{self.gateway.ports['http']}/cgi-bin/sendsms" \
              "?username=kannel&password=kannel-1&from=Shop"
        for number, (written, digits) in enumerate([
                ("09012345678", INTERNATIONAL), ("0081-90-1234-5678", INTERNATIONAL),
                ("000123", "000123")]):
            got = web.curl(f"{url}&to={written}&text=sendsms{number}")
            self.assertEqual(got.status, 202, written)
            self.assertEqual(self.arrived(f"sendsms{number}")[0], digits)
        self.assertEqual(web.curl(f"{url}&to=0123&text=no").status, 400)

    def test_cancelled_by_the_number_that_was_written(self):
        application = self.bound()
        body = smpp.message_body("Shop", "09098765432", b"later", source_ton=5, destination_ton=2,
                                 schedule="000001000000000R")
        message_id = application.call(smpp.SUBMIT_SM, body).body.rstrip(b"\0").decode()
        cancel = smpp.cstring("") + smpp.cstring("") + bytes([5, 0]) + smpp.cstring("Shop") + \
            bytes([2, 1]) + smpp.cstring("09098765432")
        self.assertEqual(application.call(smpp.CANCEL_SM, cancel).status, smpp.ESME_ROK)
        self.assertEqual(self.gateway.message(message_id, token=JAPAN_TOKEN)["status"], "deleted")

    def test_an_empty_sender_is_the_only_one_of_the_account(self):
        application = self.bound()
        message_id = application.submit("09012345678", "no sender", source="", source_ton=0)
        got = self.carrier.submissions.wait(lambda each: each.text == "no sender", "it")
        self.assertEqual((got.source, got.source_ton), ("Shop", 5))
        query = smpp.cstring(message_id) + bytes([0, 0]) + smpp.cstring("")
        self.assertEqual(application.call(smpp.QUERY_SM, query).status, smpp.ESME_ROK)

    def test_what_our_own_rules_make_too_long_is_said_before_it_is_taken(self):
        for path in ("/v1/messages", "/v1/messages:estimate"):
            got = self.gateway.http("POST", path, {"to": "+33612345678", "text": "x"},
                                    token=JAPAN_TOKEN)
            problem = got.json()
            problem = problem.get("problem", problem)
            self.assertEqual((problem["status"], problem["code"]), (422, "destination_unwritable"))
            self.assertIn("no carrier was asked", problem["detail"])
        response = self.bound().call(smpp.SUBMIT_SM, smpp.message_body("Shop", "33612345678", b"x"))
        self.assertEqual(response.status, smpp.ESME_RINVDSTADR)
        self.assertFalse([each for each in self.carrier.submissions.items() if each.text == "x"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
