"""Each curl of README.md, docs/getting-started.md and docs/http-api.md as a reader runs it, against
the demonstration of `./dev run`: it ends well, and the answer has the status and the members that
the page shows beside it. Ids, times and other values may differ.
"""
import json
import os
import re
import shlex
import subprocess
import tomllib
import unittest

from support import contract, web
from support.gateway import gateway, tomorrow
from support.program import binary, program, source_folder
from support.waiting import HANGS_AFTER

PAGES = ("README.md", "docs/getting-started.md", "docs/http-api.md")
TOKEN = "demo-token"
# What `messages.ndjson` of http-api.md holds, so that each line is answered as the page shows.
LINES = ('{"from": "Example", "to": "+819012345678", "text": "One"}\n'
         '{"from": "Example", "to": "0", "text": "Two"}\n\n'
         '{"from": "Example", "to": ["+819012345678", "+819087654321"], "text": "Three"}\n')
# A listing shows what happens to be there: of these only status and form are compared.
OF_THE_MOMENT = ("from=2026-04-01",)
ID = re.compile(r"(?<=/v1/messages/)\d{15,19}")


def blocks(text):
    """The code of a page: what is between fences, and what is indented, as lists of lines."""
    found, fenced, lines = [], False, []
    for line in text.splitlines():
        is_fence = line.startswith("```")
        is_code = fenced or line.startswith("    ") or (lines and not line.strip())
        if is_fence:
            fenced = not fenced
        if is_fence or not is_code:
            if any(each.strip() for each in lines):
                found.append(lines)
            lines = []
        elif is_code:
            lines.append(line if fenced else line[4:])
    return found + ([lines] if lines else [])


def is_whole(command):
    """Whether a shell would not ask for another line."""
    if command.endswith("\\"):
        return False
    try:
        shlex.split(command)
        return True
    except ValueError:
        return False


class example:
    def __init__(self, command):
        self.command = command
        self.shown = ""


def examples(text):
    """The commands of a page with what stands behind each, until other code begins."""
    found, last = [], None
    for block in blocks(text):
        lines = iter(block)
        if last is not None and (last.shown or not re.match(r"HTTP/1.1 |\{", block[0])):
            last = None
        for line in lines:
            if line.startswith("curl "):
                while not is_whole(line):
                    line += "\n" + next(lines)
                last = example(line)
                found.append(last)
            elif last is not None:
                last.shown += line + "\n"
    return found


def shown_answer(shown):
    """(status or None, document or None) of an answer as a page shows it; "..." stands for more."""
    status = re.search(r"HTTP/1\.1 (\d+)", shown)
    begin = shown.find("{")
    if begin < 0:
        return status and int(status[1]), None
    text = re.sub(r":\s*\.\.\.", ": null", shown[begin:])
    text = re.sub(r",\s*\.\.\.", "", text)
    try:
        return status and int(status[1]), json.loads(text)
    except json.JSONDecodeError:  # a document a line
        return status and int(status[1]), list(map(json.loads, text.strip().splitlines()))


class guides_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = program([binary(), "carrier", "--listen", "127.0.0.1:0", "--web",
                               "127.0.0.1:0", "--system-id", "hikyaku", "--password", "secret",
                               "--receipt-delay", "0ms"], "carrier")
        cls.addClassCleanup(cls.carrier.kill)
        port = cls.carrier.wait_line(r"smpp listening on \S+:(\d+)")[1]
        with open(os.path.join(source_folder(), "config", "demo.toml"), "rb") as file:
            configuration = tomllib.load(file)
        for server in configuration["server"].values():
            listens = server["listen"]
            server["listen"] = ["127.0.0.1:0"] if isinstance(listens, list) else "127.0.0.1:0"
        configuration["store"]["path"] = "store"
        configuration["carrier"][0]["hosts"] = [f"127.0.0.1:{port}"]
        # What http-api.md shows of an account besides.
        configuration["account"][0].update(
            rate={"per_second": "100/s"},
            webhook={"url": "http://127.0.0.1:9/hook", "secret": "0123456789abcdef0123456789abcdef",
                     "allow_private": True})
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound(2, "simulated")
        cls.gateway.folder.file("messages.ndjson", LINES)

    def existing(self, is_to_be_cancelled):
        """The id of a message as the page has it."""
        if is_to_be_cancelled:
            return self.gateway.send("+819012345678", "later", TOKEN,
                                     send_at=tomorrow())["id"]
        sent = self.gateway.send("+819012345678", "now", TOKEN, reference="invoice-77")["id"]
        self.gateway.wait_message(sent, lambda each: each["status"] == "delivered", "delivered",
                                  token=TOKEN)
        return sent

    def run_one(self, command):
        """The answer, held against the OpenAPI document."""
        url = f"http://127.0.0.1:{self.gateway.ports['http']}"
        command = command.replace("http://127.0.0.1:8080", url)
        if shown := re.search(r"(?<=/v1/links/)\w+", command):
            linked = self.gateway.send("+819012345678", "pay: https://example.com/x", TOKEN)["id"]
            links = self.gateway.message(linked, token=TOKEN)["links"]
            command = command.replace(shown[0], links[0])
        elif ID.search(command):
            command = ID.sub(self.existing("DELETE" in command), command)
        done = subprocess.run(["sh", "-c", command + " -i"], capture_output=True, check=False,
                              env={**os.environ, "GATEWAY": url, "TOKEN": TOKEN},
                              cwd=self.gateway.folder.path, timeout=HANGS_AFTER)
        self.assertEqual((done.returncode, done.stderr), (0, b""), command)
        octets = done.stdout
        if into := re.search(r"> (\S+)$", command):
            with open(os.path.join(self.gateway.folder.path, into[1]), "rb") as file:
                octets = file.read()
        got = web.parse(octets)
        words = shlex.split(command.replace("$GATEWAY", url))
        target = next(each for each in words if each.startswith("http://"))[len(url):]
        method = words[words.index("-X") + 1] if "-X" in words else \
            "POST" if "-d" in words else "GET"
        self.assertIsNotNone(contract.operation_of("api", method, target.split("?")[0]), command)
        contract.check(self.gateway.ports["http"], method, target, got)
        return got

    def assert_has(self, real, shown, where):
        """Every member that is shown is there, and is of its kind."""
        if isinstance(shown, dict):
            self.assertIsInstance(real, dict, where)
            for name, value in shown.items():
                self.assertIn(name, real, where)
                self.assert_has(real[name], value, f"{where}/{name}")
        elif isinstance(shown, list):
            self.assertIsInstance(real, list, where)
            if shown and isinstance(shown[0], dict):
                self.assertGreaterEqual(len(real), len(shown), where)
                for index, value in enumerate(shown):
                    self.assert_has(real[index], value, f"{where}/{index}")
        elif shown is not None and real is not None:
            self.assertIs(type(real), type(shown), where)

    def test_every_curl_of_the_pages(self):
        count = 0
        for page in PAGES:
            with open(os.path.join(source_folder(), page), encoding="utf-8") as file:
                found = examples(file.read())
            self.assertGreater(len(found), 0, page)
            for each in found:
                count += 1
                with self.subTest(page=page, command=each.command):
                    status, document = shown_answer(each.shown)
                    got = self.run_one(each.command)
                    self.assertIn(got.status, (status,) if status else (200, 202), got)
                    if any(words in each.command for words in OF_THE_MOMENT):
                        continue
                    if isinstance(document, list):
                        self.assert_has(list(map(json.loads, got.body.splitlines())), document, "")
                    elif document is not None:
                        self.assert_has(got.json(), document, "")
        self.assertGreaterEqual(count, 16)

    def test_examples_are_found_with_what_they_show(self):
        text = ("```sh\ncurl a \\\n  b\n```\n\nWords.\n\n```json\n{\"a\":1}\n```\n\n"
                "    curl -d '{\n      \"x\": 1}'\n\n    HTTP/1.1 202 Accepted\n"
                "    {\"id\": ..., \"b\":{\"c\":2, ...}}\n    curl c\n\nWords.\n\n    other\n")
        found = examples(text)
        self.assertEqual([each.command for each in found],
                         ["curl a \\\n  b", "curl -d '{\n  \"x\": 1}'", "curl c"])
        self.assertEqual(shown_answer(found[0].shown), (None, {"a": 1}))
        self.assertEqual(shown_answer(found[1].shown), (202, {"id": None, "b": {"c": 2}}))
        self.assertEqual(shown_answer(found[2].shown), (None, None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
