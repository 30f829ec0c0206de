"""Disks that report errors, that turn read-only, and a store that reaches its map limit: new
submissions are refused with the answers for it, what was accepted stays and is delivered, links
still lead on, and the gateway goes on by itself when the disk works or there is room again.
"""
import collections
import errno
import signal
import sys
import unittest

from support import smpp, web
from support.carrier import carrier, receipt_body
from support.clock import shifted_clock
from support.disk import faulty_disk, no_disk, real_disk
from support.gateway import (PASSWORD, SYSTEM_ID, account, default_configuration, folder,
                             gateway, to_carrier)
from support.smpp import application
from support.waiting import eventually, journal

LINK_TOKEN = "link-token"
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148"}
FAULTS = {
    "every write and sync fails": lambda disk: disk.break_down(),
    "syncs fail": lambda disk: disk.fail(sync=errno.EIO),
    "the header cannot be written": lambda disk: disk.fail(header=errno.EIO),
    "read-only": lambda disk: disk.become_read_only(),
}


class disk_case(unittest.TestCase):
    def start(self, environment=None, store=None, **settings):
        self.more = 0
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        configuration = default_configuration(
            [to_carrier(self.carrier.port)],
            [account(), account(name="links", system_id="links", api_tokens=[LINK_TOKEN],
                                links={"track": True})])
        configuration["server.links"] = {"listen": "127.0.0.1:0",
                                         "base_url": "https://pay.example"}
        configuration["store"].update(settings)
        self.gateway = gateway(configuration, store=store)
        self.addCleanup(self.gateway.close)
        if environment is not None:
            self.disk = environment(self.gateway)
            self.gateway.environment = self.disk.environment
        self.run_gateway()

    def run_gateway(self):
        self.gateway.start()
        self.gateway.wait_bound()
        self.client = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(self.client.close)

    def faulty(self):
        self.start(lambda made: faulty_disk(made.folder, made.configuration["store"]["path"]))

    def pause(self, paused=True):
        what = "pause" if paused else "resume"
        self.assertEqual(self.gateway.admin(f"/admin/carriers/sim:{what}", "POST").status, 200)

    def submit(self, text):
        """(status, message id)."""
        body = smpp.message_body("4915112345", "4917290000", text.encode(), registered_delivery=1)
        response = self.client.call(smpp.SUBMIT_SM, body)
        return response.status, response.body.rstrip(b"\0").decode()

    def send_link(self):
        """The id of a message and the code of its link."""
        sent = self.gateway.send("+4917290001", "see https://shop.example/1", LINK_TOKEN)
        text = self.carrier.submissions.wait(lambda each: each.destination == "4917290001",
                                             "the link").text
        return sent["id"], text.rsplit("/", 1)[1]

    def tap(self, code):
        got = web.request(self.gateway.ports["links"], "GET", f"/{code}", headers=PHONE)
        self.assertEqual((got.status, got.headers["location"]), (302, "https://shop.example/1"))

    def assert_refuses(self, why):
        """All that shows that nothing new is taken, and that the process is alive."""
        def refused():
            status, _ = self.submit("one more")
            self.more += status == smpp.ESME_ROK  # what is small may still fit
            return status != smpp.ESME_ROK and status
        self.assertEqual(eventually(refused, "submit_sm is refused"), smpp.ESME_RSYSERR)
        over_http = self.gateway.http("POST", "/v1/messages", {
            "from": "Shop", "to": "+4917290002", "text": "refused"})
        self.assertEqual((over_http.status, over_http.json()["code"]), (503, "store_failing"))
        self.assertGreaterEqual(int(over_http.headers["retry-after"]), 1)
        ready = self.gateway.admin("/readyz")
        self.assertEqual(ready.status, 503)
        self.assertIn(why, ready.body.decode())
        self.assertEqual(self.gateway.admin("/healthz").status, 200)
        self.assertEqual(self.gateway.metric("hikyaku_store_failing"), 1)

    def assert_goes_on(self, ids):
        """By itself; what was accepted before, and one more, is delivered once."""
        eventually(lambda: self.gateway.admin("/readyz").status == 200, "goes on by itself")
        self.assertEqual(self.gateway.metric("hikyaku_store_failing"), 0)
        status, after = self.submit("after")
        self.assertEqual(status, smpp.ESME_ROK)
        self.pause(False)
        told = self.client.receipts([*ids, after])
        self.assertEqual({fields["stat"] for fields in told.values()}, {"DELIVRD"})
        texts = [each.text for each in self.carrier.submissions.items()]
        self.assertEqual(texts.count("after"), 1)
        self.assert_nothing_refused_is_sent()

    def assert_nothing_refused_is_sent(self):
        texts = collections.Counter(each.text for each in self.carrier.submissions.items())
        self.assertEqual((texts["refused"], texts["one more"]), (0, self.more))


class disk_fault_test(disk_case):
    def test_errors_come_and_go(self):
        """One gateway, one fault after the other."""
        self.faulty()
        linked, code = self.send_link()
        taps = 0
        for name, happen in FAULTS.items():
            with self.subTest(name):
                self.pause()
                texts = [f"{name} {n}" for n in range(5)]
                ids = [self.submit(text)[1] for text in texts]
                happen(self.disk)
                self.assert_refuses("disk error")
                for message_id in ids:
                    self.assertEqual(self.gateway.message(message_id)["status"], "queued")
                self.tap(code)
                taps += 1
                self.disk.mend()
                self.assert_goes_on(ids)
                sent = [each.text for each in self.carrier.submissions.items()]
                self.assertEqual([sent.count(text) for text in texts], [1] * 5)
                self.gateway.wait_message(linked, lambda m: m["hits"]["total"] == taps, "the hits",
                                          token=LINK_TOKEN)
                self.carrier.submissions = journal()
                self.more = 0
        self.assertEqual(self.gateway.metric("hikyaku_store_read_faults_total"), 0)
        self.assertEqual(self.gateway.stop(), 0)

    def test_killed_while_the_disk_fails(self):
        """What was answered before is there when the disk works again; so is a tap meanwhile, for
        the file of the hit log is written before the answer."""
        for name, happen in FAULTS.items():
            with self.subTest(name):
                self.faulty()
                linked, code = self.send_link()
                self.tap(code)
                self.gateway.wait_message(linked, lambda m: m["hits"]["total"] == 1, "a hit",
                                          token=LINK_TOKEN)
                self.pause()
                ids = [self.submit(f"before {n}")[1] for n in range(5)]
                happen(self.disk)
                self.assert_refuses("disk error")
                self.tap(code)
                self.gateway.kill()
                self.disk.mend()
                self.run_gateway()
                for message_id in ids:
                    self.assertEqual(self.client.receipt(message_id)["stat"], "DELIVRD")
                hits = 1 if "write" in name or "read-only" in name else 2
                self.gateway.wait_message(linked, lambda m: m["hits"]["total"] >= hits, "the hits",
                                          token=LINK_TOKEN)
                self.assert_nothing_refused_is_sent()
                self.assertEqual(self.gateway.stop(), 0)

    def test_receipts_wait_for_the_disk(self):
        """No deliver_sm_resp with ESME_ROK for what could not be stored."""
        self.faulty()
        self.carrier.receipts = None
        _, message_id = self.submit("its receipt comes when the disk fails")
        sent = self.carrier.submissions.wait_count(1, "sent")[0]
        self.gateway.wait_metric(1, "hikyaku_carrier_submitted_total", carrier="sim")
        self.disk.break_down()
        self.assert_refuses("disk error")
        self.carrier.deliver("the receipt", receipt_body(sent, sent.message_id, "DELIVRD"))
        eventually(lambda: self.gateway.metric("hikyaku_receipts_total", match="message") == 1 or
                   len(self.carrier.refused), "the receipt was seen")
        self.assertNotIn("the receipt", self.carrier.acknowledged.items())
        self.disk.mend()
        self.carrier.acknowledged.wait(lambda name: name == "the receipt", "acknowledged after all")
        self.assertEqual(self.client.receipt(message_id)["stat"], "DELIVRD")

    def test_a_start_on_a_disk_that_fails_says_so(self):
        for name, happen in FAULTS.items():
            if name == "syncs fail" or name == "the header cannot be written":
                continue  # an existing store opens without either
            with self.subTest(name):
                self.faulty()
                _, message_id = self.submit("before")
                self.assertEqual(self.gateway.stop(), 0)
                happen(self.disk)
                self.gateway.launch()
                self.assertEqual(self.gateway.program.wait_end(), 1)
                said = "\n".join(self.gateway.program.error.items())
                self.assertRegex(said, "store .*cannot be (written|opened)")
                self.disk.mend()
                self.gateway.start()
                self.assertEqual(self.gateway.message(message_id)["status"], "delivered")


class read_only_disk_test(disk_case):
    def test_a_real_file_system_turns_read_only(self):
        own = folder()
        self.addCleanup(own.remove)
        try:
            disk = real_disk(own)
        except no_disk as fault:
            print(f"NOT RUN: no file system can be made here: {fault}", file=sys.stderr)
            self.skipTest(str(fault))
        self.addCleanup(disk.unmount)
        self.start(store=disk.path + "/store", map_bytes_initial="16MiB")
        self.pause()
        ids = [self.submit(f"before {n}")[1] for n in range(10)]
        disk.become_read_only()
        self.assert_refuses("disk error")
        for message_id in ids:
            self.assertEqual(self.gateway.message(message_id)["status"], "queued")
        # Nothing short of a new mount makes it writable, and that needs the process away.
        self.gateway.program.signal(signal.SIGTERM)
        self.gateway.program.wait_end()
        self.gateway.launch()
        self.assertEqual(self.gateway.program.wait_end(), 1)
        self.assertRegex("\n".join(self.gateway.program.error.items()), "store .*cannot be written")
        disk.unmount()
        disk.mount()
        self.run_gateway()
        for message_id in ids:
            self.assertEqual(self.client.receipt(message_id)["stat"], "DELIVRD")
        self.assertEqual(self.gateway.stop(), 0)
        disk.unmount()


class map_limit_test(disk_case):
    MAP = 16 << 20
    # What makes a message big without making it long on the air.
    TLVS = [{"tag": 0x1400 + n, "value": "61" * 500} for n in range(4)]

    def post(self, count):
        """The ids of those accepted; the status is 202 or 503 for all of them."""
        got = self.gateway.http("POST", "/v1/messages", {"messages": [
            {"from": "4915112345", "to": f"+49172{n:07d}", "text": "big", "tlvs": self.TLVS}
            for n in range(count)]})
        if got.status == 503:
            self.assertIn(b"store_failing", got.body)
            return []
        self.assertEqual(got.status, 202)
        return [each["id"] for each in got.json()["messages"] if "id" in each]

    def fill(self, count):
        ids = []
        for _ in range(1000):
            more = self.post(count)
            if not more:
                return ids
            ids += more
        raise AssertionError("everything fits")

    def test_the_map_is_full_and_has_room_again(self):
        own = folder()
        self.addCleanup(own.remove)
        clock = shifted_clock(own)
        self.start(lambda made: clock, map_bytes_initial="16MiB", map_bytes_max="16MiB",
                   retention="30d")
        linked, code = self.send_link()
        self.pause()
        queued = self.fill(100)
        self.assertGreater(len(queued), 1000)
        self.assert_refuses("map limit")
        # What was accepted is not stopped by it: hits are counted, and everything is sent.
        self.tap(code)
        self.gateway.wait_message(linked, lambda m: m["hits"]["total"] == 1, "the hit",
                                  token=LINK_TOKEN)
        self.pause(False)
        self.gateway.wait_metric(0, "hikyaku_queued_messages")
        # Now that nothing waits there is room for more by itself, until the map is full of what is
        # kept for its time; and when that is over there is room again.
        eventually(lambda: self.gateway.admin("/readyz").status == 200, "room for more")
        self.fill(20)
        self.gateway.wait_metric(0, "hikyaku_queued_messages")
        self.fill(1)
        self.assert_refuses("map limit")
        used = self.gateway.metric("hikyaku_store_used_bytes")
        self.assertEqual(self.gateway.metric("hikyaku_store_commits_failed_total"), 0)
        self.assertTrue(self.MAP / 2 < used <= self.MAP, used)
        found = self.gateway.wait_message(queued[-1], lambda m: m["status"] == "delivered", "told")
        self.assertEqual(found["id"], queued[-1])
        clock.set(31 * 86400)
        eventually(lambda: self.gateway.admin("/readyz").status == 200, "room again")
        status, after = self.submit("after")
        self.assertEqual(status, smpp.ESME_ROK)
        self.assertEqual(self.client.receipt(after)["stat"], "DELIVRD")
        texts = collections.Counter(each.destination for each in self.carrier.submissions.items())
        self.assert_nothing_refused_is_sent()
        self.assertEqual(texts["4917290000"], self.more + 1)
        self.assertLessEqual(self.gateway.metric("hikyaku_store_used_bytes"), self.MAP)
        self.assertEqual(self.gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
