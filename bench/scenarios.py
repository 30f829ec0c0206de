"""The scenarios of docs/bench.md. Each is a function of the gateway's path that runs once and
returns a list of results: `scenario` names it, `figures` are the numbers that count (they go into
the table of several rounds), the rest is what a reader may want to see.
"""

import json
import os
import subprocess

import backlog
import costs
import gate
import idle
import programs
import real
import redirect
import redirect_power
import streams

MICRO = os.path.join(os.path.dirname(os.path.abspath(programs.TOOLS)), "bench/hikyaku_micro")


def traffic(binary, name, load_arguments, carrier_arguments=("--receipt-delay", "0ms"),
            with_carrier=True, http=False, **changes):
    """One load run through a fresh gateway."""
    result = {"scenario": name, "figures": {}}
    with programs.fresh_folder() as folder:
        carrier = programs.carrier(*carrier_arguments) if with_carrier else None
        try:
            port = carrier.port("smpp") if carrier else programs.NOBODY
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
    tools = report["load_cpu_s"] + result.get("carrier_cpu_s", 0)
    result["figures"] = {
        "messages/s": report.get("cycles_per_second", report["accepted_per_second"]),
        "gateway's CPU us per message": result["gateway"]["cpu_us_per_message"],
        "response p50 ms": report["response_latency_ms"]["p50"],
        "response p99 ms": report["response_latency_ms"]["p99"],
        "share of a core: gateway": round(result["gateway"]["cpu_s"] / report["duration_s"], 2),
        "share of a core: load tools": round(tools / report["duration_s"], 2),
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
    return [traffic(binary, "full cycle", ["--rate", "max", "--duration", programs.lasting(10)])]


UUIDS = ("--id-form", "uuid", "--receipt-id-form", "uuid")
WITH_LINK = ["--text", "Please pay invoice 4711: https://shop.example/pay/4711"]
TRACKED = {"account": {"links": {"track": True}},
           "server_links": {"listen": "127.0.0.1:0", "base_url": "http://l.example"}}


def random_keys(binary):
    """What costs the friendly case nothing: ids of carriers that are random, links in texts."""
    results = []
    for name, ids, text, changes in (
            ("decimal ids, no links", (), [], {}), ("uuids", UUIDS, [], {}),
            ("decimal ids, a link", (), WITH_LINK, TRACKED),
            ("uuids, a link", UUIDS, WITH_LINK, TRACKED)):
        results.append(traffic(
            binary, f"full cycle, {name}",
            ["--rate", "max", "--duration", programs.lasting(8), *text],
            ("--receipt-delay", "1s", *ids), **changes))
    return results


def latency(binary):
    return [traffic(binary, "full cycle at 5000/s",
                    ["--rate", "5000/s", "--duration", programs.lasting(10)])]


def accept(binary):
    return [traffic(binary, "accept, carrier down",
                    ["--rate", "max", "--duration", programs.lasting(8), "--registered", "0"],
                    with_carrier=False)]


def http_one(binary):
    return [traffic(binary, "http, one a request",
                    ["--rate", "max", "--duration", programs.lasting(8), "--registered", "0"],
                    http=True)]


def http_batch(binary):
    return [traffic(binary, "http, batches of 100",
                    ["--rate", "max", "--duration", programs.lasting(8), "--batch", "100",
                     "--registered", "0"], http=True)]


def rate(binary):
    """The queue is never empty: a fifth more than the contract rate is offered."""
    results = []
    for per_second, seconds in ((1, 20), (10, 20), (100, 20), (1000, 20), (10000, 15)):
        result = traffic(binary, f"contract rate {per_second}/s",
                         ["--rate", f"{int(per_second * 1.2) + 1}/s", "--duration",
                          programs.lasting(seconds), "--wait", "60s"],
                         carrier={"contract_rate": f"{per_second}/s"})
        seen = result["carrier"]
        between = (seen["last_submission_us"] - seen["first_submission_us"]) / 1e6
        result["figures"] = {
            "most in any sliding second": seen["most_submissions_in_one_second"],
            "share of the rate that is used": round(
                (seen["submissions"] - 1) / between / per_second, 4) if between else None,
            "messages": seen["submissions"], "lost": result["load"]["lost"]}
        results.append(result)
    return results


ALL = {"micro": micro, "cycle": cycle, "latency": latency, "accept": accept, "http": http_one,
       "http-batch": http_batch, "redirect": redirect.run, "redirect_power": redirect_power.run,
       "backlog": backlog.run,
       "idle": idle.run, "rate": rate, "costs": costs.run, "streams": streams.run,
       "gate": gate.run,
       "random-keys": random_keys, "real": real.run, "real-full": real.run_full}
