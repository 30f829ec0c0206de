"""A wall clock that a test sets, for one gateway (see clock_shift.c)."""
import os
import struct


class shifted_clock:
    """Pass `environment` to the gateway; set() works while it runs."""

    def __init__(self, folder):
        self._path = folder.file("clock-shift", "")
        with open(self._path, "wb") as out:
            out.write(struct.pack("=q", 0))
        self.environment = {"LD_PRELOAD": os.environ["HIKYAKU_CLOCK_SHIFT"],
                            "CLOCK_SHIFT_FILE": self._path}

    def set(self, seconds):
        """From now on the gateway's wall clock is this much ahead of the machine's."""
        with open(self._path, "r+b") as out:
            out.write(struct.pack("=q", seconds))
