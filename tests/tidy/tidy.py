#!/usr/bin/env python3
"""The house style as a test: include directions, sizes, banned words, header comments, banners, dead
files, columns of documents, settings that docs/migrating.md names although docs/config.md does not
have them, and rows of docs/smpp.md and docs/protection.md that no test of this tree shows.

Run by CTest (label tidy) with the source folder in HIKYAKU_SOURCE_DIR; prints each fault as
file:line: sentence and exits 1 if there is one. `--self-test` checks that every rule can fail.
"""

import fnmatch
import os
import re
import subprocess
import sys

# Which folders a folder may include from. A folder may always include from itself.
ARROWS = {
    "smpp/pdu": set(),
    "smpp/text": set(),
    "smpp/session": {"smpp/pdu"},
    "smpp/io": {"smpp/pdu", "smpp/session"},
    "store": set(),
    "config": set(),
    "gateway/links": {"config"},
    "gateway/replies": {"config"},
    "gateway/model": {"store"},
    "gateway/gate": {"gateway/model", "config", "store"},
    "gateway/engine": {"smpp/pdu", "smpp/text", "store", "config", "gateway/links",
                       "gateway/model", "gateway/gate"},
    "gateway/dunning/model": {"store", "gateway/model"},
    "gateway/dunning": {"store", "config", "gateway/model", "gateway/gate", "gateway/engine",
                        "gateway/dunning/model", "gateway/replies"},
    "gateway/api": {"smpp/pdu", "smpp/text", "store", "config", "gateway/links", "gateway/model",
                    "gateway/gate", "gateway/engine", "gateway/dunning", "gateway/dunning/model"},
    "gateway/io": {"smpp/pdu", "smpp/text", "smpp/session", "smpp/io", "store", "config",
                   "gateway/links", "gateway/model", "gateway/gate", "gateway/engine",
                   "gateway/dunning", "gateway/dunning/model", "gateway/api"},
    "gateway/app": {"*"},
    "bench": {"*"},
    "tests": {"*"},
}
# Only these folders may know these libraries.
LIBRARIES = {
    r"boost/asio|boost/beast": ("smpp/io", "gateway/io", "gateway/app", "bench", "tests"),
    r"ares\.h": ("smpp/io",),
    r"lmdb\.h": ("store", "tests/unit/store", "tests/unit/gateway/model"),
    r"toml\+\+": ("config",),
    r"re2/": ("config", "gateway/links"),
    r"spdlog": ("gateway/io",),
    r"unicode/": ("smpp/text", "tests/unit/smpp/text", "gateway/replies"),
}
LINES_MAX = 500
LINES_MAX_TESTS = 800
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
# The rows of the settings table and of the route tables are data, and so are those of a test.
LONG_FUNCTIONS = ("config/tables_", "gateway/api/routes_of_", "tests/")
NO_FUNCTION = re.compile(r"(?:namespace|struct|class|enum|union|extern)\b")
BANNED = {
    r"\b(?:sleep_for|sleep_until|usleep)\b": "waits by the clock",
    r"\bstd::rand\b|\bsrand\(": "random numbers that no seed of ours decides",
    r"using namespace std;": "using namespace std",
    r"\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b": "left open",
    r"\bGTEST_SKIP\b|\bDISABLED_": "a test that does not run",
}
PURE = ("smpp/pdu", "smpp/text", "smpp/session", "gateway/model", "gateway/engine", "gateway/gate",
        "gateway/links", "gateway/api")
IMPURE_WORDS = {
    r"(?:steady|system|high_resolution)_clock::now\(": "reads a clock in a pure folder",
    r"\b(?:std::cout|std::cerr|printf\()": "prints in a pure folder",
}

# Octets of strangers become UTF-8 where JSON is written, and are cut between characters.
JSON_WRITER = "gateway/api/json/text.cpp"
FOREIGN_WORDS = {
    r"\bjson::serialize\(|\bjson::serializer\b": f"writes JSON; only {JSON_WRITER} does, by write_json()",
    r"substr\(0, (?:\w+::)*\w+_max\)": "cuts a text perhaps inside a character: cut_utf8()",
}
# gateway/links looks at names of browsers and shows none of them.
FOREIGN_TEXTS = ("gateway/api", "gateway/app", "gateway/engine", "gateway/io", "bench")


def folder_of(path):
    """The entry of ARROWS that a file belongs to, or None."""
    return max((f for f in ARROWS if path.startswith(f + "/")), key=len, default=None)


def check_includes(path, lines):
    home = folder_of(path)
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#include [<"]([^>"]+)[>"]', line)
        if not include:
            continue
        target = include.group(1)
        other = folder_of(target)
        if home and other and other != home:
            allowed = ARROWS[home]
            if "*" not in allowed and other not in allowed:
                yield number, f"{home} may not include from {other}"
        for library, homes in LIBRARIES.items():
            if re.match(library, target) and not path.startswith(homes):
                yield number, f"{target} is only for {', '.join(homes)}"


def check_size(path, lines):
    most = LINES_MAX_TESTS if path.startswith("tests/") else LINES_MAX
    if len(lines) > most:
        yield len(lines), f"{len(lines)} lines, {most} at most: probably two things"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX and "http" not in line:
            yield number, f"{len(line)} columns, {COLUMNS_MAX} at most"


def check_words(path, lines):
    rules = dict(BANNED)
    if path.startswith(PURE):
        rules.update(IMPURE_WORDS)
    for number, line in enumerate(lines, 1):
        for pattern, why in rules.items():
            if re.search(pattern, line):
                yield number, why


def check_foreign_texts(path, lines):
    if not path.startswith(FOREIGN_TEXTS) or path == JSON_WRITER:
        return
    for number, line in enumerate(lines, 1):
        for pattern, why in FOREIGN_WORDS.items():
            if re.search(pattern, line):
                yield number, why


def check_functions(path, lines):
    """What begins at the margin, perhaps on several lines, and ends with a brace at the margin."""
    if path.startswith(LONG_FUNCTIONS):
        return
    begin = None
    for number, line in enumerate(lines, 1):
        if re.match(r"[^\s}/#]", line):
            begin = None if NO_FUNCTION.match(line) or line.endswith(";") else number
        elif line == "}" and begin is not None:
            if number - begin >= FUNCTION_LINES_MAX:
                yield begin, f"a function of {number - begin + 1} lines, {FUNCTION_LINES_MAX} at most"
            begin = None


def check_banners(path, lines):
    """A line of dashes tells nothing that the words beside it do not."""
    for number, line in enumerate(lines, 1):
        if re.match(r"\s*(?://|#|/?\*) ?[-=*/#]{3,}(?: |$)", line):
            yield number, "a banner: a comment says what it has to say in words"


def check_prose(path, lines):
    """Columns of a document, outside tables and code. One code span or link may be longer."""
    fenced = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        words = re.sub(r"`[^`]*`|\]\([^)]*\)", "x", line).split()
        if (len(line) > COLUMNS_MAX and not fenced and len(words) > 1
                and not line.startswith(("|", "    "))):
            yield number, f"{len(line)} columns, {COLUMNS_MAX} at most"


def check_header(path, lines):
    if not path.endswith(".hpp"):
        return
    if not lines or not lines[0].startswith("// "):
        yield 1, "a header opens with two to six sentences: what, why, who calls it"
    if not any(line.strip() == "#pragma once" for line in lines):
        yield 1, "no #pragma once"


RULES = (check_includes, check_size, check_words, check_foreign_texts, check_functions,
         check_banners, check_header)
RULES_OF_SCRIPTS = (check_banners,)
RULES_OF_DOCUMENTS = (check_prose,)
GENERATED = ("docs/config.md", "docs/errors.md")


def rules_of(path):
    if path.endswith(".md"):
        return RULES_OF_DOCUMENTS
    return RULES if path.endswith((".cpp", ".hpp")) else RULES_OF_SCRIPTS


def check_file(path, lines):
    for rule in rules_of(path):
        for number, sentence in rule(path, lines):
            yield f"{path}:{number}: {sentence}"


def check_dead_headers(files):
    """A header that nobody includes is dead."""
    included = set()
    for path, lines in files.items():
        for line in lines:
            include = re.match(r'\s*#include "([^"]+)"', line)
            if include:
                included.add(include.group(1))
                included.add(os.path.join(os.path.dirname(path), include.group(1)))
    for path in files:
        if path.endswith(".hpp") and path not in included:
            yield f"{path}:1: nobody includes this header"


def settings_of(page):
    """"carrier.text.alphabet" and so on for every key of the reference, and for every table."""
    names, section = set(), None
    for line in page:
        heading = re.match(r"##+ `?(?:(\w+) in )?(?:(\w+) of )?\[+([\w.]+)\]+`?$", line)
        if heading:
            inner, outer, top = heading.groups()
            section = ".".join(part for part in (top, outer, inner) if part)
            names.add(section)
        key = re.match(r"\| `(\w+)` \|", line)
        if key and section:
            names.add(f"{section}.{key.group(1)}")
    return names


def check_guide(path, lines, known):
    """Each row of a guide names settings that exist, or says why there is none."""
    tops = "|".join(sorted({name.split(".")[0] for name in known}))
    for number, line in enumerate(lines, 1):
        named = re.findall(rf"`((?:{tops})(?:\.\w+)+)`", line)
        for name in named:
            if name not in known:
                yield f"{path}:{number}: there is no setting {name}"
        row = re.match(r"\|(.+?)\|(.+)\|$", line)
        if not row or re.match(r"[ -]+$", row.group(1)) or lines[number:number + 1] == ["|---|---|"]:
            continue
        ours = row.group(2)
        if not (re.search(rf"`(?:{tops})\.\w", ours) or "`[[" in ours or "](" in ours
                or "no counterpart, because" in ours):
            yield f"{path}:{number}: neither a setting of ours nor why there is no counterpart"


def check_guides(root):
    pages = {}
    for name in ("config.md", "migrating.md"):
        with open(f"{root}/docs/{name}", encoding="utf-8") as page:
            pages[name] = page.read().split("\n")
    yield from check_guide("docs/migrating.md", pages["migrating.md"],
                           settings_of(pages["config.md"]))


def tests_of(path, text):
    """Names as documents write them: suite.name of GoogleTest, file.test_name of Python."""
    if path.endswith(".py"):
        stem = os.path.basename(path)[:-len(".py")]
        return {f"{stem}.{name}" for name in re.findall(r"^    def (test_\w+)", text, re.M)}
    return {f"{suite}.{name}" for suite, name in
            re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", text, re.M)}


def check_conformance(path, lines, tests):
    """In tables whose last column is `shown by` every row names tests that exist."""
    in_table = False
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            in_table = False
        elif cells[-1] == "shown by":
            in_table = True
        elif in_table and set(line) - set("|- "):
            named = re.findall(r"`([\w.*]+)`", cells[-1])
            if not named:
                yield f"{path}:{number}: no test shows this"
            for name in named:
                if not fnmatch.filter(tests, name):
                    yield f"{path}:{number}: there is no test {name}"


def check_statement(root):
    tests = set()
    for folder, _, names in os.walk(f"{root}/tests"):
        for name in names:
            if "node_modules" not in folder and name.endswith((".cpp", ".py")):
                with open(f"{folder}/{name}", encoding="utf-8") as source:
                    tests |= tests_of(f"{folder}/{name}", source.read())
    for name in ("docs/smpp.md", "docs/protection.md"):
        with open(f"{root}/{name}", encoding="utf-8") as page:
            yield from check_conformance(name, page.read().split("\n"), tests)


def tracked_files(root):
    try:
        names = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                               check=True, capture_output=True, text=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        names = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, found in os.walk(root) for name in found
                 if "/build/" not in folder + "/" and "node_modules" not in folder]
    kinds = (".cpp", ".hpp", ".py", ".c", ".md")
    return [n for n in names if n.endswith(kinds) and n not in GENERATED
            and os.path.exists(f"{root}/{n}")]


def self_test():
    """Each rule must find its fault in a made-up file."""
    samples = {
        "may not include": ("smpp/pdu/a.hpp", ["// A.", "#pragma once", '#include "store/key.hpp"']),
        "is only for": ("store/a.cpp", ["#include <boost/asio.hpp>"]),
        "lines, 500": ("store/a.cpp", ["x"] * 501),
        "columns": ("store/a.cpp", ["x" * 101]),
        "waits by the clock": ("tests/a.cpp", ["std::this_thread::sleep_for(1s);"]),
        "left open": ("store/a.cpp", ["// TO" + "DO later"]),
        "reads a clock": ("smpp/pdu/a.cpp", ["auto t = std::chrono::steady_clock::now();"]),
        "writes JSON": ("gateway/api/a.cpp", ["return boost::json::serialize(body);"]),
        "inside a character": ("gateway/io/a.cpp", ["text.substr(0, name_octets_max)"]),
        "opens with": ("store/a.hpp", ["#pragma once"]),
        "no #pragma once": ("store/a.hpp", ["// A."]),
        "a function of 71": ("store/a.cpp", ["void a(", "    int b) {"] + ["    c();"] * 68 + ["}"]),
        "a banner": ("store/a.cpp", ["// ---- Reading"]),
        "banner: a": ("tests/a.py", ["    # ------"]),
        "101 columns": ("docs/a.md", ["| " + "x " * 60, "```", "x " * 60, "```", "x" * 60 + " "
                                      + "x" * 40]),
    }
    bad = [wanted for wanted, (path, lines) in samples.items()
           if not any(wanted in fault for fault in check_file(path, lines))]
    if not any("nobody includes" in f for f in check_dead_headers({"store/a.hpp": ["// A."]})):
        bad.append("nobody includes")
    known = settings_of(["## `[[carrier]]`", "| `window` | number |", "### hosts in tls of [server.x]",
                         "| `key` | text |"])
    if known != {"carrier", "carrier.window", "server.x.tls.hosts", "server.x.tls.hosts.key"}:
        bad.append("settings of the reference")
    good = ["| theirs | ours |", "|---|---|", "| `a` | `carrier.window` |", "| `b` | [x](x.md) |",
            "| `c` | no counterpart, because of d |"]
    if list(check_guide("a.md", good, known)):
        bad.append("a good guide")
    for wrong in ("| `a` | `carrier.windows` |", "| `a` | nothing |", "see `server.x.key`"):
        if len(list(check_guide("a.md", [wrong], known))) != 1:
            bad.append(wrong)
    if tests_of("a_test.cpp", "TEST_F(a, b) {\nTEST(\n    c, d) {") != {"a.b", "c.d"} or \
            tests_of("x/a_test.py", "class a:\n    def test_b(self):") != {"a_test.test_b"}:
        bad.append("names of tests")
    statement = ["| what | shown by |", "|---|---|", "| a | `a.b` |", "| b | |", "| c | `a.x` |"]
    if len(list(check_conformance("a.md", statement, {"a.b"}))) != 2:
        bad.append("a statement that no test shows")
    return bad


def main():
    root = os.environ.get("HIKYAKU_SOURCE_DIR", ".")
    missed = self_test()
    if missed:
        print(f"tidy: these rules find nothing any more: {', '.join(missed)}")
        return 1
    if "--self-test" in sys.argv:
        return 0
    files = {}
    for path in tracked_files(root):
        with open(f"{root}/{path}", encoding="utf-8") as source:
            files[path] = source.read().split("\n")[:-1]
    faults = [fault for path, lines in files.items() for fault in check_file(path, lines)]
    faults += check_dead_headers(files)
    faults += check_guides(root)
    faults += check_statement(root)
    for fault in sorted(faults):
        print(fault)
    print(f"tidy: {len(files)} files, {len(faults)} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
