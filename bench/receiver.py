"""The application's side of receipts: an nginx with one process that answers every request with 200
and writes its query to a file. One and the same for Kannel and Hikyaku, and far from its limit.
"""

import http.client
import os
import re
import time

import programs
from support.kannel import free_ports

CONFIGURATION = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    log_format query '$args';
    access_log {log} query buffer=64k flush=200ms;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        default_type text/plain;
        location / {{ return 200 "ok"; }}
        location = /count {{ stub_status; access_log off; }}
    }}
}}
"""


class Receiver:
    """Listens when the constructor returns; `url` is what it is reached with."""

    def __init__(self, folder):
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}/receipt"
        self._log = os.path.join(folder, "receipts.log")
        self._asked = 0
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(folder=folder, log=self._log, port=self.port))
        self.program = programs.Program(["nginx", "-c", path, "-e", "stderr", "-p", folder], None)
        self._counts = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        deadline = time.monotonic() + programs.START_SECONDS
        while True:
            try:
                self.count()
                return
            except OSError:
                self._counts.close()
                if time.monotonic() > deadline:
                    self.program.stop()
                    raise programs.failed("nginx did not start") from None
                time.sleep(0.02)

    def count(self):
        """Requests so far, without those of count() itself."""
        self._counts.request("GET", "/count")
        text = self._counts.getresponse().read().decode()
        self._asked += 1
        requests = int(re.search(r"handled requests\s+\d+ \d+ (\d+)", text)[1])
        return requests - self._asked

    def queries(self):
        """Everything after the question mark of each request so far, in order."""
        time.sleep(0.5)  # nginx writes its buffer out every 200 ms
        with open(self._log, encoding="ascii", errors="replace") as file:
            return file.read().split("\n")[:-1]

    def stop(self):
        self._counts.close()
        self.program.stop(10)

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.stop()
