"""Octets that no client library would send. Each fault gets the answer that the specification or
docs/smpp.md names, on that session only; then the same process takes a normal message.
"""
import struct
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import PASSWORD, SYSTEM_ID, account, default_configuration, gateway, to_carrier
from support.smpp import encode, message_body

TO = "4917230000"
TAG_SAR_REFERENCE, TAG_SAR_TOTAL, TAG_SAR_NUMBER = 0x020C, 0x020E, 0x020F
GOOD = message_body("4915112345", TO, b"a normal message", registered_delivery=1)


def submit(sequence, body):
    return encode(smpp.SUBMIT_SM, 0, sequence, body)


def sar(reference, total, number):
    """The TLVs of one part; None leaves one out."""
    given = [(TAG_SAR_REFERENCE, reference, ">H"), (TAG_SAR_TOTAL, total, ">B"),
             (TAG_SAR_NUMBER, number, ">B")]
    return b"".join(smpp.tlv(tag, struct.pack(form, value)) for tag, value, form in given
                    if value is not None)


def with_octet(body, position, value):
    return body[:position] + bytes([value]) + body[position + 1:]


class bad_input_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        accounts = [account(parts_max=2, window=5, sessions_max=100, transceivers_max=100,
                            transmitters_max=100, receivers_max=100, senders=["49*", "Shop"]),
                    account(name="slow", system_id="slow", api_tokens=["slow-token"],
                            rate={"per_second": "1/min", "burst": 1}, parts_max=1),
                    account(name="far", system_id="far", api_tokens=["far-token"],
                            networks=["192.0.2.0/24"]),
                    account(name="alone", system_id="alone", api_tokens=["alone-token"],
                            sessions_max=1),
                    account(name="strict", system_id="strict", api_tokens=["strict-token"],
                            strict_pdus=True)]
        configuration = default_configuration([to_carrier(cls.carrier.port)], accounts)
        configuration["route"][0]["prefixes"] = ["49"]
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()

    def tearDown(self):
        """Whatever happened: the process is the same and works."""
        link = self.bound()
        link.send(submit(7, GOOD))
        self.assert_answer(link, smpp.SUBMIT_SM, 7, smpp.ESME_ROK)
        self.assertIsNone(self.gateway.program.process.poll())

    def connect(self):
        link = smpp.connection(self.gateway.ports["smpp"])
        self.addCleanup(link.close)
        return link

    def bound(self, command=smpp.BIND_TRANSMITTER, system_id=SYSTEM_ID):
        link = smpp.bound(self.gateway.ports["smpp"], system_id, PASSWORD, command)
        self.addCleanup(link.close)
        return link

    def assert_answer(self, link, command, sequence, status):
        answer = link.read()
        self.assertIsNotNone(answer, "closed instead of answered")
        self.assertEqual((hex(answer.command), answer.sequence, hex(answer.status)),
                         (hex(command | smpp.RESPONSE), sequence, hex(status)))
        return answer

    def assert_closed(self, link):
        self.assertIsNone(link.read())

    # Framing: generic_nack, then the connection goes.

    def test_command_length_too_small_or_too_large(self):
        for length in (0, 4, 15, 16385, 0x7FFFFFFF, 0xFFFFFFFF):
            with self.subTest(length=length):
                link = self.bound()
                link.send(struct.pack(">IIII", length, smpp.SUBMIT_SM, 0, 99))
                answer = link.read()
                self.assertEqual((hex(answer.command), answer.status),
                                 (hex(smpp.GENERIC_NACK), smpp.ESME_RINVCMDLEN))
                self.assertEqual(answer.sequence, 99 if length >= 16 else 0)
                self.assert_closed(link)

    def test_framing_fault_before_bind_and_text_protocols(self):
        for octets in (b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", b"\x16\x03\x01\x02\x00\x01" * 40,
                       b"\x00" * 16):
            with self.subTest(octets=octets[:8]):
                link = self.connect()
                link.send(octets)
                answer = link.read()
                self.assertEqual((answer.command, answer.status),
                                 (smpp.GENERIC_NACK, smpp.ESME_RINVCMDLEN))
                self.assert_closed(link)

    def test_half_a_pdu_and_gone(self):
        link = self.bound()
        link.send(submit(2, GOOD)[:30])
        link.close()

    # Bodies: the request's own response with a status, the session goes on.

    def assert_refused(self, link, cases):
        for sequence, (name, body, status) in enumerate(cases, 10):
            with self.subTest(name):
                link.send(submit(sequence, body))
                answer = self.assert_answer(link, smpp.SUBMIT_SM, sequence, status)
                self.assertEqual(answer.body.rstrip(b"\0"), b"", "no id for what was refused")

    def test_sar_tlvs_that_no_phone_could_put_together(self):
        self.assert_refused(self.bound(), [
            ("SAR without a reference", GOOD + sar(None, 2, 1), smpp.ESME_RMISSINGTLV),
            ("SAR without a total", GOOD + sar(7, None, 1), smpp.ESME_RMISSINGTLV),
            ("SAR without a number", GOOD + sar(7, 2, None), smpp.ESME_RMISSINGTLV),
            ("SAR part 5 of 2", GOOD + sar(7, 2, 5), smpp.ESME_RINVTLVVAL),
            ("SAR part 0", GOOD + sar(7, 2, 0), smpp.ESME_RINVTLVVAL),
            ("SAR part of 0", GOOD + sar(7, 0, 0), smpp.ESME_RINVTLVVAL),
            ("SAR reference of one octet", GOOD + smpp.tlv(TAG_SAR_REFERENCE, b"\7") +
             sar(None, 2, 1), smpp.ESME_RINVPARLEN),
            ("SAR against the header",
             message_body("49151", TO, b"\x05\0\x03\x07\x02\x01abc", esm_class=0x40,
                          tlvs=sar(7, 2, 2)), smpp.ESME_RINVTLVVAL),
        ])

    def test_faulty_bodies(self):
        length_at = len(GOOD) - len(b"a normal message") - 1
        source_at, esm_class_at = 3, GOOD.index(TO.encode()) + len(TO) + 1
        payload = smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, b"and a payload")
        cases = [
            ("sm_length beyond the PDU", with_octet(GOOD, length_at, 200), smpp.ESME_RINVMSGLEN),
            ("sm_length of 255", with_octet(GOOD, length_at, 255), smpp.ESME_RINVMSGLEN),
            ("no body at all", b"", smpp.ESME_RINVPARLEN),
            ("unterminated source_addr", GOOD[:source_at] + b"4" * 400, smpp.ESME_RINVPARLEN),
            ("source_addr too long", message_body("4" * 40, TO, b"x"), smpp.ESME_RINVPARLEN),
            ("ends in the address", GOOD[:10], smpp.ESME_RINVPARLEN),
            ("ends before sm_length", GOOD[:length_at], smpp.ESME_RINVMSGLEN),
            ("torn text", GOOD + b"\x04\x24\x00\x09ab", smpp.ESME_RINVTLVSTREAM),
            ("65 octets too many", GOOD + bytes(65), smpp.ESME_RINVTLVSTREAM),
            ("no text but octets", message_body("49151", TO, b"") + b"text",
             smpp.ESME_RINVTLVSTREAM),
            ("short_message and payload", GOOD + payload, smpp.ESME_RINVMSGLEN),
            ("user data header longer than the text",
             message_body("49151", TO, b"\x20abc", esm_class=0x40), smpp.ESME_RINVESMCLASS),
            ("element longer than its header",
             message_body("49151", TO, b"\x05\x05\x09\x15\x81\x15abc", esm_class=0x40),
             smpp.ESME_RINVESMCLASS),
            ("one octet behind the last element",
             message_body("49151", TO, b"\x06\x00\x03\x07\x02\x01\x05abc", esm_class=0x40),
             smpp.ESME_RINVESMCLASS),
            ("part 5 of 2", message_body("49151", TO, b"\x05\0\x03\x07\x02\x05abc", esm_class=0x40),
             smpp.ESME_RINVESMCLASS),
            ("part 0", message_body("49151", TO, b"\x05\0\x03\x07\x02\0abc", esm_class=0x40),
             smpp.ESME_RINVESMCLASS),
            ("part of 0", message_body("49151", TO, b"\x05\0\x03\x07\0\0abc", esm_class=0x40),
             smpp.ESME_RINVESMCLASS),
            ("header announced, no text", message_body("49151", TO, b"", esm_class=0x40),
             smpp.ESME_RINVESMCLASS),
            ("a receipt from an application", with_octet(GOOD, esm_class_at, 4),
             smpp.ESME_RINVESMCLASS),
            ("schedule that is no time", message_body("49151", TO, b"x", schedule="tomorrow"),
             smpp.ESME_RINVSCHED),
            ("validity that is no time", message_body("49151", TO, b"x", validity="9" * 16),
             smpp.ESME_RINVEXPIRY),
            ("validity in the past", message_body("49151", TO, b"x", validity="200101000000000+"),
             smpp.ESME_RINVEXPIRY),
            ("bad destination", message_body("49151", "abc", b"x"), smpp.ESME_RINVDSTADR),
            ("empty destination", message_body("49151", "", b"x"), smpp.ESME_RINVDSTADR),
            ("no route", message_body("49151", "33612345678", b"x"), smpp.ESME_RINVDSTADR),
            ("foreign sender", message_body("4412345", TO, b"x"), smpp.ESME_RINVSRCADR),
            ("three segments where two are allowed",
             message_body("49151", TO, b"", tlvs=smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, b"x" * 307)),
             smpp.ESME_RINVMSGLEN),
        ]
        link = self.bound()
        self.assert_refused(link, cases)
        # Refused whole, never cut: the longest that fits goes through on the same session.
        fits = message_body("49151", TO, b"", tlvs=smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, b"x" * 306))
        link.send(submit(99, fits))
        self.assert_answer(link, smpp.SUBMIT_SM, 99, smpp.ESME_ROK)

    def test_octets_behind_the_last_field(self):
        tails = (b"\0", b"\0\0", b"\x02\x04\x00", b"\x02\x04\x00\x09ab", b" " * 64)
        link = self.bound()
        for sequence, tail in enumerate(tails, 10):
            with self.subTest(tail=tail):
                before = self.malformed(account="app", result="tolerated")
                link.send(submit(sequence, GOOD + tail))
                answer = self.assert_answer(link, smpp.SUBMIT_SM, sequence, smpp.ESME_ROK)
                self.assertRegex(answer.body, rb"^[1-9][0-9]{9,18}\0$")
                # The session is up and its account's fault is counted.
                self.assertEqual(self.malformed(account="app", result="tolerated"), before + 1)
        strict = self.bound(system_id="strict")
        strict.send(submit(2, GOOD + b"\0"))
        self.assert_answer(strict, smpp.SUBMIT_SM, 2, smpp.ESME_RINVTLVSTREAM)
        self.assertEqual(self.malformed(account="strict", result="refused"), 1)

    def malformed(self, **labels):
        return self.gateway.metric("hikyaku_smpp_malformed_total", **labels)

    def test_refusals_have_the_body_that_3_4_wants(self):
        link = self.bound(smpp.BIND_TRANSCEIVER)
        query = smpp.cstring("17") + b"\1\1" + smpp.cstring("49")
        for sequence, (command, body, expected) in enumerate((
                (smpp.SUBMIT_SM, b"", b""), (smpp.QUERY_SM, query, b"\0\0\7\0"),
                (smpp.DATA_SM, b"", b"\0"), (smpp.SUBMIT_MULTI, b"", b"\0\0"),
                (smpp.CANCEL_SM, b"", b""), (smpp.DELIVER_SM, b"", b"\0")), 5):
            link.send(encode(command, 0, sequence, body))
            answer = link.read()
            while answer.command == smpp.DELIVER_SM:  # a receipt of what was sent before
                answer = link.read()
            self.assertEqual((answer.command, answer.sequence), (command | smpp.RESPONSE, sequence))
            self.assertNotEqual(answer.status, smpp.ESME_ROK)
            self.assertEqual(answer.body, expected, hex(command))
        for command, expected in ((smpp.BIND_TRANSCEIVER, b"\0"), (smpp.BIND_TRANSMITTER, b""),
                                  (smpp.BIND_RECEIVER, b"")):
            stranger = self.connect()
            stranger.send(encode(command, 0, 1, smpp.bind_body("nobody", "wrong")))
            answer = self.assert_answer(stranger, command, 1, smpp.ESME_RINVPASWD)
            self.assertEqual(answer.body, expected, hex(command))

    def test_unknown_commands(self):
        link = self.bound()
        for sequence, command in enumerate((0x0000000A, 0x00000114, 0x00010204, 0x7FFFFFFF), 5):
            link.send(encode(command, 0, sequence, b"whatever"))
            answer = link.read()
            self.assertEqual((hex(answer.command), answer.sequence, answer.status),
                             (hex(smpp.GENERIC_NACK), sequence, smpp.ESME_RINVCMDID))
        # A response is never answered, expected or not: the next answer is to the next request.
        for command in (smpp.SUBMIT_SM, smpp.DELIVER_SM, 0x12345):
            link.send(encode(command | smpp.RESPONSE, 0, 4711, b"x\0"))
        link.send(encode(smpp.ENQUIRE_LINK, 0, 50))
        self.assert_answer(link, smpp.ENQUIRE_LINK, 50, smpp.ESME_ROK)

    def test_operations_on_unknown_messages_fail_with_their_own_status(self):
        link = self.bound()
        replace = smpp.cstring("1") + b"\1\1" + smpp.cstring("49") + b"\0\0\0\0\1x"
        link.send(encode(smpp.REPLACE_SM, 0, 5, replace))
        self.assert_answer(link, smpp.REPLACE_SM, 5, smpp.ESME_RREPLACEFAIL)
        query = smpp.cstring("no-such-id") + b"\1\1" + smpp.cstring("49")
        link.send(encode(smpp.QUERY_SM, 0, 6, query))
        self.assert_answer(link, smpp.QUERY_SM, 6, smpp.ESME_RQUERYFAIL)
        cancel = smpp.cstring("") + smpp.cstring("17") + b"\1\1" + smpp.cstring("49") + b"\1\1" + \
            smpp.cstring(TO)
        link.send(encode(smpp.CANCEL_SM, 0, 7, cancel))
        self.assert_answer(link, smpp.CANCEL_SM, 7, smpp.ESME_RCANCELFAIL)

    # States.

    def test_before_bind(self):
        link = self.connect()
        link.send(submit(1, GOOD))
        self.assert_answer(link, smpp.SUBMIT_SM, 1, smpp.ESME_RINVBNDSTS)
        link.send(encode(smpp.ENQUIRE_LINK, 0, 2))
        self.assert_answer(link, smpp.ENQUIRE_LINK, 2, smpp.ESME_ROK)
        link.send(encode(smpp.BIND_TRANSMITTER, 0, 3, b"system_id without an end"))
        self.assert_answer(link, smpp.BIND_TRANSMITTER, 3, smpp.ESME_RINVPARLEN)
        link.send(encode(smpp.BIND_TRANSMITTER, 0, 4, smpp.bind_body(SYSTEM_ID, PASSWORD)))
        self.assert_answer(link, smpp.BIND_TRANSMITTER, 4, smpp.ESME_ROK)
        link.send(encode(smpp.BIND_TRANSMITTER, 0, 5, smpp.bind_body(SYSTEM_ID, PASSWORD)))
        self.assert_answer(link, smpp.BIND_TRANSMITTER, 5, smpp.ESME_RALYBND)
        link.send(submit(6, GOOD))
        self.assert_answer(link, smpp.SUBMIT_SM, 6, smpp.ESME_ROK)

    def test_directions(self):
        receiver = self.bound(smpp.BIND_RECEIVER)
        receiver.send(submit(2, GOOD))
        while (answer := receiver.read()).command == smpp.DELIVER_SM:
            receiver.send(encode(smpp.DELIVER_SM | smpp.RESPONSE, 0, answer.sequence, b"\0"))
        self.assertEqual((answer.command, answer.status),
                         (smpp.SUBMIT_SM | smpp.RESPONSE, smpp.ESME_RINVBNDSTS))
        transmitter = self.bound(smpp.BIND_TRANSMITTER)
        transmitter.send(encode(smpp.DELIVER_SM, 0, 3, GOOD))
        self.assert_answer(transmitter, smpp.DELIVER_SM, 3, smpp.ESME_RINVBNDSTS)

    def test_refused_binds(self):
        for system_id, password, status in [(SYSTEM_ID, "wrong", smpp.ESME_RINVPASWD),
                                            ("stranger", PASSWORD, smpp.ESME_RINVPASWD),
                                            ("", "", smpp.ESME_RINVPASWD),
                                            ("far", PASSWORD, smpp.ESME_RBINDFAIL)]:
            with self.subTest(system_id=system_id):
                link = self.connect()
                link.send(encode(smpp.BIND_TRANSMITTER, 0, 1, smpp.bind_body(system_id, password)))
                self.assert_answer(link, smpp.BIND_TRANSMITTER, 1, status)
        first = smpp.application(self.gateway.ports["smpp"], "alone", PASSWORD,
                                 smpp.BIND_TRANSMITTER)
        self.addCleanup(first.close)
        second = self.connect()
        second.send(encode(smpp.BIND_TRANSMITTER, 0, 1, smpp.bind_body("alone", PASSWORD)))
        self.assert_answer(second, smpp.BIND_TRANSMITTER, 1, smpp.ESME_RBINDFAIL)

    # How octets arrive.

    def test_byte_by_byte(self):
        link = self.connect()
        octets = encode(smpp.BIND_TRANSMITTER, 0, 1, smpp.bind_body(SYSTEM_ID, PASSWORD))
        for octet in octets + submit(2, GOOD):
            link.send(bytes([octet]))
        self.assert_answer(link, smpp.BIND_TRANSMITTER, 1, smpp.ESME_ROK)
        self.assert_answer(link, smpp.SUBMIT_SM, 2, smpp.ESME_ROK)

    def test_many_in_one_write(self):
        """Fifty submissions in one write against a window of five: each has its answer."""
        link = self.bound()
        link.send(b"".join(submit(sequence, GOOD) for sequence in range(10, 60)))
        answers = [link.read() for _ in range(50)]
        self.assertEqual({each.sequence for each in answers}, set(range(10, 60)))
        accepted = [each for each in answers if each.status == smpp.ESME_ROK]
        refused = [each for each in answers if each.status == smpp.ESME_RTHROTTLED]
        self.assertEqual(len(accepted) + len(refused), 50)
        self.assertGreaterEqual(len(accepted), 5)
        self.assertEqual(len({each.body for each in accepted}), len(accepted), "ids are distinct")

    def test_any_sequence_number_is_echoed(self):
        link = self.bound()
        for sequence in (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
            link.send(submit(sequence, GOOD))
            self.assert_answer(link, smpp.SUBMIT_SM, sequence, smpp.ESME_ROK)

    def test_rate_exceeded(self):
        link = self.bound(smpp.BIND_TRANSMITTER, "slow")
        link.send(submit(2, GOOD) + submit(3, GOOD))
        answers = {each.sequence: each.status for each in (link.read(), link.read())}
        self.assertEqual(answers, {2: smpp.ESME_ROK, 3: smpp.ESME_RTHROTTLED})


class nobody_binds_test(unittest.TestCase):
    def test_is_closed(self):
        upstream = carrier()
        self.addCleanup(upstream.close)
        configuration = default_configuration([to_carrier(upstream.port)])
        configuration["server.smpp"]["session_init_timeout"] = "1s"
        made = gateway(configuration)
        self.addCleanup(made.close)
        made.start()
        link = smpp.connection(made.ports["smpp"])
        self.addCleanup(link.close)
        self.assertIsNone(link.read())


if __name__ == "__main__":
    unittest.main(verbosity=2)
