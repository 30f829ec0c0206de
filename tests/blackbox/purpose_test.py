"""Why and to whom a message goes: purpose, contact, debtor and debt by JSON, and over SMPP by
service_type and TLVs, as the message then shows them; the carrier gets none of it.
"""
import unittest
from urllib.parse import quote

from support import smpp, web
from support.carrier import carrier
from support.gateway import (PASSWORD, SYSTEM_ID, TOKEN, account, default_configuration, gateway,
                             to_carrier)
from support.strict import shown, strict_json

NAMED = {"purpose_tlv": 0x1400, "contact_tlv": 0x1401, "zones_tlv": 0x1402, "tags_tlv": 0x1403,
         "debtor_tlv": 0x1404, "debt_tlv": 0x1405}
KEYS = ("purpose", "contact", "debtor", "debt")
NOTHING = ("service", None, None, None)  # of an account with purpose_default = "service"


class purpose_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        fields = {**NAMED, "service_types": [{"service_type": "DUN", "purpose": "dunning"},
                                             {"service_type": "MKT", "purpose": "marketing"}]}
        app = account(purpose_default="service", smpp_fields=fields,
                      sendsms={"username": "tester", "password": "foobar"})
        configuration = default_configuration([to_carrier(cls.carrier.port)], [app])
        configuration["server.http"]["sendsms"] = True
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()
        cls.application = smpp.application(cls.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        cls.addClassCleanup(cls.application.close)

    def post(self, body, path="/v1/messages"):
        return self.gateway.http("POST", path, body)

    def fields(self, message_id):
        got = web.request(self.gateway.ports["http"], "GET", "/v1/messages/" + message_id,
                          headers={"Authorization": f"Bearer {TOKEN}"})
        found = strict_json(got.body)
        return tuple(found[key] for key in KEYS)

    def sent(self, to):
        return self.carrier.submissions.wait(lambda each: each.destination == to, to)

    def submit(self, to, tlvs=(), **more):
        octets = b"".join(smpp.tlv(tag, value) for tag, value in tlvs)
        return self.application.submit(to, "hello", tlvs=octets, **more)

    def test_json(self):
        contact = {"id": "c-1", "zones": ["Asia/Tokyo", "Asia/Seoul"], "tags": ["own"]}
        body = {"from": "Shop", "to": "+4917225000", "text": "due", "purpose": "dunning",
                "contact": contact, "debtor": "d-1", "debt": "請求 7"}
        estimate = self.post(body, "/v1/messages:estimate")
        self.assertEqual(estimate.status, 200, estimate)
        got = self.post(body)
        self.assertEqual(got.status, 202, got)
        self.assertEqual(self.fields(got.json()["id"]), ("dunning", contact, "d-1", "請求 7"))
        self.assertEqual(self.sent("4917225000").tlvs, {})
        plain = self.post({"from": "Shop", "to": "+4917225001", "text": "x"}).json()
        self.assertEqual(self.fields(plain["id"]), NOTHING)

    def test_json_recipients(self):
        got = self.post({"from": "Shop", "text": "due", "purpose": "dunning",
                         "contact": {"zones": ["Asia/Tokyo"]},
                         "to": [{"number": "+4917225010", "debtor": "d-2", "debt": "e-2",
                                 "contact": {"id": "c-2"}}, "+4917225011"]})
        self.assertEqual(got.status, 202, got)
        first, second = got.json()["messages"]
        self.assertEqual(self.fields(first["id"]), (
            "dunning", {"id": "c-2", "zones": [], "tags": []}, "d-2", "e-2"))
        self.assertEqual(self.fields(second["id"]), (
            "dunning", {"id": None, "zones": ["Asia/Tokyo"], "tags": []}, None, None))
        got = self.post({"from": "Shop", "text": "due", "debtor": "d-2",
                         "to": ["+4917225012", "+4917225013"]})
        self.assertEqual(got.status, 422, got)
        self.assertEqual({each["problem"]["pointer"] for each in got.json()["messages"]},
                         {"/debtor"})

    def test_json_faults(self):
        for more, code, pointer in [
                ({"purpose": "urgent"}, "field_invalid", "/purpose"),
                ({"contact": {}}, "field_invalid", "/contact"),
                ({"contact": {"name": "x"}}, "field_unknown", "/contact/name"),
                ({"contact": {"zones": ["Asia/Tokyo", "Asia/"]}}, "field_invalid",
                 "/contact/zones/1"),
                ({"contact": {"zones": ["Asia/Kyoto"]}}, "field_invalid", "/contact/zones/0"),
                ({"debt": "x" * 65}, "field_invalid", "/debt")]:
            got = self.post({"from": "Shop", "to": "+4917225020", "text": "x", **more})
            problem = got.json()
            self.assertEqual((problem["code"], problem["pointer"]), (code, pointer), more)

    def test_smpp(self):
        message_id = self.submit("4917225030", [
            (0x1400, b"marketing"), (0x1401, b"c-3\0"), (0x1402, b"Asia/Tokyo,Asia/Seoul"),
            (0x1403, b"own,work"), (0x1404, b"d-3"), (0x1405, b"e-3\0"), (0x1406, b"kept"),
        ], service_type="DUN")
        self.assertEqual(self.fields(message_id), (
            "marketing", {"id": "c-3", "zones": ["Asia/Tokyo", "Asia/Seoul"],
                          "tags": ["own", "work"]}, "d-3", "e-3"))
        sent = self.sent("4917225030")
        self.assertEqual((sent.tlvs, sent.service_type), ({0x1406: b"kept"}, ""))

    def test_smpp_service_types(self):
        message_id = self.submit("4917225040", service_type="DUN", registered_delivery=1)
        self.assertEqual(self.fields(message_id), ("dunning", None, None, None))
        self.assertEqual(self.sent("4917225040").service_type, "")
        receipt = self.application.deliveries.wait(
            lambda each: (each.receipt() or {}).get("id") == message_id, "its receipt")
        self.assertEqual(receipt.service_type, "DUN")
        message_id = self.submit("4917225041", service_type="CMT")
        self.assertEqual(self.fields(message_id), NOTHING)
        self.assertEqual(self.sent("4917225041").service_type, "CMT")

    def test_smpp_foreign_octets(self):
        for number, octets in enumerate((b"\xff\xfe", b"d\xc3", b"\xed\xa0\x80", b"\xe8\xab\x8b")):
            to = f"491722505{number}"
            message_id = self.submit(to, [(0x1404, octets), (0x1403, b"own," + octets)])
            self.assertEqual(self.fields(message_id), (
                "service", {"id": None, "zones": [], "tags": ["own", shown(octets)]},
                shown(octets), None))
            self.assertEqual(self.sent(to).tlvs, {})

    def test_smpp_faults(self):
        for tag, value in [(0x1400, b"urgent"), (0x1401, b""), (0x1402, b"Asia/Tokyo,"),
                           (0x1402, b"Asia/Kyoto"),
                           (0x1403, b"a,a"), (0x1404, b"x" * 65), (0x1405, b"a\nb")]:
            got = self.application.call(smpp.SUBMIT_SM, smpp.message_body(
                "4915112345", "4917225060", b"hello", tlvs=smpp.tlv(tag, value)))
            self.assertEqual(got.status, smpp.ESME_RINVTLVVAL, value)
        torn = smpp.tlv(0x1400, b"dunning")[:-1]
        got = self.application.call(smpp.SUBMIT_SM, smpp.message_body(
            "4915112345", "4917225060", b"hello", tlvs=torn))
        self.assertEqual(got.status, smpp.ESME_RINVTLVSTREAM)

    def test_sendsms_has_the_accounts_default(self):
        query = ("username=tester&password=foobar&from=12345&to=4917225070&text=x&account=k-1"
                 f"&binfo={quote('DUN')}")
        got = web.request(self.gateway.ports["http"], "GET", "/cgi-bin/sendsms?" + query)
        self.assertEqual(got.status, 202, got)
        found, = self.gateway.http("GET", "/v1/messages?reference=k-1").json()["messages"]
        self.assertEqual(tuple(found[key] for key in KEYS), NOTHING)
        self.assertEqual(self.sent("4917225070").service_type, "DUN")


if __name__ == "__main__":
    unittest.main()
