#!/usr/bin/env python3
"""`./dev bench compare [--rounds N] [--only PART]... [--output FILE]`: Hikyaku beside its peers.

Kannel, nginx and Hikyaku run on this machine with the same load tool, in turn, and each run is
printed as one JSON object a line. At the end the section "Beside Kannel and nginx" of docs/bench.md
is written anew; a run of a few parts, or a scaled one, only prints it. Three rounds take about twenty
minutes. Kannel, nginx, wrk and mdb_dump must be installed.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare_kill  # noqa: E402
import compare_speed  # noqa: E402
import compare_text  # noqa: E402
import peers  # noqa: E402
import programs  # noqa: E402
import record  # noqa: E402
import redirect  # noqa: E402
import scenarios  # noqa: E402

NEEDED = ("bearerbox", "smsbox", "nginx", "wrk", "mdb_dump")
PARTS = ("speed", "doors", "kill", "redirect")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench compare", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of everything (default 3)")
    parser.add_argument("--only", action="append", choices=PARTS, help="leave out the other parts")
    parser.add_argument("--scale", type=float, default=1.0,
                        help="of the length of each run; less only shows that it works")
    parser.add_argument("--record", action="store_true",
                        help="append the medians to bench/results")
    parser.add_argument("--output", metavar="FILE",
                        default=os.path.join(programs.ROOT, "docs/bench.md"),
                        help="the document whose section is written (default %(default)s); "
                        "- only prints it")
    given = parser.parse_args()
    if given.rounds < 1 or not 0 < given.scale <= 1:
        parser.error("at least one round, and a scale above 0 and at most 1")
    if given.record and given.scale < 1:
        parser.error("only whole runs are recorded")
    return given


class Comparison:
    """Collects the results of all parts. A run that fails is reported and is not in any table."""

    def __init__(self):
        self.results = {part: [] for part in PARTS}
        self.failed = False

    def add(self, part, number, what, *values):
        begin = time.monotonic()
        try:
            result = what(*values)
        except programs.failed as fault:
            print(f"compare: {part} {' '.join(map(str, values))}: {fault}", file=sys.stderr)
            self.failed = True
            return
        for one in result if isinstance(result, list) else [result]:
            one = {"part": part, "round": number, "took_s": round(time.monotonic() - begin, 1),
                   **one}
            self.results[part].append(one)
            print(json.dumps(one), flush=True)

    def round(self, number, parts):
        if "speed" in parts:
            for kind in compare_speed.TRAFFIC:
                for receipts in (False, True):
                    for name in peers.ALL:
                        self.add("speed", number, compare_speed.run, name, receipts, kind)
        if "doors" in parts:
            self.add("doors", number, scenarios.http_one, programs.BINARY)
            self.add("doors", number, scenarios.cycle, programs.BINARY)
        if "kill" in parts:
            for name in peers.ALL:
                self.add("kill", number, compare_kill.run, name)

    def section(self, rounds):
        redirected = self.results["redirect"]
        return compare_text.section(rounds, self.results["speed"], self.results["doors"],
                                    self.results["kill"], redirected[0] if redirected else None)

    def keep(self):
        """A line of bench/results for each program and kind of run."""
        collected = {}
        for part, results in self.results.items():
            for one in results:
                scenario = f"{part}: {one.get('peer') or one['scenario']}" + (
                    ", receipts" if one.get("receipts") else "") + (
                    f", {one['kind']}" if one.get("kind", compare_speed.SHORT)
                    != compare_speed.SHORT else "")
                for figure, value in one["figures"].items():
                    collected.setdefault(scenario, {}).setdefault(figure, []).append(value)
        for scenario, figures in collected.items():
            record.append("compare", scenario, max(map(len, figures.values())), figures)


def main():
    given = arguments()
    parts = given.only or PARTS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # everything started ends with it
    os.environ["PATH"] += ":/usr/sbin"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        sys.exit(f"compare: not installed: {', '.join(missing)}")
    programs.scale = given.scale
    comparison = Comparison()
    for number in range(1, given.rounds + 1):
        comparison.round(number, parts)
    if "redirect" in parts:  # it alternates by itself, on one store of a million links
        comparison.add("redirect", given.rounds, redirect.run, programs.BINARY)
    if given.record:
        comparison.keep()
    text = comparison.section(given.rounds)
    if given.output == "-" or given.scale < 1 or set(parts) != set(PARTS):
        print(text)
    elif comparison.failed:
        print(text)
        sys.exit(f"compare: some runs failed, {given.output} is left as it is")
    else:
        compare_text.put(given.output, text)
        print(f"compare: wrote the section of {given.output}")


if __name__ == "__main__":
    main()
