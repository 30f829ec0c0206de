"""What it costs that hits survive a loss of power: two gateways that differ in hits_survive, each
with links of its own, are loaded by wrk in alternation. `share of process` is what is left of the
redirects a second when each waits for the shared sync of the hit log.
"""
import os
import statistics

import programs
import redirect

LINKS = 50_000
ROUNDS = 5
SECONDS = 4
MODES = ("process", "power")


class _side:
    """A gateway with its links; `connections` are wrk's."""

    def __init__(self, mode, folder, binary, links):
        self.mode = mode
        self.paths = os.path.join(folder, "paths")
        self._gateway = programs.gateway(
            folder, programs.NOBODY, binary,
            server_links={"listen": "127.0.0.1:0", "base_url": "https://pay.example",
                          "hits_survive": mode}, account={"links": {"track": True}})
        self._folder, self._links = folder, links

    def __enter__(self):
        self.program = self._gateway.__enter__()
        redirect.make_links(self.program, self._links)
        if redirect.write_paths(self._folder, self.paths) != self._links:
            raise programs.failed("the store holds another number of links")
        return self

    def __exit__(self, *fault):
        return self._gateway.__exit__(*fault)

    def load(self, seconds):
        before = programs.metric(self.program, "hikyaku_link_hit_syncs_total")
        report = redirect.wrk(self.program.port("links"), self.paths, seconds)
        report["syncs"] = programs.metric(self.program, "hikyaku_link_hit_syncs_total") - before
        redirect.hits_of(self.program)
        return report


def run(binary):
    links, seconds = programs.scaled(LINKS), max(1, round(programs.scaled_seconds(SECONDS)))
    rounds = []
    with programs.fresh_folder() as one, programs.fresh_folder() as other, \
            _side(MODES[0], one, binary, links) as process, \
            _side(MODES[1], other, binary, links) as power:
        for _ in range(ROUNDS):
            rounds.append({side.mode: side.load(seconds) for side in (process, power)})

    def median(of):
        return statistics.median(of(one) for one in rounds)
    return [{"scenario": "redirect_power", "links": links, "rounds": rounds, "figures": {
        "redirects/s": round(median(lambda one: one["process"]["per_second"])),
        "redirects/s with power": round(median(lambda one: one["power"]["per_second"])),
        "share of process": round(median(lambda one: one["power"]["per_second"]
                                         / one["process"]["per_second"]), 3),
        "p99 ms": median(lambda one: one["process"]["p99_ms"]),
        "p99 ms with power": median(lambda one: one["power"]["p99_ms"]),
        "redirects a sync": round(median(lambda one: one["power"]["requests"]
                                         / max(1, one["power"]["syncs"])))}}]
