"""Starts a program, collects what it prints and waits for lines of it. Every program dies with the
test that started it, also when the test itself is killed. Used by all drivers.
"""
import ctypes
import os
import re
import shutil
import signal
import subprocess
import threading

from support.waiting import HANGS_AFTER, eventually, journal, never

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def binary():
    """Path of the gateway under test."""
    return os.environ["HIKYAKU_BINARY"]


def source_folder():
    return os.environ["HIKYAKU_SOURCE_DIR"]


PACKAGES = {"bearerbox": "kannel", "smsbox": "kannel"}  # where they are not named as the program


def needs(*programs):
    """Fails with the name of the package when a foreign program is missing: a test that is left out
    without a word shows nothing."""
    for name in programs:
        if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") is None:
            raise AssertionError(f"{name} is not installed: apt-get install "
                                 f"{PACKAGES.get(name, name)}, or ./dev setup")


class program:
    """One running child process. `before_exec` runs in the child, for resource limits."""

    def __init__(self, arguments, name, environment=None, before_exec=None):
        self.name = name
        self.out = journal()
        self.error = journal()

        def prepare():
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if before_exec is not None:
                before_exec()

        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})}, preexec_fn=prepare,
            restore_signals=before_exec is None)
        self._readers = [self._read(self.process.stdout, self.out),
                         self._read(self.process.stderr, self.error)]

    def _read(self, stream, into):
        def work():
            for line in stream:
                into.add(line.decode("utf-8", "replace").rstrip("\n"))
            stream.close()
            into.close(f"{self.name} has closed its output")
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    @property
    def pid(self):
        return self.process.pid

    def wait_line(self, pattern, seconds=HANGS_AFTER):
        """The match of the first line on standard output that fits."""
        wanted = re.compile(pattern)
        try:
            return wanted.search(self.out.wait(wanted.search, f"{self.name}: /{pattern}/", seconds))
        except never as fault:
            raise never(f"{fault}\nstandard error:\n" + "\n".join(self.error.items()[-30:]))

    def write_line(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def pause(self):
        """SIGSTOP, and no thread of it runs any more; SIGCONT lets them go on."""
        self.signal(signal.SIGSTOP)
        eventually(self._is_stopped, f"{self.name} is stopped")

    def _is_stopped(self):
        states = []
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/stat", encoding="ascii") as stat:
                states.append(stat.read().rsplit(")", 1)[1].split()[0])
        return set(states) == {"T"}

    def wait_end(self, seconds=HANGS_AFTER):
        """The exit code; negative for a signal. All output has been read when it returns."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            log = "\n".join(self.error.items()[-30:])
            raise never(f"{self.name} did not end within {seconds} s\n{log}") from None
        self._release()
        return code

    def _release(self):
        for reader in self._readers:
            reader.join()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def kill(self):
        """Ends it at once, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._release()


def run(arguments, text="", seconds=HANGS_AFTER):
    """Runs a program to its end: (exit code, standard output, standard error)."""
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run(arguments, input=data, capture_output=True, timeout=seconds, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def hikyaku(*arguments, text=""):
    """Runs one command of the binary under test."""
    return run([binary(), *arguments], text)
