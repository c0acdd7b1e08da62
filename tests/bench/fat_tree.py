"""The scenario of a three-tier fat tree of k-port switches (Al-Fares et al., SIGCOMM 2008).

k pods of k/2 edge and k/2 aggregation switches, (k/2)^2 core switches, k^3/4 hosts. Core switch
(i, j) hangs on the i-th aggregation switch of every pod. A scenario has a line for each cable, so
the text of a large one is made when it is needed.
"""

CABLE = "198m"  # 1 us, as in the other jobs


def switches(k, rate, fabric_rate):
    half = k // 2
    edge = f"ports: {half}, rate: {rate}, uplinks: {half}, uplink_rate: {fabric_rate}"
    return ["switches:",
            f"  - {{name: edge, count: {k * half}, {edge}}}",
            f"  - {{name: aggregation, count: {k * half}, ports: {k}, rate: {fabric_rate}}}",
            f"  - {{name: core, count: {half * half}, ports: {k}, rate: {fabric_rate}}}"]


def cables(k):
    half = k // 2
    for pod in range(k):
        first = pod * half + 1
        for i in range(half):
            aggregation = first + i
            for edge in range(first, first + half):
                yield f"  - {{from: edge{edge}, to: aggregation{aggregation}}}"
            for core in range(i * half + 1, (i + 1) * half + 1):
                yield f"  - {{from: aggregation{aggregation}, to: core{core}}}"


def hosts(k, rate):
    half = k // 2
    for edge in range(1, k * half + 1):
        nic = f"{{ports: 1, rate: {rate}, cables: [edge{edge}], cable_length: {CABLE}}}"
        yield f"  - {{name: e{edge}h, count: {half}, nic: {nic}}}"


def workload(name, edges_from, edges_to, total):
    def names(edges):
        return ", ".join(f"e{edge}h" for edge in edges)
    return [f"  - name: {name}",
            f"    hosts: [{names(edges_from)}]",
            f"    rdma: {{to: [{names(edges_to)}], verb: write, message: 1MB, outstanding: 2, "
            f"total: {total}B}} # size: of one sender"]


def permutation(k, total, rate="25Gbps", fabric_rate="100Gbps"):
    """Host i writes `total` bytes to host i + n/2 modulo n: always through a core switch."""
    edges = k * k // 2
    near, far = range(1, edges // 2 + 1), range(edges // 2 + 1, edges + 1)
    return "\n".join([
        "schema: 1",
        f"name: fat-tree-{k ** 3 // 4}",
        f"description: {k ** 3 // 4} hosts, a fat tree of {k}-port switches, host i to i + half.",
        "seed: 1",
        "duration: 1s",
        *switches(k, rate, fabric_rate),
        f"defaults: {{cables: {{length: {CABLE}}}}}",
        "cables:", *cables(k),
        "hosts:", *hosts(k, rate),
        "workloads:", *workload("there", near, far, total), *workload("back", far, near, total),
        ""])
