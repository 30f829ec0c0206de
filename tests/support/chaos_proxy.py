"""A bad network between two programs on loopback: a TCP proxy whose connections are slow, cut at
any byte, carry garbage or stop forwarding one direction without a word. A seed decides which
connection suffers what; calm() makes the network a good one again. Runs an event loop on a
thread of its own.
"""
import asyncio
import collections
import random
import struct
import threading

from support.waiting import joined, wait_set

FAULTS = ("cut", "reset", "slow", "garbage", "half_open")
CHUNK_BYTES = 65536
FAULT_BYTES_MAX = 12000  # a fault strikes after up to so many octets
SLOW_BYTES_MAX = 6000  # then a slow connection ends
HALF_CLOSED_SECONDS = 1.0  # one side has closed: how long the other may go on


class plan:
    """What happens to one connection: `fault` in `direction` (0: to the target) after `after`
    octets; a fault of None is a good connection."""

    def __init__(self, fault, direction, after, seed):
        self.fault, self.direction, self.after = fault, direction, after
        self.random = random.Random(seed)


class framing:
    """Knows where the PDUs of one direction end: garbage inside one would be a message that nobody
    has sent, and no fault of the receiver."""

    def __init__(self):
        self._left = 0
        self._head = b""

    def pass_on(self, octets):
        """Octets of this chunk up to the first PDU's end in it, or None if there is none."""
        position, first = 0, None
        while position < len(octets):
            if self._left == 0:
                take = min(4 - len(self._head), len(octets) - position)
                self._head += octets[position:position + take]
                position += take
                if len(self._head) == 4:
                    self._left = max(struct.unpack(">I", self._head)[0] - 4, 0)
                    self._head = b""
                continue
            take = min(self._left, len(octets) - position)
            self._left -= take
            position += take
            if self._left == 0 and first is None:
                first = position
        return first


def garbage(rng):
    """Octets that no SMPP session may begin a PDU with, or a PDU that makes no sense here."""
    unknown_sequence = rng.randint(0x60000000, 0x7FFFFFFF)
    return rng.choice((
        bytes([rng.randint(1, 255)]) + rng.randbytes(rng.randint(15, 3000)),  # a huge length
        bytes(rng.randint(16, 64)),  # a length of nothing
        b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n",
        struct.pack(">IIII", 16, 0x000000FF, 0, unknown_sequence),  # no such command
        struct.pack(">IIII", 16, 0x80000004, 0, unknown_sequence),  # an answer to nothing
        struct.pack(">IIII", 20, 0x15, 0, unknown_sequence) + rng.randbytes(4),  # a body too much
    ))


class chaos_proxy:
    """Listens on `port` and connects to `target` (a port). `framed`: the protocol is SMPP; else
    garbage is left out. Garbage goes only to the side named in `garbage_to` (0: the target,
    1: who connects), because the other one is a test's own code."""

    def __init__(self, target, seed, garbage_to=0, faults=FAULTS, framed=True, good_share=0.15):
        self.target = target
        self.injected = collections.Counter()
        self._random = random.Random(seed)
        self._faults = [each for each in faults if framed or each != "garbage"]
        self._garbage_to = garbage_to
        self._good_share = good_share
        self._calm = False
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        wait_set(ready, "the proxy listens")

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=CHUNK_BYTES, backlog=128))
        self.port = self._server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()

    def calm(self):
        """Nothing bad begins any more. Half-open connections stay so until somebody closes them:
        that is for the programs on both sides to find out."""
        self._calm = True

    def close(self):
        def stop():
            self._server.close()
            for each in self._writers:
                each.transport.abort()
            self._loop.call_later(0.05, self._loop.stop)
        self._loop.call_soon_threadsafe(stop)
        joined(self._thread, "the proxy")

    def _plan(self):
        rng = self._random
        fault, direction = rng.choice(self._faults), rng.randint(0, 1)
        after, seed = int(FAULT_BYTES_MAX * rng.random() ** 2), rng.randint(0, 1 << 30)
        if self._calm or rng.random() < self._good_share:
            fault = None
        if fault == "garbage":
            direction = self._garbage_to
        return plan(fault, direction, after, seed)

    async def _serve(self, reader, writer):
        chosen = self._plan()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target,
                                                                   limit=CHUNK_BYTES)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        pumps = [asyncio.ensure_future(self._pump(reader, far_writer, chosen, 0)),
                 asyncio.ensure_future(self._pump(far_reader, writer, chosen, 1))]
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if not any(each.result() for each in done):
                await asyncio.wait(pumps, timeout=HALF_CLOSED_SECONDS)
        finally:
            for each in pumps:
                each.cancel()
            for each in (writer, far_writer):
                if chosen.fault == "reset":
                    each.transport.abort()
                else:
                    each.close()
            self._writers -= {writer, far_writer}

    async def _pump(self, reader, writer, chosen, direction):
        """True when a fault ends the whole connection at once."""
        frames, passed, struck = framing(), 0, False
        mine = chosen.fault is not None and chosen.direction == direction
        try:
            while octets := await reader.read(CHUNK_BYTES):
                end = frames.pass_on(octets)
                if mine and chosen.fault == "half_open" and struck:
                    continue
                if mine and not struck and passed + len(octets) > chosen.after:
                    if not (self._calm and chosen.fault != "slow"):
                        struck = await self._strike(writer, octets, end, chosen, passed)
                        if struck is None:
                            return True
                        passed += len(octets)
                        continue
                passed += len(octets)
                writer.write(octets)
                await writer.drain()
            if not (struck and chosen.fault == "half_open"):
                writer.write_eof()
        except OSError:
            pass
        return False

    async def _strike(self, writer, octets, end, chosen, passed):
        """Does it to this chunk. True: it is done; False: not yet; None: the connection ends."""
        kept = max(chosen.after - passed, 0)
        if chosen.fault == "garbage":
            if end is None:
                writer.write(octets)
                return False
            self.injected["garbage"] += 1
            writer.write(octets[:end] + garbage(chosen.random) + octets[end:])
            await writer.drain()
            return True
        if chosen.fault == "slow":
            if passed <= chosen.after:
                self.injected["slow"] += 1
            await self._dribble(writer, octets, chosen.random)
            if not self._calm and passed - chosen.after > SLOW_BYTES_MAX:
                return None
            return False
        self.injected[chosen.fault] += 1
        writer.write(octets[:kept])
        await writer.drain()
        return True if chosen.fault == "half_open" else None

    async def _dribble(self, writer, octets, rng):
        position = 0
        while position < len(octets):
            size = len(octets) if self._calm else rng.randint(1, 40)
            writer.write(octets[position:position + size])
            await writer.drain()
            position += size
            if not self._calm:
                await asyncio.sleep(rng.random() * 0.006)
