#!/usr/bin/env python3
"""The results of runs: bench/results/NAME.jsonl has one JSON object a line for each run that was
recorded; bench/results/README.md describes its members. bench/run and bench/compare.py call
append(); for the runs of the tests this file is a program of its own:

    bench/record.py NAME COMMAND...

runs the command, hands its output through, reads the figures of NAME out of it, and appends a line.
The exit code is the command's, or 1 when the figures were not found.
"""

import datetime
import json
import os
import re
import statistics
import subprocess
import sys

import machine

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "bench/results")
MEMBERS = ("date", "commit", "machine", "scenario", "rounds", "figures", "note", "findings")
SPREAD = ("median", "least", "most")

# What each kind of run prints at its end: {scenario: {figure: pattern with one group}}.
NUMBER = r"([\d,.]+)"
AUDIT = {
    "messages answered": r"^messages: (\d+) answered",
    "messages lost": r"^messages: .* answered, (\d+) lost",
    "segments sent": r"^messages: .* (\d+) segments sent",
    "segments again": r"^messages: .* segments sent, (\d+) of them again",
    "receipts": r"^receipts: (\d+)",
    "replies": r"^receipts: .* replies: (\d+)",
    "receipts and replies lost": r"^receipts: .* (\d+) lost",
    "deliveries again": r"^receipts: .* (\d+) deliveries again",
    "hits answered": r"^hits: (\d+) answered",
    "hits lost": r"^hits: .* answered, (\d+) lost"}
PATTERNS = {
    "sim": {
        "seeds": r"^(\d+) seeds from",
        "first seed": r"^\d+ seeds from (\d+)",
        "virtual hours": rf"seeds from .*: {NUMBER} virtual hours",
        "events": r"virtual hours, (\d+) events",
        "messages": r" events, (\d+) messages",
        "segments": r" messages \((\d+) segments\)",
        "receipts told": r"segments\), (\d+) receipts",
        "segments again after unknown outcomes": r"outcomes (\d+) segments accepted again"},
    "crash": {"kills": r"^(\d+) deaths", **AUDIT},
    "power": {"cuts": r"^(\d+) power cuts", "blocks not synced": r": (\d+) blocks not synced",
              "of them lost or torn": r"not synced, (\d+) of them", **AUDIT},
    "soak": {
        "minutes": rf"^{NUMBER} min at ",
        "messages/s": r"^[\d.]+ min at (\d+)/s",
        "accepted": r"^accepted (\d+)", "receipts": r"^accepted .* receipts (\d+)",
        "lost": r"^accepted .* lost (\d+)", "refused": r"^accepted .* refused (\d+)",
        "removed by retention %": rf"^retention removed {NUMBER}%",
        "anonymous MiB, last quarter": rf"^\| `rss_anon_mib` \| [^|]* \| {NUMBER} MiB",
        "store MiB, last quarter": rf"^\| `store_file_mib` \| [^|]* \| {NUMBER} MiB",
        "response p50 ms, last quarter": rf"^\| `response_p50_ms` \| [^|]* \| {NUMBER} ms",
        "response p99 ms, last quarter": rf"^\| `response_p99_ms` \| [^|]* \| {NUMBER} ms",
        "receipt p99 ms, last quarter": rf"^\| `receipt_p99_ms` \| [^|]* \| {NUMBER} ms",
        "CPU us per message, last quarter": rf"^\| `cpu_us_per_message` \| [^|]* \| {NUMBER} us"},
}
SCENARIOS = {"sim": "simulation", "crash": "SIGKILL under load", "power": "power cuts under load",
             "soak": "soak"}


class not_found(Exception):
    """The output of a run has no such figure."""


def commit():
    """The commit of the tree, "-dirty" behind it when a source differs; None without git."""
    head = machine.output("git", "-C", ROOT, "rev-parse", "--short", "HEAD")
    changed = machine.output("git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no",
                             "--", ".", ":!bench/results", ":!docs")
    return (head + ("-dirty" if changed else "")) or None


def summary(numbers):
    """A figure as it is recorded: the number of one round, else median, least and most."""
    known = [number for number in numbers if number is not None]
    if not known:
        return None
    if len(numbers) == 1:
        return numbers[0]
    return {"median": statistics.median(known), "least": min(known), "most": max(known)}


def append(name, scenario, rounds, figures, folder=None, stores=None, **more):
    """A line for one run of now: figures is {figure: [number of each round]}, `more` may be `note`
    and `findings`. Stores were in the folder `stores`."""
    line = {"date": datetime.date.today().isoformat(), "commit": commit(),
            "machine": machine.facts(stores), "scenario": scenario, "rounds": rounds,
            "figures": {figure: summary(numbers) for figure, numbers in figures.items()}, **more}
    path = os.path.join(folder or FOLDER, f"{name}.jsonl")
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(f"record: one line more in {os.path.relpath(path)}", file=sys.stderr)


def read(name, folder=None):
    """The lines of one file, the oldest first."""
    with open(os.path.join(folder or FOLDER, f"{name}.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def names(folder=None):
    """The files that there are."""
    return sorted(each[:-len(".jsonl")] for each in os.listdir(folder or FOLDER)
                  if each.endswith(".jsonl"))


def found_in(text, patterns):
    """{figure: [number]}; raises not_found for what the text does not have."""
    figures = {}
    for figure, pattern in patterns.items():
        match = re.search(pattern, text, re.MULTILINE)
        if match is None:
            raise not_found(figure)
        number = float(match[1].replace(",", "").rstrip("."))
        figures[figure] = [int(number) if number.is_integer() else number]
    return figures


def findings(code, text):
    """What a run with this exit code and output has found: its verdict, or that it has failed."""
    if code == 0:
        return []
    verdict = re.search(r"^verdict: (.*)$", text, re.MULTILINE)
    return [verdict[1] if verdict else f"exit code {code}"]


def run(command):
    """The command, with its output shown and kept: (exit code, output)."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        said = []
        for line in process.stdout:
            print(line, end="", flush=True)
            said.append(line)
    return process.returncode, "".join(said)


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in PATTERNS:
        sys.exit(f"usage: bench/record.py {'|'.join(PATTERNS)} COMMAND...")
    name, command = arguments[0], arguments[1:]
    code, said = run(command)
    try:
        figures = found_in(said, PATTERNS[name])
    except not_found as fault:
        print(f"record: nothing is recorded, the output has no \"{fault}\"", file=sys.stderr)
        return code or 1
    stores = command[command.index("--store") + 1] if "--store" in command[:-1] else None
    append(name, SCENARIOS[name], 1, figures, stores=stores, findings=findings(code, said))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
