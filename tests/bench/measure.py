#!/usr/bin/env python3
"""Runs the bench's jobs here and in ns-3 by turns, and writes bench.json; see scripts/bench.

A job is a scenario beside this file with one line that sets its size ("# size: KEY"). Full runs
give rates and peak memory; two small runs under callgrind give instructions a hop or event, the
difference taking start-up out.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SCHEDULERS = ("PriorityQueue", "Heap", "Map", "Calendar")
NETWORK = ("incast", "permutation")
HOLDS = (1000, 100000, 1000000)
HOLD_EVENTS = 5000000
OURS_A_TURN = 3  # network runs of a tenth of a second beside ns-3's five to ten
LINE_BYTES = 1106  # of a frame with 1024 bytes of payload
CALENDAR_MAX = 100000  # beyond it ns-3's calendar takes minutes to fill


class Failure(Exception):
    """A sentence for people."""


def call(command):
    """Runs a command to its end; its standard output.

    By way of a shell that forks: the peak memory a process reads of itself begins with that of the
    program it was forked from, and this one is large."""
    done = subprocess.run(["sh", "-c", '"$@"; exit $?', "sh", *map(str, command)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def scale_sizes(text, factor):
    """The scenario with every number marked "# size" multiplied."""
    def times(match):
        value = max(1, round(int(match.group(2)) * factor))
        return f"{match.group(1)}{value}{match.group(3)}"
    scaled, n = re.subn(r"^(.*\b(?:total|duration): )(\d+)([A-Za-z]+\b.*# size.*)$", times, text,
                        flags=re.M)
    if n == 0:
        raise Failure("no line of the scenario is marked '# size'")
    return scaled


class Ours:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.valgrind = shutil.which("valgrind")

    def scenario(self, job, factor):
        text = scale_sizes((HERE / f"{job}.yaml").read_text(), factor)
        path = self.folder / f"{job}-{factor:g}.yaml"
        path.write_text(text)
        return path

    def run(self, job, factor, prefix=()):
        """Events, hops, seconds and memory of one run."""
        out = self.folder / job
        call([*prefix, self.binary, "run", self.scenario(job, factor), "--no-plots", "--out", out])
        facts = json.loads((out / "run.json").read_text())
        result = json.loads((out / "result.json").read_text())
        seconds = facts.get("run_seconds", facts.get("wall_seconds"))
        return {"events": facts["events"], "hops": result["run"].get("hops", 0),
                "seconds": seconds, "peak_kib": facts["peak_memory_bytes"] // 1024,
                "packets": fullest_switch(result) // LINE_BYTES}

    def instructions(self, job, what, factors):
        """Instructions for one more of `what`, from two small runs."""
        if not self.valgrind:
            return None
        counts = []
        for factor in factors:
            profile = self.folder / f"{job}.callgrind"
            figures = self.run(job, factor, (self.valgrind, "--tool=callgrind",
                                             f"--callgrind-out-file={profile}"))
            counts.append((figures[what], read_callgrind(profile)))
        (few, small), (many, large) = counts
        if many == few:
            raise Failure(f"{job}: sizes {factors} make no difference in {what}")
        return (large - small) / (many - few)


def fullest_switch(result):
    return max((switch["buffer_peak_bytes"] for switch in result.get("switches", [])), default=0)


def read_callgrind(profile):
    for line in profile.read_text().splitlines():
        if line.startswith(("summary:", "totals:")):
            return int(line.split()[1])
    raise Failure(f"{profile} has no summary")


class Theirs:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder

    def run(self, job, options, prefix=()):
        out = call([*prefix, self.binary, job, *(f"{k}={v}" for k, v in options.items())])
        match = re.match(r"hops (\d+) seconds (\S+) hops_per_second \S+ peak_kib (\d+)", out)
        if not match:
            raise Failure(f"ns3-bench {job} said: {out}")
        return {"hops": int(match[1]), "seconds": float(match[2]), "peak_kib": int(match[3])}

    def hold(self, timers, scheduler, events, alloc):
        out = call([self.binary, "hold", f"timers={timers}", f"scheduler={scheduler}",
                    f"events={events}", f"alloc={alloc}"])
        match = re.match(r"hold \S+ \d+ (\d+)", out)
        if not match:
            raise Failure(f"ns3-bench hold said: {out}")
        return int(match[1])

    def instructions(self, job):
        valgrind = shutil.which("valgrind")
        if not valgrind:
            return None
        counts = []
        for size in (1000000, 3000000):
            profile = self.folder / f"ns3-{job}.callgrind"
            figures = self.run(job, {"bytes": size}, (valgrind, "--tool=callgrind",
                                                      f"--callgrind-out-file={profile}"))
            counts.append((figures["hops"], read_callgrind(profile)))
        (few, small), (many, large) = counts
        return (large - small) / (many - few)


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def rates(rows, what):
    return [row[what] / row["seconds"] for row in rows]


def packet_memory(ours, job, full):
    """Bytes a packet in flight, from above: the memory that a nearly idle run does not need, over
    the packets that the fullest switch held at its peak (there were more, on the cables)."""
    idle = ours.run(job, 1e-5)
    packets = full["packets"] - idle["packets"]
    return (full["peak_kib"] - idle["peak_kib"]) * 1024 / packets if packets > 0 else None


def bench_network(job, ours, theirs, plan):
    mine, other = [], []
    scheduler = None
    if theirs:
        trial = {s: theirs.run(job, {"scheduler": s, "bytes": 20000000}) for s in SCHEDULERS}
        scheduler = min(trial, key=lambda s: trial[s]["seconds"])
    for _ in range(plan.repeat):
        mine += [ours.run(job, 1) for _ in range(OURS_A_TURN)]
        if theirs:
            size = int(1000000000 * plan.factor)
            other.append(theirs.run(job, {"scheduler": scheduler, "bytes": size}))
    figures = {"rackcast": {
        "hops": mine[0]["hops"], "events": mine[0]["events"],
        "hops_per_second": statistics.median(rates(mine, "hops")),
        "events_per_second": statistics.median(rates(mine, "events")),
        "hops_per_second_all": rates(mine, "hops"), "peak_kib": median(mine, "peak_kib"),
        "bytes_per_packet_in_flight": packet_memory(ours, job, mine[-1]),
        "instructions_per_hop": ours.instructions(job, "hops", (0.02, 0.06))}}
    if theirs:
        figures["ns3"] = {
            "hops": other[0]["hops"], "scheduler": scheduler,
            "hops_per_second": statistics.median(rates(other, "hops")),
            "hops_per_second_all": rates(other, "hops"), "peak_kib": median(other, "peak_kib"),
            "instructions_per_hop": theirs.instructions(job)}
        figures["ratio"] = (figures["rackcast"]["hops_per_second"] /
                            figures["ns3"]["hops_per_second"])
    return figures


def fastest_hold(theirs, timers):
    """The fastest scheduler and way of allocating events, and all that were tried."""
    tried = {}
    for scheduler in SCHEDULERS:
        if scheduler == "Calendar" and timers > CALENDAR_MAX:
            continue
        for alloc in ("reuse", "fresh"):
            tried[scheduler, alloc] = theirs.hold(timers, scheduler, 1000000, alloc)
    return max(tried, key=tried.get), {" ".join(k): v for k, v in tried.items()}


def bench_hold(timers, ours, theirs, plan):
    job = f"hold-{timers}"
    mine, other = [], []
    if theirs:
        best, tried = fastest_hold(theirs, timers)
    for _ in range(plan.repeat):
        mine.append(ours.run(job, 1))
        if theirs:
            other.append(theirs.hold(timers, best[0], HOLD_EVENTS, best[1]))
    figures = {"rackcast": {
        "events": mine[0]["events"],
        "events_per_second": statistics.median(rates(mine, "events")),
        "events_per_second_all": rates(mine, "events"), "peak_kib": median(mine, "peak_kib"),
        "instructions_per_event": ours.instructions(job, "events", (0.1, 0.3))}}
    if theirs:
        figures["ns3"] = {"scheduler": best[0], "event_objects": best[1],
                          "events_per_second": statistics.median(other),
                          "events_per_second_all": other, "tried": tried}
        figures["ratio"] = statistics.median(other) / figures["rackcast"]["events_per_second"]
    return figures


def describe(name, figures):
    mine = figures["rackcast"]
    what = "hop" if "hops_per_second" in mine else "event"
    rate = f"{what}s_per_second"

    def show(who, row):
        words = [f"{row[rate] / 1e6:8.3f} M {what}s/s"]
        if "peak_kib" in row:
            words.append(f"{row['peak_kib']:8.0f} KiB")
        if row.get(f"instructions_per_{what}") is not None:
            words.append(f"{row[f'instructions_per_{what}']:7.1f} instructions/{what}")
        if row.get("bytes_per_packet_in_flight") is not None:
            words.append(f"{row['bytes_per_packet_in_flight']:.0f} B/packet in flight")
        print(f"{name:14} {who:8} " + " ".join(words), flush=True)
    show("rackcast", mine)
    if "ns3" in figures:
        show("ns-3", figures["ns3"])


def main():
    parser = argparse.ArgumentParser(description="Measures rackcast, and ns-3 beside it.")
    parser.add_argument("--rackcast", required=True, type=pathlib.Path)
    parser.add_argument("--ns3", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    plan = parser.parse_args()
    plan.repeat = 3 if plan.quick else 5
    plan.factor = 0.1 if plan.quick else 1
    work = plan.out / "work"
    work.mkdir(parents=True, exist_ok=True)
    ours = Ours(plan.rackcast.resolve(), work)
    theirs = Theirs(plan.ns3.resolve(), work) if plan.ns3 else None
    if not theirs:
        print("ns-3 is not installed (Debian: libns3-dev g++): our figures only")
    if not ours.valgrind:
        print("valgrind is not installed: no instructions a hop")
    jobs = {}
    for timers in HOLDS:
        jobs[f"null-{timers}"] = bench_hold(timers, ours, theirs, plan)
        describe(f"null-{timers}", jobs[f"null-{timers}"])
    for job in NETWORK:
        jobs[job] = bench_network(job, ours, theirs, plan)
        describe(job, jobs[job])
    report = {"machine": platform.machine(), "processors": os.cpu_count(),
              "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "quick": plan.quick,
              "repetitions": plan.repeat, "jobs": jobs}
    (plan.out / "bench.json").write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    print(f"figures: {plan.out / 'bench.json'}")
    for name, figures in jobs.items():
        if "ratio" in figures:
            print(f"ratio {name} {figures['ratio']:.3f}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
