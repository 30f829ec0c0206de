#!/usr/bin/env python3
"""clang-tidy with the checks of .clang-tidy over all sources of the product, as they are compiled:
each unity source of the build folder once, as many at a time as there are processors. Prints what
is found and exits 1 if that is anything. Sources that Clang cannot compile are found, too, which
the fuzz preset needs.

    lint.py BUILD_FOLDER [PART_OF_A_PATH]
"""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

UNITY = "/Unity/unity_"
PRODUCT = re.compile(r"/(smpp|store|config|gateway)/(app/)?CMakeFiles/")
# GCC's own options, and its precompiled headers.
DROPPED = re.compile(r"-flto|-ffat-lto|-fno-lto|-Winvalid-pch|-Wno-restrict|-Wno-subobject-linkage|"
                     r"-Wno-maybe-uninitialized|-Wno-array-bounds|-Wconversion|-Werror")


def options_of(entry):
    """What the compiler is told, without the sources, the output and what only GCC understands."""
    given = shlex.split(entry["command"])
    given = given[next(i for i, word in enumerate(given) if word.endswith("g++")) + 1:]
    kept = []
    while given:
        word = given.pop(0)
        if word in ("-o", "-MT", "-MF", "-c"):
            given.pop(0)
        elif word == "-include":
            header = given.pop(0)
            if not header.endswith("cmake_pch.hxx"):
                kept += [word, header]
        elif word != "-MD" and not DROPPED.match(word):
            kept.append(word)
    return kept


def check(entry):
    """The findings in one source, each once; what Clang says of them, too."""
    done = subprocess.run(["clang-tidy", "--quiet", entry["file"], "--", *options_of(entry)],
                          capture_output=True, text=True, cwd=entry["directory"], check=False)
    return done.returncode, done.stdout


def main():
    folder, part = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
        entries = [each for each in json.load(file)
                   if PRODUCT.search(each["file"]) and UNITY in each["file"] and
                   part in each["file"]]
    if not entries:
        sys.exit(f"lint: nothing of the product in {folder}: build it first")
    failed, seen = 0, set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for entry, (code, text) in zip(entries, pool.map(check, entries)):
            failed += code != 0
            for finding in re.split(r"^(?=/\S+:\d+:\d+: (?:warning|error))", text, flags=re.M):
                if finding.strip() and finding not in seen:
                    seen.add(finding)
                    print(finding.rstrip())
            if code != 0 and not text.strip():
                print(f"{entry['file']}: clang-tidy ended with {code} and said nothing")
    print(f"lint: {len(entries)} sources, {failed} with findings")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
