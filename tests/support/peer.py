"""A client or carrier that is not ours: a small script in another language around that language's
own SMPP library. It reads one JSON object a line on standard input (a command, member `do`) and
writes one a line on standard output (an event, member `event`).
"""
import json
import os

from support.program import program, source_folder
from support.waiting import HANGS_AFTER, never


class peer:
    def __init__(self, interpreter, script, *arguments):
        path = os.path.join(source_folder(), "tests", "blackbox", script)
        self.program = program([interpreter, path, *arguments], script)
        self._read = 0
        self._events = []

    def do(self, command, **members):
        self.program.write_line(json.dumps({"do": command, **members}))

    def expect(self, event, seconds=HANGS_AFTER, **members):
        """The first event not yet expected that has this name and these members."""
        def fits(value):
            return value.get("event") == event and \
                all(value.get(key) == wanted for key, wanted in members.items())
        for position, value in enumerate(self._events):
            if fits(value):
                return self._events.pop(position)
        while True:
            value = self._next(f"{event} {members}", seconds)
            if fits(value):
                return value
            self._events.append(value)

    def expect_count(self, event, count, seconds=HANGS_AFTER, **members):
        return [self.expect(event, seconds, **members) for _ in range(count)]

    def unexpected(self, event):
        """Those that have come so far and that nobody has expected."""
        return [each for each in self._events if each.get("event") == event]

    def _next(self, what, seconds):
        position = self._read
        lines = self.program.out
        try:
            lines.wait_count(position + 1, what, seconds)
        except never as fault:
            raise never(f"{fault}\nother events: {self._events[-10:]}\nstandard error:\n" +
                        "\n".join(self.program.error.items()[-20:])) from None
        self._read += 1
        return json.loads(lines.items()[position])

    def kill(self):
        self.program.kill()


def node(script, *arguments):
    return peer("node", script, *arguments)


def perl(script):
    return peer("perl", script)
