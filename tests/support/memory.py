"""How much memory a process takes while something happens."""
import threading

from support.steady import anonymous_mib


class memory_watch:
    """The most anonymous memory that a process has had while this was there."""

    def __init__(self, pid):
        self._pid = pid
        self._ended = threading.Event()
        self.before = self.most = anonymous_mib(pid)
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self):
        while not self._ended.wait(0.02):
            self.most = max(self.most, anonymous_mib(self._pid))

    def growth(self):
        self._ended.set()
        self._thread.join()
        return max(self.most, anonymous_mib(self._pid)) - self.before
