"""What the program says of its HTTP API (`hikyaku openapi`), and whether an answer keeps to it: its
status, its type, its members and none beside them, the code of a problem. web.py holds each answer
of a gateway's listeners against it, webhooks.py each event.
"""
import copy
import functools
import json
import re
import urllib.parse

import jsonschema

from support.program import hikyaku

PROBLEM = "application/problem+json"
# Other doors on the API's listener, each with a protocol of its own.
OTHER_DOORS = ("/cgi-bin/", "/2010-04-01", "/send", "/rate", "/balance", "/ping")
# What the gateway's listeners are called in its first lines, and as the document has them.
LISTENERS = {"http": "api", "https": "api", "admin": "admin"}

_ports = {}  # port -> "api" or "admin"


def opened(ports):
    """A gateway's listeners by their names, from now on."""
    for name, port in ports.items():
        if name in LISTENERS:
            _ports[port] = LISTENERS[name]


def closed(ports):
    for port in ports.values():
        _ports.pop(port, None)


class broken(AssertionError):
    """An answer that the document does not describe."""


@functools.cache
def document():
    code, out, error = hikyaku("openapi")
    if code != 0:
        raise AssertionError(f"hikyaku openapi: {error}")
    return json.loads(out)


def _strict(schema):
    """The same, without members that it does not name: a later version may add some, this one has
    told all."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") is not None:
        made.setdefault("additionalProperties", False)
    return made


_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time")
def _is_time(text):
    return not isinstance(text, str) or re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text) is not None


@functools.cache
def _components():
    return {"schemas": _strict(document()["components"]["schemas"])}


def validator_of(schema):
    """Of a schema of the document."""
    return jsonschema.Draft202012Validator({**_strict(schema), "components": _components()},
                                           format_checker=_formats)


@functools.cache
def validator(name):
    """Of a named schema."""
    return validator_of({"$ref": f"#/components/schemas/{name}"})


def check_value(against, value, what):
    fault = jsonschema.exceptions.best_match(against.iter_errors(value))
    if fault is not None:
        raise broken(f"{what}: {fault.json_path}: {fault.message}")


class operation:
    def __init__(self, method, pattern, described, servers):
        self.method, self.pattern, self.described = method, pattern, described
        self.name = described["operationId"]
        self.role = described["x-role"]
        self.tag = described["tags"][0]
        urls = [each["url"] for each in servers]
        self.listeners = ({"api"} if "/" in urls else set()) | \
            ({"admin"} if any("{host}" in each for each in urls) else set())
        pieces = []
        for piece in pattern.split("/"):
            name = re.fullmatch(r"\{\w+\}(.*)", piece)
            pieces.append(re.escape(piece) if name is None else
                          "[^/]+" + re.escape(name[1]) if name[1] else "[^/:]+")
        self._path = re.compile("/".join(pieces))
        self._bodies = {}

    def takes(self, method, path):
        return self.method == method and self._path.fullmatch(path) is not None

    def parameters(self, where):
        return [each for each in self.described.get("parameters", []) if each["in"] == where]

    def success(self):
        return min(int(status) for status in self.described["responses"])

    def body_validator(self, status, kind):
        key = (status, kind)
        if key not in self._bodies:
            schema = self.described["responses"][status]["content"][kind]["schema"]
            self._bodies[key] = validator_of(copy.deepcopy(schema))
        return self._bodies[key]


@functools.cache
def operations():
    """In the order of the document, which is that in which the program tries them."""
    return [operation(method.upper(), pattern, described,
                      item.get("servers", document()["servers"]))
            for pattern, item in document()["paths"].items()
            for method, described in item.items() if isinstance(described, dict)]


def operation_of(listener, method, path):
    return next((each for each in operations()
                 if listener in each.listeners and each.takes(method, path)), None)


def _type_of(answer):
    return answer.headers.get("content-type", "").split(";")[0]


def check_problem(answer, what):
    """Any refusal, also one of a path or method that the document does not have."""
    if _type_of(answer) != PROBLEM:
        raise broken(f"{what}: no problem: {answer}")
    problem = answer.json()
    check_value(validator("Problem"), problem, what)
    if problem["status"] != answer.status:
        raise broken(f"{what}: the problem's status is another: {answer}")
    if answer.status == 401 and "www-authenticate" not in answer.headers:
        raise broken(f"{what}: no WWW-Authenticate: {answer}")
    if answer.status in (429, 503) and not answer.headers.get("retry-after", "").isdigit():
        raise broken(f"{what}: no Retry-After: {answer}")
    return problem


def check(port, method, target, answer):
    """An answer to a request for `target` at one of the ports that are opened()."""
    listener = _ports.get(port)
    path = urllib.parse.unquote(urllib.parse.urlsplit(target).path, "latin-1")
    if listener is None or path.startswith(OTHER_DOORS):
        return
    what = f"{method} {target[:200]} -> {answer.status}"
    if answer.status == 503 and not answer.body and not _type_of(answer):
        return  # the connection was refused, whatever it was going to ask
    without_body = method == "HEAD"
    found = operation_of(listener, "GET" if without_body else method, path)
    if found is None:
        if not without_body:
            check_problem(answer, what)
        return
    described = found.described["responses"].get(str(answer.status))
    if described is None:
        raise broken(f"{what}: {found.name} has no such status: {answer}")
    for name, header in described.get("headers", {}).items():
        if header.get("required") and name.lower() not in answer.headers:
            raise broken(f"{what}: no {name}: {answer}")
    bodies = described.get("content", {})
    if not bodies and (answer.body or _type_of(answer)):
        raise broken(f"{what}: a body: {answer}")
    if bodies and _type_of(answer) not in bodies:
        raise broken(f"{what}: {found.name} does not answer {_type_of(answer)}: {answer}")
    if without_body or not bodies:
        return
    if _type_of(answer) == PROBLEM:
        code = check_problem(answer, what)["code"]
        if code not in described["x-codes"]:
            raise broken(f"{what}: {found.name} has no {code}: {answer}")
    elif _type_of(answer) == "application/json":
        check_value(found.body_validator(str(answer.status), "application/json"), answer.json(),
                    what)


def check_raw(port, octets, answer):
    """The same for a request as octets; of one that is no HTTP only that the answer is a problem."""
    line = re.match(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r\n", octets)
    if line is None:
        check_problem(answer, repr(octets[:80]))
    else:
        check(port, line[1].decode(), line[2].decode("latin-1"), answer)


@functools.cache
def _webhook():
    described = document()["webhooks"]["events"]["post"]["requestBody"]["content"]
    return validator_of(copy.deepcopy(described["application/json"]["schema"]))


def check_events(body):
    """The body of a webhook's request."""
    check_value(_webhook(), body, "webhook")
