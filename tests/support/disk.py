"""Disks that fail: one whose errors a test switches on and off (disk_fault.c), and a real file system
of its own that turns read-only while files in it are open.
"""
import errno
import os
import struct
import subprocess


class faulty_disk:
    """The disk of one store folder. Pass `environment` to the gateway; the others work at once."""

    def __init__(self, folder, store):
        self._path = folder.file("disk-faults", "")
        self.mend()
        self.environment = {"LD_PRELOAD": os.environ["HIKYAKU_DISK_FAULT"],
                            "DISK_FAULT_FILE": self._path, "DISK_FAULT_FOLDER": store}

    def fail(self, write=0, sync=0, header=0):
        """Error numbers: of writes and openings for writing, of syncs, of LMDB's header."""
        with open(self._path, "r+b" if os.path.getsize(self._path) else "wb") as out:
            out.write(struct.pack("=3i", write, sync, header))

    def mend(self):
        self.fail()

    def break_down(self):
        self.fail(errno.EIO, errno.EIO, errno.EIO)

    def become_read_only(self):
        self.fail(errno.EROFS, 0, errno.EROFS)


class no_disk(Exception):
    """No file system may be made here; says why."""


def _run(*arguments):
    try:
        done = subprocess.run(arguments, capture_output=True, check=False)
    except OSError as fault:
        raise no_disk(f"{arguments[0]}: {fault}") from fault
    if done.returncode != 0:
        raise no_disk(f"{' '.join(arguments)}: {done.stderr.decode().strip()}")
    return done.stdout.decode().strip()


class real_disk:
    """An ext4 file system in a file, mounted below the folder. Raises no_disk where that is not
    possible (not root, a container without loop devices)."""

    def __init__(self, folder, bytes_max=32 << 20):
        self.path = os.path.join(folder.path, "disk")
        self._image = os.path.join(folder.path, "image")
        os.mkdir(self.path)
        with open(self._image, "wb") as image:
            image.truncate(bytes_max)
        _run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", self._image)
        self._mounted = False
        self.mount()

    def mount(self):
        _run("mount", "-o", "loop,errors=remount-ro", self._image, self.path)
        self._mounted = True

    def become_read_only(self):
        """What ext4 does when it meets an error of its own: every later write is EROFS. Only a new
        mount makes it writable."""
        device = os.path.basename(os.path.realpath(_run("findmnt", "-no", "SOURCE", self.path)))
        try:
            with open(f"/sys/fs/ext4/{device}/trigger_fs_error", "w", encoding="ascii") as error:
                error.write("1")
        except OSError as fault:
            raise no_disk(str(fault)) from fault

    def unmount(self):
        if self._mounted:
            self._mounted = False
            _run("umount", self.path)
