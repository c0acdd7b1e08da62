#!/usr/bin/env python3
"""Runs the bench's jobs here and in ns-3 by turns, and writes bench.json; see scripts/bench.

Full runs give rates and peak memory. All of them take place in one session, round by round, each
round ours and ns-3's in turn; a ratio is the median of the rounds' own. Two small runs of different
size under cachegrind give instructions and simulated cache misses a hop or event, their difference
taking start-up out.
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

import jobs

HERE = pathlib.Path(__file__).resolve().parent
SCHEDULERS = ("PriorityQueue", "Heap", "Map", "Calendar")
HOLDS = (1000, 100000, 1000000)
HOLD_EVENTS = 5000000
OURS_A_ROUND = 3  # network runs of a tenth of a second beside ns-3's five to ten
LINE_BYTES = 1106  # of a frame with 1024 bytes of payload
CALENDAR_MAX = 100000  # beyond it ns-3's calendar takes minutes to fill
# What the caches of one core hold, by and large: 32 KiB, and 1 MiB before the shared level.
CACHES = ("--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64")


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


# ---- the simulated machine ----

def cachegrind(profile):
    return (shutil.which("valgrind"), "--tool=cachegrind", "--cache-sim=yes", *CACHES,
            f"--cachegrind-out-file={profile}")


def read_cachegrind(profile):
    lines = dict(line.split(": ", 1) for line in profile.read_text().splitlines()
                 if line.startswith(("events: ", "summary: ")))
    count = dict(zip(lines["events"].split(), map(int, lines["summary"].split())))
    return {"instructions": count["Ir"], "l1_misses": count["D1mr"] + count["D1mw"],
            "l2_misses": count["DLmr"] + count["DLmw"]}


def simulate(run, sizes, what, profile):
    """Each count for one more of `what`: run(size, prefix) gives figures. None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    rows = []
    for size in sizes:
        figures = run(size, cachegrind(profile))
        rows.append((figures[what], read_cachegrind(profile)))
    (few, less), (many, more) = rows
    if many == few:
        raise Failure(f"sizes {sizes} make no difference in {what}")
    return {key: (more[key] - less[key]) / (many - few) for key in more}


# ---- the programs ----

class Ours:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder

    def knows(self, topic):
        return subprocess.run([self.binary, "explain", topic], capture_output=True).returncode == 0

    def run(self, name, text, factor, prefix=()):
        """Events, hops, seconds and memory of one run."""
        out = self.folder / name
        path = self.folder / f"{name}-{factor:g}.yaml"
        path.write_text(jobs.scale(text, factor))
        call([*prefix, self.binary, "run", path, "--no-plots", "--out", out])
        facts = json.loads((out / "run.json").read_text())
        result = json.loads((out / "result.json").read_text())
        seconds = facts.get("run_seconds", facts.get("wall_seconds"))
        return {"events": facts["events"], "hops": result["run"].get("hops", 0),
                "seconds": seconds, "peak_kib": facts["peak_memory_bytes"] // 1024,
                "packets": fullest_switch(result) // LINE_BYTES}

    def simulate(self, name, text, sizes, what):
        return simulate(lambda size, prefix: self.run(name, text, size, prefix), sizes, what,
                        self.folder / f"{name}.cachegrind")


def fullest_switch(result):
    return max((switch["buffer_peak_bytes"] for switch in result.get("switches", [])), default=0)


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

    def fastest(self, job):
        trial = {s: self.run(job, {"scheduler": s, "bytes": 20000000}) for s in SCHEDULERS}
        return min(trial, key=lambda s: trial[s]["seconds"])

    def hold(self, timers, scheduler, events, alloc):
        out = call([self.binary, "hold", f"timers={timers}", f"scheduler={scheduler}",
                    f"events={events}", f"alloc={alloc}"])
        match = re.match(r"hold \S+ \d+ (\d+)", out)
        if not match:
            raise Failure(f"ns3-bench hold said: {out}")
        return int(match[1])

    def simulate(self, job):
        return simulate(lambda size, prefix: self.run(job, {"bytes": size}, prefix),
                        (1000000, 3000000), "hops", self.folder / f"ns3-{job}.cachegrind")


# ---- the network ----

def rate(row, what="hops"):
    return row[what] / row["seconds"]


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def packet_memory(ours, job, full):
    """Bytes a packet in flight, from above: the memory that a nearly idle run does not need, over
    the packets that the fullest switch held at its peak (there were more, on the cables)."""
    idle = ours.run(job.name, job.text, 1e-5)
    packets = full["packets"] - idle["packets"]
    return (full["peak_kib"] - idle["peak_kib"]) * 1024 / packets if packets > 0 else None


def play_rounds(todo, ours, theirs, plan):
    """By job and by "ns-3 RIVAL", a list of rounds, each a list of runs."""
    rounds = {job.name: [] for job in todo}
    rivals = sorted({job.rival for job in todo}) if theirs else []
    scheduler = {rival: theirs.fastest(rival) for rival in rivals}
    rounds.update({f"ns-3 {rival}": [] for rival in rivals})
    for _ in range(plan.repeat):
        for job in todo:
            rounds[job.name].append([ours.run(job.name, job.text, 1)
                                     for _ in range(OURS_A_ROUND)])
        for rival in rivals:
            options = {"scheduler": scheduler[rival], "bytes": int(1000000000 * plan.factor)}
            rounds[f"ns-3 {rival}"].append([theirs.run(rival, options)])
    return rounds, scheduler


def round_rates(rounds):
    return [statistics.median(map(rate, runs)) for runs in rounds]


def paired(over, under):
    """The median of the rounds' ratios of rates."""
    return statistics.median(a / b for a, b in zip(round_rates(over), round_rates(under)))


def summary(rounds, simulated):
    runs = [run for runs in rounds for run in runs]
    figures = {"hops": runs[0]["hops"], "hops_per_second": statistics.median(round_rates(rounds)),
               "hops_per_second_all": [rate(run) for run in runs],
               "peak_kib": median(runs, "peak_kib"), "a_hop": simulated}
    if "events" in runs[0]:
        figures["events"] = runs[0]["events"]
    return figures


def bench_network(todo, ours, theirs, plan):
    rounds, scheduler = play_rounds(todo, ours, theirs, plan)
    rival = {}
    for name in scheduler:
        rival[name] = summary(rounds[f"ns-3 {name}"], theirs.simulate(name))
        rival[name]["scheduler"] = scheduler[name]
    report = {}
    for job in todo:
        mine = summary(rounds[job.name], ours.simulate(job.name, job.text, job.small, "hops"))
        if job.queue:
            last = rounds[job.name][-1][-1]
            mine["bytes_per_packet_in_flight"] = packet_memory(ours, job, last)
        figures = {"hosts": job.hosts, "rackcast": mine,
                   "growth": paired(rounds[todo[0].name], rounds[job.name])}
        if job.rival in rival:
            figures["ns3"] = rival[job.rival]
            figures["ratio"] = paired(rounds[job.name], rounds[f"ns-3 {job.rival}"])
        report[job.name] = figures
    return report


# ---- the engine ----

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
    name = f"hold-{timers}"
    text = (HERE / f"{name}.yaml").read_text()
    mine, other = [], []
    if theirs:
        best, tried = fastest_hold(theirs, timers)
    for _ in range(plan.repeat):
        mine.append(ours.run(name, text, 1))
        if theirs:
            other.append(theirs.hold(timers, best[0], HOLD_EVENTS, best[1]))
    rates = [rate(row, "events") for row in mine]
    figures = {"rackcast": {
        "events": mine[0]["events"], "events_per_second": statistics.median(rates),
        "events_per_second_all": rates, "peak_kib": median(mine, "peak_kib"),
        "an_event": ours.simulate(name, text, (0.1, 0.3), "events")}}
    if theirs:
        figures["ns3"] = {"scheduler": best[0], "event_objects": best[1],
                          "events_per_second": statistics.median(other),
                          "events_per_second_all": other, "tried": tried}
        figures["ratio"] = statistics.median(other) / figures["rackcast"]["events_per_second"]
    return figures


# ---- for people ----

def cell(value, form, scale=1):
    return "-" if value is None else format(value * scale, form)


def machine_cells(simulated):
    simulated = simulated or {}
    return [cell(simulated.get("instructions"), ".0f"), cell(simulated.get("l1_misses"), ".2f"),
            cell(simulated.get("l2_misses"), ".2f")]


def network_row(name, figures, who, ratio, growth):
    per_second = figures[who]["hops_per_second"]
    return [name, str(figures["hosts"]), cell(per_second, ".3f", 1e-6),
            cell(1 / per_second, ".1f", 1e9), cell(ratio, ".1f"), cell(growth, ".2f"),
            *machine_cells(figures[who]["a_hop"]), cell(figures[who]["peak_kib"], ".1f", 1.024e-3)]


def hold_row(name, figures):
    mine = figures["rackcast"]
    other = figures.get("ns3", {}).get("events_per_second")
    return [name, cell(mine["events_per_second"], ".3f", 1e-6), cell(other, ".3f", 1e-6),
            cell(figures.get("ratio"), ".2f"), *machine_cells(mine["an_event"]),
            cell(mine["peak_kib"], ".1f", 1.024e-3)]


def print_table(heads, rows):
    widths = [max(map(len, column)) for column in zip(heads, *rows)]
    for row in (heads, *rows):
        print("  ".join(text.ljust(width) if i == 0 else text.rjust(width)
                        for i, (text, width) in enumerate(zip(row, widths))))
    print(flush=True)


def print_network(report):
    rows = [network_row(name, f, "rackcast", f.get("ratio"), f["growth"])
            for name, f in report.items()]
    rows += [network_row(f"ns-3 {name}", report[name], "ns3", 1, None)
             for name in ("incast", "permutation") if "ns3" in report.get(name, {})]
    print("\nNetwork: packet-hops; growth: time a hop over the first job's; misses: simulated, "
          "32 KiB and 1 MiB")
    print_table(["job", "hosts", "M hops/s", "ns/hop", "x ns-3", "growth", "instr/hop",
                 "L1 miss/hop", "L2 miss/hop", "peak MB"], rows)


def goals(job, figures):
    """(what, figure, goal, reached) of each goal that could be measured."""
    if job.times and "ratio" in figures:
        yield "packet-hops/s of ns-3's", figures["ratio"], job.times, figures["ratio"] >= job.times
    if job.peak_mb:
        peak = figures["rackcast"]["peak_kib"] * 1.024e-3
        yield "MB at peak", peak, job.peak_mb, peak < job.peak_mb
    if job.growth:
        growth = figures["growth"]
        yield "time a hop of the first job's", growth, job.growth, growth <= job.growth


def print_goals(todo, report):
    for job in todo:
        for what, figure, goal, reached in goals(job, report[job.name]):
            print(f"{job.name}: {figure:.1f} {what}, goal {goal:g}: "
                  f"{'reached' if reached else 'MISSED'}")


def print_ratios(report):
    for name, figures in report.items():
        if "ratio" in figures:
            print(f"ratio {name} {figures['ratio']:.3f}")


# ---- the whole ----

def arguments():
    parser = argparse.ArgumentParser(description="Measures rackcast, and ns-3 beside it.")
    parser.add_argument("--rackcast", required=True, type=pathlib.Path)
    parser.add_argument("--ns3", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=("engine", "network"))
    plan = parser.parse_args()
    plan.repeat = 3 if plan.quick else 5
    plan.factor = 0.1 if plan.quick else 1
    return plan


def network_jobs(ours):
    todo = []
    for job in jobs.network():
        if job.topic and not ours.knows(job.topic):
            print(f"{job.name}: left out, this build does not know {job.topic}")
        else:
            todo.append(job)
    return todo


def main():
    plan = arguments()
    work = plan.out / "work"
    work.mkdir(parents=True, exist_ok=True)
    ours = Ours(plan.rackcast.resolve(), work)
    theirs = Theirs(plan.ns3.resolve(), work) if plan.ns3 else None
    if not theirs:
        print("ns-3 is not installed (Debian: libns3-dev g++): our figures only")
    if not shutil.which("valgrind"):
        print("valgrind is not installed: no instructions and no cache misses")
    report, todo = {}, []
    if plan.only != "network":
        report = {f"null-{n}": bench_hold(n, ours, theirs, plan) for n in HOLDS}
        print("\nEngine: events; ratio: our time an event over ns-3's")
        print_table(["job", "M events/s", "ns-3", "ratio", "instr", "L1 miss", "L2 miss",
                     "peak MB"], [hold_row(name, f) for name, f in report.items()])
    if plan.only != "engine":
        todo = network_jobs(ours)
        network = bench_network(todo, ours, theirs, plan)
        print_network(network)
        report.update(network)
    whole = {"machine": platform.machine(), "processors": os.cpu_count(),
             "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "quick": plan.quick,
             "repetitions": plan.repeat, "caches": CACHES, "jobs": report}
    (plan.out / "bench.json").write_text(json.dumps(whole, indent=2, sort_keys=True) + "\n")
    print(f"figures: {plan.out / 'bench.json'}")
    print_goals(todo, report)
    print_ratios(report)


if __name__ == "__main__":
    try:
        main()
    except (Failure, ValueError) as failure:
        sys.exit(f"bench: {failure}")
