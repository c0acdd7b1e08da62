/* links: rackcast_models */
/* test_dcqcn.c: DCQCN against arithmetic by hand, another program's trace, a naive copy of its
 * rules that makes every update an event, and its published fixed points. */
#include "models/nic/dcqcn.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/rng.h"
#include "tests/property/quick.h"

#define GBPS INT64_C(1000000000)
#define MBPS INT64_C(1000000)

static NicCongestion *begin(int preset, const NicDcqcn *params, int64_t line) {
    const NicCongestionOps *ops = nic_dcqcn_ops(preset, params);
    NicCongestion *c = calloc(1, ops->size);
    ck_assert_ptr_nonnull(c);
    c->ops = ops;
    ops->start(c, params, line, 1024);
    return c;
}

/* The rate after everything that is due by `now`. */
static int64_t rate_at(NicCongestion *c, SimTime now) {
    while (c->wake <= now)
        c->ops->tick(c, c->wake);
    return c->rate;
}

/* ---- by hand ---- */

START_TEST(nothing_happens_before_the_first_cnp) {
    for (int preset = 0; preset < NIC_DCQCN_PRESETS; preset++) {
        NicDcqcn params = nic_dcqcn_resolve(NULL, preset);
        NicCongestion *c = begin(preset, &params, 25 * GBPS);
        ck_assert_int_eq(c->rate, 25 * GBPS);
        ck_assert_int_eq(c->window, INT64_MAX);
        ck_assert_int_eq(c->wake, SIM_NEVER);
        for (int k = 0; c->ops->sent && k < 30000; k++)
            c->ops->sent(c, k, 1110);
        ck_assert_int_eq(c->rate, 25 * GBPS);
        ck_assert_int_eq(c->wake, SIM_NEVER);
        ck_assert(c->ops->notifies == (preset != NIC_DCQCN_ACK));
        free(c);
    }
}
END_TEST

START_TEST(paper_cuts_recovers_and_rises) {
    NicDcqcn params = nic_dcqcn_resolve(NULL, NIC_DCQCN_PAPER);
    NicCongestion *c = begin(NIC_DCQCN_PAPER, &params, 40 * GBPS);
    c->ops->notified(c, 0);
    ck_assert_int_eq(c->rate, 20 * GBPS); /* alpha 1, and stays 1 */
    ck_assert_int_eq(c->wake, 55 * SIM_US);
    c->ops->notified(c, 50 * SIM_US);
    ck_assert_int_eq(c->rate, 10 * GBPS); /* target 20 */
    static const int64_t recovery[] = {15000, 17500, 18750, 19375, 19687};
    for (int k = 0; k < 5; k++) {
        SimTime at = (50 + 55 * (k + 1)) * SIM_US;
        rate_at(c, at - 1);
        ck_assert_int_eq(c->wake, at);
        ck_assert_int_eq(rate_at(c, at) / MBPS, recovery[k]);
    }
    ck_assert_int_eq(c->rate, 19687500000);
    /* sixth: target 20.04; the byte counter's first and second */
    ck_assert_int_eq(rate_at(c, 380 * SIM_US), 19863750000);
    c->ops->sent(c, 381 * SIM_US, 9999999);
    ck_assert_int_eq(c->rate, 19863750000);
    c->ops->sent(c, 382 * SIM_US, 1); /* target 20.08 */
    ck_assert_int_eq(c->rate, 19971875000);
    c->ops->sent(c, 383 * SIM_US, 10000000); /* 20.12 */
    ck_assert_int_eq(c->rate, 20045937500);
    /* alpha has decayed at 105, 160, ..., 380 us */
    double alpha = 1;
    for (int k = 0; k < 6; k++)
        alpha = alpha * 255 / 256;
    c->ops->notified(c, 400 * SIM_US);
    ck_assert_int_eq(c->rate, (int64_t)(20045937500 * (1 - alpha / 2)));
    ck_assert_int_eq(c->wake, 455 * SIM_US);
    /* the count of bytes begins anew */
    int64_t rate = c->rate;
    c->ops->sent(c, 401 * SIM_US, 9999999);
    ck_assert_int_eq(c->rate, rate);
    free(c);
}
END_TEST

/* Both counts beyond F: 200 Mb/s a step. */
START_TEST(paper_rises_faster_when_both_counts_agree) {
    NicDcqcn params = nic_dcqcn_resolve(NULL, NIC_DCQCN_PAPER);
    NicCongestion *c = begin(NIC_DCQCN_PAPER, &params, 40 * GBPS);
    c->ops->notified(c, 0);
    c->ops->notified(c, 1);
    for (int k = 0; k < 6; k++) /* sixth: 20.04 */
        c->ops->sent(c, 2, 10000000);
    rate_at(c, 1 + 5 * 55 * SIM_US);                  /* five more of 40 */
    int64_t before = rate_at(c, 1 + 6 * 55 * SIM_US); /* and a sixth */
    ck_assert_int_ge(before, 20110 * MBPS);
    ck_assert_int_lt(before, 20280 * MBPS);
    /* target 20.28, then 20.48 */
    ck_assert_int_eq(rate_at(c, 1 + 7 * 55 * SIM_US), before / 2 + 20480 * MBPS / 2);
    free(c);
}
END_TEST

START_TEST(vendor_checks_on_its_grid) {
    NicDcqcn params = nic_dcqcn_resolve(NULL, NIC_DCQCN_VENDOR);
    NicCongestion *c = begin(NIC_DCQCN_VENDOR, &params, 25 * GBPS);
    c->ops->notified(c, 10 * SIM_US);
    ck_assert_int_eq(c->wake, 14 * SIM_US);
    ck_assert_int_eq(c->rate, 25 * GBPS);
    double alpha = 1023.0 / 1024;
    for (int k = 0; k < 4; k++) /* at 11, 12, 13, 14 us */
        alpha = alpha * (1019.0 / 1024);
    ck_assert_int_eq(rate_at(c, 14 * SIM_US), (int64_t)(25e9 * (1 - alpha / 2)));
    ck_assert_int_eq(c->wake, 314 * SIM_US);
    /* 20.5 us: the check of 22; alpha rises at 21 */
    int64_t rate = c->rate;
    c->ops->notified(c, 20500 * SIM_NS);
    ck_assert_int_eq(c->wake, 22 * SIM_US);
    for (int k = 15; k <= 22; k++)
        alpha = alpha * (1019.0 / 1024) + (k == 21 ? 5.0 / 1024 : 0);
    ck_assert_int_eq(rate_at(c, 22 * SIM_US), (int64_t)((double)rate * (1 - alpha / 2)));
    /* a CNP at the very instant of a check is in time for it, once */
    c->ops->notified(c, 26 * SIM_US);
    ck_assert_int_eq(c->wake, 26 * SIM_US);
    rate = c->rate;
    ck_assert_int_lt(rate_at(c, 26 * SIM_US), rate);
    c->ops->notified(c, 26 * SIM_US);
    ck_assert_int_eq(c->wake, 30 * SIM_US);
    free(c);
}
END_TEST

START_TEST(rates_keep_their_bounds) {
    NicDcqcnParams given;
    for (size_t k = 0; k < sizeof given / sizeof(int64_t); k++)
        ((int64_t *)&given)[k] = SIM_ABSENT;
    given.alpha_rule = given.clamp = -1;
    given.min_factor = 800000;
    NicDcqcn params = nic_dcqcn_resolve(&given, NIC_DCQCN_PAPER);
    NicCongestion *c = begin(NIC_DCQCN_PAPER, &params, 10 * GBPS);
    c->ops->notified(c, 0);
    ck_assert_int_eq(c->rate, 8 * GBPS);
    for (int k = 1; k < 100; k++)
        c->ops->notified(c, k);
    ck_assert_int_eq(c->rate, 100 * MBPS);
    free(c);
    /* a line slower than the least rate is not exceeded */
    c = begin(NIC_DCQCN_PAPER, &params, 50 * MBPS);
    c->ops->notified(c, 0);
    ck_assert_int_eq(c->rate, 50 * MBPS);
    free(c);
}
END_TEST

START_TEST(presets_give_way_to_what_is_given) {
    NicDcqcnParams given;
    for (size_t k = 0; k < sizeof given / sizeof(int64_t); k++)
        ((int64_t *)&given)[k] = SIM_ABSENT;
    given.alpha_rule = given.clamp = -1;
    for (int preset = 0; preset < NIC_DCQCN_PRESETS; preset++) {
        NicDcqcn plain = nic_dcqcn_resolve(NULL, preset), same = nic_dcqcn_resolve(&given, preset);
        ck_assert_mem_eq(&plain, &same, sizeof plain);
    }
    given.ai = 7 * MBPS;
    given.clamp = NIC_DCQCN_CLAMP_ALWAYS;
    given.byte_counter = 0;
    NicDcqcn params = nic_dcqcn_resolve(&given, NIC_DCQCN_VENDOR);
    ck_assert_int_eq(params.ai, 7 * MBPS);
    ck_assert_int_eq(params.hai, 50 * MBPS);
    ck_assert_int_eq(params.clamp, NIC_DCQCN_CLAMP_ALWAYS);
    ck_assert_int_eq(params.alpha_rule, NIC_DCQCN_ALPHA_AT_TIMER);
    ck_assert_ptr_null(nic_dcqcn_ops(NIC_DCQCN_VENDOR, &params)->sent);
    ck_assert_str_eq(nic_dcqcn_ops(NIC_DCQCN_VENDOR, &params)->name, "dcqcn-vendor");
    /* 1/256 and 1019/1024 are exact in the unit of a chance */
    ck_assert(nic_dcqcn_resolve(NULL, NIC_DCQCN_ACK).g * 256 == NIC_DCQCN_ONE);
    ck_assert((NIC_DCQCN_ONE - params.g) / 1019 * 1024 == NIC_DCQCN_ONE);
}
END_TEST

/* ---- another program's trace ---- */

/* One of two flows at 25 Gb/s into one port, random marking: when its marked ACKs came (ns), and
 * its rate after each change, from a simulator of its own that reproduces the completion times
 * which the HPCC ns-3 simulator gives for deterministic marking to the nanosecond. */
START_TEST(ack_variant_follows_a_trace) {
    static const int64_t cnp[] = {
        52278,   68358,   77068,   83768,   93148,   790244,  830444,  854229,  866289,  867964,
        871314,  871984,  873324,  877009,  877679,  881029,  891749,  892419,  896774,  898114,
        898784,  902469,  903809,  905819,  915534,  916204,  918214,  953724,  959084,  992584,
        994259,  998949,  1009334, 1020054, 1042834, 1833424, 1845484, 1872284, 1883339, 1903439,
        1908799, 1911479, 1913824, 1916504, 1920524, 1925549, 1928229, 1933589, 1933924, 1935934,
        1943639, 1977474, 2001259, 2005949, 2023034, 2041794, 2047824, 2051844, 2052849, 2053519,
        2054189, 2065244, 2074959, 2084004, 2086349, 2113149, 2125544, 2131574, 2177469,
    };
    static const struct {
        int64_t at, rate;
    } change[] = {
        {56279, 12694171068},   {72279, 6800470630},    {80279, 3727322541},
        {84279, 2061821825},    {96279, 1178816158},    {396279, 13089408079},
        {696279, 19044704039},  {792279, 18472695707},  {832279, 17962332768},
        {856279, 17475754294},  {868279, 16955945242},  {872279, 16426314989},
        {876279, 15889365731},  {880279, 15316573020},  {884279, 14743439658},
        {892279, 14179963037},  {896279, 13619068210},  {900279, 13009550539},
        {904279, 12385636678},  {908279, 11776869377},  {916279, 11192865485},
        {920279, 10624753062},  {956279, 10135760478},  {960279, 9656800429},
        {996279, 9223091136},   {1000279, 8797351774},  {1012279, 8392847908},
        {1020279, 8002446851},  {1044279, 7648010880},  {1344279, 13346357459},
        {1644279, 16198030748}, {1836279, 16134314974}, {1848279, 16042495044},
        {1876279, 15929706876}, {1884279, 15790051339}, {1904279, 15631203069},
        {1912279, 15418097211}, {1916279, 15181283222}, {1920279, 14922423838},
        {1924279, 14643125655}, {1928279, 14316335623}, {1936279, 13950982229},
        {1944279, 13578679649}, {1980279, 13237622241}, {2004279, 12909388361},
        {2008279, 12569248420}, {2024279, 12233720283}, {2044279, 11908029613},
        {2048279, 11572676220}, {2052279, 11229226722}, {2056279, 10857709550},
        {2068279, 10494006644}, {2076279, 10132906702}, {2084279, 9775189681},
        {2088279, 9416443879},  {2116279, 9088557534},  {2128279, 8768995608},
        {2132279, 8448332261},  {2180279, 8175936211},  {2480279, 12186983479},
        {2780279, 14195007113}, {3080279, 15224018930},
    };
    enum { CNPS = sizeof cnp / sizeof *cnp, CHANGES = sizeof change / sizeof *change };
    NicDcqcn params = nic_dcqcn_resolve(NULL, NIC_DCQCN_ACK);
    NicCongestion *c = begin(NIC_DCQCN_ACK, &params, 25 * GBPS);
    for (int i = 0, k = 0; i < CHANGES; i++) {
        for (; k < CNPS && cnp[k] <= change[i].at; k++) {
            ck_assert_int_gt(c->wake, cnp[k] * SIM_NS);
            c->ops->notified(c, cnp[k] * SIM_NS);
        }
        ck_assert_int_eq(c->wake, change[i].at * SIM_NS);
        c->ops->tick(c, c->wake);
        ck_assert_int_eq(c->rate, change[i].rate);
    }
    free(c);
}
END_TEST

/* ---- against every update an event ---- */

typedef struct Naive {
    const NicDcqcn *p;
    int64_t line, rate, target, bytes, stage_t, stage_b;
    double alpha;
    bool begun, alpha_flag, cut_flag;
    SimTime alpha_at, cut_at, increase_at;
} Naive;

static double part(int64_t of) {
    return (double)of / 1e18;
}

static void naive_cut(Naive *n, SimTime now) {
    if (n->p->clamp == NIC_DCQCN_CLAMP_ALWAYS || n->stage_t || n->stage_b) n->target = n->rate;
    int64_t r = (int64_t)((double)n->rate * (1 - n->alpha / 2));
    int64_t least = (int64_t)((__int128)n->rate * n->p->min_factor / 1000000);
    if (r < least) r = least;
    if (r < n->p->min_rate) r = n->p->min_rate;
    n->rate = r < n->line ? r : n->line;
    n->stage_t = n->stage_b = n->bytes = 0;
    n->increase_at = now + n->p->increase_timer;
}

static void naive_increase(Naive *n) {
    int64_t f = n->p->fast_recovery, t = n->stage_t, b = n->p->byte_counter ? n->stage_b : t;
    if (t > f && b > f)
        n->target += n->p->hai;
    else if (t >= f || b >= f)
        n->target += n->p->ai;
    if (n->target > n->line) n->target = n->line;
    n->rate = n->rate / 2 + n->target / 2;
}

/* All timers up to and with `until`, each an event. */
static void naive_advance(Naive *n, SimTime until) {
    while (n->begun) {
        SimTime at = n->alpha_at;
        if (n->increase_at < at) at = n->increase_at;
        if (n->p->cut_interval && n->cut_at < at) at = n->cut_at;
        if (at > until) return;
        if (n->alpha_at == at) {
            n->alpha = (1 - part(n->p->g)) * n->alpha;
            if (n->alpha_flag) n->alpha = n->alpha + part(n->p->g);
            n->alpha_flag = false;
            n->alpha_at += n->p->alpha_timer;
        }
        if (n->increase_at == at) {
            naive_increase(n);
            n->stage_t++;
            n->increase_at += n->p->increase_timer;
        }
        if (n->p->cut_interval && n->cut_at == at) {
            if (n->cut_flag) naive_cut(n, at);
            n->cut_flag = false;
            n->cut_at += n->p->cut_interval;
        }
    }
}

static void naive_notified(Naive *n, SimTime now) {
    if (!n->begun) {
        n->begun = true;
        n->alpha = part(n->p->alpha_start);
        n->alpha_at = now + n->p->alpha_timer;
        n->cut_at = now + n->p->cut_interval + n->p->cut_delay;
        n->increase_at = SIM_NEVER;
    } else if (n->p->alpha_rule == NIC_DCQCN_ALPHA_AT_TIMER) {
        n->alpha_flag = true;
    }
    if (n->p->cut_interval)
        n->cut_flag = true;
    else
        naive_cut(n, now);
    if (n->p->alpha_rule == NIC_DCQCN_ALPHA_AT_CNP) {
        n->alpha = (1 - part(n->p->g)) * n->alpha + part(n->p->g);
        n->alpha_at = now + n->p->alpha_timer;
    }
}

static void naive_sent(Naive *n, uint32_t bytes) {
    if (!n->p->byte_counter || !n->begun || n->increase_at == SIM_NEVER) return;
    for (n->bytes += bytes; n->bytes >= n->p->byte_counter; n->stage_b++) {
        n->bytes -= n->p->byte_counter;
        naive_increase(n);
    }
}

static NicDcqcn draw_params(SimRng *rng, int preset) {
    NicDcqcn p = nic_dcqcn_resolve(NULL, preset);
    if (sim_rng_below(rng, 3) == 0) return p;
    static const int64_t alpha[] = {100, 1000, 1700, 55000}, every[] = {0, 1000, 4000, 9300};
    p.alpha_timer = alpha[sim_rng_below(rng, 4)] * SIM_NS;
    p.cut_interval = every[sim_rng_below(rng, 4)] * SIM_NS;
    p.cut_delay = (SimTime)sim_rng_below(rng, 3) * 500 * SIM_NS;
    p.increase_timer = (SimTime)(1 + sim_rng_below(rng, 40)) * 8 * SIM_US;
    p.byte_counter = (int64_t)sim_rng_below(rng, 4) * 70000;
    p.fast_recovery = (int64_t)sim_rng_below(rng, 6);
    p.ai = (int64_t)(1 + sim_rng_below(rng, 500)) * MBPS;
    p.hai = (int64_t)(1 + sim_rng_below(rng, 2000)) * MBPS;
    p.min_factor = (int64_t)(1 + sim_rng_below(rng, 9)) * 100000;
    p.g = NIC_DCQCN_ONE / (int64_t)(1 + sim_rng_below(rng, 300));
    p.alpha_start = (int64_t)sim_rng_below(rng, (uint64_t)NIC_DCQCN_ONE + 1);
    p.alpha_rule = (int)sim_rng_below(rng, 2);
    p.clamp = (int)sim_rng_below(rng, 2);
    return p;
}

/* Steps of 100 ns, so that events often meet timers; now and then a long silence. */
static SimTime draw_gap(SimRng *rng) {
    uint64_t kind = sim_rng_below(rng, 1000);
    if (kind < 100) return 0;
    if (kind < 960) return (SimTime)sim_rng_below(rng, 80) * 100 * SIM_NS;
    if (kind < 999) return (SimTime)sim_rng_below(rng, 8000) * 100 * SIM_NS;
    return (SimTime)sim_rng_below(rng, 300000) * 100 * SIM_NS;
}

/* `events` random ones; how often nothing was left to wake for after the first CNP. */
static int compare(SimRng *rng, int preset, int events) {
    static const int64_t lines[] = {10000000000, 25000000000, 40000000001, 99999999999, 60000000};
    NicDcqcn params = draw_params(rng, preset);
    int64_t line = lines[sim_rng_below(rng, 5)];
    NicCongestion *c = begin(preset, &params, line);
    Naive n = {.p = &params, .line = line, .rate = line, .target = line};
    SimTime now = 0;
    int settled = 0;
    for (int i = 0; i < events; i++) {
        SimTime gap = draw_gap(rng);
        if (gap > 0) {
            naive_advance(&n, now);
            rate_at(c, now);
            QUICK(c->rate == n.rate);
            settled += n.begun && c->wake == SIM_NEVER;
        }
        now += gap;
        naive_advance(&n, now - 1);
        rate_at(c, now - 1);
        QUICK(c->rate == n.rate && c->wake >= now);
        if (sim_rng_below(rng, 2)) {
            naive_notified(&n, now);
            c->ops->notified(c, now);
        } else {
            uint32_t bytes = (uint32_t)(64 + sim_rng_below(rng, 150000));
            naive_sent(&n, bytes);
            if (c->ops->sent) c->ops->sent(c, now, bytes);
        }
        QUICK(c->rate == n.rate);
    }
    /* a silence long enough for alpha to leave the normal doubles */
    naive_advance(&n, now + 400 * SIM_MS);
    rate_at(c, now + 400 * SIM_MS);
    QUICK(c->rate == n.rate);
    now += 400 * SIM_MS + 1;
    naive_notified(&n, now);
    c->ops->notified(c, now);
    naive_advance(&n, now + 20 * SIM_US);
    QUICK(rate_at(c, now + 20 * SIM_US) == n.rate);
    free(c);
    return settled;
}

START_TEST(lazy_equals_every_update_an_event) {
    SimRng rng;
    sim_rng_init(&rng, 1, "dcqcn", "naive");
    int settled = 0;
    for (int k = 0; k < 100; k++)
        settled += compare(&rng, k % NIC_DCQCN_PRESETS, 2000);
    ck_assert_int_gt(settled, 100); /* the case did occur */
}
END_TEST

/* Once rate and target are the line's nothing is woken for any more. */
START_TEST(idle_connections_cost_nothing) {
    for (int preset = 0; preset < NIC_DCQCN_PRESETS; preset++) {
        NicDcqcn params = nic_dcqcn_resolve(NULL, preset);
        NicCongestion *c = begin(preset, &params, 25 * GBPS);
        c->ops->notified(c, 0);
        int wakes = 0;
        for (; c->wake != SIM_NEVER && wakes < 1000; wakes++)
            c->ops->tick(c, c->wake);
        ck_assert_int_lt(wakes, 100);
        ck_assert_int_ge(c->rate, 25 * GBPS - 1);
        free(c);
    }
}
END_TEST

/* ---- fixed points ---- */

typedef struct Sender {
    NicCongestion *c;
    SimTime next, quiet; /* next packet; no CNP before */
    int64_t sent;
} Sender;

typedef struct Steady {
    double queue;          /* mean, bytes */
    double least, largest; /* rates over the fair one */
} Steady;

/* N senders of 1,000-byte packets into one 40 Gb/s port that marks from 5 to 200 KB with up to 1 %;
 * CNPs take `loop`. Averages over the second half of `duration`. */
static Steady steady(int n, SimTime duration, SimTime loop) {
    enum { MOST = 16, BYTES = 1000, LINE = 40 };
    NicDcqcn params = nic_dcqcn_resolve(NULL, NIC_DCQCN_PAPER);
    Sender s[MOST];
    SimRng rng;
    sim_rng_init(&rng, 7, "dcqcn", "marks");
    for (int i = 0; i < n; i++)
        s[i] = (Sender){begin(NIC_DCQCN_PAPER, &params, LINE * GBPS), i, 0, 0};
    SimTime last = 0, delayed[MOST];
    for (int i = 0; i < n; i++)
        delayed[i] = SIM_NEVER;
    double queue = 0, area = 0;
    for (;;) {
        int first = 0;
        for (int i = 1; i < n; i++)
            if (s[i].next < s[first].next) first = i;
        Sender *x = &s[first];
        SimTime now = x->next;
        if (now >= duration) break;
        double drained = (double)(now - last) / SIM_NS * LINE / 8;
        queue = queue > drained ? queue - drained : 0;
        if (now >= duration / 2) area += queue * (double)(now - last);
        last = now;
        queue += BYTES;
        double p = queue <= 5e3 ? 0 : queue > 200e3 ? 1 : 0.01 * (queue - 5e3) / 195e3;
        if ((double)sim_rng_below(&rng, 1000000000) < p * 1e9 && now >= x->quiet) {
            x->quiet = now + params.cnp_interval;
            delayed[first] = now + loop;
        }
        if (delayed[first] <= now) {
            rate_at(x->c, delayed[first] - 1);
            x->c->ops->notified(x->c, delayed[first]);
            delayed[first] = SIM_NEVER;
        }
        rate_at(x->c, now);
        x->c->ops->sent(x->c, now, BYTES);
        if (now >= duration / 2) x->sent += BYTES;
        x->next = now + BYTES * SIM_BYTE_TICKS_AT_1BPS / x->c->rate;
    }
    Steady out = {area / ((double)duration / 2), 1e9, 0};
    for (int i = 0; i < n; i++) {
        double fair = (double)LINE * 1e9 / 8 / n * ((double)duration / 2 / SIM_S);
        double share = (double)s[i].sent / fair;
        if (share < out.least) out.least = share;
        if (share > out.largest) out.largest = share;
        free(s[i].c);
    }
    return out;
}

/* Zhu et al., CoNEXT 2016, the solution of their fluid model at 40 Gb/s: mean queue 20.2 KB for two
 * senders, 93.8 KB for eight; every sender has its share. */
START_TEST(paper_reaches_its_fixed_points) {
    static const struct {
        int n;
        double queue;
    } row[] = {{2, 20.2e3}, {4, 41.8e3}, {8, 93.8e3}, {10, 122.6e3}};
    for (int k = 0; k < 4; k++) {
        Steady got = steady(row[k].n, 400 * SIM_MS, 4 * SIM_US);
        ck_assert_double_gt(got.queue, 0.7 * row[k].queue);
        ck_assert_double_lt(got.queue, 1.3 * row[k].queue);
        ck_assert_double_gt(got.least, 0.95);
        ck_assert_double_lt(got.largest, 1.05);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dcqcn");
    TCase *tests = tcase_create("dcqcn");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, nothing_happens_before_the_first_cnp);
    tcase_add_test(tests, paper_cuts_recovers_and_rises);
    tcase_add_test(tests, paper_rises_faster_when_both_counts_agree);
    tcase_add_test(tests, vendor_checks_on_its_grid);
    tcase_add_test(tests, rates_keep_their_bounds);
    tcase_add_test(tests, presets_give_way_to_what_is_given);
    tcase_add_test(tests, ack_variant_follows_a_trace);
    tcase_add_test(tests, lazy_equals_every_update_an_event);
    tcase_add_test(tests, idle_connections_cost_nothing);
    tcase_add_test(tests, paper_reaches_its_fixed_points);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
