"""Kannel as an application: Debian's bearerbox, bound to the gateway as an SMPP client or sending to
it over HTTP, with its smsbox, which takes messages over HTTP and calls back for receipts and replies.
Kannel can't be told to pick a port, so free ones are looked for just before it starts.
"""
import urllib.parse

from support import web
from support.gateway import folder
from support.ports import free_ports
from support.program import needs, program
from support.waiting import HANGS_AFTER, eventually

ADMIN_PASSWORD = "kanneladmin"
USER = {"username": "tester", "password": "foobar"}


def _group(name, members):
    lines = [f"group = {name}"]
    for key, value in members.items():
        lines.append(f'{key} = "{value}"')
    return "\n".join(lines) + "\n"


class kannel:
    """`links` are the groups of its connections; `reply_url` what a reply is handed on with."""

    def __init__(self, links, reply_url):
        self.folder = folder()
        self.links = links
        self.reply_url = reply_url
        self.box = self.smsbox = None
        self.admin_port = self.send_port = None

    def start(self):
        needs("bearerbox", "smsbox")
        self.admin_port, smsbox_port, self.send_port = free_ports(3)
        log = {"log-level": 0}
        core = _group("core", {"admin-port": self.admin_port, "admin-password": ADMIN_PASSWORD,
                               "smsbox-port": smsbox_port, "box-allow-ip": "127.0.0.1", **log})
        smsbox = _group("smsbox", {"bearerbox-host": "127.0.0.1", "sendsms-port": self.send_port,
                                   "sendsms-interface": "127.0.0.1", **log})
        path = self.folder.file("kannel.conf", "\n".join([
            core, *(_group("smsc", each) for each in self.links), smsbox,
            _group("sendsms-user", {**USER, "concatenation": "true", "max-messages": 10}),
            _group("sms-service", {"keyword": "default", "get-url": self.reply_url,
                                   "catch-all": "true", "max-messages": 0, "concatenation": "true",
                                   "accept-x-kannel-headers": "true"})]))
        self.box = program(["bearerbox", path], "bearerbox")
        eventually(self._answers, "bearerbox listens")
        self.smsbox = program(["smsbox", path], "smsbox")
        eventually(lambda: "smsbox" in self.status() or None, "smsbox is connected")
        return self

    def _answers(self):
        try:
            return self.status()
        except OSError:
            if self.box.process.poll() is not None:
                raise AssertionError("\n".join(self.box.error.items()[-20:])) from None
            return None

    def status(self):
        got = web.request(self.admin_port, "GET", f"/status.txt?password={ADMIN_PASSWORD}")
        return got.body.decode("utf-8", "replace")

    def wait_online(self):
        eventually(lambda: self.status().count("(online") == len(self.links) or None,
                   "Kannel's links are online")

    def send(self, to, text, **parameters):
        """GET /cgi-bin/sendsms of smsbox: status and reply text."""
        query = urllib.parse.urlencode({**USER, "to": to, "text": text, **{
            name.replace("_", "-"): value for name, value in parameters.items()}})

        def ask():
            try:
                return web.request(self.send_port, "GET", "/cgi-bin/sendsms?" + query)
            except ConnectionRefusedError:
                return None
        got = eventually(ask, "smsbox takes a message")
        return got.status, got.body.decode()

    def stop(self, seconds=HANGS_AFTER):
        """As an operator: SIGTERM to both."""
        import signal
        for each in (self.smsbox, self.box):
            each.signal(signal.SIGTERM)
        for each in (self.smsbox, self.box):
            each.wait_end(seconds)

    def close(self):
        for each in (self.smsbox, self.box):
            if each is not None:
                each.kill()
        self.folder.remove()
