"""Every operation of the OpenAPI document with every kind of token, and with the ids of another
account: who may what is read from the real program (`x-role`) and tried against it. The answers
themselves are held against the document by tests/support/contract.py.
"""
import hashlib
import json
import os
import subprocess
import unittest

from support import contract, web
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier, tomorrow
from support.program import binary

ROLES = ("submit", "read", "admin")
STRANGERS = {"no token": (None, 401, "token_missing"),
             "an unknown token": ("nobody-knows-it", 401, "token_invalid"),
             "a token that is over": ("over-token", 401, "token_expired"),
             "a token of another network": ("elsewhere-token", 403, "address_not_allowed")}
# What stands for the parts in braces; no message, carrier or receipt has these.
UNKNOWN = {"messages": "1024819115206086656", "holds": "1024819115206086656",
           "tasks": "1024819115206086656", "conversations": "ab" * 16, "links": "7fW3kQ9xTz",
           "name": "no such carrier", "operation": "1-2-3"}

FILES = {"suppressions": "contact\n+819012345678\n",
         "consents": "contact,kind,at,source\n+819012345678,direct,2026-04-01T00:00:00Z,x\n"}


def described(name, token, roles, **more):
    hashed = "sha256:" + hashlib.sha256(token.encode()).hexdigest()
    return {"name": name, "hash": hashed, "roles": list(roles), **more}


def tokens():
    made = [described(role, f"{role}-token", [role]) for role in ROLES]
    made.append(described("all", "all-token", ROLES))
    made.append(described("over", "over-token", ROLES, expires="2020-01-01"))
    made.append(described("elsewhere", "elsewhere-token", ROLES, networks=["10.0.0.0/8"]))
    return made


def needs_token(operation):
    return operation.role != "nobody"


class roles_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        accounts = [account(token=tokens()),
                    account(name="other", system_id="", password="", api_tokens=["other-token"])]
        configuration = default_configuration([to_carrier(cls.carrier.port)], accounts)
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        configuration["server.admin"]["token_required"] = True
        configuration["carrier"][0]["system_id"] = "second"
        cls.guarded = gateway(configuration)
        cls.addClassCleanup(cls.guarded.close)
        cls.guarded.start()

    def ask(self, operation, token, port, of_path=None):
        """The operation with what it needs beside a token."""
        path = operation.pattern
        for parameter in operation.parameters("path"):
            value = of_path or UNKNOWN.get(parameter["name"]) or UNKNOWN[operation.tag]
            path = path.replace("{%s}" % parameter["name"], value.replace(" ", "%20"))
        query = "&".join(f"{each['name']}={each['example']}"
                         for each in operation.parameters("query") if each.get("required"))
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = None
        if "requestBody" in operation.described:
            media, content = next(iter(operation.described["requestBody"]["content"].items()))
            if media == "application/json":
                headers["Content-Type"], body = media, json.dumps(content["example"])
            else:
                headers["Content-Type"], body = media, FILES[operation.tag]
        return web.request(port, operation.method, path + ("?" + query if query else ""), body,
                           headers)

    def assert_refused(self, got, status, code):
        self.assertEqual((got.status, got.json()["code"]), (status, code), got)

    def assert_allowed(self, got):
        self.assertNotIn(got.status, (401, 403), got)

    def try_everybody(self, operation, port, is_guarded=True):
        is_open = not needs_token(operation) or not is_guarded
        for who, (token, status, code) in STRANGERS.items():
            with self.subTest(operation=operation.name, who=who):
                got = self.ask(operation, token, port)
                self.assert_allowed(got) if is_open else self.assert_refused(got, status, code)
        for role in (*ROLES, "all"):
            with self.subTest(operation=operation.name, who=role):
                got = self.ask(operation, f"{role}-token", port)
                if is_open or role in (operation.role, "all"):
                    self.assert_allowed(got)
                else:
                    self.assert_refused(got, 403, "role_missing")
                    self.assertIn("insufficient_scope", got.headers["www-authenticate"])

    def operations(self, listener):
        found = [each for each in contract.operations() if listener in each.listeners]
        self.assertGreater(len(found), 5)
        return found

    def test_the_api_with_every_token(self):
        roles = set()
        for operation in self.operations("api"):
            self.assertIn(operation.role, ("nobody", "submit", "read"), operation.name)
            roles.add(operation.role)
            self.try_everybody(operation, self.gateway.ports["http"])
        self.assertEqual(roles, {"nobody", "submit", "read"})

    def test_a_plain_token_of_the_account_submits_and_reads(self):
        for operation in self.operations("api"):
            self.assert_allowed(self.ask(operation, "other-token", self.gateway.ports["http"]))

    def test_the_admin_listener_asks_for_the_role_where_the_settings_say_so(self):
        for operation in self.operations("admin"):
            self.assertIn(operation.role, ("nobody", "admin"), operation.name)
            self.try_everybody(operation, self.guarded.ports["admin"])
            self.try_everybody(operation, self.gateway.ports["admin"], is_guarded=False)
            if needs_token(operation):
                got = self.ask(operation, "other-token", self.guarded.ports["admin"])
                self.assert_refused(got, 403, "role_missing")

    def test_what_is_nowhere_is_told_to_nobody_without_a_token(self):
        for port in (self.gateway.ports["http"], self.guarded.ports["admin"]):
            for path in ("/v1/nothing", "/admin/nothing", "/"):
                self.assert_refused(web.request(port, "GET", path), 401, "token_missing")

    def test_a_message_of_another_account_is_not_told_apart_from_none(self):
        """Not by the status, the header or a single octet of the body."""
        port = self.gateway.ports["http"]
        theirs = self.gateway.send("+4917250000", "theirs", "other-token", reference="invoice-77",
                                   send_at=tomorrow())["id"]
        tried = 0
        for operation in self.operations("api"):
            if operation.tag != "messages" or not operation.parameters("path"):
                continue
            tried += 1
            answers = [self.ask(operation, "all-token", port, of_path)
                       for of_path in (theirs, UNKNOWN["messages"], "no-id")]
            self.assert_refused(answers[0], 404, "not_found")
            for each in answers:
                each.headers.pop("date")
            self.assertEqual(len({(each.status, str(each.headers), each.body)
                                  for each in answers}), 1, answers)
        self.assertGreaterEqual(tried, 2)
        self.assertEqual(self.gateway.message(theirs, "other-token")["status"], "queued")
        got = self.gateway.http("GET", "/v1/messages?reference=invoice-77", token="read-token")
        self.assertNotIn(theirs, [each["id"] for each in got.json()["messages"]])
        got = self.gateway.http("GET", "/v1/messages?reference=invoice-77", token="other-token")
        self.assertEqual([each["id"] for each in got.json()["messages"]], [theirs])

    def test_commands_of_operators_take_the_token_from_the_environment(self):
        url = f"http://127.0.0.1:{self.guarded.ports['admin']}"
        hint = "; HIKYAKU_ADMIN_TOKEN must hold a token with the role admin"
        for token, code, says in ((None, 1, "answered 401 token_missing: An API token is required"),
                                  ("read-token", 1, "answered 403 role_missing: this needs the"),
                                  ("admin-token", 0, None)):
            environment = {name: value for name, value in os.environ.items()
                           if name != "HIKYAKU_ADMIN_TOKEN"}
            if token is not None:
                environment["HIKYAKU_ADMIN_TOKEN"] = token
            for command, result in (("reload", "nothing has changed"), ("unmatched", "")):
                done = subprocess.run([binary(), command, "--admin", url], env=environment,
                                      capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, code, done)
                self.assertIn(result if says is None else says, done.stdout + done.stderr)
                self.assertEqual(hint in done.stderr, says is not None, done)


if __name__ == "__main__":
    unittest.main(verbosity=2)
