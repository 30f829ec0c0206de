"""The HTTP API as its users meet it: curl, and raw sockets where curl is too polite. Answers,
stored messages, idempotency, every refusal with its problem, and requests that are no HTTP.
"""
import json
import signal
import socket
import time
import unittest

from support import contract, web
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.waiting import HANGS_AFTER, eventually

BILLING, NARROW, IDLE = "billing-token", "narrow-token", "idle-token"


def raw(port, octets):
    """The answer to octets on a fresh connection, which the gateway must close afterwards."""
    with socket.create_connection(("127.0.0.1", port), HANGS_AFTER) as link:
        link.sendall(octets)
        got = web.read_response(link)
        if link.recv(1) != b"":
            raise AssertionError("still open")
        contract.check_raw(port, octets, got)
        return got


class http_test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = carrier()
        cls.addClassCleanup(cls.carrier.close)
        accounts = [
            account(parts_max=3),
            account(name="billing", system_id="", password="", api_tokens=[BILLING],
                    senders=["Billing", "49157*"]),
            account(name="narrow", system_id="", password="", api_tokens=[NARROW], parts_max=1,
                    rate={"per_second": "1/min", "burst": 1}),
            account(name="idle", system_id="", password="", api_tokens=[IDLE], queued_max=1),
        ]
        configuration = default_configuration([to_carrier(cls.carrier.port)], accounts)
        configuration["server.http"].update(body_bytes_max="8KiB", header_bytes_max="4KiB",
                                            batch_max=20)
        configuration["route"].append({"name": "nowhere-else", "order": 1, "prefixes": ["1"],
                                       "carrier": "sim"})
        configuration["route"][0]["prefixes"] = ["49", "81"]
        cls.gateway = gateway(configuration)
        cls.addClassCleanup(cls.gateway.close)
        cls.gateway.start()
        cls.gateway.wait_bound()

    def url(self, path="/v1/messages"):
        return f"http://127.0.0.1:{self.gateway.ports['http']}{path}"

    def post(self, body, *arguments, token=TOKEN, path="/v1/messages"):
        octets = body if isinstance(body, bytes) else json.dumps(body).encode()
        credentials = ["-H", f"Authorization: Bearer {token}"] if token else []
        return web.curl("-X", "POST", *credentials, "-H", "Content-Type: application/json",
                        "--data-binary", "@-", *arguments, self.url(path), body=octets)

    def get(self, path, *arguments, token=TOKEN):
        return web.curl("-H", f"Authorization: Bearer {token}", *arguments, self.url(path))

    def assert_problem(self, got, status, code, pointer=None):
        self.assertEqual(got.status, status, got)
        self.assertEqual(got.headers["content-type"], "application/problem+json", got)
        problem = got.json()
        self.assertEqual((problem["status"], problem["code"]), (status, code), got)
        self.assertEqual(problem["type"], f"urn:hikyaku:problem:{code}")
        self.assertTrue(problem["title"])
        self.assertEqual(problem.get("pointer"), pointer, got)
        return problem

    # Accepted.

    def test_single_message_lives_its_life(self):
        got = self.post({"from": "+49 151 12345", "to": "+49 (172) 22-00001", "text": "Hello €",
                         "reference": "case-1"})
        self.assertEqual((got.status, got.headers["content-type"]), (202, "application/json"))
        reply = got.json()
        self.assertEqual({key: reply[key] for key in reply if key != "id"},
                         {"to": "+491722200001", "reference": "case-1", "status": "accepted",
                          "segments": 1, "encoding": "gsm7"})
        self.assertRegex(reply["id"], r"^[1-9]\d{9,18}$")
        sent = self.carrier.submissions.wait(lambda each: each.destination == "491722200001", "it")
        self.assertEqual((sent.octets, sent.source), (b"Hello \x1be", "4915112345"))
        found = self.gateway.wait_message(reply["id"], lambda m: m["status"] == "delivered", "done")
        self.assertEqual((found["from"], found["to"], found["encoding"], found["route"]),
                         ("+4915112345", "+491722200001", "gsm7", "all"))
        self.assertEqual(found["segments"][0]["carrier"], "sim")
        self.assertEqual(found["segments"][0]["carrier_message_id"], sent.message_id)
        self.assertEqual(found["hits"]["total"], 0)
        by_reference = self.get("/v1/messages?reference=case-1")
        self.assertEqual([each["id"] for each in by_reference.json()["messages"]], [reply["id"]])
        self.assertEqual(self.get("/v1/messages?reference=nobody").json(), {"messages": []})

    def test_batch_with_partial_faults(self):
        got = self.post({"messages": [
            {"from": "Shop", "to": ["+4917222000", "0172 123"], "text": "one"},
            {"from": "Shop", "to": "+4917222001", "text": "x" * 500},
            {"from": "Shop", "to": "+4917222002"},
            {"from": "Shop", "to": "+33612345678", "text": "no route"},
            {"from": "Shop", "to": "+4917222003", "text": "日本" * 40, "txt": 1},
            {"from": "Shop", "to": "+4917222004", "text": "日本" * 40}]})
        self.assertEqual(got.status, 202)
        reply = got.json()
        self.assertEqual((reply["accepted"], reply["refused"]), (2, 5))
        rows = reply["messages"]
        self.assertEqual([each["index"] for each in rows], list(range(7)))
        self.assertEqual([each["status"] for each in rows],
                         ["accepted"] + ["refused"] * 5 + ["accepted"])
        self.assertEqual([(each["problem"]["code"], each["problem"].get("pointer"))
                          for each in rows if each["status"] == "refused"],
                         [("destination_invalid", "/messages/0/to/1"),
                          ("text_too_long", "/messages/1/text"),
                          ("field_missing", "/messages/2/text"),
                          ("no_route", "/messages/3/to"),
                          ("field_unknown", "/messages/4/txt")])
        self.assertEqual(rows[2]["problem"]["parts_needed"], 4)
        self.assertEqual((rows[6]["encoding"], rows[6]["segments"]), ("ucs2", 2))
        self.assertEqual(self.gateway.message(rows[6]["id"])["to"], "+4917222004")

    def test_batch_of_faults_only_is_no_success(self):
        got = self.post({"messages": [{"from": "Shop", "to": "x", "text": "a"},
                                      {"from": "Shop", "to": "y", "text": "b"}]})
        self.assertEqual((got.status, got.json()["accepted"]), (422, 0))

    def test_scheduled_message_can_be_cancelled_once(self):
        later = self.post({"from": "Shop", "to": "+4917223000", "text": "later",
                           "send_at": "2027-06-01T09:00:00+09:00"}).json()
        self.assertEqual(self.gateway.message(later["id"])["status"], "queued")
        self.assertEqual(self.gateway.message(later["id"])["send_at"], "2027-06-01T00:00:00.000Z")
        path = f"/v1/messages/{later['id']}"
        self.assert_problem(self.get(path, "-X", "DELETE", token=BILLING), 404, "not_found")
        got = self.get(path, "-X", "DELETE")
        self.assertEqual((got.status, got.json()), (200, {"id": later["id"], "status": "deleted"}))
        self.assertEqual(self.gateway.message(later["id"])["status"], "deleted")
        self.assert_problem(self.get(path, "-X", "DELETE"), 409, "not_cancellable")
        self.assert_problem(self.get(path, token=BILLING), 404, "not_found")
        self.assertEqual([each for each in self.carrier.submissions.items()
                          if each.destination == "4917223000"], [])

    def test_estimate_accepts_nothing(self):
        before = self.gateway.metric("hikyaku_messages_accepted_total")
        body = {"from": "Shop", "to": "+4917224000", "text": "Zahlung fällig 請求"}
        got = self.post(body, path="/v1/messages:estimate")
        self.assertEqual(got.status, 200, got)
        self.assertEqual(got.json(), {
            "to": "+4917224000", "encoding": "ucs2", "data_coding": 8, "units": 17, "segments": 1,
            "billed_units": 1, "segment_octets": [34], "text": body["text"],
            "forcing_ucs2": ["請", "求"], "replaced": [], "route": "all", "carriers": ["sim"]})
        self.assertEqual(self.gateway.metric("hikyaku_messages_accepted_total"), before)

    def test_account_shows_limits_and_no_secrets(self):
        got = self.get("/v1/account", token=BILLING)
        self.assertEqual(got.status, 200)
        shown = got.json()
        self.assertEqual((shown["name"], shown["senders"], shown["webhook"]),
                         ("billing", ["Billing", "49157*"], None))
        self.assertEqual(shown["limits"]["rate"], "unlimited")
        self.assertNotIn(BILLING.encode(), got.body)
        self.assertEqual(self.get("/v1/account", token=NARROW).json()["limits"],
                         {"rate": {"count": 1, "period_ms": 60000}, "parts_max": 1,
                          "queued_max": 10000000, "priority_max": 3})

    def test_keep_alive_and_pipelining(self):
        port = self.gateway.ports["http"]
        with socket.create_connection(("127.0.0.1", port), HANGS_AFTER) as link:
            request = (f"GET /v1/account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}"
                       "\r\n\r\n").encode()
            link.sendall(request)
            self.assertEqual(web.read_response(link).status, 200)
            for octet in request:
                link.sendall(bytes([octet]))
            self.assertEqual(web.read_response(link).status, 200)

    # Idempotency.

    def test_idempotency_replay_and_mismatch(self):
        body = {"from": "Shop", "to": "+4917225000", "text": "once"}
        key = ["-H", "Idempotency-Key: order-77"]
        first, again = self.post(body, *key), self.post(body, *key)
        self.assertEqual((first.status, again.status, first.body == again.body), (202, 202, True))
        self.assertNotIn("idempotent-replayed", first.headers)
        self.assertEqual(again.headers["idempotent-replayed"], "true")
        self.assert_problem(self.post({**body, "text": "twice"}, *key), 422, "idempotency_mismatch")
        # The key belongs to the account: another one may use it for something else.
        self.assertEqual(self.post({**body, "from": "Billing"}, *key, token=BILLING).status, 202)
        self.assert_problem(self.post(body, "-H", "Idempotency-Key: " + "k" * 257), 400,
                            "idempotency_key_invalid")
        # A refused request does not use up its key.
        other = ["-H", "Idempotency-Key: order-78"]
        self.assertEqual(self.post({**body, "to": "bad"}, *other).status, 422)
        self.assertEqual(self.post(body, *other).status, 202)

    def test_idempotency_in_flight(self):
        """Both requests are in the sockets before the stopped process reads the first."""
        body = json.dumps({"from": "Shop", "to": "+4917225001", "text": "at once"})
        octets = (f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                  f"Content-Type: application/json\r\nIdempotency-Key: race\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
        probe = (f"GET /v1/account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}"
                 "\r\n\r\n").encode()
        links = [socket.create_connection(("127.0.0.1", self.gateway.ports["http"]), HANGS_AFTER)
                 for _ in range(2)]
        for link in links:
            self.addCleanup(link.close)
            link.sendall(probe)
            self.assertEqual(web.read_response(link).status, 200)
        self.gateway.program.pause()
        for link in links:
            link.sendall(octets)
        self.gateway.program.signal(signal.SIGCONT)
        answers = sorted((web.read_response(link) for link in links), key=lambda each: each.status)
        self.assertEqual(answers[0].status, 202, answers)
        self.assert_problem(answers[1], 409, "idempotency_in_flight")
        self.assertEqual(answers[1].headers["retry-after"], "1")
        sent = [each for each in self.carrier.submissions.items()
                if each.destination == "4917225001"]
        self.assertLessEqual(len(sent), 1)

    # Refused.

    def test_credentials(self):
        body = {"from": "Shop", "to": "+4917226000", "text": "x"}
        got = self.post(body, token=None)
        self.assert_problem(got, 401, "token_missing")
        self.assertIn("Bearer", got.headers["www-authenticate"])
        self.assert_problem(self.post(body, token="wrong"), 401, "token_invalid")
        self.assert_problem(web.curl("-u", "app:secret01", self.url("/v1/account")), 401,
                            "token_invalid")

    def test_paths_and_methods(self):
        self.assert_problem(self.get("/v1/nothing"), 404, "no_such_resource")
        self.assert_problem(self.get("/v1/messages/12345"), 404, "not_found")
        self.assert_problem(self.get("/v1/messages/not-an-id"), 404, "not_found")
        got = self.get("/v1/messages", "-X", "PUT")
        self.assert_problem(got, 405, "method_not_allowed")
        self.assertEqual(got.headers["allow"], "POST, GET, HEAD")
        self.assert_problem(self.get("/v1/messages?reference="), 422, "field_invalid")
        self.assert_problem(self.get("/v1/messages?page=2"), 422, "field_unknown")
        got = web.curl("-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: text/xml",
                       "--data-binary", "<to/>", self.url())
        self.assert_problem(got, 415, "media_type_unsupported")

    def test_json_faults_with_position(self):
        for octets, code, position in [(b'{"from": "Shop", }', "json_invalid", 17),
                                       (b'{"from"', "json_invalid", 7),
                                       (b"", "json_invalid", 0),
                                       (b'{"text": "\xff"}', "utf8_invalid", 10),
                                       (b'{"text": "\xed\xa0\x80"}', "utf8_invalid", 10)]:
            with self.subTest(octets=octets):
                problem = self.assert_problem(self.post(octets), 400, code)
                self.assertEqual(problem["position"], position)
        self.assert_problem(self.post(b"[" * 4000), 400, "json_invalid")
        self.assert_problem(self.post(b"[1]"), 422, "body_invalid")

    def test_field_faults_with_pointer(self):
        good = {"from": "Shop", "to": "+4917226001", "text": "x"}
        for change, status, code, pointer in [
                ({"to": "12"}, 422, "destination_invalid", "/to"),
                ({"to": "0172 1234567"}, 422, "destination_invalid", "/to"),
                ({"from": "much too long a name"}, 422, "source_invalid", "/from"),
                ({"text": 7}, 422, "field_invalid", "/text"),
                ({"colour": "red"}, 422, "field_unknown", "/colour"),
                ({"a/b~c": 1}, 422, "field_unknown", "/a~1b~0c"),
                ({"priority": 4}, 422, "field_invalid", "/priority"),
                ({"send_at": "tomorrow"}, 422, "field_invalid", "/send_at"),
                ({"valid_for": "1 century"}, 422, "field_invalid", "/valid_for"),
                ({"encoding": "gsm7", "text": "日"}, 422, "text_invalid", "/text"),
                ({"text": "x" * 500}, 422, "text_too_long", "/text"),
                ({"to": "+33612345678"}, 422, "no_route", "/to")]:
            with self.subTest(change=change):
                self.assert_problem(self.post({**good, **change}), status, code, pointer)
        self.assert_problem(self.post({**good, "from": "Fake"}, token=BILLING), 403,
                            "source_not_allowed", "/from")
        self.assert_problem(self.post({"messages": [good] * 21}), 422, "batch_too_large")

    def test_rate_and_queue_limits_say_when_to_retry(self):
        body = {"from": "Shop", "to": "+4917227000", "text": "x"}
        began = time.monotonic()
        self.assertEqual(self.post(body, token=NARROW).status, 202)
        got = self.post(body, token=NARROW)
        self.assert_problem(got, 429, "rate_exceeded")
        left = int(got.headers["retry-after"])
        self.assertTrue(60 - (time.monotonic() - began) <= left <= 60, got.headers)
        later = {**body, "send_at": "2027-06-01T00:00:00Z"}
        self.assertEqual(self.post(later, token=IDLE).status, 202)
        got = self.post(body, token=IDLE)
        self.assert_problem(got, 429, "queue_full")
        self.assertGreaterEqual(int(got.headers["retry-after"]), 1)

    # No HTTP, too much, too slow.

    def raw(self, octets):
        return raw(self.gateway.ports["http"], octets)

    def test_too_large(self):
        got = self.post({"from": "Shop", "to": "+4917228000", "text": "x" * 9000})
        self.assert_problem(got, 413, "body_too_large")
        chunked = self.post(b" " * 9000, "-H", "Transfer-Encoding: chunked")
        self.assert_problem(chunked, 413, "body_too_large")
        got = self.get("/v1/account", "-H", "X-Long: " + "x" * 5000)
        self.assert_problem(got, 431, "header_too_large")

    def test_no_http(self):
        self.assert_problem(self.raw(b"HELO mail.example\r\n\r\n"), 400, "http_invalid")
        self.assert_problem(self.raw(b"\x00\x00\x00\x10\x00\x00\x00\x09\x00\x00\x00\x00"
                                     b"\x00\x00\x00\x01\r\n\r\n"), 400, "http_invalid")
        self.assert_problem(self.raw(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\n"
                                     b"Content-Length: -5\r\n\r\n"), 400, "http_invalid")
        self.assert_problem(self.raw(b"GET /v1/account HTTP/1.1\r\n\r\n"), 400, "http_invalid")


class slow_request_test(unittest.TestCase):
    def test_is_given_up(self):
        upstream = carrier()
        self.addCleanup(upstream.close)
        configuration = default_configuration([to_carrier(upstream.port)])
        configuration["server.http"]["request_timeout"] = "1s"
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        got = raw(self.gateway.ports["http"],
                  f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                  "Content-Length: 100\r\n\r\n{".encode())
        self.assertEqual((got.status, got.json()["code"]), (408, "request_timeout"))
        self.assertEqual(self.gateway.metric("hikyaku_http_timeouts_total", listener="http"), 1)
        # The connection table is clean again, and the next user is served.
        eventually(lambda: self.gateway.metric("hikyaku_http_connections", listener="http") == 0,
                   "closed")
        self.assertEqual(self.gateway.http("GET", "/v1/account").status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
