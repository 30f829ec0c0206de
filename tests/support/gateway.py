"""The gateway under test: the real binary on ports that the system picks, in a folder of its own,
with a configuration made from what the test states and short defaults for the rest.
"""
import copy
import json
import os
import re
import shutil
import signal
import tempfile
import time

from support import contract, toml, web
from support.program import binary, program
from support.waiting import HANGS_AFTER, eventually

TOKEN = "blackbox-token"
SYSTEM_ID = "app"
PASSWORD = "secret01"


def account(**changes):
    made = {"name": "app", "system_id": SYSTEM_ID, "password": PASSWORD, "api_tokens": [TOKEN]}
    made.update(changes)
    return made


def tomorrow():
    """For messages that wait."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))


def to_carrier(port, **changes):
    made = {"name": "sim", "hosts": [f"127.0.0.1:{port}"], "system_id": "hikyaku",
            "password": "carrier1", "contract_rate": "unlimited", "window": 50,
            "reconnect_min": "20ms", "reconnect_max": "200ms"}
    made.update(changes)
    return made


def default_configuration(carriers, accounts=None):
    return {
        "server.smpp": {"listen": ["127.0.0.1:0"]},
        "server.http": {"listen": ["127.0.0.1:0"]},
        "server.admin": {"listen": "127.0.0.1:0"},
        "store": {"path": "store", "map_bytes_initial": "64MiB"},
        "log": {"level": "debug", "format": "json"},
        "account": accounts or [account()],
        "carrier": carriers,
        "route": [{"name": "all", "carrier": carriers[0]["name"]}],
    }


class folder:
    """A fresh folder that goes when the test ends."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="hikyaku-test-")

    def file(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class gateway:
    """`configuration` as default_configuration() makes it; paths in it are below the folder."""

    # What is run; a test may say `sandbox`, with the options of its carrier.
    command = ("run",)

    def __init__(self, configuration, before_exec=None, store=None, environment=None):
        self.folder = folder()
        self.configuration = copy.deepcopy(configuration)
        path = self.configuration["store"]["path"]
        self.configuration["store"]["path"] = store or os.path.join(self.folder.path, path)
        self.write_configuration()
        self.program = None
        self.ports = {}
        self.logs = []
        self._before_exec = before_exec
        self.environment = environment

    def write_configuration(self):
        """After a change of `configuration`, for the next start."""
        self.config_path = self.folder.file("hikyaku.toml", toml.document(self.configuration))

    def start(self, seconds=HANGS_AFTER):
        """Returns itself when the gateway has said that it is ready."""
        self.launch()
        self.program.wait_line("^ready$", seconds)
        self.ports = {}
        for line in self.program.out.items():
            if match := re.match(r"(\S+)( \(tls\))? listening on \S+:(\d+)$", line):
                self.ports[match[1] + ("s" if match[2] else "")] = int(match[3])
        contract.opened(self.ports)
        return self

    def launch(self):
        """Only starts the process."""
        self.program = program([binary(), *self.command, "--config", self.config_path], "gateway",
                               self.environment, self._before_exec)

    def http(self, method, path, body=None, token=TOKEN, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        return web.request(self.ports["http"], method, path, body, sent)

    def admin(self, path, method="GET", token=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return web.request(self.ports["admin"], method, path, None, sent)

    def admin_post(self, path, body, token=None):
        """A body of JSON, to the admin listener."""
        sent = {"Content-Type": "application/json"}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return web.request(self.ports["admin"], "POST", path, json.dumps(body).encode(), sent)

    def send(self, to, text, token=TOKEN, **fields):
        """POST /v1/messages that must be accepted; its answer."""
        fields.setdefault("from", "4915112345")
        got = self.http("POST", "/v1/messages", {"to": to, "text": text, **fields}, token)
        if got.status != 202:
            raise AssertionError(f"not accepted: {got}")
        return got.json()

    def message(self, message_id, token=TOKEN):
        got = self.http("GET", f"/v1/messages/{message_id}", token=token)
        if got.status != 200:
            raise AssertionError(f"message {message_id}: {got}")
        return got.json()

    def wait_message(self, message_id, where, what, seconds=HANGS_AFTER, token=TOKEN):
        """The message as soon as where(message) holds."""
        def check():
            found = self.message(message_id, token)
            return found if where(found) else None
        return eventually(check, what, seconds)

    def metric(self, name, **labels):
        samples, _ = web.parse_metrics(self.admin("/metrics").body.decode())
        return samples[(name, frozenset(labels.items()))]

    def wait_metric(self, number, name, seconds=HANGS_AFTER, **labels):
        eventually(lambda: self.metric(name, **labels) == number,
                   f"{name} {labels} == {number}", seconds)

    def wait_bound(self, binds=1, carrier="sim"):
        self.wait_metric(binds, "hikyaku_carrier_binds_up", carrier=carrier)

    def begin_stop(self):
        self.program.signal(signal.SIGTERM)

    def stop(self, seconds=HANGS_AFTER):
        """SIGTERM, and the exit code."""
        self.begin_stop()
        return self._ended(self.program.wait_end(seconds))

    def kill(self):
        """SIGKILL: what a power cut looks like to everybody but the disk."""
        self.program.kill()
        self._ended(None)

    def _ended(self, code):
        contract.closed(self.ports)
        self.logs += self.program.error.items()
        return code

    def close(self):
        """Ends it in any case and removes its folder."""
        if self.program is not None:
            self.program.kill()
        contract.closed(self.ports)
        self.folder.remove()
