"""Binds that do not come about: whatever the carrier does, the log says once at which stage and why,
the metrics count it, the admin page shows the last end, and all say so when the carrier is back.
"""
import json
import socket
import ssl
import threading
import time
import unittest

from support import smpp
from support.certificates import self_signed
from support.gateway import default_configuration, folder, gateway, to_carrier
from support.names import name_server
from support.waiting import eventually

FAILED = "a bind to a carrier failed"
OVER = "a bind to a carrier fails no more"
WORDS = smpp.tlv(0x001D, b"wrong password, ask \xffsales\0")
OUTBIND = 0x0000000B
COMES_BACK = ("closing", "silent", "garbage", "password")


def closing(link, _):
    link.close()


def silent(link, _):
    link.read()  # until the gateway has given up


def garbage(link, _):
    link.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    link.read()


def refusing(link, bind):
    link.send(smpp.encode(bind.command | smpp.RESPONSE, smpp.ESME_RINVPASWD, bind.sequence,
                          b"\0" + WORDS))
    link.read()


def accepting(link, bind):
    link.send(smpp.encode(bind.command | smpp.RESPONSE, 0, bind.sequence, b"smsc\0"))
    while (asked := link.read()) is not None:
        if asked.command in (smpp.ENQUIRE_LINK, smpp.UNBIND):
            link.send(smpp.encode(asked.command | smpp.RESPONSE, 0, asked.sequence))


class door:
    """Takes connections, reads the bind, and then does what `way` says; over TLS with a context."""

    def __init__(self, way, context=None):
        self.way = way
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected):
        try:
            if self._context is not None:
                connected = self._context.wrap_socket(connected, server_side=True)
            link = smpp.connection(connected=connected)
            if (bind := link.read()) is not None:
                self.way(link, bind)
            link.close()
        except (OSError, AssertionError):
            connected.close()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class bind_ends_test(unittest.TestCase):
    def open(self, *arguments):
        made = door(*arguments)
        self.addCleanup(made.close)
        return made

    def start(self, carriers, dns=None):
        configuration = default_configuration(carriers)
        if dns is not None:
            configuration["dns"] = {"servers": [dns.address]}
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.began = time.monotonic()
        self.gateway.start()

    def lines(self, message, carrier):
        found = [json.loads(line) for line in self.gateway.program.error.items()
                 if f'"{message}"' in line]
        return [each for each in found if each["carrier"] == carrier]

    def wait_line(self, message, carrier):
        return eventually(lambda: self.lines(message, carrier), f"{message}: {carrier}")[-1]

    def last_end(self, carrier):
        page = self.gateway.admin("/admin/carriers").json()["carriers"]
        return next(each["last_bind_end"] for each in page if each["name"] == carrier)

    def attempts(self, carrier, result):
        return self.gateway.metric("hikyaku_carrier_bind_attempts_total", carrier=carrier,
                                   result=result)

    def assert_end(self, carrier, stage, reason, port):
        """One line about it, though it happens again and again, counted, and shown."""
        line = self.wait_line(FAILED, carrier)
        self.assertEqual((line["level"], line["stage"], line["port"], line["times"]),
                         ("warning", stage, port, 1), line)
        self.assertIn(reason, line["reason"])
        eventually(lambda: self.attempts(carrier, stage) >= 3, f"{carrier}: three times")
        minutes = int((time.monotonic() - self.began) / 60)
        self.assertLessEqual(len(self.lines(FAILED, carrier)), 1 + minutes)
        end = self.last_end(carrier)
        self.assertEqual((end["stage"], end["port"], end["over"]), (stage, port or None, False))
        self.assertTrue(line["reason"].startswith(end["reason"]), (line, end))
        self.assertGreaterEqual(end["times"], 3)
        self.assertLessEqual(end["first"], end["last"])
        for other in ("bound", "resolve", "connect", "tls", "bind", "refused", "outbind", "own"):
            if other != stage:
                self.assertEqual(self.attempts(carrier, other), 0, f"{carrier} {other}")

    def test_each_end_has_its_stage_and_reason(self):
        place = folder()
        self.addCleanup(place.remove)
        certificate, key = self_signed(place.path)
        other, _ = self_signed(place.path, name="other.test", address="192.0.2.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        names = name_server(denied={"nobody.test"})
        self.addCleanup(names.close)
        nobody = socket.create_server(("127.0.0.1", 0))
        absent = nobody.getsockname()[1]
        nobody.close()
        doors = {"closing": self.open(closing), "silent": self.open(silent),
                 "garbage": self.open(garbage), "password": self.open(refusing),
                 "distrusted": self.open(closing, context), "misnamed": self.open(closing, context)}
        expected = {
            "absent": ("connect", "Connection refused", absent),
            "nameless": ("resolve", "no address of this name", 2775),
            "distrusted": ("tls", "certificate", doors["distrusted"].port),
            "misnamed": ("tls", "not made out for smsc.test", doors["misnamed"].port),
            "closing": ("bind", "closed after the bind was sent", doors["closing"].port),
            "silent": ("bind", "no answer to the bind within 1s", doors["silent"].port),
            "garbage": ("bind", "what came is not SMPP", doors["garbage"].port),
            "password": ("refused", "ESME_RINVPASWD: wrong password, ask \uFFFDsales",
                         doors["password"].port)}
        changes = {"nameless": {"hosts": ["nobody.test:2775"]}, "silent": {"bind_timeout": "1s"},
                   "distrusted": {"tls": True, "tls_ca": other},
                   "misnamed": {"tls": True, "tls_ca": certificate,
                                "tls_server_name": "smsc.test"}}
        self.start([to_carrier(port, name=name, **changes.get(name, {}))
                    for name, (_, _, port) in expected.items()], names)
        for name, (stage, reason, port) in expected.items():
            with self.subTest(name):
                self.assert_end(name, stage, reason, port)
        self.assertEqual(self.last_end("password")["carrier_says"],
                         "wrong password, ask \uFFFDsales")
        self.assertIsNone(self.last_end("closing")["carrier_says"])
        # They come back.
        for name in COMES_BACK:
            doors[name].way = accepting
        for name in COMES_BACK:
            with self.subTest(name):
                self.gateway.wait_bound(carrier=name)
                line = self.wait_line(OVER, name)
                self.assertGreaterEqual(line["times"], 3)
                self.assertEqual(line["times"], self.attempts(name, expected[name][0]))
                self.assertTrue(self.last_end(name)["over"])
                self.assertEqual(self.attempts(name, "bound"), 1)
        self.assertEqual(self.lines(OVER, "absent"), [])
        self.assertEqual(self.gateway.stop(), 0)

    def test_a_carrier_that_only_calls(self):
        main = self.open(accepting)
        caller = to_carrier(0, name="caller", bind="receiver", outbind_listen="127.0.0.1:0",
                            outbind_system_id="smsc", outbind_password="knock")
        del caller["hosts"]
        self.start([to_carrier(main.port), caller])
        port = self.wait_line("listening for outbind", "caller")["port"]

        def call(password):
            link = smpp.connection(port)
            self.addCleanup(link.close)
            link.send(smpp.encode(OUTBIND, 0, 1, smpp.cstring("smsc") + smpp.cstring(password)))
            return link
        for _ in range(3):
            self.assertIsNone(call("guess").read())
        self.assert_end("caller", "outbind", "wrong credentials", 0)
        self.assertEqual(self.last_end("caller")["host"], "127.0.0.1")
        link = call("knock")
        bind = link.read()
        self.assertEqual(bind.command, smpp.BIND_RECEIVER)
        link.send(smpp.encode(bind.command | smpp.RESPONSE, 0, bind.sequence, b"smsc\0"))
        self.gateway.wait_bound(carrier="caller")
        self.assertEqual(self.wait_line(OVER, "caller")["times"], 3)
        link.send(smpp.encode(smpp.DELIVER_SM, 0, 7, smpp.message_body(
            "4917270000", "Shop", b"STOP")))
        answer = link.read()
        self.assertEqual((answer.command, answer.status, answer.sequence),
                         (smpp.DELIVER_SM | smpp.RESPONSE, 0, 7))


if __name__ == "__main__":
    unittest.main(verbosity=2)
