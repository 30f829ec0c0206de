"""What this machine is: the few facts that decide a figure, for bench/results, and one sentence
with more of them for the tables of ./dev bench compare.
"""

import os
import platform
import re
import subprocess
import tempfile


def output(*command):
    """What a command says on standard output; empty when it fails."""
    return subprocess.run(command, capture_output=True, text=True, timeout=20,
                          check=False).stdout.strip()


def _first_value(path, key):
    with open(path, encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith(key)), "?")


def stores_folder():
    """Where a benchmark puts its stores."""
    return os.environ.get("HIKYAKU_BENCH_FOLDER") or tempfile.gettempdir()


def _disk(folder):
    """["ext4", "/dev/vda"]; ["?"] where findmnt does not know it."""
    return output("findmnt", "-no", "FSTYPE,SOURCE", "-T", folder).split() or ["?"]


def facts(folder=None):
    """Cores, model, GiB of memory, and the file system under the stores in `folder`. Two runs with
    equal facts are taken to be of one machine."""
    memory = int(_first_value("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    model = re.sub(r"\((?:R|TM)\)| Processor$", "", _first_value("/proc/cpuinfo", "model name"))
    return {"cores": os.cpu_count(), "model": model, "memory_gib": round(memory),
            "store": _disk(folder or stores_folder())[0]}


def sentence():
    """One line for people: the facts, the system, its kernel and the disk."""
    with open("/etc/os-release", encoding="utf-8") as file:
        system = next(line.split("=")[1].strip().strip('"') for line in file
                      if line.startswith("PRETTY_NAME"))
    virtual = "hypervisor" in _first_value("/proc/cpuinfo", "flags").split()
    known = facts()
    return (f"{'A virtual machine with ' if virtual else ''}{known['cores']} cores of "
            f"{known['model']}, {known['memory_gib']} GiB, {system}, kernel "
            f"{platform.release()}, stores on {' '.join(_disk(stores_folder()))}")
