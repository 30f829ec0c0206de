"""What the crash tests share: a gateway that lives under load again and again on one store, a last
life in which everything must come to its end, and the audit of what was promised. Every message
that was answered has reached the carrier whole and its receipt the application, every receipt and
reply that was acknowledged to the carrier has arrived, every tap that was answered is counted, every
hold and suppression that was answered is there and nothing has left under it, and what came twice
has a death in between, at which the answer to it was not known to be on disk.
"""
import bisect
import collections
import http.client
import itertools
import json
import os
import random
import sys
import time
import unittest

from crash.load import WINDOW, http_load, ledger, smpp_load
from crash.phones import BASE_URL, CONNECTIONS, LINK, TOKEN as SHOP_TOKEN, phone_load
from crash.staff import staff_load
from support.carrier import carrier
from support.gateway import TOKEN, account, default_configuration, gateway, to_carrier
from support.waiting import eventually
from support.webhooks import receiver

RECEIPT_WINDOW = 30
CARRIER_WINDOW, BINDS, SESSIONS = 20, 2, 2
REPLY_NUMBER = "4915790000"


def setting(name, default):
    return int(os.environ.get(name) or default)


def seed():
    return setting("HIKYAKU_CRASH_SEED", time.time_ns() % 1000000)


def say(text):
    print(text, file=sys.stderr, flush=True)


class crash_case(unittest.TestCase):
    """`environment` of prepare() goes to the gateway, `store` are further settings of [store]."""

    def prepare(self, number, store=None):
        self.random = random.Random(number)
        self.book = ledger()
        self.replies = 0
        self.kills = collections.Counter()  # how it died -> times
        self.deaths = []  # when, monotonic
        self.settled = []  # at each: what was told before this moment was on disk
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        self.hooks = receiver()
        self.addCleanup(self.hooks.close)
        configuration = default_configuration(
            [to_carrier(self.carrier.port, window=CARRIER_WINDOW, binds=BINDS)],
            [account(numbers=[REPLY_NUMBER], window=WINDOW, receipt_window=RECEIPT_WINDOW,
                     receipts={"receipts": "smpp", "replies": "smpp"}),
             account(name="shop", system_id="", password="", api_tokens=[SHOP_TOKEN],
                     links={"track": True},
                     webhook={"url": self.hooks.url("/shop/0"),
                              "secret": "shop-webhook-secret-0123", "allow_private": True,
                              "events": ["hit"]})])
        configuration["server.links"] = {"listen": "127.0.0.1:0", "base_url": BASE_URL,
                                         "misses_per_network": "unlimited"}
        configuration["store"]["index_young_max"] = 256  # indexes make runs and merge them
        configuration["store"].update(store or {})
        configuration["log"]["level"] = "info"
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        self.posts = http_load(self.book)
        self.phones = phone_load(self.book, self.carrier.submissions)
        self.staff = staff_load(self.book)

    # Lives.

    def life(self):
        """The number of the life that goes on, or begins next."""
        return len(self.deaths)

    def name_life(self):
        """So that a post of a life that is over is known as one, however late it is read."""
        self.gateway.configuration["account"][1]["webhook"]["url"] = \
            self.hooks.url(f"/shop/{self.life()}")
        self.gateway.write_configuration()

    def start_life(self):
        self.name_life()
        self.gateway.start()
        sessions = [smpp_load(self.gateway.ports["smpp"], self.book, self.life())
                    for _ in range(SESSIONS)]
        self.posts.start(self.gateway.ports["http"])
        self.phones.start(self.gateway.ports)
        self.staff.start(self.gateway.ports["http"])
        return sessions

    def end_life(self, sessions):
        """After a death."""
        for each in sessions:
            each.end()
        self.posts.stop()
        self.phones.stop(self.posts.settled())
        self.staff.stop()
        return self.posts.settled()

    def send_replies(self, count):
        for _ in range(count):
            self.replies += 1
            self.carrier.reply(f"reply {self.replies}", "4917299999", REPLY_NUMBER,
                               f"reply {self.replies}")

    def pause(self, seconds_max):
        """The moment of a death has to be random: the one pause that nothing can replace."""
        time.sleep(self.random.uniform(0, seconds_max))

    def kill(self):
        self.gateway.kill()
        self.deaths.append(time.monotonic())

    def live_and_die(self):
        """One life, ended by SIGKILL: mostly under load, now and then while it starts, has hardly
        started, or stops."""
        how = self.random.choices(("load", "moment", "start", "stop"), (6, 2, 2, 2))[0]
        self.kills[how] += 1
        if how == "start":
            self.name_life()
            self.gateway.launch()
            self.pause(0.15)
            self.kill()
            self.settled.append(float("-inf"))
            return
        sessions = self.start_life()
        if how == "moment":
            self.send_replies(self.random.randint(0, 5))
            self.pause(0.3)
        else:
            already = len(self.book.answered)
            more = self.random.choice((1, self.random.randint(2, 60),
                                       self.random.randint(60, 800)))
            half = already + more // 2
            self.book.wait(lambda: len(self.book.answered) >= half, "half of the answers")
            self.send_replies(self.random.randint(1, 20))
            self.book.wait(lambda: len(self.book.answered) >= already + more, "the answers")
            protected = self.staff.total() + self.random.randint(0, 8)
            eventually(lambda: self.staff.total() >= protected, "holds and suppressions")
        if how == "stop":
            self.gateway.begin_stop()
            self.pause(0.2)
        self.kill()
        self.settled.append(self.end_life(sessions))

    def live_and_die_often(self, rounds, after=lambda: None):
        for done in range(1, rounds + 1):
            self.live_and_die()
            after()
            if done % 20 == 0:
                say(f"{done} of {rounds}: {len(self.book.answered)} messages and "
                    f"{self.phones.total()} taps answered")

    def last_life(self):
        """No more crashes: everything must come to its end."""
        sessions = self.start_life()
        already, links, protected = \
            len(self.book.answered), self.phones.total(), self.staff.total()
        self.book.wait(lambda: len(self.book.answered) >= already + 100, "it still works")
        eventually(lambda: self.phones.total() >= links + 20, "links still work")
        eventually(lambda: self.staff.total() >= protected + 10, "holds still work")
        self.staff.stop()
        for each in sessions:
            each.stop()
        self.posts.stop()
        self.phones.stop()
        eventually(lambda: all(each.idle() for each in sessions), "all answered")
        self.book.wait(lambda: not self.book.untold, "a receipt for every answered message")
        eventually(lambda: self.carrier.waiting() == 0, "the carrier has its answers")
        self.book.wait(lambda: len(self.book.replies) == self.replies, "every reply")
        self.gateway.wait_metric(0, "hikyaku_queued_messages")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="app", way="smpp")
        self.gateway.wait_metric(0, "hikyaku_account_outbox_events", account="shop", way="webhook")
        return sessions

    # The audit.

    def audit(self, hits_lost_max=0):
        """After last_life(). `hits_lost_max`: taps answered and not counted that are excused."""
        deaths = sum(self.kills.values())
        say(f"{deaths} deaths: " + ", ".join(f"{n} {how}" for how, n in self.kills.items()))
        self.assertEqual(self.book.faults, [])
        self.audit_protected()
        self.audit_carrier()
        self.audit_application()
        self.audit_references()
        self.audit_stored()
        self.audit_hits(deaths, hits_lost_max)
        self.assertEqual(self.gateway.metric("hikyaku_store_read_faults_total"), 0)

    def audit_protected(self):
        """Every answered hold and suppression is there, and nothing came to a phone under one."""
        staff = self.staff
        came = {each.destination for each in self.carrier.submissions.items()}
        self.assertEqual(came & {*staff.holds, *staff.suppressed}, set(), "sent under a hold")
        self.assertGreater(staff.total(), 0)
        for phone, hold in staff.holds.items():
            shown = self.gateway.http("GET", f"/v1/holds/{hold}", token=SHOP_TOKEN)
            self.assertEqual(shown.status, 200, f"the hold on {phone} is forgotten")
            self.assertTrue(shown.json()["active"], phone)
        for phone in staff.suppressed:
            shown = self.gateway.http("POST", "/v1/suppressions:search", {"contact": phone},
                                      token=SHOP_TOKEN)
            self.assertEqual(len(shown.json()["suppressions"]), 1,
                             f"the suppression of {phone} is forgotten")
        ended = self.stored(staff.reminders, SHOP_TOKEN)
        self.assertEqual({each and each["status"] for each in ended.values()}, {"rejected"})
        say(f"protection: {len(staff.holds)} holds and {len(staff.suppressed)} suppressions "
            f"answered, 0 forgotten, {staff.unknown} without an answer; {len(staff.reminders)} "
            "reminders to these phones, 0 sent")

    def count_again(self, what, told):
        """`told`: of each thing, how many copies of it there may be, and for each time it was told
        the life and when the other side had answered, or None. A copy comes once in a life, and not
        in a later one if its answer was on disk when the life ended. How many came again."""
        again = 0
        for copies, times in told:
            done = 0
            for life, answers in itertools.groupby(sorted(times, key=lambda one: one[0]),
                                                   key=lambda one: one[0]):
                answers = [answered for _, answered in answers]
                self.assertLessEqual(done + len(answers), copies,
                                     f"{what} in life {life} of {times}; {self.settled}")
                if life < len(self.settled):
                    done += sum(each is not None and each < self.settled[life]
                                for each in answers)
            again += len(times) - 1
        return again

    def audit_carrier(self):
        """Every answered message whole, nothing that was not asked for, and twice only what was
        sent right before a death."""
        book, parts, times = self.book, collections.defaultdict(dict), collections.defaultdict(list)
        for each in self.carrier.submissions.items():
            number = each.header[5] if each.header else 1
            total = each.header[4] if each.header else 1
            self.assertIn(each.destination, book.asked, "nobody asked for this")
            known = parts[each.destination].setdefault(number, (total, each.text))
            self.assertEqual(known, (total, each.text), "sent again, but not the same")
            life = bisect.bisect(self.deaths, each.bound_at)
            times[(each.destination, number)].append((life, each.answered_at))
        answered = set(book.answered.values())
        for destination, got in parts.items():
            total = next(iter(got.values()))[0]
            if destination in answered or len(got) == total:
                self.assertEqual(sorted(got), list(range(1, total + 1)), destination)
                text = "".join(got[number][1] for number in sorted(got))
                if book.asked[destination] is None:
                    self.assertRegex(text, LINK)
                else:
                    self.assertEqual(text, book.asked[destination])
        linked = {destination for _, _, destination in self.phones.links}
        missing = [each for each in answered | linked if each not in parts]
        self.assertEqual(missing, [], "answered, but never sent")
        again = self.count_again("a segment", ((1, each) for each in times.values()))
        say(f"messages: {len(book.answered)} answered, 0 lost, {book.unknown} without an answer; "
            f"{len(times)} segments sent, {again} of them again")

    def audit_application(self):
        """Each answered message has one final state, told at least once."""
        book = self.book
        for message_id in book.answered:
            self.assertEqual({each.receipt()["stat"] for each in book.receipts[message_id]},
                             {"DELIVRD"}, message_id)
        strangers = [each for each in book.receipts if each not in book.answered]
        self.assertLessEqual(len(strangers), book.unknown, "receipts for what nobody submitted")

        def lives(told):
            return [(each.life, each.answered_at) for each in told]
        again = self.count_again("a receipt", ((1, lives(told)) for told in book.receipts.values()))
        # A reply that the carrier sends again, because it had no answer, is one more reply.
        again += self.count_again("a reply", ((self.carrier.sent[name], lives(told))
                                              for name, told in book.replies.items()))
        acknowledged = set(self.carrier.acknowledged.items())
        say(f"receipts: {len(book.receipts)}, replies: {len(book.replies)}, 0 lost; "
            f"{again} deliveries again")
        self.assertEqual(set(book.replies), {f"reply {n}" for n in range(1, self.replies + 1)})
        self.assertGreaterEqual(acknowledged, {f"reply {n}" for n in range(1, self.replies + 1)})

    def audit_references(self):
        """A post that was repeated with its key after a crash was accepted once."""
        self.assertGreater(len(self.book.posted), 0)
        for destination, reference in self.book.posted.items():
            found = self.gateway.http("GET", f"/v1/messages?reference={reference}").json()
            self.assertEqual([(each["to"], each["status"]) for each in found["messages"]],
                             [("+" + destination, "delivered")], reference)

    def stored(self, ids, token=TOKEN):
        """{id: what GET /v1/messages/{id} says, None for 404}."""
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["http"])
        found = {}
        for each in ids:
            connection.request("GET", f"/v1/messages/{each}",
                               headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            body = response.read()
            self.assertIn(response.status, (200, 404), body)
            found[each] = json.loads(body) if response.status == 200 else None
        connection.close()
        return found

    def audit_stored(self):
        """Every answered message is in the store, delivered."""
        found = self.stored(self.book.answered)
        wrong = {each: what and what["status"] for each, what in found.items()
                 if what is None or what["status"] != "delivered"}
        self.assertEqual(wrong, {})

    def audit_hits(self, deaths, lost_max):
        """Every tap that was answered is counted once, and told to the application."""
        events, told = collections.defaultdict(set), collections.defaultdict(list)
        for delivery in self.hooks.deliveries.items():
            life = int(delivery.path.rpartition("/")[2])
            for event in delivery.events():
                events[event["data"]["message_id"]].add(event["id"])
                told[event["id"]].append((life, delivery.answered_at))
        counted = {each: what["hits"]["total"] for each, what in self.stored(
            [message_id for _, message_id, _ in self.phones.links], SHOP_TOKEN).items()}
        lost = untold = 0
        for code, message_id, _ in self.phones.links:
            tapped, unknown = self.phones.tapped[code], self.phones.unknown[code]
            self.assertLessEqual(counted[message_id], tapped + unknown, f"{code}: too many")
            lost += max(0, tapped - counted[message_id])
            untold += max(0, counted[message_id] - len(events[message_id]))
        again = self.count_again("an event", ((1, each) for each in told.values()))
        taps, unknown = self.phones.total(), sum(self.phones.unknown.values())
        say(f"hits: {taps} answered, {lost} lost, {unknown} without an answer, "
            f"{sum(counted.values())} counted; {again} events again; {lost_max} may be lost")
        self.assertGreater(taps, 0)
        self.assertLessEqual(unknown, deaths * CONNECTIONS)
        self.assertLessEqual(lost, lost_max)
        self.assertEqual(untold, 0, "counted, and never told")
