#!/usr/bin/env python3
"""Writes the first inputs of the fuzz targets of this folder that need well-formed ones: golden PDUs
from the unit tests, sessions that go well, time fields. What fuzzing has found since lies beside
them under other names and is left alone."""
import pathlib
import re

here = pathlib.Path(__file__).resolve().parent
golden = here.parent / "unit/smpp/pdu/golden.cpp"


def octets(text):
    """hex pairs, and text between single quotes, as the unit tests write them"""
    out = b""
    for quoted, digits in re.findall(r"'([^']*)'|([0-9A-Fa-f ]+)", text):
        out += quoted.encode() if quoted else bytes.fromhex(digits.replace(" ", ""))
    return out


def write(target, name, content):
    folder = here / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def pdu(command, body, sequence=7):
    head = (16 + len(body), command, 0, sequence)
    return b"".join(each.to_bytes(4, "big") for each in head) + body


# Behind the last field: padding, torn TLVs, TLVs out of reach.
TAILS = {name: octets(tail) for name, tail in {
    "nul": "00", "nuls": "00000000", "torn": "0204 0009 61", "torn_text": "0424 0009 61",
    "nul_then_tlv": "00 001E 0003 'm1' 00", "tlv_then_nul": "0204 0002 0007 00",
    "tlv_nul_text": "1400 0000 00 0424 0001 61", "tag_0": "0000 0001 61", "noise": "FFFFFF",
}.items()}
message = octets("00 0101 '44' 00 0101 '4477' 00 000000 00 00 00000000 02 'hi'")


def pdus():
    source = golden.read_text()
    every = b""
    entries = re.findall(r'golden_pdu\{"([^"]+)",((?:\s*"[^"]*")+),', source)
    assert len(entries) >= 33, len(entries)
    for name, strings in entries:
        content = octets("".join(re.findall(r'"([^"]*)"', strings)))
        assert len(content) == int.from_bytes(content[:4], "big"), name
        write("fuzz_pdu", "golden_" + re.sub(r"\W+", "_", name), content)
        if content[7] in (4, 5, 0x15):
            every += content
    write("fuzz_pdu", "golden_stream", every)
    for name, tail in TAILS.items():
        write("fuzz_pdu", "trailing_" + name, b"".join(pdu(command, message + tail)
                                                       for command in (4, 5)))
        write("fuzz_pdu", "trailing_id_" + name, pdu(0x80000004, b"m1\0" + tail))
    write("fuzz_pdu", "tlvs_without_id", pdu(0x80000004, octets("0428 0001 32 1400")))


# Of fuzz_session.cpp: the operations by number, and the commands by place in its table.
RAW, PDU, WRITE, FLUSH, SUBMIT, RESPOND, BIND, TIME, DEADLINE, SET, LEAVE = (
    0, 1, 4, 6, 7, 9, 11, 12, 13, 14, 15)
SERVER, CLIENT = 0b11111010, 0b11111011
TIMERS = 0b11110


def peer(command, sequence, form=2, extra=b""):
    """a PDU of the peer with a sequence number from 1 to 12"""
    return bytes([PDU, command, form | 1, sequence - 1]) + extra


def raw(content):
    return bytes([RAW, len(content)]) + content


def sessions():
    bind = peer(0, 1, extra=b"\x34") + bytes([BIND, 1, FLUSH])
    bind50 = peer(0, 1, extra=b"\x50") + bytes([BIND, 1, FLUSH])
    client = bytes([BIND, 0, 0x50, FLUSH]) + peer(3, 1, 2 | 8, b"\x50")
    cases = {
        "server_submits": (SERVER, bind + peer(6, 2) + peer(6, 3) + bytes([RESPOND, 0, 1, RESPOND, 0, 3, FLUSH])),
        "server_delivers": (SERVER, bind + bytes([SUBMIT, 1, 0, SUBMIT, 1, 150, FLUSH]) + peer(9, 1) + peer(9, 2)),
        "server_unbound_by_peer": (SERVER, bind + peer(6, 2) + peer(14, 3) + bytes([RESPOND, 0, 1, FLUSH])),
        "server_unbinds": (SERVER, bind + peer(6, 2) + bytes([SUBMIT, 1, 0, FLUSH, LEAVE, 2, RESPOND, 0, 1]) + peer(9, 1) + bytes([FLUSH]) + peer(15, 2)),
        "server_refuses": (SERVER, peer(1, 1, extra=b"\x33") + bytes([BIND, 0, FLUSH]) + bind),
        "server_outbind": (SERVER, bytes([BIND, 1, FLUSH]) + peer(1, 1, extra=b"\x34") + bytes([BIND, 1, SUBMIT, 1, 0, FLUSH])),
        "server_probe": (SERVER, bind + bytes([LEAVE, 13, FLUSH, TIME, 20, DEADLINE])),
        "server_33": (SERVER, peer(0, 1, extra=b"\x33") + bytes([BIND, 1, SUBMIT, 1, 150, SUBMIT, 4, 0, FLUSH])),
        "server_50": (SERVER, bind50 + bytes([SET, 3, 3, 85]) + peer(26, 2) + peer(6, 3) + bytes([RESPOND, 0, 1, RESPOND, 0, 1, FLUSH])),
        "server_window": (SERVER, bind + b"".join(peer(6, n) for n in range(2, 10)) + bytes([FLUSH])),
        "server_framing": (SERVER, bind + bytes([SUBMIT, 1, 0, FLUSH, SUBMIT, 1, 0, RAW, 4, 0, 0, 0, 3, FLUSH])),
        "server_malformed": (SERVER, bind + peer(6, 2, 2 | 32, b"\x10\xff") + peer(21, 3, 2 | 32, b"\x00\x41") + bytes([FLUSH])),
        "server_trailing": (SERVER, bind + b"".join(
            raw(pdu(4, message + tail, n)) for n, tail in enumerate(TAILS.values(), 2)) + bytes([FLUSH])),
        "client_trailing": (CLIENT, client + bytes([SUBMIT, 0, 0, FLUSH]) + raw(pdu(0x80000004, b"m1\0\0", 2)) + b"".join(
            raw(pdu(5, message + tail, n)) for n, tail in enumerate(TAILS.values(), 2)) + bytes([FLUSH])),
        "server_silent": (SERVER, bind + bytes([DEADLINE, FLUSH, DEADLINE, DEADLINE])),
        "client_submits": (CLIENT, client + bytes([SUBMIT, 0, 0, SUBMIT, 0, 150, SUBMIT, 5, 0, FLUSH]) + peer(7, 2) + peer(16, 3) + peer(27, 4)),
        "client_late": (CLIENT, client + bytes([SUBMIT, 0, 0, FLUSH, DEADLINE, DEADLINE]) + peer(7, 2)),
        "client_receives": (CLIENT, client + peer(8, 5) + peer(10, 6) + peer(18, 7) + bytes([RESPOND, 0, 1, RESPOND, 0, 1, FLUSH])),
        "client_lost": (CLIENT, client + bytes([SUBMIT, 0, 0, WRITE, 5, SUBMIT, 0, 0, LEAVE, 1])),
        "client_outbind": (CLIENT, peer(17, 1) + client),
        "client_refused": (CLIENT, bytes([BIND, 0, 0x34, FLUSH]) + bytes([PDU, 3, 1, 0, 14]) + client),
        "client_no_answer": (CLIENT, bytes([BIND, 0, 0x34, FLUSH, DEADLINE, DEADLINE])),
        "client_nacked": (CLIENT, client + bytes([SUBMIT, 0, 0, FLUSH, PDU, 16, 1, 1, 3, PDU, 16, 0, 0, 2])),
        "client_payload": (CLIENT, client + bytes([SUBMIT, 0, 240, SUBMIT, 0, 255, FLUSH])),
    }
    for name, (role, program) in cases.items():
        write("fuzz_session", "case_" + name, bytes([role, TIMERS]) + program)
    role, program = cases["server_trailing"]
    write("fuzz_session", "case_server_trailing_strict", bytes([role, TIMERS | 32]) + program)
    for name in ("server_window", "client_late"):  # few numbers; no timers at all
        for kind, timers in (("small", TIMERS | 1), ("still", 0)):
            role, program = cases[name]
            write("fuzz_session", f"case_{name}_{kind}", bytes([role, timers]) + program)


def times():
    head = (1_790_000_000_000).to_bytes(6, "big") + bytes([48 + 36]) + (86_400_000).to_bytes(6, "big")
    texts = ["", "260101120000004+", "991231235959948-", "000000000000000+", "000001000000000R",
             "991231235959000R", "000000000000000R", "260229000000000+", "240229000000000+",
             "261301000000000+", "260101120000049+", "260101120000004X", "26010112000000+",
             "76010112000000004+", "750101000000000+", "760101000000000-"]
    for at, text in enumerate(texts):
        write("fuzz_times", f"text_{at:02}", head + text.encode())
    write("fuzz_times", "limits", b"\x00" * 6 + b"\x00" + (3_153_600_000_000 - 1).to_bytes(6, "big"))
    write("fuzz_times", "whole", b"\xff" * 29)


def texts():
    """A profile, options and a data_coding in front of the octets, as fuzz_text.cpp reads them."""
    def head(flags=0, method=0, languages=0, parts_max=0, choice=0, most=10, reference=7,
             transliterate=0, message_class=4, data_coding=0):
        return bytes([flags, method]) + languages.to_bytes(2, "big") + bytes([
            parts_max, choice, most]) + reference.to_bytes(2, "big") + bytes([
                transliterate, message_class, data_coding])

    long = ("Bitte überweisen Sie 10 € [Rechnung 42] " * 9).encode()
    cases = {
        "gsm": head() + b"Hello @ {} \xc2\xa3",
        "gsm_long": head() + long,
        "gsm_packed_long": head(flags=4) + long,
        "gsm_udh16": head(method=1) + long,
        "gsm_sar": head(method=2) + long,
        "gsm_payload": head(method=3) + long,
        "gsm_refused": head(method=4) + long,
        "latin1": head(flags=1) + "café ".encode() * 60,
        "ascii": head(flags=2) + b"plain " * 60,
        "turkish": head(languages=1 << 1) + "ışığı görüyorum, şöyle böyle ".encode() * 9,
        "hindi": head(languages=1 << 6) + "कृपया भुगतान करें ".encode() * 9,
        "all_languages": head(languages=0xFFFF) + "ção ñ ş ".encode() * 30,
        "ucs2_long": head(choice=2) + "支払期日は明日です。".encode() * 15,
        "emoji": head() + "👨‍👩‍👧‍👦".encode() * 20,
        "combining": head(transliterate=2) + "e\u0301\u0323".encode() * 40,
        "punctuation": head(transliterate=1) + "“Hello” – it’s…".encode(),
        "flash": head(message_class=0) + b"now",
        "udh_concatenation": head() + bytes([5, 0, 3, 7, 2, 1]) + b"part",
        "udh_wide": head() + bytes([6, 8, 4, 1, 2, 3, 3]) + b"part",
        "udh_shift": head() + bytes([6, 0x24, 1, 1, 0x25, 1, 1]) + b"\x1bs\x1bi",
        "udh_torn": head() + bytes([9, 0, 3, 7]),
        "ucs2_octets": head(data_coding=8) + "Zahlung €\U0001F600".encode("utf-16-be"),
        "packed_octets": head() + bytes.fromhex("e8329bfd06"),
        "parts": head() + bytes([1, 0, 2, 1, 0, 0, 3, 65, 66, 67, 0, 0, 1, 0, 2, 2, 0, 0, 1, 68]),
        "parts_late": head() + bytes([255, 1, 3, 1, 0, 0, 1, 65, 0, 0] * 4),
    }
    for name, content in cases.items():
        write("fuzz_text", name, content)


def receipts():
    cases = {
        "appendix_b": b"id:0123456789 sub:001 dlvrd:001 submit date:2611220218 done date:2611220219 "
                      b"stat:DELIVRD err:000 text:Hello",
        "seconds": b"id:1a2B submit date:261122021800 done date:261122021801 stat:UNDELIV err:1b",
        "century": b"id:77 sub:001 dlvrd:000 submit date:20261122021800 done date:20261122021801 "
                   b"stat:EXPIRED err:011 Text:",
        "other_order": b"stat:FAILED id:9 err:ABC",
        "commas": b"id:1,sub:001,dlvrd:001,submit date:2611220218,done date:2611220219,stat:DELIVRD,"
                  b"err:000",
        "no_end": b"id:5 stat:DELIVRD",
        "not_a_receipt": b"idle: stat: of the union",
        "engine_text": bytes([4, 0, 0]) + b"id:5 sub:001 dlvrd:001 stat:DELIVRD err:000",
        "engine_tlvs": bytes([4, 0, 12]) + bytes.fromhex("001e0003343200" "0427000102"),
        "engine_error_code": bytes([4, 0, 19]) + bytes.fromhex(
            "001e0003343200" "0427000105" "04230003030011"),
        "engine_state_only": bytes([0x20, 0, 5]) + bytes.fromhex("0427000101") + b"id:6 stat:ENROUTE",
    }
    for name, content in cases.items():
        write("fuzz_receipt", name, content)


def proxies():
    v2 = bytes.fromhex("0d0a0d0a000d0a515549540a")
    addresses = bytes([192, 0, 2, 1, 192, 0, 2, 2, 0x1F, 0x90, 0x0A, 0xD7])
    cases = {
        "v1_tcp4": b"PROXY TCP4 192.0.2.1 192.0.2.2 8080 2775\r\n",
        "v1_tcp6": b"PROXY TCP6 2001:db8::1 2001:db8::2 8080 2775\r\n",
        "v1_unknown": b"PROXY UNKNOWN\r\n",
        "v1_torn": b"PROXY TCP4 192.0.2.1 ",
        "v1_port": b"PROXY TCP4 192.0.2.1 192.0.2.2 99999 2775\r\n",
        "v2_local": v2 + bytes([0x20, 0, 0, 0]),
        "v2_inet": v2 + bytes([0x21, 0x11, 0, 12]) + addresses,
        "v2_tlv": v2 + bytes([0x21, 0x11, 0, 15]) + addresses + bytes([3, 0, 0]),
        "v2_inet6": v2 + bytes([0x21, 0x21, 0, 36]) + bytes(36),
        "v2_unix": v2 + bytes([0x21, 0x31, 0, 216]) + bytes(216),
        "v2_long": v2 + bytes([0x21, 0x11, 0xFF, 0xFF]),
        "behind_v2": bytes([0x21, 0x11, 0, 12]) + addresses,
        "behind_v1": b"TCP4 192.0.2.1 192.0.2.2 8080 2775\r\n",
        "smpp": bytes.fromhex("00000010000000150000000000000001"),
    }
    for name, content in cases.items():
        write("fuzz_proxy", name, content)


def sendsms():
    cases = {
        "plain": b"username=u&password=p&from=4915112345&to=4917211111&text=Hello+%7B%7D",
        "several": b"user=u&pass=p&to=491721+491722%20x+%2B81901234&text=a&dlr-mask=31&dlr-url="
                   b"http%3A%2F%2Fapp.example%2Fd%3Ft%3D%25d%26p%3D%25p",
        "coding_2": b"username=u&password=p&to=491721111&coding=2&charset=UTF-8&text=%E2%82%AC",
        "utf16": b"username=u&password=p&to=491721111&coding=2&charset=UTF-16BE&text=%20%AC%D8%3D",
        "binary": b"username=u&password=p&to=491721111&coding=1&udh=%05%00%03%01%02%01&text=%00%ff",
        "class": b"username=u&password=p&to=491721111&mclass=0&mwi=3&alt-dcs=1&pid=65&rpi=1&text=x",
        "times": b"username=u&password=p&to=491721111&validity=60&deferred=10&priority=3&text=x",
        "torn": b"to=%4&text=%&&=&udh=%zz",
        "post": bytes([4]) + b"4915" + bytes([9]) + b"491721111" + bytes([12]) + b"050003010201"
                + bytes([1]) + b"0" + bytes([10]) + b"text/plain" + bytes([0]) + bytes([20])
                + b"http://a.example/?%d" + bytes([2]) + b"31" + bytes(4) + b"Hello",
        "url": b"https://app.example:8443/dlr?id=%I&d=%d&a=%A&b=%b&t=%t&T=%T&p=%p&q=%Q&u=%u&x=%%z#f",
    }
    for name, content in cases.items():
        write("fuzz_sendsms", name, b"\0" + content)


def jasmin():
    cases = {
        "query": b"username=u&password=p&to=4917211111&from=Shop&content=Hello+%E4%B8%96&dlr=yes&"
                 b"dlr-level=3&dlr-method=GET&dlr-url=https%3A%2F%2Fapp.example%2Fd%3Fa%3D1",
        "coded": b"to=%2B491721111&content=%00a%D8%3D&coding=8&priority=3&tags=a-1&"
                 b"validity-period=60&sdt=000000000100000R",
        "hex": b"hex-content=050003010201ff&coding=4&sdt=261130235900000%2B",
        "object": b'{"username":"u","password":"p","to":491721111,"from":"Shop","content":"x\\u4e16",'
                  b'"coding":8,"sdt":null,"custom_tlvs":{"0x1401":"text","0x1400:Int8":17}}',
        "list": b'{"custom_tlvs":[[5121,null,"OctetString","text"],{"tag":"0x1402","value":"a"}],'
                b'"password":{"a":1}}',
        "tlvs": b'{"0x1401:COctetString":"a","0x3FFF:Int1":255,"0x1500:Int2":1,"0x1501:Int4":2}',
        "torn": b"to=%4&content=%&&=&password=",
        "twice": b"content=a&content=b&hex-content=00&colour=red&dlr-url=http://u:p@h:99999/",
    }
    for name, content in cases.items():
        write("fuzz_jasmin", name, b"\1" + content)


def twilio():
    pool = b"MG00000000000000000000000000000001"
    cases = {
        "message": b"To=%2B819012345678&From=Shop&Body=Hello+%E4%B8%96%E7%95%8C&StatusCallback="
                   b"https%3A%2F%2Fapp.example%2Fs%3Fa%3D1&ValidityPeriod=60&SmartEncoded=true",
        "pool": b"To=%2B819012345678&MessagingServiceSid=" + pool + b"&Body=x&ScheduleType=fixed&"
                b"SendAt=2026-09-22T00:00:00Z&ShortenUrls=false&MaxPrice=1",
        "refused": b"To=1&From=a%5Eb&Body=%FF&MediaUrl=x&SendAt=never&ValidityPeriod=-1",
        "torn": b"To=%4&Body=%&&=&From==",
        "list": b"To=%2B81901234567&From=Shop&DateSent%3E=2026-01-01&DateSent%3C=2026-01-02T03:04:05Z&"
                b"PageSize=5&Page=1&PageToken=PASM00000000000000000000000000000007",
        "twiml": b"<?xml version='1.0' encoding='UTF-8'?><Response><Message to='+8190' from='Shop' "
                 b"action='/a'>Hi &amp; &#x4E16;</Message><Message><Body>x</Body><Media>y</Media>"
                 b"</Message><Redirect/></Response>",
        "entities": b"<!DOCTYPE r [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><Response><Message>&b;"
                    b"</Message></Response>",
        "cut": b"<Response><Message><![CDATA[<x>]]><Body",
    }
    for name, content in cases.items():
        write("fuzz_twilio", name, content)


def policies():
    packs = here.parent.parent / "config/policy"
    for pack in ("eu", "us/third-party"):
        text = (packs / f"{pack}.toml").read_bytes().replace(f'"{pack}"'.encode(), b'"a"')
        write("fuzz_policy", "pack_" + pack.replace("/", "_"), b"\1" + text)
    cases = {
        "whole": b'{"pack":"japan/lender","purpose":"dunning","contact":{"id":"+819012345678",'
                 b'"zones":["Asia/Tokyo"],"tags":["own"]},"debtor":"d1","debt":"i7","at":'
                 b'"2026-12-01T20:59:59+09:00","holds":[{"kind":"promise","until":"2026-12-10"},'
                 b'{"kind":"manual","scope":"debt","from":"2026-12-01T00:00:00Z"}],"history":'
                 b'[{"at":"2026-11-30T12:00:00+09:00","purpose":"service","debtor":"d2"}],'
                 b'"suppressed":["marketing"],"carrier_retry":"72h"}',
        "american": b'{"pack":"us/third-party","purpose":"dunning","contact":{"id":"+12085550123"},'
                    b'"at":"2027-03-14T07:00:00Z","consents":[{"kind":"texted","at":'
                    b'"2027-03-01T00:00:00Z","source":"m1"}],"carrier_keeps_validity":false}',
        "far": b'{"pack":"eu","purpose":"marketing","contact":{"id":"+4915112345678"},'
               b'"at":"9999-12-31T23:59:59.999Z","history":[{"at":"0000-01-01T00:00:00Z"}]}',
        "torn": b'{"pack":"uk","purpose":"dunning","contact":{"zones":["Asia/',
    }
    for name, content in cases.items():
        write("fuzz_policy", name, b"\0" + content)


pdus()
sessions()
times()
texts()
receipts()
proxies()
sendsms()
jasmin()
twilio()
policies()
