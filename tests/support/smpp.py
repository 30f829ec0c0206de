"""A small SMPP 3.4 codec and connection, written for the tests alone so that nothing of the
product's own code judges itself: PDUs as plain octets for faults, and the few bodies that load and
audits need.
"""
import socket
import struct
import threading
import time

from support.waiting import HANGS_AFTER, journal, never

GENERIC_NACK = 0x80000000
BIND_RECEIVER = 0x00000001
BIND_TRANSMITTER = 0x00000002
QUERY_SM = 0x00000003
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
UNBIND = 0x00000006
REPLACE_SM = 0x00000007
CANCEL_SM = 0x00000008
BIND_TRANSCEIVER = 0x00000009
ENQUIRE_LINK = 0x00000015
SUBMIT_MULTI = 0x00000021
DATA_SM = 0x00000103
RESPONSE = 0x80000000

ESME_ROK = 0x00000000
ESME_RINVMSGLEN = 0x00000001
ESME_RINVCMDLEN = 0x00000002
ESME_RINVCMDID = 0x00000003
ESME_RINVBNDSTS = 0x00000004
ESME_RALYBND = 0x00000005
ESME_RSYSERR = 0x00000008
ESME_RINVSRCADR = 0x0000000A
ESME_RINVDSTADR = 0x0000000B
ESME_RBINDFAIL = 0x0000000D
ESME_RINVPASWD = 0x0000000E
ESME_RCANCELFAIL = 0x00000011
ESME_RREPLACEFAIL = 0x00000013
ESME_RMSGQFUL = 0x00000014
ESME_RINVESMCLASS = 0x00000043
ESME_RSUBMITFAIL = 0x00000045
ESME_RTHROTTLED = 0x00000058
ESME_RINVSCHED = 0x00000061
ESME_RINVEXPIRY = 0x00000062
ESME_RQUERYFAIL = 0x00000067
ESME_RINVTLVSTREAM = 0x000000C0
ESME_RINVPARLEN = 0x000000C2
ESME_RMISSINGTLV = 0x000000C3
ESME_RINVTLVVAL = 0x000000C4

TAG_RECEIPTED_MESSAGE_ID = 0x001E
TAG_MESSAGE_PAYLOAD = 0x0424
TAG_MESSAGE_STATE = 0x0427

GSM = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
       "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")


def decode_text(octets, data_coding):
    """The text of a segment without its user data header; extension characters are not needed."""
    if data_coding == 8:
        return octets.decode("utf-16-be")
    return "".join(GSM[each] if each < 128 else "?" for each in octets)


class pdu:
    def __init__(self, command, status, sequence, body=b""):
        self.command, self.status, self.sequence, self.body = command, status, sequence, body

    def encode(self):
        return encode(self.command, self.status, self.sequence, self.body)

    def __repr__(self):
        return f"pdu(0x{self.command:08x} status 0x{self.status:x} sequence {self.sequence} " \
               f"{self.body.hex()})"


def encode(command, status, sequence, body=b""):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def cstring(text):
    return text.encode("latin-1") + b"\0"


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def bind_body(system_id, password, system_type="", version=0x34):
    return cstring(system_id) + cstring(password) + cstring(system_type) + \
        bytes([version, 0, 0]) + b"\0"


def message_body(source, destination, octets, esm_class=0, data_coding=0, registered_delivery=0,
                 source_ton=1, schedule="", validity="", tlvs=b"", service_type="",
                 destination_ton=1):
    """submit_sm and deliver_sm have the same body."""
    return (cstring(service_type) + bytes([source_ton, 1]) + cstring(source) +
            bytes([destination_ton, 1]) + cstring(destination) + bytes([esm_class, 0, 0]) + cstring(schedule) +
            cstring(validity) + bytes([registered_delivery, 0, data_coding, 0, len(octets)]) +
            octets + tlvs)


class fields:
    """Reads the fields of a body one after the other."""

    def __init__(self, body):
        self._body, self._at = body, 0

    def _take(self, size):
        if self._at + size > len(self._body):
            raise AssertionError(f"torn PDU {self._body.hex()}")
        self._at += size
        return self._body[self._at - size:self._at]

    def _octet(self):
        return self._take(1)[0]

    def _cstring(self):
        end = self._body.index(0, self._at)
        return self._take(end - self._at + 1)[:-1].decode("latin-1")


class cancellation(fields):
    """A cancel_sm taken apart."""

    def __init__(self, body):
        super().__init__(body)
        self.service_type, self.message_id = self._cstring(), self._cstring()
        self.source_ton, self.source_npi = self._octet(), self._octet()
        self.source = self._cstring()
        self.destination_ton, self.destination_npi = self._octet(), self._octet()
        self.destination = self._cstring()


class message(fields):
    """A submit_sm or deliver_sm taken apart. `answered_at` (monotonic): its response had been sent by
    then; None before."""

    def __init__(self, body):
        super().__init__(body)
        self.answered_at = None
        self.service_type = self._cstring()
        self.source_ton, self.source_npi = self._octet(), self._octet()
        self.source = self._cstring()
        self.destination_ton, self.destination_npi = self._octet(), self._octet()
        self.destination = self._cstring()
        self.esm_class, self.protocol_id, self.priority = (self._octet() for _ in range(3))
        self.schedule, self.validity = self._cstring(), self._cstring()
        self.registered_delivery, self.replace, self.data_coding, self.default_message, length = (
            self._octet() for _ in range(5))
        self.octets = self._take(length)
        self.tlvs = {}
        while self._at < len(body):
            tag, size = struct.unpack(">HH", self._take(4))
            self.tlvs[tag] = self._take(size)
        self.header = b""
        self.payload = self.tlvs.get(TAG_MESSAGE_PAYLOAD, self.octets)
        if self.esm_class & 0x40:
            self.header = self.payload[:self.payload[0] + 1]
        self.text = decode_text(self.payload[len(self.header):], self.data_coding)

    def receipt(self):
        """The fields of a receipt; None for any other message."""
        return parse_receipt(self.text) if self.esm_class & 0x3C == 0x04 else None

    def __repr__(self):
        return f"message({self.source} -> {self.destination} {self.text!r})"


def parse_receipt(text):
    """{"id": ..., "stat": ...} of the canonical receipt text (SMPP 3.4, appendix B)."""
    fields = {}
    for key in ("id", "sub", "dlvrd", "submit date", "done date", "stat", "err"):
        begin = text.find(key + ":")
        if begin < 0:
            raise AssertionError(f"no {key} in {text!r}")
        fields[key] = text[begin + len(key) + 1:].split(" ", 1)[0]
    fields["text"] = text.split("text:", 1)[1] if "text:" in text.lower() else None
    return fields


class connection:
    """One TCP connection that sends any octets and reads whole PDUs, on the caller's thread."""

    def __init__(self, port=None, connected=None):
        self.socket = connected or socket.create_connection(("127.0.0.1", port), HANGS_AFTER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def send(self, octets):
        self.socket.sendall(octets)

    def read(self, seconds=HANGS_AFTER):
        """The next PDU; None when the other side has closed in order or by a reset."""
        self.socket.settimeout(seconds)
        while True:
            if len(self._buffer) >= 4:
                length = struct.unpack(">I", self._buffer[:4])[0]
                if len(self._buffer) >= length:
                    head, self._buffer = self._buffer[:length], self._buffer[length:]
                    return pdu(*struct.unpack(">III", head[4:16]), head[16:])
            try:
                more = self.socket.recv(65536)
            except socket.timeout:
                raise never(f"no PDU within {seconds} s") from None
            except ConnectionError:
                return None
            if not more:
                return None
            self._buffer += more

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def bound(port, system_id, password, command=BIND_TRANSCEIVER):
    """A connection that is bound; the bind response is checked."""
    made = connection(port)
    made.send(encode(command, 0, 1, bind_body(system_id, password)))
    response = made.read()
    if response is None or response.command != command | RESPONSE or response.status != ESME_ROK:
        made.close()
        raise AssertionError(f"bind as {system_id}: {response}")
    return made


class application:
    """A bound session with its own reading thread: answers each deliver_sm, collects them in
    `deliveries` and the responses in `responses`. `answer` may return another status for a
    message, or None for no answer at all; `on_response` is called for each response, on the
    reading thread.
    """

    def __init__(self, port, system_id, password, command=BIND_TRANSCEIVER,
                 answer=lambda message: ESME_ROK, on_response=None):
        self.deliveries = journal()
        self.responses = journal()
        self.closed = threading.Event()
        self._answer = answer
        self._on_response = on_response
        self._sequence = 1
        self._sending = threading.Lock()
        self._connection = bound(port, system_id, password, command)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while (received := self._connection.read(3600)) is not None:
                self._take(received)
        except (OSError, never):
            pass
        finally:
            self.closed.set()
            self.deliveries.close("session closed")
            self.responses.close("session closed")

    def _take(self, received):
        if received.command == DELIVER_SM:
            what = message(received.body)
            status = self._answer(what)
            self.deliveries.add(what)
            if status is not None:
                self.send(encode(DELIVER_SM | RESPONSE, status, received.sequence, b"\0"))
                what.answered_at = time.monotonic()
        elif received.command == ENQUIRE_LINK:
            self.send(encode(ENQUIRE_LINK | RESPONSE, 0, received.sequence))
        elif received.command == UNBIND:
            self.send(encode(UNBIND | RESPONSE, 0, received.sequence))
        elif self._on_response is not None:
            self._on_response(received)
        else:
            self.responses.add(received)

    def send(self, octets):
        with self._sending:
            self._connection.send(octets)

    def request(self, command, body=b""):
        """Sends a request and returns its sequence number."""
        with self._sending:
            self._sequence += 1
            self._connection.send(encode(command, 0, self._sequence, body))
            return self._sequence

    def response(self, sequence, seconds=HANGS_AFTER):
        return self.responses.wait(lambda each: each.sequence == sequence, f"answer {sequence}",
                                   seconds)

    def call(self, command, body=b""):
        return self.response(self.request(command, body))

    def submit(self, destination, text, source="4915112345", **fields):
        """Submits and waits: the message id, or an AssertionError with the status."""
        fields.setdefault("registered_delivery", 1)
        octets = text if isinstance(text, bytes) else text.encode("ascii")
        response = self.call(SUBMIT_SM, message_body(source, destination, octets, **fields))
        if response.status != ESME_ROK:
            raise AssertionError(f"submit_sm: status 0x{response.status:x}")
        return response.body.rstrip(b"\0").decode()

    def receipt(self, message_id):
        """The fields of the first receipt for this id, as soon as it comes."""
        return self.receipts([message_id])[message_id]

    def receipts(self, ids):
        """{id: fields} of the first receipt for each, as soon as all have come."""
        wanted, found, position = set(ids), {}, 0
        while wanted:
            more = self.deliveries.after(position, f"{len(wanted)} receipts, e.g. {min(wanted)}")
            position += len(more)
            for each in more:
                fields = each.receipt()
                if fields is not None and fields["id"] in wanted:
                    wanted.remove(fields["id"])
                    found[fields["id"]] = fields
        return found

    def close(self):
        self._connection.close()
        self._reader.join()
