"""Writes the TOML files of the tests from plain values, so that each test states only the settings
it is about. A dict of sections: a name with dots is one table, a list of dicts is an array of
tables, dicts inside are inline tables.
"""
import json


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"


def _lines(table):
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def document(sections):
    lines = []
    for name, table in sections.items():
        for each in table if isinstance(table, list) else [table]:
            lines.append(f"[[{name}]]" if isinstance(table, list) else f"[{name}]")
            lines += _lines(each)
            lines.append("")
    return "\n".join(lines)
