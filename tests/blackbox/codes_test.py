"""What a carrier says of the end of a message arrives as it wrote it: over SMPP, in JSON, in webhooks, in
reports of the sendsms door and in the log, for receipts and for refusals.
"""
import json
import unittest
import urllib.parse

from support import smpp
from support.carrier import carrier
from support.gateway import PASSWORD, SYSTEM_ID, TOKEN, account, default_configuration, gateway, \
    to_carrier
from support.waiting import eventually
from support.web import request
from support.webhooks import receiver

NETWORK_ERROR_CODE, INFO = 0x0423, 0x001D
HOOK, USER, REFUSED = "hook-token", "tester", "491720000066"


class telling_carrier(carrier):
    """Says something in its bind response, and why it refuses what goes to REFUSED."""

    def _take(self, session, received):
        if received.command == smpp.BIND_TRANSCEIVER:
            original = session.send
            session.send = lambda command, sequence, body=b"": original(
                command, sequence, body + smpp.tlv(INFO, b"contract ends soon\0"))
            super()._take(session, received)
            session.send = original
        else:
            super()._take(session, received)

    def _respond(self, session, sequence, what):
        if what.destination == REFUSED:
            with session._sending:
                session.connection.send(smpp.encode(
                    smpp.SUBMIT_SM | smpp.RESPONSE, 0x400, sequence,
                    b"\0" + smpp.tlv(INFO, b"no credit\xff\n{\0")))
            return
        super()._respond(session, sequence, what)


class row:
    def __init__(self, stat, err, code, status, state, number, text=None):
        self.stat, self.err, self.code, self.number = stat, err, code, number
        self.status, self.state = status, state  # in JSON; in the text of our receipt
        self.text = err if text is None else text

    def error(self):
        return {"code": self.number, "text": self.text, "stat": self.stat,
                "network_error_code": self.code.hex() or None}


ROWS = [row("UNDELIV", "2050", b"\x03\x08\x02", "undeliverable", "UNDELIV", 2050),
        row("NOCRED", "0x0A", b"", "unknown", "UNKNOWN", None),
        row("DND", "0", b"\x07", "unknown", "UNKNOWN", 0),
        row("2", "ABSENTSUBSCRIBER", b"301", "unknown", "UNKNOWN", None),
        row("failed", "007", b"\x03\0\0\x22", "undeliverable", "UNDELIV", 7),
        row("REJECTD", "000", b"", "rejected", "REJECTD", 0)]


class codes_test(unittest.TestCase):
    def setUp(self):
        self.carrier = telling_carrier(receipts=None)
        self.addCleanup(self.carrier.close)
        self.web = receiver()
        self.addCleanup(self.web.close)
        accounts = [account(),
                    account(name="hook", system_id="hook", api_tokens=[HOOK],
                            webhook={"url": self.web.url("/hook"), "secret": "whsec_MDEyMzQ1Njc4OQ==",
                                     "allow_private": True}),
                    account(name="door", system_id="door", api_tokens=[],
                            sendsms={"username": USER, "password": PASSWORD,
                                     "allow_private": True})]
        configuration = default_configuration([to_carrier(self.carrier.port)], accounts)
        configuration["server.http"]["sendsms"] = True
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        self.count = 0

    def application(self):
        made = smpp.application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(made.close)
        return made

    def new_number(self):
        self.count += 1
        return f"49172{self.count:07d}"

    def answer(self, number, told):
        """The carrier's receipt for what went to this number."""
        sent = self.carrier.submissions.wait(lambda one: one.destination == number, number)
        text = (f"id:{sent.message_id} sub:001 dlvrd:000 submit date:2601010000 "
                f"done date:2601010000 stat:{told.stat} err:{told.err} text:")
        tlvs = smpp.tlv(NETWORK_ERROR_CODE, told.code) if told.code else b""
        self.carrier.deliver(number, smpp.message_body(number, sent.source, text.encode(),
                                                       esm_class=4, tlvs=tlvs))

    def logged(self, sentence):
        """The first log line with this sentence."""
        def look():
            lines = [json.loads(line) for line in self.gateway.program.error.items()
                     if sentence in line]
            return lines[0] if lines else None
        return eventually(look, sentence)

    def test_over_smpp(self):
        app = self.application()
        for number, told in ((self.new_number(), each) for each in ROWS):
            with self.subTest(told.stat):
                submitted = app.submit(number, "Hello")
                self.answer(number, told)
                got = app.deliveries.wait(lambda one, n=number: one.source == n, "a receipt")
                fields = got.receipt()
                self.assertEqual((fields["id"], fields["err"], fields["stat"]),
                                 (submitted, told.err, told.state))
                self.assertEqual(got.tlvs.get(NETWORK_ERROR_CODE, b""), told.code)
                foreign = told.stat.encode() + b"\0" if told.stat != told.state else None
                self.assertEqual(got.tlvs.get(INFO), foreign)
                seen = self.gateway.message(submitted)
                self.assertEqual(seen["segments"][0]["error"], told.error())
                answer = app.call(smpp.QUERY_SM, smpp.cstring(submitted) + b"\1\1" +
                                  smpp.cstring("4915112345"))
                code = told.number if told.number is not None and told.number < 256 else 0
                self.assertEqual((answer.status, answer.body[-1]), (0, code))

    def test_in_json_and_webhooks_over_a_kill(self):
        sent = []
        for number, told in ((self.new_number(), each) for each in ROWS):
            submitted = self.gateway.send(number, "Hello", HOOK)["id"]
            sent.append((submitted, told))
            self.answer(number, told)
            event = self.web.wait_event(
                "/hook", lambda one, wanted=submitted: one["data"]["message_id"] == wanted)
            self.check(event["data"], told)
        self.gateway.kill()
        self.gateway.start()
        for submitted, told in sent:
            seen = self.gateway.message(submitted, HOOK)
            self.assertEqual(seen["status"], told.status)
            self.check(seen["segments"][0], told)

    def check(self, shown, told):
        self.assertEqual((shown["status"], shown["error"]), (told.status, told.error()))
        foreign = told.stat if told.stat != told.state else None
        self.assertEqual(shown.get("stat"), foreign)

    def test_in_reports_of_the_sendsms_door(self):
        for number, told in ((self.new_number(), each) for each in ROWS):
            query = urllib.parse.urlencode(
                {"username": USER, "password": PASSWORD, "from": "12345", "to": number,
                 "text": "Hello", "dlr-mask": 3,
                 "dlr-url": self.web.url(f"/dlr?number={number}&A=%A&D=%D")})
            got = request(self.gateway.ports["http"], "GET", "/cgi-bin/sendsms?" + query)
            self.assertEqual(got.status, 202)
            self.answer(number, told)
            report = self.web.deliveries.wait(lambda one, n=number: f"number={n}&" in one.path,
                                              "a report")
            fields = dict(urllib.parse.parse_qsl(report.path.partition("?")[2]))
            self.assertIn(f" stat:{told.stat} err:{told.err} ", fields["A"])
            if told.code:
                code = "".join(f"%{octet:02X}" for octet in told.code)
                self.assertEqual(fields["D"], f"?smpp?dlr_err={code}&")

    def test_words_in_no_list_are_counted_and_logged_once(self):
        for number in (self.new_number() for _ in range(3)):
            self.gateway.send(number, "Hello")
            self.answer(number, ROWS[1])
        self.gateway.wait_metric(3, "hikyaku_carrier_unknown_stats_total", carrier="sim")
        line = self.logged("a receipt has a stat that is in no list")
        self.assertEqual((line["carrier"], line["stat"], line["taken_for"]),
                         ("sim", "NOCRED", "unknown"))
        lines = [one for one in self.gateway.program.error.items() if "in no list" in one]
        self.assertEqual(len(lines), 1)

    def test_why_a_carrier_refuses(self):
        submitted = self.gateway.send(REFUSED, "Hello", HOOK)["id"]
        wanted = {"code": 0x400, "text": "", "stat": None, "network_error_code": None,
                  "command_status": "0x00000400", "refused_by": "carrier",
                  "additional_status_info_text": "no credit\ufffd\n{"}
        event = self.web.wait_event("/hook", lambda one: one["data"]["message_id"] == submitted)
        self.assertEqual(event["data"]["error"], wanted)
        self.assertEqual(self.gateway.message(submitted, HOOK)["segments"][0]["error"], wanted)
        line = self.logged("a carrier refuses a segment and says why")
        self.assertEqual((line["carrier"], line["status"]), ("sim", "0x00000400"))
        self.assertTrue(line["info"].startswith("no credit"), line)
        line = self.logged("a carrier says something about the bind")
        self.assertEqual((line["status"], line["info"]), ("ESME_ROK", "contract ends soon"))


if __name__ == "__main__":
    unittest.main()
