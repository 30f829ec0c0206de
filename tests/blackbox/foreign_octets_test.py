"""Octets of strangers, in every field that a peer can fill: whatever they are, each document that
the gateway writes is strict JSON, Prometheus text or one line of a log, and says the same text with
U+FFFD in the place of what is no UTF-8. HIKYAKU_FOREIGN_SEED (printed) and HIKYAKU_FOREIGN_ROUNDS
(default 20) decide a run.
"""
import os
import random
import re
import socket
import sys
import time
import unittest
import urllib.parse

from support import smpp, web
from support.carrier import carrier
from support.gateway import (PASSWORD, SYSTEM_ID, TOKEN, account, default_configuration, gateway,
                             to_carrier)
from support.program import binary, hikyaku, program
from support.strict import foreign, shown, strict_json, strict_receiver
from support.waiting import eventually
from support.webhooks import receiver

SEED = int(os.environ.get("HIKYAKU_FOREIGN_SEED", str(time.time_ns() % 1000000)))
ROUNDS = int(os.environ.get("HIKYAKU_FOREIGN_ROUNDS", "20"))
NUMBER = "4915790000"
LINK = re.compile(r"https://pay\.example/([1-9A-HJ-NP-Za-km-z]+)")
TEXT_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+ (trace|debug|info|warning|warn|error|err) +\S")
BLANKS = bytes(range(33))
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e\ufeff]")


def latin(octets):
    """For helpers that write text as Latin-1: the octets as they are."""
    return octets.decode("latin-1")


class foreign_carrier(carrier):
    """Gives each message an id of foreign octets; what comes after that is the test's."""

    def __init__(self, seed):
        self.rng = random.Random(f"{seed} carrier")
        super().__init__(receipts=None)

    def _respond(self, session, sequence, what):
        what.id = b""
        while not what.id.strip(BLANKS):  # blanks around an id do not count: of these alone, none
            what.id = foreign(self.rng, 64)
        what.message_id = latin(what.id)
        super()._respond(session, sequence, what)
        self.acknowledged.add(("id", what.destination))


class foreign_octets_test(unittest.TestCase):
    def setUp(self):
        print(f"HIKYAKU_FOREIGN_SEED={SEED} HIKYAKU_FOREIGN_ROUNDS={ROUNDS}", file=sys.stderr)
        self.random = random.Random(f"{SEED} {self.id()}")
        self.carrier = foreign_carrier(SEED)
        self.addCleanup(self.carrier.close)
        self.hook = strict_receiver()
        self.addCleanup(self.hook.close)
        self.web = receiver()
        self.addCleanup(self.web.close)
        self.sent = 0

    def start(self, log_format="json"):
        app = account(webhook={"url": self.hook.url, "secret": "0123456789abcdef0123456789abcdef",
                               "allow_private": True},
                      numbers=[NUMBER], keywords=["stop"], links={"track": True}, parts_max=10,
                      receipts={"receipts": "webhook"},
                      sendsms={"username": "tester", "password": "foobar", "allow_private": True})
        configuration = default_configuration([to_carrier(self.carrier.port)], [app])
        configuration["server.http"]["sendsms"] = True
        configuration["server.links"] = {"listen": "127.0.0.1:0",
                                         "base_url": "https://pay.example",
                                         "misses_per_network": "unlimited"}
        self.gateway = gateway(configuration)
        self.log = os.path.join(self.gateway.folder.path, "log")
        self.gateway.configuration["log"] = {"level": "trace", "format": log_format,
                                             "file": self.log}
        self.gateway.write_configuration()
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def to(self):
        self.sent += 1
        return f"49172{self.sent:06d}"

    def end(self):
        """All events were taken, each document and line is strict, and the same process works."""
        self.assertEqual(self.hook.faults, [])
        eventually(lambda: self.read("admin", "/admin/accounts")["accounts"][0]["waiting_webhook"]
                   == 0, "the strict receiver has taken everything")
        page = self.gateway.admin("/metrics").body.decode("utf-8", "strict")
        web.parse_metrics(page)
        self.read("admin", "/admin/carriers")
        sent = self.gateway.send("+" + self.to(), "alive")
        self.carrier.submissions.wait(lambda each: each.text == "alive", "the last message")
        self.read("http", "/v1/messages/" + sent["id"])
        self.assertEqual(self.gateway.stop(), 0)
        with open(self.log, "rb") as lines:
            return lines.read().removesuffix(b"\n").split(b"\n")

    def read(self, listener, path, headers=None):
        got = web.request(self.gateway.ports[listener], "GET", path,
                          headers=headers or {"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual(got.status, 200, got)
        return strict_json(got.body)

    def raw(self, listener, head, body=b""):
        """Octets as they are, and the answer, whose body is strict if it says that it is JSON."""
        with socket.create_connection(("127.0.0.1", self.gateway.ports[listener]), 20) as link:
            link.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            got = web.read_response(link)
        if got is not None and "json" in got.headers.get("content-type", ""):
            strict_json(got.body)
        return got

    def wait_event(self, where):
        return self.hook.events.wait(where, "an event")["data"]

    # Each field.

    def test_taps(self):
        """User-Agent and other headers of GET /CODE, its query and its path."""
        self.start()
        self.gateway.send("+" + self.to(), "see https://shop.example/x now")
        text = self.carrier.submissions.wait(lambda each: True, "it").text
        code = LINK.search(text)[1].encode()
        agents = [b"M \xff\xfe", b"m" * 255 + b"\xc3\xa9", b"m" * 254 + b"\xe6\x94\xaf",
                  b"m" * 253 + b"\xf0\x9f\x98\x80", b"m" * 255 + b"\xff\xfe", b"\xed\xa0\x80"]
        agents += [b"(" + foreign(self.random, 40, b"\0\r\n") * self.random.choice((1, 20)) + b")"
                   for _ in range(ROUNDS)]
        taken = 0
        for number, agent in enumerate(agents):
            # Controls are refused in headers.
            other = b"\xfe\xff" if number < 6 else foreign(self.random, 50, b"\0\r\n")
            got = self.raw("links", b"GET /%s?%s HTTP/1.1\r\nHost: x\r\nUser-Agent: %s\r\n"
                           b"Referer: %s\r\nAccept-Language: %s" %
                           (code, urllib.parse.quote(other).encode(), agent, other, other))
            self.assertIn(got.status, (302, 400), agent)
            if got.status == 400 and number < 6:
                self.fail(f"{agent} is not taken")
            if got.status == 302:
                taken += 1
                limit = agent[:256]
                cut = next(limit[:256 - back] for back in range(4)
                           if back == 0 and len(agent) <= 256
                           or shown(agent).startswith(shown(limit[:256 - back])))
                event = self.hook.events.wait_count(taken, "hits", where=lambda each:
                                                    each["type"] == "hit")[-1]
                self.assertEqual(event["data"]["user_agent"], shown(cut), agent)
            self.raw("links", b"GET /%s HTTP/1.1\r\nHost: x" % foreign(self.random, 30, b"\0\r\n "))
        self.assertGreaterEqual(taken, 6)
        for line in self.end():
            strict_json(line)

    def test_carriers(self):
        """Ids, receipts, replies, service types, TLVs, texts and statuses of a carrier."""
        self.start()
        for number in range(ROUNDS):
            to = self.to()
            sent = self.gateway.send("+" + to, f"message {number}")
            what = self.carrier.submissions.wait(lambda each, to=to: each.destination == to, to)
            self.carrier.acknowledged.wait(lambda each, to=to: each == ("id", to), "an id")
            err = foreign(self.random, 20, BLANKS + b",;|")
            text = b"id:%s stat:UNDELIV err:%s text:%s" % (
                b"x", err, foreign(self.random, 60))
            receipt = smpp.message_body(
                to, "4915112345", text, esm_class=4,
                service_type=latin(foreign(self.random, 5)),
                tlvs=smpp.tlv(smpp.TAG_RECEIPTED_MESSAGE_ID, what.id + b"\0") +
                smpp.tlv(0x001D, foreign(self.random, 40) + b"\0"))
            eventually(lambda sent=sent: self.gateway.message(sent["id"])["status"] == "submitted",
                       "submitted")
            self.carrier.deliver(f"receipt {number}", receipt)
            found = self.wait_event(lambda each, sent=sent: each["type"] == "receipt" and
                                    each["data"]["message_id"] == sent["id"])
            view = self.read("http", "/v1/messages/" + sent["id"])
            segment, = view["segments"]
            self.assertEqual(segment["carrier_message_id"], shown(what.id))
            self.assertEqual(view["status"], "undeliverable")
            self.assertEqual(segment.get("error"), found.get("error"))
            told = found.get("error", {"text": ""})["text"]
            self.assertTrue(shown(err).startswith(told.rstrip("\ufffd")), (err, found))
            source = foreign(self.random, 20)
            octets = b"%d " % number + foreign(self.random, 100)
            coding = self.random.choice((0, 1, 3, 4, 8, 0x10, 0xF5))
            self.carrier.deliver(f"reply {number}", smpp.message_body(
                latin(source), NUMBER, octets, data_coding=coding, source_ton=5,
                service_type=latin(foreign(self.random, 5)),
                tlvs=smpp.tlv(0x1400 + number, foreign(self.random, 30))))
            reply = self.wait_event(lambda each, octets=octets: each["type"] == "reply" and
                                    each["data"]["data"] == octets.hex())
            self.assertEqual(reply["from"], shown(source))
            self.carrier.deliver(f"nobody's {number}", smpp.message_body(
                latin(source), latin(foreign(self.random, 20)), octets, source_ton=5))
        for line in self.end():
            strict_json(line)

    def test_applications(self):
        """Binds, addresses, service types and TLVs of SMPP applications."""
        self.start()
        client = smpp.application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        for _ in range(ROUNDS):
            stranger = smpp.connection(self.gateway.ports["smpp"])
            stranger.send(smpp.encode(smpp.BIND_TRANSCEIVER, 0, 1, smpp.bind_body(
                latin(foreign(self.random, 15)), latin(foreign(self.random, 8)),
                latin(foreign(self.random, 12)))))
            stranger.read()
            stranger.close()
            sender = foreign(self.random, 11, bytes(range(32)) + b"\x7f")
            to = self.to()
            body = smpp.message_body(latin(sender), to, b"hello", source_ton=5,
                                     service_type=latin(foreign(self.random, 5)),
                                     tlvs=smpp.tlv(0x1400, foreign(self.random, 30)))
            got = client.call(smpp.SUBMIT_SM, body)
            self.assertEqual(got.status, smpp.ESME_ROK, sender)
            view = self.read("http", "/v1/messages/" + got.body.rstrip(b"\0").decode())
            self.assertEqual(view["from"], shown(sender))
            client.call(smpp.SUBMIT_SM, smpp.message_body(
                latin(foreign(self.random, 20)), latin(foreign(self.random, 20)),
                foreign(self.random, 50)))
            client.call(smpp.QUERY_SM, smpp.cstring(latin(foreign(self.random, 60))) + b"\1\1" +
                        smpp.cstring(latin(foreign(self.random, 20))))
        for line in self.end():
            strict_json(line)

    def test_sendsms(self):
        """Parameters as the message shows them, denied receivers in the answer, and callbacks."""
        self.start()
        for number in range(ROUNDS):
            reference = b"%d " % number + foreign(self.random, 60, bytes(range(32)) + b"\x7f")
            tag = foreign(self.random, 64, bytes(range(32)) + b"\x7f")
            denied, to = foreign(self.random, 30, b"\0 0123456789+"), self.to()
            url = f"http://127.0.0.1:{self.web.port}/dlr?n={number}&A=%A&F=%F&p=%p"
            query = urllib.parse.urlencode({
                "username": "tester", "password": "foobar", "from": "12345", "dlr-mask": 31,
                "dlr-url": url, "account": reference, "smsc": tag,
                "to": to.encode() + b" " + denied,
                "binfo": foreign(self.random, 9), "text": foreign(self.random, 40),
                "charset": "UTF-8" if number % 4 == 3 else "ISO-8859-1", "coding": 0})
            got = web.request(self.gateway.ports["http"], "GET", "/cgi-bin/sendsms?" + query)
            answer = got.body.decode("utf-8", "strict")
            if got.status != 202:  # a text that is no UTF-8
                self.assertIn("misformed", answer)
                continue
            self.assertIn("Denied receivers are:", answer)
            self.assertIsNone(re.search("[\x00-\x1f<>]", answer), answer)
            found = self.read("http", "/v1/messages?" +
                              urllib.parse.urlencode({"reference": reference}))["messages"]
            self.assertEqual({(each["reference"], each["tag"]) for each in found},
                             {(shown(reference), shown(tag))})
            what = self.carrier.submissions.wait(lambda each, to=to: each.destination == to, to)
            told = self.web.deliveries.wait(
                lambda each, number=number: each.path.startswith(f"/dlr?n={number}&"), "a report")
            fields = dict(pair.split("=", 1) for pair in told.path.split("?", 1)[1].split("&"))
            ours = {name: urllib.parse.unquote_to_bytes(value.replace("+", " ")).decode("utf-8")
                    for name, value in fields.items()}
            self.assertEqual(ours["F"], shown(what.id))
        for line in self.end():
            strict_json(line)

    def test_http(self):
        """Paths, queries, headers, keys and texts of the API and of the admin listener."""
        self.start()
        token = b"\r\nAuthorization: Bearer " + TOKEN.encode()
        for number in range(ROUNDS):
            some = foreign(self.random, 60, b"\0\r\n")
            quoted = urllib.parse.quote(some, safe="").encode()
            for listener in ("http", "admin", "links"):
                for target in (quoted, b"v1/messages/" + quoted, b"v1/messages?reference=" + quoted,
                               b"admin/carriers/" + quoted + b":pause", some.replace(b" ", b"")):
                    self.raw(listener, b"GET /" + target + b" HTTP/1.1\r\nHost: x" + token)
                self.raw(listener, b"GET /v1/account HTTP/1.1\r\nHost: x\r\nX-A: " + some +
                         b"\r\nAuthorization: Bearer " + some)
            text = shown(some)
            head = b"POST /v1/messages HTTP/1.1\r\nHost: x" + token
            for body in (some, b'{"' + some + b'":1}', b'{"to":"' + some + b'"}',
                         b'{"from":"Shop","to":"+4917200001","text":"' + some + b'"}',
                         b'{"to":"\\ud800"}', b'{"\\udc00":1}', b'{"\\u0000\\u001b":1}'):
                got = self.raw("http", head + b"\r\nContent-Type: " + some.replace(b"\t", b"") +
                               b"\r\nContent-Length: %d" % len(body), body)
                got = self.raw("http", head + b"\r\nContent-Type: application/json"
                               b"\r\nContent-Length: %d" % len(body), body)
                self.assertIn(got.status, (202, 400, 422), body)
            unknown = self.gateway.http("POST", "/v1/messages", {text: 1, "to": text})
            self.assertEqual(unknown.status, 422)
            problem = strict_json(unknown.body)
            self.assertEqual(problem["code"], "field_unknown")
            self.raw("http", head + b"\r\nIdempotency-Key: " + some +
                     b"\r\nContent-Length: 2", b"{}")
            label = "r" + HIDDEN.sub("", text)[:14]
            body = {"from": "Shop", "to": ["+" + self.to(), text], "text": text,
                    "reference": label, "tag": label}
            first = self.gateway.http("POST", "/v1/messages", body, Idempotency_Key=f"k{number}")
            again = self.gateway.http("POST", "/v1/messages", body, Idempotency_Key=f"k{number}")
            self.assertEqual(first.status, 202, first)
            self.assertEqual(first.body, again.body)
            self.assertEqual(strict_json(first.body)["messages"][0]["reference"], label)
            strict_json(self.gateway.http("POST", "/v1/messages:estimate", body).body)
        for line in self.end():
            strict_json(line)

    def test_lines_of_the_text_log(self):
        """Nobody adds a line to the log, or makes a terminal do something."""
        self.start("text")
        sent = [b"x\n2026-01-01T00:00:00.000+00:00 info ready", b"\x1b]0;title\x07", b"a\r\nb"]
        sent += [foreign(self.random, 15) for _ in range(ROUNDS)]
        for system_id in sent:
            stranger = smpp.connection(self.gateway.ports["smpp"])
            stranger.send(smpp.encode(smpp.BIND_TRANSCEIVER, 0, 1, smpp.bind_body(
                latin(system_id[:15]), "wrong")))
            stranger.read()
            stranger.close()
        lines = [line.decode("utf-8", "strict") for line in self.end()]
        refused = [line for line in lines if "bind refused" in line]
        self.assertEqual(len(refused), len(sent))
        for line in lines:
            self.assertRegex(line, TEXT_LINE)
            self.assertIsNone(HIDDEN.search(line), repr(line))

    def test_tools(self):
        """One strict object for each line, whatever stands there."""
        given = [foreign(self.random, 80, b"\0\n") for _ in range(ROUNDS)]
        given += [b"id:%s sub:001 stat:DELIVRD err:%s text:%s" % (one[:9], one[9:20], one)
                  for one in given]
        given += [b'{"command":"%s"}' % one for one in given]
        for tool in (("pdu", "decode"), ("pdu", "encode"), ("receipt", "parse"),
                     ("text", "plan", "--lines")):
            _, out, _ = hikyaku(*tool, text=b"\n".join(given) + b"\n")
            lines = out.removesuffix("\n").split("\n")
            self.assertGreater(len(lines), ROUNDS, tool)
            for line in lines:
                strict_json(line.encode())

    def test_the_phones_of_the_simulated_carrier(self):
        simulated = program([binary(), "carrier", "--listen", "127.0.0.1:0", "--web",
                             "127.0.0.1:0"], "carrier")
        self.addCleanup(simulated.kill)
        port = int(simulated.wait_line(r"smpp listening on \S+:(\d+)")[1])
        page = int(simulated.wait_line(r"phone on http://\S+:(\d+)")[1])
        client = smpp.application(port, "hikyaku", "carrier1")
        self.addCleanup(client.close)
        for _ in range(ROUNDS):
            number = foreign(self.random, 20)
            got = client.call(smpp.SUBMIT_SM, smpp.message_body(
                latin(foreign(self.random, 20)), latin(number), foreign(self.random, 140),
                data_coding=self.random.choice((0, 3, 8)), source_ton=5))
            if got.status == smpp.ESME_ROK:
                inbox = web.request(page, "GET", "/api/inbox?number=" + urllib.parse.quote(number))
                self.assertEqual(strict_json(inbox.body)["number"], shown(number))
            strict_json(web.request(page, "GET", "/api/numbers").body)
        strict_json(web.request(page, "GET", "/api/stats").body)


if __name__ == "__main__":
    unittest.main(verbosity=2)
