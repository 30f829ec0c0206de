"""One run for speed: wrk gives sendsms requests to a peer as fast as they are answered, and it is
watched when the carrier has the last message and the application the last receipt. bench/compare.py
calls it for each peer in turn.
"""

import json
import os
import subprocess
import urllib.parse
from typing import NamedTuple

import peers
import programs
import real
from receiver import Receiver
from watch import Watch

CONNECTIONS = 64
LOAD_SECONDS = 8
RECEIPT_DELAY = "100ms"  # from a submission to its receipt: no receipt overtakes its response
QUIET_SECONDS = 3  # without a new message or receipt: what is missing now does not come any more
DRAIN_SECONDS = 60
LUA = os.path.join(programs.ROOT, "bench/sendsms.lua")


class Traffic(NamedTuple):
    """What both are asked to send, and how the carrier names it."""
    text: str
    query: str = ""  # what Kannel needs beside the text
    segments: int = 1
    carrier: tuple = ()


SHORT = "short texts, decimal ids"
TRAFFIC = {
    "texts and ids as users have them": Traffic(
        real.TEXT, "&coding=2&charset=UTF-8", real.SEGMENTS,
        ("--id-form", "uuid", "--receipt-id-form", "uuid")),
    SHORT: Traffic("Twenty characters ok"),
}


def _wrk(port, traffic, receipts_url):
    """wrk at work; its last line of output is JSON."""
    seconds = round(programs.scaled_seconds(LOAD_SECONDS))
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration",
               f"{seconds}s", "--latency", "--script", LUA, f"http://127.0.0.1:{port}", "--",
               programs.SYSTEM_ID, programs.PASSWORD,
               urllib.parse.quote(traffic.text, safe="") + traffic.query]
    if receipts_url:
        command.append(urllib.parse.quote(receipts_url + "?", safe=""))
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def run(name, receipts, kind=SHORT):
    """One round of peers.ALL[name] with TRAFFIC[kind]. `figures` go into the table, the rest is for
    readers. Both tell of a message once, however many segments it has."""
    traffic = TRAFFIC[kind]
    with programs.fresh_folder() as folder, \
            programs.carrier("--receipt-delay", RECEIPT_DELAY, *traffic.carrier) as carrier, \
            Receiver(folder) as receiver, \
            peers.ALL[name](folder, carrier.port("smpp")) as peer:
        before = peer.figures()
        watch = Watch(carrier, receiver, traffic.segments)
        wrk = _wrk(peer.port, traffic, receiver.url if receipts else None)
        try:
            watch.until(lambda: wrk.poll() is not None, 3 * LOAD_SECONDS)
            out = wrk.communicate(timeout=1)[0]
        finally:
            if wrk.poll() is None:
                wrk.kill()
        if wrk.returncode != 0 or "{" not in out:
            raise programs.failed("wrk did not run")
        load = json.loads(out.strip().split("\n")[-1])
        accepted = load["requests"] - load["refused"]
        watch.until_quiet(lambda: watch.messages >= accepted and
                          (not receipts or watch.receipts >= watch.messages),
                          QUIET_SECONDS, DRAIN_SECONDS)
        after = peer.figures()
    if watch.messages == 0:
        raise programs.failed(f"{name}: no message reached the carrier")
    figures = {"messages/s": watch.messages / (watch.last_message - watch.start),
               "CPU us per message": (after["cpu_s"] - before["cpu_s"]) * 1e6 / watch.messages,
               "p50 ms": load["p50_ms"], "p99 ms": load["p99_ms"]}
    if receipts:
        figures["receipts/s"] = watch.receipts / (watch.last_receipt - watch.start)
        figures["receipts missing"] = watch.messages - watch.receipts
    return {"peer": name, "receipts": receipts, "kind": kind, "messages": watch.messages, "load": load,
            "anonymous_mib": round(after["anonymous_mib"], 1),
            "figures": {key: round(value, 2) for key, value in figures.items()}}
