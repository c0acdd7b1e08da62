/* host.c: hosts as a model: building, check, audit, report. */
#include <stdio.h>
#include <string.h>

#include "models/fabric/params.h"
#include "models/nic/cabling.h"
#include "models/nic/capture.h"
#include "models/nic/chain.h"
#include "models/nic/counters.h"
#include "models/nic/datagram.h"
#include "models/nic/dcqcn.h"
#include "models/nic/lint.h"
#include "models/nic/nic.h"
#include "models/nic/rc.h"
#include "models/nic/tcp_transport.h"
#include "sim/base/hash.h"
#include "sim/core/audit.h"

static const SimMetricDoc metrics[] = {
    {"host", "out_of_sequence", "", "Requests that arrived beyond the expected PSN (responder)."},
    {"host", "packet_seq_err", "", "NAKs received (requester)."},
    {"host", "local_ack_timeout_err", "", "Retransmission timers that expired."},
    {"host", "implied_nak_seq_err", "", "Gaps seen in READ responses (requester)."},
    {"host", "rnr_naks", "", "SENDs that found no receive posted (responder)."},
    {"host", "rdma_bytes", "bytes", "Payload that came in by RDMA."},
    {"host", "tcp_segments_sent", "", "TCP segments sent."},
    {"host", "tcp_segments_received", "", "TCP segments received."},
    {"host", "tcp_segments_retransmitted", "", "TCP segments sent again."},
    {"host", "tcp_timeouts", "", "TCP retransmission timers that expired."},
    {"host", "cnps_sent", "", "Congestion notifications sent: its receiver saw marks."},
    {"host", "cnps_handled", "", "Congestion notifications received: its senders slowed down."},
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

Nic *nic_of(SimRun *run) {
    return sim_run_state(run, &nic_model);
}

/* ---- building ---- */

/* What the classes and the adapter's own settings make of its ports. */
static void host_classes(SimRun *run, NicHost *host) {
    const SimScenario *scenario = run->config.scenario;
    const NicAdapter *a = host->params->nic;
    host->lossless = fabric_priorities(&a->pfc, fabric_lossless(scenario));
    fabric_schedule_init(&host->schedule, scenario);
    host->cnp_priority = a->cnp_class.n ? nic_class_priority(scenario, &a->cnp_class) : 6;
    host->cnp_dscp = fabric_dscp(scenario, host->cnp_priority);
    if (a->congestion == NIC_CONGESTION_NONE) return;
    NicDcqcn *dcqcn = SIM_NEW(&run->arena, NicDcqcn);
    *dcqcn = nic_dcqcn_resolve(a->dcqcn, a->congestion - NIC_CONGESTION_DCQCN_PAPER);
    host->dcqcn = dcqcn;
}

static void host_create(SimRun *run, Nic *nic, NicHost *host, const NicHostParams *params) {
    host->params = params;
    host->name = params->item.name;
    host->nic = nic;
    host->domain = sim_domain_add(run, host->name);
    host->n_ports = (uint32_t)params->nic->ports;
    host->port = SIM_NEW_N(&run->arena, NicPort, host->n_ports);
    host_classes(run, host);
    for (uint32_t i = 0; i < host->n_ports; i++)
        nic_port_init(run, &host->port[i], host, i + 1);
    const struct {
        const char *metric;
        const int64_t *value;
    } count[] = {{"out_of_sequence", &host->out_of_sequence},
                 {"packet_seq_err", &host->packet_seq_err},
                 {"implied_nak_seq_err", &host->implied_nak_seq_err},
                 {"local_ack_timeout_err", &host->local_ack_timeout_err},
                 {"duplicate_request", &host->duplicate_request},
                 {"rnr_naks", &host->rnr_naks_sent},
                 {"connections_broken", &host->connections_broken},
                 {"stale_frames", &host->stale_frames},
                 {"filtered_frames", &host->filtered_frames},
                 {"rdma_bytes", &host->rdma_in_bytes}};
    for (uint32_t i = 0; i < sizeof count / sizeof *count; i++)
        sim_meter_count(run, "host", host->name, count[i].metric, "", count[i].value);
    nic_counters_host(run, host);
    if (host->dcqcn) {
        nic_counters_congestion(run, host);
        sim_meter_count(run, "host", host->name, "cnps_sent", "", &host->cnps_sent);
        sim_meter_count(run, "host", host->name, "cnps_handled", "", &host->cnps_handled);
    }
}

static void nic_create(SimRun *run, const SimScenario *scenario) {
    Nic *nic = SIM_NEW(&run->arena, Nic);
    sim_run_set_state(run, &nic_model, nic);
    nic->fabric = fabric_of(run);
    nic->scenario = scenario;
    nic->linger = nic->fabric->whole_ns;
    sim_pool_init(&nic->wqes, &run->arena, sizeof(NicWqe));
    const NicHostParams *params = sim_scenario_items(scenario, "host", &nic->n_hosts);
    nic->hosts = SIM_NEW_N(&run->arena, NicHost, nic->n_hosts);
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        host_create(run, nic, &nic->hosts[i], &params[i]);
}

static FabricPort *cable_end_port(SimRun *run, const NicCableEnd *end, FabricLatency *latency) {
    if (end->is_switch) {
        FabricSwitch *sw = fabric_switch_at(run, end->index);
        *latency = (FabricLatency){.in = sw->latency};
        return &sw->port[end->port - 1];
    }
    NicHost *host = nic_host(run, end->index);
    *latency =
        (FabricLatency){.in = host->params->nic->rx_latency, .out = host->params->nic->tx_latency};
    return &host->port[end->port - 1].fabric;
}

/* DCBX: a willing adapter takes over what the port at the other end has. */
static void port_negotiate(FabricPort *port) {
    if (port->at || !port->peer->at) return;
    const NicHost *host = ((NicPort *)port)->host;
    if (!host->params->nic->willing || port->link_pause) return;
    port->lossless = port->obeys = port->peer->lossless;
}

static void lay_cable(SimRun *run, const NicCable *c) {
    FabricLatency at_a, at_b;
    FabricPort *a = cable_end_port(run, &c->a, &at_a);
    FabricPort *b = cable_end_port(run, &c->b, &at_b);
    const char *name_a =
        sim_arena_printf(&run->arena, "%s/%u->%s/%u", c->a.name, c->a.port, c->b.name, c->b.port);
    const char *name_b =
        sim_arena_printf(&run->arena, "%s/%u->%s/%u", c->b.name, c->b.port, c->a.name, c->a.port);
    fabric_connect(run, a, b, &c->cable, name_a, name_b, at_a, at_b);
    port_negotiate(a);
    port_negotiate(b);
}

static void endpoint_init(SimRun *run, NicHost *host, NicEndpoint *e, const char *name,
                          NicPort *port) {
    e->name = name;
    e->label = name + strlen(host->name) + 1;
    e->host = host;
    e->home = e->port = port;
    e->address = fabric_address_add(run, &port->fabric);
}

/* Whether its RDMA has a place for a priority beside the tag. */
static bool is_ip(const NicAdapter *a) {
    return a->protocol != NIC_PROTOCOL_ROCE || a->roce != NIC_ROCE_V1;
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
            e->rdma = !nic_rdma_broken(host->params, NULL) && host->port[i].fabric.peer;
            if (e->rdma && !is_ip(host->params->nic)) nic_of(run)->fabric->classify = true;
            continue;
        }
        const char *name = sim_arena_printf(&run->arena, "%s/%s", host->name, v[i].name);
        endpoint_init(run, host, e, name, &host->port[v[i].port - 1]);
        e->rdma = !nic_rdma_broken(host->params, &v[i]) && e->port->fabric.peer;
        e->priority = nic_class_priority(scenario, &v[i].class);
        e->tagged = v[i].vlan != SIM_ABSENT;
        if (e->tagged) e->vlan = (uint16_t)v[i].vlan;
        if (!e->tagged && e->rdma && !is_ip(host->params->nic))
            nic_of(run)->fabric->classify = true;
    }
}

/* Whether two endpoints speak the same RDMA: what a connection manager finds out. */
static bool same_rdma(const NicEndpoint *a, const NicEndpoint *b) {
    return a->rdma && b->rdma && nic_rdma_alike(a->host->params->nic, b->host->params->nic);
}

static bool cabled(const NicEndpoint *e) {
    return e->home->fabric.peer != NULL;
}

/* The endpoint of b that hosts would choose for one of a: of the same name, or, where neither has
 * vNICs, the one as far down the list of cabled ports. */
static NicEndpoint *endpoint_match(NicHost *a, NicHost *b, const NicEndpoint *from) {
    uint32_t k = 0;
    for (uint32_t i = 0; &a->endpoint[i] != from; i++)
        k += cabled(&a->endpoint[i]);
    bool ports = !a->params->vnics.n && !b->params->vnics.n;
    for (uint32_t i = 0; i < b->n_endpoints; i++) {
        NicEndpoint *e = &b->endpoint[i];
        if (!cabled(e)) continue;
        if (ports ? k-- == 0 : strcmp(e->label, from->label) == 0) return e;
    }
    return NULL;
}

/* SMB Multichannel: the pairs that can do RDMA where there are any, else all of them. */
bool nic_endpoint_pair(NicHost *a, NicHost *b, uint32_t k, NicEndpoint **at_a, NicEndpoint **at_b) {
    for (uint32_t rdma = 2; rdma-- > 0;) {
        uint32_t seen = 0;
        for (uint32_t i = 0; i < a->n_endpoints; i++) {
            *at_a = &a->endpoint[i];
            *at_b = cabled(*at_a) ? endpoint_match(a, b, *at_a) : NULL;
            if (!*at_b || (rdma && !same_rdma(*at_a, *at_b))) continue;
            if (seen++ == k) return true;
        }
        if (seen) return false;
    }
    return false;
}

bool nic_endpoint_pair_at(NicHost *a, NicHost *b, uint8_t priority, NicEndpoint **at_a,
                          NicEndpoint **at_b) {
    bool any = false;
    for (uint32_t i = 0; i < a->n_endpoints; i++) {
        NicEndpoint *here = &a->endpoint[i];
        NicEndpoint *there = cabled(here) ? endpoint_match(a, b, here) : NULL;
        if (!there || (any && here->priority != priority)) continue;
        *at_a = here;
        *at_b = there;
        if (here->priority == priority) return true;
        any = true;
    }
    return any;
}

/* The switches pass a host the broadcasts of its own VLANs, at each port: vNICs may move. */
static void host_vlans(SimRun *run, NicHost *host) {
    for (uint32_t i = 0; i < host->n_ports; i++)
        for (uint32_t k = 0; k < host->n_endpoints; k++)
            fabric_port_carry(run, &host->port[i].fabric, host->endpoint[k].vlan);
}

static bool is_switch(const SimRef *ref) {
    return strcmp(ref->kind->kind, "switch") == 0;
}

/* The port of a switch that leads to a neighbour: the one named, else the first. */
static FabricPort *port_towards(SimRun *run, FabricSwitch *sw, const SimRef *via) {
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        FabricPort *peer = sw->port[i].peer;
        if (!peer || (via->port && peer->number != via->port)) continue;
        bool leads = is_switch(via)
                         ? peer->at == fabric_switch_at(run, via->index)
                         : !peer->at && ((NicPort *)peer)->host == nic_host(run, via->index);
        if (leads) return &sw->port[i];
    }
    return NULL;
}

/* All endpoints of one host to all of another, or from anywhere. */
static void route_pair(SimRun *run, const NicHost *from, const NicHost *to, int frames,
                       FabricPort *via) {
    for (uint32_t k = 0; k < to->n_endpoints; k++) {
        if (!from) fabric_route_add(run, UINT32_MAX, to->endpoint[k].address, frames, via);
        for (uint32_t i = 0; from && i < from->n_endpoints; i++)
            fabric_route_add(run, from->endpoint[i].address, to->endpoint[k].address, frames, via);
    }
}

/* Ways given by hand. */
static void nic_routes(SimRun *run, const SimScenario *scenario) {
    uint32_t n;
    const FabricRouteParams *r = sim_scenario_items(scenario, "route", &n);
    for (uint32_t i = 0; i < n; i++) {
        FabricSwitch *sw = fabric_switch_at(run, r[i].at.items[0].index);
        FabricPort *via = port_towards(run, sw, &r[i].via.items[0]);
        for (uint32_t t = 0; via && t < r[i].to.n; t++) {
            const NicHost *to = nic_host(run, r[i].to.items[t].index);
            if (!r[i].from.n) route_pair(run, NULL, to, r[i].frames, via);
            for (uint32_t f = 0; f < r[i].from.n; f++)
                route_pair(run, nic_host(run, r[i].from.items[f].index), to, r[i].frames, via);
        }
    }
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
    nic_routes(run, scenario);
    fabric_complete(run);
    nic_capture_wire(run);
    for (uint32_t i = 0; i < nic->fabric->ports.n; i++)
        fabric_port_look(nic->fabric->ports.items[i]);
}

static bool connection_is_rc(const NicConnection *c) {
    return c->protocol == &nic_rc_protocol;
}

bool nic_connection_is_tcp(const NicConnection *c) {
    return c->protocol == &nic_tcp_protocol || nic_connection_is_iwarp(c);
}

bool nic_connection_is_iwarp(const NicConnection *c) {
    return c->protocol == &nic_iwarp_protocol;
}

void nic_connection_stand(NicConnection *c, bool standing) {
    if (c->standing != standing && (connection_is_rc(c) || nic_connection_is_iwarp(c))) {
        c->here->host->rdma_active += standing ? 1 : -1;
        c->here->host->rdma_errors += !standing;
    }
    c->standing = c->end.up = standing;
}

typedef enum Carrier { CARRIER_RC, CARRIER_IWARP, CARRIER_TCP, CARRIER_UDP } Carrier;

static void host_add_connection(SimRun *run, NicHost *host, NicConnection *c) {
    if (host->n_connections == host->room_connections)
        host->connection = sim_arena_grow(&run->arena, host->connection, host->n_connections,
                                          &host->room_connections, sizeof *host->connection);
    c->place = c->pace.rank = host->n_connections;
    host->connection[host->n_connections++] = c;
    host->n_words = (host->n_connections + 63) / 64;
}

/* The base of a connection: who, where, and what its frames carry. */
static void connection_base(SimRun *run, NicConnection *c, NicEndpoint *here, NicEndpoint *there,
                            const char *text) {
    Nic *nic = here->host->nic;
    const SimScenario *scenario = run->config.scenario;
    const NicAdapter *a = here->host->params->nic;
    if (nic->n_connections == nic->room_connections)
        nic->connections = sim_arena_grow(&run->arena, nic->connections, nic->n_connections,
                                          &nic->room_connections, sizeof *nic->connections);
    c->index = nic->n_connections;
    nic->connections[nic->n_connections++] = c;
    c->here = here;
    c->there = there;
    c->fabric = nic->fabric;
    c->from = here->address;
    c->to = there->address;
    c->vlan = here->vlan;
    c->priority = here->priority;
    c->ack_priority = a->ack_class.n ? nic_class_priority(scenario, &a->ack_class) : here->priority;
    c->dscp = fabric_dscp(scenario, c->priority);
    c->hops = (uint8_t)(a->ttl - 1);
    if (here->tagged) c->flags |= SIM_PACKET_TAGGED;
    bool v1 = connection_is_rc(c) && a->roce == NIC_ROCE_V1;
    if (!v1) c->flags |= SIM_PACKET_IP;
    if (!v1 && a->ip == NIC_IP_V6) c->flags |= SIM_PACKET_V6;
    c->pace.armed = SIM_NEVER;
    /* UDP source port or TCP's ports: what LAG and ECMP see of a flow */
    c->flow = (uint32_t)sim_hash_text(text);
    host_add_connection(run, here->host, c);
}

static NicConnection *connection_new(SimRun *run, NicEndpoint *here, NicEndpoint *there,
                                     const char *label, const char *role, Carrier carrier) {
    const char *text =
        sim_arena_printf(&run->arena, "%s->%s %s %s", here->name, there->name, label, role);
    NicConnection *c = carrier == CARRIER_RC    ? nic_rc_new(run)
                       : carrier == CARRIER_UDP ? nic_datagram_new(run)
                                                : nic_tcp_new(run, carrier == CARRIER_IWARP);
    connection_base(run, c, here, there, text);
    if (carrier == CARRIER_RC)
        nic_rc_init(run, c, text);
    else if (carrier == CARRIER_UDP)
        nic_datagram_init(c);
    else
        nic_tcp_init(run, c, here->host->params->nic->tcp, text);
    return c;
}

void nic_connect_datagrams(SimRun *run, NicEndpoint *a, NicEndpoint *b, const char *label,
                           uint8_t priority, TransportEnd **end_a, TransportEnd **end_b) {
    NicConnection *ends[2] = {connection_new(run, a, b, label, "from", CARRIER_UDP),
                              connection_new(run, b, a, label, "to", CARRIER_UDP)};
    for (uint32_t i = 0; i < 2; i++) {
        ends[i]->remote = ends[1 - i]->index;
        ends[i]->priority = ends[i]->ack_priority = priority;
        ends[i]->dscp = fabric_dscp(run->config.scenario, priority);
    }
    *end_a = &ends[0]->end;
    *end_b = &ends[1]->end;
}

/* RDMA counts at both ends where one of them has it enabled: a zero there tells of a fall back. */
static void rdma_meant(SimRun *run, NicEndpoint *a, NicEndpoint *b) {
    NicHost *host[2] = {a->host, b->host};
    for (uint32_t i = 0; i < 2; i++) {
        if (!(a->rdma || b->rdma) || host[i]->rdma_meant) continue;
        host[i]->rdma_meant = true;
        nic_counters_rdma(run, host[i]);
    }
}

void nic_connect(SimRun *run, NicEndpoint *a, NicEndpoint *b, const char *label, NicWant want,
                 TransportEnd **end_a, TransportEnd **end_b) {
    bool rdma = want != NIC_WANT_TCP && same_rdma(a, b);
    bool iwarp = a->host->params->nic->protocol == NIC_PROTOCOL_IWARP;
    Carrier carrier = !rdma ? CARRIER_TCP : iwarp ? CARRIER_IWARP : CARRIER_RC;
    NicConnection *x = connection_new(run, a, b, label, "from", carrier);
    NicConnection *y = connection_new(run, b, a, label, "to", carrier);
    x->remote = y->index;
    y->remote = x->index;
    if (carrier != CARRIER_RC) nic_tcp_join(run, x, y);
    if (want != NIC_WANT_TCP) rdma_meant(run, a, b);
    a->host->rdma_initiated += rdma;
    b->host->rdma_accepted += rdma;
    /* SMB asks the other end for its adapters first: it tries only where both offer RDMA */
    a->host->rdma_failed_attempts += !rdma && want != NIC_WANT_TCP && a->rdma && b->rdma;
    *end_a = &x->end;
    *end_b = &y->end;
}

static void nic_start(SimRun *run) {
    Nic *nic = nic_of(run);
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        for (uint32_t k = 0; k < nic->hosts[i].n_ports; k++)
            nic_port_start(run, &nic->hosts[i].port[k]);
}

/* ---- audit ---- */

static void nic_audit(SimRun *run, SimAudit *audit) {
    Nic *nic = nic_of(run);
    int64_t posted = 0, kept = 0, taken = 0;
    for (uint32_t i = 0; i < nic->n_connections; i++) {
        const NicConnection *c = nic->connections[i];
        if (nic_connection_is_tcp(c))
            kept += nic_tcp_kept(c);
        else if (connection_is_rc(c))
            posted += nic_rc_kept(c);
    }
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        taken += nic_tcp_taken(&nic->hosts[i]);
    sim_audit_balance(audit, "operations", "queue pairs", (int64_t)nic->wqes.in_use,
                      (const char *[]){"outstanding"}, &posted, 1);
    sim_audit_balance(audit, "messages", "TCP", taken, (const char *[]){"kept"}, &kept, 1);
}

const SimModel nic_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "nic",
    .doc = "Hosts and their adapters: ports, vNICs, queue pairs, RoCE v2 reliable connections.",
    .kinds = nic_kinds,
    .assumptions = assumptions,
    .metrics = metrics,
    .diagnostics = nic_diagnostics,
    .counters = nic_counters,
    .lint = nic_lint,
    .create = nic_create,
    .wire = nic_wire,
    .start = nic_start,
    .audit = nic_audit,
};
