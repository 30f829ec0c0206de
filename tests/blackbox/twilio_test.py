"""Twilio's messages API as an application on Twilio's own library for node meets it, of which only
the base URL was changed: messages, pages, errors, signed requests with statuses and replies, TwiML.
"""
import base64
import time
import unittest
import urllib.parse

from support import smpp, web
from support.carrier import refusing_carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.peer import node
from support.waiting import eventually

SID = "AC0123456789abcdef0123456789abcdef"
TOKEN = "s3cret-never-logged"
KEY, SECRET = "SK0123456789abcdef0123456789abcdef", "key-s3cret"
POOL, PATTERNS = "MG00000000000000000000000000000001", "MG00000000000000000000000000000002"
TO = "+819012340000"
MESSAGE = {"to": TO, "from": "12345", "body": "Hello 世界"}
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages"


class twilio_test(unittest.TestCase):
    def setUp(self):
        self.carrier = refusing_carrier()
        self.addCleanup(self.carrier.close)
        self.application = node("twilio_application.js")
        self.addCleanup(self.application.kill)
        self.application.do("listen")
        self.port = self.application.expect("listening")["port"]

    def start(self, door=True, bound=True, carriers=None, routes=None, twilio=None, **of_account):
        settings = {"sid": SID, "auth_token": TOKEN, "allow_private": True,
                    "sms_url": self.url("/sms?from=hikyaku"),
                    "api_key": [{"sid": KEY, "secret": SECRET}],
                    "messaging_service": [{"sid": POOL, "senders": ["11111", "22222"]},
                                          {"sid": PATTERNS, "senders": ["333*"]}]}
        settings.update(twilio or {})
        of_account = {"senders": ["12345", "11111", "22222", "333*", "5050"], "numbers": ["5050"],
                      **of_account}
        configuration = default_configuration(carriers or [to_carrier(self.carrier.port)],
                                              [account(twilio=settings, **of_account)])
        if routes:
            configuration["route"] = routes
        if door:
            configuration["server.http"]["twilio"] = True
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        if bound:
            self.gateway.wait_bound()
        self.connect()

    def connect(self, **credentials):
        self.application.do("client", port=self.gateway.ports["http"], sid=SID,
                            **{"token": TOKEN, **credentials})
        self.application.expect("client")

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def create(self, **changes):
        fields = {name: value for name, value in {**MESSAGE, **changes}.items()
                  if value is not None}
        self.application.do("create", name="one", fields=fields)
        return self.application.expect("created", name="one")["message"]

    def fetch(self, sid):
        self.application.do("fetch", name=sid, sid=sid)
        return self.application.expect("fetched", name=sid)["message"]

    def wait_status(self, sid, status):
        return eventually(lambda: (lambda found: found if found["status"] == status else None)(
            self.fetch(sid)), f"{sid} is {status}")

    def refused(self, **changes):
        fields = {name: value for name, value in {**MESSAGE, **changes}.items()
                  if value is not None}
        self.application.do("create", name="refused", fields=fields)
        return self.of_failure(self.application.expect("failed", name="refused"))

    def of_failure(self, fault):
        self.assertEqual(fault["more_info"], f"https://www.twilio.com/docs/errors/{fault['code']}")
        self.assertTrue(fault["message"])
        return fault["status"], fault["code"]

    def ask(self, method, path, body=None, name=SID, secret=TOKEN, **headers):
        credentials = base64.b64encode(f"{name}:{secret}".encode()).decode()
        sent = {"Authorization": f"Basic {credentials}",
                **{each.replace("_", "-"): value for each, value in headers.items()}}
        if body is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return web.request(self.gateway.ports["http"], method, path, body, sent)

    def post(self, **fields):
        got = self.ask("POST", MESSAGES + ".json", urllib.parse.urlencode(fields))
        return got.status, got.json().get("code")

    def request(self, path, **fields):
        """The first request to the application with these fields; it is signed."""
        while True:
            got = self.application.expect("request", path=path)
            if all(got["fields"].get(name) == value for name, value in fields.items()):
                self.assertTrue(got["valid"], got)
                return got

    def test_off_unless_the_configuration_says_so(self):
        self.start(door=False)
        self.assertEqual(self.ask("GET", MESSAGES + ".json").status, 401,
                         "a path of the API like any other")

    def test_a_message_and_its_statuses(self):
        self.start()
        made = self.create(statusCallback=self.url("/status?id=42"), validityPeriod=600,
                           smartEncoded=True, provideFeedback=False, attempt=1)
        self.assertRegex(made["sid"], "^SM[0-9a-f]{32}$")
        self.assertEqual((made["accountSid"], made["to"], made["from"], made["body"]),
                         (SID, TO, "12345", MESSAGE["body"]))
        self.assertEqual((made["status"], made["direction"], made["numSegments"], made["numMedia"],
                          made["apiVersion"], made["errorCode"], made["price"]),
                         ("queued", "outbound-api", "1", "0", "2010-04-01", None, None))
        self.assertIsNotNone(made["dateCreated"])
        self.assertEqual(made["uri"], f"{MESSAGES}/{made['sid']}.json")
        for status in ("sent", "delivered"):
            told = self.request("/status", MessageStatus=status)
            self.assertEqual(told["method"], "POST")
            fields = told["fields"]
            self.assertEqual({name: fields[name] for name in ("MessageSid", "SmsSid", "AccountSid",
                                                              "SmsStatus", "From", "To",
                                                              "ApiVersion")},
                             {"MessageSid": made["sid"], "SmsSid": made["sid"], "AccountSid": SID,
                              "SmsStatus": status, "From": "12345", "To": TO,
                              "ApiVersion": "2010-04-01"})
            self.assertNotIn("ErrorCode", fields)
        found = self.wait_status(made["sid"], "delivered")
        self.assertEqual(found["body"], MESSAGE["body"])
        self.assertIsNotNone(found["dateSent"])
        self.assertEqual(found["uri"], made["uri"])

    def test_bad_ends(self):
        self.start()
        refused = self.create(to=TO[:-2] + "66", statusCallback=self.url("/refused"))
        told = self.request("/refused")
        self.assertEqual((told["fields"]["MessageStatus"], told["fields"]["ErrorCode"]),
                         ("failed", "30005"))
        found = self.wait_status(refused["sid"], "failed")
        self.assertEqual(found["errorCode"], 30005)
        self.assertTrue(found["errorMessage"])
        self.carrier.receipts = None
        lost = self.create(statusCallback=self.url("/lost"), body="lost")
        self.request("/lost", MessageStatus="sent")
        submitted = self.carrier.submissions.items()[-1]
        self.carrier.receipt(submitted, "REJECTD")
        told = self.request("/lost", MessageStatus="undelivered")
        self.assertEqual(told["fields"]["ErrorCode"], "30007")
        self.assertEqual(self.wait_status(lost["sid"], "undelivered")["errorCode"], 30007)

    def test_a_pool_of_senders(self):
        self.start()
        made = self.create(**{"from": None, "messagingServiceSid": POOL})
        self.assertEqual(made["status"], "accepted")
        self.assertIn(made["from"], ("11111", "22222"))
        self.assertEqual(made["messagingServiceSid"], POOL)
        again = self.create(**{"from": None, "messagingServiceSid": POOL})
        self.assertEqual(again["from"], made["from"])
        self.assertEqual(self.fetch(made["sid"])["messagingServiceSid"], POOL)

    def test_scheduled_and_canceled(self):
        self.start()
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        made = self.create(messagingServiceSid=POOL, scheduleType="fixed", sendAt=later,
                           statusCallback=self.url("/canceled"), **{"from": None})
        self.assertEqual(made["status"], "scheduled")
        self.assertEqual(self.fetch(made["sid"])["status"], "scheduled")
        self.application.do("update", name="cancel", sid=made["sid"], fields={"status": "canceled"})
        self.assertEqual(self.application.expect("updated")["message"]["status"], "canceled")
        self.request("/canceled", MessageStatus="canceled")
        self.assertEqual(self.fetch(made["sid"])["status"], "canceled")
        self.application.do("update", name="again", sid=made["sid"], fields={"status": "canceled"})
        self.assertEqual(self.of_failure(self.application.expect("failed", name="again")),
                         (409, 30409))
        self.application.do("update", name="redact", sid=made["sid"], fields={"body": ""})
        self.assertEqual(self.of_failure(self.application.expect("failed", name="redact")),
                         (400, 30400))
        self.application.do("remove", name="remove", sid=made["sid"])
        self.assertEqual(self.of_failure(self.application.expect("failed", name="remove")),
                         (405, 20004))

    def test_lists_and_pages(self):
        self.start()
        made = [self.create(to=TO[:-1] + str(i % 2), body=f"text {i}")["sid"] for i in range(5)]
        made.reverse()  # the newest first

        def listed(**fields):
            self.application.do("list", name="list", fields=fields)
            return [each["sid"] for each in self.application.expect("listed")["messages"]]

        self.assertEqual(listed(), made)
        self.assertEqual(listed(pageSize=2), made, "over three pages")
        self.assertEqual(listed(limit=3), made[:3])
        self.assertEqual(listed(to=TO[:-1] + "1"), [made[1], made[3]])
        self.assertEqual(listed(**{"from": "12345"}), made)
        self.assertEqual(listed(**{"from": "54321"}), [])
        hour = 3600
        now = time.time()
        stamps = {name: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + shift))
                  for name, shift in (("past", -hour), ("future", hour))}
        self.assertEqual(listed(dateSentAfter=stamps["past"]), made)
        self.assertEqual(listed(dateSentAfter=stamps["past"], dateSentBefore=stamps["future"]),
                         made)
        self.assertEqual(listed(dateSentAfter=stamps["future"]), [])
        self.assertEqual(listed(dateSentBefore=stamps["past"]), [])
        self.application.do("pages", name="pages", size=2)
        self.assertEqual(self.application.expect("paged")["pages"],
                         [made[:2], made[2:4], made[:2]])
        got = self.ask("GET", MESSAGES)
        self.assertEqual(got.headers["content-type"], "application/xml")
        self.assertEqual(got.body.count(b"<Message><Sid>SM"), 5)

    def test_replies_and_what_is_answered(self):
        self.start()
        self.application.do("answer", path="/sms", answers=[
            {"status": 500},
            {"messages": [{"text": "Thanks & bye", "action": "/told"},
                          {"text": "Told", "to": "+819099999999", "from": "12345",
                           "media": "https://x.example/a.png"}]},
            {"body": "OK"}])
        self.application.expect("answering")
        self.carrier.reply("first", "819012340000", "5050", "STOP please")
        fields = self.request("/sms")["fields"]
        self.assertRegex(fields["MessageSid"], "^SM[0-9a-f]{32}$")
        self.assertEqual(self.ask("GET", f"{MESSAGES}/{fields['MessageSid']}.json").status, 404)
        self.assertEqual({name: fields[name] for name in ("AccountSid", "To", "Body", "NumMedia",
                                                          "NumSegments", "SmsStatus")},
                         {"AccountSid": SID, "To": "5050", "Body": "STOP please", "NumMedia": "0",
                          "NumSegments": "1", "SmsStatus": "received"})
        again = self.request("/sms")["fields"]
        self.assertEqual(again, fields, "until it is answered with 2xx")
        sent = self.carrier.submissions.wait_count(2, "two answers")
        self.assertEqual({(each.source, each.destination, each.text) for each in sent},
                         {("5050", "819012340000", "Thanks & bye"),
                          ("12345", "819099999999", "Told")})
        for status in ("sent", "delivered"):
            self.request("/told", MessageStatus=status)
        eventually(lambda: "not supported" in "\n".join(self.gateway.program.error.items() +
                                                        self.gateway.program.out.items()),
                   "the log says what was not followed")
        self.carrier.reply("second", "819012340000", "5050", "more")
        self.request("/sms", Body="more")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="callback")
        self.assertEqual(len(self.carrier.submissions.items()), 2, "'OK' is no TwiML")

    def test_replies_by_get(self):
        self.start(twilio={"sms_method": "GET"})
        self.carrier.reply("one", "819012340000", "5050", "a+b & c")
        got = self.request("/sms", Body="a+b & c")
        self.assertEqual((got["method"], got["fields"]["from"]), ("GET", "hikyaku"))

    def test_who_may(self):
        self.start()
        self.connect(key=KEY, secret=SECRET)
        made = self.create()
        self.application.do("calls", name="calls")
        self.assertEqual(self.of_failure(self.application.expect("failed", name="calls")),
                         (404, 20404))
        self.connect(token="wrong")
        self.assertEqual(self.refused(), (401, 20003))
        got = self.ask("GET", MESSAGES + ".json", secret="wrong")
        self.assertEqual(got.headers["www-authenticate"], 'Basic realm="Twilio API"')
        other = MESSAGES.replace(SID, SID[:-1] + "0") + ".json"
        self.assertEqual(self.ask("GET", other).json()["code"], 20404)
        with_key = self.ask("POST", MESSAGES + ".json", urllib.parse.urlencode(
            {"To": TO, "From": "12345", "Body": "x"}), Idempotency_Key="k")
        again = self.ask("POST", MESSAGES + ".json", urllib.parse.urlencode(
            {"To": TO, "From": "12345", "Body": "x"}), Idempotency_Key="k")
        self.assertEqual(with_key.json()["sid"], again.json()["sid"])
        self.assertNotEqual(made["sid"], again.json()["sid"])
        log = "\n".join(self.gateway.program.error.items() + self.gateway.program.out.items())
        for secret in (TOKEN, SECRET):
            self.assertNotIn(secret, log)

    def test_errors_of_requests(self):
        """Every number of docs/twilio.md that a request alone can get."""
        self.start(routes=[{"name": "japan", "carrier": "sim", "prefixes": ["81"]},
                           {"name": "tagged", "carrier": "strict", "prefixes": ["8150"]}],
                   carriers=[to_carrier(self.carrier.port),
                             to_carrier(self.carrier.port, name="strict",
                                        tlv_rules=[{"action": "require", "tag": 0x1400}])])
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        in_pool = {"from": None, "messagingServiceSid": POOL}
        for changes, expected in (
                ({"to": "090"}, (400, 21211)), ({"from": "a^b"}, (400, 21212)),
                ({"to": "+4915112345678"}, (400, 21408)), ({"body": None}, (400, 21602)),
                ({"from": None}, (400, 21603)), ({"from": "99999"}, (400, 21606)),
                ({"statusCallback": "nothing"}, (400, 21609)),
                ({"to": "+815012345678"}, (400, 21612)), ({"body": "x" * 1601}, (400, 21617)),
                ({"validityPeriod": 36001}, (400, 21624)),
                ({"messagingServiceSid": POOL[:-1] + "f"}, (404, 21701)),
                ({"from": None, "messagingServiceSid": PATTERNS}, (400, 21703)),
                ({"messagingServiceSid": "MG1"}, (400, 21705)),
                ({**in_pool, "scheduleType": "fixed"}, (400, 35111)),
                ({**in_pool, "scheduleType": "fixed", "sendAt": "2020-01-01T00:00:00Z"},
                 (400, 35114)),
                ({"scheduleType": "fixed", "sendAt": later}, (400, 35118)),
                ({**in_pool, "sendAt": later}, (400, 35126)),
                ({"mediaUrl": ["https://x.example/a.png"]}, (400, 20001)),
                ({"contentSid": "HX1"}, (400, 20001)), ({"sendAsMms": True}, (400, 20001))):
            with self.subTest(**changes):
                self.assertEqual(self.refused(**changes), expected)
        self.assertEqual(self.post(From="12345", Body="x"), (400, 21604))
        self.assertEqual(self.carrier.submissions.items(), [])
        xml = self.ask("POST", MESSAGES, "From=12345")
        self.assertEqual((xml.status, xml.headers["content-type"]), (400, "application/xml"))
        self.assertIn(b"<RestException><Code>21604</Code>", xml.body)

    def test_errors_of_limits(self):
        self.start(rate={"per_second": "10/h", "burst": 10})
        self.create(body="x" * 1500)  # ten segments, all that may come at once
        self.assertEqual(self.refused(), (429, 20429))
        got = self.ask("POST", MESSAGES + ".json", urllib.parse.urlencode(
            {"To": TO, "From": "12345", "Body": "x"}))
        self.assertGreater(int(got.headers["retry-after"]), 0)

    def test_errors_of_a_full_queue(self):
        self.carrier.close()
        self.start(bound=False, queued_max=2)
        for _ in range(2):
            self.create()
        self.assertEqual(self.refused(), (429, 30001))


if __name__ == "__main__":
    unittest.main()
