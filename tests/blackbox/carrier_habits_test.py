"""What single carriers do: one alphabet with one data_coding for everything, ids that are longer than
the specification allows or have blanks behind them.
"""
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.webhooks import receiver

PHONE, NUMBER = "491720000001", "4915790000"


class carrier_habits_test(unittest.TestCase):
    def start(self, **of_carrier):
        self.carrier = carrier(receipts=None)
        self.addCleanup(self.carrier.close)
        self.hook = receiver()
        self.addCleanup(self.hook.close)
        app = account(numbers=[NUMBER], receipts={"receipts": "webhook"},
                      webhook={"url": self.hook.url("/hook"), "secret": "0123456789abcdef0123456789abcdef",
                               "allow_private": True})
        self.gateway = gateway(default_configuration(
            [to_carrier(self.carrier.port, **of_carrier)], [app]))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def test_one_alphabet(self):
        self.start(text={"fixed_coding": {"data_coding": 3, "charset": "ISO-8859-15"}})
        for text, octets in (("Prix: 5 €", b"Prix: 5 \xa4"), ("été", b"\xe9t\xe9")):
            self.gateway.send("+" + PHONE, text)
            got = self.carrier.submissions.wait(lambda each, wanted=octets: each.octets == wanted,
                                                text)
            self.assertEqual(got.data_coding, 3)
        long_text = "€" * 150
        self.gateway.send("+" + PHONE, long_text)
        parts = [self.carrier.submissions.wait(
            lambda each, part=part: each.octets[5:6] == bytes([part]) and each.esm_class & 0x40,
            f"part {part}") for part in (1, 2)]
        self.assertEqual([len(each.octets) for each in parts], [140, 22])
        self.assertEqual(b"".join(each.octets[6:] for each in parts), b"\xa4" * 150)
        got = self.gateway.http("POST", "/v1/messages", {"from": "Shop", "to": "+" + PHONE, "text": "請求"})
        self.assertEqual(got.status, 422, got)
        for octets, text in ((b"5 \xa4", "5 €"), (b"\xea\xa4", "ê€")):
            self.carrier.deliver(text, smpp.message_body(PHONE, NUMBER, octets, data_coding=3))
            self.hook.wait_event("/hook", lambda each, wanted=text: each["type"] == "reply" and
                                 each["data"]["text"] == wanted)

    def test_ids(self):
        self.start()
        ids = iter(["x" * 65, "9" * 100, "y" * 500 + " ", "1A2B  "])
        for number, carrier_id in enumerate(ids):
            self.carrier.ids = lambda what, made=carrier_id: made
            sent = self.gateway.send("+" + PHONE, f"message {number}")
            self.gateway.wait_message(sent["id"], lambda one: one["status"] == "submitted",
                                      "submitted")
            text = f"id:{carrier_id} stat:DELIVRD err:000 text:".encode()
            tlvs = b""
            if len(text) > 254:
                text = b"stat:DELIVRD err:000 text:"
                tlvs = smpp.tlv(smpp.TAG_RECEIPTED_MESSAGE_ID, carrier_id.encode() + b"\0")
            self.carrier.deliver(f"receipt {number}", smpp.message_body(
                PHONE, "Shop", text, esm_class=4, tlvs=tlvs))
            self.gateway.wait_message(sent["id"], lambda one: one["status"] == "delivered",
                                      f"{len(carrier_id)} characters")


if __name__ == "__main__":
    unittest.main(verbosity=2)
