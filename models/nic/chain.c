/* chain.c: see chain.h. */
#include "models/nic/chain.h"

#include <string.h>

#include "models/fabric/params.h"

const NicLink *nic_rdma_broken(const NicHostParams *host, const NicVnic *vnic) {
    static const NicLink infiniband = {"nic.protocol", "its adapter runs InfiniBand, no Ethernet",
                                       "protocol: roce or iwarp"};
    static const NicLink iwarp = {"nic.protocol", "its adapter cannot do iWARP (nic.iwarp: false)",
                                  "an adapter that can, or protocol: roce"};
    static const NicLink v1 = {"nic.roce", "its adapter cannot do RoCE v1 (nic.roce_v1: false)",
                               "roce: v2, or an adapter that can"};
    static const NicLink v2 = {"nic.roce", "its adapter cannot do RoCE v2 (nic.roce_v2: false)",
                               "roce: v1, or an adapter that can"};
    static const NicLink adapter = {"nic.rdma", "RDMA is disabled on its adapter (nic.rdma: false)",
                                    "rdma: true; rdma: false at both ends where TCP is meant"};
    static const NicLink direct = {"network_direct",
                                   "NetworkDirect is disabled on it (network_direct: false)",
                                   "network_direct: true"};
    static const NicLink off = {"vnics", "RDMA is not enabled on its vNIC",
                                "rdma: true at the vNIC"};
    const NicAdapter *a = host->nic;
    if (a->protocol == NIC_PROTOCOL_INFINIBAND) return &infiniband;
    if (a->protocol == NIC_PROTOCOL_IWARP && !a->iwarp) return &iwarp;
    if (a->protocol == NIC_PROTOCOL_ROCE && a->roce == NIC_ROCE_V1 && !a->roce_v1) return &v1;
    if (a->protocol == NIC_PROTOCOL_ROCE && a->roce == NIC_ROCE_V2 && !a->roce_v2) return &v2;
    if (!a->rdma) return &adapter;
    if (!host->network_direct) return &direct;
    return vnic && !vnic->rdma ? &off : NULL;
}

bool nic_rdma_alike(const NicAdapter *a, const NicAdapter *b) {
    if (a->protocol != b->protocol) return false;
    if (a->protocol == NIC_PROTOCOL_IWARP) return true;
    return a->roce == b->roce && (a->roce == NIC_ROCE_V1 || a->ip == b->ip);
}

uint8_t nic_class_priority(const SimScenario *scenario, const SimRefs *class) {
    if (!class->n) return fabric_default_priority(scenario);
    uint32_t n;
    const FabricClassParams *c = sim_scenario_items(scenario, "class", &n);
    return (uint8_t)c[class->items[0].index].priority;
}

/* ---- pairs ---- */

/* Two ends that talk to each other; vnic NULL: a port that speaks for itself. */
typedef struct Pair {
    const NicVnic *vnic[2];
    bool meet; /* cables lead from one to the other */
} Pair;

typedef struct Hosts {
    const NicCabling *cabling;
    const NicHostParams *host[2];
    uint32_t index[2];
} Hosts;

static Hosts hosts_of(const SimScenario *s, const NicCabling *cabling, uint32_t a, uint32_t b) {
    uint32_t n;
    const NicHostParams *host = sim_scenario_items(s, "host", &n);
    return (Hosts){cabling, {&host[a], &host[b]}, {a, b}};
}

static uint32_t leads(const Hosts *h, uint32_t side, uint32_t port) {
    return port <= (uint32_t)h->host[side]->nic->ports
               ? nic_port_leads(h->cabling, h->index[side], port)
               : 0;
}

/* The n-th cabled port of a side, from 0; 0: there are no so many. */
static uint32_t cabled_port(const Hosts *h, uint32_t side, uint32_t n) {
    for (uint32_t port = 1; port <= (uint32_t)h->host[side]->nic->ports; port++)
        if (leads(h, side, port) && n-- == 0) return port;
    return 0;
}

static bool same_way(const Hosts *h, uint32_t port_a, uint32_t port_b) {
    uint32_t a = leads(h, 0, port_a);
    return a && a == leads(h, 1, port_b);
}

static bool pair_of_vnics(const Hosts *h, uint32_t n, Pair *pair) {
    const NicVnic *a = h->host[0]->vnics.items, *b = h->host[1]->vnics.items;
    for (uint32_t i = 0; i < h->host[0]->vnics.n; i++) {
        for (uint32_t k = 0; k < h->host[1]->vnics.n; k++) {
            if (strcmp(a[i].name, b[k].name) != 0 || n-- != 0) continue;
            *pair = (Pair){{&a[i], &b[k]}, same_way(h, (uint32_t)a[i].port, (uint32_t)b[k].port)};
            return true;
        }
    }
    return false;
}

/* The n-th pair, from 0; false where there are no so many. */
static bool pair_at(const Hosts *h, uint32_t n, Pair *pair) {
    if (h->host[0]->vnics.n || h->host[1]->vnics.n) return pair_of_vnics(h, n, pair);
    uint32_t a = cabled_port(h, 0, n), b = cabled_port(h, 1, n);
    if (!a || !b) return false;
    *pair = (Pair){{NULL, NULL}, same_way(h, a, b)};
    return true;
}

bool nic_reaches(const SimScenario *scenario, const NicCabling *cabling, uint32_t host_a,
                 uint32_t host_b) {
    Hosts h = hosts_of(scenario, cabling, host_a, host_b);
    Pair pair;
    for (uint32_t n = 0; pair_at(&h, n, &pair); n++)
        if (pair.meet) return true;
    return false;
}

/* ---- check ---- */

/* How far a pair is from RDMA: links broken at the ends, or unlike ones. */
static uint32_t pair_lacks(const Hosts *h, const Pair *pair) {
    uint32_t broken = 0;
    for (uint32_t side = 0; side < 2; side++)
        broken += nic_rdma_broken(h->host[side], pair->vnic[side]) != NULL;
    if (broken) return 1 + broken;
    return !nic_rdma_alike(h->host[0]->nic, h->host[1]->nic);
}

static const char *speaks(const NicAdapter *a) {
    if (a->protocol == NIC_PROTOCOL_IWARP) return "iWARP";
    if (a->roce == NIC_ROCE_V1) return "RoCE v1";
    return a->ip == NIC_IP_V6 ? "RoCE v2 over IPv6" : "RoCE v2 over IPv4";
}

static void lint_broken(const SimScenario *s, const NicHostParams *host, const NicVnic *vnic,
                        const char *whose, SimDiagnostics *out) {
    uint32_t line, column;
    const NicLink *link = nic_rdma_broken(host, vnic);
    if (!link) return;
    sim_scenario_place(s, &host->item, link->key, &line, &column);
    bool at_vnic = strcmp(link->key, "vnics") == 0;
    sim_diagnostics_add(out, "W310", line, column, host->item.name, link->next, NULL,
                        "%s of host %s will use TCP, not RDMA: %s%s%s", whose, host->item.name,
                        link->what, at_vnic ? " " : "", at_vnic ? vnic->name : "");
}

void nic_lint_pair(const SimScenario *scenario, const NicCabling *cabling, uint32_t host_a,
                   uint32_t host_b, const char *whose, SimDiagnostics *out) {
    Hosts h = hosts_of(scenario, cabling, host_a, host_b);
    if (!h.host[0]->nic->rdma && !h.host[1]->nic->rdma) return;
    Pair pair, best;
    uint32_t least = UINT32_MAX;
    for (uint32_t n = 0; least && pair_at(&h, n, &pair); n++) {
        uint32_t lacks = pair_lacks(&h, &pair);
        if (!pair.meet || lacks >= least) continue;
        least = lacks;
        best = pair;
    }
    if (least == 0 || least == UINT32_MAX) return;
    for (uint32_t side = 0; side < 2; side++)
        lint_broken(scenario, h.host[side], best.vnic[side], whose, out);
    if (least > 1) return;
    uint32_t line, column;
    const NicAdapter *a = h.host[0]->nic, *b = h.host[1]->nic;
    sim_scenario_place(scenario, &h.host[0]->item,
                       a->protocol != b->protocol ? "nic.protocol" : "nic.roce", &line, &column);
    sim_diagnostics_add(out, "W311", line, column, h.host[0]->item.name,
                        "one protocol, mode and IP version at both ends", NULL,
                        "%s between %s (%s) and %s (%s) will use TCP: their RDMA does not meet",
                        whose, h.host[0]->item.name, speaks(a), h.host[1]->item.name, speaks(b));
}
