"""Codes that never existed and codes that have expired are answered alike, also in time. A guesser who
measures must do no better than one who throws a coin: of 20,000 interleaved requests one half is used
to find the threshold that tells the two apart best, the other half to see how often it is right.
"""
import os
import random
import socket
import time
import unittest

from support.carrier import carrier
from support.clock import shifted_clock
from support.gateway import account, default_configuration, folder, gateway, to_carrier

# 10,000 throws of a coin are above 52 % once in 31,000 times (4 standard deviations); of 5,000, once
# in 430 times.
REQUESTS = 20000
RIGHT_MAX = 0.52
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODES = 100
DAY = 86400


def best_threshold(samples):
    """(threshold, True if what is above it is expired) with the most right answers for `samples`, a
    list of (time, expired)."""
    ordered = sorted(samples)
    expired = sum(1 for _, is_expired in ordered if is_expired)
    above, right = expired, []  # expired ones above the threshold; all others are below
    below_unknown = 0
    for at, is_expired in ordered:
        above -= is_expired
        below_unknown += not is_expired
        right.append((above + below_unknown, at))
    most, most_at = max(right)
    least, least_at = min(right)
    if most >= len(ordered) - least:
        return most_at, True
    return least_at, False


def share_right(samples, threshold, above_is_expired):
    return sum(((at > threshold) == above_is_expired) == is_expired
               for at, is_expired in samples) / len(samples)


def told_apart(samples, choice):
    """The share of right guesses for one half, by the best threshold of the other."""
    shuffled = list(samples)
    choice.shuffle(shuffled)
    half = len(shuffled) // 2
    return share_right(shuffled[half:], *best_threshold(shuffled[:half]))


class alike_test(unittest.TestCase):
    def setUp(self):
        self.carrier = carrier()
        self.addCleanup(self.carrier.close)
        own = folder()
        self.addCleanup(own.remove)
        self.clock = shifted_clock(own)
        configuration = default_configuration([to_carrier(self.carrier.port)],
                                              [account(links={"track": True})])
        configuration["server.links"] = {"listen": "127.0.0.1:0", "expires_after": "1d",
                                         "base_url": "https://pay.example",
                                         "misses_per_network": "unlimited"}
        configuration["log"]["level"] = "info"
        self.gateway = gateway(configuration, environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def expired_codes(self):
        body = {"messages": [{"from": "Shop", "to": [f"+4917250{n:04d}" for n in range(CODES)],
                              "text": "https://shop.example/pay?invoice=1"}]}
        self.assertEqual(self.gateway.http("POST", "/v1/messages", body).status, 202)
        texts = self.carrier.submissions.wait_count(CODES, "links")
        codes = [each.text.split("https://pay.example/")[1].split(" ")[0] for each in texts]
        self.clock.set(2 * DAY)
        return codes

    def test_the_statistic_finds_a_difference(self):
        """A fifth of a standard deviation is found."""
        choice = random.Random(7)
        alike = [(choice.gauss(0, 1), n % 2 == 0) for n in range(REQUESTS)]
        self.assertLess(abs(told_apart(alike, choice) - 0.5), 0.03)
        different = [(at + 0.2 * is_expired, is_expired) for at, is_expired in alike]
        self.assertGreater(told_apart(different, choice), RIGHT_MAX)
        faster = [(at - 0.2 * is_expired, is_expired) for at, is_expired in alike]
        self.assertGreater(told_apart(faster, choice), RIGHT_MAX)

    def test_unknown_and_expired(self):
        seed = int(os.environ.get("HIKYAKU_ALIKE_SEED", random.randrange(1 << 32)))
        print(f"seed {seed}")
        choice = random.Random(seed)
        codes = self.expired_codes()
        kinds = [True, False] * (REQUESTS // 2)
        choice.shuffle(kinds)
        requests = [
            f"GET /{code} HTTP/1.1\r\nHost: pay.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n".encode()
            for code in (choice.choice(codes) if expired else
                         "".join(choice.choices(ALPHABET, k=10)) for expired in kinds)]
        with socket.create_connection(("127.0.0.1", self.gateway.ports["links"])) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            times, sizes = [], set()
            for request in requests:
                begin = time.perf_counter_ns()
                connection.sendall(request)
                answer = connection.recv(65536)
                times.append(time.perf_counter_ns() - begin)
                sizes.add(len(answer))
                self.assertTrue(answer.startswith(b"HTTP/1.1 404 "), answer)
        self.assertEqual(len(sizes), 1, "one answer, in one piece")
        self.gateway.wait_metric(REQUESTS, "hikyaku_link_requests_total", answer="not_available")
        samples = list(zip(times, kinds))
        own = told_apart(samples, choice)
        # Work that is left over for the next request would be told by that one.
        next_one = told_apart(list(zip(times[1:], kinds[:-1])), choice)
        print(f"right by the time of the answer: {own:.2%}, of the next answer: {next_one:.2%}")
        self.assertLessEqual(own, RIGHT_MAX)
        self.assertLessEqual(next_one, RIGHT_MAX)


if __name__ == "__main__":
    unittest.main(verbosity=2)
