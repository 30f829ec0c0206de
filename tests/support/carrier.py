"""A carrier for tests in which the carrier is not what is tested: accepts binds, answers each
submit_sm, sends a receipt for it and keeps every receipt and reply until it is acknowledged, over
any number of connections, as real carriers do. The behaviour can be changed at any time.
"""
import collections
import socket
import threading
import time

from support import smpp
from support.waiting import journal


REPEAT_SECONDS = 0.2


class carrier:
    """`respond` False holds responses back; `receipts` is the stat of the receipts, or None.
    `window`: deliver_sm without answer on one session. What is answered ESME_RTHROTTLED comes again
    a little later, what is refused in another way with the next bind. `ids`, if it is set, names
    each message (smpp.message); else ids count up."""

    def __init__(self, respond=True, receipts="DELIVRD", port=0, window=1000000):
        self.respond = respond
        self.receipts = receipts
        # smpp.message with .message_id, .at and .bound_at, when its session was bound (monotonic)
        self.submissions = journal()
        self.acknowledged = journal()  # names of what the other side has answered with ESME_ROK
        self.cancels = journal()  # smpp.cancellation of each cancel_sm, all of them granted
        self.refused = journal()  # and (name, status) with anything else
        self.sent = collections.Counter()  # name -> times it has gone out
        self.sessions = journal()  # every bind
        self._lock = threading.Lock()
        self._live = []
        self._binds = 0  # of those that receive
        self._held = []  # (session, sequence number, message) while respond is False
        self._waiting = {}  # name -> deliver_sm body, not acknowledged yet
        self.ids = None
        self._next_id = int(time.time()) * 1000000
        self._open = True
        self._window = window
        self._ready = collections.deque()  # names of _waiting that are on no session
        self._again = []  # and those that were refused
        self._timed = False  # they become ready soon
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
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
        session = _session(smpp.connection(connected=connected))
        with self._lock:
            self._live.append(session)
        try:
            while (received := session.connection.read(3600)) is not None:
                self._take(session, received)
        except (OSError, AssertionError):
            pass
        finally:
            with self._lock:
                self._live.remove(session)
                session.receives = False
                self._ready.extend(session.sent.values())
            session.connection.close()
            self._send_ready()

    def _take(self, session, received):
        if received.command in (smpp.BIND_RECEIVER, smpp.BIND_TRANSMITTER, smpp.BIND_TRANSCEIVER):
            session.bound_at = time.monotonic()  # whoever asked for it was alive then
            session.send(received.command | smpp.RESPONSE, received.sequence, b"carrier\0")
            self.sessions.add(received.command)
            if received.command != smpp.BIND_TRANSMITTER:
                with self._lock:
                    self._binds += 1
                    session.number = self._binds
                    session.receives = True
                self._again_is_ready()
        elif received.command == smpp.SUBMIT_SM:
            self._submission(session, received)
        elif received.command == smpp.DELIVER_SM | smpp.RESPONSE:
            self._answer(session, received)
        elif received.command == smpp.CANCEL_SM:
            self.cancels.add(smpp.cancellation(received.body))
            session.send(smpp.CANCEL_SM | smpp.RESPONSE, received.sequence)
        elif received.command == smpp.ENQUIRE_LINK:
            session.send(smpp.ENQUIRE_LINK | smpp.RESPONSE, received.sequence)
        elif received.command == smpp.UNBIND:
            with self._lock:
                session.receives = False
            session.send(smpp.UNBIND | smpp.RESPONSE, received.sequence)

    def _submission(self, session, received):
        what = smpp.message(received.body)
        what.at, what.bound_at = time.monotonic(), session.bound_at
        with self._lock:
            self._next_id += 1
            what.message_id = self.ids(what) if self.ids else str(self._next_id)
            if not self.respond:
                self._held.append((session, received.sequence, what))
        self.submissions.add(what)
        if self.respond:
            self._respond(session, received.sequence, what)

    def answer_all(self):
        """Sends the responses that were held back."""
        with self._lock:
            held, self._held = self._held, []
        for each in held:
            self._respond(*each)

    def _respond(self, session, sequence, what):
        session.send(smpp.SUBMIT_SM | smpp.RESPONSE, sequence, smpp.cstring(what.message_id))
        what.answered_at = time.monotonic()
        if self.receipts is not None and what.registered_delivery & 3:
            self.deliver(f"receipt {what.message_id}",
                         receipt_body(what, what.message_id, self.receipts))

    def _answer(self, session, received):
        with self._lock:
            name = session.sent.pop(received.sequence, None)
            if name is None:
                return
            if received.status == smpp.ESME_ROK:
                self._waiting.pop(name, None)
            elif any(each.receives and each.number > session.number for each in self._live):
                self._ready.append(name)
            else:
                self._again.append(name)
        if received.status == smpp.ESME_ROK:
            self.acknowledged.add(name)
        else:
            self.refused.add((name, received.status))
            if received.status == smpp.ESME_RTHROTTLED and not self._timed:
                self._timed = True
                threading.Timer(REPEAT_SECONDS, self._again_is_ready).start()
        self._send_ready()

    def _again_is_ready(self):
        with self._lock:
            self._ready.extend(self._again)
            self._again.clear()
            self._timed = False
        self._send_ready()

    def _send_ready(self):
        while True:
            with self._lock:
                session = next((each for each in self._live
                                if each.receives and len(each.sent) < self._window), None)
                if session is None or not self._ready:
                    return
                name = self._ready.popleft()
                body = self._waiting.get(name)
                if body is None:
                    continue
                sequence = session.expect(name)
                self.sent[name] += 1
            session.send(smpp.DELIVER_SM, sequence, body)

    def deliver(self, name, body):
        """Sends a deliver_sm now or with the next bind, until it is acknowledged."""
        with self._lock:
            self._waiting[name] = body
            self._ready.append(name)
        self._send_ready()

    def reply(self, name, source, destination, text, esm_class=0):
        """A message from a phone, in UCS-2 where it is no ASCII."""
        coding = 0
        if isinstance(text, bytes):
            octets = text
        elif text.isascii():
            octets = text.encode()
        else:
            octets, coding = text.encode("utf-16-be"), 8
        self.deliver(name, smpp.message_body(source, destination, octets, esm_class, coding))

    def receipt(self, submitted, state):
        """A receipt for a message of `submissions`."""
        self.deliver(f"receipt {submitted.message_id} {state}",
                     receipt_body(submitted, submitted.message_id, state))

    def waiting(self):
        with self._lock:
            return len(self._waiting)

    def connected(self):
        """Connections there are."""
        with self._lock:
            return len(self._live)

    def disconnect(self):
        with self._lock:
            sessions = list(self._live)
        for each in sessions:
            each.connection.close()

    def close(self):
        """Refuses connections from now on and ends those there are."""
        if self._open:
            self._open = False
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.disconnect()


class refusing_carrier(carrier):
    """Refuses what goes to a number that ends in 66, as a number that does not exist."""

    def _respond(self, session, sequence, what):
        if what.destination.endswith("66"):
            with session._sending:
                session.connection.send(smpp.encode(smpp.SUBMIT_SM | smpp.RESPONSE, 0x0B, sequence,
                                                    b""))
            return
        super()._respond(session, sequence, what)


class _session:
    def __init__(self, connected):
        self.connection = connected
        self.bound_at = None
        self.number = 0  # its bind's place among those that receive
        self.receives = False
        self.sent = {}  # sequence -> name
        self._sequence = 0
        self._sending = threading.Lock()

    def expect(self, name):
        self._sequence += 1
        self.sent[self._sequence] = name
        return self._sequence

    def send(self, command, sequence, body=b""):
        with self._sending:
            try:
                self.connection.send(smpp.encode(command, 0, sequence, body))
            except OSError:
                pass  # its reader notices too, and what was on its way is sent again


def receipt_body(submitted, message_id, state, date="2611220218"):
    """A deliver_sm with the receipt text of SMPP 3.4, appendix B."""
    delivered = "001" if state == "DELIVRD" else "000"
    text = (f"id:{message_id} sub:001 dlvrd:{delivered} submit date:{date} done date:{date} "
            f"stat:{state} err:{'000' if state == 'DELIVRD' else '011'} text:")
    return smpp.message_body(submitted.destination, submitted.source, text.encode(), esm_class=4)
