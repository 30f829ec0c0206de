"""Writes what ./dev bench compare has measured as the section of docs/bench.md: machine, versions
and settings as they are on this machine now, and one table each of speed, kills and redirects.
Every figure is the median of all rounds, with the least and the most behind it.
"""

import datetime
import statistics
import textwrap

import compare_kill
import compare_speed
import kannel
import machine
import peers
import programs
import real

BEGIN = "<!-- written by ./dev bench compare: begin -->"
END = "<!-- written by ./dev bench compare: end -->"
HEADING = "## Beside Kannel and nginx"
PACKAGES = ("kannel", "nginx", "wrk")


def versions():
    """One line: what was measured, and with what."""
    known = [f"{name} {machine.output('dpkg-query', '-W', '-f', '${Version}', name)}"
             for name in PACKAGES]
    commit = machine.output("git", "-C", programs.ROOT, "rev-parse", "--short", "HEAD")
    return ", ".join([machine.output(programs.BINARY, "--version") + f" (commit {commit})", *known])


def shown(number):
    """Three digits that matter, at most, of large numbers rounded to them."""
    if abs(number) >= 1000:
        digits = 10 ** (len(str(int(abs(number)))) - 3)
        return f"{round(number / digits) * digits:,.0f}"
    return f"{number:.3g}"


def _spread(numbers, form=shown):
    """Median and, where they differ, the least and the most."""
    least, most = form(min(numbers)), form(max(numbers))
    middle = form(statistics.median(numbers))
    return middle if least == most else f"{middle} ({least}-{most})"


def _whole(number):
    return f"{number:,.0f}"


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _of(results, **wanted):
    return [one["figures"] for one in results
            if all(one.get(key) == value for key, value in wanted.items())]


def _speed_rows(results, receipts):
    done = "receipts/s" if receipts else "messages/s"

    def column(name, figure):
        return [one[figure] for one in _of(results, peer=name, receipts=receipts)]
    for name in peers.ALL:
        if not column(name, done):
            continue
        ratio = cpu_ratio = "-"
        if column(peers.OURS, done):
            ratio = shown(statistics.median(column(name, done)) /
                          statistics.median(column(peers.OURS, done)))
            cpu_ratio = shown(statistics.median(column(name, "CPU us per message")) /
                              statistics.median(column(peers.OURS, "CPU us per message")))
        missing = _spread(column(name, "receipts missing"), _whole) if receipts else "-"
        yield [name, "yes" if receipts else "no", _spread(column(name, "messages/s")),
               _spread(column(name, done)) if receipts else "-", missing, ratio,
               _spread(column(name, "CPU us per message")), cpu_ratio,
               " / ".join(shown(statistics.median(column(name, figure)))
                          for figure in ("p50 ms", "p99 ms"))]


def speed(results, kind=compare_speed.SHORT):
    """Table of compare_speed.run() with that traffic."""
    results = [one for one in results if one.get("kind", compare_speed.SHORT) == kind]
    return _table(["program", "receipts", "messages/s at the carrier",
                   "receipts/s at the application", "receipts missing", "its rate / Hikyaku's",
                   "CPU per message, us", "its CPU / Hikyaku's", "answer p50 / p99, ms"],
                  [*_speed_rows(results, False), *_speed_rows(results, True)])


def doors(results):
    """Table of our other doors, from scenarios.traffic()."""
    names = dict.fromkeys(one["scenario"] for one in results)
    return _table(["Hikyaku's other doors", "messages/s", "CPU per message, us"],
                  [[name] + [_spread([one[figure] for one in _of(results, scenario=name)])
                             for figure in ("messages/s", "gateway's CPU us per message")]
                   for name in names])


def kills(results):
    """Table of compare_kill.run()."""
    figures = ("accepted", "messages lost", "messages twice", "at the carrier", "receipts lost",
               "receipts twice")
    return _table(["program", "answered with success", "of them never at the carrier",
                   "twice at the carrier", "receipts due", "of them never at the application",
                   "twice at the application"],
                  [[name] + [_spread([one[figure] for one in _of(results, peer=name)], _whole)
                             for figure in figures]
                   for name in peers.ALL if _of(results, peer=name)])


def redirects(result):
    """Table of the rounds of redirect.run()."""
    rounds = result["rounds"]
    share = [one["gateway"]["per_second"] / one["nginx"]["per_second"] for one in rounds]
    rows = [[name, _spread([one[key]["per_second"] for one in rounds]), of_nginx,
             _spread([one[key]["p99_ms"] for one in rounds])]
            for name, key, of_nginx in (
                (f"Hikyaku, {result['links']:,} links, hits stored", "gateway", _spread(share)),
                ("nginx, `return 302`, one worker", "nginx", "1"))]
    return _table(["redirects", "requests/s", "share of nginx", "p99, ms"], rows)


def settings():
    """Both configurations, whole, with words in place of ports and folders."""
    ours = programs.configuration("FOLDER", "PORT", **peers.CHANGES)
    blocks = ["Kannel (file store; with the spool store `store-type = \"spool\"`, without a store "
              "none of the three lines):\n",
              kannel.configuration("FOLDER", "PORT", "file", "PORT", "PORT", "PORT"),
              "Hikyaku:\n", ours]
    return "\n".join(each if each.endswith(":\n") else
                     "".join(f"    {line}\n" if line else "\n"
                             for line in each.strip().split("\n"))
                     for each in blocks)


def _paragraph(text):
    """Wrapped as the house style wants documents to be."""
    return textwrap.fill(" ".join(text.split()), 100, break_long_words=False,
                         break_on_hyphens=False) + "\n"


def _introduction(rounds):
    return _paragraph(f"""{machine.sentence()}. {datetime.date.today().isoformat()}. {versions()}.
Everything runs on that one machine: program, load tool, simulated carrier, receiver of receipts.
The programs take turns. Each figure is the median of {rounds} rounds; the least and the most are in
brackets. Again: `./dev bench compare --rounds {rounds}`.""")


def _about_speed():
    load = round(programs.scaled_seconds(compare_speed.LOAD_SECONDS))
    return "### HTTP in, SMPP out\n\n" + _paragraph(f"""wrk sends `GET /cgi-bin/sendsms` for {load}
s, with one thread over {compare_speed.CONNECTIONS} kept connections, as fast as the answers come. Each
request has another number. The texts of users are Japanese, of {real.SEGMENTS} segments, and the
carrier gives UUIDs as ids; the short ones have 20 characters. `hikyaku carrier` answers at once, over {kannel.BINDS}
transceiver binds with a window of 100. With receipts, the requests have `dlr-mask=3` and a
`dlr-url`, the carrier sends each receipt {compare_speed.RECEIPT_DELAY} after the message, and an
nginx is the application. A rate counts from the first request until the carrier has the last
message, or the application the last receipt; the ratios compare the latter where there are
receipts. CPU is that of the gateway, or of bearerbox and smsbox together. Hikyaku syncs its disk
before each answer. Kannel's file and spool store write and never sync, and its receipt table is in
memory.""")


def _about_kills():
    accepted = programs.scaled(compare_kill.KILL_AT)
    return "### Killed in the middle\n\n" + _paragraph(f"""The program answers {accepted:,} messages
with success over {compare_kill.CONNECTIONS} connections, while the carrier takes 500/s and sends
receipts after 3 s. Then the gateway, or bearerbox, gets SIGKILL with requests under way, and is
started again at once. The carrier becomes fast. When nothing has moved for
{compare_kill.QUIET_SECONDS} s, the destinations that the carrier recorded and the receipts that the
application got are compared with the answers. A message comes twice when it was sent before the
kill and its outcome is not known afterwards.""")


def section(rounds, speeds, other_doors, killed, redirected):
    """The whole section, markers included; a table without results is left out."""
    parts = [BEGIN, HEADING, "", _introduction(rounds)]
    if speeds:
        parts.append(_about_speed())
        for kind in compare_speed.TRAFFIC:
            parts += [f"With {kind}:\n", speed(speeds, kind), ""]
    if other_doors:
        parts += ["In the same rounds, the scenarios `http` and `cycle` with `hikyaku load`:\n",
                  doors(other_doors), ""]
    if killed:
        parts += [_about_kills(), kills(killed), ""]
    if redirected:
        parts += ["### Redirects\n\nwrk asks for random codes, with one thread over 64 kept "
                  "connections.\n",
                  redirects(redirected), ""]
    parts += ["### Settings of both\n", settings(), END, ""]
    return "\n".join(parts)


def put(path, text):
    """Writes the section into the document: in place of the old one, or at its end."""
    with open(path, encoding="utf-8") as file:
        document = file.read()
    if BEGIN in document and END in document:
        before, rest = document.split(BEGIN, 1)
        document = before + text.rstrip("\n") + rest.split(END, 1)[1]
    else:
        document = document.rstrip("\n") + "\n\n" + text
    with open(path, "w", encoding="utf-8") as file:
        file.write(document)
