/* port.c: one end of a cable: transmission, arrival, pauses, faults. */
#include <stdio.h>
#include <string.h>

#include "models/fabric/deadlock.h"
#include "models/fabric/switch.h"

/* PFC timers count quanta of 512 bit times (IEEE 802.3 Annex 31B); XOFF asks for the longest. */
enum { QUANTUM_BITS = 512, QUANTA_MOST = 65535 };

/* ---- packets ---- */

SimPacket *fabric_packet_new(Fabric *fabric) {
    SimPacket *p = sim_pool_get(&fabric->packets);
    fabric->born++;
    memset(p, 0, sizeof *p);
    return p;
}

static void packet_put(Fabric *fabric, SimPacket *p) {
    if (p->flags & SIM_PACKET_MORE) sim_pool_put(&fabric->more, p->more);
    sim_pool_put(&fabric->packets, p);
}

SimPacketMore *fabric_packet_more(Fabric *fabric, SimPacket *p) {
    p->more = sim_pool_get(&fabric->more);
    p->flags |= SIM_PACKET_MORE;
    return p->more;
}

SimPacket *fabric_packet_copy(Fabric *fabric, const SimPacket *p) {
    SimPacket *copy = sim_pool_get(&fabric->packets);
    fabric->born++;
    *copy = *p;
    if (p->flags & SIM_PACKET_MORE) *fabric_packet_more(fabric, copy) = *p->more;
    return copy;
}

void fabric_packet_consume(Fabric *fabric, SimPacket *p) {
    fabric->consumed++;
    packet_put(fabric, p);
}

void fabric_packet_drop(Fabric *fabric, SimPacket *p, int64_t *cause) {
    ++*cause;
    fabric->dropped++;
    fabric->dropped_of[p->priority]++;
    packet_put(fabric, p);
}

/* ---- the line ---- */

/* Whole nanoseconds as programs count them that keep time as seconds in double precision: the
 * quotient is rounded to 53 bits (to nearest, ties to even), then cut. */
static SimTime whole_nanoseconds(int64_t bps, uint32_t bytes) {
    unsigned __int128 bits = (unsigned __int128)bytes * 8, divisor = (unsigned __int128)bps;
    uint32_t shift = 0;
    while ((bits << shift) / divisor < UINT64_C(1) << 52)
        shift++;
    unsigned __int128 whole = (bits << shift) / divisor, rest = (bits << shift) % divisor;
    whole += 2 * rest > divisor || (2 * rest == divisor && (whole & 1));
    return (SimTime)(whole * 1000000000 >> shift) * SIM_NS;
}

SimTime fabric_line_ticks(FabricPort *port, uint32_t bytes) {
    if (port->whole_ns) return whole_nanoseconds(port->bps, bytes);
    return sim_rate_ticks(&port->rate, bytes);
}

SimTime fabric_pace_ticks(const Fabric *fabric, int64_t bps, uint32_t bytes) {
    if (fabric->whole_ns) return whole_nanoseconds(bps, bytes);
    return (SimTime)((__int128)bytes * SIM_BYTE_TICKS_AT_1BPS / bps);
}

/* ---- whose turn ---- */

uint32_t fabric_port_weigh(FabricPort *port, uint8_t eligible) {
    const FabricSchedule *schedule = port->schedule;
    uint8_t strict = eligible & schedule->strict;
    uint32_t p = port->last_priority;
    if (strict) {
        port->last_priority = (uint8_t)(31 - __builtin_clz(strict));
        return port->last_priority;
    }
    if (schedule->strict >> p & 1) p = port->turn; /* the others go on where they were */
    if (!schedule->weighted) {
        p = fabric_turn(p, eligible);
    } else if (!(eligible >> p & 1) || port->deficit[p] <= 0) {
        do {
            p = fabric_turn(p, eligible);
            port->deficit[p] += schedule->quantum[p];
        } while (port->deficit[p] <= 0);
        if (port->deficit[p] > schedule->quantum[p]) port->deficit[p] = schedule->quantum[p];
    }
    port->last_priority = port->turn = (uint8_t)p;
    return p;
}

/* ---- pauses ---- */

static SimTime port_quanta_ticks(const FabricPort *port, int64_t quanta) {
    return (SimTime)((__int128)quanta * QUANTUM_BITS * SIM_S / port->rate.bps);
}

static void pause_ends(FabricPort *port, uint32_t priority, SimTime at) {
    uint8_t bit = (uint8_t)(1u << priority);
    /* what the watchdog has given up stays stopped until it is taken back */
    if (!(port->paused & bit) || (port->shunned & bit)) return;
    port->paused &= (uint8_t)~bit;
    port->pause_time_of[priority] += at - port->paused_since[priority];
    port->paused_since[priority] = SIM_NEVER;
}

static void pause_begins(SimRun *run, FabricPort *port, uint32_t priority, int64_t quanta) {
    SimTime now = run->context.now;
    if (port->pause_until[priority] < now) /* the last one ran out while nothing waited */
        pause_ends(port, priority, port->pause_until[priority]);
    if (!(port->paused >> priority & 1)) port->paused_since[priority] = now;
    port->paused |= (uint8_t)(1u << priority);
    port->last_pause[priority] = now;
    port->pause_until[priority] = now + port_quanta_ticks(port, quanta);
    if (port->at) fabric_deadlock_watch(run, port->fabric->deadlock);
    if (!port->at || !port->at->watchdog || sim_timer_armed(&port->watchdog)) return;
    sim_timer_set(run, &port->watchdog, now + port->at->watchdog);
}

/* Obeys a PFC or PAUSE frame: each priority of the mask stops, or goes on. */
static void port_obey(SimRun *run, FabricPort *port, const SimPacket *p) {
    SimTime now = run->context.now;
    bool all = p->op == FABRIC_PAUSE;
    port->pauses_received++;
    uint32_t mask = all ? (port->link_pause ? 0xFF : 0) : p->psn & port->obeys;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++) {
        if (!all && (p->psn >> i & 1)) port->pauses_received_of[i]++;
        if (!(mask >> i & 1)) continue;
        if (p->payload) {
            pause_begins(run, port, i, p->payload);
            port->resource.blocker = p->token;
        } else {
            pause_ends(port, i, now);
        }
    }
    if (all) port->link_pauses_received++;
    fabric_port_wake(run, port);
}

/* A pause has come; its effect comes later. */
static void port_hear(SimRun *run, FabricPort *port, SimPacket *p) {
    p->due = run->context.now + port->pause_response;
    if (!port->heard.first) sim_timer_set(run, &port->response, p->due);
    fabric_queue_push(&port->heard, p);
}

static void port_respond(SimRun *run, void *owner) {
    FabricPort *port = owner;
    while (port->heard.first && port->heard.first->due <= run->context.now) {
        SimPacket *p = fabric_queue_pop(&port->heard);
        port_obey(run, port, p);
        fabric_packet_consume(port->fabric, p);
    }
    if (port->heard.first) sim_timer_set(run, &port->response, port->heard.first->due);
}

void fabric_port_want_pause(SimRun *run, FabricPort *port, uint32_t priority, bool pause) {
    uint8_t bit = (uint8_t)(1u << priority), before = port->pause_wanted;
    if (pause)
        port->pause_wanted |= bit;
    else
        port->pause_wanted &= (uint8_t)~bit;
    if (port->pause_wanted == before) return;
    /* a link pause speaks for all: only the first and the last change is told */
    if (port->link_pause && before && port->pause_wanted) return;
    port->pause_dirty |= bit;
    fabric_port_wake(run, port);
}

void fabric_port_storm(SimRun *run, FabricPort *port, bool on) {
    port->stormy = on;
    if (on) port->pause_cause = port->name;
    if (!port->up) return;
    uint8_t mask = port->lossless ? port->lossless : port->link_pause;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++) /* what is held goes on to want a pause */
        if ((mask >> i & 1) && (on || !port->held[i])) fabric_port_want_pause(run, port, i, on);
}

bool fabric_port_send_pause(SimRun *run, FabricPort *port) {
    if (!port->pause_dirty) return false;
    /* One frame carries one timer for each class; XOFF first, then XON in a frame of its own. */
    uint8_t stop = port->pause_dirty & port->pause_wanted;
    if (port->link_pause) stop = port->pause_wanted ? port->pause_dirty : 0;
    uint8_t mask = stop ? stop : port->pause_dirty;
    SimPacket *p = fabric_packet_new(port->fabric);
    p->op = port->link_pause ? FABRIC_PAUSE : FABRIC_PFC;
    p->line_bytes = port->fabric->pause_bytes;
    p->psn = mask;
    p->payload = stop ? QUANTA_MOST : 0;
    p->token = (void *)port->pause_cause; /* who is to blame */
    port->pause_dirty &= (uint8_t)~mask;
    port->pauses_sent++;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES && !port->link_pause; i++)
        port->pauses_sent_of[i] += mask >> i & 1;
    port->link_pauses_sent += port->link_pause;
    if (stop && !sim_timer_armed(&port->refresh)) /* one timer repeats all that are wanted */
        sim_timer_set(run, &port->refresh,
                      run->context.now + port_quanta_ticks(port, QUANTA_MOST / 2));
    FabricFlow before = port->sent[0]; /* pauses are of no priority */
    fabric_port_send(run, port, p);
    port->sent[0] = before;
    port->control.frames++;
    port->control.bytes += p->line_bytes;
    return true;
}

/* Half the pause has passed: repeat it while it is still wanted. */
static void port_refresh(SimRun *run, void *owner) {
    FabricPort *port = owner;
    if (!port->pause_wanted) return;
    port->pause_dirty |= port->pause_wanted;
    fabric_port_wake(run, port);
}

/* ---- watchdog ---- */

/* Taken back after a rest without pauses; else the next time to look. */
static SimTime watchdog_take_back(SimRun *run, FabricPort *port, uint32_t priority) {
    SimTime now = run->context.now;
    SimTime quiet = port->last_pause[priority] + port->at->watchdog_restore;
    if (quiet > now) return quiet;
    port->shunned &= (uint8_t) ~(1u << priority);
    if (port->pause_until[priority] <= now) {
        pause_ends(port, priority, now);
        return SIM_NEVER;
    }
    port->paused_since[priority] = now;
    return now + port->at->watchdog;
}

/* The next time the watchdog must look at a port; gives up and takes back on the way. */
static SimTime watchdog_look(SimRun *run, FabricPort *port, uint32_t priority) {
    enum { LOOKS = 10 }; /* within the patience, for a queue that is empty while it is paused */
    SimTime now = run->context.now, patience = port->at->watchdog;
    uint8_t bit = (uint8_t)(1u << priority);
    if (port->shunned & bit) return watchdog_take_back(run, port, priority);
    if (!(port->paused & bit) || port->pause_until[priority] < now) return SIM_NEVER;
    SimTime due = port->paused_since[priority] + patience;
    if (due > now) return due;
    if (!port->queue[priority].first) return now + (patience + LOOKS - 1) / LOOKS;
    port->shunned |= bit;
    port->watchdog_events++;
    port->last_pause[priority] = now;
    fabric_switch_give_up(run, port, bit);
    return now + port->at->watchdog_restore;
}

static void port_watchdog(SimRun *run, void *owner) {
    FabricPort *port = owner;
    SimTime next = SIM_NEVER;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++) {
        SimTime look = watchdog_look(run, port, i);
        if (look < next) next = look;
    }
    if (next != SIM_NEVER) sim_timer_set(run, &port->watchdog, next);
}

/* All that waits is paused: look again when the first pause runs out. */
static void port_wait_for_pause(SimRun *run, FabricPort *port, uint8_t waiting) {
    SimTime first = SIM_NEVER;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        if ((waiting >> i & 1) && port->pause_until[i] < first) first = port->pause_until[i];
    port->blocked = true;
    sim_resource_block(&port->resource, run->context.now, port->resource.blocker);
    if (first == SIM_NEVER) return;
    port->armed = true;
    sim_slot_set(run, port->transmit_slot, first);
}

uint8_t fabric_port_eligible_paused(SimRun *run, FabricPort *port, uint8_t waiting) {
    SimTime now = run->context.now;
    uint8_t paused = port->paused & waiting;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        if ((paused >> i & 1) && port->pause_until[i] <= now)
            pause_ends(port, i, port->pause_until[i]);
    if (waiting && !(waiting & ~port->paused)) {
        port_wait_for_pause(run, port, waiting);
        return 0;
    }
    port->blocked = false;
    sim_resource_unblock(&port->resource, now);
    return waiting & (uint8_t)~port->paused;
}

/* ---- arrival ---- */

/* True if the frame did not survive the cable. */
static bool cable_loses(FabricPort *sender, const SimPacket *p, int64_t **cause) {
    if (sender->black_holes) {
        *cause = &sender->drops.silent;
        return true;
    }
    *cause = &sender->drops.error;
    bool carries = p->op < FABRIC_PFC || p->op >= FABRIC_TCP; /* for somebody above the fabric */
    if (sender->lose_every && carries && --sender->to_lose == 0) {
        sender->to_lose = sender->lose_every;
        return true;
    }
    if (!sender->bit_errors) return false;
    sender->bits_to_error -= (int64_t)(p->line_bytes - sender->fabric->gap) * 8;
    if (sender->bits_to_error >= 0) return false;
    int64_t mean = INT64_C(1000000000000000000) / sender->bit_errors;
    sender->bits_to_error = sim_rng_exponential(&sender->errors, mean);
    return true;
}

/* Shows a frame that reaches the far end now to those who capture at either end. */
static void cable_tap(SimRun *run, FabricPort *sender, const SimPacket *p, bool outbound) {
    FabricPort *at = outbound ? sender : sender->peer;
    if (!at->tapped || !sender->fabric->tap) return;
    SimTime line = sender->ticks_a_byte
                       ? (SimTime)p->line_bytes * sender->ticks_a_byte
                       : fabric_pace_ticks(sender->fabric, sender->bps, p->line_bytes);
    SimTime last_bit_here = run->context.now - sender->handling + (sender->whole ? 0 : line);
    SimTime stamp = outbound ? last_bit_here - sender->wire : last_bit_here;
    sender->fabric->tap(run, at, p, stamp, outbound);
}

SimPacket *fabric_port_take_odd(SimRun *run, FabricPort *sender, SimPacket *p) {
    FabricPort *port = sender->peer;
    int64_t *cause;
    if (sender->odd) {
        cable_tap(run, sender, p, true);
        if (cable_loses(sender, p, &cause)) {
            fabric_packet_drop(sender->fabric, p, cause);
            return NULL;
        }
        cable_tap(run, sender, p, false);
    }
    if (p->op != FABRIC_PFC && p->op != FABRIC_PAUSE) return p;
    if (port->pause_response) {
        port_hear(run, port, p);
        return NULL;
    }
    port_obey(run, port, p);
    fabric_packet_consume(port->fabric, p);
    return NULL;
}

void fabric_port_look(FabricPort *port) {
    port->odd = port->black_holes > 0 || port->bit_errors > 0 || port->lose_every > 0 ||
                port->tapped || (port->peer && port->peer->tapped);
}

/* ---- building ---- */

void fabric_port_init(SimRun *run, FabricPort *port, SimDomain domain, uint32_t number,
                      SimHandler arrive, SimHandler transmit) {
    *port = (FabricPort){.domain = domain,
                         .number = number,
                         .fabric = fabric_of(run),
                         .arrive = arrive,
                         .transmit = transmit,
                         .xoff = SIM_ABSENT,
                         .busy_until = -1, /* idle since before the beginning */
                         .whole = true};
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        port->paused_since[i] = SIM_NEVER;
}

SimTime fabric_propagation(int64_t length) {
    return (length * 505 + 999) / 1000; /* 5.05 ns a metre, rounded up to a tick: at least one */
}

/* One direction: what `from` sends leaves `out` later and is handled at `to` `handling` after it
 * has come in. */
static void cable_lay(SimRun *run, FabricPort *from, FabricPort *to, const FabricCable *cable,
                      const char *name, SimTime out, SimTime handling) {
    from->peer = to;
    from->far_at = to->at;
    from->name = name;
    from->rate = sim_rate(cable->rate);
    from->whole_ns = from->fabric->whole_ns;
    from->ticks_a_byte = from->whole_ns ? 0 : (uint32_t)from->rate.ticks_a_byte;
    from->bps = cable->rate;
    from->wire = cable->delay != SIM_ABSENT ? cable->delay : fabric_propagation(cable->length);
    from->delay = out + from->wire + handling;
    from->handling = handling;
    from->whole = !(to->at && to->at->cut_through);
    from->up = true;
    from->bit_errors = cable->bit_errors;
    from->lose_every = from->to_lose = cable->lose_every;
    fabric_port_look(from);
    if (cable->no_pfc || cable->link_pause) from->lossless = from->obeys = 0;
    from->link_pause = cable->link_pause;
    sim_rng_init(&from->errors, run->config.seed, name, "bit errors");
    from->bits_to_error = INT64_MAX;
    if (cable->bit_errors)
        from->bits_to_error =
            sim_rng_exponential(&from->errors, INT64_C(1000000000000000000) / cable->bit_errors);
    sim_resource_init(&from->resource, name, "link", 1);
    sim_resource_watch(&from->resource, &from->busy, &from->busy_until);
    sim_meter_resource(run, &from->resource);
    *SIM_PUSH(&run->arena, &from->fabric->ports) = from;
}

static void cable_add_events(SimRun *run, FabricPort *from) {
    char label[48];
    snprintf(label, sizeof label, "%u/transmit", from->number);
    sim_slot_add(run, from->domain, SIM_PHASE_TRANSMIT, label, &from->transmit_slot, from->transmit,
                 from);
    snprintf(label, sizeof label, "%u/refresh", from->number);
    sim_timer_add(run, from->domain, SIM_PHASE_TIMER, label, &from->refresh, port_refresh, from);
    snprintf(label, sizeof label, "%u/watchdog", from->number);
    sim_timer_add(run, from->domain, SIM_PHASE_TIMER, label, &from->watchdog, port_watchdog, from);
    if (from->pause_response) {
        snprintf(label, sizeof label, "%u/response", from->number);
        sim_timer_add(run, from->domain, SIM_PHASE_TIMER, label, &from->response, port_respond,
                      from);
    }
    FabricPort *to = from->peer; /* an arrival is an event of the domain it happens in */
    snprintf(label, sizeof label, "%u/arrival", to->number);
    sim_slot_add(run, to->domain, SIM_PHASE_ARRIVAL, label, &from->arrival_slot, to->arrive, from);
}

static void port_count(SimRun *run, FabricPort *port, const char *metric, const int64_t *value) {
    sim_meter_count(run, "port", port->name, metric, "", value);
}

static void port_add_meters(SimRun *run, FabricPort *port) {
    sim_meter_sum(run, "port", port->name, "frames", "", &port->control.frames,
                  &port->sent[0].frames, FABRIC_PRIORITIES, sizeof port->sent[0]);
    sim_meter_sum(run, "port", port->name, "bytes", "bytes", &port->control.bytes,
                  &port->sent[0].bytes, FABRIC_PRIORITIES, sizeof port->sent[0]);
    port_count(run, port, "pauses_sent", &port->pauses_sent);
    port_count(run, port, "pauses_received", &port->pauses_received);
    port_count(run, port, "dropped.cut", &port->drops.cut);
    port_count(run, port, "dropped.error", &port->drops.error);
    port_count(run, port, "dropped.silent", &port->drops.silent);
    port_count(run, port, "dropped.buffer", &port->drops.buffer);
    port_count(run, port, "dropped.mtu", &port->drops.mtu);
    port_count(run, port, "dropped.no_route", &port->drops.no_route);
    if (port->at && port->at->routes)
        port_count(run, port, "dropped.unroutable", &port->drops.unroutable);
    if (port->at && port->at->watchdog) {
        port_count(run, port, "dropped.watchdog", &port->drops.watchdog);
        port_count(run, port, "watchdog_events", &port->watchdog_events);
    }
}

/* What an operator's tools show by priority. `rx_` counts are kept where the frames came from. */
void fabric_port_counters(SimRun *run, FabricPort *port) {
    if (!run->config.sample_every) return;
    FabricPort *peer = port->peer;
    const FabricFlow *in = port->received ? port->received : peer->sent;
    for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++) {
        const struct {
            const char *metric;
            const int64_t *value;
        } counter[] = {{"tx_prio%u_packets", &port->sent[p].frames},
                       {"tx_prio%u_bytes", &port->sent[p].bytes},
                       {"rx_prio%u_packets", &in[p].frames},
                       {"rx_prio%u_bytes", &in[p].bytes},
                       {"tx_prio%u_pause", &port->pauses_sent_of[p]},
                       {"rx_prio%u_pause", &port->pauses_received_of[p]},
                       {"rx_prio%u_pause_duration", &port->pause_time_of[p]},
                       {(port->lossless >> p & 1) ? "rx_prio%u_buf_discard" : "rx_prio%u_discard",
                        &port->discards_of[p]}};
        for (uint32_t i = 0; i < sizeof counter / sizeof *counter; i++) {
            char metric[48];
            snprintf(metric, sizeof metric, counter[i].metric, p);
            sim_meter_counter(run, "port", port->name, sim_arena_printf(&run->arena, "%s", metric),
                              "", counter[i].value);
        }
    }
    const FabricDrops *d = &port->drops;
    sim_meter_counter(run, "port", port->name, "rx_discards", "", &port->discards);
    sim_meter_counter(run, "port", port->name, "rx_crc_errors", "", &peer->drops.error);
    sim_meter_counter(run, "port", port->name, "rx_oversize", "", &d->mtu);
    sim_meter_counter(run, "port", port->name, "tx_pause_ctrl", "", &port->link_pauses_sent);
    sim_meter_counter(run, "port", port->name, "rx_pause_ctrl", "", &port->link_pauses_received);
    sim_meter_counter(run, "port", port->name, "tx_ecn_marked", "", &port->ecn_marked);
    sim_meter_counter(run, "port", port->name, "watchdog_events", "", &port->watchdog_events);
    sim_meter_counter(run, "port", port->name, "link_down_events", "", &port->link_downs);
}

void fabric_connect(SimRun *run, FabricPort *a, FabricPort *b, const FabricCable *cable,
                    const char *name_a, const char *name_b, FabricLatency at_a,
                    FabricLatency at_b) {
    SIM_CHECK(!a->peer && !b->peer);
    cable_lay(run, a, b, cable, name_a, at_a.out, at_b.in);
    cable_lay(run, b, a, cable, name_b, at_b.out, at_a.in);
    cable_add_events(run, a);
    cable_add_events(run, b);
    port_add_meters(run, a);
    port_add_meters(run, b);
}

void fabric_port_carry(SimRun *run, FabricPort *port, uint16_t vlan) {
    enum { VLANS = 4096, WORD = 64 };
    FabricPort *at_switch = port->peer;
    if (!at_switch || !at_switch->at) return;
    if (!at_switch->vlans) at_switch->vlans = SIM_NEW_N(&run->arena, uint64_t, VLANS / WORD);
    at_switch->vlans[vlan % VLANS / WORD] |= UINT64_C(1) << (vlan % WORD);
}
