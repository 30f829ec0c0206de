"""Ten thousand sessions that are bound and silent: what they cost in memory and CPU while the gateway
asks each of them now and then whether it lives. One load generator holds them all.
"""

import time

import programs

SESSIONS = 10_000
ACCOUNTS = 10  # an account has a thousand sessions at most
SECONDS = 30
DEFAULT = "30s"


def run_with(binary, interval):
    sessions, seconds = programs.scaled(SESSIONS), SECONDS
    if programs.scale < 1:  # the shortest interval there is, and time for two
        interval, seconds = "1s", 2.5
    accounts = [{"name": f"load{number}", "system_id": f"load{number}",
                 "password": programs.PASSWORD, "sessions_max": 1000, "transceivers_max": 1000}
                for number in range(1, ACCOUNTS + 1)]
    with programs.fresh_folder() as folder, programs.carrier() as carrier, \
            programs.gateway(folder, carrier.port("smpp"), binary, account=accounts,
                             server_smpp={"sessions_max": sessions + 100,
                                          "unbound_sessions_max": 100,
                                          "enquire_link_interval": interval}) as gateway:
        before = gateway.figures()
        command = [programs.TOOLS, "load", "--target", gateway.addresses["smpp"], "--system-id",
                   "load", "--password", programs.PASSWORD, "--accounts", str(ACCOUNTS),
                   "--binds", str(sessions), "--idle", "1h"]
        with programs.Program(command, "holding", seconds=120) as load:
            beginning = gateway.figures()
            time.sleep(seconds)
            end = gateway.figures()
            held = programs.report_of(load.stop())
    if held["sessions"] != sessions or held["closed"]:
        raise programs.failed(f"sessions ended: {held['closed']}")
    return {"scenario": f"{SESSIONS:,} idle sessions, enquire_link every {interval}",
            "sessions": sessions, "load": held, "figures": {
                "resident MiB": end["resident_mib"], "anonymous MiB": end["anonymous_mib"],
                "anonymous KiB per session": round(
                    (end["anonymous_mib"] - before["anonymous_mib"]) * 1024 / sessions, 2),
                "share of a core": round((end["cpu_s"] - beginning["cpu_s"]) / seconds, 4),
                "bind all s": held["binding_s"],
                "enquire_links": held["enquire_links"]}}


def run(binary):
    if programs.scale < 1:
        return [run_with(binary, DEFAULT)]
    return [run_with(binary, DEFAULT), run_with(binary, "10s")]
