/* bottleneck.c: see bottleneck.h. */
#include "sim/report/bottleneck.h"

#include <stdlib.h>
#include <string.h>

#include "sim/report/human.h"

static const SimValue full = {95, 100};
enum { NOBODY = -1 };

/* ---- exact sums, kept within 63-bit denominators ---- */

static __int128 divisor(__int128 a, __int128 b) {
    while (b != 0) {
        __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static SimValue reduced(__int128 num, __int128 den) {
    __int128 common = divisor(num, den);
    if (common > 1) num /= common, den /= common;
    while (den > INT64_MAX) /* beyond any measurement: lose a bit of both */
        num >>= 1, den >>= 1;
    return (SimValue){num, (int64_t)den};
}

/* The larger share of time; null counts as nothing. A resource that holds up others is mostly busy
 * meanwhile, so its own use and what it causes are not added. */
static SimValue larger(SimValue a, SimValue b) {
    if (b.den == 0) return a;
    SimValue one = {1, 1};
    if (a.den == 0 || sim_value_compare(b, a) > 0) a = b;
    return sim_value_compare(a, one) > 0 ? one : a;
}

/* 1/u - 1. */
static SimValue headroom_of(SimValue u) {
    if (u.den == 0 || u.num <= 0) return SIM_NULL;
    return reduced(u.den - u.num, u.num);
}

/* ---- scores ---- */

typedef struct Scores {
    const SimResult *r;
    uint32_t window;
    int64_t *blocker; /* index of each resource's blocker in this window, or NOBODY */
    SimValue *caused; /* largest blocked share laid at its door */
    SimValue *score;
} Scores;

static bool positive(SimValue v) {
    return v.den != 0 && v.num > 0;
}

/* Resources are sorted by name. */
static int64_t find_resource(const SimResult *r, const char *name) {
    uint32_t low = 0, high = r->resources.n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = sim_name_compare(r->resources.items[middle].name, name);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NOBODY;
}

/* Who stands at the root of what holds up resource i. The second walker goes twice as fast and
 * meets the first only in a ring. */
static int64_t root_blocker(const Scores *s, int64_t i) {
    int64_t slow = s->blocker[i], fast = slow;
    for (;;) {
        for (int step = 0; step < 2; step++) {
            if (s->blocker[fast] == NOBODY) return fast;
            fast = s->blocker[fast];
        }
        slow = s->blocker[slow];
        if (slow == fast) return s->blocker[i];
    }
}

static void score(Scores *s) {
    uint32_t n = s->r->resources.n;
    const SimResourceRow *rows = s->r->resources.items;
    for (uint32_t i = 0; i < n; i++) {
        s->caused[i] = SIM_NULL;
        bool held = rows[i].blocker != NULL && positive(rows[i].blocked[s->window]);
        s->blocker[i] = held ? find_resource(s->r, rows[i].blocker) : NOBODY;
        if (s->blocker[i] == i) s->blocker[i] = NOBODY;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (s->blocker[i] == NOBODY) continue;
        SimValue share = rows[i].blocked[s->window];
        int64_t root = root_blocker(s, i);
        if (sim_value_compare(share, s->caused[root]) > 0) s->caused[root] = share;
    }
    for (uint32_t i = 0; i < n; i++)
        s->score[i] = larger(rows[i].utilization[s->window], s->caused[i]);
}

static bool ahead(const Scores *s, int64_t a, int64_t b) {
    if (b == NOBODY) return true;
    const SimResourceRow *p = &s->r->resources.items[a], *q = &s->r->resources.items[b];
    uint32_t w = s->window;
    int order = sim_value_compare(s->score[a], s->score[b]);
    if (order == 0) order = sim_value_compare(p->utilization[w], q->utilization[w]);
    if (order == 0 && p->blocked[w].den != 0)
        order = q->blocked[w].den == 0 ? 0 : -sim_value_compare(p->blocked[w], q->blocked[w]);
    return order > 0; /* else the earlier name stays */
}

/* The best of all but `except`, or NOBODY where nothing has a score. */
static int64_t busiest(const Scores *s, int64_t except) {
    int64_t best = NOBODY;
    for (int64_t i = 0; i < s->r->resources.n; i++)
        if (i != except && s->score[i].den != 0 && ahead(s, i, best)) best = i;
    return best;
}

/* ---- the load itself ---- */

static SimValue of_workload(const SimResult *r, const char *entity, const char *metric,
                            uint32_t window) {
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->kind, "workload") == 0 && strcmp(row->entity, entity) == 0 &&
            strcmp(row->metric, metric) == 0)
            return row->value[window];
    }
    return SIM_NULL;
}

/* The workload with most I/O, and how many there are. */
static const char *main_workload(const SimResult *r, uint32_t window, uint32_t *count) {
    const char *best = NULL, *last = NULL;
    SimValue most = SIM_NULL;
    *count = 0;
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->kind, "workload") != 0) continue;
        if (last == NULL || strcmp(last, row->entity) != 0) {
            last = row->entity;
            ++*count;
            if (best == NULL) best = last;
        }
        if (strcmp(row->metric, "iops") == 0 && sim_value_compare(row->value[window], most) > 0) {
            most = row->value[window];
            best = row->entity;
        }
    }
    return best;
}

static const char *largest_part(SimResult *r, const char *workload, SimValue whole,
                                uint32_t window) {
    const SimRow *largest = NULL;
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->kind, "workload") != 0 || strcmp(row->entity, workload) != 0 ||
            strncmp(row->metric, "part.", 5) != 0 || !positive(row->value[window]))
            continue;
        if (largest == NULL || sim_value_compare(row->value[window], largest->value[window]) > 0)
            largest = row;
    }
    if (largest == NULL) return "";
    char *name = sim_arena_strdup(&r->arena, largest->metric + 5), mean[SIM_HUMAN_TEXT];
    for (char *c = name; *c != 0; c++)
        if (*c == '-' || *c == '_') *c = ' ';
    SimValue part = largest->value[window];
    bool most = sim_value_compare((SimValue){part.num * 2, part.den}, whole) >= 0;
    return sim_arena_printf(&r->arena, ", %s %s (%s)", most ? "most of it" : "its largest part",
                            name, sim_human(part, "ns", mean));
}

static const char *load_sentence(SimResult *r, uint32_t window) {
    uint32_t count;
    const char *workload = main_workload(r, window, &count);
    if (workload == NULL) return "the load itself: there is no workload";
    const char *of = count > 1 ? sim_arena_printf(&r->arena, " (%s)", workload) : "";
    SimValue outstanding = of_workload(r, workload, "outstanding", window);
    SimValue offered = of_workload(r, workload, "offered", window);
    SimValue mean = of_workload(r, workload, "all.mean", window);
    SimValue think = of_workload(r, workload, "think", window);
    char pause[SIM_HUMAN_TEXT];
    const char *and_think = positive(think) ? sim_arena_printf(&r->arena, " and %s of thinking",
                                                               sim_human(think, "ns", pause))
                                            : "";
    char figure[SIM_HUMAN_TEXT], time[SIM_HUMAN_TEXT];
    if (positive(outstanding) && positive(mean))
        return sim_arena_printf(&r->arena, "the load itself%s: %s outstanding / %s a I/O%s%s", of,
                                sim_human(outstanding, "", figure), sim_human(mean, "ns", time),
                                and_think, largest_part(r, workload, mean, window));
    if (positive(offered))
        return sim_arena_printf(&r->arena, "the offered rate of %s I/O/s%s",
                                sim_human_grouped(offered, figure), of);
    return sim_arena_printf(&r->arena, "the load itself%s", of);
}

static const char *blame_sentence(SimResult *r, const Scores *s, int64_t i) {
    SimValue share = s->caused[i], own = r->resources.items[i].utilization[s->window];
    if (!positive(share) || sim_value_compare(own, full) >= 0) return NULL;
    char use[SIM_HUMAN_TEXT], held[SIM_HUMAN_TEXT];
    return sim_arena_printf(&r->arena, "in use %s of the time, and holding up others for %s",
                            sim_human(own, "ratio", use), sim_human(share, "ratio", held));
}

static SimBottleneck judge(SimResult *r, Scores *s) {
    score(s);
    SimBottleneck b = {0};
    int64_t first = busiest(s, NOBODY);
    if (first == NOBODY) {
        b.limit = load_sentence(r, s->window);
        return b;
    }
    b.headroom = headroom_of(s->score[first]);
    int64_t next = first;
    if (sim_value_compare(s->score[first], full) >= 0) {
        b.resource = r->resources.items[first].name;
        b.utilization = s->score[first];
        b.limit = blame_sentence(r, s, first);
        next = busiest(s, first);
    } else {
        b.limit = load_sentence(r, s->window);
    }
    if (next != NOBODY) {
        b.next = r->resources.items[next].name;
        b.next_utilization = s->score[next];
    }
    return b;
}

void sim_bottleneck(SimResult *r) {
    SimArena scratch;
    sim_arena_init(&scratch);
    uint32_t n = r->resources.n;
    Scores s = {r, 0, SIM_NEW_N(&scratch, int64_t, n), SIM_NEW_N(&scratch, SimValue, n),
                SIM_NEW_N(&scratch, SimValue, n)};
    for (s.window = 0; s.window < r->n_windows; s.window++)
        r->bottlenecks[s.window] = judge(r, &s);
    sim_arena_clear(&scratch);
}
