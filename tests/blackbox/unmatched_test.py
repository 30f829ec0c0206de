"""What carriers sent and nobody got, as an operator meets it: the list over HTTP and on the command
line, masked; replayed after a correction, once; counted by carrier; and a line in the log for
replies of nobody, one a minute.
"""
import json
import socket
import subprocess
import threading
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import (PASSWORD, SYSTEM_ID, account, default_configuration, gateway,
                             to_carrier)
from support.program import binary

PHONE = "491720000001"
OTHER = "491720000002"
SHORT = "77001"


def command(url, *arguments):
    return subprocess.run([binary(), "unmatched", "--admin", url, *arguments],
                          capture_output=True, text=True, timeout=60)


class closing_listener:
    """An admin listener that closes each connection after its answers; None is a request that is
    read and not answered. `asked` are the first lines of the requests, one list a connection.
    """

    def __init__(self, connections):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.asked = []
        self.thread = threading.Thread(target=self.serve, args=(connections,), daemon=True)
        self.thread.start()

    def serve(self, connections):
        for answers in connections:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed
            self.asked.append([])
            with connection, connection.makefile("rb") as requests:
                for answer in answers:
                    lines = []
                    while (line := requests.readline().decode().strip()):
                        lines.append(line)
                    self.asked[-1].append(lines[0])
                    if answer is not None:
                        body = json.dumps(answer).encode()
                        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                        connection.sendall(head.encode() + body)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


class closed_connection_test(unittest.TestCase):
    """What the command does when the connection of its former requests is closed."""

    def ask(self, connections, *arguments):
        listener = closing_listener(connections)
        self.addCleanup(listener.close)
        got = command(listener.url, *arguments)
        return got, [[line.split("?")[0] for line in lines] for lines in listener.asked]

    def test_a_list_goes_on_over_a_new_connection(self):
        pages = [{"unmatched": [{"id": "1-1-1"}], "next": "1-1-1"}, {"unmatched": [{"id": "1-1-2"}]}]
        got, asked = self.ask([[pages[0]], [pages[1]]], "--limit", "200")
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        self.assertEqual([line.split()[0] for line in got.stdout.splitlines()], ["1-1-1", "1-1-2"])
        self.assertEqual(asked, [["GET /admin/unmatched"]] * 2)

    def test_it_connects_anew_once(self):
        got, asked = self.ask([[{"unmatched": [], "next": "1-1-1"}], [None], []], "--limit", "200")
        self.assertEqual((got.returncode, len(asked)), (1, 2))
        self.assertIn("no answer from 127.0.0.1", got.stderr)

    def test_a_replay_is_not_repeated_and_may_have_been_applied(self):
        page = {"unmatched": [{"id": "1-1-1"}, {"id": "1-1-2"}]}
        for connections in ([[page], []], [[page, None], []]):
            got, asked = self.ask(connections, "--replay", "all")
            self.assertEqual(got.returncode, 1)
            self.assertIn("The replay of 1-1-1 may have been applied: list again", got.stderr)
            self.assertEqual(len(asked), 1, "no second connection")


class unmatched_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier(receipts=None)
        self.addCleanup(self.carrier.close)
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)], [account()]))
        self.addCleanup(self.gateway.close)
        self.start()

    def start(self):
        self.gateway.start()
        self.gateway.wait_bound()
        self.url = f"http://127.0.0.1:{self.gateway.ports['admin']}"

    def deliver(self, name, source, destination, text, esm_class=0):
        self.carrier.deliver(name, smpp.message_body(source, destination, text.encode(), esm_class))
        self.carrier.acknowledged.wait(lambda one: one == name, f"{name} acknowledged")

    def list(self, query=""):
        got = self.gateway.admin(f"/admin/unmatched{query}")
        self.assertEqual(got.status, 200, got)
        return got.json()

    def command(self, *arguments):
        return command(self.url, *arguments)

    def test_receipts_until_the_carrier_is_understood(self):
        self.carrier.ids = lambda what: "message-A"
        sent = self.gateway.send(PHONE, "Your code is 1234")["id"]
        self.gateway.wait_message(sent, lambda one: one["status"] == "submitted", "submitted")
        text = "id:message-A sub:001 dlvrd:001 stat:UNDELIV err:034 text:Your code is 1234"
        self.deliver("contradicts", OTHER, "Shop", text, 4)
        self.deliver("unknown", PHONE, "Shop", text.replace("message-A", "ZZZ"), 4)
        self.deliver("unreadable", PHONE, "Shop", "stat:DELIVRD err:000", 4)
        found = self.list()["unmatched"]
        self.assertEqual([one["why"] for one in found], ["contradicts", "unknown_id", "unreadable"])
        first = found[0]
        self.assertEqual((first["carrier"], first["kind"]), ("sim", "receipt"))
        self.assertEqual(first["source"], "*********002")
        self.assertIn("id:message-A", first["text"])
        self.assertIn("stat:UNDELIV err:034", first["text"])
        whole = json.dumps(found) + bytes.fromhex("".join(one["octets"] for one in found)).decode()
        for secret in (PHONE, OTHER, "code", "1234"):
            self.assertNotIn(secret, whole)
        for why in ("contradicts", "unknown_id", "unreadable"):
            self.assertEqual(self.gateway.metric("hikyaku_carrier_unmatched_total", carrier="sim",
                                                 why=why), 1)
        # Page by page, on the command line too.
        page = self.list("?limit=2")
        self.assertEqual(page["next"], found[1]["id"])
        self.assertEqual(self.list(f"?after={page['next']}"), {"unmatched": found[2:]})
        printed = self.command("--limit", "2")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        self.assertEqual([line.split()[0] for line in printed.stdout.splitlines()],
                         [one["id"] for one in found[:2]])
        self.assertIn(f"--after {found[1]['id']}", printed.stderr)
        self.assertIn("why=contradicts", printed.stdout)
        # As it is nothing helps; after the correction it does.
        again = self.command("--replay", first["id"])
        self.assertEqual((again.returncode, again.stdout),
                         (1, f"{first['id']} unmatched contradicts\n"))
        self.gateway.stop()
        self.gateway.configuration["carrier"][0]["receipt_addresses"] = "ignore"
        self.gateway.write_configuration()
        self.start()
        again = self.command("--replay", first["id"])
        self.assertEqual((again.returncode, again.stdout), (0, f"{first['id']} applied\n"))
        self.assertEqual(self.gateway.message(sent)["status"], "undeliverable")
        self.assertEqual([one["id"] for one in self.list()["unmatched"]],
                         [one["id"] for one in found[1:]])
        again = self.command("--replay", first["id"])
        self.assertEqual(again.returncode, 1)
        self.assertIn("404 no_such_resource", again.stderr)
        self.assertEqual(self.gateway.metric("hikyaku_carrier_replayed_total", carrier="sim",
                                             kind="receipt"), 1)
        self.gateway.kill()
        self.start()
        self.assertEqual(len(self.list()["unmatched"]), 2)

    def test_replies_until_an_account_owns_them(self):
        words = [f"secret {number}" for number in range(120)]
        for number, text in enumerate(words):
            self.deliver(f"reply {number}", PHONE, SHORT, text)
        self.assertEqual(len(self.list()["unmatched"]), 100)
        lines = [line for line in self.log() if line["message"] == "a reply is nobody's"]
        self.assertEqual(len(lines), 1)
        self.assertEqual({name: lines[0][name] for name in ("level", "carrier", "from", "to", "why")},
                         {"level": "info", "carrier": "sim", "from": "*********001", "to": "**001",
                          "why": "no_owner"})
        self.assertNotIn("secret", json.dumps(self.list()))
        self.gateway.stop()
        self.gateway.configuration["account"][0]["numbers"] = [SHORT]
        self.gateway.write_configuration()
        self.start()
        done = self.command("--replay", "all", "--carrier", "sim", "--kind", "reply")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "120 applied, 0 left unmatched")
        self.assertEqual(self.list(), {"unmatched": []})
        application = smpp.application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(application.close)
        got = []
        while len(got) < len(words):
            got += application.deliveries.after(len(got), "the replies")
        self.assertEqual(sorted(one.text for one in got), sorted(words))
        again = self.command("--replay", "all")
        self.assertEqual(again.stdout, "0 applied, 0 left unmatched\n")

    def log(self):
        return [json.loads(line) for line in self.gateway.program.error.items()]

    def test_a_long_reply_and_the_words_of_receipts(self):
        words = "pay " + "long words " * 500
        payload = smpp.tlv(smpp.TAG_MESSAGE_PAYLOAD, words.encode())
        self.carrier.deliver("long", smpp.message_body(PHONE, SHORT, b"", tlvs=payload))
        self.carrier.acknowledged.wait(lambda one: one == "long", "acknowledged")
        self.deliver("words", PHONE, "Shop",
                     f"id:Z1 stat:DELIVRD err:000 msg:Dear Mr Tanaka 0172{PHONE[5:]}", 4)
        found = self.list()["unmatched"]
        self.assertEqual(found[1]["text"],
                         "id:Z1 stat:DELIVRD err:000 msg:**** ** ****** ***********")
        self.gateway.stop()
        self.gateway.configuration["account"][0]["keywords"] = ["pay"]
        self.gateway.write_configuration()
        self.start()
        self.assertEqual(self.command("--replay", found[0]["id"]).returncode, 0)
        application = smpp.application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(application.close)
        self.assertEqual(application.deliveries.after(0, "the reply")[0].text, words)

    def test_faults_have_a_name(self):
        for arguments, code, text in (
                (["--after", "nonsense"], 1, "422 field_invalid"),
                (["--carrier", "nobody"], 1, "422 field_invalid: no carrier has this name"),
                (["--replay", "1-2-3"], 1, "404 no_such_resource"),
                (["--replay", "x"], 1, "422 field_invalid"),
                (["--limit", "0"], 2, "--limit")):
            got = self.command(*arguments)
            self.assertEqual((got.returncode, got.stdout), (code, ""), arguments)
            self.assertIn(text, got.stderr)
            self.assertEqual(got.stderr.count("\n"), 1)
        port = self.gateway.ports["admin"]
        self.gateway.stop()
        got = self.command()
        self.assertEqual(got.returncode, 1)
        self.assertIn(f"cannot connect to 127.0.0.1:{port}", got.stderr)
        self.url = "https://127.0.0.1:1"
        self.assertIn("--admin must be the URL", self.command().stderr)


if __name__ == "__main__":
    unittest.main()
