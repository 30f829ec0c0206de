"""The scenarios of docs/bench.md. Each is a function of the gateway's path that runs once and
returns a list of results: `scenario` names it, `figures` are the numbers that count (they go into
the table of several rounds), the rest is what a reader may want to see.
"""

import json
import os
import subprocess

import programs

MICRO = os.path.join(programs.ROOT, "build/release/bench/hikyaku_micro")
NOBODY = 9  # a port where nobody listens: the carrier is down


def traffic(binary, name, load_arguments, carrier_arguments=("--receipt-delay", "0ms"),
            with_carrier=True, http=False, **changes):
    """One load run through a fresh gateway."""
    result = {"scenario": name, "figures": {}}
    with programs.fresh_folder() as folder:
        carrier = programs.carrier(*carrier_arguments) if with_carrier else None
        try:
            port = carrier.port("smpp") if carrier else NOBODY
            with programs.gateway(folder, port, binary, **changes) as gateway:
                before = gateway.figures()
                of_carrier = carrier.figures() if carrier else None
                target = gateway.addresses["http" if http else "smpp"]
                result["load"] = programs.load(target, *load_arguments, http=http)
                messages = result["load"]["accepted"]
                result["gateway"] = programs.used_between(before, gateway.figures(), messages)
                if carrier:
                    used = programs.used_between(of_carrier, carrier.figures(), messages)
                    result["carrier_cpu_s"] = used["cpu_s"]
        finally:
            if carrier:
                result["carrier"] = programs.report_of(carrier.stop())
    report = result["load"]
    result["figures"] = {
        "messages/s": report.get("cycles_per_second", report["accepted_per_second"]),
        "gateway's CPU us per message": result["gateway"]["cpu_us_per_message"],
        "response p50 ms": report["response_latency_ms"]["p50"],
        "response p99 ms": report["response_latency_ms"]["p99"],
        "lost": report.get("lost", 0)}
    return result


def micro(_binary):
    done = subprocess.run([MICRO, "--benchmark_min_time=0.3", "--benchmark_format=json"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                          timeout=programs.RUN_SECONDS)
    return [{"scenario": "micro", "figures": {
        f"{one['name']} {one['time_unit']}": round(one["real_time"], 2)
        for one in json.loads(done.stdout)["benchmarks"]}}]


def cycle(binary):
    return [traffic(binary, "full cycle", ["--rate", "max", "--duration", "10s"])]


def latency(binary):
    return [traffic(binary, "full cycle at 5000/s", ["--rate", "5000/s", "--duration", "10s"])]


def accept(binary):
    return [traffic(binary, "accept, carrier down",
                    ["--rate", "max", "--duration", "8s", "--registered", "0"],
                    with_carrier=False)]


def http_one(binary):
    return [traffic(binary, "http, one a request",
                    ["--rate", "max", "--duration", "8s", "--registered", "0"], http=True)]


def http_batch(binary):
    return [traffic(binary, "http, batches of 100",
                    ["--rate", "max", "--duration", "8s", "--batch", "100", "--registered", "0"],
                    http=True)]


def rate(binary):
    results = []
    for per_second, seconds in ((1, 8), (10, 8), (100, 8), (1000, 8), (10000, 6)):
        result = traffic(binary, f"contract rate {per_second}/s",
                         ["--rate", f"{int(per_second * 1.2) + 1}/s", "--duration",
                          f"{seconds}s", "--wait", "30s"],
                         carrier={"contract_rate": f"{per_second}/s"})
        result["figures"] = {
            "most in a second": result["carrier"]["most_submissions_in_one_second"]}
        results.append(result)
    return results


ALL = {"micro": micro, "cycle": cycle, "latency": latency, "accept": accept, "http": http_one,
       "http-batch": http_batch, "rate": rate}
