"""What a carrier may still store when a hold is placed: the real program asks it to forget that, also
after a restart, and nothing of anybody else.
"""
import unittest

from support.carrier import carrier
from support.gateway import default_configuration, gateway, to_carrier

PHONE, OTHER = "819012340001", "819012340002"


class cancels_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier(receipts=None)  # it stores everything, and tells nothing
        self.addCleanup(self.carrier.close)
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)]))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def remind(self, to, text="due"):
        body = {"from": "Shop", "to": "+" + to, "text": text, "purpose": "dunning"}
        got = self.gateway.http("POST", "/v1/messages", body)
        self.assertEqual(got.status, 202, got)
        shown = self.gateway.wait_message(got.json()["id"], lambda m: m["status"] == "submitted",
                                          "submitted")
        return shown["id"]

    def hold(self, to):
        # As a person writes it.
        spaced = f"+{to[:2]} {to[2:4]}-{to[4:8]}-{to[8:]}"
        got = self.gateway.http("POST", "/v1/holds", {"kind": "dispute", "contact": spaced})
        self.assertEqual(got.status, 201, got)
        return got.json()

    def ids_of(self, to):
        return sorted(each.message_id for each in self.carrier.submissions.items()
                      if each.destination == to)

    def wait_cancels(self, count):
        self.carrier.cancels.wait_count(count, "cancel_sm")
        return self.carrier.cancels.items()

    def carrier_row(self):
        return self.gateway.admin("/admin/carriers").json()["carriers"][0]

    def test_a_hold_asks_for_each_part_of_what_the_carrier_has(self):
        message = self.remind(PHONE, "x" * 400)
        other = self.remind(OTHER)
        self.assertEqual(self.hold(PHONE)["ended"], {"withdrawn": 0, "with_carriers": 1})
        asked = self.wait_cancels(3)
        self.assertEqual(sorted(each.message_id for each in asked), self.ids_of(PHONE))
        self.assertEqual({each.destination for each in asked}, {PHONE})
        self.assertEqual({each.source for each in asked},
                         {each.source for each in self.carrier.submissions.items()})
        self.gateway.wait_message(message, lambda m: m["status"] == "deleted", "deleted")
        self.assertEqual(self.gateway.message(other)["status"], "submitted")
        row = self.carrier_row()
        self.assertEqual((row["cancels_asked"], row["cancels_granted"]), (3, 3))

    def test_what_could_not_be_asked_is_asked_by_the_next_process(self):
        message = self.remind(PHONE)
        self.carrier.disconnect()
        self.carrier.close()
        self.hold(PHONE)
        self.gateway.kill()
        later = carrier(receipts=None, port=self.carrier.port)
        self.addCleanup(later.close)
        self.gateway.start()
        self.gateway.wait_bound()
        later.cancels.wait_count(1, "cancel_sm")
        (asked,) = later.cancels.items()
        self.assertEqual([asked.message_id], self.ids_of(PHONE))
        self.gateway.wait_message(message, lambda m: m["status"] == "deleted", "deleted")


if __name__ == "__main__":
    unittest.main()
