"""The debugging tools of the command line, with the exact output that docs/tools.md promises."""
import json
import os
import re
import sys
import unittest

from support import smpp, web
from support.gateway import PASSWORD, SYSTEM_ID, account, default_configuration, gateway, to_carrier
from support.program import binary, hikyaku, program, run, source_folder
from support.smpp import encode, message_body, tlv


def lines(*arguments, text=""):
    """(exit code, one parsed object for each line of output)"""
    code, out, error = hikyaku(*arguments, text=text)
    if error:
        raise AssertionError(error)
    return code, [json.loads(line) for line in out.splitlines()]


class links_test(unittest.TestCase):
    def classify(self, *requests, options=()):
        text = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n"
                       for each in requests)
        return lines("links", "classify", *options, text=text)

    def test_examples_of_the_documentation(self):
        with open(os.path.join(source_folder(), "docs", "links.md"), encoding="utf-8") as page:
            shown = re.findall(r"\$ echo '(\{.*\})' \| hikyaku links classify\n +(\{.*\})\n",
                               page.read())
        self.assertEqual(len(shown), 1)
        for asked, answered in shown:
            self.assertEqual(self.classify(asked), (0, [json.loads(answered)]))
        self.assertEqual(self.classify({"method": "HEAD", "headers": {"User-Agent": "curl/8.5.0"}}),
                         (0, [{"class": "automation",
                               "reasons": ["head_method", "automation_agent", "no_accept",
                                           "no_accept_language"]}]))

    def test_names_of_headers_and_other_members(self):
        phone = {"user-AGENT": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
                               "AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Line/14.9.0",
                 "ACCEPT": ["text/html", "*/*"], "accept-language": "ja-jp", "X-Other": "1"}
        person = {"method": "GET", "headers": phone, "url": "/x", "time": 1, "http": "2"}
        code, got = self.classify(
            person, {**person, "http": "1.0"}, {**person, "since_sent_ms": 100},
            {**person, "other_codes": 12},
            {**person, "headers": {**phone, "Sec-Purpose": "prefetch;prerender"}})
        self.assertEqual(code, 0)
        self.assertEqual([each["class"] for each in got],
                         ["human_likely", "unknown", "scanner", "unknown", "prefetch"])
        self.assertEqual(got[0]["reasons"], ["mobile_browser", "in_app_browser"])

    def test_bad_lines_are_named_and_the_others_go_on(self):
        good = {"method": "GET", "headers": {"User-Agent": "Twitterbot/1.0"}}
        code, got = self.classify(good, "{", "[]", {"headers": {}}, {"method": "GET"},
                                  {"method": "GET", "headers": {"A": 1}}, {**good, "http": "4"},
                                  {**good, "network": "203.0.113.7/24"}, good)
        self.assertEqual(code, 1)
        self.assertEqual([each.get("class") for each in got],
                         ["preview"] + 7 * [None] + ["preview"])
        self.assertEqual([each["error"]["code"] for each in got[1:-1]],
                         ["json_invalid", "field_invalid", "field_missing", "field_missing",
                          "field_invalid", "field_invalid", "field_invalid"])
        self.assertEqual(got[5]["error"]["pointer"], "/headers/A")

    def test_lists_of_a_configuration(self):
        configuration = default_configuration([to_carrier(1)], [account()])
        configuration["server.links.network"] = [{"ranges": ["203.0.113.0/24"],
                                                  "class": "preview"}]
        of_it = gateway(configuration)
        self.addCleanup(of_it.close)
        good = {"method": "GET", "headers": {"User-Agent": "New/1"}, "ip": "203.0.113.9"}
        for options, kind in (((), "scanner"), (("--config", of_it.config_path), "preview")):
            code, got = self.classify(good, options=options)
            self.assertEqual((code, got[0]["class"]), (0, kind))
        code, out, error = hikyaku("links", "classify", "--config", "/nowhere", text="")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("cannot be read", error)


class pdu_test(unittest.TestCase):
    def decode(self, *pdus):
        return lines("pdu", "decode", text="".join(each + "\n" for each in pdus))

    def test_submit_sm_of_another_implementation(self):
        octets = encode(smpp.SUBMIT_SM, 0, 7, message_body(
            "Shop", "4917270000", b"Hi \0", esm_class=0x40, data_coding=0, registered_delivery=1,
            source_ton=5, validity="000001000000000R",
            tlvs=tlv(0x0204, b"\x12\x34") + tlv(0x1401, b"xyz") + tlv(0x001D, b"note\0")))
        code, (got,) = self.decode(octets.hex())
        self.assertEqual(code, 0)
        self.assertEqual(got, {
            "command": "submit_sm", "command_id": 4, "command_status": "ESME_ROK",
            "sequence_number": 7,
            "body": {"service_type": "", "source_addr_ton": 5, "source_addr_npi": 1,
                     "source_addr": "Shop", "dest_addr_ton": 1, "dest_addr_npi": 1,
                     "destination_addr": "4917270000", "esm_class": 64, "protocol_id": 0,
                     "priority_flag": 0, "schedule_delivery_time": "",
                     "validity_period": "000001000000000R", "registered_delivery": 1,
                     "replace_if_present_flag": 0, "data_coding": 0, "sm_default_msg_id": 0,
                     "sm_length": 4, "short_message": "48692000"},
            "tlvs": [{"tag": 0x0204, "name": "user_message_reference", "hex": "1234",
                      "value": 0x1234},
                     {"tag": 0x1401, "name": None, "hex": "78797a", "value": "78797a"},
                     {"tag": 0x001D, "name": "additional_status_info_text", "hex": "6e6f746500",
                      "value": "note"}]})
        code, (back,) = lines("pdu", "encode", text=json.dumps(got))
        self.assertEqual((code, back), (0, {"hex": octets.hex()}))

    def test_examples_of_the_documentation(self):
        _, out, _ = hikyaku("pdu", "decode", text="0000001000000015 0000000000000001\n")
        self.assertEqual(out, '{"command":"enquire_link","command_id":21,"command_status":'
                              '"ESME_ROK","sequence_number":1,"body":{},"tlvs":[]}\n')
        _, out, _ = hikyaku("pdu", "encode",
                            text='{"command":"submit_sm_resp","body":{"message_id":"42"}}\n')
        self.assertEqual(out, '{"hex":"00000013800000040000000000000001343200"}\n')

    def test_faults_do_not_stop_it(self):
        body = message_body("49", "4917270000", b"x")
        torn = encode(smpp.SUBMIT_SM, 0, 9, body[:-2] + b"\x64x")
        code, got = self.decode("00000010000000", "0000000f000000150000000000000001",
                                "0x7f000000000000150000000000000001", torn.hex(), "hello", "",
                                "00:00:00:10:80:00:00:06:00:00:00:58:00:00:00:02",
                                "000000100000abcd0000000000000003")
        self.assertEqual(code, 1)
        errors = [each.get("error", {}) for each in got]
        self.assertEqual([(each.get("kind"), each.get("status"), each.get("field"))
                          for each in errors],
                         [("incomplete", None, None),
                          ("unrecoverable", "ESME_RINVCMDLEN", None),
                          ("unrecoverable", "ESME_RINVCMDLEN", None),
                          ("recoverable", "ESME_RINVMSGLEN", "short_message"),
                          ("input", None, None),
                          (None, None, None),
                          ("recoverable", "ESME_RINVCMDID", "command_id")])
        self.assertEqual(errors[0]["octets_needed"], 16)
        self.assertEqual((got[3]["command"], got[3]["sequence_number"]), ("submit_sm", 9))
        self.assertEqual((got[5]["command"], got[5]["command_status"]),
                         ("unbind_resp", "ESME_RTHROTTLED"))

    def test_everything_encodes_back(self):
        for command, members in [("bind_transceiver", {"system_id": "a", "password": "b",
                                                       "interface_version": 52}),
                                 ("deliver_sm", {"source_addr": "1", "short_message": "00ff"}),
                                 ("query_sm", {"message_id": "5"}), ("unbind", {}),
                                 ("data_sm", {"destination_addr": "49"}),
                                 ("cancel_sm", {"message_id": "7"})]:
            with self.subTest(command):
                described = {"command": command, "sequence_number": 11, "body": members}
                _, (encoded,) = lines("pdu", "encode", text=json.dumps(described))
                code, (got,) = self.decode(encoded["hex"])
                self.assertEqual((code, got["command"], got["sequence_number"]), (0, command, 11))
                self.assertEqual({key: got["body"][key] for key in members}, members)
        code, (got,) = lines("pdu", "encode", text='{"command":"nonsense"}')
        self.assertEqual((code, got["error"]["kind"]), (1, "input"))


class text_test(unittest.TestCase):
    def test_example_of_the_documentation(self):
        _, out, _ = hikyaku("text", "plan", "--profile", "docomo", "Hello {}")
        self.assertEqual(out, '{"encoding":"gsm7","data_coding":0,"udhi":false,'
                              '"segmentation":"none","units":10,"units_per_single":160,'
                              '"units_per_part":152,"parts":1,"billed_units":1,"segments":'
                              '[{"octets":10,"units":10,"hex":"48656c6c6f201b281b29"}],'
                              '"forcing_ucs2":[],"replaced":[]}\n')

    def test_range_over_the_profiles(self):
        code, (got,) = lines("text", "plan", "請" * 133)
        self.assertEqual(code, 0)
        self.assertEqual([(each["profile"], each["parts"], each["billed_units"])
                          for each in got["by_carrier"]],
                         [("standard", 2, 2), ("docomo", 3, 3), ("au", 2, 2), ("softbank", 2, 1),
                          ("rakuten", 2, 2)])
        self.assertEqual(got["range"], {"planned": 5, "units": {"least": 133, "most": 133},
                                        "parts": {"least": 2, "most": 3},
                                        "billed_units": {"least": 1, "most": 3}})

    def test_limits_of_one_and_more_segments(self):
        for text, encoding, units in [("x" * 160, "gsm7", [160]), ("x" * 161, "gsm7", [153, 8]),
                                      ("x" * 152 + "€" + "x" * 20, "gsm7", [152, 22]),
                                      ("日" * 70, "ucs2", [70]), ("日" * 71, "ucs2", [67, 4]),
                                      ("日" * 66 + "😀日日日", "ucs2", [66, 5])]:
            with self.subTest(text=text[-5:]):
                code, (got,) = lines("text", "plan", text)
                self.assertEqual((code, got["encoding"]), (0, encoding))
                self.assertEqual([each["units"] for each in got["segments"]], units)
                for number, each in enumerate(got["segments"], 1):
                    octets = bytes.fromhex(each["hex"])
                    self.assertEqual(len(octets), each["octets"])
                    if got["udhi"]:
                        self.assertEqual(octets[:3] + octets[4:6],
                                         bytes([5, 0, 3, len(units), number]))

    def test_standard_input(self):
        code, (got,) = lines("text", "plan", text="two\nlines")
        self.assertEqual((code, got["units"]), (0, 9))
        code, got = lines("text", "plan", "--lines", text="one\nü 請\n\n")
        self.assertEqual([(each["encoding"], each["units"]) for each in got],
                         [("gsm7", 3), ("ucs2", 3), ("gsm7", 0)])
        self.assertEqual(got[1]["forcing_ucs2"], [{"position": 3, "code_point": 0x8ACB}])

    def test_faults(self):
        code, (got,) = lines("text", "plan", "--parts-max", "2", "x" * 400)
        self.assertEqual((code, got), (1, {"error": {"kind": "too_many_parts",
                                                     "segments_needed": 3}}))
        code, (got,) = lines("text", "plan", text=b"ab\xff")
        self.assertEqual((code, got), (1, {"error": {"kind": "invalid_utf8", "position": 2}}))
        code, (got,) = lines("text", "plan", "--encoding", "gsm7", "abc請")
        self.assertEqual((code, got["error"]["kind"], got["error"]["position"]),
                         (1, "not_in_alphabet", 3))


class receipt_test(unittest.TestCase):
    def test_dialects(self):
        code, got = lines("receipt", "parse", text="\n".join([
            "id:12 sub:001 dlvrd:001 submit date:2611220218 done date:2611220219 stat:DELIVRD "
            "err:000 text:Hello there",
            "id:7 stat:UNDELIV err:11",
            "ID:abc-DEF SUBMIT DATE:20261122021800 STAT:EXPIRED",
            "I have paid already, see id on my letter"]) + "\n")
        self.assertEqual(code, 1)
        self.assertEqual(got[0], {"id": "12", "sub": "001", "dlvrd": "001",
                                  "submit_date": "2611220218", "done_date": "2611220219",
                                  "stat": "DELIVRD", "err": "000", "text": "Hello there",
                                  "sure": "certain", "reason": "all standard fields",
                                  "taken": {"id": "12", "state": "delivered", "final": True}})
        self.assertEqual(got[1], {"id": "7", "sub": None, "dlvrd": None, "submit_date": None,
                                  "done_date": None, "stat": "UNDELIV", "err": "11", "text": None,
                                  "sure": "likely", "reason": "only id, stat, err",
                                  "taken": {"id": "7", "state": "undeliverable", "final": True,
                                            "error": {"code": 11, "text": "11", "stat": "UNDELIV",
                                                      "network_error_code": None}}})
        self.assertEqual((got[2]["id"], got[2]["submit_date"], got[2]["stat"]),
                         ("abc-DEF", "20261122021800", "EXPIRED"))
        self.assertEqual((got[3]["error"], got[3]["sure"], got[3]["reason"]),
                         ("not a receipt", "no_receipt", "there is no id"))

    def test_example_of_the_documentation(self):
        _, out, _ = hikyaku("receipt", "parse", text="id:7 stat:UNDELIV err:11\n")
        with open(os.path.join(source_folder(), "docs", "tools.md"), encoding="utf-8") as page:
            self.assertIn(out, page.read())

    def test_a_pdu_with_tlvs(self):
        octets = encode(smpp.DELIVER_SM, 0, 7, message_body(
            "4917270000", "Shop", b"id:", esm_class=4,
            tlvs=tlv(0x001E, b"AB12\0") + tlv(0x0427, b"\x02") + tlv(0x0423, b"\x03\x00\x0b")))
        code, (got,) = lines("receipt", "parse", text=octets.hex() + "\n")
        self.assertEqual(code, 0)
        self.assertEqual(got["tlvs"], {"receipted_message_id": "AB12", "message_state": 2,
                                       "network_error_code": "03000b"})
        self.assertEqual(got["taken"], {"id": "AB12", "state": "delivered", "final": True,
                                        "error": {"code": 11, "text": "", "stat": None,
                                                  "network_error_code": "03000b"}})
        self.assertEqual((got["sure"], got["reason"]), ("certain", "esm_class says so"))


class reply_test(unittest.TestCase):
    def test_texts_in_both_languages(self):
        code, read = lines("reply", "read", "--today", "2026-11-30", text="12月10日に払います\nSTOP\n")
        self.assertEqual(code, 0)
        self.assertEqual([each["intents"][0]["intent"] for each in read], ["promise", "stop"])
        self.assertEqual(read[0]["intents"][0]["dates"], ["2026-12-10"])
        self.assertEqual([each["decision"] for each in read], ["act", "act"])

    def test_one_object_for_each_line(self):
        code, read = lines("reply", "read", "--today", "2026-11-30", "--language", "ja",
                           text="\nもう払いました\n?\n")
        self.assertEqual((code, [each["language"] for each in read]), (0, ["ja"] * 3))
        self.assertEqual(read[0]["decision"], "person")

    def test_faults(self):
        for day in ("2026-02-30", "today", "2026-1-1", "2026-11-30x"):
            code, out, error = hikyaku("reply", "read", "--today", day, text="STOP\n")
            self.assertEqual((code, out), (1, ""), error)
        self.assertNotEqual(hikyaku("reply", "read")[0], 0)
        self.assertNotEqual(
            hikyaku("reply", "read", "--today", "2026-11-30", "--language", "fr")[0], 0)


class simulator_test(unittest.TestCase):
    """A phone answers a text whose sender is a name."""

    def test_a_name_is_answered(self):
        simulated = program([binary(), "carrier", "--listen", "127.0.0.1:0", "--web",
                             "127.0.0.1:0"], "carrier")
        self.addCleanup(simulated.kill)
        smpp_port = int(simulated.wait_line(r"smpp listening on \S+:(\d+)")[1])
        web_port = int(simulated.wait_line(r"phone on http://\S+:(\d+)/?$")[1])
        through = gateway(default_configuration([to_carrier(smpp_port)],
                                                [account(keywords=["STOP"])]))
        self.addCleanup(through.close)
        through.start()
        through.wait_bound()
        client = smpp.application(through.ports["smpp"], SYSTEM_ID, PASSWORD)
        self.addCleanup(client.close)
        client.submit("819012345678", "Please pay", source="Shop", source_ton=5,
                      registered_delivery=0)
        read = web.request(web_port, "GET", "/api/inbox?number=%2B819012345678").json()
        self.assertEqual([each["with"] for each in read["messages"]], ["Shop"])
        body = {"from": "+819012345678", "to": read["messages"][0]["with"], "text": "STOP it"}
        sent = web.request(web_port, "POST", "/api/replies", json.dumps(body).encode(),
                           {"Content-Type": "application/json"})
        self.assertEqual((sent.status, sent.json()), (202, {"segments": 1}))
        came = client.deliveries.wait(lambda each: each.text == "STOP it", "the reply")
        self.assertEqual((came.source, came.destination), ("819012345678", "Shop"))


class route_test(unittest.TestCase):
    def ask(self, *arguments):
        path = os.path.join(source_folder(), "config", "hikyaku.toml")
        return hikyaku("route", "test", "--config", path, *arguments)

    def test_longest_prefix_wins(self):
        code, out, _ = self.ask("--account", "billing", "--from", "Billing", "--to", "4915112345")
        got = json.loads(out)
        self.assertEqual(code, 0)
        self.assertEqual(got["route"], "germany")
        self.assertEqual(got["targets"], [{"carrier": "north", "priority": 0, "weight": 1},
                                          {"carrier": "south", "priority": 1, "weight": 1}])
        self.assertEqual(len(got["reasons"]), 2)
        _, out, _ = self.ask("--account", "dunning", "--to", "81901234567")
        got = json.loads(out)
        self.assertEqual((got["route"], [each["weight"] for each in got["targets"]]),
                         ("world", [3, 1]))

    def test_unknown_account(self):
        code, out, error = self.ask("--account", "nobody", "--to", "49")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(error, "hikyaku: no account is named 'nobody'\n")


class hash_test(unittest.TestCase):
    def test_hash_password(self):
        code, out, _ = hikyaku("hash-password", text="secret01\n")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$\S+\$\S+\n$")
        code, out, error = hikyaku("hash-password", text="\n")
        self.assertEqual((code, out, len(error.splitlines())), (1, "", 1))


class bench_test(unittest.TestCase):
    """The machinery of ./dev bench, at a hundredth of its lengths; what it measures is no figure."""

    def bench(self, *arguments):
        return run(["python3", os.path.join(source_folder(), "bench", "run"), "--short",
                    *arguments])

    def test_rounds_end_in_a_table(self):
        code, out, error = self.bench("--rounds", "2", "cycle")
        self.assertEqual((code, error), (0, ""))
        results = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        self.assertEqual([(each["scenario"], each["round"]) for each in results],
                         [("full cycle", 1), ("full cycle", 2)])
        for each in results:
            self.assertEqual(each["figures"]["lost"], 0)
            self.assertEqual(each["load"]["cycles"], each["carrier"]["receipts_acknowledged"])
            between = (each["carrier"]["last_submission_us"]
                       - each["carrier"]["first_submission_us"]) / 1e6
            self.assertGreater(between, 0.1)
            self.assertLess(between, each["load"]["duration_s"])
        table = out[out.index("| scenario |"):].splitlines()
        self.assertEqual(table[:2], ["| scenario | figure | median | spread |", "|---|---|---|---|"])
        row = re.compile(r"\| full cycle \| lost \| 0 \| 0-0 \|$")
        self.assertTrue(any(row.match(line) for line in table), table)

    def test_idle_sessions_answer(self):
        code, out, error = self.bench("idle")
        self.assertEqual((code, error), (0, ""))
        result = json.loads(out)
        self.assertEqual((result["sessions"], result["load"]["closed"]), (100, {}))
        self.assertGreater(result["figures"]["enquire_links"], 0)
        self.assertLess(result["figures"]["share of a core"], 1)

    def test_allocations_are_counted(self):
        sys.path.insert(0, os.path.join(source_folder(), "bench"))
        import costs
        import programs
        programs.scale = 0.01
        counted = costs.allocations(binary(), costs.RUNS["accept"])
        self.assertGreater(counted["allocations"], 0)
        self.assertLess(counted["allocations"], 100)
        self.assertGreater(counted["allocated bytes"], counted["allocations"])

    def test_unknown_scenarios(self):
        code, out, error = self.bench("cycles")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("unknown scenario cycles; there are micro, cycle,", error)


if __name__ == "__main__":
    unittest.main(verbosity=2)
