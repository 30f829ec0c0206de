"""Perl's Net::SMPP as an application: the client library of many billing systems, written by people
who never saw this gateway. Binds of all kinds, texts in two alphabets, receipts, queries, faults.
"""
import re
import unittest

from support.carrier import carrier
from support.gateway import PASSWORD, SYSTEM_ID, default_configuration, gateway, to_carrier
from support.peer import perl
from support.smpp import ESME_RINVDSTADR, ESME_RINVPASWD, ESME_ROK, ESME_RQUERYFAIL, parse_receipt

RECEIPT = re.compile(r"^id:(\d+) sub:001 dlvrd:001 submit date:(\d{10}) done date:(\d{10}) "
                     r"stat:DELIVRD err:000 [Tt]ext:")
SOURCE = {"source_addr": "4915112345", "source_addr_ton": 1, "source_addr_npi": 1,
          "dest_addr_ton": 1, "dest_addr_npi": 1, "registered_delivery": 1}


class net_smpp_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        cls.gateway = gateway(default_configuration([to_carrier(cls.carrier.port)]))
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()

    def connect(self):
        client = perl("net_smpp_application.pl")
        self.addCleanup(client.kill)
        client.do("connect", port=self.gateway.ports["smpp"])
        client.expect("connected")
        return client

    def bind(self, kind, password=PASSWORD):
        client = self.connect()
        client.do("bind", **{"as": kind, "system_id": SYSTEM_ID, "password": password})
        return client, client.expect("bind_resp")

    def submit(self, client, destination, octets, **fields):
        client.do("submit", fields={**SOURCE, "destination_addr": destination,
                                    "short_message": octets.hex(), **fields})
        return client.expect("submit_sm_resp")

    def receipt(self, client, response):
        """Other tests of this class share the account: theirs may come first."""
        return client.expect("deliver_sm", receipted_message_id=response["message_id"])

    def arrived(self, destination):
        return self.carrier.submissions.wait(lambda each: each.destination == destination,
                                             f"submission to {destination}")

    def test_transceiver_gsm_with_receipt(self):
        client, answer = self.bind("transceiver")
        self.assertEqual(answer["status"], ESME_ROK)
        self.assertEqual(answer["system_id"], "hikyaku")
        response = self.submit(client, "4917200001", b"Invoice 42 is due \0 noon")
        self.assertEqual(response["status"], ESME_ROK)
        self.assertRegex(response["message_id"], r"^[1-9][0-9]{9,18}$")

        at_carrier = self.arrived("4917200001")
        self.assertEqual(at_carrier.text, "Invoice 42 is due @ noon")
        self.assertEqual(at_carrier.data_coding, 0)
        self.assertEqual(at_carrier.source, "4915112345")

        receipt = self.receipt(client, response)
        self.assertEqual(receipt["esm_class"] & 0x3C, 0x04)
        text = bytes.fromhex(receipt["short_message"]).decode("ascii")
        match = RECEIPT.match(text)
        self.assertIsNotNone(match, text)
        self.assertEqual(match[1], response["message_id"])
        self.assertEqual(receipt["message_state"], 2)
        self.assertEqual(receipt["source_addr"], "4917200001")
        self.assertEqual(receipt["destination_addr"], "4915112345")

        client.do("query", message_id=response["message_id"], source_addr="4915112345")
        state = client.expect("query_sm_resp")
        self.assertEqual((state["status"], state["message_state"]), (ESME_ROK, 2))
        self.assertEqual(state["message_id"], response["message_id"])
        self.assertRegex(state["final_date"], r"^\d{15}[+-]$")

        client.do("enquire_link")
        self.assertEqual(client.expect("enquire_link_resp")["status"], ESME_ROK)
        client.do("unbind")
        self.assertEqual(client.expect("unbind_resp")["status"], ESME_ROK)
        client.expect("closed")

    def test_transmitter_and_receiver_share_the_work(self):
        receiver, answer = self.bind("receiver")
        self.assertEqual(answer["status"], ESME_ROK)
        transmitter, answer = self.bind("transmitter")
        self.assertEqual(answer["status"], ESME_ROK)
        text = "支払期限は4月1日です"
        response = self.submit(transmitter, "819012345678", text.encode("utf-16-be"), data_coding=8)
        self.assertEqual(response["status"], ESME_ROK)
        at_carrier = self.arrived("819012345678")
        self.assertEqual((at_carrier.text, at_carrier.data_coding), (text, 8))
        receipt = self.receipt(receiver, response)
        fields = parse_receipt(bytes.fromhex(receipt["short_message"]).decode("ascii"))
        self.assertEqual((fields["id"], fields["stat"]), (response["message_id"], "DELIVRD"))
        # The transmitter has got nothing but its response: the next thing it hears is this.
        transmitter.do("enquire_link")
        transmitter.expect("enquire_link_resp")
        self.assertEqual(transmitter.unexpected("deliver_sm"), [])
        for client in (receiver, transmitter):
            client.do("unbind")
            client.expect("unbind_resp")

    def test_failed_message_says_so(self):
        self.carrier.receipts = "UNDELIV"
        self.addCleanup(setattr, self.carrier, "receipts", "DELIVRD")
        client, _ = self.bind("transceiver")
        response = self.submit(client, "4917200003", b"nobody home")
        receipt = self.receipt(client, response)
        fields = parse_receipt(bytes.fromhex(receipt["short_message"]).decode("ascii"))
        self.assertEqual((fields["id"], fields["stat"], fields["dlvrd"], fields["err"]),
                         (response["message_id"], "UNDELIV", "000", "011"))
        self.assertEqual(receipt["message_state"], 5)

    def test_wrong_password_harms_nobody_else(self):
        good, _ = self.bind("transceiver")
        client, answer = self.bind("transceiver", "wrong")
        self.assertEqual(answer["status"], ESME_RINVPASWD)
        stranger = self.connect()
        stranger.do("bind", **{"as": "transmitter", "system_id": "nobody", "password": "x"})
        self.assertEqual(stranger.expect("bind_resp")["status"], ESME_RINVPASWD)
        self.assertEqual(self.submit(good, "4917200004", b"still here")["status"], ESME_ROK)
        client.kill()

    def test_faults_are_named(self):
        client, _ = self.bind("transceiver")
        self.assertEqual(self.submit(client, "not a number", b"x")["status"], ESME_RINVDSTADR)
        client.do("query", message_id="12345", source_addr="4915112345")
        refused = client.expect("query_sm_resp")
        self.assertEqual((refused["status"], refused["message_id"], refused["message_state"]),
                         (ESME_RQUERYFAIL, "", 7), "a refusal has every field")
        self.assertEqual(self.submit(client, "4917200005", b"fine")["status"], ESME_ROK)


if __name__ == "__main__":
    unittest.main(verbosity=2)
