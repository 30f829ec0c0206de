"""The redirector beside nginx: a million links that real submissions made, requested at random over
64 connections that are kept, in alternation with an nginx of one worker that answers `return 302`.
Both are loaded by wrk with the same requests, and the hits that were stored are compared with them.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess

import programs

LINKS = 1_000_000
CONNECTIONS = 64
ROUNDS = 3
SECONDS = 6
TARGET = "https://shop.example/pay/77?ref=a"
LUA = os.path.join(programs.ROOT, "bench/redirect.lua")
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 302 {target}; }}
    }}
}}
"""


def make_links(gateway, count):
    """Submits `count` messages with a URL each."""
    made = programs.load(gateway.addresses["http"], "--rate", "max", "--count", str(count),
                         "--batch", str(min(count, 500)), "--connections", "8", "--text",
                         f"Please pay: {TARGET}", "--registered", "0", http=True)
    if made["accepted"] != count:
        raise programs.failed(f"only {made['accepted']} of {count} links were made")


def write_paths(folder, path):
    """The codes of all links in the store, as paths, one a line; how many there are. They stand in
    the key behind the message's id; alone in stores before schema 3."""
    count = 0
    with open(path, "w", encoding="ascii") as file:
        for table, id_octets in (("link_records", 8), ("links", 0)):
            for key in keys_of(folder, table):
                file.write("/" + key[id_octets:].decode("ascii") + "\n")
                count += 1
    return count


def keys_of(folder, table):
    """The keys of a table; of one that the store does not have, none."""
    dump = subprocess.Popen(["mdb_dump", "-s", table, os.path.join(folder, "store")],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    in_data, is_key = False, True
    for line in dump.stdout:
        if line.startswith("HEADER=END"):
            in_data = True
        elif in_data and line.startswith(" "):
            if is_key:
                yield bytes.fromhex(line.strip())
            is_key = not is_key
    if dump.wait() != 0 and in_data:
        raise programs.failed("mdb_dump (lmdb-utils) cannot read the links")


class Nginx:
    """An nginx of our own, with nothing outside `folder`."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=folder, port=self.port, target=TARGET))
        os.chmod(folder, 0o755)  # the worker is another user
        self.program = programs.Program(["nginx", "-p", folder, "-c", config], None)

    def __enter__(self):
        deadline = programs.Deadline(programs.START_SECONDS)
        while deadline.pause(0.05):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
        self.program.stop()
        raise programs.failed("nginx did not start")

    def __exit__(self, *fault):
        self.program.stop()


def check(port, path):
    """One request by hand: it is answered 302, with the target."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    if (answer.status, answer.getheader("Location")) != (302, TARGET):
        raise programs.failed(f"port {port} answers {answer.status}")
    connection.close()


def wrk(port, paths, seconds):
    done = subprocess.run(["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration",
                           f"{seconds}s", "--latency", "--script", LUA,
                           f"http://127.0.0.1:{port}", "--", paths],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          timeout=seconds + 60, check=False)
    if done.returncode != 0 or "{" not in done.stdout:
        raise programs.failed("wrk did not run")
    report = json.loads(done.stdout.strip().split("\n")[-1])
    if report["refused"] or report["broken"]:
        raise programs.failed(f"{report['refused']} refused, {report['broken']} broken requests")
    report["per_second"] = report["requests"] / report["seconds"]
    return report


def hits_of(gateway):
    """(recorded, lost), when the gateway has written all it has."""
    seen = None
    deadline = programs.Deadline(30)
    while deadline.pause(0.2):
        now = (programs.metric(gateway, "hikyaku_link_hits_total"),
               programs.metric(gateway, "hikyaku_link_hits_lost_total"))
        if now == seen and programs.metric(gateway, "hikyaku_store_pending_bytes") == 0:
            return now
        seen = now
    return seen


def stored_hits(folder):
    """How many hits there are in the store of a gateway that has stopped."""
    told = subprocess.run(["mdb_stat", "-s", "hits", os.path.join(folder, "store")],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    entries = [line.split()[-1] for line in told.stdout.splitlines() if "Entries:" in line]
    if told.returncode != 0 or len(entries) != 1:
        raise programs.failed("mdb_stat (lmdb-utils) cannot count the hits")
    return int(entries[0])


def run(binary):
    links, seconds = programs.scaled(LINKS), max(1, round(programs.scaled_seconds(SECONDS)))
    rounds = []
    with programs.fresh_folder() as folder, programs.fresh_folder() as nginx_folder:
        with programs.gateway(folder, programs.NOBODY, binary,
                              server_links={"listen": "127.0.0.1:0",
                                            "base_url": "https://pay.example"},
                              account={"links": {"track": True}}) as gateway, \
                Nginx(nginx_folder) as nginx:
            make_links(gateway, links)
            paths = os.path.join(folder, "paths")
            if write_paths(folder, paths) != links:
                raise programs.failed("the store holds another number of links")
            with open(paths, encoding="ascii") as file:
                some_path = file.readline().strip()
            check(gateway.port("links"), some_path)
            check(nginx.port, some_path)
            for _ in range(ROUNDS):
                hits, lost = hits_of(gateway)
                before = gateway.figures()
                ours = wrk(gateway.port("links"), paths, seconds)
                after_hits, after_lost = hits_of(gateway)
                used = programs.used_between(before, gateway.figures(), ours["requests"])
                ours["hits"], ours["lost_hits"] = after_hits - hits, after_lost - lost
                theirs = wrk(nginx.port, paths, seconds)
                rounds.append({"gateway": ours, "nginx": theirs, "used": used})
        stored = stored_hits(folder)
    # What wrk had under way at the end may be a hit too, although nobody counted its answer.
    missing = sum(max(0, one["gateway"]["requests"] - one["gateway"]["hits"]) for one in rounds)
    missing = max(missing, sum(one["gateway"]["requests"] for one in rounds) - stored)
    if missing > 0 or any(one["gateway"]["lost_hits"] > 0 for one in rounds):
        raise programs.failed(f"{missing} of the redirects that were answered have no hit")

    def median(of):
        return statistics.median(of(one) for one in rounds)
    return [{"scenario": "redirect", "links": links, "rounds": rounds, "figures": {
        "redirects/s": round(median(lambda one: one["gateway"]["per_second"])),
        "nginx redirects/s": round(median(lambda one: one["nginx"]["per_second"])),
        "share of nginx": round(median(lambda one: one["gateway"]["per_second"]
                                       / one["nginx"]["per_second"]), 3),
        "gateway's CPU us per request": median(lambda one: one["used"]["cpu_us_per_message"]),
        "p99 ms": median(lambda one: one["gateway"]["p99_ms"]),
        "nginx p99 ms": median(lambda one: one["nginx"]["p99_ms"]),
        "hits in the store": stored, "hits not stored": missing}}]
