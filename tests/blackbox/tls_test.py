"""The same peers over TLS: node's smpp as application and as carrier, Net::SMPP through a tunnel.
(Kannel over TLS is in kannel_test.)
"""
import socket
import ssl
import unittest

from support.carrier import carrier
from support.certificates import self_signed
from support.gateway import (PASSWORD, SYSTEM_ID, default_configuration, folder, gateway,
                             to_carrier)
from support.peer import node, perl
from support.smpp import ESME_ROK, application, parse_receipt
from support.wire import recorder

FIELDS = {"source_addr": "4915112345", "source_addr_ton": 1, "source_addr_npi": 1,
          "destination_addr": "4917211111", "dest_addr_ton": 1, "dest_addr_npi": 1,
          "registered_delivery": 1}


class tls_application_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = folder()
        cls.addClassCleanup(cls.place.remove)
        cls.certificate, key = self_signed(cls.place.path)
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        settings = default_configuration([to_carrier(cls.carrier.port)])
        settings["server.smpp"].update({
            "tls_listen": ["127.0.0.1:0"],
            "tls": {"certificate": cls.certificate, "private_key": key}})
        cls.gateway = gateway(settings)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()

    def test_node(self):
        client = node("node_application.js")
        self.addCleanup(client.kill)
        client.do("connect", port=self.gateway.ports["smpps"], ca=self.certificate)
        client.expect("connected")
        client.do("bind", **{"as": "transceiver", "system_id": SYSTEM_ID, "password": PASSWORD})
        self.assertEqual(client.expect("bound")["status"], ESME_ROK)
        client.do("submit_many", count=100, window=20, first_destination=491720000000,
                  fields={name: value for name, value in FIELDS.items()
                          if name != "destination_addr"})
        answers = client.expect("submitted_many")["answers"]
        receipts = client.expect_count("deliver", 100)
        self.assertEqual({parse_receipt(each["text"])["id"] for each in receipts},
                         {each["id"] for each in answers})
        client.do("unbind")
        self.assertEqual(client.expect("unbound")["status"], ESME_ROK)

    def test_net_smpp(self):
        tunnel = recorder(self.gateway.ports["smpps"], ca=self.certificate)
        self.addCleanup(tunnel.close)
        client = perl("net_smpp_application.pl")
        self.addCleanup(client.kill)
        client.do("connect", port=tunnel.port)
        client.expect("connected")
        client.do("bind", **{"as": "transceiver", "system_id": SYSTEM_ID, "password": PASSWORD})
        self.assertEqual(client.expect("bind_resp")["status"], ESME_ROK)
        client.do("submit", fields={**FIELDS, "short_message": b"over TLS".hex()})
        answer = client.expect("submit_sm_resp")
        self.assertEqual(answer["status"], ESME_ROK)
        client.expect("deliver_sm", receipted_message_id=answer["message_id"])

    def test_nothing_older_than_1_2(self):
        for version, fits in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                              (ssl.TLSVersion.TLSv1_3, True)):
            context = ssl.create_default_context(cafile=self.certificate)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with self.subTest(version=version.name), \
                    socket.create_connection(("127.0.0.1", self.gateway.ports["smpps"])) as plain:
                if fits:
                    with context.wrap_socket(plain, server_hostname="localhost") as secured:
                        self.assertEqual(secured.version(),
                                         "TLSv1.2" if "1_2" in version.name else "TLSv1.3")
                else:
                    with self.assertRaises((ssl.SSLError, ConnectionError)):
                        context.wrap_socket(plain, server_hostname="localhost")


    def test_a_client_that_does_not_trust_us_is_named(self):
        context = ssl.create_default_context()
        with socket.create_connection(("127.0.0.1", self.gateway.ports["smpps"])) as plain:
            with self.assertRaises(ssl.SSLError):
                context.wrap_socket(plain, server_hostname="localhost")
        # Of this minute there may be a line already, about a client of another test.
        self.gateway.program.error.wait(
            lambda line: "a TLS handshake of an application failed" in line and "127.0.0.1" in line,
            "the failed handshake in the log")


class tls_carrier_test(unittest.TestCase):
    def start(self, **changes):
        place = folder()
        self.addCleanup(place.remove)
        self.certificate, key = self_signed(place.path)
        self.carrier = node("node_carrier.js", self.certificate, key)
        self.addCleanup(self.carrier.kill)
        port = self.carrier.expect("listening")["port"]
        self.gateway = gateway(default_configuration([to_carrier(
            port, hosts=[f"localhost:{port}"], tls=True, **changes)]))
        self.addCleanup(self.gateway.close)

    def test_node_as_carrier(self):
        self.start()
        self.gateway.configuration["carrier"][0]["tls_ca"] = self.certificate
        self.gateway.write_configuration()
        self.gateway.start()
        self.carrier.expect("bind")
        self.gateway.wait_bound()
        client = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        message_id = client.submit("4917211111", "over TLS")
        submitted = self.carrier.expect("submit")
        self.assertEqual(submitted["text"], "over TLS")
        self.carrier.do("respond", session=submitted["session"], sequence=submitted["sequence"],
                        message_id="77", status=0)
        self.gateway.wait_message(message_id, lambda found: found["status"] == "submitted",
                                  "the response")

    def test_a_certificate_that_nobody_trusts(self):
        self.start()
        self.gateway.start()
        self.gateway.program.error.wait(
            lambda line: "a bind to a carrier failed" in line and "self-signed" in line,
            "the refusal in the log")
        self.assertEqual(self.gateway.metric("hikyaku_carrier_binds_up", carrier="sim"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
