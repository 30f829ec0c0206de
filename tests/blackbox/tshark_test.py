"""Wireshark reads what we send: every PDU with every TLV that we can write, and whole conversations
with applications and carriers, without one note about a malformed packet.
"""
import json
import os
import re
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import (PASSWORD, SYSTEM_ID, account, default_configuration, folder, gateway,
                             to_carrier)
from support.program import hikyaku, source_folder
from support.wire import capture, recorder, tshark

ADDRESSES = {"source_addr_ton": 5, "source_addr": "Billing", "dest_addr_ton": 1,
             "dest_addr_npi": 1, "destination_addr": "4917211111"}
MESSAGE = {"service_type": "CMT", **ADDRESSES, "esm_class": 0, "priority_flag": 1,
           "schedule_delivery_time": "261122120000000+", "validity_period": "000001000000000R",
           "registered_delivery": 1, "data_coding": 0, "short_message": "48656c6c6f"}
BIND = {"system_id": "app", "password": "secret01", "system_type": "VMA",
        "interface_version": 0x34, "addr_ton": 1, "addr_npi": 1, "address_range": "49*"}

# Body of each command; the TLVs of TLVS go with the requests that may have them.
PDUS = {
    "generic_nack": {},
    "bind_receiver": BIND, "bind_receiver_resp": {"system_id": "hikyaku"},
    "bind_transmitter": BIND, "bind_transmitter_resp": {"system_id": "hikyaku"},
    "bind_transceiver": BIND,
    "bind_transceiver_resp": {"system_id": "hikyaku"},
    "outbind": {"system_id": "hikyaku", "password": "secret01"},
    "unbind": {}, "unbind_resp": {},
    "enquire_link": {}, "enquire_link_resp": {},
    "submit_sm": MESSAGE, "submit_sm_resp": {"message_id": "8123456789012345678"},
    "deliver_sm": MESSAGE, "deliver_sm_resp": {"message_id": ""},
    "data_sm": {"service_type": "CMT", **ADDRESSES, "registered_delivery": 1},
    "data_sm_resp": {"message_id": "42"},
    "query_sm": {"message_id": "42", "source_addr": "4915112345"},
    "query_sm_resp": {"message_id": "42", "final_date": "261122120000000+", "message_state": 2},
    "cancel_sm": {"message_id": "42", **ADDRESSES}, "cancel_sm_resp": {},
    "replace_sm": {"message_id": "42", "source_addr": "4915112345", "registered_delivery": 1,
                   "short_message": "6e6577"},
    "replace_sm_resp": {},
    "submit_multi": {"source_addr": "4915112345", "dest_address": [
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "4917211111"},
        {"dest_flag": 2, "dl_name": "everybody"}], "short_message": "48656c6c6f"},
    "submit_multi_resp": {"message_id": "42", "unsuccess_sme": [
        {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "491721",
         "error_status_code": 0x0B}]},
    "alert_notification": {"source_addr": "4917211111", "esme_addr": "4915112345"},
    "broadcast_sm": {"service_type": "CMT", "source_addr": "4915112345", "message_id": "",
                     "data_coding": 0},
    "broadcast_sm_resp": {"message_id": "42"},
    "query_broadcast_sm": {"message_id": "42", "source_addr": "4915112345"},
    "query_broadcast_sm_resp": {"message_id": "42"},
    "cancel_broadcast_sm": {"service_type": "CMT", "message_id": "42",
                            "source_addr": "4915112345"},
    "cancel_broadcast_sm_resp": {},
}
WITH_TLVS = ("submit_sm", "deliver_sm", "data_sm")
TLVS = [("dest_addr_subunit", "01"), ("dest_network_type", "01"), ("dest_bearer_type", "01"),
        ("dest_telematics_id", "0001"), ("source_addr_subunit", "01"),
        ("source_network_type", "01"), ("source_bearer_type", "01"), ("source_telematics_id", "01"),
        ("qos_time_to_live", "00000e10"), ("payload_type", "00"),
        ("additional_status_info_text", "74657874" "00"), ("receipted_message_id", "3432" "00"),
        ("ms_msg_wait_facilities", "80"), ("privacy_indicator", "01"),
        ("source_subaddress", "a03132"), ("dest_subaddress", "a03132"),
        ("user_message_reference", "0001"), ("user_response_code", "01"), ("source_port", "0b84"),
        ("destination_port", "23f0"), ("sar_msg_ref_num", "0007"), ("language_indicator", "01"),
        ("sar_total_segments", "02"), ("sar_segment_seqnum", "01"),
        ("callback_num_pres_ind", "00"), ("callback_num_atag", "003132"),
        ("number_of_messages", "03"), ("callback_num", "0101013132"), ("dpf_result", "01"),
        ("set_dpf", "01"), ("ms_availability_status", "00"), ("network_error_code", "030001"),
        ("message_payload", "48656c6c6f"), ("delivery_failure_reason", "00"),
        ("more_messages_to_send", "01"), ("message_state", "02"), ("ussd_service_op", "02"),
        ("display_time", "01"), ("sms_signal", "0001"), ("ms_validity", "01"),
        ("alert_on_message_delivery", ""), ("its_reply_type", "01"), ("its_session_info", "0102"),
        ("congestion_state", "32"), ("billing_identification", "0101"),
        ("source_network_id", "313233" "00"), ("dest_network_id", "313233" "00"),
        ("source_node_id", "303132333435"), ("dest_node_id", "303132333435"),
        ("dest_addr_np_resolution", "00"), ("dest_addr_np_information", "30313233343536373839"),
        ("dest_addr_np_country", "000004")]
# SMPP 5.0, 4.8.4.13 says two octets; Wireshark 4.0 reads one and takes two for malformed.
MISREAD_TLVS = [("broadcast_rep_num", "0001")]
BROADCAST_TLVS = [("broadcast_channel_indicator", "00"), ("broadcast_content_type", "000001"),
                  ("broadcast_content_type_info", "01"), ("broadcast_message_class", "00"),
                  ("broadcast_frequency_interval", "080001"),
                  ("broadcast_area_identifier", "00" "4b796f746f"),
                  ("broadcast_error_status", "00000000"), ("broadcast_area_success", "64"),
                  ("broadcast_end_time", "3236313132323132303030303030302b00"),
                  ("broadcast_service_group", "01")]


def encode(pdus):
    """The octets of each."""
    code, out, fault = hikyaku("pdu", "encode", text="".join(json.dumps(p) + "\n" for p in pdus))
    answers = [json.loads(line) for line in out.splitlines()]
    for pdu, answer in zip(pdus, answers):
        if "hex" not in answer:
            raise AssertionError(f"{pdu}: {answer}")
    if code != 0 or len(answers) != len(pdus):
        raise AssertionError(f"exit {code}: {fault}")
    return [bytes.fromhex(each["hex"]) for each in answers]


class tshark_pdu_test(unittest.TestCase):
    def setUp(self):
        place = folder()
        self.addCleanup(place.remove)
        self.path = os.path.join(place.path, "capture.pcap")

    def check(self, pdus):
        octets = encode(pdus)
        capture(self.path, [[(True, each) for each in octets]])
        found, complaints = tshark(self.path)
        self.assertEqual(complaints, [])
        self.assertEqual([each.command for each in found],
                         [int.from_bytes(each[4:8], "big") for each in octets])

    def test_every_pdu(self):
        pdus = [{"command": name, "sequence_number": number + 1, "body": body}
                for number, (name, body) in enumerate(PDUS.items())]
        for each in pdus:
            if each["command"].startswith("bind_") and each["command"].endswith("_resp"):
                each["tlvs"] = [{"name": "sc_interface_version", "hex": "50"}]
        self.check(pdus)

    def test_every_response_with_an_error(self):
        self.check([{"command": name, "command_status": "ESME_RSYSERR", "body": {}}
                    for name in PDUS if name.endswith("_resp") and name not in
                    ("enquire_link_resp", "unbind_resp")])

    def test_every_tlv(self):
        self.check([{"command": command, "body": {**PDUS[command], "short_message": ""}
                     if name == "message_payload" and command != "data_sm" else PDUS[command],
                     "tlvs": [{"name": name, "hex": value}]}
                    for name, value in TLVS for command in WITH_TLVS])

    def test_every_tlv_of_broadcasts(self):
        self.check([{"command": command, "body": PDUS[command],
                     "tlvs": [{"name": name, "hex": value}]}
                    for name, value in BROADCAST_TLVS
                    for command in ("broadcast_sm", "query_broadcast_sm_resp")])

    def test_no_name_is_forgotten(self):
        path = os.path.join(source_folder(), "smpp", "pdu", "constants.hpp")
        with open(path, encoding="utf-8") as header:
            text = header.read()
        tags = re.search(r"^namespace tag \{$(.*?)^\}", text, re.M | re.S)[1]
        names = set(re.findall(r"uint16_t (\w+) =", tags)) - {"sc_interface_version"}
        self.assertEqual(names, {name for name, _ in TLVS + BROADCAST_TLVS + MISREAD_TLVS})
        ids = re.search(r"^enum class command_id.*?\{$(.*?)^\};", text, re.M | re.S)[1]
        self.assertEqual(set(re.findall(r"^    (\w+) =", ids, re.M)), set(PDUS))

    def test_complaints_are_seen(self):
        good, = encode([{"command": "submit_sm", "body": MESSAGE}])
        torn = len(good).to_bytes(4, "big") + good[4:].replace(b"\5Hello", b"\x7fHello")
        capture(self.path, [[(True, torn)]])
        _, complaints = tshark(self.path)
        self.assertNotEqual(complaints, [])

    def test_vendor_and_unknown_tlvs(self):
        self.check([{"command": "submit_sm", "body": MESSAGE,
                     "tlvs": [{"tag": tag, "hex": "3132330034"}]}
                    for tag in (0x1400, 0x1401, 0x3FFF, 0x5000)])


class tshark_session_test(unittest.TestCase):
    """The octets of real sessions on both sides of the gateway."""

    @staticmethod
    def submit(client, destination, text):
        """Over SMPP as message_payload, whatever its length."""
        coding = 0 if text.isascii() else 8
        octets = text.encode("utf-16-be" if coding else "ascii")
        body = smpp.message_body("4915112345", destination, b"", data_coding=coding,
                                 registered_delivery=1)
        answer = client.call(smpp.SUBMIT_SM, body + smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, octets))
        if answer.status != smpp.ESME_ROK:
            raise AssertionError(f"refused: {answer}")
        return answer.body.rstrip(b"\0").decode()

    def test_conversations(self):
        ways = {"udh8": {}, "udh16": {"segmentation": "udh16"}, "sar": {"segmentation": "sar"},
                "payload": {"segmentation": "payload"}, "packed": {"packed": True}}
        peers = [carrier() for _ in ways]
        behind = [recorder(each.port) for each in peers]
        for each in peers + behind:
            self.addCleanup(each.close)
        carriers = [to_carrier(wire.port, name=name, text=ways[name])
                    for name, wire in zip(ways, behind)]
        settings = default_configuration(carriers, [account(numbers=["4915112345"])])
        settings["route"] = [{"name": name, "carrier": name, "prefixes": [f"49{number}"]}
                             for number, name in enumerate(ways)]
        self.gateway = gateway(settings)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        for name in ways:
            self.gateway.wait_bound(carrier=name)
        before = recorder(self.gateway.ports["smpp"])
        self.addCleanup(before.close)
        client = smpp.application(before.port, SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        texts = ("short", "All this is one message, " * 12, "Überfällig: 10 € 😀 " * 12)
        sent = [(self.submit(client, f"49{number}0123456", text), text)
                for number in range(len(ways)) for text in texts]
        for message_id, _ in sent:
            self.assertEqual(client.receipt(message_id)["stat"], "DELIVRD")
        peers[0].reply("reply", "4917211111", "4915112345", "I will pay")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")
        client.call(smpp.QUERY_SM, smpp.cstring(sent[0][0]) + b"\1\1" +
                    smpp.cstring("4915112345"))
        client.call(smpp.ENQUIRE_LINK)
        self.assertEqual(self.gateway.stop(), 0)
        place = folder()
        self.addCleanup(place.remove)
        path = os.path.join(place.path, "capture.pcap")
        capture(path, before.connections + [one for wire in behind for one in wire.connections])
        found, complaints = tshark(path)
        self.assertEqual(complaints, [])
        seen = {each.command for each in found}
        self.assertLessEqual({smpp.SUBMIT_SM, smpp.SUBMIT_SM | smpp.RESPONSE, smpp.DELIVER_SM,
                              smpp.DELIVER_SM | smpp.RESPONSE, smpp.BIND_TRANSCEIVER,
                              smpp.BIND_TRANSCEIVER | smpp.RESPONSE, smpp.UNBIND,
                              smpp.UNBIND | smpp.RESPONSE, smpp.QUERY_SM,
                              smpp.QUERY_SM | smpp.RESPONSE, smpp.ENQUIRE_LINK | smpp.RESPONSE},
                             seen)
        self.assertGreater(len(found), 2 * (len(sent) + 20), "all octets were read as PDUs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
