"""Sees from outside how far a measurement is: what the simulated carrier has accepted and how many
receipts the application has got, and when each of them last grew. Used by ./dev bench compare.
"""

import json
import signal
import time

import programs

LOOK_SECONDS = 0.05


class Watch:
    """`messages` and `receipts` as of the last look(), times by time.monotonic(). A message has
    `segments` submit_sm."""

    def __init__(self, carrier, receiver, segments=1):
        self._carrier, self._receiver, self._segments = carrier, receiver, segments
        self.messages = self.receipts = 0
        self.start = self.last_message = self.last_receipt = time.monotonic()

    def look(self):
        """Asks both; returns the seconds since one of them last grew."""
        self._carrier.signal(signal.SIGUSR1)
        line = self._carrier.wait_line("{", 10)
        if line is None:
            raise programs.failed("the carrier does not answer")
        now = time.monotonic()
        messages = json.loads(line)["accepted"] // self._segments
        if messages != self.messages:
            self.messages, self.last_message = messages, now
        receipts = self._receiver.count()
        now = time.monotonic()
        if receipts != self.receipts:
            self.receipts, self.last_receipt = receipts, now
        return now - max(self.last_message, self.last_receipt)

    def until(self, holds, seconds):
        """Looks until holds(); False if that takes longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            self.look()
            if holds():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_SECONDS)

    def until_quiet(self, complete, quiet_seconds, seconds):
        """Until complete() and half a second without anything new, or `quiet_seconds` without."""
        begin = time.monotonic()

        def over():
            silent = time.monotonic() - max(self.last_message, self.last_receipt, begin)
            return silent > quiet_seconds or (complete() and silent > 0.5)
        if not self.until(over, seconds):
            raise programs.failed(f"still not drained after {seconds} s")
