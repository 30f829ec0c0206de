"""Deadlines for the black-box tests. Whatever can be waited for is waited for; where a state can
only be asked for (a metric, a stored message), eventually() asks again at short intervals until the
deadline. Nothing else in these tests measures time by pausing.
"""
import threading
import time

NORMAL = 20.0  # seconds that anything may take on a busy machine before it counts as never


class never(AssertionError):
    """Something did not happen before its deadline."""


def eventually(check, what, seconds=NORMAL, interval=0.02):
    """Calls check() until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise never(f"not within {seconds} s: {what}")
        pause.wait(interval)


class journal:
    """A list that other threads append to and that a test waits on."""

    def __init__(self):
        self._items = []
        self._changed = threading.Condition()
        self._closed = None

    def add(self, item):
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def close(self, why):
        """Nothing more will come; those who wait are told why."""
        with self._changed:
            self._closed = why
            self._changed.notify_all()

    def items(self):
        with self._changed:
            return list(self._items)

    def __len__(self):
        with self._changed:
            return len(self._items)

    def wait(self, where, what, seconds=NORMAL, start=0):
        """The first item from `start` on for which where(item) is true."""
        position = start
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                while position < len(self._items):
                    if where(self._items[position]):
                        return self._items[position]
                    position += 1
                left = deadline - time.monotonic()
                if self._closed is not None or left <= 0:
                    seen = "\n  ".join(str(each) for each in self._items[-20:])
                    raise never(f"{what}: {self._closed or 'not in time'}; the last were\n  {seen}")
                self._changed.wait(left)

    def wait_count(self, count, what, seconds=NORMAL, where=lambda item: True):
        """All items for which where(item) is true, as soon as there are `count` of them."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [each for each in self._items if where(each)]
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if self._closed is not None or left <= 0:
                    raise never(f"{what}: {len(found)} of {count}, "
                                f"{self._closed or 'not in time'}")
                self._changed.wait(left)
