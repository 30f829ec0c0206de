"""Those who mean no good, at the doors that ask for a secret: storms of binds with wrong
passwords, guessed links, and more connections than the process has file descriptors. Each gets
the answer that the documents name, and a well-behaved application beside it goes on as if
nothing were the matter.
"""
import collections
import http.client
import random
import resource
import socket
import sys
import time
import unittest

from support import smpp, web
from support.besieged import SECONDS, besieged_test
from support.crowd import crowd
from support.steady import cpu_seconds, open_files
from support.waiting import HANGS_AFTER, crew, eventually

ACCEPT_PAUSE = 0.1  # seconds after an accept in vain
CODE = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class abuse_test(besieged_test):
    def bind_storm(self, sources, least):
        """Binds with wrong passwords, one after the other on each of 16 threads, until as many as
        `least` had an answer: (crew, statuses). Who waits in vain for an answer fails the test."""
        statuses, end = collections.Counter(), time.monotonic() + SECONDS - 1

        def storm(number):
            rng = random.Random(number)
            while time.monotonic() < end or statuses.total() < least:
                try:
                    with socket.create_connection(
                            ("127.0.0.1", self.gateway.ports["smpp"]), HANGS_AFTER,
                            source_address=(rng.choice(sources), 0)) as connected:
                        link = smpp.connection(connected=connected)
                        link.send(smpp.encode(smpp.BIND_TRANSCEIVER, 0, 1, smpp.bind_body(
                            rng.choice(("app", "good", "nobody")), f"no{rng.randint(0, 99999)}")))
                        answer = link.read()
                        statuses[answer.status if answer else None] += 1
                except OSError:
                    statuses["error"] += 1
        return crew(16, storm), statuses

    def test_a_storm_of_binds_that_is_locked_out(self):
        self.start()
        load = self.neighbour()
        began = time.monotonic()
        strangers, statuses = self.bind_storm(["127.0.0.66"], 1000)
        strangers.join("the storm", SECONDS + HANGS_AFTER)
        took = time.monotonic() - began
        print(f"storm from one address: {dict(statuses)}, "
              f"{self.gateway.metric('hikyaku_password_hashes_total'):.0f} hashes",
              file=sys.stderr)
        self.check(load, "storm from one address", took)
        self.assertLessEqual(set(statuses), {smpp.ESME_RINVPASWD, smpp.ESME_RBINDFAIL,
                                             smpp.ESME_RSYSERR})
        self.assertGreater(statuses[smpp.ESME_RBINDFAIL], statuses[smpp.ESME_RINVPASWD])
        # The lockout is for 10 failures; the 16 threads had as many under way.
        self.assertLessEqual(statuses[smpp.ESME_RINVPASWD], 10 + 16)
        self.assertEqual(self.gateway.metric("hikyaku_smpp_lockouts_total"), 1)
        smpp.bound(self.gateway.ports["smpp"], "app", "secret01").close()  # from elsewhere

    def hashes(self):
        return self.gateway.metric("hikyaku_password_hashes_total")

    def test_a_storm_of_binds_from_everywhere(self):
        """No address is locked out: every bind costs a hash, on the pool's thread only."""
        self.start(smpp={"lockout": {"failures_max": 0}})
        load = self.neighbour()
        began, before = time.monotonic(), self.hashes()
        strangers, statuses = self.bind_storm(
            [f"127.0.{a}.{b}" for a in range(1, 5) for b in range(1, 200)], 40)
        eventually(self.can_bind, "a client that has never bound gets in")
        new_client = time.monotonic() - began
        known_began = time.monotonic()
        smpp.bound(self.gateway.ports["smpp"], "good", "good-one").close()
        known_client = time.monotonic() - known_began
        strangers.join("the storm", SECONDS + HANGS_AFTER)
        took, hashes = time.monotonic() - began, self.hashes() - before
        print(f"storm from everywhere: {dict(statuses)}, {hashes:.0f} hashes, each "
              f"{took / hashes:.3f} s; meanwhile a new client was bound after {new_client:.2f} s, "
              f"a known one after {known_client:.3f} s", file=sys.stderr)
        self.check(load, "storm from everywhere", took)
        self.assertLessEqual(set(statuses), {smpp.ESME_RINVPASWD, smpp.ESME_RSYSERR})
        # One for each of them and for the new client, none for the known one.
        self.assertEqual(hashes, statuses[smpp.ESME_RINVPASWD] + 1)

    def test_guessing_links(self):
        self.start(links={"listen": "127.0.0.1:0", "base_url": "https://pay.example",
                          "misses_per_network": "20/min", "trusted_proxies": ["127.0.0.1"]})
        load = self.neighbour()
        rng, statuses, cpu = random.Random(1), collections.Counter(), cpu_seconds(
            self.gateway.program.pid)
        began, guesses = time.monotonic(), 0
        link = socket.create_connection(("127.0.0.1", self.gateway.ports["links"]), HANGS_AFTER)
        self.addCleanup(link.close)
        while time.monotonic() < began + SECONDS - 1 or guesses < 20000:
            # Half of them from one network, the others each from its own.
            codes = ["".join(rng.choice(CODE) for _ in range(10)) for _ in range(50)]
            network = [f"198.51.{number}.7" if each % 2 else "203.0.113.7"
                       for each, number in enumerate(range(guesses // 50, guesses // 50 + 50))]
            requests = [f"GET /{code} HTTP/1.1\r\nHost: x\r\nUser-Agent: guess\r\n"
                        f"X-Forwarded-For: {where}\r\n\r\n" for code, where in zip(codes, network)]
            link.sendall("".join(requests).encode())
            octets = b""
            while octets.count(b"HTTP/1.1 ") < 50 or not octets.endswith(b"\n"):
                more = link.recv(1 << 20)
                self.assertTrue(more, "closed")
                octets += more
            for each in octets.split(b"HTTP/1.1 ")[1:]:
                statuses[int(each[:3])] += 1
            guesses += 50
        used, took = cpu_seconds(self.gateway.program.pid) - cpu, time.monotonic() - began
        print(f"guessing links: {dict(statuses)} in {took:.2f} s; with the neighbour's "
              f"traffic {used:.2f} s of CPU", file=sys.stderr)
        self.assertEqual(set(statuses), {404, 429})
        self.assertGreater(statuses[429], 0)
        self.check(load, "guessing links", took)

    def test_no_file_descriptors(self):
        """The process may have 100 files and is asked for more: it waits, without a spin, serves
        those who are there, and all is well as soon as there are files again."""
        limit = 100
        self.start(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                          (limit, limit)),
                   smpp={"unbound_per_address_max": 200})
        pid = self.gateway.program.pid
        client = smpp.application(self.gateway.ports["smpp"], "app", "secret01")
        self.addCleanup(client.close)
        metrics = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["admin"],
                                             timeout=HANGS_AFTER)
        self.addCleanup(metrics.close)

        def looks():
            """How often it has tried to accept in vain; over a connection that is there already."""
            metrics.request("GET", "/metrics")
            samples, _ = web.parse_metrics(metrics.getresponse().read().decode())
            return samples[("hikyaku_smpp_connections_total",
                            frozenset({("result", "accept_error")}))]
        self.assertEqual(looks(), 0)
        crowds = [crowd(self.gateway.ports[name], 100) for name in ("smpp", "http")]
        for each in crowds:
            self.addCleanup(each.close)
        eventually(lambda: open_files(pid) == limit, "no file is left")
        cpu, begin, before = cpu_seconds(pid), time.monotonic(), looks()
        for number in range(20):
            client.receipt(client.submit(f"49171{number:05d}", "goes on"))
        eventually(lambda: looks() >= before + 15, "it tries again and again")
        made = looks() - before
        took = time.monotonic() - begin
        print(f"no file descriptors: {made:.0f} looks in {took:.2f} s, "
              f"{(cpu_seconds(pid) - cpu) / took:.1%} of a core meanwhile", file=sys.stderr)
        self.assertLessEqual(made, took / ACCEPT_PAUSE + 1)
        for each in crowds:
            each.close()
        eventually(self.can_bind, "new sessions are taken again")
        self.assertEqual(self.gateway.http("GET", "/v1/messages/1").status, 404)
        self.assertGreater(self.gateway.metric("hikyaku_smpp_connections_total",
                                               result="accept_error"), 0)
        self.assertEqual(self.gateway.metric("hikyaku_tasks_failed_total"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
