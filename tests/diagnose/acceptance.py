#!/usr/bin/env python3
"""Plants mistakes in sound racks, runs them, has `rackcast diagnose` look at their counters alone,
and counts how often the mistake stands first and how often a sound rack is accused.

    acceptance.py RACKCAST --seed N [--only TEXT] [--keep DIR] [--at-least N] [--accused-at-most N]

A seed draws rates, hosts, sizes and numbers of operations: rules are written while looking at one
seed and judged by others. Each mistake meets three loads: an incast of writes, READs from all
others, mirrored volumes under DISKSPD."""
import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile

# ---- sound racks ----


def rack(rate, switches, buffer, **nic):
    nic = {"ports": 1, "rate": f"{rate}Gbps", "ack_timeout": 10, "cables": "tor", **nic}
    smb = {"name": "smb", "vlan": 711, "class": "storage", "rdma": True, "port": 1}
    tor = {"name": "tor", "ports": 16, "rate": f"{rate}Gbps", "buffer": buffer}
    if switches == 2:
        tor["count"] = 2
    return {
        "schema": 1,
        "name": "rack",
        "description": "A rack to be judged by its counters",
        "warmup": "5ms",
        "duration": "205ms",
        "classes": {"storage": {"priority": 3, "pfc": True, "share": "50%"}},
        "switches": [tor],
        "cables": [{"from": "tor1", "to": "tor2", "count": 2}] if switches == 2 else [],
        "defaults": {"hosts": {"nic": nic, "vnics": [smb]}},
        "hosts": [],
        "workloads": [],
    }


def incast(draw):
    """Hosts write to one: the line to it is full, everybody is paused."""
    r = rack(draw.choice([10, 25, 100]), 1, "2MB")
    senders = draw.randint(4, 7)
    r["hosts"] = [{"name": "target"}, *({"name": f"node{i + 1}"} for i in range(senders))]
    rdma = {"to": "target", "message": draw.choice(["64KiB", "128KiB", "256KiB"])}
    rdma["outstanding"] = draw.randint(4, 8)
    nodes = [h["name"] for h in r["hosts"][1:]]
    r["workloads"] = [{"name": "incast", "hosts": nodes, "rdma": rdma}]
    return r


def reads(draw):
    """One host reads from all others: the answers meet at its port."""
    switches = draw.choice([1, 2])
    r = rack(draw.choice([10, 25]), switches, "2MB")
    hosts = draw.randint(4, 6)
    for i in range(hosts):
        host = {"name": f"node{i + 1}"}
        if switches == 2:
            host["nic"] = {"cables": f"tor{i % 2 + 1}"}
        r["hosts"].append(host)
    if switches == 2:
        del r["defaults"]["hosts"]["nic"]["cables"]
    rdma = {"verb": "read", "message": draw.choice(["256KiB", "512KiB", "1MiB"])}
    rdma["outstanding"] = draw.randint(4, 6)
    names = [h["name"] for h in r["hosts"]]
    for other in names[1:]:
        work = {"name": f"of-{other}", "hosts": names[0], "rdma": {"to": other, **rdma}}
        r["workloads"].append(work)
    return r


def volumes(draw):
    """Mirrored volumes on drives faster than the network."""
    switches = draw.choice([1, 2])
    r = rack(draw.choice([10, 25]), switches, "600kB")
    nic = r["defaults"]["hosts"]["nic"]
    if switches == 2:
        nic.update(ports=2, cables=["tor1", "tor2"])
        r["defaults"]["hosts"]["team"] = "pinned"
        smb = r["defaults"]["hosts"]["vnics"][0]
        second = {**smb, "name": "smb2", "vlan": 712, "port": 2}
        r["defaults"]["hosts"]["vnics"] = [{**smb, "name": "smb1"}, second]
    r["defaults"]["hosts"]["drives"] = {"part": "samsung-pm1725-3200gb", "count": 4}
    for i in range(draw.randint(4, 6)):
        r["hosts"].append({"name": f"node{i + 1}"})
    names = [h["name"] for h in r["hosts"]]
    mirror = draw.choice(["two-way", "three-way"])
    r["volumes"] = [
        {"name": "csv", "count": len(names), "owner": names, "mirror": mirror, "size": "500GB"}
    ]
    r["volumes"][0].update(placement="spread", reads="any")
    disk = {"block": draw.choice(["8KiB", "16KiB", "64KiB"]), "read": "70%"}
    disk["outstanding"] = draw.choice([64, 96, 128])
    r["workloads"] = [{"name": "vms", "hosts": names, "diskspd": disk}]
    r["duration"] = "155ms"
    return r


LOADS = {"incast": incast, "reads": reads, "volumes": volumes}

# ---- mistakes ----


def nic_of(r, host):
    return r["hosts"][host].setdefault("nic", {})


def defaults(r):
    return r["defaults"]["hosts"]


def pfc_off(r, draw):
    if r["cables"] and defaults(r)["nic"]["ports"] == 1:
        r["cables"][0]["pfc"] = False
    else:
        nic_of(r, draw.randrange(2, len(r["hosts"])))["cable_pfc"] = False


def priority(r, draw):
    if draw.random() < 0.5:
        r["switches"][0]["pfc"] = [draw.choice([4, 5])]
    else:
        other = draw.choice([4, 5])
        map_ = [{"dscp": 26, "priority": other}]
        r["switches"][0].update(pfc=[3, other], trust="dscp", dscp_map=map_)


def untagged(r, draw):
    for vnic in defaults(r)["vnics"]:
        del vnic["vlan"]
    if draw.random() < 0.5:
        defaults(r)["nic"]["roce"] = "v1"
    else:
        r["switches"][0]["trust"] = "pcp"


def mtu(r, draw):
    defaults(r)["nic"]["mtu"] = draw.choice(["2048B", "4096B"])
    r["switches"][0]["mtu"] = "1500B"
    r["duration"] = "405ms"


def versions(r, draw):
    nic_of(r, draw.randrange(len(r["hosts"])))["roce"] = "v1"


def tor_v2(r, draw):
    r["switches"][0]["roce_v2"] = False


def willing(r, draw):
    r["switches"][0]["pfc"] = [draw.choice([4, 5])]
    defaults(r)["nic"].update(pfc=[3], willing=True)


def link_pause(r, draw):
    defaults(r)["nic"]["link_pause"] = True
    for cable in r["cables"]:
        cable["link_pause"] = True


def ets(r, draw):
    """A copy and the heartbeats share what storage leaves: 1 %."""
    r["classes"]["storage"]["share"] = "99%"
    r["classes"]["rest"] = {"priority": 0, "share": "1%"}
    names = [h["name"] for h in r["hosts"]]
    to = names[0]
    others = names[1:]
    port = len(defaults(r)["vnics"])
    vms = {"name": "vms", "vlan": 10, "class": "rest", "port": port}
    defaults(r)["vnics"].append(vms)
    copy_ = {"to": to, "class": "rest", "message": "64KiB", "outstanding": 16}
    r["workloads"].append({"name": "copy", "hosts": others, "rdma": copy_})
    beat = {"to": to, "class": "rest", "period": "2ms", "late": "1ms"}
    r["workloads"].append({"name": "beat", "hosts": others, "heartbeat": beat})
    r["warmup"], r["duration"] = "5ms", "305ms"


def headroom(r, draw):
    enough_for = {"10Gbps": "2kB", "25Gbps": "6kB", "100Gbps": "20kB"}
    r["switches"][0]["headroom"] = enough_for[r["switches"][0]["rate"]]  # for few metres
    defaults(r)["nic"]["cable_length"] = draw.choice(["250m", "300m"])


def ecn_late(r, draw):
    r["classes"]["storage"]["ecn"] = {"kmin": "500kB", "kmax": "900kB", "pmax": "20%"}
    r["switches"][0]["xoff"] = "30kB"
    defaults(r)["nic"]["congestion"] = "dcqcn-paper"


def no_rdma(r, draw):
    nic_of(r, draw.randrange(len(r["hosts"])))["rdma"] = False


MISTAKES = {
    "pfc-off-on-a-hop": pfc_off,
    "priority-mismatch": priority,
    "vlan-tag-missing": untagged,
    "mtu-mismatch": mtu,
    "roce-version-mismatch": versions,
    "tor-without-roce-v2": tor_v2,
    "dcbx-override": willing,
    "link-pause": link_pause,
    "ets-starves-heartbeat": ets,
    "headroom-too-small": headroom,
}
EXTRAS = {"ecn-above-xoff": ecn_late, "rdma-disabled": no_rdma}

# ---- sound racks under all that may happen to them ----


def heartbeats(r):
    names = [h["name"] for h in r["hosts"]]
    r["classes"]["cluster"] = {"priority": 7, "share": "2%"}
    vnics = defaults(r)["vnics"]
    vnics.append({"name": "cluster", "vlan": 20, "class": "cluster", "port": len(vnics)})
    beat = {"to": names[0], "class": "cluster", "period": "5ms", "late": "5ms"}
    r["workloads"].append({"name": "beat", "hosts": names[1:], "heartbeat": beat})


def with_dcqcn(r):
    r["switches"][0]["buffer"] = "12MB"  # else XOFF is near zero, and pauses do come first
    r["classes"]["storage"]["ecn"] = {"kmin": "5kB", "kmax": "200kB", "pmax": "1%"}
    defaults(r)["nic"]["congestion"] = "dcqcn-paper"
    for work in r["workloads"]:  # writes: answers to READs cause no CNP in the model
        work.get("rdma", {}).pop("verb", None)
        if "diskspd" in work:
            work["diskspd"]["read"] = "0%"


def over_tcp(r):
    """RDMA is off everywhere, by intent: nothing to expect of RDMA."""
    defaults(r)["nic"]["rdma"] = False
    r["classes"]["storage"] = {"priority": 3, "share": "50%"}


def link_fails(r):
    r["duration"] = "305ms"
    fault = {"name": "cut", "at": "100ms", "for": "60ms", "down": "node1/1"}
    r["faults"] = [fault]


def lightly(r):
    for work in r["workloads"]:
        for kind in ("rdma", "diskspd"):
            if kind in work:
                work[kind]["outstanding"] = 1


def nothing(r):
    pass


SOUND = [nothing, heartbeats, with_dcqcn, link_fails, lightly]
LOSSY = over_tcp


def scenarios(seed):
    """(name, cause or None, rack): those planted, extras, and 30 that are sound."""
    made = []
    for group, mistakes in (("planted", MISTAKES), ("extra", EXTRAS)):
        for cause, plant in mistakes.items():
            for load, make in LOADS.items():
                draw = random.Random(f"{seed} {cause} {load}")
                r = make(draw)
                plant(r, draw)
                made.append((f"{cause}.{load}", group, cause, r))
    for n in range(10):
        for load, make in LOADS.items():
            draw = random.Random(f"{seed} sound {n} {load}")
            r = make(draw)
            variant = SOUND[n % len(SOUND)]
            if n == 9:
                variant = LOSSY
            variant(r)
            made.append((f"sound-{n}-{variant.__name__}.{load}", "sound", None, r))
    return made


# ---- running ----


def diagnose(rackcast, folder, name, r):
    path = os.path.join(folder, f"{name}.yaml")
    r = {key: value for key, value in r.items() if value != []}
    with open(path, "w", encoding="utf-8") as out:
        json.dump(r, out, indent=1)
    here = os.path.join(folder, name)
    run = [rackcast, "run", "--no-plots", "--out", here, "--counters", "csv", path]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{name}: {' '.join(run)}: exit {done.returncode}\n{done.stderr}")
    look = [rackcast, "diagnose", "--json", os.path.join(here, "counters.csv")]
    done = subprocess.run(look, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{name}: {' '.join(look)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)["causes"]


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("rackcast")
    args.add_argument("--seed", default="1")
    args.add_argument("--only", default="")
    args.add_argument("--keep")
    args.add_argument("--at-least", type=int, default=0)
    args.add_argument("--accused-at-most", type=int, default=30)
    args = args.parse_args()
    count = {"planted": [0, 0], "extra": [0, 0], "sound": [0, 0]}
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or scratch
        os.makedirs(folder, exist_ok=True)
        for name, group, cause, r in scenarios(args.seed):
            if args.only not in name:
                continue
            causes = diagnose(args.rackcast, folder, name, copy.deepcopy(r))
            first = causes[0]["cause"] if causes else None
            count[group][0] += first == cause
            count[group][1] += 1
            said = ", ".join(f"{c['cause']} {c['score']}" for c in causes) or "nothing unusual"
            print(f"{'ok   ' if first == cause else 'WRONG'} {name:40} {said}", flush=True)
    right, planted = count["planted"]
    accused = count["sound"][1] - count["sound"][0]
    print(f"seed {args.seed}: first {right} of {planted}, extras {count['extra'][0]} of "
          f"{count['extra'][1]}, {accused} of {count['sound'][1]} sound racks accused")
    return 0 if right >= args.at_least and accused <= args.accused_at_most else 1


if __name__ == "__main__":
    sys.exit(main())
