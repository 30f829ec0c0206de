"""Bodies without end beside traffic: an upload of 200 MB in lines and a listing of everything that it
has brought, each while another application sends 5,000 messages a second, and the same traffic alone
in alternation. Memory is the anonymous one: pages of the store's map count as resident, are the page
cache's, and go when somebody needs the room.
"""

import os
import statistics
import subprocess
import threading
import time

import programs

LINE_OCTETS = 200
UPLOAD_OCTETS = 200_000_000
ROUNDS = 5
SECONDS = 8  # of traffic alone
BULK_TOKEN = "bulk-token"


class watched:
    """The most anonymous memory of a process while something happens, and how long that takes."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._ended.wait(0.05):
            self.most = max(self.most, self._gateway.figures()["anonymous_mib"])

    def __enter__(self):
        self.before = self.most = self._gateway.figures()["anonymous_mib"]
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *fault):
        self.seconds = time.monotonic() - self._began
        self._ended.set()
        self._thread.join()

    @property
    def growth(self):
        return round(self.most - self.before, 1)


def write_lines(path, octets):
    """Messages that are sent next year: what is measured is their acceptance."""
    with open(path, "w", encoding="ascii") as file:
        for number in range(octets // LINE_OCTETS):
            text = (f'{{"from":"Bulk","to":"+4917{number:08}","text":"Your parcel {number} has '
                    f'arrived","send_at":"2027-12-01T09:00:00Z","reference":"r{number}"')
            file.write(text + " " * (LINE_OCTETS - 2 - len(text)) + "}\n")


def curl(gateway, *arguments):
    """One request whose answer nobody keeps; the number of octets of it."""
    done = subprocess.run(
        ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", *arguments,
         "-H", f"Authorization: Bearer {BULK_TOKEN}",
         f"http://{gateway.addresses['http']}/v1/messages"],
        capture_output=True, text=True, check=True, timeout=programs.RUN_SECONDS)
    status, size = done.stdout.split()
    if status != "200":
        raise programs.failed(f"the answer was {status}")
    return int(size)


def upload(gateway, path):
    return curl(gateway, "-X", "POST", "-T", path, "-H", "Content-Type: application/x-ndjson",
                "-H", "Transfer-Encoding: chunked")


def listing(gateway):
    return curl(gateway, "-H", "Accept: application/x-ndjson")


def p99_beside(gateway, work):
    """p99 of the traffic from the beginning to the end of the work; None: for a while alone."""
    seconds = programs.lasting(SECONDS) if work is None else "24h"
    load = programs.Program(
        programs.load_command(gateway.addresses["smpp"], "--rate",
                              f"{programs.scaled(5000)}/s", "--duration", seconds), None)
    with load:
        if work is None:
            load.process.wait(timeout=programs.RUN_SECONDS)
        else:
            time.sleep(1)  # until it is under way
            work()
        report = programs.report_of(load.stop())
    return report["response_latency_ms"]["p99"]


def alternating(gateway, name, works):
    """Traffic alone, then beside each work, in turn. The scenario's result."""
    alone, beside = [], []
    for work in works:
        alone.append(p99_beside(gateway, None))
        beside.append(p99_beside(gateway, work))
    ratio = statistics.median(beside) / statistics.median(alone)
    return {"scenario": name, "alone": alone, "beside": beside, "figures": {
        "p99 ms at 5000/s alone": statistics.median(alone),
        "p99 ms beside it": statistics.median(beside), "ratio": round(ratio, 2)}}


def run(binary):
    octets = programs.scaled(UPLOAD_OCTETS) // LINE_OCTETS * LINE_OCTETS
    messages = octets // LINE_OCTETS
    accounts = [{"name": "load", "system_id": programs.SYSTEM_ID, "password": programs.PASSWORD,
                 "rate": {"per_second": "unlimited"}, "window": 100, "receipt_window": 100},
                {"name": "bulk", "api_tokens": [BULK_TOKEN], "rate": {"per_second": "unlimited"}}]
    with programs.fresh_folder() as folder, programs.carrier("--receipt-delay", "0ms") as carrier, \
            programs.gateway(folder, carrier.port("smpp"), binary, account=accounts) as gateway:
        whole, part = os.path.join(folder, "whole"), os.path.join(folder, "part")
        write_lines(whole, octets)
        write_lines(part, octets // 10)
        p99_beside(gateway, None)
        with watched(gateway) as of_upload:
            upload(gateway, whole)
        uploads = alternating(gateway, "upload in lines",
                              [lambda: upload(gateway, part)] * ROUNDS)
        uploads["figures"].update({"MiB more for 200 MB": of_upload.growth,
                                   "lines/s": round(messages / of_upload.seconds)})
        with watched(gateway) as of_listing:
            size = listing(gateway)
        listings = alternating(gateway, "listing of all messages",
                               [lambda: listing(gateway)] * ROUNDS)
        listings["figures"].update({
            "MiB more": of_listing.growth, "MB": round(size / 1e6),
            "messages/s": round(messages * (1 + ROUNDS / 10) / of_listing.seconds)})
    return [uploads, listings]
