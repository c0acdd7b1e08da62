"""The network jobs of the bench: what is simulated, and what it should reach.

A job is a scenario in which every line that sets its size is marked "# size".
"""
import dataclasses
import pathlib
import re

import fat_tree

HERE = pathlib.Path(__file__).resolve().parent

# What DCQCN adds to a scenario: in the `nic:` of every host, and marking in the class of RDMA
# (thresholds of the paper at 40 Gb/s: Zhu et al., SIGCOMM 2015); how to ask whether a build has it.
CONGESTION = "congestion: dcqcn-paper"
CLASSES = ("classes:\n  rdma: {priority: 3, pfc: true, ecn: {kmin: 5kB, kmax: 200kB, pmax: 1%, "
           "rate: 40Gbps}}\n")
CONGESTION_TOPIC = "hosts.nic.congestion"


@dataclasses.dataclass(frozen=True)
class Job:
    name: str
    hosts: int
    text: str                # the scenario
    rival: str               # ns-3's job that it is compared with
    times: float = None      # packet-hops a second to reach, in those of the rival
    peak_mb: float = None    # memory to stay below
    growth: float = None     # time a hop to stay below, in that of the first job
    small: tuple = (0.02, 0.06)  # sizes of the simulated-cache runs
    queue: bool = True       # its packets wait in one switch, which then tells how many there are
    topic: str = None        # left out where `explain` does not know it


def scale(text, factor):
    """The scenario with every number marked "# size" multiplied."""
    def times(match):
        value = max(1, round(int(match.group(2)) * factor))
        return f"{match.group(1)}{value}{match.group(3)}"
    scaled, n = re.subn(r"^(.*\b(?:total|duration): )(\d+)([A-Za-z]+\b.*# size.*)$", times, text,
                        flags=re.M)
    if n == 0:
        raise ValueError("no line of the scenario is marked '# size'")
    return scaled


def with_congestion(text):
    changed, n = re.subn(r"\bnic: \{", f"nic: {{{CONGESTION}, ", text)
    if n == 0:
        raise ValueError("no host of the scenario has an adapter")
    return changed + CLASSES


def network():
    incast, permutation = (HERE.joinpath(f"{name}.yaml").read_text()
                           for name in ("incast", "permutation"))
    return [
        Job("incast", 8, incast, "incast", times=50),
        Job("permutation", 32, permutation, "permutation", times=50),
        Job("fat-tree-128", 128, fat_tree.permutation(8, 8000000), "permutation", queue=False,
            small=(0.075, 0.225)),
        Job("fat-tree-1024", 1024, fat_tree.permutation(16, 2000000), "permutation", queue=False,
            small=(0.075, 0.225), times=20, peak_mb=300, growth=2),
        Job("incast-dcqcn", 8, with_congestion(incast), "incast", times=30,
            topic=CONGESTION_TOPIC),
        Job("permutation-dcqcn", 32, with_congestion(permutation), "permutation", times=30,
            topic=CONGESTION_TOPIC)]
