#!/usr/bin/env python3
"""`./dev bench trends [--figure TEXT] [NAME...]`: what became of the figures in bench/results.

Prints each scenario and figure with its history: date, commit, median with least and most, and the
change against the line before it on a machine of the same kind; then what runs have found. A `~`
behind the change says that the two spreads overlap, or that one of them is not known: such a change
may be chance.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import record  # noqa: E402


def shown(number):
    """Three digits that matter, of large numbers all before the point."""
    if number is None:
        return "-"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def spread(value):
    """(median, least, most) of a recorded figure; None for what is not known."""
    if isinstance(value, dict):
        return tuple(value.get(each) for each in record.SPREAD)
    return value, None, None


def cell(value):
    """As it is printed: 34,300 (31,800-36,700)."""
    median, least, most = spread(value)
    if least is None or most is None or least == most:
        return shown(median)
    return f"{shown(median)} ({shown(least)}-{shown(most)})"


def change(before, after):
    """+12.3 %, with a ~ where the spreads do not exclude that nothing has changed."""
    old, old_least, old_most = spread(before)
    new, new_least, new_most = spread(after)
    if not old or new is None:
        return ""
    sure = None not in (old_least, old_most, new_least, new_most) and (
        new_least > old_most or new_most < old_least)
    return f"{(new / old - 1) * 100:+.1f} %" + ("" if sure or new == old else " ~")


def machine_text(known):
    if not known:
        return "a machine that is not known"
    return (f"{known['cores']} cores of {known['model']}, {known['memory_gib']} GiB, stores on "
            f"{known['store']}")


def histories(lines):
    """{scenario: {figure: [(line, value)]}} in the order of the lines."""
    found = {}
    for line in lines:
        figures = found.setdefault(line["scenario"], {})
        for figure, value in line["figures"].items():
            if value is not None:
                figures.setdefault(figure, []).append((line, value))
    return found


def rows(history):
    """(date, commit, value, change, machine, note) of each line of one figure."""
    latest = {}
    for line, value in history:
        on = machine_text(line["machine"])
        yield (line["date"] or "-", line["commit"] or "-", cell(value),
               change(latest[on], value) if on in latest else "", on, line.get("note") or "")
        latest[on] = value


def findings(lines, scenario):
    """A line of text for each thing that a run has found."""
    return [f"    {line['date'] or '-':<10}  {line['commit'] or '-':<7}  {text}" for line in lines
            if line["scenario"] == scenario for text in line.get("findings", [])]


def history_text(history, letters):
    """The lines of one figure, in columns; a machine is a letter of `letters`."""
    cells = [(date, commit, value, changed, letters.setdefault(on, chr(ord("A") + len(letters))),
              note) for date, commit, value, changed, on, note in rows(history)]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    return [("    " + "  ".join(f"{text:<{width}}" for text, width in zip(row, widths))
             + f"  {row[5]}").rstrip() for row in cells]


def table(lines, figure_text=""):
    """All of one file as text; machines are letters that stand at its end."""
    letters, out = {}, []
    for scenario, figures in histories(lines).items():
        part = []
        for figure, history in figures.items():
            if figure_text in figure:
                part += [f"  {figure}", *history_text(history, letters)]
        if figure_text in "findings" and findings(lines, scenario):
            part += ["  findings", *findings(lines, scenario)]
        out += [scenario, *part] if part else []
    return "\n".join(out + [f"{letter}: {on}" for on, letter in letters.items()])


def main(arguments, folder=None):
    parser = argparse.ArgumentParser(prog="./dev bench trends", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="names: " + ", ".join(record.names(folder)))
    parser.add_argument("names", nargs="*", metavar="NAME", help="files; without: all")
    parser.add_argument("--figure", default="", metavar="TEXT",
                        help="only figures that have this in their name")
    given = parser.parse_args(arguments)
    known = record.names(folder)
    for name in given.names:
        if name not in known:
            parser.error(f"nothing is recorded of {name}; there are {', '.join(known)}")
    printed = [table(record.read(name, folder), given.figure) for name in given.names or known]
    print("\n\n".join(each for each in printed if each))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
