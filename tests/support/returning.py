"""Applications that never give up: over SMPP one binds again whenever its session has ended,
over HTTP one repeats a request with its Idempotency-Key until it is answered. What they asked
for and what they were promised stands in a book, which an audit compares with what the carrier
got.
"""
import http.client
import json
import threading

from support import smpp
from support.gateway import PASSWORD, SYSTEM_ID, TOKEN
from support.waiting import HANGS_AFTER, joined, never, wait_changed

SOURCE = "4915112345"


class book:
    """Of all applications of a test, and all their threads."""

    def __init__(self):
        self.changed = threading.Condition()
        self.asked = {}  # destination -> text
        self.answered = {}  # message id -> destination
        self.receipts = {}  # message id -> [stat, ...]
        self.untold = set()  # answered message ids without a receipt
        self.unknown = 0  # submissions whose answer never came
        self.refused = {}  # status -> times

    def next_message(self):
        with self.changed:
            number = len(self.asked) + 1
            destination = f"4917{number:08d}"
            # Every seventh text needs two segments.
            self.asked[destination] = f"message {number} " + ("long " * 40 if number % 7 == 0
                                                              else "short")
        return destination, self.asked[destination]

    def answer(self, message_id, destination):
        with self.changed:
            self.answered[message_id] = destination
            if message_id not in self.receipts:
                self.untold.add(message_id)
            self.changed.notify_all()

    def refuse(self, status):
        with self.changed:
            self.refused[status] = self.refused.get(status, 0) + 1

    def take(self, delivered):
        """A deliver_sm for an application."""
        fields = smpp.parse_receipt(delivered.text)
        with self.changed:
            self.receipts.setdefault(fields["id"], []).append(fields["stat"])
            self.untold.discard(fields["id"])
            self.changed.notify_all()
        return smpp.ESME_ROK

    def wait(self, holds, what, seconds=HANGS_AFTER):
        """`holds` is asked at every change: it looks at no more than a few counts."""
        with self.changed:
            if not wait_changed(self.changed, holds, seconds):
                raise never(f"{what}: not in time; {len(self.answered)} answered, "
                            f"{len(self.untold)} of them without a receipt")


class smpp_application:
    """Keeps a window of submissions open on one session, over any number of connections."""

    def __init__(self, port, into, window=50):
        self._port, self._book, self._window = port, into, window
        self._submitting, self._living = True, True
        self._thread = threading.Thread(target=self._live, daemon=True)
        self.binds = 0
        self._thread.start()

    def _live(self):
        while self._living:
            try:
                one = _life(self._port, self._book, self._window)
            except (AssertionError, OSError):
                continue  # the bind took its time already, or was refused by a busy gateway
            self.binds += 1
            while self._living and not one.closed(0 if self._submitting else 0.05):
                if self._submitting:
                    one.submit_one()
            one.end()

    def stop_submitting(self):
        """From now on it only takes receipts."""
        self._submitting = False

    def end(self):
        self._living = False
        joined(self._thread, "an application over SMPP")


class _life:
    """One bound session."""

    def __init__(self, port, into, window):
        self._book, self._window = into, window
        self._room = threading.Condition()
        self._waiting = {}  # sequence number -> destination
        self._session = smpp.application(port, SYSTEM_ID, PASSWORD, answer=into.take,
                                         on_response=self._on_response)

    def closed(self, seconds):
        return self._session.closed.wait(seconds)

    def submit_one(self):
        with self._room:
            if not self._room.wait_for(lambda: len(self._waiting) < self._window, 0.05):
                return
            destination, text = self._book.next_message()
            body = smpp.message_body(SOURCE, destination, b"", registered_delivery=1,
                                     tlvs=smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, text.encode()))
            try:
                self._waiting[self._session.request(smpp.SUBMIT_SM, body)] = destination
            except OSError:
                with self._book.changed:
                    self._book.unknown += 1

    def _on_response(self, received):
        if received.command not in (smpp.SUBMIT_SM | smpp.RESPONSE, smpp.GENERIC_NACK):
            return  # to a request that only the garbage on the way has made
        with self._room:
            destination = self._waiting.pop(received.sequence, None)
            self._room.notify_all()
        if received.status == smpp.ESME_ROK and destination is not None:
            self._book.answer(received.body.rstrip(b"\0").decode(), destination)
        else:
            self._book.refuse(received.status)  # generic_nack for garbage too

    def end(self):
        self._session.close()
        with self._book.changed:
            self._book.unknown += len(self._waiting)


class http_application:
    """Posts one message after the other."""

    def __init__(self, port, into, name="http"):
        self._port, self._book, self._name = port, into, name
        self._posting = True
        self.answered = 0
        self.tries = 0
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def _live(self):
        while self._posting:
            destination, text = self._book.next_message()
            body = json.dumps({"from": SOURCE, "to": "+" + destination, "text": text})
            while not self._post(destination, body):
                pass
            self.answered += 1

    def _post(self, destination, body):
        """True when it is known what became of it."""
        self.tries += 1
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=3)
        try:
            connection.request("POST", "/v1/messages", body,
                               {"Authorization": f"Bearer {TOKEN}",
                                "Content-Type": "application/json",
                                "Idempotency-Key": f"{self._name}-{destination}"})
            response = connection.getresponse()
            reply = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        if response.status == 202:
            self._book.answer(reply["id"], destination)
        elif response.status != 408:
            self._book.refuse(response.status)
        return response.status == 202

    def end(self):
        """The request under way is finished first."""
        self._posting = False
        joined(self._thread, "an application over HTTP")
