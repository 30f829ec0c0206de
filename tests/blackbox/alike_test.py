"""Codes that never existed and codes that have expired, are used up or belong to another domain are
answered alike, also in time. A guesser who
measures must do no better than one who throws a coin: of 20,000 interleaved requests one half is used
to find the threshold that tells the two apart best, the other half to see how often it is right.
"""
import os
import random
import socket
import time
import unittest

from support import web
from support.carrier import carrier
from support.clock import shifted_clock
from support.gateway import TOKEN, account, default_configuration, folder, gateway, to_carrier

# 10,000 throws of a coin are above 52 % once in 31,000 times (4 standard deviations); of 5,000, once
# in 430 times.
REQUESTS = 20000
RIGHT_MAX = 0.52
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODES = 100
DAY = 86400
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
                       " (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
         "Accept": "text/html,application/xhtml+xml", "Accept-Language": "ja-JP",
         "Host": "pay.example"}


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
                                              [account(links={"track": True}),
                                               account(name="other", system_id="other",
                                                       api_tokens=["other-token"],
                                                       links={"track": True, "domains":
                                                              ["other.example"]})])
        configuration["server.links"] = {"listen": "127.0.0.1:0", "expires_after": "1d",
                                         "base_url": "https://pay.example",
                                         "trusted_proxies": ["127.0.0.1"],
                                         "misses_per_network": "unlimited",
                                         "misses_in_total": "unlimited"}
        configuration["log"]["level"] = "info"
        self.gateway = gateway(configuration, environment=self.clock.environment)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.gateway.wait_bound()

    def send_links(self, first, count, token=TOKEN, **fields):
        """The codes of so many links, each of a message of its own."""
        numbers = [f"4917250{n:04d}" for n in range(first, first + count)]
        body = {"messages": [{"from": "Shop", "to": ["+" + each for each in numbers],
                              "text": "https://shop.example/pay?invoice=1", **fields}]}
        self.assertEqual(self.gateway.http("POST", "/v1/messages", body, token).status, 202)
        texts = [self.carrier.submissions.wait(lambda each, to=to: each.destination == to,
                                               "a link").text for to in numbers]
        return [each.rsplit("/", 1)[1] for each in texts]

    def codes_that_are_not_available(self):
        """Expired, used up, and of another domain."""
        expired = self.send_links(0, CODES // 2)
        used_up = self.send_links(1000, CODES // 4, links={"expires_after": "30d", "max_uses": 1})
        foreign = self.send_links(2000, CODES // 4, "other-token",
                                  links={"expires_after": "30d"})
        self.clock.set(60)  # nobody reads a message in its first two seconds
        for number, code in enumerate(used_up):  # each by somebody else
            got = web.request(self.gateway.ports["links"], "GET", "/" + code,
                              headers={**PHONE, "X-Forwarded-For": f"198.51.{number}.7"})
            self.assertEqual(got.status, 302)
        self.clock.set(2 * DAY)
        codes = [*expired, *used_up, *foreign]
        for code in codes:
            got = web.request(self.gateway.ports["links"], "GET", "/" + code, headers=PHONE)
            self.assertEqual(got.status, 404, code)
        self.asked = len(codes)
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

    def test_unknown_and_not_available(self):
        seed = int(os.environ.get("HIKYAKU_ALIKE_SEED", random.randrange(1 << 32)))
        print(f"seed {seed}")
        choice = random.Random(seed)
        codes = self.codes_that_are_not_available()
        # A sample beyond the limit is a reason to look again; a second one is not chance.
        shares = self.measure(codes, choice)
        if max(shares) > RIGHT_MAX:
            shares = self.measure(codes, choice)
        self.assertLessEqual(max(shares), RIGHT_MAX)

    def measure(self, codes, choice):
        """The shares of right guesses by the time of the answer, and by that of the next one."""
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
        self.asked += REQUESTS
        self.gateway.wait_metric(self.asked, "hikyaku_link_requests_total", answer="not_available")
        samples = list(zip(times, kinds))
        own = told_apart(samples, choice)
        # Work that is left over for the next request would be told by that one.
        next_one = told_apart(list(zip(times[1:], kinds[:-1])), choice)
        print(f"right by the time of the answer: {own:.2%}, of the next answer: {next_one:.2%}")
        return own, next_one


if __name__ == "__main__":
    unittest.main(verbosity=2)
