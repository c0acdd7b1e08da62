/* pipe.c: see pipe.h. */
#include "models/nic/pipe.h"

#include <stdio.h>

#include "models/frame/frame.h"

enum { LOSSLESS, LOSSY };

static uint8_t pipe_priorities(const NicPipe *pipe) {
    const FabricPort *f = &pipe->port->fabric;
    return f->link_pause ? 0xFF : f->lossless;
}

static uint32_t pipe_share(const NicPipe *pipe, const SimPacket *p) {
    return pipe_priorities(pipe) >> p->priority & 1 ? LOSSLESS : LOSSY;
}

static int64_t pipe_bytes(const NicPipe *pipe, const SimPacket *p) {
    return (int64_t)p->line_bytes - pipe->port->fabric.fabric->gap;
}

/* ---- pauses ---- */

static void pipe_ask(SimRun *run, NicPipe *pipe, bool pause) {
    FabricPort *f = &pipe->port->fabric;
    if (pipe->muted || !f->up) return;
    if (pause) f->pause_cause = pipe->name;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        if (pipe_priorities(pipe) >> i & 1) fabric_port_want_pause(run, f, i, pause);
}

/* Pausing has begun: from now on the watchdog counts. */
static void pipe_watch(SimRun *run, NicPipe *pipe) {
    SimTime patience = pipe->port->host->params->nic->pfc_watchdog;
    if (!patience) return;
    pipe->moved = run->context.now;
    sim_timer_set(run, &pipe->watchdog, pipe->moved + patience);
}

static void pipe_set_pausing(SimRun *run, NicPipe *pipe, bool pausing) {
    if (pipe->pausing == pausing) return;
    pipe->pausing = pausing;
    if (pipe->stuck) return; /* it pauses for ever */
    pipe_ask(run, pipe, pausing);
    if (pausing) pipe_watch(run, pipe);
}

/* Nothing has come out for long while the switch is paused: no more pauses. */
static void pipe_bark(SimRun *run, void *owner) {
    NicPipe *pipe = owner;
    FabricPort *f = &pipe->port->fabric;
    SimTime due = pipe->moved + pipe->port->host->params->nic->pfc_watchdog;
    if (pipe->muted || !f->pause_wanted) return;
    if (due > run->context.now) {
        sim_timer_set(run, &pipe->watchdog, due);
        return;
    }
    pipe->muted = true;
    pipe->muted_events++;
    f->stormy = false;
    f->pause_wanted = f->pause_dirty = 0; /* the pause at the switch runs out */
}

static void pipe_moves(SimRun *run, NicPipe *pipe) {
    pipe->moved = run->context.now;
    if (!pipe->muted) return;
    pipe->muted = false;
    if (pipe->pausing) pipe_ask(run, pipe, true);
}

/* ---- what a frame costs ---- */

static bool carries_data(const SimPacket *p) {
    return p->payload && p->op < FABRIC_PFC && p->op != FRAME_ACK && p->op != FRAME_READ_REQUEST &&
           p->op != FRAME_CNP;
}

/* Misses among the pages that a frame's payload falls into. */
static int64_t pipe_translate(NicPipe *pipe, const NicConnection *c, const SimPacket *p) {
    uint64_t page = (uint64_t)pipe->params->page, memory = (uint64_t)pipe->params->memory;
    uint64_t *position = &pipe->position[c->place];
    uint64_t end = *position + p->payload;
    int64_t misses = 0;
    for (uint64_t at = *position / page * page; at < end; at += page)
        misses += !nic_lru_use(&pipe->translations, (uint64_t)c->index << 32 | at % memory / page);
    *position = end % memory;
    return misses;
}

static SimTime pipe_cost(NicPipe *pipe, const SimPacket *p) {
    const NicPipeParams *params = pipe->params;
    if (!params) return 0;
    const NicConnection *c = pipe->port->host->nic->connections[p->qp];
    SimTime cost = 0;
    if (params->pcie != SIM_ABSENT) cost += sim_rate_ticks(&pipe->rate, pipe_bytes(pipe, p));
    if (params->contexts != SIM_ABSENT && !nic_lru_use(&pipe->contexts, c->index)) {
        pipe->context_misses++;
        cost += params->context_miss;
    }
    if (params->translations != SIM_ABSENT && carries_data(p)) {
        int64_t misses = pipe_translate(pipe, c, p);
        pipe->translation_misses += misses;
        cost += misses * params->translation_miss;
    }
    return cost;
}

/* ---- through PCIe ---- */

static void pipe_begin(SimRun *run, NicPipe *pipe) {
    pipe->busy_until = run->context.now + pipe->cost;
    pipe->busy += pipe->cost;
    sim_timer_set(run, &pipe->done, pipe->busy_until);
}

static void pipe_done(SimRun *run, void *owner) {
    NicPipe *pipe = owner;
    SimPacket *p = fabric_queue_pop(&pipe->queue);
    uint32_t share = pipe_share(pipe, p);
    pipe->port->fabric.kept--;
    pipe->held[share] -= pipe_bytes(pipe, p);
    if (share == LOSSLESS && pipe->held[share] <= pipe->xon) pipe_set_pausing(run, pipe, false);
    pipe_moves(run, pipe);
    if (pipe->queue.first) {
        pipe->cost = pipe_cost(pipe, pipe->queue.first);
        pipe_begin(run, pipe);
    }
    nic_port_deliver(run, pipe->port, p);
}

static void pipe_drop(NicPipe *pipe, SimPacket *p) {
    FabricPort *f = &pipe->port->fabric;
    f->discards_of[p->priority]++;
    f->discards++;
    fabric_packet_drop(f->fabric, p, &f->drops.buffer);
}

void nic_pipe_take(SimRun *run, NicPipe *pipe, SimPacket *p) {
    uint32_t share = pipe_share(pipe, p);
    int64_t bytes = pipe_bytes(pipe, p);
    bool idle = !pipe->queue.first;
    if (idle) pipe->priced = !pipe->stuck;
    if (idle && !pipe->stuck) {
        pipe->cost = pipe_cost(pipe, p);
        if (!pipe->cost) {
            pipe_moves(run, pipe);
            nic_port_deliver(run, pipe->port, p);
            return;
        }
    }
    if (pipe->held[share] + bytes > pipe->buffer) {
        pipe_drop(pipe, p);
        return;
    }
    fabric_queue_push(&pipe->queue, p);
    pipe->port->fabric.kept++;
    pipe->held[share] += bytes;
    if (share == LOSSLESS && pipe->held[share] >= pipe->xoff) pipe_set_pausing(run, pipe, true);
    if (idle && !pipe->stuck) pipe_begin(run, pipe);
}

/* ---- faults ---- */

void nic_pipe_link_up(SimRun *run, NicPipe *pipe) {
    if (pipe->pausing && !pipe->stuck) pipe_ask(run, pipe, true);
}

void nic_pipe_stick(SimRun *run, NicPipe *pipe, bool stuck) {
    pipe->stuck = stuck;
    fabric_port_storm(run, &pipe->port->fabric, stuck);
    if (stuck) {
        sim_timer_stop(&pipe->done); /* the frame under way starts anew later */
        pipe_watch(run, pipe);
        return;
    }
    pipe_moves(run, pipe);
    if (pipe->pausing) pipe_ask(run, pipe, true);
    if (!pipe->queue.first) return;
    if (!pipe->priced) pipe->cost = pipe_cost(pipe, pipe->queue.first);
    pipe->priced = true;
    pipe_begin(run, pipe);
}

/* ---- building ---- */

void nic_pipe_add(SimRun *run, NicPort *port) {
    if (port->pipe) return;
    NicPipe *pipe = SIM_NEW(&run->arena, NicPipe);
    SimDomain domain = port->host->domain;
    port->pipe = pipe;
    pipe->port = port;
    pipe->params = port->host->params->nic->receive;
    pipe->name = sim_arena_printf(&run->arena, "%s receive", port->name);
    char label[32];
    snprintf(label, sizeof label, "%u/receive", port->fabric.number);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, label, &pipe->done, pipe_done, pipe);
    snprintf(label, sizeof label, "%u/receive watchdog", port->fabric.number);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, label, &pipe->watchdog, pipe_bark, pipe);
    sim_resource_init(&pipe->resource, pipe->name, "pcie", 1);
    sim_resource_watch(&pipe->resource, &pipe->busy, &pipe->busy_until);
    sim_meter_resource(run, &pipe->resource);
    sim_meter_count(run, "port", port->name, "context_misses", "", &pipe->context_misses);
    sim_meter_count(run, "port", port->name, "translation_misses", "", &pipe->translation_misses);
    sim_meter_count(run, "port", port->name, "storms_ended", "", &pipe->muted_events);
}

/* Bytes below which the switch need not be paused: the rest is for the frame that crosses them and
 * for what comes after it. */
static int64_t pipe_threshold(const FabricPort *f, int64_t buffer) {
    enum { LARGEST_LINE = 9216 + 20 };
    int64_t frame = f->peer->at ? f->peer->at->largest : LARGEST_LINE;
    int64_t headroom = fabric_headroom(f->bps, f->delay + f->peer->delay, frame);
    return buffer > headroom + frame ? buffer - headroom - frame : 0;
}

void nic_pipe_start(SimRun *run, NicPipe *pipe) {
    enum { BUFFER = 256 << 10 }; /* as the default of its parameter */
    const NicPipeParams *params = pipe->params;
    const FabricPort *f = &pipe->port->fabric;
    if (!f->peer) return;
    pipe->buffer = params ? params->buffer : BUFFER;
    pipe->xoff =
        params && params->xoff != SIM_ABSENT ? params->xoff : pipe_threshold(f, pipe->buffer);
    pipe->xon = params && params->xon != SIM_ABSENT ? params->xon : pipe->xoff / 4 * 3;
    if (!params) return;
    if (params->pcie != SIM_ABSENT) pipe->rate = sim_rate(params->pcie);
    if (params->contexts != SIM_ABSENT)
        nic_lru_init(&pipe->contexts, &run->arena, (uint32_t)params->contexts);
    if (params->translations == SIM_ABSENT) return;
    nic_lru_init(&pipe->translations, &run->arena, (uint32_t)params->translations);
    pipe->position = SIM_NEW_N(&run->arena, uint64_t, pipe->port->host->n_connections);
}
