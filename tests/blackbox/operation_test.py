"""What an operator does: health and metrics, stopping by one signal and by two, wrong configurations,
two processes on one store, carriers paused, backups, and logs that give nobody away.
"""
import json
import os
import re
import signal
import socket
import unittest

from support import smpp, toml, web
from support.carrier import carrier
from support.gateway import (PASSWORD, SYSTEM_ID, TOKEN, account, default_configuration, folder,
                             gateway, to_carrier)
from support.ports import free_ports
from support.program import binary, hikyaku, run, source_folder
from support.smpp import application
from support.waiting import HANGS_AFTER, eventually

POST = ("POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}")


def http_post(to, text):
    body = json.dumps({"from": "Shop", "to": to, "text": text})
    return POST.format(token=TOKEN, length=len(body), body=body).encode()


class running_test(unittest.TestCase):
    def setUp(self):
        # A port that nobody else is given while the carrier is away.
        self.carrier = carrier(port=free_ports(1)[0])
        self.addCleanup(self.carrier.close)
        configuration = default_configuration([to_carrier(self.carrier.port)])
        configuration["log"]["level"] = "trace"
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def link(self, port="http"):
        made = socket.create_connection(("127.0.0.1", self.gateway.ports[port]), HANGS_AFTER)
        self.addCleanup(made.close)
        return made

    def bind(self):
        made = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(made.close)
        return made

    def log_has(self, text):
        return any(text in line for line in self.gateway.program.error.items())

    def test_health_and_metrics(self):
        self.assertEqual(self.gateway.admin("/healthz").status, 200)
        ready = self.gateway.admin("/readyz")
        self.assertEqual((ready.status, ready.body), (200, b"ready\n"))
        client = self.bind()
        for number in range(3):
            client.receipt(client.submit(f"491726000{number}", "count me"))
        self.assertEqual(self.gateway.http("POST", "/v1/messages", {"to": "x"}).status, 422)
        got = self.gateway.admin("/metrics")
        self.assertEqual(got.headers["content-type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        samples, types = web.parse_metrics(got.body.decode())
        for name, labels, number in [
                ("hikyaku_messages_accepted_total", {}, 3),
                ("hikyaku_messages_finished_total", {"state": "delivered"}, 3),
                ("hikyaku_carrier_submitted_total", {"carrier": "sim"}, 3),
                ("hikyaku_receipts_total", {"match": "message"}, 3),
                ("hikyaku_account_sessions", {"account": "app"}, 1),
                ("hikyaku_smpp_binds_total", {"result": "ok"}, 1),
                ("hikyaku_store_failing", {}, 0), ("hikyaku_tasks_failed_total", {}, 0),
                ("hikyaku_store_read_faults_total", {}, 0), ("hikyaku_ready", {}, 1)]:
            self.assertEqual(samples[(name, frozenset(labels.items()))], number, name)
        for (name, _) in samples:
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            self.assertTrue(name in types or types.get(family) == "histogram", name)
            self.assertEqual(types.get(name) == "counter", name.endswith("_total"), name)
        self.gateway.wait_metric(3, "hikyaku_deliveries_total", way="smpp")
        self.assertEqual(self.gateway.admin("/nothing").status, 404)
        self.assertEqual(self.gateway.admin("/healthz", "POST").status, 405)

    def test_sigterm_drains(self):
        self.carrier.respond = False
        client = self.bind()
        message_id = client.submit("4917261000", "on its way")
        self.carrier.submissions.wait_count(1, "at the carrier")
        open_link, admin_link = self.link(), self.link("admin")
        for each, path in ((open_link, "/v1/account"), (admin_link, "/healthz")):
            each.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}"
                         "\r\n\r\n".encode())
            self.assertEqual(web.read_response(each).status, 200)
        # Requests and the signal are there before the process sees any of them.
        self.gateway.program.pause()
        open_link.sendall(http_post("+4917261001", "just in time"))
        self.gateway.program.signal(signal.SIGTERM)
        self.gateway.program.signal(signal.SIGCONT)
        in_flight = web.read_response(open_link)
        self.assertIn(in_flight.status, (202, 503))
        eventually(lambda: self.log_has('"draining"'), "the log says so")
        refused = client.call(smpp.SUBMIT_SM, smpp.message_body("49151", "4917261002", b"late"))
        self.assertEqual(refused.status, smpp.ESME_RSYSERR)
        self.assertIsNone(self.gateway.program.process.poll(), "a segment is still in flight")
        self.carrier.answer_all()
        self.assertEqual(self.gateway.program.wait_end(), 0)
        self.assertTrue(client.closed.wait(HANGS_AFTER))
        self.assertTrue(self.log_has('"stopped"'))

        self.carrier.respond = True
        self.gateway.start()
        found = self.gateway.wait_message(message_id, lambda m: m["status"] == "delivered", "end")
        self.assertEqual(found["segments"][0]["attempts"], 1, "its response was waited for")
        if in_flight.status == 202:
            self.gateway.wait_message(in_flight.json()["id"],
                                      lambda m: m["status"] == "delivered", "accepted is kept")
        else:
            self.assertEqual(in_flight.json()["code"], "shutting_down")
            self.assertGreaterEqual(int(in_flight.headers["retry-after"]), 1)

    def test_second_signal_forces(self):
        self.carrier.respond = False
        message_id = self.gateway.send("+4917262000", "stuck at the carrier")["id"]
        self.carrier.submissions.wait_count(1, "at the carrier")
        self.gateway.program.signal(signal.SIGTERM)
        eventually(lambda: self.log_has('"draining"'), "the first is being worked on")
        self.gateway.program.signal(signal.SIGTERM)
        # The drain by itself would end with 0.
        self.assertEqual(self.gateway.program.wait_end(), 1)
        self.carrier.respond = True
        self.gateway.start()
        self.gateway.wait_message(message_id, lambda m: m["status"] == "delivered", "kept")

    def test_sigint_stops_too(self):
        self.gateway.program.signal(signal.SIGINT)
        self.assertEqual(self.gateway.program.wait_end(), 0)

    def test_store_of_another_process(self):
        code, out, error = hikyaku("run", "--config", self.gateway.config_path)
        self.assertEqual((code, out), (1, ""))
        said = [line for line in error.splitlines() if not line.startswith("{")]  # not the log
        self.assertEqual(len(said), 1, error)
        self.assertRegex(said[0], rf"^hikyaku: .*in use by process {self.gateway.program.pid}\b")
        self.assertEqual(self.gateway.admin("/readyz").status, 200)

    def test_paused_carrier(self):
        paused = self.gateway.admin("/admin/carriers/sim:pause", "POST")
        self.assertEqual((paused.status, paused.json()), (200, {"name": "sim", "paused": True}))
        message_id = self.gateway.send("+4917263000", "waits")["id"]
        self.gateway.wait_metric(1, "hikyaku_queued_messages")
        self.assertEqual(self.gateway.message(message_id)["status"], "queued")
        self.assertEqual(len(self.carrier.submissions), 0)
        self.assertEqual(self.gateway.admin("/admin/carriers/sim:resume", "POST").status, 200)
        self.gateway.wait_message(message_id, lambda m: m["status"] == "delivered", "resumed")
        self.assertEqual(self.gateway.admin("/admin/carriers/none:pause", "POST").status, 404)

    def test_carrier_down_for_a_while_loses_nothing(self):
        port = self.carrier.port
        self.carrier.close()
        self.gateway.wait_bound(0)
        body = {"messages": [{"from": "Shop", "to": [f"+4917264{n:03d}" for n in range(100)],
                              "text": "later"}]}
        reply = self.gateway.http("POST", "/v1/messages", body).json()
        self.assertEqual(reply["accepted"], 100)
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.carrier = carrier(port=port)
        self.addCleanup(self.carrier.close)
        sent = self.carrier.submissions.wait_count(100, "the backlog")
        self.assertEqual({each.destination for each in sent},
                         {f"4917264{n:03d}" for n in range(100)})
        self.gateway.wait_metric(0, "hikyaku_queued_messages")

    def test_backup_of_a_running_gateway(self):
        message_id = self.gateway.send("+4917265000", "saved")["id"]
        self.gateway.wait_message(message_id, lambda m: m["status"] == "delivered", "delivered")
        # The status is told as soon as it is known; a copy has what is on disk.
        self.gateway.wait_metric(0, "hikyaku_store_pending_bytes")
        target = os.path.join(self.gateway.folder.path, "copy")
        code, _, error = hikyaku("backup", "--config", self.gateway.config_path, target)
        self.assertEqual(code, 0, error)
        code, _, error = hikyaku("backup", "--config", self.gateway.config_path, target)
        self.assertEqual((code, len(error.splitlines())), (1, 1), "never over something")
        restored = gateway(self.gateway.configuration, store=target)
        self.addCleanup(restored.close)
        restored.start()
        self.assertEqual(restored.message(message_id)["status"], "delivered")

    def test_logs_give_nobody_away(self):
        secret_text, number, sender = "Mahnung Aktenzeichen 4711", "4917266123", "4915112345"
        client = self.bind()
        client.receipt(client.submit(number, secret_text, source=sender))
        client.call(smpp.SUBMIT_SM, smpp.message_body("much-too-long-name", number, secret_text.encode()))
        self.gateway.send("+" + number, secret_text, reference="x")
        self.carrier.reply("reply", number, "4915199345", secret_text)  # nobody wrote from it
        self.carrier.acknowledged.wait(lambda name: name == "reply", "reply")
        with self.assertRaises(AssertionError):
            smpp.bound(self.gateway.ports["smpp"], SYSTEM_ID, "wrong-password-1")
        self.gateway.http("GET", "/v1/account", token="wrong-token-12345")
        self.carrier.disconnect()
        self.gateway.wait_bound()
        self.assertEqual(self.gateway.stop(), 0)
        log = "\n".join(self.gateway.logs)
        for word in (secret_text, "Aktenzeichen", number, sender, PASSWORD, TOKEN, "carrier1",
                     "wrong-password-1", "wrong-token-12345"):
            self.assertNotIn(word, log)
        rows = [json.loads(line) for line in self.gateway.logs]
        self.assertGreaterEqual({row["message"] for row in rows},
                                {"ready", "bound to a carrier", "session bound", "bind refused",
                                 "draining", "stopped", "a submission is refused",
                                 "a segment goes to a carrier", "a reply is nobody's"})
        masked = {row["to"] for row in rows if "to" in row}
        self.assertEqual(masked, {"*" * (len(each) - 3) + each[-3:] for each in (number, sender)})
        for row in rows:
            self.assertRegex(row["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


class configuration_test(unittest.TestCase):
    def setUp(self):
        self.folder = folder()
        self.addCleanup(self.folder.remove)

    def file(self, configuration):
        return self.folder.file("hikyaku.toml", toml.document(configuration))

    def test_every_fault_in_one_go(self):
        wrong = default_configuration([to_carrier(2775, windw=5)], [account(parts_max=0)])
        wrong["server.smpp"]["sesions_max"] = 7
        wrong["store"]["retention"] = "30 parsecs"
        wrong["route"][0]["carrier"] = "nobody"
        path = self.file(wrong)
        lines = toml.document(wrong).splitlines()
        for command in (["check", path], ["run", "--config", path]):
            code, out, error = hikyaku(*command)
            self.assertEqual((code, out), (1, ""))
            for key, hint in (("sesions_max", "sessions_max"), ("windw", "window"),
                              ("parts_max", ""), ("retention", ""), ("nobody", "")):
                number = next(n for n, line in enumerate(lines, 1) if key in line)
                row = next((each for each in error.splitlines()
                            if each.startswith(f"{path}:{number}:") and hint in each), None)
                self.assertIsNotNone(row, f"{key} in line {number}:\n{error}")

    def test_check_exit_codes(self):
        for sample in ("demo.toml", "hikyaku.toml"):
            path = os.path.join(source_folder(), "config", sample)
            code, out, _ = hikyaku("check", path)
            self.assertEqual((code, out), (0, f"{path}: ok\n"))
        code, out, error = hikyaku("check", "/nonexistent/hikyaku.toml")
        self.assertEqual((code, out, len(error.splitlines())), (1, "", 1))
        code, _, error = hikyaku("check", self.folder.file("broken.toml", "[server.smpp\n"))
        self.assertEqual(code, 1)
        self.assertRegex(error, r"broken\.toml:1:")
        code, out, _ = hikyaku("check", "--effective", self.file(default_configuration(
            [to_carrier(2775)])))
        self.assertEqual(code, 0)
        for secret in (PASSWORD, TOKEN, "carrier1"):
            self.assertNotIn(secret, out)
        self.assertIn("reconnect_min", out)

    def test_wrong_command_lines(self):
        for arguments, word in ((["frobnicate"], "frobnicate"), ([], "subcommand"),
                                (["run"], "config"), (["pdu"], "subcommand"),
                                (["check", "a.toml", "--bogus"], "--bogus")):
            code, out, error = hikyaku(*arguments)
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertRegex(error, r"^hikyaku: .*\n$")
            self.assertIn(word, error)
        self.assertEqual(hikyaku("--help")[0], 0)
        self.assertRegex(hikyaku("--version")[1], r"^hikyaku \d+\.\d+\.\d+\n$")

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            configuration = default_configuration([to_carrier(2775)])
            port = taken.getsockname()[1]
            for section in ("server.smpp", "server.http"):
                configuration[section]["listen"] = [f"127.0.0.1:{port}"]
                configuration["store"]["path"] = os.path.join(self.folder.path, section)
                code, _, error = run([binary(), "run", "--config", self.file(configuration)])
                self.assertEqual(code, 1)
                self.assertIn(str(port), error.splitlines()[-1])
                configuration[section]["listen"] = ["127.0.0.1:0"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
