/* host.c: hosts as a model: building, check, audit, report. */
#include <stdio.h>
#include <string.h>

#include "models/fabric/params.h"
#include "models/frame/frame.h"
#include "models/nic/cabling.h"
#include "models/nic/counters.h"
#include "models/nic/nic.h"
#include "sim/base/hash.h"
#include "sim/core/audit.h"

static const SimMetricDoc metrics[] = {
    {"host", "out_of_sequence", "", "Requests that arrived beyond the expected PSN (responder)."},
    {"host", "packet_seq_err", "", "NAKs received and gaps seen in READ responses (requester)."},
    {"host", "local_ack_timeout_err", "", "Retransmission timers that expired."},
    {"host", "duplicate_request", "", "Requests that had been received before."},
    {"host", "connections_broken", "", "Queue pairs that gave up and were set up again."},
    {"host", "stale_frames", "", "Frames of an earlier connection, ignored."},
    {"host", "filtered_frames", "", "Flooded frames meant for another host."},
    {0}};

static const SimAssumption assumptions[] = {
    {"A-nic-tx", "Every frame pays the doorbell and WQE time, ACKs too (250 ns too much for them).",
     "assumption: one pipeline figure; see parameter tx_latency"},
    {"A-nic-rnr", "A receive is always posted (no RNR): credits see to it.",
     "MS-SMBD 3.1.1.1: send and receive credits"},
    {"A-nic-timer", "The retransmission timer fires at T exactly; hardware may take up to 4 T.",
     "IBTA volume 1, 9.7.6.1.3"},
    {0}};

static const SimDiagnosticDoc diagnostics[] = {
    {"E301", "no such port", "A cable names a port that the switch or adapter does not have."},
    {"E302", "port cabled twice", "A port takes one cable; two ends name the same one."},
    {"E303", "no free port", "All ports of a switch or adapter are taken."},
    {"E304", "no common rate", "The ends of a cable cannot run at the same rate."},
    {"E305", "cable to itself", "Both ends of a cable are the same switch or host."},
    {"E306", "vNIC on a port that is not there", "`port` counts the ports of the adapter from 1."},
    {"E308", "path MTU", "RDMA knows 256, 512, 1024, 2048 and 4096 bytes."},
    {"E309", "too many cables", "The engine has room for the events of 200,000 cables."},
    {"W301", "rate taken", "The ends differ; the highest rate both share is taken."},
    {"W303", "switch is no lossless hop", "RDMA crosses a switch without DCB: PFC stops there."},
    {"W306", "RDMA in a lossy priority",
     "A vNIC or port names no class, and no single class has PFC."},
    {"W305", "one name, two VLANs", "Hosts talk to the vNIC of the same name; its VLAN differs."},
    {"W304", "frame larger than the switch takes",
     "Path MTU plus headers exceed the switch's mtu."},
    {0}};

Nic *nic_of(SimRun *run) {
    return sim_run_state(run, &nic_model);
}

/* ---- check ---- */

static void lint_host(const SimScenario *s, const NicHostParams *h, SimDiagnostics *out) {
    uint32_t line, column;
    const NicAdapter *a = h->nic;
    sim_scenario_place(s, &h->item, "nic", &line, &column);
    if ((a->mtu & (a->mtu - 1)) != 0)
        sim_diagnostics_add(out, "E308", line, column, h->item.name, "256B 512B 1024B 2048B 4096B",
                            NULL, "nic.mtu is not an RDMA path MTU");
    const NicVnic *v = h->vnics.items;
    for (uint32_t i = 0; i < h->vnics.n; i++) {
        if (v[i].port <= a->ports) continue;
        sim_scenario_place(s, &h->item, "vnics", &line, &column);
        sim_diagnostics_add(out, "E306", line, column, h->item.name, NULL, NULL,
                            "vNIC %s sits on port %d, the adapter has %d", v[i].name,
                            (int)v[i].port, (int)a->ports);
    }
}

/* RDMA without a class of its own must not fall into a lossy priority unnoticed. */
static void lint_classes(const SimScenario *s, const NicHostParams *h, SimDiagnostics *out) {
    uint32_t n_classes, line, column;
    sim_scenario_items(s, "class", &n_classes);
    uint8_t priority = fabric_default_priority(s);
    if (!n_classes || (fabric_lossless(s) >> priority & 1) || !h->nic->roce_v2) return;
    const NicVnic *v = h->vnics.items;
    bool without = h->vnics.n == 0;
    for (uint32_t i = 0; i < h->vnics.n; i++)
        without |= v[i].rdma && !v[i].class.n;
    if (!without) return;
    sim_scenario_place(s, &h->item, h->vnics.n ? "vnics" : "nic", &line, &column);
    sim_diagnostics_add(out, "W306", line, column, h->item.name,
                        "vnics with a class, or one class with pfc: true", NULL,
                        "RDMA of %s travels at priority %u, which no class makes lossless",
                        h->item.name, priority);
}

/* vNICs of the same name talk to each other, so they must be in the same VLAN. */
static void lint_vlans(const SimScenario *s, const NicHostParams *host, uint32_t n,
                       SimDiagnostics *out) {
    for (uint32_t i = 1; i < n; i++) {
        const NicVnic *mine = host[i].vnics.items, *first = host[0].vnics.items;
        for (uint32_t a = 0; a < host[i].vnics.n; a++) {
            for (uint32_t b = 0; b < host[0].vnics.n; b++) {
                if (strcmp(mine[a].name, first[b].name) != 0 || mine[a].vlan == first[b].vlan)
                    continue;
                uint32_t line, column;
                sim_scenario_place(s, &host[i].item, "vnics", &line, &column);
                sim_diagnostics_add(out, "W305", line, column, host[i].item.name,
                                    "one VLAN for vNICs of one name", NULL,
                                    "vNIC %s of %s and of %s are in different VLANs: no frame "
                                    "passes between them",
                                    mine[a].name, host[i].item.name, host[0].item.name);
            }
        }
    }
}

/* Half the buffer is for lossless frames: headroom and at least a frame below XOFF a port. */
static void lint_buffers(const SimScenario *s, const NicCabling *cabling, SimDiagnostics *out) {
    uint32_t n;
    const FabricSwitchParams *sw = sim_scenario_items(s, "switch", &n);
    int64_t lossless = __builtin_popcount(fabric_lossless(s));
    for (uint32_t i = 0; i < n; i++) {
        int64_t need = 0, frame = sw[i].mtu + FRAME_GAP_BYTES;
        for (uint32_t k = 0; k < cabling->cables.n && sw[i].dcb; k++) {
            const NicCable *c = &cabling->cables.items[k];
            SimTime one_way = fabric_propagation(c->cable.length) + sw[i].latency;
            int64_t room = frame + (sw[i].headroom != SIM_ABSENT
                                        ? sw[i].headroom
                                        : fabric_headroom(c->cable.rate, one_way, frame));
            need += (c->a.is_switch && c->a.index == i) ? room : 0;
            need += (c->b.is_switch && c->b.index == i) ? room : 0;
        }
        if (need * lossless <= sw[i].buffer / 2) continue;
        uint32_t line, column;
        sim_scenario_place(s, &sw[i].item, "buffer", &line, &column);
        sim_diagnostics_add(out, "W201", line, column, sw[i].item.name,
                            "a larger buffer, fewer lossless classes, shorter cables", NULL,
                            "lossless headroom of the cabled ports needs %lld kB, half the buffer "
                            "is %lld kB: lossless frames may be dropped",
                            (long long)(need * lossless / 1000),
                            (long long)(sw[i].buffer / 2 / 1000));
    }
}

static void lint_switches(const SimScenario *s, const NicCabling *cabling, SimDiagnostics *out) {
    uint32_t n;
    const FabricSwitchParams *sw = sim_scenario_items(s, "switch", &n);
    const NicHostParams *host = sim_scenario_items(s, "host", &n);
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        if (c->a.is_switch || !c->b.is_switch) continue;
        const FabricSwitchParams *at = &sw[c->b.index];
        uint32_t line, column;
        sim_scenario_place(s, &at->item, "part", &line, &column);
        if (!at->dcb && host[c->a.index].nic->roce_v2)
            sim_diagnostics_add(out, "W303", line, column, at->item.name, "dcb: true", NULL,
                                "%s has no priority flow control, yet RDMA of %s crosses it",
                                at->item.name, c->a.name);
        int64_t frame = host[c->a.index].nic->mtu + 86;
        if (frame > at->mtu)
            sim_diagnostics_add(out, "W304", line, column, at->item.name, NULL, NULL,
                                "frames of %s have up to %d bytes, %s takes %d", c->a.name,
                                (int)frame, at->item.name, (int)at->mtu);
    }
}

static void nic_lint(const SimScenario *scenario, SimDiagnostics *out) {
    SimArena arena;
    sim_arena_init(&arena);
    uint32_t n;
    const NicHostParams *host = sim_scenario_items(scenario, "host", &n);
    for (uint32_t i = 0; i < n; i++) {
        lint_host(scenario, &host[i], out);
        lint_classes(scenario, &host[i], out);
    }
    lint_vlans(scenario, host, n, out);
    const NicCabling *cabling = nic_cabling_plan(scenario, &arena, out);
    lint_switches(scenario, cabling, out);
    lint_buffers(scenario, cabling, out);
    sim_arena_clear(&arena);
}

/* ---- building ---- */

static uint8_t class_priority(const SimScenario *scenario, const SimRefs *class) {
    if (!class->n) return fabric_default_priority(scenario);
    uint32_t n;
    const FabricClassParams *c = sim_scenario_items(scenario, "class", &n);
    return (uint8_t)c[class->items[0].index].priority;
}

static void host_create(SimRun *run, Nic *nic, NicHost *host, const NicHostParams *params) {
    host->params = params;
    host->name = params->item.name;
    host->nic = nic;
    host->domain = sim_domain_add(run, host->name);
    host->n_ports = (uint32_t)params->nic->ports;
    host->port = SIM_NEW_N(&run->arena, NicPort, host->n_ports);
    for (uint32_t i = 0; i < host->n_ports; i++)
        nic_port_init(run, &host->port[i], host, i + 1);
    sim_meter_count(run, "host", host->name, "out_of_sequence", "", &host->out_of_sequence);
    sim_meter_count(run, "host", host->name, "packet_seq_err", "", &host->packet_seq_err);
    sim_meter_count(run, "host", host->name, "local_ack_timeout_err", "",
                    &host->local_ack_timeout_err);
    sim_meter_count(run, "host", host->name, "duplicate_request", "", &host->duplicate_request);
    sim_meter_count(run, "host", host->name, "connections_broken", "", &host->connections_broken);
    sim_meter_count(run, "host", host->name, "stale_frames", "", &host->stale_frames);
    sim_meter_count(run, "host", host->name, "filtered_frames", "", &host->filtered_frames);
}

static void nic_create(SimRun *run, const SimScenario *scenario) {
    Nic *nic = SIM_NEW(&run->arena, Nic);
    sim_run_set_state(run, &nic_model, nic);
    nic->fabric = fabric_of(run);
    sim_pool_init(&nic->wqes, &run->arena, sizeof(NicWqe));
    const NicHostParams *params = sim_scenario_items(scenario, "host", &nic->n_hosts);
    nic->hosts = SIM_NEW_N(&run->arena, NicHost, nic->n_hosts);
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        host_create(run, nic, &nic->hosts[i], &params[i]);
}

static FabricPort *cable_end_port(SimRun *run, const NicCableEnd *end, SimTime *latency_in,
                                  SimTime *latency_out) {
    *latency_out = 0;
    if (end->is_switch) {
        FabricSwitch *sw = fabric_switch_at(run, end->index);
        *latency_in = sw->latency;
        return &sw->port[end->port - 1];
    }
    NicHost *host = nic_host(run, end->index);
    *latency_in = host->params->nic->rx_latency;
    *latency_out = host->params->nic->tx_latency;
    return &host->port[end->port - 1].fabric;
}

static void lay_cable(SimRun *run, const NicCable *c) {
    SimTime in_a, out_a, in_b, out_b;
    FabricPort *a = cable_end_port(run, &c->a, &in_a, &out_a);
    FabricPort *b = cable_end_port(run, &c->b, &in_b, &out_b);
    const char *name_a =
        sim_arena_printf(&run->arena, "%s/%u->%s/%u", c->a.name, c->a.port, c->b.name, c->b.port);
    const char *name_b =
        sim_arena_printf(&run->arena, "%s/%u->%s/%u", c->b.name, c->b.port, c->a.name, c->a.port);
    fabric_connect(run, a, b, &c->cable, name_a, name_b, out_b + in_a, out_a + in_b);
}

static void endpoint_init(SimRun *run, NicHost *host, NicEndpoint *e, const char *name,
                          NicPort *port) {
    e->name = name;
    e->label = name + strlen(host->name) + 1;
    e->host = host;
    e->home = e->port = port;
    e->address = fabric_address_add(run, &port->fabric);
}

/* vNICs, or, without any, each cabled port for itself. */
static void host_endpoints(SimRun *run, const SimScenario *scenario, NicHost *host) {
    const SimList *vnics = &host->params->vnics;
    const NicVnic *v = vnics->items;
    host->n_endpoints = vnics->n ? vnics->n : host->n_ports;
    host->endpoint = SIM_NEW_N(&run->arena, NicEndpoint, host->n_endpoints);
    for (uint32_t i = 0; i < host->n_endpoints; i++) {
        NicEndpoint *e = &host->endpoint[i];
        if (!vnics->n) {
            endpoint_init(run, host, e, host->port[i].name, &host->port[i]);
            e->priority = fabric_default_priority(scenario);
            e->rdma = host->params->nic->roce_v2 && host->port[i].fabric.peer;
            continue;
        }
        const char *name = sim_arena_printf(&run->arena, "%s/%s", host->name, v[i].name);
        endpoint_init(run, host, e, name, &host->port[v[i].port - 1]);
        e->rdma = host->params->nic->roce_v2 && v[i].rdma && e->port->fabric.peer;
        e->priority = class_priority(scenario, &v[i].class);
        e->tagged = v[i].vlan != SIM_ABSENT;
        if (e->tagged) e->vlan = (uint16_t)v[i].vlan;
    }
}

static NicEndpoint *endpoint_named(NicHost *host, const char *label) {
    for (uint32_t i = 0; i < host->n_endpoints; i++) {
        NicEndpoint *e = &host->endpoint[i];
        if (e->rdma && strcmp(e->label, label) == 0) return e;
    }
    return NULL;
}

static NicEndpoint *endpoint_at(NicHost *host, uint32_t k) {
    for (uint32_t i = 0; i < host->n_endpoints; i++)
        if (host->endpoint[i].rdma && k-- == 0) return &host->endpoint[i];
    return NULL;
}

bool nic_endpoint_pair(NicHost *a, NicHost *b, uint32_t k, NicEndpoint **at_a, NicEndpoint **at_b) {
    if (!a->params->vnics.n && !b->params->vnics.n) {
        *at_a = endpoint_at(a, k);
        *at_b = endpoint_at(b, k);
        return *at_a && *at_b;
    }
    for (uint32_t i = 0; i < a->n_endpoints; i++) {
        *at_a = &a->endpoint[i];
        *at_b = endpoint_named(b, (*at_a)->label);
        if ((*at_a)->rdma && *at_b && k-- == 0) return true;
    }
    return false;
}

/* The switches pass a host the broadcasts of its own VLANs, at each port: vNICs may move. */
static void host_vlans(SimRun *run, NicHost *host) {
    for (uint32_t i = 0; i < host->n_ports; i++)
        for (uint32_t k = 0; k < host->n_endpoints; k++)
            fabric_port_carry(run, &host->port[i].fabric, host->endpoint[k].vlan);
}

static void nic_wire(SimRun *run, const SimScenario *scenario) {
    Nic *nic = nic_of(run);
    NicCabling *cabling = nic_cabling_plan(scenario, &run->arena, NULL);
    for (uint32_t i = 0; i < cabling->cables.n; i++)
        lay_cable(run, &cabling->cables.items[i]);
    for (uint32_t i = 0; i < nic->n_hosts; i++) {
        host_endpoints(run, scenario, &nic->hosts[i]);
        host_vlans(run, &nic->hosts[i]);
    }
    fabric_complete(run);
}

static void host_add_qp(SimRun *run, NicHost *host, NicQp *qp) {
    if (host->n_qps == host->room_qps)
        host->qp =
            sim_arena_grow(&run->arena, host->qp, host->n_qps, &host->room_qps, sizeof *host->qp);
    host->qp[host->n_qps++] = qp;
}

static NicQp *qp_new(SimRun *run, NicEndpoint *here, NicEndpoint *there, const char *label,
                     const char *role) {
    Nic *nic = here->host->nic;
    NicQp *qp = SIM_NEW(&run->arena, NicQp);
    if (nic->n_qps == nic->room_qps)
        nic->qps =
            sim_arena_grow(&run->arena, nic->qps, nic->n_qps, &nic->room_qps, sizeof *nic->qps);
    qp->index = nic->n_qps;
    nic->qps[nic->n_qps++] = qp;
    qp->here = here;
    qp->there = there;
    qp->adapter = here->host->params->nic;
    /* of path MTU and outstanding READs, the lesser of the two ends holds (IBTA volume 1, 12.7) */
    const NicAdapter *far = there->host->params->nic;
    qp->mtu = (uint32_t)(qp->adapter->mtu < far->mtu ? qp->adapter->mtu : far->mtu);
    qp->reads = (uint32_t)(qp->adapter->reads < far->reads ? qp->adapter->reads : far->reads);
    char text[256];
    snprintf(text, sizeof text, "%s->%s %s %s", here->name, there->name, label, role);
    /* UDP source port by queue pair: what LAG and ECMP see of a RoCE v2 flow */
    qp->flow = (uint32_t)sim_hash_text(text);
    nic_rc_init(run, qp, text);
    host_add_qp(run, here->host, qp);
    return qp;
}

void nic_connect(SimRun *run, NicEndpoint *a, NicEndpoint *b, const char *label,
                 TransportEnd **end_a, TransportEnd **end_b) {
    NicQp *x = qp_new(run, a, b, label, "from");
    NicQp *y = qp_new(run, b, a, label, "to");
    x->remote = y->index;
    y->remote = x->index;
    *end_a = &x->end;
    *end_b = &y->end;
}

/* ---- audit ---- */

static void nic_audit(SimRun *run, SimAudit *audit) {
    Nic *nic = nic_of(run);
    int64_t posted = 0;
    for (uint32_t i = 0; i < nic->n_qps; i++)
        for (const NicWqe *w = nic->qps[i]->first; w; w = w->next)
            posted++;
    sim_audit_balance(audit, "operations", "queue pairs", (int64_t)nic->wqes.in_use,
                      (const char *[]){"outstanding"}, &posted, 1);
}

const SimModel nic_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "nic",
    .doc = "Hosts and their adapters: ports, vNICs, queue pairs, RoCE v2 reliable connections.",
    .kinds = nic_kinds,
    .assumptions = assumptions,
    .metrics = metrics,
    .diagnostics = diagnostics,
    .counters = nic_counters,
    .lint = nic_lint,
    .create = nic_create,
    .wire = nic_wire,
    .audit = nic_audit,
};
