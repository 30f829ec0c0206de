"""A name server on loopback: answers the names it has an address for, denies some, and is silent
about everything else.
"""
import socket
import struct
import threading

from support.waiting import journal

A, AAAA = 1, 28


class name_server:
    """`addresses` has IPv4 addresses by name; a name in `denied` does not exist. `silent` True: no
    answer to anybody. `asked` holds each name that was asked for."""

    def __init__(self, addresses=None, denied=()):
        self.addresses = dict(addresses or {})
        self.denied = set(denied)
        self.silent = False
        self.asked = journal()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def _serve(self):
        while True:
            message, peer = self._socket.recvfrom(4096)
            if not self._open:
                return
            labels, at = [], 12
            while message[at]:
                labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1"))
                at += 1 + message[at]
            kind, = struct.unpack(">H", message[at + 1:at + 3])
            name = ".".join(labels).lower()
            reply = self._answer(message[:2], message[12:at + 5], name, kind)
            if reply is not None:
                self._socket.sendto(reply, peer)
            self.asked.add(name)

    def _answer(self, number, question, name, kind):
        if self.silent or (name not in self.addresses and name not in self.denied):
            return None
        code = 3 if name in self.denied else 0
        found = b""
        if code == 0 and kind == A:
            found = struct.pack(">HHHIH", 0xC00C, A, 1, 60, 4) + \
                socket.inet_aton(self.addresses[name])
        counts = struct.pack(">HHHHH", 0x8180 | code, 1, 1 if found else 0, 0, 0)
        return number + counts + question + found

    def wait_asked(self, name):
        self.asked.wait(lambda each: each == name, f"{name} is asked for")

    def close(self):
        if self._open:
            self._open = False
            self._socket.sendto(b"", ("127.0.0.1", self.port))
            self._thread.join()
            self._socket.close()
