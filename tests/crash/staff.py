"""The staff of the crash tests, and an application that does not know better: one places holds and
suppressions over HTTP, the other submits reminders to the same phones at once, over any number of
gateway lives. From the answer on nothing may reach those phones, whatever dies in between.
"""
import http.client
import json
import threading

from crash.phones import TOKEN
from support.waiting import HANGS_AFTER

ACTS_MAX = 40  # in one life


class staff_load:
    def __init__(self, book):
        self._book = book
        self._number = 0
        self.holds = {}  # phone -> id of its hold, answered
        self.suppressed = set()  # phones, answered
        self.unknown = 0  # acts whose answer was lost
        self.reminders = {}  # message id -> phone, accepted

    def start(self, port):
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(port,), daemon=True)
        self._thread.start()

    def stop(self):
        """After the gateway's death, or before the end."""
        self._stopping.set()
        self._thread.join()

    def total(self):
        return len(self.holds) + len(self.suppressed)

    def _work(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS_AFTER)
        try:
            for act in range(ACTS_MAX):
                if self._stopping.is_set():
                    return
                phone = self._protect(connection)
                for each in (phone, self._earlier(act)):
                    if each is not None:
                        self._remind(connection, each)
        except TimeoutError:
            self._book.faults.append("a hold: no answer, and no end of the connection")
        except (OSError, http.client.HTTPException):
            self.unknown += 1
        finally:
            connection.close()

    def _post(self, connection, path, body):
        connection.request("POST", path, json.dumps(body),
                           {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def _protect(self, connection):
        """A new phone under a hold or a suppression; None: it was refused."""
        self._number += 1
        phone = f"49190{self._number:08d}"
        contact = {"contact": "+" + phone}
        if self._number % 2 == 0:
            status, got = self._post(connection, "/v1/holds", {"kind": "promise", **contact})
        else:
            status, got = self._post(connection, "/v1/suppressions", contact)
        if status != 201:
            return None
        if self._number % 2 == 0:
            self.holds[phone] = got["id"]
        else:
            self.suppressed.add(phone)
        return phone

    def _earlier(self, act):
        """A phone of this life or another."""
        known = [*self.holds, *self.suppressed]
        return known[act * 7919 % len(known)] if known else None

    def _remind(self, connection, phone):
        status, got = self._post(connection, "/v1/messages",
                                 {"from": "4915112345", "to": "+" + phone, "text": "due",
                                  "purpose": "dunning"})
        if status == 202:
            self.reminders[got["id"]] = phone
