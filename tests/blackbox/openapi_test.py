"""The OpenAPI document and the Postman collection: valid for others, the same on both listeners, in
step with docs/http-api.md, and the collection run by newman against a real gateway.
"""
import json
import os
import re
import unittest

from support import contract, web
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, folder, gateway, to_carrier
from support.program import hikyaku, run, source_folder

HERE = os.path.join(source_folder(), "tests", "blackbox")


def page():
    with open(os.path.join(source_folder(), "docs", "http-api.md"), encoding="utf-8") as text:
        return text.read()


def section(heading):
    """Of docs/http-api.md, without the sections below other headings of the same or a higher level."""
    level = heading.split(" ")[0]
    begun = page().split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", begun)[0]


def rows(text):
    """The cells of the first table."""
    table = re.search(r"(?:^\|.*\n)+", text, re.M)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


def names(cell):
    return re.findall(r"`(\w+)`", cell)


class document_test(unittest.TestCase):
    def test_is_valid_for_a_validator_that_is_not_ours(self):
        code, out, error = run(["node", os.path.join(HERE, "validate_openapi.mjs")],
                               json.dumps(contract.document()))
        self.assertEqual(code, 0, error)
        self.assertEqual(json.loads(out), {"valid": True, "version": "3.1"})

    def test_that_validator_finds_faults(self):
        wrong = json.loads(json.dumps(contract.document()))
        wrong["paths"]["/v1/account"]["get"]["responses"] = []
        code, out, _ = run(["node", os.path.join(HERE, "validate_openapi.mjs")], json.dumps(wrong))
        self.assertEqual((code, json.loads(out)["valid"]), (0, False))

    def test_is_that_of_this_version(self):
        version = hikyaku("--version")[1].split()[1]
        self.assertEqual(contract.document()["info"]["version"], version)

    def test_examples_fit_and_stand_in_the_page(self):
        """Those of the page are checked against the program by guides_test."""
        shown = [json.loads(each) for each in documents_of(page())]
        seen = 0
        for operation in contract.operations():
            bodies = [(operation.name, each)
                      for each in operation.described.get("requestBody", {}).get("content", {})
                      .values()]
            bodies += [(f"{operation.name} {status}", each)
                       for status, answer in operation.described["responses"].items()
                       for each in answer.get("content", {}).values()]
            for what, body in bodies:
                if "example" not in body:
                    continue
                seen += 1
                with self.subTest(what=what):
                    contract.check_value(contract.validator_of(body["schema"]), body["example"],
                                         what)
                    self.assertIn(body["example"], shown)
        self.assertGreaterEqual(seen, 8)

    def test_events_of_the_page_fit(self):
        for heading, name in (("### Receipts", "Receipt"), ("### Replies", "Reply"),
                              ("### Hits", "Hit")):
            text = section(heading).replace('"..."', '"2026-04-01T00:00:00.000Z"')
            text = text.replace("492068617665...", "49").replace("Mozilla/5.0 ...", "Mozilla/5.0")
            event = json.loads(documents_of(text)[0])
            contract.check_value(contract.validator(name), event, heading)


def documents_of(text):
    """Every JSON object of a page that stands at the beginning of a line, or behind -d."""
    found, decoder = [], json.JSONDecoder()
    for match in re.finditer(r"(?:^ *|-d ')(?=\{)", text, re.M):
        try:
            _, end = decoder.raw_decode(text, match.end())
        except json.JSONDecodeError:
            continue  # one with dots in it
        found.append(text[match.end():end])
    return found


class page_test(unittest.TestCase):
    """The tables of docs/http-api.md."""

    def schema(self, name):
        return contract.document()["components"]["schemas"][name]

    def test_fields_of_a_message(self):
        properties = self.schema("NewMessage")["properties"]
        told = {name: kind for cells in rows(section("## Send messages"))
                for name in names(cells[0]) for kind in [cells[1]]}
        self.assertEqual(sorted(told), sorted(properties))
        types = {"string": "string", "object": "object", "list": "array", "integer": "integer",
                 "boolean": "boolean"}
        for name, kind in told.items():
            with self.subTest(field=name):
                self.assertEqual({types[word] for word in re.findall(r"[a-z]+", kind)
                                  if word in types}, self.types_of(properties[name]))
                if bounds := re.search(r"integer (\d+)-(\d+)", kind):
                    self.assertEqual((properties[name]["minimum"], properties[name]["maximum"]),
                                     (int(bounds[1]), int(bounds[2])))
        # Each word that a field may be is explained.
        text = section("## Send messages")
        for name, described in properties.items():
            for word in described.get("enum", []):
                self.assertIn(f'`"{word}"`', text, name)

    def types_of(self, schema):
        if "$ref" in schema:
            return self.types_of(self.schema(schema["$ref"].split("/")[-1]))
        if "anyOf" in schema:
            return set().union(*map(self.types_of, schema["anyOf"]))
        return {schema["type"]}

    def test_members_of_objects(self):
        for heading, name in (("### Purposes and persons", "Contact"),
                              ("### Errors of carriers", "CarrierError")):
            told = [name for cells in rows(section(heading)) for name in names(cells[0])]
            self.assertEqual(sorted(told), sorted(self.schema(name)["properties"]), heading)

    def test_problems(self):
        """docs/errors.md is written from the same table; the page leads there."""
        with open(os.path.join(source_folder(), "docs", "errors.md"), encoding="utf-8") as file:
            errors = file.read()
        for code in self.schema("Problem")["properties"]["code"]["enum"]:
            self.assertIn(f"| `{code}` |", errors)

    def test_routes(self):
        told = set()
        for cells in [*rows(page()), *rows(section("## Admin listener"))]:
            for code in re.findall(r"`((?:GET|POST|DELETE) [^`]+)`", " ".join(cells[:2])):
                method, path = code.split("?")[0].split(" ")
                told.add((method, path))
                if f"`{code}`, `:resume`" in cells[0]:
                    told.add((method, path.replace(":pause", ":resume")))
        described = {(each.method, each.pattern) for each in contract.operations()}
        self.assertEqual(told, described)

    def test_parameters_of_queries(self):
        for operation in contract.operations():
            for each in operation.parameters("query"):
                self.assertIn(each["name"], page(), operation.name)


class served_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        configuration = default_configuration([to_carrier(cls.carrier.port)], [account()])
        configuration["server.admin"]["token_required"] = True
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()

    def test_on_both_listeners_without_a_token(self):
        for port in (self.gateway.ports["http"], self.gateway.ports["admin"]):
            got = web.request(port, "GET", "/openapi.json?_=1&x=2")
            self.assertEqual(got.status, 200, got)
            self.assertEqual(got.json(), contract.document())
            tag = got.headers["etag"]
            again = web.request(port, "GET", "/openapi.json", None, {"If-None-Match": tag})
            self.assertEqual((again.status, again.body, again.headers["etag"]), (304, b"", tag))
            self.assertNotIn("content-length", again.headers)
            other = web.request(port, "GET", "/openapi.json", None, {"If-None-Match": '"x"'})
            self.assertEqual((other.status, other.body), (200, got.body))
            head = web.request(port, "HEAD", "/openapi.json")
            self.assertEqual((head.status, head.body, int(head.headers["content-length"])),
                             (200, b"", len(got.body)))

    def test_parameters_that_nobody_knows(self):
        got = self.gateway.http("GET", "/v1/account?limits=5")
        self.assertEqual((got.status, got.json()["code"]), (422, "field_unknown"))
        self.assertIn("limits", got.json()["detail"])
        self.assertEqual(self.gateway.http("GET", "/v1/account?_=1774999204").status, 200)
        self.assertEqual(web.request(self.gateway.ports["admin"], "GET", "/healthz?probe=1").status,
                         200)
        for query in ("limit=0", "limit=1&limit=2", "limit=%zz", "limit"):
            got = self.gateway.http("POST", f"/v1/account/dead-letters:replay?{query}")
            self.assertEqual((got.status, got.json()["code"]), (422, "field_invalid"), query)


class collection_test(unittest.TestCase):
    """newman, Postman's own runner, sends every request of the collection."""

    EXPECTED = {"Send one message or many": 202, "Find messages by reference, or list them by time and status": 200,
                "Plan messages without sending them": 200, "Look at a message": 200,
                "Cancel a message that waits": 200, "Look at the account": 200,
                "Tell that a person has seen what a link leads to": 404,
                "How far hits of before are classified anew": 200,
                "Classify stored hits anew by the lists of today": 200,
                "Ask the gate about a message that is not sent": 200,
                "Send dead letters again": 200, "Enable the webhook again": 404,
                "This description of the API": 200, "Whether the process works": 200,
                "Whether the gateway takes new work": 200, "Metrics for Prometheus": 200,
                "The carriers, their binds and windows": 200, "Give a carrier no new segments": 200,
                "Give a carrier segments again": 200,
                "Read the configuration file again and apply what has changed": 200,
                "The accounts and what waits for them": 200,
                "Receipts and replies that found nobody": 200, "Look at one of them": 404,
                "Try one of them again": 404, "Contact somebody no more, for a reason": 201,
                "The holds on a contact point, a debtor, a debt or the account": 200,
                "All holds of the account, the youngest first": 200,
                "Whether a contact point is not used": 200,
                "End a hold before its time; it stays as evidence": 404, "Look at a hold": 404,
                "Use a contact point no more for some purposes": 201,
                "Contact points that are not used": 200,
                "Suppress all contact points of a CSV file": 200,
                "All of them as a CSV file": 200, "Use a contact point again": 200,
                "Write down what somebody has agreed to": 201,
                "What somebody has agreed to and taken back": 200,
                "Write down that somebody has taken it back": 200,
                "Write down all consents of a CSV file": 200,
                "All consents as a CSV file": 200,
                "What the account and a contact point have written to each other": 200,
                "Close a conversation until the next reply": 404,
                "Answer somebody, through the gate": 404, "A conversation by its name": 200,
                "Work for a person": 201, "Open tasks, the oldest first": 200,
                "A task is done": 404, "Look at a task": 404,
                "What has happened to a contact point, a debtor or a debt": 200,
                "What operators have stopped": 200,
                "Send nothing more until it is allowed again": 200,
                "Send again what was stopped": 200,
                "What the gate has decided about a message": 404, "What time it is": 200,
                "Move the clock of a sandbox": 404, "Whether the store has to be confirmed": 200,
                "It is the right store on the right machine, and the clock is right": 200,
                "What the gate has decided, or would have in shadow, by day and rule": 200,
                "What the gate has decided about the messages of an account": 422,
                "What people are told by which they check a message": 200,
                "Whether codes of links are guessed": 200,
                "Work for the operator: alarms and reports of abuse": 200,
                "A task of the operator is done": 404}

    def setUp(self):
        self.folder = folder()
        self.addCleanup(self.folder.remove)
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)]))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        self.gateway.admin("/admin/carriers/sim:pause", "POST")  # what waits can be cancelled

    def test_every_request_is_answered_as_the_document_says(self):
        code, out, error = hikyaku("openapi", "--postman")
        self.assertEqual((code, error), (0, ""))
        collection = self.folder.file("collection.json", out)
        report = os.path.join(self.folder.path, "report.json")
        values = {"gateway": f"http://127.0.0.1:{self.gateway.ports['http']}",
                  "admin": f"http://127.0.0.1:{self.gateway.ports['admin']}", "token": TOKEN,
                  "carriers_name": "sim", "unmatched_id": "1-1774999204000-1"}
        given = [part for key, value in values.items() for part in ("--env-var", f"{key}={value}")]
        code, out, error = run([os.path.join(HERE, "node_modules", ".bin", "newman"), "run",
                                collection, *given, "--reporters", "json",
                                "--reporter-json-export", report])
        self.assertEqual(code, 0, out + error)
        with open(report, encoding="utf-8") as text:
            done = json.load(text)["run"]
        self.assertEqual(done["failures"], [])
        statuses = {}
        for each in done["executions"]:
            name, response = each["item"]["name"], each["response"]
            statuses[name] = response["code"]
            url = each["request"]["url"]
            got = web.answer(response["code"],
                             [(header["key"], header["value"]) for header in response["header"]],
                             bytes(response["stream"]["data"]))
            contract.check(int(url["port"]), each["request"]["method"],
                           "/" + "/".join(url["path"]), got)
        self.assertEqual(statuses, self.EXPECTED)


if __name__ == "__main__":
    unittest.main(verbosity=2)
