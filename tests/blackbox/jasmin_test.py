"""The Jasmin door as an application made for Jasmin meets it. The client and the receiver are
written from Jasmin's documentation, because no package of them is known: requests by GET, form and
JSON, each error that a client can cause, reports of each level, and replies.
"""
import json
import unittest
import urllib.parse

from support import smpp, web
from support.carrier import refusing_carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.waiting import eventually
from support.webhooks import receiver

USER, PASSWORD = "foo", "bar"
SECRET = "s3cret-never-logged"
TO = "819012340000"
FORM = "application/x-www-form-urlencoded"
CANNOT_SEND = "Cannot send submit_sm, check SMPPClientManagerPB log file for details"


class jasmin_test(unittest.TestCase):
    def setUp(self):
        self.carrier = refusing_carrier()
        self.addCleanup(self.carrier.close)
        self.web = receiver()
        self.web.words = b"ACK/Jasmin"
        self.addCleanup(self.web.close)

    def start(self, door=True, password=PASSWORD, log="debug", accounts=None, **jasmin):
        settings = {"username": USER, "password": password, "allow_private": True}
        settings.update(jasmin)
        configuration = default_configuration(
            [to_carrier(self.carrier.port)],
            [account(jasmin=settings, numbers=["5050"], **(accounts or {}))])
        if door:
            configuration["server.http"]["jasmin"] = True
        configuration["log"]["level"] = log
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        return self.gateway

    def ask(self, path, fields=None, method="GET", content_type=FORM):
        """As a client does it: status and body."""
        headers, body = {}, None
        if fields is not None and method == "GET":
            path += "?" + urllib.parse.urlencode(fields)
        elif fields is not None:
            headers["Content-Type"] = content_type
            body = (json.dumps(fields) if content_type == "application/json"
                    else urllib.parse.urlencode(fields))
        got = web.request(self.gateway.ports["http"], method, path, body, headers)
        return got.status, got.body.decode("utf-8")

    def message(self, **changes):
        fields = {"username": USER, "password": PASSWORD, "from": "12345", "to": TO,
                  "content": "hello"}
        fields.update({name if name == "custom_tlvs" else name.replace("_", "-"): value
                       for name, value in changes.items()})
        return {name: value for name, value in fields.items() if value is not None}

    def send(self, method="GET", content_type=FORM, **changes):
        return self.ask("/send", self.message(**changes), method, content_type)

    def sent(self, **how):
        """The id of an accepted message."""
        status, body = self.send(**how)
        self.assertEqual(status, 200, body)
        self.assertRegex(body, r'^Success "\d+"$')
        return body.split('"')[1]

    def refused(self, status, words, **how):
        self.assertEqual(self.send(**how), (status, f'Error "{words}"'))

    def dlr(self, name):
        return f"http://127.0.0.1:{self.web.port}/dlr?name={name}"

    def reports(self, name, count):
        """The first `count` reports with this name."""
        return self.web.deliveries.wait_count(count, f"{count} reports {name}",
                                            where=lambda each: each.parameters["name"] == name)

    def test_off_unless_the_configuration_says_so(self):
        self.start(door=False)
        self.assertEqual(self.send()[0], 401, "a path of the API like any other")
        self.assertEqual(self.ask("/ping")[0], 401)
        self.assertEqual(self.carrier.submissions.items(), [])

    def test_in_each_way_of_asking(self):
        self.start()
        self.sent(content="by query")
        self.sent(method="POST", content="by form é")
        self.sent(method="POST", content_type="application/json", content="by object")
        self.sent(content=None, hex_content="0623063106460628", coding=8)
        self.sent(content="日本".encode("utf-16-be"), coding=8)
        self.sent(content="x" * 300)
        got = self.carrier.submissions.wait_count(7, "six messages, one of two segments")
        octets = [each.octets for each in got]
        self.assertEqual(octets[0], b"by query")
        self.assertEqual(octets[1], b"by form \x05")
        self.assertEqual(octets[2], b"by object")
        self.assertEqual(octets[3].hex(), "0623063106460628")
        self.assertEqual(octets[4], "日本".encode("utf-16-be"))
        self.assertEqual([each.data_coding for each in got[3:5]], [8, 8])
        self.assertEqual(self.ask("/ping"), (200, "Jasmin/PONG"))
        credentials = {"username": USER, "password": PASSWORD}
        for method in ("GET", "POST"):
            status, body = self.ask("/rate", self.message(content="x" * 300), method)
            self.assertEqual((status, json.loads(body)),
                             (200, {"submit_sm_count": 2, "unit_rate": 0}))
            status, body = self.ask("/balance", credentials, method)
            self.assertEqual((status, json.loads(body)),
                             (200, {"balance": "ND", "sms_count": "ND"}))

    def test_each_error_that_a_request_can_cause(self):
        self.start(accounts={"parts_max": 2, "senders": ["12345"]})
        invalid = "Argument [{}] has an invalid value: [{}]."
        for status, words, how in [
                (400, "Mandatory argument [to] is not found.", {"to": None}),
                (400, "Mandatory argument [username] is not found.", {"username": None}),
                (400, "Mandatory argument [password] is not found.", {"password": None}),
                (400, "Argument [colour] is unknown.", {"colour": "red"}),
                (400, invalid.format("to", "abc"), {"to": "abc"}),
                (400, invalid.format("to", "0901"), {"to": "0901"}),
                (400, invalid.format("from", "\ufffd"), {"from": "\x01"}),
                (400, invalid.format("coding", "11"), {"coding": "11"}),
                (400, invalid.format("priority", "5"), {"priority": "5"}),
                (400, invalid.format("sdt", "soon"), {"sdt": "soon"}),
                (400, invalid.format("sdt", "991399000000000+"), {"sdt": "991399000000000+"}),
                (400, invalid.format("validity-period", "0"), {"validity_period": "0"}),
                (400, invalid.format("dlr-url", "app"), {"dlr_url": "app"}),
                (400, invalid.format("dlr-level", "4"), {"dlr_level": "4"}),
                (400, invalid.format("dlr-method", "PUT"), {"dlr_method": "PUT"}),
                (400, invalid.format("tags", "1,2"), {"tags": "1,2"}),
                (400, invalid.format("custom_tlvs", "{}]"), {"custom_tlvs": "{}]"}),
                (400, "content or hex-content not present.", {"content": None}),
                (400, "content and hex-content cannot be used both in same request.",
                 {"hex_content": "00"}),
                (400, "Invalid hex-content data: 'xy'", {"content": None, "hex_content": "xy"}),
                (400, "Argument [content] does not fit its coding.", {"content": b"\xff"}),
                (400, "Authorization failed for user [foo] (Long content not authorized).",
                 {"content": "x" * 320}),
                (400, "Value filter failed for user [foo] (source_address filter mismatch).",
                 {"from": "54321"}),
                (403, "Authentication failure for username:foo", {"password": "wrong"}),
                (403, "Authentication failure for username:who", {"username": "who"})]:
            with self.subTest(words=words):
                self.refused(status, words, **how)
        self.assertEqual(self.ask("/balance"), (
            400, '"Mandatory arguments not found, please refer to the HTTPAPI specifications."'))
        self.assertEqual(self.send("POST", "multipart/form-data; boundary=x"),
                         (415, 'Error "Unsupported Media Type"'))
        got = web.request(self.gateway.ports["http"], "POST", "/send", "[1]",
                          {"Content-Type": "application/json"})
        self.assertEqual((got.status, got.body), (400, b'Error "The body is no valid JSON object."'))
        got = web.request(self.gateway.ports["http"], "PUT", "/send", "")
        self.assertEqual((got.status, got.headers["allow"]), (405, "GET, POST"))
        self.assertEqual(self.carrier.submissions.items(), [])

    def test_refused_for_the_rate_and_the_route(self):
        self.start(accounts={"rate": {"per_second": "1/h", "burst": 1},
                             "parts_max": 1})
        self.sent()
        self.refused(403, "User throughput exceeded")
        self.gateway.close()
        configuration = default_configuration(
            [to_carrier(self.carrier.port)],
            [account(jasmin={"username": USER, "password": PASSWORD})])
        configuration["server.http"]["jasmin"] = True
        for route in configuration["route"]:
            route["prefixes"] = ["44"]
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        self.refused(412, "No route found")
        self.assertEqual(self.ask("/rate", self.message()), (412, '"No route found"'))

    def test_too_many_wrong_passwords(self):
        self.start()
        for _ in range(10):
            self.refused(403, "Authentication failure for username:foo", password="wrong")
        self.refused(403, "Authentication failure for username:foo")
        self.gateway.wait_metric(1, "hikyaku_jasmin_locked_out_total")
        self.gateway.wait_metric(11, "hikyaku_jasmin_unauthorized_total")
        self.assertEqual(self.carrier.submissions.items(), [])

    def test_reports_of_each_level_by_get_and_post(self):
        self.start()
        ids = {level: self.sent(dlr_url=self.dlr(f"level {level}"), dlr_level=level,
                                dlr_method="GET" if level == 2 else "POST")
               for level in (1, 2, 3)}
        carried = {}
        for each in self.carrier.submissions.wait_count(3, "the messages"):
            carried[len(carried) + 1] = each.message_id
        one, = self.reports("level 1", 1)
        self.assertEqual(one.method, "POST")
        self.assertEqual(one.parameters, {"name": "level 1", "id": ids[1], "level": "1",
                                          "message_status": "ESME_ROK", "connector": "sim"})
        two, = self.reports("level 2", 1)
        self.assertEqual(two.method, "GET")
        self.assertRegex(two.parameters.pop("subdate"), r"^\d{10}$")
        self.assertRegex(two.parameters.pop("donedate"), r"^\d{10}$")
        self.assertEqual(two.parameters,
                         {"name": "level 2", "id": ids[2], "level": "2",
                          "message_status": "DELIVRD", "connector": "sim", "id_smsc": carried[2],
                          "sub": "001", "dlvrd": "001", "err": "000", "text": ""})
        both = [each.parameters for each in self.reports("level 3", 2)]
        self.assertEqual({(each["level"], each["message_status"], each["id"]) for each in both},
                         {("1", "ESME_ROK", ids[3]), ("2", "DELIVRD", ids[3])})
        self.gateway.wait_metric(4, "hikyaku_deliveries_total", way="callback")

    def test_reports_of_what_is_not_delivered(self):
        self.start()
        for level in (1, 2, 3):
            self.sent(to="819012340066", dlr_url=self.dlr(f"refused {level}"), dlr_level=level)
        words = [self.reports(f"refused {level}", 1)[0].parameters["message_status"]
                 for level in (1, 2, 3)]
        self.assertEqual(words, ["ESME_RINVDSTADR", "REJECTD", "ESME_RINVDSTADR"])
        self.carrier.receipts = "UNDELIV"
        self.sent(dlr_url=self.dlr("failed"), dlr_level=2)
        failed, = self.reports("failed", 1)
        self.assertEqual((failed.parameters["message_status"], failed.parameters["err"],
                          failed.parameters["dlvrd"]), ("UNDELIV", "011", "000"))

    def test_a_report_comes_again_until_it_is_acknowledged(self):
        """The words of the answer count, and a kill -9 in between changes nothing."""
        self.web.words = b"thanks"
        self.start()
        sent = self.sent(dlr_url=self.dlr("again"))
        first, = self.reports("again", 1)
        self.assertEqual(first.parameters["id"], sent)
        eventually(lambda: self.gateway.metric("hikyaku_deliveries_failed_total") == 1, "failed")
        self.gateway.kill()
        self.web.words = b" ACK/Jasmin\r\n"
        self.gateway.start()
        self.gateway.wait_bound()
        again = self.reports("again", 2)[1]
        self.assertEqual(again.parameters, first.parameters)
        self.gateway.wait_metric(0, "hikyaku_callback_running")
        self.sent()  # its answer comes after the removal of the report is on disk
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()
        self.sent(dlr_url=self.dlr("last"))
        self.reports("last", 1)
        names = [each.parameters["name"] for each in self.web.deliveries.items()]
        self.assertEqual(names, ["again", "again", "last"])

    def test_replies(self):
        self.start(reply_url=f"http://127.0.0.1:{self.web.port}/mo?key=1", reply_method="POST")
        self.carrier.reply("one", "819012345678", "5050", "STOP now")
        got = self.web.deliveries.wait(lambda each: True, "the reply")
        self.assertEqual((got.method, got.path), ("POST", "/mo?key=1"))
        self.assertRegex(got.parameters.pop("id"), r"^\d+$")
        self.assertEqual(got.parameters, {"key": "1", "from": "819012345678", "to": "5050",
                                          "origin-connector": "sim", "coding": "0",
                                          "content": "STOP now", "binary": b"STOP now".hex()})

    def test_nothing_secret_is_logged(self):
        self.start(password=SECRET, log="trace")
        url = self.dlr(f"token-{SECRET}")
        self.sent(password=SECRET, dlr_url=url, dlr_level=3)
        self.refused(403, "Authentication failure for username:foo", password=SECRET + "x")
        self.web.deliveries.wait_count(2, "both reports")
        self.assertEqual(self.gateway.stop(), 0)
        lines = self.gateway.logs + self.gateway.program.out.items()
        self.assertTrue(lines)
        self.assertEqual([line for line in lines if SECRET in line], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
