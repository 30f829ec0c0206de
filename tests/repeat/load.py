"""One process of the load that tests are repeated beside: it keeps a core busy, and every now and
then writes and syncs a file, as compilers and their caches do. It ends by itself when it has used a
day of processor time; run.py ends it long before.
"""
import os
import resource
import sys
import time

SECONDS_MAX = 86400
SYNC_SECONDS, OCTETS = 0.2, 1 << 20


def main(path):
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    with open(path, "wb", buffering=0) as out:
        os.unlink(path)
        block = bytes(OCTETS)
        while True:
            out.seek(0)
            out.write(block)
            os.fdatasync(out.fileno())
            until = time.monotonic() + SYNC_SECONDS
            while time.monotonic() < until:
                sum(range(1000))


if __name__ == "__main__":
    main(sys.argv[1])
