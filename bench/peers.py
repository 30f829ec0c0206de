"""What ./dev bench compare compares: each peer is started in front of a carrier, takes sendsms
requests on `port`, says what its processes have used, and can be killed and started again.
"""

import kannel
import programs


# What is changed in programs.configuration(): the sendsms door is opened.
CHANGES = {"server_http": {"sendsms": True},
           "account": {"sendsms": {"username": programs.SYSTEM_ID, "password": programs.PASSWORD,
                                   "allow_private": True}}}


class Hikyaku:
    """The gateway with its sendsms door open."""

    def __init__(self, folder, carrier_port):
        self._folder = folder
        self._carrier_port = carrier_port
        self.start()

    def start(self):
        """A new life on the same store, on ports of its own."""
        self.program = programs.gateway(self._folder, self._carrier_port, **CHANGES)
        self.port = self.program.port("http")

    def figures(self):
        return self.program.figures()

    def kill_core(self):
        self.program.kill()

    def stop(self):
        self.program.stop()

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.stop()


def _kannel(store):
    return lambda folder, carrier_port: kannel.Kannel(folder, carrier_port, store)


OURS = "Hikyaku"
ALL = {OURS: Hikyaku, **{f"Kannel, {'no' if store == 'none' else store} store": _kannel(store)
                         for store in kannel.STORE}}
