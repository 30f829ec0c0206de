"""Events that an application's server refuses: the others do not wait for them, and a server that
refuses everything is asked more and more rarely.
"""
import unittest

from support.carrier import carrier
from support.clock import shifted_clock
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.strict import strict_receiver
from support.waiting import eventually

NUMBER = "4915790000"
QUICK = 16  # refused posts in a row that follow each other at once (docs/http-api.md)
PAUSE_MIN = 5.0  # seconds until a refused event is tried again


def text_of(event):
    return event["data"]["text"]


class poisoned_event_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        own = folder()
        self.addCleanup(own.remove)
        self.clock = shifted_clock(own)

    def start(self, hook, **webhook):
        self.hook = hook
        self.addCleanup(hook.close)
        settings = {"url": hook.url, "secret": "0123456789abcdef0123456789abcdef",
                    "allow_private": True, **webhook}
        self.gateway = gateway(default_configuration(
            [to_carrier(self.carrier.port)],
            [account(system_id="", password="", webhook=settings, numbers=[NUMBER])]),
            environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def reply(self, text):
        self.carrier.reply(text, "4917240003", NUMBER, text)

    def replies(self, count, what="reply"):
        names = [f"{what} {number}" for number in range(count)]
        for each in names:
            self.reply(each)
        return names

    def waiting(self):
        accounts = self.gateway.admin("/admin/accounts").json()["accounts"]
        return accounts[0]["waiting_webhook"]

    def taken(self):
        return [text_of(each) for each in self.hook.events.items()]

    def test_the_others_do_not_wait_for_it(self):
        bad = {"poison"}
        self.start(strict_receiver(lambda events: any(text_of(each) in bad for each in events)))
        names = self.replies(30)
        self.reply("poison")
        names += self.replies(30, "later")
        self.hook.events.wait_count(60, "all others")
        self.assertEqual(sorted(self.taken()), sorted(names), "each once")
        eventually(lambda: self.waiting() == 1, "it waits")
        refused = [each for each in self.hook.posts.items() if each[2] == 400]
        self.assertEqual(refused[-1][1], 1, "alone in the end")
        bad.clear()
        self.hook.events.wait(lambda each: text_of(each) == "poison", "the next try")
        tried = self.hook.posts.items()[-1][0]
        alone = [each[0] for each in refused if each[1] == 1]
        self.assertGreaterEqual(tried - alone[0], PAUSE_MIN)
        eventually(lambda: self.waiting() == 0, "nothing waits")
        self.assertEqual(self.gateway.metric("hikyaku_dead_letters_total"), 0)

    def test_it_dies_by_itself(self):
        self.start(strict_receiver(lambda events: any(text_of(each) == "poison" for each in events),
                                   status=422), give_up_after="1h")
        self.reply("poison")
        eventually(lambda: self.gateway.metric("hikyaku_webhook_events_refused_total") == 1,
                   "refused alone")
        self.clock.set(3601)
        names = self.replies(20)
        self.hook.events.wait_count(20, "all others")
        eventually(lambda: self.gateway.metric("hikyaku_dead_letters_total") == 1, "given up", 60)
        self.assertEqual(sorted(self.taken()), sorted(names))
        self.assertEqual(self.waiting(), 0)

    def test_who_refuses_everything_is_asked_more_rarely(self):
        all_bad = [True]
        self.start(strict_receiver(lambda events: all_bad[0]))
        names = self.replies(60)
        self.carrier.acknowledged.wait_count(60, "replies are on disk")
        posts = self.hook.posts.wait_count(QUICK + 6, "posts")
        # Quick ones, then with pauses of 1 s, 2 s after four; and of those that were refused alone,
        # one a second, the first after PAUSE_MIN. Each pause begins after the server has noted a
        # post.
        for number, (at, _, _) in enumerate(posts, 1):
            since = at - posts[0][0]
            alone = int(since - PAUSE_MIN) + 1 if since >= PAUSE_MIN else 0
            slow = min(int(since), 4) + max(int((since - 4) / 2), 0)
            self.assertLessEqual(number, QUICK + 1 + slow + alone, posts)
        self.assertEqual(self.taken(), [])
        all_bad[0] = False
        self.hook.events.wait_count(60, "all, as soon as they are taken", 60)
        self.assertEqual(sorted(self.taken()), sorted(names), "each once")

    def test_a_server_that_takes_small_batches_only(self):
        self.start(strict_receiver(lambda events: len(events) > 3, status=413))
        names = self.replies(80)
        self.hook.events.wait_count(80, "all")
        self.assertEqual(sorted(self.taken()), sorted(names), "each once")


if __name__ == "__main__":
    unittest.main(verbosity=2)
