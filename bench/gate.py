"""What the gate costs: full cycles of messages of which nobody is asked, of dunning under the rules of
a money lender in Japan, and of the same where a million other contact points are held. They take
turns, so that the machine is the same for all. Every message goes to another phone.
"""

import contextlib
import datetime
import itertools
import json
import os
import statistics
import subprocess
import zoneinfo

import programs

HELD = 1_000_000
PACK = os.path.join(programs.ROOT, "config/policy/japan/lender.toml")
LUA = os.path.join(programs.ROOT, "bench/holds.lua")
ROUNDS = 5
SECONDS = 5  # of one load
# Countries of phones: in one of them no window ends or begins soon.
PREFIXES = {"+8190": "Asia/Tokyo", "+4479": "Europe/London"}
_runs = itertools.count(1)


def prefix_of_now():
    for prefix, zone in PREFIXES.items():
        hour = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).hour
        if 1 <= hour < 22:
            return prefix
    raise programs.failed("it is night everywhere")


def write_pack(folder):
    """The lender's rules, open nearly all day: what is measured is not to depend on the hour."""
    with open(PACK, encoding="utf-8") as file:
        text = file.read()
    for old, new in (('"japan/lender"', '"bench/lender"'), ('"08:00"', '"00:00"'),
                     ('"21:00"', '"23:59"')):
        if text.count(old) != 1:
            raise programs.failed(f"{old} does not stand once in {PACK}")
        text = text.replace(old, new)
    path = os.path.join(folder, "packs")
    os.makedirs(os.path.join(path, "bench"))
    with open(os.path.join(path, "bench/lender.toml"), "w", encoding="utf-8") as file:
        file.write(text)
    return path


@contextlib.contextmanager
def gateway(binary, **account):
    with programs.fresh_folder() as folder, programs.carrier("--receipt-delay", "1s") as carrier:
        packs = {"policy": {"path": write_pack(folder)}} if "policy" in account else {}
        with programs.gateway(folder, carrier.port("smpp"), binary, account=account,
                              **packs) as started:
            yield started


def place_holds(started, count):
    """At least so many, on phones that no load writes to."""
    placed = 0
    while placed < count:
        done = subprocess.run(
            ["wrk", "--threads", "1", "--connections", "256", "--duration", "5s", "--script", LUA,
             f"http://{started.addresses['http']}", "--", programs.TOKEN,
             f"8170{next(_runs) % 10}"],
            capture_output=True, text=True, check=True, timeout=programs.RUN_SECONDS)
        said = json.loads(done.stdout.strip().split("\n")[-1])
        if said["refused"] * 100 > said["requests"]:  # while the store is busy some may be
            raise programs.failed(f"holds were refused: {said}")
        placed += said["requests"] - said["refused"]
    return placed


def one(started):
    """Messages a second, and CPU of the gateway for each."""
    before = started.figures()
    said = programs.load(started.addresses["smpp"], "--rate", "max", "--duration",
                         programs.lasting(SECONDS), "--to-prefix",
                         f"{prefix_of_now()}{next(_runs) % 100:02}", "--to-digits", "7")
    if said["lost"]:
        raise programs.failed(f"{said['lost']} receipts are missing: the gate held messages back")
    used = programs.used_between(before, started.figures(), said["accepted"])
    return said["accepted_per_second"], used["cpu_us_per_message"]


def run(binary):
    under = {"policy": "bench/lender", "purpose_default": "dunning"}
    seen = {"transactional": [], "dunning": [], "dunning, holds": []}
    with gateway(binary) as plain, gateway(binary, **under) as asked, \
            gateway(binary, **under) as held:
        placed = place_holds(held, programs.scaled(HELD))
        for started in (plain, asked, held):
            one(started)
        for _ in range(ROUNDS):
            for name, started in zip(seen, (plain, asked, held)):
                seen[name].append(one(started))
    figures = {}
    for name, rounds in seen.items():
        rates, cpu = zip(*rounds)
        figures[f"{name}: messages/s"] = statistics.median(rates)
        figures[f"{name}: CPU us a message"] = statistics.median(cpu)
    rate = {name: figures[f"{name}: messages/s"] for name in seen}
    figures["dunning beside transactional"] = round(rate["dunning"] / rate["transactional"], 3)
    figures["with holds beside without"] = round(rate["dunning, holds"] / rate["dunning"], 3)
    figures["held contact points"] = placed
    return [{"scenario": "gate", "rounds": seen, "figures": figures}]
