"""The applications of the crash tests: one that submits over SMPP under a window, and one that
posts over HTTP with idempotency keys. Both go on over any number of gateway lives and remember
what they have been promised: that is what the audit is about.
"""
import http.client
import json
import threading
import time

from support import smpp
from support.gateway import PASSWORD, SYSTEM_ID, TOKEN
from support.smpp import application
from support.waiting import HANGS_AFTER, never, wait_changed

WINDOW = 50


class ledger:
    """What was asked for and what was promised, by both applications and all their threads."""

    def __init__(self):
        self.changed = threading.Condition()
        self.asked = {}  # destination -> text
        self.answered = {}  # message id -> destination
        self.posted = {}  # destination -> reference, of those answered over HTTP
        self.receipts = {}  # message id -> [smpp.message with .life, ...]
        self.untold = set()  # answered message ids without a receipt
        self.replies = {}  # text -> the same
        self.unknown = 0  # requests whose answer was lost
        self.refused = 0
        self.faults = []  # what a thread has seen that must not be
        self._number = 0

    def next_message(self):
        with self.changed:
            self._number += 1
            number = self._number
            destination = f"4917{number:08d}"
            # Every seventh text needs two segments.
            text = f"message {number} " + ("long " * 40 if number % 7 == 0 else "short")
            self.asked[destination] = text
        return number, destination, text

    def answer(self, message_id, destination, reference=None):
        with self.changed:
            self.answered[message_id] = destination
            if message_id not in self.receipts:
                self.untold.add(message_id)
            if reference is not None:
                self.posted[destination] = reference
            self.changed.notify_all()

    def take(self, delivered, life):
        """A deliver_sm for the application."""
        delivered.life = life
        fields = delivered.receipt()
        with self.changed:
            if fields is not None:
                self.receipts.setdefault(fields["id"], []).append(delivered)
                self.untold.discard(fields["id"])
            else:
                self.replies.setdefault(delivered.text, []).append(delivered)
            self.changed.notify_all()
        return smpp.ESME_ROK

    def wait(self, holds, what, seconds=HANGS_AFTER):
        with self.changed:
            if not wait_changed(self.changed, holds, seconds):
                raise never(f"{what}: not in time")


class smpp_load:
    """One bound session and the thread that keeps its window full, for one life of the gateway."""

    def __init__(self, port, book, life):
        self._book = book
        self._waiting = {}  # sequence number -> destination
        self._room = threading.Condition()
        self._stopping = False
        self._session = application(port, SYSTEM_ID, PASSWORD,
                                    answer=lambda what: book.take(what, life),
                                    on_response=self._on_response)
        self._thread = threading.Thread(target=self._submit, daemon=True)
        self._thread.start()

    def _submit(self):
        while True:
            with self._room:
                self._room.wait_for(lambda: self._stopping or self._session.closed.is_set() or
                                    len(self._waiting) < WINDOW, 1)
                if self._stopping or self._session.closed.is_set():
                    return
                if len(self._waiting) >= WINDOW:
                    continue
                _, destination, text = self._book.next_message()
                body = smpp.message_body("4915112345", destination, b"", registered_delivery=1,
                                         tlvs=smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, text.encode()))
                try:
                    self._waiting[self._session.request(smpp.SUBMIT_SM, body)] = destination
                except OSError:
                    self._book.unknown += 1
                    return

    def _on_response(self, received):
        with self._room:
            destination = self._waiting.pop(received.sequence)
            self._room.notify_all()
        if received.status == smpp.ESME_ROK:
            self._book.answer(received.body.rstrip(b"\0").decode(), destination)
        else:
            self._book.refused += 1

    def stop(self):
        """No more submissions; receipts and replies still come."""
        with self._room:
            self._stopping = True
            self._room.notify_all()
        self._thread.join()

    def end(self):
        """After the gateway's death: what was not answered is of unknown outcome."""
        self._session.close()
        self.stop()
        self._book.unknown += len(self._waiting)

    def idle(self):
        with self._room:
            return not self._waiting


class http_load:
    """Posts one message after the other; a request without an answer is sent again with the same
    key in the next life, until it is answered."""

    def __init__(self, book):
        self._book = book
        self._open = None  # (reference, destination, body) of the request without an answer
        self._asked = []  # monotonic: posts of this life that were accepted in it

    def start(self, port):
        self._asked = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._post, args=(port,), daemon=True)
        self._thread.start()

    def stop(self):
        self._stopping.set()
        self._thread.join()

    def settled(self):
        """After stop(): what anybody had told the gateway before this moment was on disk when its
        life ended. The last two posts prove it. While the first of them waited for its commit, the
        gateway read what had come before; so that is in no later commit than the second one's, and
        that was answered."""
        return self._asked[-2] if len(self._asked) >= 2 else float("-inf")

    def _post(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS_AFTER)
        try:
            while self._open is not None or not self._stopping.is_set():
                repeated = self._open is not None
                if not repeated:
                    number, destination, text = self._book.next_message()
                    reference = f"post-{number}"
                    self._open = (reference, destination, json.dumps(
                        {"from": "4915112345", "to": "+" + destination, "text": text,
                         "reference": reference}))
                reference, destination, body = self._open
                asked = time.monotonic()
                connection.request("POST", "/v1/messages", body,
                                   {"Authorization": f"Bearer {TOKEN}",
                                    "Content-Type": "application/json",
                                    "Idempotency-Key": reference})
                response = connection.getresponse()
                reply = json.loads(response.read())
                if response.status == 202:
                    self._book.answer(reply["id"], destination, reference)
                    self._open = None
                    if not repeated:  # else the answer may have been there already
                        self._asked.append(asked)
                elif response.status == 503:  # it is stopping: the request stays open
                    return
                elif response.status != 409:
                    self._book.faults.append(f"a post: {response.status} {reply}")
                    return
        except TimeoutError:
            self._book.faults.append("a post: no answer, and no end of the connection")
        except (OSError, http.client.HTTPException):
            pass  # killed: the request stays open
        finally:
            connection.close()
