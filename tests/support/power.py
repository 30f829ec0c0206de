"""A power cut, simulated: power_loss.c remembers the old content of every block that was written
and not synced, and cut() gives some of it back, as a disk does that had not written it yet.
"""
import os
import struct

BLOCK, SECTOR = 4096, 512
_HEAD = struct.Struct("=IIQQQQ")  # magic, kind, inode, offset, length, octets that follow
_MAGIC = 0x504F5752
_BLOCK, _SIZE, _RANGE_SYNCED, _FILE_SYNCED, _RENAMED, _FOLDER_SYNCED = range(1, 7)

KEPT, RANDOM, TORN, DROPPED = "kept", "random", "torn", "dropped"
MODES = (KEPT, RANDOM, TORN, DROPPED)


class _unsynced:
    def __init__(self):
        self.blocks = {}  # offset -> old content
        self.size = None  # at the last sync


class power:
    """The power of one store folder. Pass `environment` to the gateway; cut() after its death."""

    def __init__(self, folder, store):
        self._store = store
        self._journal = os.path.join(folder.path, "power-loss-journal")
        self.environment = {"LD_PRELOAD": os.environ["HIKYAKU_POWER_LOSS"],
                            "POWER_LOSS_FOLDER": store, "POWER_LOSS_JOURNAL": self._journal}
        self.sync_takes(0)
        self.cuts = dict.fromkeys(MODES, 0)
        self.blocks_unsynced = 0
        self.blocks_dropped = 0  # all of it or some sectors

    def sync_takes(self, milliseconds):
        """From the next start on."""
        self.environment["POWER_LOSS_SYNC_US"] = str(int(milliseconds * 1000))

    def cut(self, random, mode):
        """What was not synced is kept, dropped, or lost block by block (`random`) or sector by
        sector (`torn`). Renames without a sync of their folder are undone or not in the same way.
        """
        files, renamed = self._read()
        self.cuts[mode] += 1
        for old, new in reversed(renamed):
            if self._drops(random, mode) and os.path.exists(new):
                os.rename(new, old)
        for path in self._paths():
            pending = files.get(os.stat(path).st_ino)
            if pending is not None:
                self._give_back(path, pending, random, mode)
        if os.path.exists(self._journal):
            os.truncate(self._journal, 0)

    def _paths(self):
        return [os.path.join(where, name) for where, _, names in os.walk(self._store)
                for name in names]

    def _read(self):
        """({inode: what is not synced}, [(old name, new name)])."""
        files, renamed = {}, []
        octets = b""
        if os.path.exists(self._journal):
            with open(self._journal, "rb") as journal:
                octets = journal.read()
        at = 0
        while at + _HEAD.size <= len(octets):
            magic, kind, inode, offset, length, more = _HEAD.unpack_from(octets, at)
            assert magic == _MAGIC, f"journal is out of step at {at}"
            content = octets[at + _HEAD.size:at + _HEAD.size + more]
            at += _HEAD.size + more
            if at > len(octets):
                break  # killed while it was noted: the write itself has not been made
            pending = files.setdefault(inode, _unsynced())
            if kind == _BLOCK:
                pending.blocks[offset] = content
            elif kind == _SIZE:
                pending.size = length
            elif kind == _RANGE_SYNCED:
                for block in range(offset // BLOCK * BLOCK, offset + length, BLOCK):
                    pending.blocks.pop(block, None)
            elif kind == _FILE_SYNCED:
                files.pop(inode)
            elif kind == _RENAMED:
                renamed.append([name.decode() for name in content.split(b"\0")[:2]])
            elif kind == _FOLDER_SYNCED:
                renamed.clear()
        return files, renamed

    @staticmethod
    def _drops(random, mode):
        return mode == DROPPED or (mode in (RANDOM, TORN) and random.random() < 0.5)

    def _give_back(self, path, pending, random, mode):
        self.blocks_unsynced += len(pending.blocks)
        with open(path, "r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            for offset, old in sorted(pending.blocks.items()):
                old = old.ljust(min(BLOCK, max(0, size - offset)), b"\0")
                step = SECTOR if mode == TORN else BLOCK
                dropped = [at for at in range(0, len(old), step) if self._drops(random, mode)]
                self.blocks_dropped += bool(dropped)
                for at in dropped:
                    os.pwrite(file.fileno(), old[at:at + step], offset + at)
            if pending.size is not None and pending.size < size and self._drops(random, mode):
                kept = [offset + BLOCK for offset in pending.blocks if offset >= pending.size]
                shortest = pending.size
                # Not shorter than what a synchronous write has made it.
                if mode == DROPPED or not kept:
                    os.truncate(path, shortest)
                else:
                    os.truncate(path, random.choice([shortest, *[k for k in kept if k < size]]))
