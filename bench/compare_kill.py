"""One run with SIGKILL: an application gives a peer messages faster than the carrier takes them,
the core is killed in the middle of that and started again, and when everything has drained each
message that was answered with success is looked for at the carrier, each receipt at the application.
"""

import asyncio
import collections
import os
import threading
import urllib.parse

import peers
import programs
from receiver import Receiver
from watch import Watch

KILL_AT = 16000  # messages answered with success
CONNECTIONS = 64
# Four binds with a window of 100 and 0.8 s to a response: 500 messages/s. So it is until the peer
# is back, then responses come at once so that the backlog drains. Receipts come after 3 s.
CARRIER = ("--response-delay", "800ms", "--response-delay-step", "10s:0ms", "--receipt-delay", "3s")
FILL_SECONDS = 40
ANSWER_SECONDS = 3
QUIET_SECONDS = 6
DRAIN_SECONDS = 90


class Application:
    """Sends sendsms requests on kept connections from a thread of its own until end()."""

    def __init__(self, port, receipts_url):
        self.accepted = set()  # destinations whose request was answered with 202
        self.refused = collections.Counter()  # other answers, by status
        self.unanswered = 0
        self._next = 819000000000
        callback = urllib.parse.quote(receipts_url + "?", safe="")
        self._path = (f"/cgi-bin/sendsms?username={programs.SYSTEM_ID}"
                      f"&password={programs.PASSWORD}&from=Hikyaku&to={{0}}"
                      f"&text=Twenty+characters+ok&dlr-mask=3&dlr-url={callback}{{0}}")
        self._port = port
        self._ending = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)
        self._thread.start()

    async def _all(self):
        await asyncio.gather(*(self._connection() for _ in range(CONNECTIONS)))

    async def _connection(self):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return  # killed before this connection was there
        try:
            while not self._ending:
                self._next += 1
                to = self._next
                writer.write(f"GET {self._path.format(to)} HTTP/1.1\r\n"
                             f"Host: 127.0.0.1:{self._port}\r\n\r\n".encode())
                status = await asyncio.wait_for(self._answer(reader), ANSWER_SECONDS)
                if status == 202:
                    self.accepted.add(to)
                else:
                    self.refused[status] += 1
        except (OSError, EOFError, asyncio.TimeoutError):
            self.unanswered += 1  # killed: nobody knows what became of it
        finally:
            writer.close()

    @staticmethod
    async def _answer(reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n")
                      if line.startswith("content-length:"))
        await reader.readexactly(length)
        return int(head.split()[1])

    def end(self):
        """No more requests; returns when those under way are answered or lost."""
        self._ending = True
        self._thread.join()


def _lines(path):
    with open(path, encoding="ascii") as file:
        return collections.Counter(int(line) for line in file)


def run(name):
    """One round of peers.ALL[name]."""
    kill_at = programs.scaled(KILL_AT)
    with programs.fresh_folder() as folder, Receiver(folder) as receiver:
        record = os.path.join(folder, "record")
        with programs.carrier(*CARRIER, "--record", record) as carrier:
            with peers.ALL[name](folder, carrier.port("smpp")) as peer:
                watch = Watch(carrier, receiver)
                application = Application(peer.port, receiver.url)
                if not watch.until(lambda: len(application.accepted) >= kill_at, FILL_SECONDS):
                    raise programs.failed(f"{name} took only {len(application.accepted)} messages")
                peer.kill_core()
                application.end()
                watch.look()
                at_kill = {"messages at the carrier": watch.messages,
                           "receipts at the application": watch.receipts}
                peer.start()
                watch.until_quiet(lambda: False, QUIET_SECONDS, DRAIN_SECONDS)
            carrier.stop()
        seen = _lines(record)
        got = collections.Counter(int(query) for query in receiver.queries())
    return {"peer": name, "kill": True, "at kill": at_kill, "refused": dict(application.refused),
            "unanswered": application.unanswered, "figures": {
                "accepted": len(application.accepted),
                "messages lost": len(application.accepted - seen.keys()),
                "messages twice": seen.total() - len(seen),
                "at the carrier": len(seen),
                "receipts lost": len(seen.keys() - got.keys()),
                "receipts twice": got.total() - len(got)}}
