"""Kannel as an application on our SMPP server, in both of its bind styles, over TCP and TLS: messages,
receipts and replies, long texts both ways, and a restart of ours in the middle. And Kannel as a user
of the sendsms door, with its own HTTP link for other Kannels.
"""
import unittest
import urllib.parse

from support import smpp
from support.carrier import carrier
from support.certificates import self_signed
from support.gateway import (PASSWORD, SYSTEM_ID, account, default_configuration, folder, gateway,
                             to_carrier)
from support.kannel import kannel
from support.ports import free_ports
from support.webhooks import receiver

FROM, TO = "4915112345", "4917211111"
LONG = "All this is one message, " * 12  # 300 characters: two segments


class kannel_application(unittest.TestCase):
    """One gateway, one Kannel, one web server that Kannel calls."""

    def begin(self, links, tls=False, accounts=None, **server):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        settings = default_configuration([to_carrier(self.carrier.port)], accounts or
                                         [account(numbers=[FROM])])
        if tls:
            place = folder()
            self.addCleanup(place.remove)
            certificate, key = self_signed(place.path)
            settings["server.smpp"].update({
                "tls_listen": ["127.0.0.1:0"],
                "tls": {"certificate": certificate, "private_key": key}})
        for name, members in server.items():
            settings[name.replace("_", ".")].update(members)
        self.gateway = gateway(settings)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        self.web = receiver()
        self.addCleanup(self.web.close)
        self.url = f"http://127.0.0.1:{self.web.port}"
        self.kannel = kannel(links(self.gateway.ports), self.url + "/reply?from=%p&to=%P&text=%b"
                             "&coding=%c&udh=%u")
        self.addCleanup(self.kannel.close)
        self.kannel.start()

    def callback(self, path, **wanted):
        """The query of the first request of Kannel to this path with these members."""
        def fits(each):
            parts = urllib.parse.urlsplit(each.path)
            query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
            return parts.path == path and wanted.items() <= query.items()
        got = self.web.deliveries.wait(fits, f"{path} {wanted}")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(got.path).query,
                                           keep_blank_values=True))

    def dlr_url(self, name):
        return f"{self.url}/dlr?name={name}&type=%d&id=%F&answer=%A"

    def send(self, name, text, mask=31, **parameters):
        status, said = self.kannel.send(TO, text, **{"from": FROM, "dlr-mask": mask,
                                                     "dlr-url": self.dlr_url(name), **parameters})
        self.assertEqual(status, 202, said)

    def check_messages_receipts_replies(self, receipts_later=False):
        """`receipts_later`: not before Kannel has told that it has the response. It reads its two
        connections in two threads; a receipt that overtakes the response finds nothing in its
        table, is acknowledged and gone. Other carriers take seconds."""
        self.kannel.wait_online()
        if receipts_later:
            self.carrier.receipts = None

        def receipts_of(*submissions):
            for each in submissions if receipts_later else ():
                self.carrier.receipt(each, "DELIVRD")

        self.send("short", "Invoice 42 is due @ noon")
        arrived = self.carrier.submissions.wait(lambda each: True, "the message")
        self.assertEqual((arrived.text, arrived.source, arrived.destination),
                         ("Invoice 42 is due @ noon", FROM, TO))
        accepted = self.callback("/dlr", name="short", type="8")
        receipts_of(arrived)
        delivered = self.callback("/dlr", name="short", type="1")
        self.assertEqual(delivered["id"], accepted["id"], "the id of the response, in the receipt")
        self.assertIn("stat:DELIVRD", delivered["answer"])

        self.send("long", LONG)
        parts = self.carrier.submissions.wait_count(3, "two segments more")[1:]
        self.assertEqual("".join(each.text for each in sorted(parts, key=lambda p: p.header[5])),
                         LONG)
        self.callback("/dlr", name="long", type="8")
        receipts_of(*parts)
        self.callback("/dlr", name="long", type="1")

        self.send("unicode", "Rechnung fällig → 10 €", charset="UTF-8", coding=2)
        arrived = self.carrier.submissions.wait_count(4, "the one in UCS-2")[3]
        self.assertEqual((arrived.text, arrived.data_coding), ("Rechnung fällig → 10 €", 8))

        self.carrier.reply("reply 1", TO, FROM, "I will pay")
        reply = self.callback("/reply", text="I will pay")
        self.assertEqual((reply["from"], reply["to"]), ("+" + TO, "+" + FROM))  # by their TON
        # Kannel puts the parts together itself; we hand them on as the carrier sent them.
        for number, text in ((2, b"next week"), (1, b"I will pay ")):
            self.carrier.reply(f"part {number}", TO, FROM, bytes([5, 0, 3, 7, 2, number]) + text,
                               esm_class=0x40)
        self.callback("/reply", text="I will pay next week")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")


def link(**members):
    return {"smsc": "smpp", "smsc-id": "ours", "host": "127.0.0.1", "smsc-username": SYSTEM_ID,
            "smsc-password": PASSWORD, "system-type": "VMA", "reconnect-delay": 1,
            "enquire-link-interval": 5, **members}


def transceiver(port, **members):
    return [link(port=port, **{"transceiver-mode": "true"}, **members)]


def pair(port, **members):
    """A transmitter and a receiver: two groups with one smsc-id."""
    return [link(port=port, **members), link(**{"receive-port": port}, **members)]


class kannel_smpp_test(kannel_application):
    def test_transceiver(self):
        self.begin(lambda ports: transceiver(ports["smpp"]))
        self.check_messages_receipts_replies()

    def test_transmitter_and_receiver(self):
        self.begin(lambda ports: pair(ports["smpp"]))
        self.check_messages_receipts_replies(receipts_later=True)

    def test_transceiver_over_tls(self):
        self.begin(lambda ports: transceiver(ports["smpps"], **{"use-ssl": "true"}), tls=True)
        self.check_messages_receipts_replies()

    def test_transmitter_and_receiver_over_tls(self):
        self.begin(lambda ports: pair(ports["smpps"], **{"use-ssl": "true"}), tls=True)
        self.check_messages_receipts_replies(receipts_later=True)

    def test_versions_of_the_protocol(self):
        for version in ("33", "34"):
            with self.subTest(version=version):
                self.begin(lambda ports: pair(ports["smpp"], **{"interface-version": version}))
                self.kannel.wait_online()
                self.carrier.receipts = None
                self.send("v" + version, "version " + version)
                arrived = self.carrier.submissions.wait(lambda each: True, "the message")
                accepted = self.callback("/dlr", name="v" + version, type="8")
                self.carrier.receipt(arrived, "DELIVRD")
                delivered = self.callback("/dlr", name="v" + version, type="1")
                self.assertEqual(delivered["id"], accepted["id"])
                self.assertLessEqual(len(accepted["id"]), 8 if version == "33" else 64)

    def test_a_long_code(self):
        """Its pattern has three characters for err; what does not fit it finds by the names."""
        self.begin(lambda ports: transceiver(ports["smpp"]))
        self.kannel.wait_online()
        self.carrier.receipts = None
        for name, stat, err, kind in (("number", "UNDELIV", "2050", "2"),
                                      ("hexadecimal", "UNDELIV", "0x0A", "2"),
                                      ("word", "NOCRED", "ABSENTSUBSCRIBER", "2"),
                                      ("success", "DELIVERED", "0", "1")):
            with self.subTest(name):
                before = len(self.carrier.submissions)
                self.send(name, "code " + name)
                arrived = self.carrier.submissions.wait(lambda each: True, "a message",
                                                        start=before)
                accepted = self.callback("/dlr", name=name, type="8")
                text = f"id:{arrived.message_id} sub:001 dlvrd:000 submit date:2601010000 " \
                       f"done date:2601010000 stat:{stat} err:{err} text:"
                self.carrier.deliver(name, smpp.message_body(TO, FROM, text.encode(), esm_class=4))
                told = self.callback("/dlr", name=name, type=kind)
                self.assertEqual(told["id"], accepted["id"])
                self.assertIn(f" err:{err} ", told["answer"])

    def test_our_restart_in_the_middle(self):
        # A port that nobody else is given while the gateway is away.
        port, = free_ports(1)
        self.begin(lambda ports: transceiver(port),
                   server_smpp={"listen": [f"127.0.0.1:{port}"]})
        self.kannel.wait_online()
        self.carrier.receipts = None
        self.send("before", "before the restart")
        arrived = self.carrier.submissions.wait(lambda each: True, "the message")
        accepted = self.callback("/dlr", name="before", type="8")
        # Only an answer that is stored lets the receipt find its message after the kill. The status
        # is told as soon as it is known.
        self.gateway.wait_message(accepted["id"], lambda m: m["status"] == "submitted", "known")
        self.gateway.wait_metric(0, "hikyaku_store_pending_bytes")
        self.gateway.kill()
        self.gateway.start()
        self.carrier.receipt(arrived, "DELIVRD")
        self.callback("/dlr", name="before", type="1")
        self.send("after", "after the restart")
        self.carrier.submissions.wait(lambda each: each.text == "after the restart", "the second")


class kannel_http_test(kannel_application):
    """Kannel's link for other Kannels (smsc = http, system-type = kannel) on our sendsms door."""

    def test_messages_and_receipts(self):
        self.begin(
            lambda ports: [{"smsc": "http", "smsc-id": "ours", "system-type": "kannel",
                           "send-url": f"http://127.0.0.1:{ports['http']}/cgi-bin/sendsms",
                           "port": self.reserve(), "connect-allow-ip": "127.0.0.1",
                           "smsc-username": "kannel", "smsc-password": "door1234",
                           # Kannel asks for credentials here too, and appends its own fields.
                           "dlr-url": f"http://127.0.0.1:{self.http_port}/dlr?username=kannel"
                                      "&password=door1234"}],
            accounts=[account(numbers=[FROM], sendsms={
                "username": "kannel", "password": "door1234", "allow_private": True})],
            server_http={"sendsms": True})
        self.kannel.wait_online()
        self.send("http", "through the door")
        arrived = self.carrier.submissions.wait(lambda each: True, "the message")
        self.assertEqual((arrived.text, arrived.source, arrived.destination),
                         ("through the door", FROM, TO))
        self.callback("/dlr", name="http", type="1")

    def reserve(self):
        self.http_port, = free_ports(1)
        return self.http_port


if __name__ == "__main__":
    unittest.main(verbosity=2)
