"""What went over the wire, for Wireshark: a proxy that records every octet of a connection, a capture
file made of recorded octets, and what tshark says about it.
"""
import json
import socket
import ssl
import struct
import subprocess
import threading

from support.program import needs
from support.waiting import HANGS_AFTER

SMPP_PORT = 2775
_CLIENT_PORT = 40000
_SEGMENT_MAX = 1400


class recorder:
    """Listens, connects every connection to `port` and keeps what each side sends. With `ca` it goes
    on over TLS, for peers that cannot: what people put stunnel in front of them for.
    """

    def __init__(self, port=None, ca=None):
        self.port_behind = port
        self._tls = None if ca is None else ssl.create_default_context(cafile=ca)
        self.connections = []  # lists of (from_client, octets)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.port_behind))
                if self._tls is not None:
                    server = self._tls.wrap_socket(server, server_hostname="localhost")
            except OSError:
                client.close()
                continue
            kept = []
            self.connections.append(kept)
            for one, other, from_client in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._copy, args=(one, other, from_client, kept),
                                 daemon=True).start()

    @staticmethod
    def _copy(one, other, from_client, kept):
        try:
            while octets := one.recv(65536):
                kept.append((from_client, octets))
                other.sendall(octets)
        except OSError:
            pass
        for each in (one, other):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _packet(from_client, connection, sequence, acknowledged, octets):
    client, server = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
    ports = (_CLIENT_PORT + connection, SMPP_PORT)
    source, destination = (client, server) if from_client else (server, client)
    if not from_client:
        ports = ports[::-1]
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, 0x18, 65535, 0, 0)
    length = 20 + len(tcp) + len(octets)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0, 64, 6, 0) + source + destination
    return ip + tcp + octets


def capture(path, connections):
    """A pcap file (raw IP) of recorded connections, each octet as it was sent."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        moment = 0
        for number, kept in enumerate(connections):
            position = {True: 1, False: 1}
            for from_client, octets in kept:
                for start in range(0, len(octets), _SEGMENT_MAX):
                    piece = octets[start:start + _SEGMENT_MAX]
                    packet = _packet(from_client, number, position[from_client],
                                     position[not from_client], piece)
                    position[from_client] += len(piece)
                    moment += 1
                    out.write(struct.pack("<IIII", 1700000000, moment, len(packet), len(packet)))
                    out.write(packet)


class decoded:
    """One PDU as tshark reads it."""

    def __init__(self, command, status):
        self.command = command
        self.status = status

    def __repr__(self):
        return f"{self.command:#010x} status {self.status}"


def tshark(path):
    """(PDUs in order, complaints): every expert note and malformed mark of the capture."""
    needs("tshark")
    done = subprocess.run(
        ["tshark", "-n", "-r", path, "-T", "json", "--no-duplicate-keys",
         "-J", "smpp gsm_sms_ud _ws.malformed", "-o", "tcp.desegment_tcp_streams:true",
         "-o", "tcp.check_checksum:false"],
        capture_output=True, timeout=HANGS_AFTER, check=False)
    if done.returncode != 0:
        raise AssertionError(f"tshark: {done.stderr.decode()}")
    pdus, complaints = [], []
    for frame in json.loads(done.stdout):
        layers = frame["_source"]["layers"]
        for name, layer in layers.items():
            if name.startswith("_ws.malformed"):
                complaints.append(f"malformed: {layer}")
            if name != "smpp":
                continue
            for one in layer if isinstance(layer, list) else [layer]:
                pdus.append(decoded(int(_find(one, "smpp.command_id"), 16),
                                    _find(one, "smpp.command_status", "0x0")))
                text = json.dumps(one)
                if "malformed" in text.lower() or "_ws.expert" in text:
                    complaints.append(text)
    return pdus, complaints


def _find(layer, key, default=None):
    """A field anywhere in a layer of tshark's JSON."""
    if isinstance(layer, dict):
        for name, value in layer.items():
            if name == key:
                return value[0] if isinstance(value, list) else value
            found = _find(value, key)
            if found is not None:
                return found
    return default
