"""node's smpp package as an application: many submissions under a window, texts as message_payload,
receipts exactly once, and receipts that nobody acknowledged coming again after a reconnect.
"""
import unittest

from support.carrier import carrier
from support.gateway import PASSWORD, SYSTEM_ID, default_configuration, gateway, to_carrier
from support.peer import node
from support.smpp import ESME_RINVPASWD, ESME_ROK, parse_receipt

FIELDS = {"source_addr": "4915112345", "source_addr_ton": 1, "source_addr_npi": 1,
          "dest_addr_ton": 1, "dest_addr_npi": 1, "registered_delivery": 1}


class node_application_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)]))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def bind(self, kind="transceiver"):
        client = node("node_application.js")
        self.addCleanup(client.kill)
        client.do("connect", port=self.gateway.ports["smpp"])
        client.expect("connected")
        client.do("bind", **{"as": kind, "system_id": SYSTEM_ID, "password": PASSWORD})
        bound = client.expect("bound")
        self.assertEqual(bound["status"], ESME_ROK)
        self.assertEqual(bound["version"], 0x50, "sc_interface_version: what the server can do")
        return client

    def test_refusals_end_their_requests(self):
        """With the fields that 3.4 wants, and without as 5.0 does: each is an answer."""
        for version, lengths in ((0x34, (17, 16, 17, 20)), (0x50, (16, 16, 16, 16))):
            with self.subTest(version=hex(version)):
                client = node("node_application.js")
                self.addCleanup(client.kill)
                client.do("connect", port=self.gateway.ports["smpp"])
                client.expect("connected")
                credentials = {"as": "transceiver", "system_id": SYSTEM_ID,
                               "version": version}
                client.do("bind", password="wrong", **credentials)
                self.assertEqual(client.expect("bound")["status"], ESME_RINVPASWD)
                client.do("bind", password=PASSWORD, **credentials)
                self.assertEqual(client.expect("bound")["status"], ESME_ROK)
                seen = []
                for command, fields in (
                        ("data_sm", {**FIELDS, "destination_addr": "x"}),
                        ("submit_sm", {**FIELDS, "destination_addr": "x"}),
                        ("deliver_sm", FIELDS), ("query_sm", {"message_id": "17"})):
                    client.do("request", name=command, fields=fields)
                    answer = client.expect("answered")
                    self.assertEqual(answer["command"], command + "_resp")
                    self.assertNotEqual(answer["status"], ESME_ROK)
                    seen.append(answer["length"])
                self.assertEqual(tuple(seen), lengths)

    def outbox(self):
        return self.gateway.metric("hikyaku_account_outbox_events", account="app", way="smpp")

    def test_two_hundred_under_a_window(self):
        client = self.bind()
        client.do("submit_many", count=200, window=20, first_destination=491720000000,
                  fields=FIELDS)
        done = client.expect("submitted_many")
        self.assertEqual(done["most"], 20)
        self.assertEqual({each["status"] for each in done["answers"]}, {ESME_ROK})
        ids = {each["id"]: each["number"] for each in done["answers"]}
        self.assertEqual(len(ids), 200)
        receipts = client.expect_count("deliver", 200)
        seen = [parse_receipt(each["text"])["id"] for each in receipts]
        self.assertEqual(sorted(seen), sorted(ids), "each receipt exactly once")
        for each in receipts:
            number = ids[each["receipted_message_id"]]
            self.assertEqual(each["source"], str(491720000000 + number))
            self.assertEqual((each["esm_class"], each["message_state"]), (4, 2))
            self.assertEqual(parse_receipt(each["text"])["id"], each["receipted_message_id"])
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")
        sent = self.carrier.submissions.items()
        self.assertEqual(len(sent), 200, "every message went to the carrier once")
        self.assertEqual({each.text for each in sent}, {f"message {n}" for n in range(200)})
        client.do("unbind")
        self.assertEqual(client.expect("unbound")["status"], ESME_ROK)
        self.assertEqual(client.unexpected("deliver"), [])

    def test_message_payload_is_segmented(self):
        client = self.bind()
        text = " ".join(f"word{n:03d}" for n in range(50))  # 399 characters: three segments of 153
        client.do("submit_payload", name="long", text=text,
                  fields={**FIELDS, "destination_addr": "491720000999"})
        answer = client.expect("submitted", name="long")
        self.assertEqual(answer["status"], ESME_ROK)
        parts = self.carrier.submissions.wait_count(3, "three segments")
        headers = [each.header for each in parts]
        self.assertEqual({header[:3] for header in headers}, {bytes([5, 0, 3])})
        self.assertEqual(len({header[3] for header in headers}), 1, "one reference number")
        self.assertEqual(sorted(header[4:] for header in headers), [b"\3\1", b"\3\2", b"\3\3"])
        ordered = sorted(parts, key=lambda each: each.header[5])
        self.assertEqual("".join(each.text for each in ordered), text)
        self.assertLessEqual(max(len(each.octets) for each in parts), 7 + 153)
        receipt = client.expect("deliver")
        fields = parse_receipt(receipt["text"])
        self.assertEqual((fields["id"], fields["sub"], fields["dlvrd"], fields["stat"]),
                         (answer["id"], "003", "003", "DELIVRD"))
        client.do("enquire_link")
        client.expect("alive")
        self.assertEqual(client.unexpected("deliver"), [], "one receipt for all parts")

    def test_unacknowledged_receipts_come_again(self):
        client = self.bind()
        client.do("answer_deliveries", on=False)
        client.expect("answering")
        client.do("submit_many", count=25, window=25, first_destination=491730000000, fields=FIELDS)
        ids = {each["id"] for each in client.expect("submitted_many")["answers"]}
        first = client.expect_count("deliver", 10)  # receipt_window: no more without an answer
        self.assertEqual({each["answered"] for each in first}, {False})
        self.gateway.wait_metric(25, "hikyaku_account_outbox_events", account="app", way="smpp")
        client.do("destroy")
        client.expect("closed")
        self.assertEqual(client.unexpected("deliver"), [], "the window of ten was kept")

        again = self.bind("receiver")
        receipts = again.expect_count("deliver", 25)
        self.assertEqual({each["receipted_message_id"] for each in receipts}, ids)
        self.assertTrue({each["receipted_message_id"] for each in first} <= ids)
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")
        self.assertEqual(again.unexpected("deliver"), [])

    def test_receipts_survive_a_restart_and_wait_for_a_receiver(self):
        client = self.bind("transmitter")
        client.do("submit_many", count=5, window=5, first_destination=491740000000, fields=FIELDS)
        ids = {each["id"] for each in client.expect("submitted_many")["answers"]}
        self.gateway.wait_metric(5, "hikyaku_account_outbox_events", account="app", way="smpp")
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.assertEqual(self.outbox(), 5)
        receiver = self.bind("receiver")
        receipts = receiver.expect_count("deliver", 5)
        self.assertEqual({each["receipted_message_id"] for each in receipts}, ids)


if __name__ == "__main__":
    unittest.main(verbosity=2)
