"""What users have: Japanese texts of two segments with a tracked link, random ids in responses and
receipts, receipts from one to ten seconds later and out of order, two accounts, and a third of the
messages over HTTP, each with an Idempotency-Key. On a fresh store, on one that holds millions of
messages, and on that one with little memory.
"""

import contextlib
import json
import os
import subprocess

import programs

TEXT = ("【ヒキャク債権回収】10月分のお支払い12,800円の確認ができておりません。11月30日までに下記のページより"
        "お手続きください。https://pay.example/invoices/4711 お支払い済みの場合はご容赦ください。")
SEGMENTS = 2  # of the text
SECONDS = 10
CALIBRATION_SECONDS = 3
STORED = 20_000_000
PACED = 5000  # messages a second, for the latencies
CARRIER = ("--id-form", "uuid", "--receipt-id-form", "uuid", "--receipt-delay", "1s",
           "--receipt-jitter", "9s")
MEMORY_BYTES = 2 << 30
CGROUPS = "/sys/fs/cgroup/memory"
LINKS = {"track": True}
CONFIGURATION = {
    "account": [
        {"name": "load", "system_id": programs.SYSTEM_ID, "password": programs.PASSWORD,
         "rate": {"per_second": "unlimited"}, "window": 100, "receipt_window": 100, "links": LINKS},
        {"name": "web", "api_tokens": [programs.TOKEN], "rate": {"per_second": "unlimited"},
         "links": LINKS}],
    "server_links": {"listen": "127.0.0.1:0", "base_url": "http://l.example"}}


def _begin(gateway, http, *arguments):
    command = programs.load_command(gateway.addresses["http" if http else "smpp"], *arguments,
                                    "--text", TEXT, "--wait", "60s",
                                    *(["--idempotency-keys", "--registered", "0"] if http else []),
                                    http=http)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _end(process):
    out, error = process.communicate(timeout=programs.RUN_SECONDS)
    if not out.startswith("{"):
        raise programs.failed(error.strip() or "the load generator printed nothing")
    report = json.loads(out)
    if "error" in report:
        raise programs.failed(report["error"])
    return report


def both(gateway, seconds, smpp_rate, http_rate):
    """Loads both doors; their reports."""
    duration = ["--duration", programs.lasting(seconds)]
    loads = [_begin(gateway, False, "--rate", smpp_rate, *duration),
             _begin(gateway, True, "--rate", http_rate, *duration)]
    try:
        return [_end(each) for each in loads]
    finally:
        for each in loads:
            if each.poll() is None:
                each.kill()


def per_second(reports):
    return sum(report["accepted_per_second"] for report in reports)


def measure(name, folder, binary, around=contextlib.nullcontext):
    """One result: at full speed, a third of it over HTTP, then at a fixed rate."""
    with programs.carrier(*CARRIER) as carrier, \
            programs.gateway(folder, carrier.port("smpp"), binary, **CONFIGURATION) as gateway, \
            around(gateway):
        ready = gateway.ready - gateway.executed
        offered = per_second(both(gateway, CALIBRATION_SECONDS, "max", "max"))
        before = gateway.figures()
        full = both(gateway, SECONDS, "max", f"{round(offered / 3)}/s")
        accepted = sum(report["accepted"] for report in full)
        used = programs.used_between(before, gateway.figures(), accepted)
        paced = both(gateway, SECONDS, f"{PACED * 2 // 3}/s", f"{PACED // 3}/s")
        size = programs.metric(gateway, "hikyaku_store_used_bytes")
    return {"scenario": f"real, {name}", "load": full, "paced": paced, "gateway": used, "figures": {
        "messages/s": round(per_second(full)),
        "gateway's CPU us per message": used["cpu_us_per_message"],
        "share over HTTP": round(full[1]["accepted"] / accepted, 2),
        "response p99 ms": full[0]["response_latency_ms"]["p99"],
        f"response p99 ms at {PACED}/s": paced[0]["response_latency_ms"]["p99"],
        "ready s": round(ready, 3),
        "resident MiB": used["resident_mib"],
        "store MiB": round(size / 2**20),
        "lost": sum(report.get("lost", 0) for report in [*full, *paced])}}


def fill(folder, binary, count):
    """A store with `count` messages of that kind and their receipts."""
    with programs.carrier("--id-form", "uuid", "--receipt-id-form", "uuid", "--receipt-delay",
                          "100ms") as carrier, \
            programs.gateway(folder, carrier.port("smpp"), binary, **CONFIGURATION) as gateway:
        done = programs.load(gateway.addresses["smpp"], "--rate", "max", "--count", str(count),
                             "--text", TEXT, seconds=3600)
        if done["accepted"] != count:
            raise programs.failed(f"only {done['accepted']} of {count} messages were accepted")
    return count / done["duration_s"]


@contextlib.contextmanager
def little_memory(gateway):
    """The process has MEMORY_BYTES, its page cache counted; what it touched before is not."""
    path = os.path.join(CGROUPS, f"hikyaku-bench-{gateway.pid}")
    try:
        os.mkdir(path)
        for name, value in (("memory.limit_in_bytes", MEMORY_BYTES), ("cgroup.procs", gateway.pid)):
            with open(os.path.join(path, name), "w", encoding="ascii") as file:
                file.write(str(value))
        yield
    except OSError as fault:
        raise programs.failed(f"no cgroup with little memory: {fault}") from None
    finally:
        gateway.stop()
        with contextlib.suppress(OSError):
            os.rmdir(path)


def forget(folder):
    """Drops the store's pages from the page cache."""
    for name in os.listdir(os.path.join(folder, "store")):
        file = os.open(os.path.join(folder, "store", name), os.O_RDONLY)
        try:
            os.fdatasync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(file)


def run(binary):
    """On a fresh store."""
    with programs.fresh_folder() as folder:
        return [measure("fresh store", folder, binary)]


def run_full(binary):
    """On a fresh store, on a full one, and on that with little memory."""
    results = run(binary)
    count = programs.scaled(STORED)
    with programs.fresh_folder() as folder:
        rate = fill(folder, binary, count)
        forget(folder)
        results.append(measure(f"{count:,} stored", folder, binary))
        results[-1]["filled_per_second"] = round(rate)
        forget(folder)
        results.append(measure(f"{count:,} stored, 2 GiB", folder, binary, little_memory))
    return results
