"""Ports for programs that cannot be told to let the system pick one, and for those that come back
where they were. They lie below the range from which the system picks: nobody who asks it
for a port gets one of them, however many tests run at a time.
"""
import random
import socket

_LOWEST = 10000


def _below_the_systems():
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as limits:
        return int(limits.read().split()[0])


def free_ports(count):
    """Ports nobody listens on now, all of them different."""
    found, highest = [], _below_the_systems() - 1
    while len(found) < count:
        port = random.randint(_LOWEST, highest)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if port not in found:
            found.append(port)
    return found
