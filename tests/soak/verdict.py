"""Judges the samples of a soak run: for each quantity the middle value of the first quarter
after the warm-up beside that of the last quarter. What may be larger at the end, and by how
much, is one table here; a run that grows beyond it has failed. Used by run.py and its test.
"""
import statistics

# column: (unit, the last quarter may be so many times the first, and so much more)
ALLOWED = {
    "rss_anon_mib": ("MiB", 1.05, 8),
    "vm_rss_mib": ("MiB", 1.10, 64),
    "store_file_mib": ("MiB", 1.05, 16),
    "store_used_mib": ("MiB", 1.10, 16),
    "store_map_mib": ("MiB", 1.0, 0),
    "open_files": ("", 1.0, 2),
    "threads": ("", 1.0, 0),
    "tasks": ("", 1.0, 4),
    "queued_messages": ("", 1.5, 1000),
    "outbox_events": ("", 1.5, 1000),
    "response_p50_ms": ("ms", 1.25, 1),
    "response_p99_ms": ("ms", 1.5, 5),
    "receipt_p99_ms": ("ms", 1.5, 10),
    "cpu_us_per_message": ("us", 1.15, 2),
}
# What is shown beside them and says nothing about the program: how fast the machine itself was.
SHOWN = {"disk_write_ms": "ms", "disk_flush_ms": "ms"}
QUARTER_MIN = 3  # samples


def quarters(samples, warm_up_s):
    """The first and the last quarter of the samples after the warm-up, or None if there are too
    few."""
    steady = [each for each in samples if each["at_s"] > warm_up_s]
    size = len(steady) // 4
    return (steady[:size], steady[-size:]) if size >= QUARTER_MIN else None


def _middle(samples, column):
    values = [each[column] for each in samples if each.get(column) is not None]
    return statistics.median(values) if values else None


def judge(samples, warm_up_s):
    """Rows of (column, unit, first, last, highest, allowed, verdict); verdict is "flat", "grows",
    "not measured" or, of the machine's own figures, "not judged"."""
    parts = quarters(samples, warm_up_s)
    if parts is None:
        raise ValueError("the run is too short for a verdict")
    rows = []
    shown = {column: (unit, None, None) for column, unit in SHOWN.items()}
    for column, (unit, times, more) in (ALLOWED | shown).items():
        first, last = (_middle(part, column) for part in parts)
        if first is None or last is None:
            rows.append((column, unit, None, None, None, None, "not measured"))
            continue
        highest = max(each[column] for each in samples if each.get(column) is not None)
        if times is None:
            rows.append((column, unit, first, last, highest, None, "not judged"))
            continue
        allowed = first * times + more
        rows.append((column, unit, first, last, highest, allowed,
                     "flat" if last <= allowed else "grows"))
    return rows


def retention_share(samples, warm_up_s):
    """Messages that retention removed for each one accepted, from the first sample after the
    warm-up to the last one; 1 when it keeps up."""
    steady = [each for each in samples if each["at_s"] > warm_up_s]
    accepted = steady[-1]["accepted"] - steady[0]["accepted"]
    return (steady[-1]["expired"] - steady[0]["expired"]) / accepted if accepted else 0.0


def _cell(value, unit):
    if value is None:
        return "-"
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}".removesuffix(".0")
    return f"{number} {unit}".strip()


def table(rows):
    """As Markdown."""
    lines = ["| quantity | first quarter | last quarter | highest | allowed | verdict |",
             "|---|---|---|---|---|---|"]
    for column, unit, first, last, highest, allowed, verdict in rows:
        cells = [_cell(each, unit) for each in (first, last, highest, allowed)]
        lines.append(f"| `{column}` | " + " | ".join(cells) + f" | {verdict} |")
    return "\n".join(lines)
