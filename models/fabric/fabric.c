/* fabric.c: the model as a whole: building, faults, audits, report. */
#include "models/fabric/fabric.h"

#include <stdlib.h>

#include "models/fabric/buffer.h"
#include "models/fabric/counters.h"
#include "models/fabric/deadlock.h"
#include "models/fabric/lint.h"
#include "models/fabric/switch.h"
#include "sim/core/audit.h"
#include "sim/scenario/scenario.h"

/* Routed fabrics notice a lost link elsewhere after this long. */
#define CONVERGENCE (50 * SIM_MS)

static const SimAssumption assumptions[] = {
    {"A-fabric-convergence", "Routes of a looped (leaf-spine) fabric follow a failure after 50 ms.",
     "assumption: tuned BGP or IGP timers; no measurement was found"},
    {"A-fabric-turns", "Without shares, the priorities of a port take turns, frame by frame.",
     "assumption: round robin; classes with `share` follow IEEE 802.1Qaz"},
    {0}};

static const SimMetricDoc metrics[] = {
    {"port", "frames", "", "Frames whose transmission this port began."},
    {"port", "bytes", "bytes", "Line bytes of those frames, preamble and gap included."},
    {"port", "pauses_sent", "", "PFC frames sent, XOFF and XON."},
    {"port", "pauses_received", "", "PFC frames received."},
    {"port", "ecn_marked", "", "Frames that left with a congestion mark set here."},
    {"port", "queue_mean", "bytes", "Bytes waiting at a port that marks, on average over time."},
    {"port", "queue_peak", "bytes", "Most bytes that waited at a port that marks."},
    {"port", "queue_variation", "",
     "Standard deviation over time of the bytes waiting, as a part of their mean."},
    {"port", "dropped.unroutable", "", "RoCE v1 frames at a router, or frames out of hops."},
    {"port", "dropped.watchdog", "", "Frames for a queue that the PFC watchdog had given up."},
    {"port", "watchdog_events", "", "Times the PFC watchdog gave a queue up."},
    {"port", "dropped.cut", "", "Frames lost on a cable that was cut, or waiting for it."},
    {"port", "dropped.error", "", "Frames that failed their FCS."},
    {"port", "dropped.silent", "", "Frames swallowed by a black hole (carrier stays up)."},
    {"port", "dropped.buffer", "", "Frames dropped because the buffer's share was full."},
    {"port", "dropped.mtu", "", "Frames larger than the switch takes."},
    {"port", "dropped.no_route", "", "Frames without a live way to their address."},
    {"class", "dropped", "", "Frames of the class's priority dropped anywhere, for any cause."},
    {"run", "deadlocks", "",
     "Times queues of switches were found to wait for each other in a ring."},
    {"deadlock", "began", "ns", "When the last queue of the first such ring was paused."},
    {"run", "lost", "", "Frames dropped anywhere, for any cause."},
    {"run", "hops", "", "Frames that reached the other end of a cable, pauses not counted."},
    {"run", "events", "", "Events handled; early wake-ups and sampling are not counted."},
    {"switch", "buffer_peak", "bytes", "Most bytes ever waiting in the switch."},
    {0}};

/* ---- building ---- */

static void fabric_converge(SimRun *run, void *owner) {
    fabric_routes_follow(run, owner);
}

static const FabricFramingParams usual_framing = {
    .payload = SIM_ABSENT, .header = SIM_ABSENT, .ack = SIM_ABSENT, .pause = 64, .gap = 20};

const FabricFramingParams *fabric_framing(const SimScenario *scenario) {
    uint32_t n;
    const FabricFramingParams *f = sim_scenario_items(scenario, "framing", &n);
    return n ? f : &usual_framing;
}

static void fabric_create(SimRun *run, const SimScenario *scenario) {
    Fabric *fabric = SIM_NEW(&run->arena, Fabric);
    sim_run_set_state(run, &fabric_model, fabric);
    sim_pool_init(&fabric->packets, &run->arena, sizeof(SimPacket));
    sim_pool_init(&fabric->more, &run->arena, sizeof(SimPacketMore));
    const FabricFramingParams *framing = fabric_framing(scenario);
    fabric->gap = (uint32_t)framing->gap;
    fabric->pause_bytes = (uint32_t)(framing->pause + framing->gap);
    fabric->whole_ns = framing->whole_ns;
    const FabricSwitchParams *params = sim_scenario_items(scenario, "switch", &fabric->n_switches);
    fabric->switches = SIM_NEW_N(&run->arena, FabricSwitch, fabric->n_switches);
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        fabric->switches[i].index = i;
        fabric_switch_create(run, &fabric->switches[i], scenario, &params[i]);
    }
    fabric->domain = sim_domain_add(run, "fabric");
    sim_timer_add(run, fabric->domain, SIM_PHASE_FAULT, "converge", &fabric->converge,
                  fabric_converge, fabric);
    fabric->deadlock = fabric_deadlock_new(run, fabric);
    uint32_t n;
    const FabricClassParams *c = sim_scenario_items(scenario, "class", &n);
    for (uint32_t i = 0; i < n; i++)
        sim_meter_count(run, "class", c[i].item.name, "dropped", "",
                        &fabric->dropped_of[c[i].priority]);
    if (n == 0)
        sim_meter_count(run, "class", "storage", "dropped", "",
                        &fabric->dropped_of[FABRIC_DEFAULT_PRIORITY]);
    sim_meter_count(run, "run", "run", "lost", "", &fabric->dropped);
    sim_meter_count(run, "run", "run", "hops", "", &fabric->hops);
}

uint32_t fabric_address_add(SimRun *run, FabricPort *port) {
    Fabric *fabric = fabric_of(run);
    *SIM_PUSH(&run->arena, &fabric->addresses) = (FabricAddress){port};
    return fabric->addresses.n - 1;
}

void fabric_route_add(SimRun *run, uint32_t from, uint32_t to, int frames, FabricPort *via) {
    *SIM_PUSH(&run->arena, &via->at->statics) = (FabricStatic){from, to, frames, via};
}

static int static_compare(const void *a, const void *b) {
    const FabricStatic *x = a, *y = b;
    if (x->to != y->to) return x->to < y->to ? -1 : 1;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->frames != y->frames) return x->frames > y->frames ? -1 : 1; /* the special first */
    return x->port->number < y->port->number ? -1 : x->port->number > y->port->number;
}

void fabric_complete(SimRun *run) {
    Fabric *fabric = fabric_of(run);
    uint32_t n;
    const FabricSwitchParams *params = sim_scenario_items(run->config.scenario, "switch", &n);
    for (uint32_t i = 0; i < n; i++) {
        FabricSwitch *sw = &fabric->switches[i];
        if (sw->statics.n)
            qsort(sw->statics.items, sw->statics.n, sizeof *sw->statics.items,
                  static_compare); /* total: numbers of ports break ties */
        fabric_switch_complete(run, sw, &params[i]);
    }
    for (uint32_t i = 0; i < fabric->ports.n; i++)
        fabric_port_counters(run, fabric->ports.items[i]);
    fabric_routes_complete(run, fabric);
}

FabricSwitch *fabric_switch_at(SimRun *run, uint32_t index) {
    Fabric *fabric = fabric_of(run);
    SIM_ASSERT(&run->context, index < fabric->n_switches);
    return &fabric->switches[index];
}

/* ---- faults ---- */

/* A link went down: what was on the cable or waited for it is lost, pauses are forgotten. */
static void port_goes_down(SimRun *run, FabricPort *port) {
    while (port->flight_first) {
        SimPacket *p = port->flight_first;
        port->flight_first = p->next;
        fabric_packet_drop(port->fabric, p, &port->drops.cut);
    }
    while (port->heard.first)
        fabric_packet_drop(port->fabric, fabric_queue_pop(&port->heard), &port->drops.cut);
    sim_slot_set(run, port->arrival_slot, SIM_NEVER);
    sim_slot_set(run, port->transmit_slot, SIM_NEVER);
    port->armed = false;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        port->paused_since[i] = SIM_NEVER;
    port->paused = port->pause_wanted = port->pause_dirty = port->shunned = 0;
    sim_timer_stop(&port->watchdog);
    port->link_downs++;
    sim_timer_stop(&port->refresh);
    port->blocked = false;
    sim_resource_unblock(&port->resource, run->context.now);
    if (port->at) fabric_switch_flush(run, port->at, port, 0xFF, &port->drops.cut);
}

static void link_update(SimRun *run, FabricPort *port) {
    FabricPort *ends[2] = {port, port->peer};
    bool up = !port->cuts && !port->owner_deaths && !port->peer->owner_deaths;
    if (up == port->up) return;
    for (uint32_t i = 0; i < 2; i++)
        ends[i]->up = up;
    for (uint32_t i = 0; i < 2; i++) {
        if (!up) port_goes_down(run, ends[i]);
        if (ends[i]->at) fabric_groups_refresh(ends[i]->at);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (ends[i]->on_link) ends[i]->on_link(run, ends[i], up);
        if (up && ends[i]->stormy) fabric_port_storm(run, ends[i], true);
        if (up) fabric_port_wake(run, ends[i]);
    }
    Fabric *fabric = port->fabric;
    if (fabric->routed && !sim_timer_armed(&fabric->converge))
        sim_timer_set(run, &fabric->converge, run->context.now + CONVERGENCE);
}

void fabric_cable_set(SimRun *run, FabricPort *port, bool intact) {
    port->cuts += intact ? -1 : 1;
    port->peer->cuts = port->cuts;
    link_update(run, port);
}

void fabric_cable_swallow(SimRun *run, FabricPort *port, bool silent) {
    (void)run;
    FabricPort *ends[2] = {port, port->peer};
    for (uint32_t i = 0; i < 2; i++) {
        ends[i]->black_holes += silent ? 1 : -1;
        fabric_port_look(ends[i]);
    }
}

void fabric_port_owner_set(SimRun *run, FabricPort *port, bool alive) {
    port->owner_deaths += alive ? -1 : 1;
    if (port->peer) link_update(run, port);
}

void fabric_switch_set(SimRun *run, FabricSwitch *sw, bool alive) {
    if (sw->learning) /* its table is empty after a restart */
        for (uint32_t a = 0; a < fabric_of(run)->addresses.n; a++)
            sw->learned[a] = FABRIC_NO_ROUTE;
    for (uint32_t i = 0; i < sw->n_ports; i++)
        fabric_port_owner_set(run, &sw->port[i], alive);
}

void fabric_address_moved(SimRun *run, uint32_t address, FabricPort *port) {
    Fabric *fabric = fabric_of(run);
    fabric->addresses.items[address].port = port;
    if (fabric->routed && !sim_timer_armed(&fabric->converge))
        sim_timer_set(run, &fabric->converge, run->context.now + CONVERGENCE);
}

/* ---- audit and report ---- */

static int64_t list_length(const SimPacket *p) {
    int64_t n = 0;
    for (; p; p = p->next)
        n++;
    return n;
}

static int64_t port_frames(const FabricPort *port) {
    int64_t n = port->kept + list_length(port->flight_first) + list_length(port->heard.first);
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        n += list_length(port->queue[i].first);
    return n;
}

/* Bytes that wait at a port, of the priorities of a mask; false where the port counts otherwise. */
static int64_t queue_bytes(const FabricPort *port, uint8_t priorities, bool *agrees) {
    int64_t all = 0;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++) {
        int64_t bytes = 0;
        for (const SimPacket *p = port->queue[i].first; p; p = p->next)
            bytes += p->line_bytes - port->fabric->gap;
        *agrees &= bytes == port->queued[i];
        if (priorities >> i & 1) all += bytes;
    }
    return all;
}

static void audit_switch(const FabricSwitch *sw, SimAudit *audit) {
    int64_t queued = 0, held = 0, shared = 0;
    bool agrees = true;
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        const FabricPort *port = &sw->port[i];
        queued += queue_bytes(port, sw->counted, &agrees);
        for (uint32_t k = 0; k < FABRIC_PRIORITIES; k++) {
            held += port->held[k];
            if (port->lossless >> k & 1) shared += buffer_shared(port, k);
        }
    }
    sim_audit_balance(audit, "buffer", sw->name, sw->used, (const char *[]){"queued"}, &queued, 1);
    sim_audit_balance(audit, "ingress", sw->name, sw->used, (const char *[]){"held"}, &held, 1);
    sim_audit_balance(audit, "pool", sw->name, sw->pool_used, (const char *[]){"held of it"},
                      &shared, 1);
    sim_result_audit(audit->result, "queues", sw->name, agrees, "bytes of %s queues",
                     agrees ? "all" : "not all");
    sim_result_audit(audit->result, "capacity", sw->name, sw->peak_used <= sw->buffer,
                     "held at most %lld of %lld bytes", (long long)sw->peak_used,
                     (long long)sw->buffer);
}

static void fabric_audit(SimRun *run, SimAudit *audit) {
    Fabric *fabric = fabric_of(run);
    int64_t in_flight = 0, by_cause = 0;
    for (uint32_t i = 0; i < fabric->ports.n; i++) {
        const FabricPort *port = fabric->ports.items[i];
        const FabricDrops *d = &port->drops;
        in_flight += port_frames(port);
        by_cause += d->cut + d->error + d->silent + d->buffer + d->mtu + d->no_route +
                    d->unroutable + d->watchdog;
    }
    int64_t parts[] = {fabric->consumed, fabric->dropped, in_flight};
    sim_audit_balance(audit, "frames", "fabric", fabric->born,
                      (const char *[]){"delivered", "dropped", "in flight"}, parts, 3);
    sim_audit_balance(audit, "drops", "fabric", fabric->dropped, (const char *[]){"by cause"},
                      &by_cause, 1);
    int64_t pool = (int64_t)fabric->packets.in_use;
    sim_audit_balance(audit, "packets", "fabric", pool, (const char *[]){"in flight"}, &in_flight,
                      1);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        audit_switch(&fabric->switches[i], audit);
}

static void fabric_report(SimRun *run, SimResult *result) {
    Fabric *fabric = fabric_of(run);
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        const FabricSwitch *sw = &fabric->switches[i];
        SimValue *v = sim_result_row(result, "switch", sw->name, "buffer_peak", "bytes", 0);
        v[0] = (SimValue){sw->peak_used, 1};
    }
    fabric_deadlock_report(fabric->deadlock, result);
}

const SimModel fabric_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "fabric",
    .doc = "Cables, ports and switches: framing, buffer, PFC, learning, LAG and ECMP.",
    .kinds = fabric_kinds,
    .assumptions = assumptions,
    .metrics = metrics,
    .diagnostics = fabric_diagnostics,
    .counters = fabric_counters,
    .lint = fabric_lint,
    .create = fabric_create,
    .audit = fabric_audit,
    .report = fabric_report,
};
