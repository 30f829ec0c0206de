"""A carrier that gives one id to the messages of two accounts: each account is told what belongs to
it, whatever the order of responses and receipts, over a kill too, and a receipt for a phone that no
message of that id went to is kept and counted.
"""
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier

BANK = "bank-token"
PHONES = {TOKEN: "491720000001", BANK: "491720000002"}
SENDERS = {TOKEN: "Shop", BANK: "Bank"}


def receipt(source, destination, message_id, stat):
    text = f"id:{message_id} sub:001 dlvrd:001 stat:{stat} err:000 text:"
    return smpp.message_body(source, destination, text.encode(), esm_class=4)


class receipts_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier(receipts=None)
        self.addCleanup(self.carrier.close)
        accounts = [account(), account(name="bank", system_id="bank", api_tokens=[BANK])]
        self.gateway = gateway(default_configuration([to_carrier(self.carrier.port)], accounts))
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def submit(self, token):
        """The message of this account, on its way to the carrier."""
        before = len(self.carrier.submissions)
        got = self.gateway.send(PHONES[token], "Hello", token, **{"from": SENDERS[token]})
        self.carrier.submissions.wait(lambda one: one.destination == PHONES[token],
                                      "a submission", start=before)
        return got["id"]

    def both_sent(self, message_id):
        self.carrier.ids = lambda what: message_id
        sent = {token: self.submit(token) for token in (TOKEN, BANK)}
        for token, number in sent.items():
            self.gateway.wait_message(number, lambda one: one["status"] == "submitted", "submitted",
                                      token=token)
        return sent

    def deliver(self, name, source, destination, message_id, stat):
        self.carrier.deliver(name, receipt(source, destination, message_id, stat))
        self.carrier.acknowledged.wait(lambda one: one == name, f"{name} acknowledged")

    def assert_states(self, sent, **states):
        for token, state in ((TOKEN, states["shop"]), (BANK, states["bank"])):
            self.gateway.wait_message(sent[token], lambda one, wanted=state: one["status"] == wanted,
                                      f"{SENDERS[token]} {state}", token=token)

    def test_each_account_gets_its_own(self):
        ways = {"as sent": lambda phone, sender: (phone, sender),
                "national": lambda phone, sender: ("0" + phone[2:], "12345"),
                "swapped": lambda phone, sender: (sender, "+" + phone)}
        for way, write in ways.items():
            for message_id in ("not-a-number", "4101"):
                with self.subTest(way, id=message_id):
                    sent = self.both_sent(f"{message_id}{len(way)}")
                    ids = (f"{message_id}{len(way)}",)
                    self.deliver(f"bank {way} {ids}", *write(PHONES[BANK], "Bank"), *ids, "UNDELIV")
                    self.assert_states(sent, shop="submitted", bank="undeliverable")
                    self.deliver(f"shop {way} {ids}", *write(PHONES[TOKEN], "Shop"), *ids,
                                 "DELIVRD")
                    self.assert_states(sent, shop="delivered", bank="undeliverable")

    def test_after_a_kill(self):
        sent = self.both_sent("A1")
        self.gateway.kill()
        self.gateway.start()
        self.gateway.wait_bound()
        self.deliver("shop", PHONES[TOKEN], "Shop", "A1", "DELIVRD")
        self.assert_states(sent, shop="delivered", bank="submitted")
        self.deliver("bank", PHONES[BANK], "Bank", "A1", "UNDELIV")
        self.assert_states(sent, shop="delivered", bank="undeliverable")

    def test_before_the_responses(self):
        self.carrier.ids = lambda what: "A1"
        self.carrier.respond = False
        sent = {token: self.submit(token) for token in (TOKEN, BANK)}
        self.deliver("bank", PHONES[BANK], "Bank", "A1", "DELIVRD")
        self.carrier.answer_all()
        self.assert_states(sent, shop="submitted", bank="delivered")
        self.deliver("shop", PHONES[TOKEN], "Shop", "A1", "UNDELIV")
        self.assert_states(sent, shop="undeliverable", bank="delivered")

    def test_for_a_phone_of_no_message(self):
        sent = self.both_sent("A1")
        self.deliver("stranger", "491729999999", "Shop", "A1", "DELIVRD")
        self.gateway.wait_metric(1, "hikyaku_receipts_total", match="contradicts")
        self.deliver("nobody", "", "", "A1", "DELIVRD")
        self.gateway.wait_metric(1, "hikyaku_receipts_total", match="ambiguous")
        self.assert_states(sent, shop="submitted", bank="submitted")


if __name__ == "__main__":
    unittest.main()
