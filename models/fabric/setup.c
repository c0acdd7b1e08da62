/* setup.c: what the scenario says of switches, made into buffers, thresholds and schedules. */
#include <string.h>

#include "models/fabric/switch.h"
#include "models/frame/frame.h"
#include "sim/base/hash.h"

/* ---- headroom ---- */

/* Pause response times in quanta of 512 bit times by rate (IEEE 802.3 31B.3.7). */
static int64_t response_quanta(int64_t bps) {
    static const struct {
        int64_t gbps, quanta;
    } table[] = {{10, 67}, {25, 80}, {40, 118}, {50, 147}, {100, 394}, {200, 453}, {400, 905}};
    for (uint32_t i = 0; i < sizeof table / sizeof *table; i++)
        if (bps <= table[i].gbps * INT64_C(1000000000)) return table[i].quanta;
    return 905 * 2; /* assumption: 800 Gb/s takes twice the quanta of 400 */
}

int64_t fabric_headroom(int64_t bps, SimTime round_trip, int64_t frame) {
    /* IEEE 802.1Qbb Annex O: a frame of ours has just started when XOFF is wanted, then the PFC
     * frame, the way there and back, the peer's response, and a frame the peer had started. The
     * latencies folded into the way are counted, since bytes are counted after them. */
    int64_t quantum_bytes = 512 / 8;
    __int128 flying = (__int128)round_trip * bps, byte = 8 * SIM_S;
    return frame + FRAME_PAUSE_BYTES + FRAME_GAP_BYTES + (int64_t)((flying + byte - 1) / byte) +
           response_quanta(bps) * quantum_bytes + frame;
}

/* ---- classes ---- */

static const FabricClassParams *classes(const SimScenario *scenario, uint32_t *n) {
    return sim_scenario_items(scenario, "class", n);
}

uint8_t fabric_lossless(const SimScenario *scenario) {
    uint32_t n;
    const FabricClassParams *c = classes(scenario, &n);
    if (n == 0) return 1u << FABRIC_DEFAULT_PRIORITY;
    uint8_t mask = 0;
    for (uint32_t i = 0; i < n; i++)
        if (c[i].pfc) mask |= (uint8_t)(1u << c[i].priority);
    return mask;
}

uint8_t fabric_default_priority(const SimScenario *scenario) {
    uint8_t lossless = fabric_lossless(scenario);
    bool one = lossless && !(lossless & (lossless - 1));
    return one ? (uint8_t)__builtin_ctz(lossless) : FABRIC_DEFAULT_PRIORITY;
}

/* Code points by class selector: the upper three bits; 26 of RoCE lies in 3, 48 of CNPs in 6. */
uint8_t fabric_dscp(const SimScenario *scenario, uint8_t priority) {
    uint32_t n;
    const FabricClassParams *c = classes(scenario, &n);
    for (uint32_t i = 0; i < n; i++)
        if (c[i].priority == priority && c[i].dscp != SIM_ABSENT) return (uint8_t)c[i].dscp;
    return priority == FABRIC_DEFAULT_PRIORITY ? 26 : (uint8_t)(priority * 8);
}

static uint8_t counted_priorities(const SimScenario *scenario) {
    uint32_t n;
    const FabricClassParams *c = classes(scenario, &n);
    uint8_t mask = 0xFF;
    for (uint32_t i = 0; i < n; i++)
        if (!c[i].counted) mask &= (uint8_t) ~(1u << c[i].priority);
    return mask;
}

uint8_t fabric_priorities(const SimList *list, uint8_t otherwise) {
    if (!list->n) return otherwise;
    const int64_t *p = list->items;
    uint8_t mask = 0;
    for (uint32_t i = 0; i < list->n; i++)
        mask |= (uint8_t)(1u << p[i]);
    return mask;
}

/* Line bytes that the least of the shares named may send a turn: a frame of an Ethernet MTU of
 * 1500. Larger frames are paid for over a few turns. */
#define QUANTUM_LEAST 1538

void fabric_schedule_init(FabricSchedule *schedule, const SimScenario *scenario) {
    uint32_t n;
    const FabricClassParams *c = classes(scenario, &n);
    *schedule = (FabricSchedule){0};
    int64_t share[FABRIC_PRIORITIES] = {0}, left = 1000000, least = 1000000;
    for (uint32_t i = 0; i < n; i++) {
        if (c[i].strict) schedule->strict |= (uint8_t)(1u << c[i].priority);
        if (c[i].share == SIM_ABSENT) continue;
        schedule->weighted = true;
        share[c[i].priority] = c[i].share;
        left -= c[i].share;
        if (c[i].share < least) least = c[i].share;
    }
    if (left < 10000) left = 10000; /* what no class names is not starved altogether */
    for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++) {
        int64_t own = share[p] ? share[p] : left;
        schedule->quantum[p] = (int32_t)((own * QUANTUM_LEAST + least - 1) / least);
    }
}

/* ---- marking ---- */

static const FabricMarking *port_marking(SimRun *run, const FabricPort *port) {
    uint32_t n;
    const FabricClassParams *c = classes(run->config.scenario, &n);
    FabricMarking *marking = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const FabricEcnParams *e = c[i].ecn;
        if (!e) continue;
        if (!marking) marking = SIM_NEW_N(&run->arena, FabricMarking, FABRIC_PRIORITIES);
        int64_t of = e->rate == SIM_ABSENT ? port->bps : e->rate;
        marking[c[i].priority] =
            (FabricMarking){.kmin = (int64_t)((__int128)e->kmin * port->bps / of),
                            .kmax = (int64_t)((__int128)e->kmax * port->bps / of),
                            .pmax = e->pmax,
                            .enqueue = e->at == FABRIC_MARK_ENQUEUE};
    }
    return marking;
}

/* ---- ports ---- */

/* XOFF, XON and headroom of one port; figures given in the scenario win. */
static void port_thresholds(FabricSwitch *sw, const FabricSwitchParams *params, FabricPort *port) {
    int64_t frame = sw->largest;
    SimTime round_trip = port->delay + port->peer->delay;
    bool uplink = port->number > (uint32_t)params->ports;
    port->headroom = params->headroom != SIM_ABSENT ? params->headroom
                                                    : fabric_headroom(port->bps, round_trip, frame);
    if (uplink && params->uplink_headroom != SIM_ABSENT) port->headroom = params->uplink_headroom;
    port->reserved = params->xoff == SIM_ABSENT ? params->reserved : 0;
    port->alpha = params->alpha;
    if (uplink && params->uplink_alpha != SIM_ABSENT) port->alpha = params->uplink_alpha;
    port->xoff = params->xoff;
    bool fixed = port->xoff != SIM_ABSENT;
    int64_t below = params->xon_offset != SIM_ABSENT ? params->xon_offset : 2 * frame;
    port->xon = !fixed ? below : params->xon != SIM_ABSENT ? params->xon : port->xoff - below;
    if (port->xon < 0) port->xon = 0;
}

static void port_complete(SimRun *run, FabricSwitch *sw, const FabricSwitchParams *params,
                          FabricPort *port) {
    if (port->link_pause) port->lossless = 0xFF;
    port_thresholds(sw, params, port);
    port->marking = port_marking(run, port);
    if (port->marking) {
        sim_rng_init(&port->marks, run->config.seed, port->name, "marks");
        sim_meter_count(run, "port", port->name, "ecn_marked", "", &port->ecn_marked);
        port->level = SIM_NEW(&run->arena, SimLevel);
        sim_meter_level(run, "port", port->name, "queue", "bytes", port->level);
    }
    if (!sw->classify) return;
    port->received = SIM_NEW_N(&run->arena, FabricFlow, FABRIC_PRIORITIES);
    if (port->peer && !port->peer->at) /* a host sees the tag, whatever the switch made of it */
        port->peer->received = SIM_NEW_N(&run->arena, FabricFlow, FABRIC_PRIORITIES);
}

void fabric_switch_create(SimRun *run, FabricSwitch *sw, const SimScenario *scenario,
                          const FabricSwitchParams *params) {
    sw->name = params->item.name;
    sw->fabric = fabric_of(run);
    sw->domain = sim_domain_add(run, sw->name);
    sw->n_ports = (uint32_t)(params->ports + params->uplinks);
    sw->port = SIM_NEW_N(&run->arena, FabricPort, sw->n_ports);
    sw->cut_through = params->mode == FABRIC_CUT_THROUGH;
    sw->latency = params->latency;
    sw->buffer = params->buffer;
    sw->largest = (uint32_t)params->mtu + sw->fabric->gap;
    sw->linger = sw->fabric->whole_ns;
    sw->lossless = params->dcb ? fabric_priorities(&params->pfc, fabric_lossless(scenario)) : 0;
    sw->counted = counted_priorities(scenario);
    sw->trust = params->trust;
    sw->roce_v1 = params->roce_v1;
    sw->roce_v2 = params->roce_v2;
    sw->routes = params->layer == FABRIC_LAYER_3;
    sw->watchdog = params->watchdog;
    sw->watchdog_restore = params->watchdog_restore;
    for (uint32_t d = 0; d < 64; d++)
        sw->priority_of_dscp[d] = (uint8_t)(d >> 3);
    for (uint8_t p = 0; p < FABRIC_PRIORITIES; p++)
        sw->priority_of_dscp[fabric_dscp(scenario, p) & 63] = p;
    const FabricDscpParams *map = params->dscp_map.items;
    for (uint32_t i = 0; i < params->dscp_map.n; i++)
        sw->priority_of_dscp[map[i].dscp] = (uint8_t)map[i].priority;
    sw->classify = params->trust != FABRIC_TRUST_BOTH || params->dscp_map.n || !params->roce_v1 ||
                   !params->roce_v2;
    fabric_schedule_init(&sw->schedule, scenario);
    sw->seed = (uint32_t)sim_hash_text(sw->name);
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        FabricPort *port = &sw->port[i];
        fabric_port_init(run, port, sw->domain, i + 1, fabric_switch_arrive,
                         fabric_switch_transmit);
        port->at = sw;
        port->schedule = &sw->schedule;
        port->lossless = port->obeys = sw->lossless;
        port->pause_response = params->pause_response;
    }
}

/* What a port that has no cable is promised: that of a host on a short cable at the full rate.
 * Assumption: 3 m and 2 us of latencies there and back. */
static int64_t idle_promise(const FabricSwitch *sw, const FabricSwitchParams *params, bool uplink) {
    int64_t given = uplink ? params->uplink_headroom : params->headroom;
    if (given == SIM_ABSENT) given = params->headroom;
    SimTime round_trip = 2 * fabric_propagation(3000) + sw->latency + 2 * SIM_US;
    int64_t rate = uplink ? params->uplink_rate : params->rate;
    int64_t headroom = given != SIM_ABSENT ? given : fabric_headroom(rate, round_trip, sw->largest);
    int64_t reserved = params->xoff == SIM_ABSENT ? params->reserved : 0;
    return (headroom + reserved) * __builtin_popcount(sw->lossless);
}

/* Headroom and what is reserved, for every port of the switch: one without a cable keeps what the
 * neediest of its kind needs, so that a host more changes nobody's share. */
static int64_t switch_promises(const FabricSwitch *sw, const FabricSwitchParams *params) {
    int64_t most[2] = {idle_promise(sw, params, false), idle_promise(sw, params, true)};
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        const FabricPort *port = &sw->port[i];
        if (!port->peer) continue;
        int64_t own = (port->headroom + port->reserved) *
                      __builtin_popcount(port->link_pause ? sw->lossless : port->lossless);
        bool uplink = port->number > (uint32_t)params->ports;
        if (own > most[uplink]) most[uplink] = own;
    }
    return most[0] * params->ports + most[1] * params->uplinks;
}

void fabric_switch_complete(SimRun *run, FabricSwitch *sw, const FabricSwitchParams *params) {
    sw->classify |= sw->fabric->classify;
    sw->special = sw->classify || sw->routes || sw->statics.n;
    bool any = false;
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        FabricPort *port = &sw->port[i];
        if (!port->peer) continue;
        port_complete(run, sw, params, port);
        any |= port->lossless != 0;
    }
    int64_t promised = switch_promises(sw, params);
    int64_t left = sw->buffer > promised ? sw->buffer - promised : 0;
    int64_t lossy = any ? params->lossy : 1000000;
    sw->lossy_pool = (int64_t)((__int128)left * lossy / 1000000);
    sw->pool = left - sw->lossy_pool;
    sw->lossy_alpha = params->lossy_alpha;
}
