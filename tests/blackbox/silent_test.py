"""Peers that keep a connection and say nothing: an application that never reads what it is sent,
and carriers that answer no submit_sm, no enquire_link or not even the bind. They cost a bounded
amount of memory and their own traffic, and nobody else's.
"""
import socket
import sys
import threading
import time
import unittest

from support import smpp
from support.carrier import carrier
from support.gateway import account, default_configuration, gateway, to_carrier
from support.steady import anonymous_mib, latencies, median_seconds, open_files, steady_load
from support.waiting import eventually, journal

# Who had to wait for the silent one would wait as long as the gateway does.
SHARE_OF_TIMEOUT = 0.1
# What is in memory at most of what an account has sent is bounded by its settings and the queues'
# constants, not by time; docs/reliability.md has figures.
GROWTH_MIB = 32
HASH_MIB = 64
SENT_MAX = 10000000  # far more than sockets and answers that nobody takes can hold
LATE = 15
TALK_SECONDS, TALK_MAX = 0.2, 1000
NEIGHBOUR_RATE = 300
RESPONSE_TIMEOUT, LONG_TIMEOUT = 2, 5  # seconds; the long one is for those who do answer, too


class deaf_carrier:
    """Accepts connections; answers binds and enquire_link only if told so, and nothing else. With
    `talks` it delivers a reply several times a second on each connection, whatever happens."""

    def __init__(self, answers=(), talks=False):
        self._answers = answers
        self._talks = talks
        self._closed = threading.Event()
        self.connections = journal()
        self.commands = journal()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connected)
            self.connections.add(time.monotonic())
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _talk(self, connected):
        try:
            for number in range(1, TALK_MAX):
                if self._closed.wait(TALK_SECONDS):
                    return
                connected.sendall(smpp.encode(smpp.DELIVER_SM, 0, number, smpp.message_body(
                    "49174", "10000", b"still here")))
        except OSError:
            pass

    def _serve(self, connected):
        link = smpp.connection(connected=connected)
        try:
            while (received := link.read(3600)) is not None:
                self.commands.add(received.command)
                if received.command in self._answers:
                    link.send(smpp.encode(received.command | smpp.RESPONSE, 0, received.sequence,
                                          b"deaf\0" if received.command != smpp.ENQUIRE_LINK
                                          else b""))
                if self._talks and received.command == smpp.BIND_TRANSCEIVER:
                    threading.Thread(target=self._talk, args=(connected,), daemon=True).start()
        except (OSError, AssertionError):
            pass

    def count(self, command):
        return sum(each == command for each in self.commands.items())

    def close(self):
        self._closed.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            each.close()


class silent_test(unittest.TestCase):
    def make(self, carriers, accounts=None, routes=None, **smpp_settings):
        configuration = default_configuration(carriers, accounts)
        configuration["log"]["level"] = "error"
        configuration["server.smpp"].update(smpp_settings)
        if routes:
            configuration["route"] = routes
        self.gateway = gateway(configuration)
        self.addCleanup(self.gateway.close)
        return self.gateway.start()

    def good_carrier(self):
        made = carrier(window=100)
        self.addCleanup(made.close)
        return made

    def deaf(self, *answers, talks=False):
        made = deaf_carrier(answers, talks)
        self.addCleanup(made.close)
        return made

    def is_bound(self):
        return self.gateway.metric("hikyaku_account_sessions", account="app") == 1

    def neighbour(self):
        """A well-behaved application of another account while the trouble lasts."""
        made = steady_load(self.gateway, NEIGHBOUR_RATE, None, "neighbour", "neighbour")
        self.addCleanup(made.kill)
        return made

    def check_neighbour(self, load, what, timeout):
        """All it has sent until now was accepted and told, in a small part of the time for which
        the gateway waits for the silent one. How many messages that were."""
        got = load.stop()
        print(f"{what}: the neighbour's {got['accepted']} messages at {NEIGHBOUR_RATE}/s had p50 / "
              f"p99 / max {latencies(got)}, {got['receipts']} receipts", file=sys.stderr)
        self.assertEqual((got["accepted"], got["receipts"], got["lost"]),
                         (got["messages"], got["messages"], 0))
        self.assertLess(median_seconds(got), SHARE_OF_TIMEOUT * timeout)
        return got["accepted"]

    def accounts(self):
        return [account(window=1000, receipt_window=1000, rate={"per_second": "1000/s"}),
                account(name="neighbour", system_id="neighbour", password="neighbour",
                        api_tokens=["neighbour-token"])]

    def test_an_application_that_never_reads(self):
        upstream = self.good_carrier()
        self.make([to_carrier(upstream.port)], self.accounts(), enquire_link_interval="1s",
                  response_timeout=f"{LONG_TIMEOUT}s")
        pid = self.gateway.program.pid
        before = anonymous_mib(pid)
        load = self.neighbour()
        eventually(lambda: self.gateway.metric("hikyaku_account_sessions",
                                               account="neighbour") > 0, "the neighbour is bound")
        deaf = socket.socket()
        self.addCleanup(deaf.close)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", self.gateway.ports["smpp"]))
        deaf.sendall(smpp.encode(smpp.BIND_TRANSCEIVER, 0, 1, smpp.bind_body("app", "secret01")))
        deaf.settimeout(LONG_TIMEOUT / 2)  # then it is read no more
        eventually(self.is_bound, "it is bound")
        eventually(lambda: anonymous_mib(pid) < before + HASH_MIB / 2,
                   "the memory for checking passwords is given back")
        sent, highest, blocked = 0, before, False
        body = smpp.message_body("4915112345", "4917200000", b"never read", registered_delivery=1)
        try:
            while self.is_bound():
                deaf.sendall(b"".join(smpp.encode(smpp.SUBMIT_SM, 0, sent + each + 2, body)
                                      for each in range(1000)))
                sent += 1000
                self.assertLess(sent, SENT_MAX, "it is read for ever")
                highest = max(highest, anonymous_mib(pid))
        except socket.timeout:
            blocked = True
        except ConnectionError:
            pass
        eventually(lambda: not self.is_bound(), "its session is closed")
        highest = max(highest, anonymous_mib(pid))
        print(f"never reads: {sent} submissions until "
              f"{'it was read no more' if blocked else 'it was closed'}; anonymous memory "
              f"{before:.1f} MiB before, {highest:.1f} MiB at most", file=sys.stderr)
        self.assertLess(highest - before, GROWTH_MIB)
        neighbours = self.check_neighbour(load, "never reads", LONG_TIMEOUT)
        # What was accepted for it is kept, and told when it is back.
        accepted = self.gateway.metric("hikyaku_messages_accepted_total") - neighbours
        self.assertGreater(accepted, 0)
        told = set()

        def take(what):
            told.add(what.receipt()["id"])
            return smpp.ESME_ROK
        back = smpp.application(self.gateway.ports["smpp"], "app", "secret01", answer=take)
        self.addCleanup(back.close)
        eventually(lambda: len(told) == accepted, f"all {accepted} receipts")

    def test_a_carrier_that_never_answers_a_submission(self):
        """Its window stays bounded, its messages go to the other carrier of the route, and the
        other route does not notice."""
        silent = self.deaf(smpp.BIND_TRANSCEIVER, smpp.ENQUIRE_LINK)
        upstream = self.good_carrier()
        self.make([to_carrier(silent.port, name="silent", window=10,
                              response_timeout=f"{RESPONSE_TIMEOUT}s"),
                   to_carrier(upstream.port, name="good")], self.accounts(),
                  [{"name": "ours", "accounts": ["app"], "targets": [
                      {"carrier": "silent", "priority": 0}, {"carrier": "good", "priority": 1}]},
                   {"name": "all", "carrier": "good"}])
        self.gateway.wait_bound(carrier="silent")
        load = self.neighbour()
        client = smpp.application(self.gateway.ports["smpp"], "app", "secret01")
        self.addCleanup(client.close)
        ids = [client.submit(f"49173{number:05d}", "will be late") for number in range(LATE)]
        in_flight = []
        for each in ids:
            client.receipt(each)
            in_flight.append(self.gateway.metric("hikyaku_carrier_in_flight_segments",
                                                 carrier="silent"))
        got = {each.destination for each in upstream.submissions.items()}
        self.assertGreaterEqual(got, {f"49173{number:05d}" for number in range(LATE)})
        self.assertLessEqual(max(in_flight), 10)
        taken = silent.count(smpp.SUBMIT_SM)
        unknown = self.gateway.metric("hikyaku_outcome_unknown_total")
        print(f"never answers: {taken} submissions to the silent carrier, {unknown:.0f} outcomes "
              f"unknown, at most {max(in_flight):.0f} in flight", file=sys.stderr)
        self.assertEqual(taken, unknown)
        self.assertLessEqual(taken, LATE)
        self.check_neighbour(load, "never answers", RESPONSE_TIMEOUT)

    def test_a_carrier_that_never_answers_anything_after_the_bind(self):
        """enquire_link without an answer ends the bind; what was sent on it goes elsewhere."""
        dead = self.deaf(smpp.BIND_TRANSCEIVER)
        upstream = self.good_carrier()
        self.make([to_carrier(dead.port, name="dead", window=10, response_timeout="1s",
                              enquire_link_interval="1s"),
                   to_carrier(upstream.port, name="good")],
                  routes=[{"name": "all", "targets": [{"carrier": "dead", "priority": 0},
                                                      {"carrier": "good", "priority": 1}]}])
        self.gateway.wait_bound(carrier="dead")
        first = self.gateway.send("+4917400000", "found its way")["id"]
        self.gateway.wait_message(first, lambda m: m["status"] == "delivered", "delivered")
        eventually(lambda: self.gateway.metric("hikyaku_carrier_binds_total", carrier="dead",
                                               event="lost") >= 1, "the bind is given up")
        self.assertGreaterEqual(dead.count(smpp.ENQUIRE_LINK), 1)

    def test_a_carrier_that_hears_nothing_and_goes_on_talking(self):
        """Its deliver_sm show that one direction works; the bind ends all the same, once a
        submission and then enquire_link are without an answer."""
        deaf = self.deaf(smpp.BIND_TRANSCEIVER, talks=True)
        upstream = self.good_carrier()
        self.make([to_carrier(deaf.port, name="deaf", window=10, response_timeout="1s",
                              enquire_link_interval="1h"),
                   to_carrier(upstream.port, name="good")],
                  routes=[{"name": "all", "targets": [{"carrier": "deaf", "priority": 0},
                                                      {"carrier": "good", "priority": 1}]}])
        self.gateway.wait_bound(carrier="deaf")
        deaf.commands.wait_count(5, "it talks and is answered")
        self.assertEqual((deaf.count(smpp.ENQUIRE_LINK), len(deaf.connections.items())), (0, 1))
        first = self.gateway.send("+4917400000", "found its way")["id"]
        self.gateway.wait_message(first, lambda m: m["status"] == "delivered", "delivered")
        eventually(lambda: self.gateway.metric("hikyaku_carrier_binds_total", carrier="deaf",
                                               event="lost") >= 1, "the bind is given up")
        self.assertEqual(deaf.count(smpp.ENQUIRE_LINK), 1)

    def test_a_carrier_that_never_answers_the_bind(self):
        """The next host of the list is tried; connections do not pile up."""
        mute = self.deaf()
        upstream = self.good_carrier()
        self.make([to_carrier(mute.port, name="mute", bind_timeout="1s"),
                   to_carrier(mute.port, name="sim", bind_timeout="1s", hosts=[
                       f"127.0.0.1:{mute.port}", f"127.0.0.1:{upstream.port}"])],
                  routes=[{"name": "all", "carrier": "sim"}])
        pid = self.gateway.program.pid
        self.gateway.wait_bound(carrier="sim")
        files = open_files(pid)
        sent = self.gateway.send("+4917500000", "the second host")["id"]
        self.gateway.wait_message(sent, lambda m: m["status"] == "delivered", "delivered")
        mute.connections.wait_count(5, "it tries again")
        self.assertEqual(self.gateway.metric("hikyaku_carrier_binds_up", carrier="mute"), 0)
        self.assertLessEqual(open_files(pid), files + 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
