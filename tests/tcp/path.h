/* path.h: one bulk transfer over a scripted path: loss, a shaper with a queue, a delay. */
#ifndef TESTS_TCP_PATH_H
#define TESTS_TCP_PATH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/nic/tcp.h"
#include "models/nic/tcp_congestion.h"
#include "sim/base/rng.h"

/* Ethernet 14, IPv4 20, TCP 20 with timestamps 12: what a queue of the path counts. */
enum { PATH_HEADERS = 66, PATH_RING = 1 << 13 };

typedef struct Path {
    const NicCongestionOps *algorithm;
    TcpEcn ecn;
    SimTime rtt;
    uint64_t loss;      /* of data, in 2^-64 */
    int64_t rate;       /* bit/s, 0: unlimited */
    int64_t burst;      /* bytes of the token bucket */
    int64_t late_ppm;   /* share of the path's timers that are late */
    SimTime late;       /* and by how much, on average */
    int64_t buffer;     /* bytes; 0: unlimited */
    SimTime mark;       /* sojourn above which a departing packet is marked; 0: none */
    SimTime begin, end; /* goodput is measured between */
    uint64_t seed;
    /* a test's own rule: true drops the n-th data segment */
    bool (*drop)(void *owner, uint64_t n, const TcpSegment *p);
    void *owner;
    uint32_t bytes; /* to send in all, 0: without end */
    bool without_probes;
    bool audit; /* the scoreboard after every step */
} Path;

typedef struct PathResult {
    double goodput; /* bit/s */
    int64_t retransmissions, expiries, drops, packets, marks;
    double window, srtt; /* means over samples of 100 ms: segments, seconds */
    SimTime finished;    /* all `bytes` acknowledged */
} PathResult;

typedef struct PathFlight {
    SimTime due;
    TcpSegment p;
} PathFlight;

typedef struct PathLine {
    PathFlight ring[PATH_RING];
    uint32_t head, tail;
    SimTime wake; /* of the timer that releases what is due */
} PathLine;

typedef struct PathRun {
    const Path *path;
    TcpSender sender;
    TcpReceiver receiver;
    TcpConfig config;
    PathLine data, acks;
    SimRng rng;
    SimTime now;
    uint64_t n;
    PathLine queue; /* of the shaper; due: when it came */
    int64_t queued; /* bytes */
    SimTime full;   /* the bucket is full then */
    SimTime wake;
    PathResult result;
} PathRun;

static inline void path_push(PathLine *line, SimTime due, const TcpSegment *p) {
    if (line->tail - line->head == PATH_RING) abort();
    line->ring[line->tail++ % PATH_RING] = (PathFlight){due, *p};
}

static inline SimTime path_late(PathRun *r) {
    if (!r->path->late_ppm || !sim_rng_ratio(&r->rng, r->path->late_ppm)) return 0;
    return sim_rng_exponential(&r->rng, r->path->late);
}

/* When the first of a delay line comes out: its timer is late, and takes along what is due then. */
static inline SimTime path_due(PathRun *r, PathLine *line) {
    if (line->head == line->tail) return SIM_NEVER;
    SimTime due = line->ring[line->head % PATH_RING].due;
    if (due > line->wake) line->wake = due + path_late(r);
    return line->wake;
}

/* Token bucket: `full` is when the bucket would be full; a packet costs its time at the rate. It is
 * looked at when a packet comes, and by a timer when there are tokens for the first one. */
static inline void path_shape(PathRun *r) {
    const Path *path = r->path;
    SimTime depth = path->burst * SIM_BYTE_TICKS_AT_1BPS / path->rate;
    r->wake = SIM_NEVER;
    while (r->queue.head != r->queue.tail) {
        PathFlight *f = &r->queue.ring[r->queue.head % PATH_RING];
        int64_t size = f->p.bytes + PATH_HEADERS;
        SimTime cost = size * SIM_BYTE_TICKS_AT_1BPS / path->rate;
        if (r->full < r->now) r->full = r->now;
        if (r->full + cost - depth > r->now) {
            r->wake = r->full + cost - depth + path_late(r);
            return;
        }
        r->full += cost;
        r->queue.head++;
        r->queued -= size;
        if (path->mark && r->now - f->due > path->mark) {
            f->p.ce = true;
            r->result.marks++;
        }
        r->result.packets++;
        path_push(&r->data, r->now + path->rtt / 2, &f->p);
    }
}

static inline bool path_enqueue(PathRun *r, const TcpSegment *p) {
    int64_t size = p->bytes + PATH_HEADERS;
    if (r->path->buffer && r->queued + size > r->path->buffer) return false;
    r->queued += size;
    path_push(&r->queue, r->now, p);
    path_shape(r);
    return true;
}

static inline void path_send(PathRun *r) {
    TcpSegment p;
    while (memset(&p, 0, sizeof p), tcp_sender_next(&r->sender, r->now, &p)) {
        uint64_t n = r->n++;
        bool drop = r->path->drop ? r->path->drop(r->path->owner, n, &p)
                                  : r->path->loss && sim_rng_next(&r->rng) < r->path->loss;
        if (!drop && r->path->rate) {
            drop = !path_enqueue(r, &p);
        } else if (!drop) {
            r->result.packets++;
            path_push(&r->data, r->now + r->path->rtt / 2, &p);
        }
        r->result.drops += drop;
    }
}

static inline void path_acknowledge(PathRun *r) {
    while (tcp_receiver_owes(&r->receiver)) {
        TcpSegment a = {0};
        tcp_receiver_ack(&r->receiver, &a);
        path_push(&r->acks, r->now + r->path->rtt / 2, &a);
    }
}

/* The list covers una .. top without a gap, and the counts are what it says. */
static inline void path_audit(const TcpSender *s) {
    uint32_t at = s->una, bytes[4] = {0}, n = 0, resent = 0;
    for (const TcpPiece *p = s->board.first; p; p = p->next, n++) {
        if (p->first != at || p->first == p->end) ck_abort_msg("the scoreboard has a gap");
        bytes[p->state] += p->end - p->first;
        resent += p->state == TCP_RESENT;
        at = p->end;
    }
    const TcpPiece *hint = s->board.first;
    while (hint && hint->state != TCP_LOST)
        hint = hint->next;
    uint32_t order = 0;
    for (const TcpPiece *p = s->oldest; p; p = p->later, resent--) {
        if (tcp_before(p->order, order)) ck_abort_msg("retransmissions are out of order");
        order = p->order;
    }
    if (n && at != s->top) ck_abort_msg("the scoreboard does not end at top");
    if (resent || hint != s->hint) ck_abort_msg("a list and the states of pieces differ");
    if (bytes[TCP_PLAIN] != s->plain || bytes[TCP_SACKED] != s->sacked ||
        bytes[TCP_LOST] != s->lost)
        ck_abort_msg("counts differ from the scoreboard");
    if (tcp_before(s->next, s->top)) ck_abort_msg("top is beyond what was sent");
}

static inline SimTime path_step(PathRun *r) {
    SimTime data = path_due(r, &r->data), ack = path_due(r, &r->acks),
            next = data < ack ? data : ack;
    if (r->sender.deadline < next) next = r->sender.deadline;
    if (r->receiver.deadline < next) next = r->receiver.deadline;
    if (r->wake < next) next = r->wake;
    r->now = next;
    if (r->wake == next) {
        path_shape(r);
        return next;
    }
    if (data == next) {
        const TcpSegment *p = &r->data.ring[r->data.head++ % PATH_RING].p;
        tcp_receiver_segment(&r->receiver, next, p, false);
        if (path_due(r, &r->data) == next) return next; /* LRO: one ACK for what comes together */
    } else if (ack == next) {
        tcp_sender_acked(&r->sender, next, &r->acks.ring[r->acks.head++ % PATH_RING].p);
    } else if (r->sender.deadline == next) {
        tcp_sender_timer(&r->sender, next);
    } else {
        tcp_receiver_timer(&r->receiver, next);
    }
    path_acknowledge(r);
    if (!r->path->bytes && tcp_sender_outstanding(&r->sender) < UINT32_C(1) << 29)
        tcp_sender_write(&r->sender, UINT32_C(1) << 29);
    if (r->path->audit) path_audit(&r->sender);
    path_send(r);
    if (r->path->audit) path_audit(&r->sender);
    return next;
}

static inline PathResult path_run(const Path *path) {
    static PathRun run; /* large: taken once */
    PathRun *r = &run;
    memset(r, 0, sizeof *r);
    SimArena arena;
    SimPool pool;
    sim_arena_init(&arena);
    sim_pool_init(&pool, &arena, sizeof(TcpPiece));
    r->path = path;
    r->config = (TcpConfig){.mss = 1448,
                            .receive_window = 6 << 20,
                            .ecn = path->ecn,
                            .probes = !path->without_probes,
                            .quick_acks = 16,
                            .delayed_ack = 40 * SIM_MS,
                            .rto_min = 200 * SIM_MS,
                            .rto_initial = SIM_S,
                            .rto_max = 120 * SIM_S,
                            .timer_grain = 8 * SIM_MS};
    sim_rng_init(&r->rng, path->seed, "path", "loss");
    NicCongestion *c = calloc(1, path->algorithm->size);
    c->ops = path->algorithm;
    c->ops->start(c, &(TcpWindowParams){10}, INT64_C(1000000000), r->config.mss);
    r->sender.config = r->receiver.config = &r->config;
    r->sender.congestion = c;
    r->sender.pool = r->receiver.pool = &pool;
    tcp_sender_init(&r->sender, (uint32_t)-100000); /* numbers wrap early */
    tcp_receiver_init(&r->receiver, (uint32_t)-100000);
    tcp_sender_write(&r->sender, path->bytes ? path->bytes : UINT32_C(1) << 29);
    r->wake = SIM_NEVER;
    uint64_t from = 0;
    int64_t before = 0, sum = 0, samples = 0;
    __int128 srtt = 0;
    SimTime sample = path->begin;
    bool begun = false;
    path_send(r);
    while (r->now < path->end && !r->result.finished) {
        SimTime now = path_step(r);
        if (now == SIM_NEVER) break;
        if (!begun && now >= path->begin) {
            begun = true;
            from = r->sender.position;
            before = r->sender.retransmissions;
        }
        for (; sample <= now; sample += 100 * SIM_MS, samples++) {
            sum += r->sender.window / r->config.mss;
            srtt += r->sender.srtt;
        }
        if (path->bytes && r->sender.una == r->sender.written) r->result.finished = now;
    }
    r->result.goodput =
        (double)(r->sender.position - from) * 8 * (double)SIM_S / (double)(path->end - path->begin);
    r->result.retransmissions = r->sender.retransmissions - before;
    r->result.expiries = r->sender.expiries;
    r->result.window = samples ? (double)sum / (double)samples : 0;
    r->result.srtt = samples ? (double)srtt / (double)samples / (double)SIM_S : 0;
    PathResult result = r->result;
    tcp_sender_clear(&r->sender);
    tcp_receiver_clear(&r->receiver);
    ck_assert_uint_eq(pool.in_use, 0);
    sim_arena_clear(&arena);
    free(c);
    return result;
}

#endif
