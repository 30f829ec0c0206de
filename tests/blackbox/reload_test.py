"""SIGHUP: certificates are read again while connections of both doors go on."""
import signal
import socket
import ssl
import unittest

from support.carrier import carrier
from support.certificates import self_signed
from support.gateway import default_configuration, folder, gateway, to_carrier
from support.waiting import HANGS_AFTER


class reload_test(unittest.TestCase):
    def setUp(self):
        self.place = folder()
        self.addCleanup(self.place.remove)
        self.certificate, self.key = self_signed(self.place.path, "server")
        upstream = carrier()
        self.addCleanup(upstream.close)
        settings = default_configuration([to_carrier(upstream.port)])
        tls = {"certificate": self.certificate, "private_key": self.key}
        for door in ("server.smpp", "server.http"):
            settings[door].update({"tls_listen": ["127.0.0.1:0"], "tls": dict(tls)})
        self.gateway = gateway(settings)
        self.addCleanup(self.gateway.close)
        self.gateway.start()

    def connect(self, door):
        """(socket, certificate shown in DER)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self.gateway.ports[door]), HANGS_AFTER)
        secured = context.wrap_socket(plain)
        self.addCleanup(secured.close)
        return secured, secured.getpeercert(binary_form=True)

    def reload_and_wait(self, line):
        before = len(self.gateway.program.error)
        self.gateway.program.signal(signal.SIGHUP)
        self.gateway.program.error.wait(lambda text: line in text, "the reload in the log",
                                        start=before)

    def test_new_handshakes_see_the_new_certificate_and_sessions_stay(self):
        old, shown = self.connect("smpps")
        _, shown_http = self.connect("https")
        self.assertEqual(shown, shown_http)
        self_signed(self.place.path, "server")
        self.assertEqual(self.connect("smpps")[1], shown)
        self.reload_and_wait("certificates of server.http are reloaded")
        renewed = self.connect("smpps")[1]
        self.assertNotEqual(renewed, shown)
        self.assertEqual(self.connect("https")[1], renewed)
        # enquire_link on the connection from before.
        old.sendall(bytes.fromhex("00000010000000150000000000000007"))
        self.assertEqual(old.recv(16).hex(), "00000010800000150000000000000007")

    def test_a_faulty_file_changes_nothing(self):
        _, shown = self.connect("smpps")
        with open(self.certificate, "w", encoding="ascii") as file:
            file.write("not a certificate\n")
        self.reload_and_wait("certificates of server.http are not reloaded")
        self.assertEqual(self.connect("smpps")[1], shown)
        self.assertEqual(self.connect("https")[1], shown)


if __name__ == "__main__":
    unittest.main(verbosity=2)
