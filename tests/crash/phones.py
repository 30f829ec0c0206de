"""The phones of the crash test: an account whose texts have tracked links, and people who tap them
through the redirector on several connections, over any number of gateway lives. Every 302 they got
is a hit that must be counted; a tap whose answer was lost may be.
"""
import collections
import http.client
import json
import random
import re
import socket
import threading
import time

from support.waiting import HANGS_AFTER, never

TOKEN = "shop-token"
BASE_URL = "https://pay.example"
LINK = re.compile(BASE_URL.replace(".", r"\.") + r"/([1-9A-HJ-NP-Za-km-z]{10})")
CONNECTIONS = 3
TAPS_MAX = 800  # of one link: the store keeps a thousand hits of a message one by one


class phone_load:
    def __init__(self, book, sent):
        self._book = book
        self._sent = sent  # journal of the carrier's submissions
        self._changed = threading.Condition()
        self._open = None  # the post without an answer
        self._number = 0
        self.links = []  # [code, message id, destination]
        self.tapped = collections.Counter()  # code -> 302 that came
        self.unknown = collections.Counter()  # code -> requests whose answer was lost
        self.times = []  # of the 302s of this life, monotonic
        self.unsettled = 0  # 302s whose hits a death may have met before they were on disk

    def start(self, ports):
        self._stopping = threading.Event()
        self.times = []
        self._threads = [threading.Thread(target=self._make_link, args=(ports["http"],)),
                         *[threading.Thread(target=self._tap, args=(ports["links"], n))
                           for n in range(CONNECTIONS)]]
        for each in self._threads:
            each.daemon = True
            each.start()

    def stop(self, settled=float("inf")):
        """After the gateway's death, or before the end. What was answered before `settled` was on
        disk by then."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        for each in self._threads:
            each.join()
        self.unsettled += sum(1 for at in self.times if at >= settled)

    def _make_link(self, port):
        """One new link in each life, and then that is the one people tap."""
        if self._open is None:
            self._number += 1
            destination = f"49180{self._number:08d}"
            text = f"Pay {self._number} here: https://shop.example/pay/{self._number}"
            with self._book.changed:
                self._book.asked[destination] = None
            self._open = (destination, json.dumps({"from": "4915112345", "to": "+" + destination,
                                                   "text": text}))
        destination, body = self._open
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS_AFTER)
        try:
            connection.request("POST", "/v1/messages", body,
                               {"Authorization": f"Bearer {TOKEN}",
                                "Content-Type": "application/json",
                                "Idempotency-Key": destination})
            response = connection.getresponse()
            reply = json.loads(response.read())
        except TimeoutError:
            self._book.faults.append("a post: no answer, and no end of the connection")
            return
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()
        if response.status != 202:
            return
        self._open = None
        while not self._stopping.is_set():
            try:
                sent = self._sent.wait(lambda each: each.destination == destination,
                                       "the text with the link", 1)
            except never:
                continue
            with self._changed:
                self.links.append((LINK.search(sent.text)[1], reply["id"], destination))
                self._changed.notify_all()
            return
        # Its text comes in a later life: nobody taps it, but it must be there.
        with self._changed:
            self.links.append((None, reply["id"], destination))

    def _pick(self, choice):
        """A code to tap; None when it is over."""
        with self._changed:
            while not self._stopping.is_set():
                good = [code for code, _, _ in self.links[-3:]
                        if code and self.tapped[code] + self.unknown[code] < TAPS_MAX]
                if good:
                    return choice.choice(good)
                self._changed.wait(1)
        return None

    def _tap(self, port, number):
        choice = random.Random(number)
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=HANGS_AFTER)
        except OSError:
            return
        with connection:
            while (code := self._pick(choice)) is not None:
                answered = self._get(connection, code)
                with self._changed:
                    if not answered:
                        self.unknown[code] += 1
                        return
                    self.tapped[code] += 1
                    self.times.append(time.monotonic())

    def _get(self, connection, code):
        try:
            connection.sendall(f"GET /{code} HTTP/1.1\r\nHost: pay.example\r\n"
                               "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"
                               " Mobile/15E148 Safari/604.1\r\n\r\n".encode())
            octets = b""
            while b"\r\n\r\n" not in octets:
                more = connection.recv(4096)
                if not more:
                    return False
                octets += more
        except TimeoutError:
            self._book.faults.append("a tap: no answer, and no end of the connection")
            return False
        except OSError:
            return False
        if not octets.startswith(b"HTTP/1.1 302 "):
            self._book.faults.append(f"a tap: {octets}")
        return True

    def total(self):
        return sum(self.tapped.values())
