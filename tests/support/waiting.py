"""How the black-box tests wait. Whatever can be waited for is waited for; where a state can only be
asked for (a metric, a stored message), eventually() asks again at short intervals. Nothing here
measures time: what a faster, slower or busier machine moves is no assertion. A wait whose time is
over has failed, even if what it waited for holds by then.
"""
import threading
import time

# The one guard against waiting for ever: whatever has not happened after so many seconds is said to
# hang. No test measures with it, and none is meant to come near it on any machine.
HANGS_AFTER = 120.0


class never(AssertionError):
    """Something did not happen, as far as anybody can wait."""


def eventually(check, what, seconds=HANGS_AFTER, interval=0.02):
    """Calls check() until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = check()
        if time.monotonic() >= deadline:
            raise never(f"{what}: not in time; at the end {value!r}")
        if value:
            return value
        pause.wait(interval)


def wait_changed(changed, holds, seconds=HANGS_AFTER):
    """Waits on a condition that the caller has acquired until holds(), which is asked at each
    wake-up; False when the time is over, whatever holds() would say then."""
    deadline = time.monotonic() + seconds
    while not holds():
        if not changed.wait(max(deadline - time.monotonic(), 0)):
            return False
    return True


def wait_set(event, what, seconds=HANGS_AFTER):
    """Waits for an event of threading."""
    if not event.wait(seconds):
        raise never(f"{what}: not in time")


def joined(thread, what, seconds=HANGS_AFTER):
    """Waits for the end of a thread."""
    thread.join(seconds)
    if thread.is_alive():
        raise never(f"{what}: its thread does not end")


class crew:
    """Threads that call work(number), each with a number of its own. What one of them raises, its
    deadline too, join() raises."""

    def __init__(self, size, work):
        self._failed = []
        self._threads = [threading.Thread(target=self._run, args=(work, number), daemon=True)
                         for number in range(size)]
        for each in self._threads:
            each.start()

    def _run(self, work, number):
        try:
            work(number)
        except BaseException as failure:
            self._failed.append(failure)

    def join(self, what, seconds=HANGS_AFTER):
        """Waits for the end of all of them."""
        deadline = time.monotonic() + seconds
        for each in self._threads:
            joined(each, what, max(deadline - time.monotonic(), 0))
        if self._failed:
            raise self._failed[0]


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

    def after(self, position, what, seconds=HANGS_AFTER):
        """The items from `position` on, at least one: waits for it."""
        with self._changed:
            in_time = wait_changed(self._changed, lambda: len(self._items) > position or
                                   self._closed is not None, seconds)
            if in_time and len(self._items) > position:
                return self._items[position:]
            seen = "\n  ".join(str(each) for each in self._items[-20:])
            raise never(f"{what}: {self._closed or 'not in time'}; the last were\n  {seen}")

    def wait(self, where, what, seconds=HANGS_AFTER, start=0):
        """The first item from `start` on for which where(item) is true."""
        deadline = time.monotonic() + seconds
        while True:
            # Looked at without the lock: whoever adds must not wait for a long list.
            left = deadline - time.monotonic()
            for item in self.after(start, what, max(left, 0)):
                if where(item):
                    return item
                start += 1
            if left <= 0:  # items that are not the one may come for ever
                raise never(f"{what}: not in time; the last was {self.items()[-1]}")

    def wait_count(self, count, what, seconds=HANGS_AFTER, where=lambda item: True):
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
