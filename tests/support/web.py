"""HTTP for the tests: one request with the standard library, the same with curl as users call it,
and Prometheus' text taken apart. What a gateway's listeners answer must be what its OpenAPI document
says (contract.py).
"""
import http.client
import json
import re
import subprocess
import urllib.parse

from support import contract
from support.waiting import HANGS_AFTER


class answer:
    """`headers` have lower-case names; of repeated ones the last is kept."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:600]!r}"


def request(port, method, path, body=None, headers=None, seconds=HANGS_AFTER):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        got = answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()
    contract.check(port, method, path, got)
    return got


def parse(octets):
    """A raw response as `answer`; interim responses in front are skipped."""
    while True:
        head, _, rest = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        if status >= 200:
            break
        octets = rest
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
    return answer(status, headers, rest)


def curl(*arguments, body=None):
    """One request by curl; `body` goes to its standard input (use --data-binary @-)."""
    done = subprocess.run(["curl", "-sS", "-i", "--max-time", str(HANGS_AFTER), *arguments], input=body,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"curl {arguments}: exit {done.returncode}, {done.stderr.decode()}")
    got = parse(done.stdout)
    _check_curl(arguments, got)
    return got


def _check_curl(arguments, got):
    """Of one URL, the last argument; what else there is says the method."""
    url = urllib.parse.urlsplit(arguments[-1])
    method = "POST" if any(each.startswith("--data") for each in arguments) else "GET"
    for option, value in zip(arguments, arguments[1:]):
        method = value if option in ("-X", "--request") else method
    if "-I" in arguments:
        method = "HEAD"
    if url.port is not None:
        contract.check(url.port, method, urllib.parse.urlunsplit(("", "", *url[2:])), got)


def read_response(connection):
    """All of one HTTP response from a socket, by its Content-Length or to the end."""
    octets = b""
    while b"\r\n\r\n" not in octets:
        more = connection.recv(65536)
        if not more:
            break
        octets += more
    if not octets:
        return None
    head, _, body = octets.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while length is not None and len(body) < int(length[1]):
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return parse(head + b"\r\n\r\n" + body)


_SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})? (\S+)$')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


def parse_metrics(text):
    """{(name, frozenset of labels): number}, and the types by family. Refuses what is malformed."""
    samples, types, helps = {}, {}, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name in types:
                raise AssertionError(f"family {name} twice")
            types[name] = kind
        elif line.startswith("# HELP "):
            helps.add(line.split(" ")[2])
        else:
            match = _SAMPLE.match(line)
            if match is None:
                raise AssertionError(f"no sample: {line!r}")
            key = (match[1], frozenset(_LABEL.findall(match[2] or "")))
            if key in samples:
                raise AssertionError(f"sample twice: {line!r}")
            samples[key] = float(match[3])
    for name in types:
        if name not in helps:
            raise AssertionError(f"family {name} without HELP")
    return samples, types
