"""A disk that is full: new submissions are refused with the answers for it, what was accepted stays
and is delivered, and the gateway goes on by itself when there is room again. Once with a small file
system of its own where that may be mounted, and always with the limit that the system has for the
size of a process's files.
"""
import os
import resource
import subprocess
import unittest

from support import smpp
from support.carrier import carrier, receipt_body
from support.gateway import (PASSWORD, SYSTEM_ID, default_configuration, folder, gateway,
                             to_carrier)
from support.smpp import application
from support.waiting import eventually

SUBMISSION = smpp.message_body("4915112345", "4917280000", b"x" * 150, registered_delivery=1)


class file_size_limit:
    """The file of the store cannot grow beyond where it is when fill() is called."""

    def __init__(self, test):
        self._folder = folder()
        test.addCleanup(self._folder.remove)
        self.path = os.path.join(self._folder.path, "store")
        self.gateway = None

    def _limit(self, bytes_max):
        _, hard = resource.prlimit(self.gateway.program.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.gateway.program.pid, resource.RLIMIT_FSIZE, (bytes_max, hard))

    def fill(self):
        self._limit(max(os.path.getsize(os.path.join(self.path, name))
                        for name in os.listdir(self.path)))

    def make_room(self):
        self._limit(resource.RLIM_INFINITY)


class small_disk:
    """A file system of 24 MiB in memory, and a file that takes the rest of it."""

    def __init__(self, test):
        self._folder = folder()
        test.addCleanup(self._folder.remove)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "hikyaku-test",
                        self._folder.path], check=True, capture_output=True)
        test.addCleanup(subprocess.run, ["umount", "-l", self._folder.path], check=True)
        self.path = os.path.join(self._folder.path, "store")
        self._rest = os.path.join(self._folder.path, "rest")

    def fill(self):
        block = bytes(4096)
        with open(self._rest, "wb", buffering=0) as out:
            try:
                while out.write(block) == len(block):
                    pass
            except OSError:
                pass

    def make_room(self):
        os.remove(self._rest)


def may_mount():
    where = folder()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "hikyaku-test",
                               where.path], capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["umount", "-l", where.path], check=True)
        return done.returncode == 0
    finally:
        where.remove()


class disk_full_test(unittest.TestCase):
    def test_full_and_roomy_again(self):
        for disk in [file_size_limit] + ([small_disk] if may_mount() else []):
            with self.subTest(disk.__name__):
                self.fill_and_make_room(disk(self))

    def start(self, disk):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        configuration = default_configuration([to_carrier(self.carrier.port)])
        configuration["store"]["map_bytes_initial"] = "16MiB"
        self.gateway = gateway(configuration, store=disk.path)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()
        disk.gateway = self.gateway

    def submit_until_refused(self, client):
        """The ids of those accepted, and the first status that is none."""
        accepted = []
        for _ in range(20000):
            response = client.call(smpp.SUBMIT_SM, SUBMISSION)
            if response.status != smpp.ESME_ROK:
                return accepted, response.status
            accepted.append(response.body.rstrip(b"\0").decode())
        raise AssertionError("20000 messages fit on a full disk")

    def fill_and_make_room(self, disk):
        self.start(disk)
        client = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        # The carrier is out of the way, so that everything accepted still waits when it is full.
        self.assertEqual(self.gateway.admin("/admin/carriers/sim:pause", "POST").status, 200)
        before = [client.submit("4917280000", "before") for _ in range(20)]
        disk.fill()
        accepted, status = self.submit_until_refused(client)
        self.assertEqual(status, smpp.ESME_RSYSERR)
        refused = self.gateway.http("POST", "/v1/messages",
                                    {"from": "Shop", "to": "+4917280001", "text": "x"})
        self.assertEqual((refused.status, refused.json()["code"]), (503, "store_failing"))
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)
        ready = self.gateway.admin("/readyz")
        self.assertEqual((ready.status, b"disk" in ready.body), (503, True))
        self.assertEqual(self.gateway.admin("/healthz").status, 200)
        self.assertEqual(self.gateway.metric("hikyaku_store_failing"), 1)
        ids = before + accepted
        for message_id in (ids[0], ids[-1]):
            self.assertEqual(self.gateway.message(message_id)["status"], "queued")

        disk.make_room()
        eventually(lambda: self.gateway.admin("/readyz").status == 200, "goes on by itself")
        after = client.submit("4917280000", "after")
        self.assertEqual(self.gateway.admin("/admin/carriers/sim:resume", "POST").status, 200)
        told = client.receipts(ids + [after])
        self.assertEqual({fields["stat"] for fields in told.values()}, {"DELIVRD"})
        self.assertEqual(len(self.carrier.submissions), len(ids) + 1)
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.assertEqual(self.gateway.message(ids[-1])["status"], "delivered")

    def test_receipts_and_replies_are_not_acknowledged_before_they_are_kept(self):
        """While nothing can be stored the carrier gets no deliver_sm_resp, or one that says later."""
        disk = file_size_limit(self)
        self.start(disk)
        client = application(self.gateway.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        self.carrier.receipts = None
        client.submit("4917280002", "its receipt comes when the disk is full")
        sent = self.carrier.submissions.wait_count(1, "sent")[0]
        self.gateway.wait_metric(1, "hikyaku_carrier_submitted_total", carrier="sim")
        disk.fill()
        self.submit_until_refused(client)
        self.carrier.deliver("the receipt", receipt_body(sent, sent.message_id, "DELIVRD"))
        eventually(lambda: self.gateway.metric("hikyaku_receipts_total", match="message") == 1 or
                   len(self.carrier.refused), "the receipt was seen")
        self.assertNotIn("the receipt", self.carrier.acknowledged.items())
        disk.make_room()
        eventually(lambda: self.gateway.admin("/readyz").status == 200, "goes on by itself")
        self.carrier.acknowledged.wait(lambda name: name == "the receipt", "acknowledged after all")


if __name__ == "__main__":
    unittest.main(verbosity=2)
