"""Thousands of connections from one test process, driven by one thread: they are opened, asked
what has come on them and whether the other side has closed them, and sent to a little at a time.
"""
import select
import socket
import time

from support.waiting import HANGS_AFTER, never


class crowd:
    """`size` connections to a port of the loopback interface; those that are refused at once (a
    reset, or no more file descriptors on the other side) count as closed."""

    def __init__(self, port, size, source=None):
        self.sockets = []
        self.received = {}  # file descriptor -> octets
        self.closed = set()  # file descriptors
        self._poll = select.poll()
        for _ in range(size):
            made = socket.socket()
            if source is not None:
                made.bind((source, 0))
            made.setblocking(False)
            made.connect_ex(("127.0.0.1", port))
            self.sockets.append(made)
            self.received[made.fileno()] = b""
            self._poll.register(made, select.POLLOUT)
        self._wait_connected()

    def _wait_connected(self):
        waiting = {each.fileno() for each in self.sockets}
        deadline = time.monotonic() + HANGS_AFTER
        while waiting:
            if time.monotonic() > deadline:
                raise never(f"{len(waiting)} of {len(self.sockets)} are not connected")
            for number, _ in self._poll.poll(100):
                waiting.discard(number)
                self._poll.modify(number, select.POLLIN)

    def look(self, seconds):
        """Takes what comes in this time; returns how many are closed by the other side so far."""
        deadline = time.monotonic() + seconds
        by_number = {each.fileno(): each for each in self.sockets}
        while (left := deadline - time.monotonic()) > 0 and len(self.closed) < len(self.sockets):
            for number, _ in self._poll.poll(max(left, 0) * 1000):
                try:
                    octets = by_number[number].recv(65536)
                except OSError:
                    octets = b""
                self.received[number] += octets
                if not octets:
                    self.closed.add(number)
                    self._poll.unregister(number)
        return len(self.closed)

    def wait_closed(self, count):
        """Until at least so many are closed."""
        deadline = time.monotonic() + HANGS_AFTER
        while self.look(0.05) < count:
            if time.monotonic() > deadline:
                raise never(f"{len(self.closed)} of {count} closed")

    def send(self, octets):
        """To all that are open; what does not fit is lost."""
        for each in self.sockets:
            if each.fileno() not in self.closed:
                try:
                    each.send(octets)
                except OSError:
                    pass

    def answers(self):
        """The octets that came on each connection that got any."""
        return [each for each in self.received.values() if each]

    def close(self):
        for each in self.sockets:
            each.close()
