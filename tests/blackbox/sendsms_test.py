"""The sendsms door as an application made for Kannel meets it: the same answers as Kannel's smsbox
gives to the same requests, reports and replies by URL, and what must survive a crash.
"""
import re
import time
import unittest
import urllib.parse

from support import smpp, web
from support.carrier import refusing_carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.kannel import kannel
from support.waiting import eventually
from support.webhooks import receiver

USER, PASSWORD = "tester", "foobar"  # as tests/support/kannel.py names its user
SECRET = "s3cret-never-logged"
TO = "819012340000"
MESSAGE = {"username": USER, "password": PASSWORD, "from": "12345", "to": TO, "text": "hello"}


class sendsms_test(unittest.TestCase):
    def setUp(self):
        self.carrier = refusing_carrier()
        self.addCleanup(self.carrier.close)
        self.web = receiver()
        self.addCleanup(self.web.close)

    def start(self, door=True, password=PASSWORD, log="debug", **sendsms):
        settings = {"username": USER, "password": password, "allow_private": True}
        settings.update(sendsms)
        configuration = default_configuration([to_carrier(self.carrier.port)],
                                              [account(sendsms=settings, numbers=["5050"])])
        if door:
            configuration["server.http"]["sendsms"] = True
        configuration["log"]["level"] = log
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        return self.gateway

    def ask(self, method="GET", query=None, headers=None, body=None, port=None):
        path = "/cgi-bin/sendsms" + ("?" + query if query is not None else "")
        got = web.request(port or self.gateway.ports["http"], method, path, body, headers or {})
        return got.status, got.body.decode("latin-1")

    def send(self, **changes):
        fields = {**MESSAGE, **{name.replace("_", "-"): value for name, value in changes.items()}}
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.ask(query=urllib.parse.urlencode(fields))

    def accepted(self, **changes):
        self.assertEqual(self.send(**changes), (202, "0: Accepted for delivery"))

    def dlr(self, name, more="&A=%A"):
        return f"http://127.0.0.1:{self.web.port}/dlr?name={name}&d=%d{more}"

    def reports(self, name, count):
        """The queries of the first `count` reports with this name, by their type."""
        def wanted(each):
            return each.path.startswith("/dlr?") and each.parameters["name"] == name
        got = self.web.deliveries.wait_count(count, f"{count} reports {name}", where=wanted)
        found = [each.parameters for each in got]
        return {each["d"]: each for each in found}

    def test_off_unless_the_configuration_says_so(self):
        self.start(door=False)
        self.assertEqual(self.send()[0], 401, "a path of the API like any other")
        self.assertEqual(self.carrier.submissions.items(), [])

    REQUESTS = [
        ("GET", {}), ("GET", {"password": "wrong"}), ("GET", {"username": "nobody"}),
        ("GET", {"username": None, "password": None, "user": USER, "pass": PASSWORD}),
        ("GET", {"to": None}), ("GET", {"to": ""}), ("GET", {"to": "abc"}), ("GET", {"text": None}),
        ("GET", {"text": ""}), ("GET", {"to": "+" + TO}), ("GET", {"to": TO + " 819012340001"}),
        ("GET", {"from": None}), ("GET", {"from": ""}), ("GET", {"dlr-mask": 99}),
        ("GET", {"dlr-mask": "abc"}), ("GET", {"dlr-mask": 1, "dlr-url": "notaurl"}),
        ("GET", {"dlr-mask": 1, "dlr-url": "ftp://127.0.0.1/"}), ("GET", {"coding": 7}),
        ("GET", {"coding": "abc"}), ("GET", {"mclass": 9}), ("GET", {"mclass": 0}),
        ("GET", {"mwi": 9}), ("GET", {"mwi": 1}), ("GET", {"alt-dcs": 9}), ("GET", {"validity": -5}),
        ("GET", {"validity": 5}), ("GET", {"deferred": -5}), ("GET", {"priority": 9}),
        ("GET", {"priority": 1}), ("GET", {"pid": 999}), ("GET", {"rpi": 9}),
        ("GET", {"compress": 9}), ("GET", {"charset": "nonsense"}), ("GET", {"udh": "zz"}),
        ("GET", {"udh": "\x06"}), ("GET", {"udh": "\x06\x05\x04\x15\x7f\x15\x7f"}),
        ("GET", {"account": "a" * 64}), ("GET", {"account": "a" * 65}),
        ("GET", {"text": "0B", "coding": 2}), ("GET", {"meta-data": "?smpp?x=y&"}),
        ("GET", {"binfo": "abcdefgh"}), ("GET", {"smsc": "nobody"}),
        ("POST", {}), ("POST", {"password": "wrong"}), ("POST", {"to": None}),
        ("POST", {"to": TO + " 819012340001"}), ("POST", {"udh": "06050415811581"}),
        ("POST", {"udh": "0605"}), ("POST", {"udh": "zz"}), ("POST", {"coding": 1}),
        ("POST", {"content": "text/plain; charset=ISO-8859-1"}),
        ("POST", {"content": "application/octet-stream"}), ("POST", {"content": "text/html"}),
        ("POST", {"content": "application/json"}),
        ("POST", {"content": "application/x-www-form-urlencoded"}),
        ("PUT", {}), ("DELETE", {}),
    ]

    def one_request(self, port, method, changes):
        fields = {name: str(value) for name, value in {**MESSAGE, **changes}.items()
                  if value is not None}
        if method == "POST":
            headers = {"X-Kannel-" + name: value for name, value in fields.items()
                       if name not in ("text", "content")}
            headers["Content-Type"] = fields.get("content", "text/plain")
            return self.ask("POST", None, headers, b"hello", port)
        return self.ask(method, urllib.parse.urlencode(fields), port=port)

    def test_the_same_answers_as_kannel(self):
        """Every request to Kannel's smsbox and to our door; the status and the text are equal."""
        self.start()
        box = kannel([{"smsc": "smpp", "smsc-id": "ours", "host": "127.0.0.1",
                       "port": self.gateway.ports["smpp"], "smsc-username": "app",
                       "smsc-password": "secret01", "system-type": "", "transceiver-mode": "true"}],
                     f"http://127.0.0.1:{self.web.port}/reply")
        self.addCleanup(box.close)
        box.start()
        box.wait_online()
        for method, changes in self.REQUESTS:
            with self.subTest(method=method, **changes):
                theirs = self.one_request(box.send_port, method, changes)
                ours = self.one_request(self.gateway.ports["http"], method, changes)
                self.assertEqual(ours, theirs)
        self.carrier.disconnect()
        self.carrier.close()
        self.gateway.wait_bound(0)
        self.assertEqual(self.send(), (202, "3: Queued for later delivery"))

    def test_texts_reach_the_carrier(self):
        self.start()
        rows = [({"text": "plain @ text"}, 0, b"plain \x00 text"),
                ({"text": "\u3042"}, 8, b"\x30\x42"),
                ({"text": "\u3042\u2019x", "coding": 0}, 0, b"??x"),
                ({"text": b"\x30\x42", "coding": 2}, 8, b"\x30\x42"),
                ({"text": b"\x01\x02\xff", "coding": 1}, 4, b"\x01\x02\xff"),
                ({"text": b"caf\xe9", "charset": "ISO-8859-1"}, 0, b"caf\x05"),
                ({"text": "m", "mwi": 1}, 0xD9, b"m"),
                ({"text": "a", "mclass": 1, "alt_dcs": 1}, 0xF1, b"a"),
                ({"text": b"\x01", "udh": b"\x06\x05\x04\x15\x81\x15\x81"}, 4,
                 b"\x06\x05\x04\x15\x81\x15\x81\x01")]
        for number, (fields, data_coding, octets) in enumerate(rows, 1):
            with self.subTest(**fields):
                self.accepted(**fields)
                got = self.carrier.submissions.wait_count(number, "the message")[-1]
                self.assertEqual((got.data_coding, got.octets), (data_coding, octets))
        self.accepted(text="x" * 300)
        parts = self.carrier.submissions.wait_count(len(rows) + 2, "two segments")[-2:]
        self.assertEqual([len(each.octets) for each in parts], [159, 153])

    def test_reports(self):
        began = int(time.time())
        self.start()
        self.accepted(dlr_mask=31, **{"from": "+49123456", "to": "00" + TO}, dlr_url=self.dlr(
            "good", "&A=%A&p=%p&P=%P&q=%q&Q=%Q&i=%i&F=%F&I=%I&n=%n&c=%c&T=%T&t=%t&x=%x"))
        good = self.reports("good", 2)
        self.assertEqual(sorted(good), ["1", "8"])
        carried = self.carrier.submissions.items()[0]
        self.assertEqual((carried.destination, carried.registered_delivery), (TO, 17))
        for report in good.values():
            self.assertEqual((report["p"], report["P"], report["q"], report["Q"]),
                             ("00" + TO, "+49123456", "+" + TO, "+49123456"))
            self.assertEqual((report["i"], report["F"], report["n"], report["c"], report["x"]),
                             ("sim", carried.message_id, USER, "-1", "%x"))
            self.assertTrue(began <= int(report["T"]) <= time.time())
            self.assertRegex(report["t"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(good["8"]["A"], "ACK/")
        self.assertRegex(good["1"]["A"], f"^id:{carried.message_id} sub:001 dlvrd:001 submit date:"
                                         r"\d{10} done date:\d{10} stat:DELIVRD err:000 text:")

        self.accepted(to="819012340066", dlr_mask=31, dlr_url=self.dlr("refused"))
        self.assertEqual(self.reports("refused", 1),
                         {"16": {"name": "refused", "d": "16",
                                 "A": "NACK/0x0000000b/ESME_RINVDSTADR"}})

        self.carrier.receipts = "UNDELIV"
        self.accepted(dlr_mask=31, dlr_url=self.dlr("undelivered"))
        failed = self.reports("undelivered", 2)
        self.assertEqual(sorted(failed), ["2", "8"])
        self.assertIn("stat:UNDELIV err:011", failed["2"]["A"])

        self.carrier.receipts = None
        self.accepted(dlr_mask=7, dlr_url=self.dlr("buffered"))
        held = self.carrier.submissions.wait_count(4, "the fourth")[-1]
        self.carrier.receipt(held, "ENROUTE")
        self.assertEqual(sorted(self.reports("buffered", 1)), ["4"])
        self.carrier.receipt(held, "DELIVRD")
        self.assertEqual(sorted(self.reports("buffered", 2)), ["1", "4"])
        self.gateway.wait_metric(0, "hikyaku_callback_running")

    def test_each_receiver_has_its_report(self):
        self.start()
        numbers = [f"81901234{i:04}" for i in range(20)]
        self.accepted(to=" ".join(numbers), dlr_mask=1, dlr_url=self.dlr("many", "&p=%p"))
        got = self.web.deliveries.wait_count(20, "20 reports")
        self.assertEqual(sorted(each.parameters["p"] for each in got), numbers)

    def test_replies(self):
        self.start(reply_url=f"http://127.0.0.1:{self.web.port}/mo?p=%p&P=%P&a=%a&k=%k&r=%r&c=%c"
                             "&d=%d&i=%i&n=%n")
        self.carrier.reply("one", "819012340000", "5050", "STOP  the ads & news")
        got = self.web.deliveries.wait(lambda each: True, "the reply").parameters
        self.assertEqual(got, {"p": "+819012340000", "P": "+5050", "a": "STOP the ads & news",
                               "k": "STOP", "r": "the ads & news", "c": "0", "d": "-1", "i": "sim",
                               "n": USER})

    def test_reports_survive_failures_and_kill_9(self):
        self.start()
        path = "/dlr?name=again&d=8&A=ACK%2F"
        self.web.answers[path] = [(500, {}), (404, {})]
        self.accepted(dlr_mask=8, dlr_url=self.dlr("again"))
        self.web.wait(path, 1)
        eventually(lambda: self.gateway.metric("hikyaku_deliveries_failed_total") == 1, "failed")
        self.gateway.kill()
        self.gateway.start()
        self.web.wait(path, 2)
        first, second, third = self.web.wait(path, 3)
        self.assertEqual([first.status, second.status, third.status], [500, 404, 200])
        self.assertGreaterEqual(third.at - second.at, 5.0)
        self.gateway.wait_metric(0, "hikyaku_callback_running")
        self.accepted()  # its 202 comes after the removal of the report is on disk
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()
        self.accepted(dlr_mask=8, dlr_url=self.dlr("last"))
        self.reports("last", 1)
        self.assertEqual(len(self.web.to(path)), 3, "what was answered is not requested again")

    def test_202_is_on_disk(self):
        self.carrier.respond = False
        self.start()
        for number in range(30):
            self.accepted(text=f"number {number}")
        self.gateway.kill()
        self.carrier.respond = True
        self.gateway.start()
        self.gateway.wait_bound()
        wanted = {f"number {number}" for number in range(30)}
        eventually(lambda: wanted <= {each.text for each in self.carrier.submissions.items()},
                   "all thirty at the carrier")

    def test_private_targets_are_not_reached(self):
        self.start(allow_private=False)
        self.accepted(dlr_mask=8, dlr_url=self.dlr("private"))
        eventually(lambda: self.gateway.metric("hikyaku_callback_refused_targets_total") >= 1,
                   "refused")
        self.assertEqual(self.web.deliveries.items(), [])

    def test_nothing_secret_is_logged(self):
        self.start(password=SECRET, log="trace")
        url = f"http://127.0.0.1:{self.web.port}/dlr?token=callback-{SECRET}&d=%d"
        self.assertEqual(self.send(password=SECRET, dlr_mask=31, dlr_url=url)[0], 202)
        self.assertEqual(self.send(password=SECRET + "x")[0], 403)
        self.assertEqual(self.ask("POST", None, {"X-Kannel-Username": USER,
                                                 "X-Kannel-Password": SECRET,
                                                 "Content-Type": "text/html"}, b"x")[0], 415)
        self.web.deliveries.wait_count(2, "both reports")
        self.assertEqual(self.gateway.stop(), 0)
        lines = self.gateway.logs + self.gateway.program.out.items()
        self.assertTrue(lines)
        self.assertEqual([line for line in lines if re.search(SECRET, line)], [])

    def test_guessers_are_locked_out(self):
        self.start()
        for _ in range(10):
            self.assertEqual(self.send(password="guess")[0], 403)
        self.assertEqual(self.send(), (403, "Authorization failed for sendsms"))
        self.gateway.wait_metric(1, "hikyaku_sendsms_locked_out_total")
        eventually(lambda: self.send()[0] == 202, "let in again after a while", interval=0.5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
