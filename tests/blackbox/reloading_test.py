"""The configuration is read again while the gateway works: under load nothing is lost and nothing
sent twice, what did not change stays connected, what is new works, what is gone is unbound; a
faulty file changes nothing, and what needs a restart is named. A door that goes is waited for.
"""
import collections
import json
import os
import signal
import subprocess
import threading
import unittest
import urllib.parse

from support import smpp, web
from support.carrier import carrier
from support.gateway import account, default_configuration, folder, gateway, to_carrier
from support.program import binary
from support.waiting import HANGS_AFTER, eventually
from support.webhooks import receiver

MESSAGES = int(os.environ.get("HIKYAKU_RELOAD_MESSAGES", "6000"))
WINDOW = 60
RELOADED = "the configuration is reloaded"
NOT_RELOADED = "the configuration is not reloaded"


class reloading_case(unittest.TestCase):
    def start(self, carriers, accounts=None, routes=None, **http):
        settings = default_configuration(carriers, accounts)
        settings["server.http"].update(http)
        if routes:
            settings["route"] = routes
        self.gateway = gateway(settings)
        self.addCleanup(self.gateway.close)
        self.gateway.start()
        self.logged = collections.Counter()  # lines that tell of a reload

    def a_carrier(self, **changes):
        made = carrier(**changes)
        self.addCleanup(made.close)
        return made

    def bind(self, system_id="app", password="secret01", **changes):
        made = smpp.application(self.gateway.ports["smpp"], system_id, password, **changes)
        self.addCleanup(made.close)
        return made

    def write(self, change):
        """The file with this change of the configuration."""
        change(self.gateway.configuration)
        self.gateway.write_configuration()

    def post(self):
        answer = self.gateway.admin("/admin/config:reload", "POST")
        self.wait_logged(RELOADED if answer.status == 200 else NOT_RELOADED)
        return answer

    def wait_logged(self, line):
        """One more of them in the log."""
        self.logged[line] += 1
        self.gateway.program.error.wait_count(self.logged[line], line,
                                              where=lambda text: line in text)

    def reload(self, change):
        """By the admin listener: the answer to a file without faults."""
        self.write(change)
        answer = self.post()
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def hang_up(self, line):
        """SIGHUP, and the log says what came of it."""
        self.gateway.program.signal(signal.SIGHUP)
        self.wait_logged(line)

    def command(self):
        return subprocess.run([binary(), "reload", "--admin",
                               f"http://127.0.0.1:{self.gateway.ports['admin']}"],
                              capture_output=True, text=True, timeout=HANGS_AFTER, check=False)


class load:
    """Messages of one session with a full window; `ids` has those that were accepted by text."""

    def __init__(self, session_of, count, name):
        self.ids = {}
        self.refused = []
        self.over = threading.Event()
        self._room = threading.Semaphore(WINDOW)
        self._waiting = {}
        self._lock = threading.Lock()
        self._count, self._name = count, name
        self._answered = 0
        self.session = session_of(self._take)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        for number in range(self._count):
            self._room.acquire()
            text = f"{self._name} {number}"
            with self._lock:
                sequence = self.session.request(smpp.SUBMIT_SM, smpp.message_body(
                    "4915112345", f"49151{number:07}", text.encode(), registered_delivery=1))
                self._waiting[sequence] = text

    def _take(self, response):
        if response.command != smpp.SUBMIT_SM | smpp.RESPONSE:
            return
        with self._lock:
            text = self._waiting.pop(response.sequence)
        if response.status == smpp.ESME_ROK:
            self.ids[text] = response.body.rstrip(b"\0").decode()
        else:
            self.refused.append((text, response.status))
        self._answered += 1
        self._room.release()
        if self._answered == self._count:
            self.over.set()

    def progress(self):
        return self._answered


class under_load_test(reloading_case):
    """`steady` and `paced` are carriers of every file, `guest` comes and goes."""

    def setUp(self):
        self.steady, self.paced, self.guest = (self.a_carrier() for _ in range(3))
        self.rounds = 0
        self.start([to_carrier(self.steady.port, name="steady"),
                    to_carrier(self.paced.port, name="paced", binds=2)],
                   [account(window=2 * WINDOW), account(name="other", system_id="other",
                                                        api_tokens=["other-token"])],
                   [self.route()])
        for name in ("steady", "paced"):
            self.gateway.wait_bound(2 if name == "paced" else 1, name)

    @staticmethod
    def route(name="all", *more):
        return {"name": name,
                "targets": [{"carrier": each} for each in ("steady", "paced", *more)]}

    def another_file(self):
        """Each of these once in three rounds."""
        self.rounds += 1
        number = self.rounds

        def change(file):
            file["account"] = file["account"][:2]
            file["carrier"] = file["carrier"][:2]
            file["account"][1]["password"] = f"secret{number:02}"
            file["carrier"][1]["contract_rate"] = f"{3000 + 100 * number}/s"
            file["carrier"][1]["window"] = 20 + number
            file["route"] = [self.route(f"round{number}")]
            if number % 2:
                file["account"].append(account(name="guest", system_id="guest",
                                               api_tokens=["guest-token"]))
                file["carrier"].append(to_carrier(self.guest.port, name="guest"))
                file["route"] = [self.route("all", "guest")]

        self.write(change)
        if number % 4 < 2:
            self.hang_up(RELOADED)
        else:
            self.assertEqual(self.post().status, 200)

    def faulty_file(self):
        kept = dict(self.gateway.configuration["account"][0])
        self.write(lambda file: file["account"][0].update(
            {"pasword": "x", "receipt_window": "many"}))
        answer = self.post()
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json()["code"], "configuration_invalid")
        self.assertEqual(len(answer.json()["faults"]), 2, answer)
        self.hang_up(NOT_RELOADED)
        self.write(lambda file: file["account"].__setitem__(0, kept))

    def check_guest(self):
        """Its account is known only while the file has it."""
        token = "guest-token"
        if self.rounds % 2:
            with_guest = self.bind("guest")
            self.assertEqual(self.gateway.http("GET", "/v1/messages/1", token=token).status, 404)
            return with_guest
        self.assertEqual(self.gateway.http("GET", "/v1/messages/1", token=token).status, 401)
        return None

    def test_nothing_is_lost_or_sent_twice_and_nobody_dropped(self):
        other = self.bind("other")
        running = load(lambda take: self.bind(on_response=take), MESSAGES, "load")
        guests = []
        while not running.over.is_set() or self.rounds < 6:
            self.another_file()
            if self.rounds == 1:
                self.guest.submissions.wait_count(1, "a segment at the new carrier")
            if guests and not self.rounds % 2:
                self.assertTrue(guests[-1].closed.wait(HANGS_AFTER))  # its account is gone
            if (guest := self.check_guest()) is not None:
                guests.append(guest)
            if self.rounds % 3 == 0:
                self.faulty_file()
        if self.rounds % 2 == 0:  # the guest has receipts for its next bind
            self.another_file()
        self.assertFalse(running.session.closed.is_set())
        self.assertEqual(running.refused, [])
        self.assertEqual(len(running.ids), MESSAGES)
        receipts = running.session.receipts(running.ids.values())
        self.assertEqual({each["stat"] for each in receipts.values()}, {"DELIVRD"})

        sent = collections.Counter()
        for each in (self.steady, self.paced, self.guest):
            sent.update(what.text for what in each.submissions.items())
        self.assertEqual([text for text in running.ids if sent[text] != 1], [])
        self.assertGreater(len(self.guest.submissions), 0)
        told = collections.Counter(each.receipt()["id"] for each in
                                   running.session.deliveries.items())
        self.assertEqual([each for each in running.ids.values() if told[each] != 1], [])

        # The unchanged and those that changed in place were bound once and are still.
        self.assertEqual(len(self.steady.sessions), 1)
        self.assertEqual(len(self.paced.sessions), 2)
        self.assertGreater(len(self.guest.sessions), 1)
        self.assertFalse(other.closed.is_set())
        other.receipt(other.submit("4915155555", "still bound"))
        again = self.bind("other", f"secret{self.rounds:02}")
        self.assertFalse(again.closed.is_set())
        with self.assertRaises(AssertionError):
            self.bind("other", "secret01")
        print(f"{self.rounds} reloads while {MESSAGES} messages went", flush=True)


class reloading_test(reloading_case):
    def test_the_answer_says_what_has_changed_and_what_waits(self):
        upstream = self.a_carrier()
        self.start([to_carrier(upstream.port)])
        self.gateway.wait_bound()
        nothing = self.command()
        self.assertEqual((nothing.returncode, nothing.stdout), (0, "nothing has changed\n"))
        port = self.gateway.ports["smpp"]

        def change(file):
            file["account"].append(account(name="new", system_id="new", api_tokens=["new"]))
            file["carrier"][0]["window"] = 7
            file["store"]["path"] = "elsewhere"
            file["server.smpp"]["listen"] = [f"127.0.0.1:{port}"]
            file["log"]["level"] = "info"

        self.write(change)
        done = self.command()
        self.assertEqual(done.returncode, 0, done)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:3], ["accounts: +new", "carriers: ~sim", "settings: log.level"])
        self.assertIn(f'needs a restart: server.smpp.listen (file: ["127.0.0.1:{port}"], '
                      'running: ["127.0.0.1:0"])', lines)
        self.assertTrue(any(line.startswith('needs a restart: store.path (file: "elsewhere"')
                            for line in lines), lines)
        answer = self.post().json()
        self.assertEqual(answer["accounts"], {"added": [], "changed": [], "removed": []})
        self.assertEqual([each["path"] for each in answer["needs_restart"]],
                         ["server.smpp.listen", "store.path"])
        self.assertEqual(self.gateway.admin("/admin/config:reload").status, 405)
        self.assertEqual(len(upstream.sessions), 1)

    def test_every_fault_is_told_and_the_command_fails(self):
        upstream = self.a_carrier()
        self.start([to_carrier(upstream.port)])
        token = "not-taken"
        self.write(lambda file: file["account"][0].update(
            {"api_tokens": [token], "colour": "red", "window": 0}))
        done = self.command()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)
        for line in done.stderr.splitlines():
            self.assertRegex(line, r"^/.*hikyaku\.toml:\d+: ")
        self.assertEqual(self.gateway.http("GET", "/v1/messages/1", token=token).status, 401)
        os.remove(self.gateway.config_path)
        self.assertIn("the file cannot be read", self.command().stderr)

    def test_a_certificate_of_a_carrier_that_cannot_be_read_is_a_fault(self):
        upstream = self.a_carrier()
        self.start([to_carrier(upstream.port)])
        place = folder()
        self.addCleanup(place.remove)
        bad = place.file("ca.pem", "not a certificate\n")
        self.write(lambda file: file["carrier"].append(
            to_carrier(upstream.port, name="secured", tls=True, tls_ca=bad)))
        answer = self.post()
        self.assertEqual(answer.status, 422)
        self.assertIn("carrier secured", json.dumps(answer.json()["faults"]))

    def test_a_secret_in_a_file_of_its_own_is_read_again(self):
        upstream = self.a_carrier()
        place = folder()
        self.addCleanup(place.remove)
        path = place.file("password", "first1\n")
        os.chmod(path, 0o600)
        made = account(password_file=path)
        del made["password"]
        self.start([to_carrier(upstream.port)], [made])
        stays = self.bind(password="first1")
        place.file("password", "second2\n")
        self.assertEqual(self.reload(lambda file: None)["accounts"]["changed"], ["app"])
        self.bind(password="second2")
        with self.assertRaises(AssertionError):
            self.bind(password="first1")
        self.assertFalse(stays.closed.is_set())

    def test_new_credentials_of_a_carrier_make_new_binds_and_the_old_one_drains(self):
        first, second = self.a_carrier(respond=False), self.a_carrier()
        self.start([to_carrier(first.port)])
        self.gateway.wait_bound()
        app = self.bind()
        held = self.gateway.send("+4915111111", "in flight")["id"]
        first.submissions.wait_count(1, "the segment at the first host")
        answer = self.reload(lambda file: file["carrier"][0].update(
            {"hosts": [f"127.0.0.1:{second.port}"], "password": "another"}))
        self.assertEqual(answer["carriers"]["new_binds"], ["sim"])
        later = app.submit("4915122222", "to the new host")
        self.assertEqual(app.receipt(later)["stat"], "DELIVRD")
        self.assertEqual([each.text for each in second.submissions.items()], ["to the new host"])
        self.assertEqual(first.connected(), 1)  # it drains
        first.answer_all()
        # A receipt that comes behind our unbind is the next bind's.
        self.gateway.wait_message(held, lambda what: what["status"] in ("submitted", "delivered"),
                                  "the response has counted")
        eventually(lambda: not first.connected(), "the first host is unbound")
        self.assertEqual([each.text for each in first.submissions.items()], ["in flight"])
        self.gateway.wait_bound(1)
        self.assertEqual((len(first.sessions), len(second.sessions)), (1, 1))

    def test_more_and_fewer_binds_leave_the_others(self):
        upstream = self.a_carrier()
        self.start([to_carrier(upstream.port)])
        self.gateway.wait_bound(1)
        self.reload(lambda file: file["carrier"][0].update({"binds": 3}))
        self.gateway.wait_bound(3)
        self.reload(lambda file: file["carrier"][0].update({"binds": 1}))
        self.gateway.wait_bound(1)
        self.assertEqual(len(upstream.sessions), 3)

    def test_a_removed_carrier_is_unbound_and_its_metrics_go(self):
        stays, goes = self.a_carrier(), self.a_carrier()
        self.start([to_carrier(stays.port, name="stays"), to_carrier(goes.port, name="goes")])
        self.gateway.wait_bound(1, "stays")
        self.gateway.wait_bound(1, "goes")
        self.reload(lambda file: file["carrier"].pop())
        eventually(lambda: not goes.connected(), "the removed carrier is unbound")
        self.assertNotIn('carrier="goes"', self.gateway.admin("/metrics").body.decode())
        self.assertEqual(self.gateway.admin("/admin/carriers/goes:pause", "POST").status, 404)
        self.gateway.wait_bound(1, "stays")
        self.reload(lambda file: file["carrier"].append(to_carrier(goes.port, name="goes")))
        self.gateway.wait_bound(1, "goes")
        self.assertEqual((len(stays.sessions), len(goes.sessions)), (1, 2))


class callback_doors_test(reloading_case):
    """An account with two doors that tell by callbacks loses one of them for a while."""

    JASMIN = {"username": "foo", "password": "bar", "allow_private": True}

    def setUp(self):
        self.web = receiver()
        self.addCleanup(self.web.close)
        self.web.words = b"ACK/Jasmin"
        self.carrier = self.a_carrier()
        jasmin = {**self.JASMIN, "reply_url": self.web.url("/reply"), "reply_method": "POST"}
        self.start([to_carrier(self.carrier.port)],
                   [account(sendsms=self.JASMIN, jasmin=jasmin, numbers=["5050"])],
                   sendsms=True, jasmin=True)
        self.gateway.wait_bound()

    def submit(self, path, status, **fields):
        got = web.request(self.gateway.ports["http"], "GET", path + "?" + urllib.parse.urlencode(
            {"username": "foo", "password": "bar", "from": "12345", "to": "819012340000", **fields}))
        self.assertEqual(got.status, status, got)

    def submit_to_kannel(self):
        self.submit("/cgi-bin/sendsms", 202, text="x",
                    **{"dlr-mask": 8, "dlr-url": self.web.url("/kannel")})

    def test_what_waited_for_a_door_is_told_when_the_door_is_back(self):
        for path in ("/report", "/reply"):
            self.web.answers[path] = [(500, {})] * 1000
        self.submit("/send", 200, content="x",
                    **{"dlr-level": 1, "dlr-url": self.web.url("/report")})
        self.carrier.reply("one", "819012345678", "5050", "STOP")
        for path in ("/report", "/reply"):
            self.web.wait(path)
        jasmin = self.gateway.configuration["account"][0]["jasmin"]
        self.reload(lambda file: file["account"][0].pop("jasmin"))
        self.submit_to_kannel()
        self.web.wait("/kannel")
        # A start reads everything that waits, at once.
        self.assertEqual(self.gateway.stop(), 0)
        self.logged.clear()
        self.gateway.start()
        self.gateway.wait_bound()
        self.submit_to_kannel()
        self.web.wait("/kannel", 2)
        before = {path: len(self.web.to(path)) for path in ("/report", "/reply")}
        self.web.answers.clear()
        self.reload(lambda file: file["account"][0].update({"jasmin": jasmin}))
        for path, count in before.items():
            told = self.web.wait(path, count + 1)
            self.assertEqual(told[-1].parameters, told[0].parameters)
        self.gateway.wait_metric(0, "hikyaku_callback_running")
        self.gateway.wait_metric(3, "hikyaku_deliveries_total", way="callback")
        self.assertEqual(self.gateway.metric("hikyaku_account_dead_letters", account="app"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
