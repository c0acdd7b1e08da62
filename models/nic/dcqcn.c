#include "models/nic/dcqcn.h"

#include "sim/base/assert.h"

typedef double Share; /* allow: double: alpha, as in every implementation that figures exist of */

typedef struct Dcqcn {
    NicCongestion base;
    const NicDcqcn *params;
    int64_t line, target;
    Share alpha, g, keep; /* keep = 1 - g */
    SimTime alpha_at;     /* of the first update that has not been made */
    SimTime cut_at;       /* of the check that will cut; SIM_NEVER: no CNP waits for one */
    SimTime cut_grid;     /* a check that has not been made; those before it have */
    SimTime increase_at;  /* SIM_NEVER: no increase can change anything */
    int64_t bytes;        /* sent towards the next increase */
    int64_t timer_stages, byte_stages; /* increases since the last cut */
    bool begun;                        /* there has been a CNP */
    bool flag;                         /* and one since the last update of alpha */
} Dcqcn;

static void set_wake(Dcqcn *d) {
    d->base.wake = d->increase_at < d->cut_at ? d->increase_at : d->cut_at;
}

static Share share(int64_t parts) {
    return (Share)parts / (Share)NIC_DCQCN_ONE;
}

static void start(NicCongestion *c, const void *params, int64_t line, uint32_t segment) {
    (void)segment;
    const NicCongestionOps *ops = c->ops;
    Dcqcn *d = (Dcqcn *)c;
    const NicDcqcn *p = params;
    *d = (Dcqcn){.base = {ops, line, INT64_MAX, SIM_NEVER},
                 .params = p,
                 .line = line,
                 .target = line,
                 .alpha = share(p->alpha_start),
                 .g = share(p->g),
                 .cut_at = SIM_NEVER,
                 .increase_at = SIM_NEVER};
    d->keep = 1 - d->g;
}

/* Makes the updates of alpha up to and with `until`. */
static void update_alpha(Dcqcn *d, SimTime until) {
    SimTime period = d->params->alpha_timer;
    while (d->alpha_at <= until) {
        Share next = d->keep * d->alpha;
        if (d->flag) next = next + d->g;
        bool same = next == d->alpha && !d->flag;
        d->alpha = next;
        d->flag = false;
        d->alpha_at += period;
        if (same && d->alpha_at <= until) /* no further one will change it either */
            d->alpha_at += ((until - d->alpha_at) / period + 1) * period;
    }
}

static void cut(Dcqcn *d, SimTime now) {
    const NicDcqcn *p = d->params;
    int64_t rate = d->base.rate;
    if (p->clamp == NIC_DCQCN_CLAMP_ALWAYS || d->timer_stages + d->byte_stages > 0)
        d->target = rate;
    int64_t least = (int64_t)((__int128)rate * p->min_factor / 1000000);
    if (least < p->min_rate) least = p->min_rate < rate ? p->min_rate : rate;
    rate = (int64_t)((Share)rate * (1 - d->alpha / 2));
    d->base.rate = rate > least ? rate : least;
    d->timer_stages = d->byte_stages = 0;
    d->bytes = 0;
    d->increase_at = now + p->increase_timer;
    d->cut_at = SIM_NEVER;
}

/* One increase; stages count those before it. False where neither it nor any after it changes
 * anything before the next cut. */
static bool increase(Dcqcn *d) {
    const NicDcqcn *p = d->params;
    int64_t a = d->timer_stages, b = p->byte_counter ? d->byte_stages : a;
    int64_t most = a > b ? a : b, fewest = a < b ? a : b;
    if (most >= p->fast_recovery) {
        d->target += fewest > p->fast_recovery ? p->hai : p->ai;
        if (d->target > d->line) d->target = d->line;
    }
    int64_t before = d->base.rate;
    d->base.rate = before / 2 + d->target / 2;
    return d->base.rate != before || d->target != d->line;
}

/* What is due at `wake`. */
static void step(Dcqcn *d) {
    SimTime now = d->base.wake;
    if (d->increase_at == now) {
        d->increase_at = increase(d) ? now + d->params->increase_timer : SIM_NEVER;
        d->timer_stages++;
    }
    if (d->cut_at == now) {
        update_alpha(d, now);
        cut(d, now);
        d->cut_grid = now + d->params->cut_interval;
    }
    set_wake(d);
}

static void tick(NicCongestion *c, SimTime now) {
    while (c->wake <= now)
        step((Dcqcn *)c);
}

static void notified(NicCongestion *c, SimTime now) {
    Dcqcn *d = (Dcqcn *)c;
    const NicDcqcn *p = d->params;
    while (c->wake < now)
        step(d);
    bool first = !d->begun;
    if (first) {
        d->begun = true;
        d->alpha_at = now + p->alpha_timer;
        d->cut_grid = now + p->cut_interval + p->cut_delay;
    }
    update_alpha(d, now - 1);
    if (p->cut_interval == 0) {
        cut(d, now);
    } else if (d->cut_at == SIM_NEVER) {
        SimTime late = now - d->cut_grid;
        if (late > 0)
            d->cut_grid += (late + p->cut_interval - 1) / p->cut_interval * p->cut_interval;
        d->cut_at = d->cut_grid;
    }
    if (p->alpha_rule == NIC_DCQCN_ALPHA_AT_CNP) {
        d->alpha = d->keep * d->alpha + d->g;
        d->alpha_at = now + p->alpha_timer;
    } else {
        d->flag = !first;
    }
    set_wake(d);
}

static void sent(NicCongestion *c, SimTime now, uint32_t bytes) {
    (void)now;
    Dcqcn *d = (Dcqcn *)c;
    if (d->increase_at == SIM_NEVER) return;
    d->bytes += bytes;
    while (d->bytes >= d->params->byte_counter) {
        d->bytes -= d->params->byte_counter;
        bool more = increase(d);
        d->byte_stages++;
        if (more) continue;
        d->increase_at = SIM_NEVER;
        set_wake(d);
        return;
    }
}

#define OPS(preset_name, cnps, on_sent)                                                            \
    {                                                                                              \
        .name = preset_name, .size = sizeof(Dcqcn), .notifies = cnps, .start = start,              \
        .notified = notified, .sent = on_sent, .tick = tick                                        \
    }

const NicCongestionOps *nic_dcqcn_ops(int preset, const NicDcqcn *params) {
    static const NicCongestionOps ops[NIC_DCQCN_PRESETS][2] = {
        [NIC_DCQCN_PAPER] = {OPS("dcqcn-paper", true, NULL), OPS("dcqcn-paper", true, sent)},
        [NIC_DCQCN_VENDOR] = {OPS("dcqcn-vendor", true, NULL), OPS("dcqcn-vendor", true, sent)},
        [NIC_DCQCN_ACK] = {OPS("dcqcn-ack", false, NULL), OPS("dcqcn-ack", false, sent)},
    };
    SIM_CHECK(preset >= 0 && preset < NIC_DCQCN_PRESETS);
    return &ops[preset][params->byte_counter > 0];
}
