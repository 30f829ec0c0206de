"""Webhooks as a receiver meets them: signatures, batches, every kind of event, failures, and targets
that must not be reached.
"""
import threading
import time
import unittest

from support import toml, web
from support.carrier import carrier
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.program import hikyaku
from support.waiting import eventually
from support.webhooks import receiver

NEW_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OLD_SECRET = "the-old-plain-secret-0123456789"


def hooked(name, url, token, **changes):
    webhook = {"url": url, "secret": NEW_SECRET, "allow_private": True}
    webhook.update(changes)
    return account(name=name, system_id="", password="", api_tokens=[token], webhook=webhook)


class webhook_test(unittest.TestCase):
    def setUp(self):
        self.receiver = receiver()
        self.addCleanup(self.receiver.close)
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)

    def start(self, *accounts, **sections):
        configuration = default_configuration([to_carrier(self.carrier.port)], list(accounts))
        configuration.update(sections)
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def view(self, name):
        accounts = self.gateway.admin("/admin/accounts").json()["accounts"]
        return next(each for each in accounts if each["name"] == name)

    def test_receipt_is_signed_with_both_secrets(self):
        self.start(hooked("app", self.receiver.url("/hook?x=1"), "one",
                          secret_previous=OLD_SECRET))
        began = int(time.time())
        sent = self.gateway.send("+4917240001", "hello", "one", reference="case 7")
        got = self.receiver.wait("/hook?x=1")[0]
        self.assertTrue(got.signed_by(NEW_SECRET))
        self.assertTrue(got.signed_by(OLD_SECRET))
        self.assertFalse(got.signed_by("some other secret"))
        self.assertEqual(len(got.headers["webhook-signature"].split(" ")), 2)
        self.assertTrue(began <= int(got.headers["webhook-timestamp"]) <= time.time())
        self.assertEqual(got.headers["content-type"], "application/json")
        self.assertEqual(got.headers["host"], f"127.0.0.1:{self.receiver.port}")
        event, = got.events()
        self.assertRegex(event["id"], r"^evt_\d+$")
        self.assertEqual(event["type"], "receipt")
        data = event["data"]
        self.assertEqual({key: data[key] for key in ("message_id", "reference", "from", "to",
                                                     "status", "final", "segments",
                                                     "segments_delivered")},
                         {"message_id": sent["id"], "reference": "case 7", "from": "+4915112345",
                          "to": "+4917240001", "status": "delivered", "final": True,
                          "segments": 1, "segments_delivered": 1})
        self.assertNotIn("error", data)
        eventually(lambda: self.view("app")["waiting_webhook"] == 0, "acknowledged")
        self.assertEqual(len(self.receiver.to("/hook?x=1")), 1)

    def test_failed_message_names_the_error(self):
        self.carrier.receipts = "UNDELIV"
        self.start(hooked("app", self.receiver.url("/hook"), "one"))
        self.gateway.send("+4917240002", "hello", "one")
        data = self.receiver.wait("/hook")[0].events()[0]["data"]
        self.assertEqual((data["status"], data["segments_delivered"]), ("undeliverable", 0))
        self.assertEqual(data["error"]["code"], 11)

    def test_batches(self):
        """While one request waits for its answer the others gather."""
        self.start(hooked("app", self.receiver.url("/slow"), "one", batch_max=20))
        gate = self.receiver.gates["/slow"] = threading.Event()
        self.addCleanup(gate.set)
        body = {"messages": [{"from": "Shop", "to": [f"+4917241{n:04d}" for n in range(60)],
                              "text": "batch"}]}
        self.assertEqual(self.gateway.http("POST", "/v1/messages", body, "one").status, 202)
        self.receiver.wait("/slow")
        eventually(lambda: self.view("app")["waiting_webhook"] == 60, "60 receipts wait")
        self.assertEqual(len(self.receiver.to("/slow")), 1, "one request at a time")
        gate.set()
        eventually(lambda: self.view("app")["waiting_webhook"] == 0, "all acknowledged")
        deliveries = self.receiver.to("/slow")
        sizes = [len(each.events()) for each in deliveries]
        self.assertEqual(sum(sizes), 60)
        self.assertEqual(max(sizes), 20)
        ids = [event["id"] for each in deliveries for event in each.events()]
        self.assertEqual(len(set(ids)), 60, "each event once")
        self.assertEqual(len({each.headers["webhook-id"] for each in deliveries}), len(deliveries))

    def test_replies_and_hits(self):
        links = {"listen": "127.0.0.1:0", "base_url": "https://pay.example"}
        owner = hooked("app", self.receiver.url("/hook"), "one")
        owner.update(numbers=["4915790000"], keywords=["stop"], links={"track": True})
        self.start(owner, **{"server.links": links})
        self.carrier.reply("reply 1", "4917240003", "4915790000", "I have paid.")
        self.carrier.reply("reply 2", "4917240004", "4915111111", "Stop it")
        self.carrier.acknowledged.wait_count(2, "replies are on disk")
        first = self.receiver.wait_event("/hook", lambda e: e["data"].get("to") == "+4915790000")
        self.assertEqual((first["type"], first["data"]),
                         ("reply", {"from": "+4917240003", "to": "+4915790000",
                                    "text": "I have paid.", "data_coding": 0,
                                    "data": b"I have paid.".hex()}))
        second = self.receiver.wait_event("/hook", lambda e: e["data"].get("to") == "+4915111111")
        self.assertEqual(second["data"]["text"], "Stop it")

        sent = self.gateway.send("+4917240005", "see https://shop.example/x?y=1 now", "one",
                                 reference="case 8")
        text = self.carrier.submissions.wait(lambda e: e.destination == "4917240005", "it").text
        code = text.split("https://pay.example/")[1].split(" ")[0]
        got = web.request(self.gateway.ports["links"], "GET", f"/{code}",
                          headers={"User-Agent": "WhatsApp/2.23"})
        self.assertEqual(got.status, 302)
        hit = self.receiver.wait_event("/hook", lambda e: e["type"] == "hit")["data"]
        self.assertEqual((hit["message_id"], hit["link"], hit["target"], hit["user_agent"]),
                         (sent["id"], code, "https://shop.example/x?y=1", "WhatsApp/2.23"))
        self.assertEqual(hit["class"], "preview")
        self.assertIn("preview_agent", hit["reasons"])
        self.assertEqual((hit["reference"], hit["to"]), ("case 8", "+4917240005"))

    def test_failures(self):
        """An error is tried again after a pause, Retry-After is kept, 410 ends it, 3xx is a fault."""
        self.receiver.answers = {"/500": [(500, {})], "/429": [(429, {"Retry-After": "7"})],
                                 "/410": [(410, {})],
                                 "/302": [(302, {"Location": "/elsewhere"})]}
        names = ["500", "429", "410", "302"]
        self.start(*(hooked(name, self.receiver.url("/" + name), "token" + name)
                     for name in names))
        sent = {name: self.gateway.send("+4917240006", "x", "token" + name)["id"]
                for name in names}
        eventually(lambda: self.view("410")["webhook_disabled"], "disabled by 410")
        for name, pause in (("500", 5.0), ("302", 5.0), ("429", 7.0)):
            first, second = self.receiver.wait("/" + name, 2)[:2]
            self.assertGreaterEqual(second.at - first.at, pause, name)
            self.assertEqual(second.body, first.body)
            self.assertEqual(second.headers["webhook-id"], first.headers["webhook-id"])
            self.assertTrue(second.signed_by(NEW_SECRET))
            self.assertEqual(second.events()[0]["data"]["message_id"], sent[name])
        self.assertEqual(self.receiver.to("/elsewhere"), [])
        self.assertEqual(len(self.receiver.to("/410")), 1)
        self.assertEqual(self.view("410")["waiting_webhook"], 1)

        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.assertTrue(self.view("410")["webhook_disabled"], "remembered over a restart")
        got = self.gateway.http("POST", "/v1/account/webhook:enable", b"", "token410")
        self.assertEqual((got.status, got.json()), (200, {"disabled": False}))
        again = self.receiver.wait("/410", 2)[1]
        self.assertEqual(again.events()[0]["data"]["message_id"], sent["410"])

    def test_private_targets_are_not_reached(self):
        """What the configuration shows to be private is refused at once, and what only turns out
        to be when the name is resolved is not connected to."""
        for host in ("127.0.0.1", "localhost", "[::1]", "192.168.1.9"):
            refused = folder()
            self.addCleanup(refused.remove)
            path = refused.file("hikyaku.toml", toml.document(default_configuration(
                [to_carrier(1)], [hooked("app", f"http://{host}/x", "one", allow_private=False)])))
            code, _, error = hikyaku("check", path)
            self.assertEqual((code, "allow_private" in error), (1, True), host)
        self.start(hooked("app", f"http://2130706433:{self.receiver.port}/number", "one",
                          allow_private=False),
                   hooked("name", f"http://127.1:{self.receiver.port}/short", "two",
                          allow_private=False),
                   hooked("ok", self.receiver.url("/allowed"), "three"))
        for token in ("one", "two", "three"):
            self.gateway.send("+4917240007", "x", token)
        self.receiver.wait("/allowed")
        eventually(lambda: self.gateway.metric("hikyaku_deliveries_failed_total") >= 2, "refused")
        self.assertEqual([each.path for each in self.receiver.deliveries.items()], ["/allowed"])
        self.assertEqual((self.view("app")["waiting_webhook"],
                          self.view("name")["waiting_webhook"]), (1, 1), "kept all the same")


if __name__ == "__main__":
    unittest.main(verbosity=2)
