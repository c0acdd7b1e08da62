/* links: sim_core */
/* test_event_order.c: whole runs of many domains, slots and timers that arm one another at random,
 * with many ties. Two oracles: a plain search of the earliest event beside the engine, and the
 * sort of the log by key. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/rng.h"
#include "sim/core/meter.h"
#include "sim/core/run.h"
#include "tests/property/quick.h"

enum { DOMAINS = 7, EVENTS = 14, LOG_MOST = 60000 };

/* The events of a domain: phases in an order that is not theirs. */
static const SimPhase phases[EVENTS] = {
    SIM_PHASE_TIMER,    SIM_PHASE_ARRIVAL, SIM_PHASE_FAULT,  SIM_PHASE_TRANSMIT, SIM_PHASE_TIMER,
    SIM_PHASE_SAMPLE,   SIM_PHASE_FLOW,    SIM_PHASE_TIMER,  SIM_PHASE_ARRIVAL,  SIM_PHASE_TRANSMIT,
    SIM_PHASE_TRANSMIT, SIM_PHASE_FAULT,   SIM_PHASE_SAMPLE, SIM_PHASE_FLOW};

typedef struct Event {
    struct Node *node;
    SimTimer timer;
    uint32_t slot;
    SimPhase phase;
    uint32_t domain, order;
    SimTime due; /* what the engine was last told */
} Event;

typedef struct Node {
    SimDomain domain;
    SimRng rng;
    Event event[EVENTS];
} Node;

typedef struct LogLine {
    SimTime time;
    uint32_t phase, domain, order;
} LogLine;

typedef struct World {
    Node node[DOMAINS];
    LogLine log[LOG_MOST];
    uint32_t n_log;
    uint64_t seed;
    SimTime least; /* of a gap: 0 allows arming for now, 1 does not */
    bool search;   /* compare with a search at every event */
} World;

static void order_create(SimRun *run, const SimScenario *scenario);
static void order_start(SimRun *run);

static const SimModel order_model = {.abi = SIM_MODEL_ABI,
                                     .size = sizeof(SimModel),
                                     .name = "order",
                                     .create = order_create,
                                     .start = order_start};
const SimModel *const sim_models[] = {&order_model, NULL};

/* ---- the model ---- */

static bool is_slot(SimPhase phase) {
    return phase == SIM_PHASE_ARRIVAL || phase == SIM_PHASE_TRANSMIT;
}

static void arm(SimRun *run, Event *e, SimTime due) {
    e->due = due;
    if (is_slot(e->phase))
        sim_slot_set(run, e->slot, due);
    else if (due == SIM_NEVER)
        sim_timer_stop(&e->timer);
    else
        sim_timer_set(run, &e->timer, due);
}

static int compare_keys(const LogLine *a, const LogLine *b) {
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    if (a->phase != b->phase) return a->phase < b->phase ? -1 : 1;
    if (a->domain != b->domain) return a->domain < b->domain ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static LogLine key_of(const Event *e) {
    return (LogLine){e->due, (uint32_t)e->phase, e->domain, e->order};
}

static const Event *search_first(const World *w) {
    const Event *best = NULL;
    for (uint32_t d = 0; d < DOMAINS; d++) {
        for (uint32_t i = 0; i < EVENTS; i++) {
            const Event *e = &w->node[d].event[i];
            if (e->due == SIM_NEVER) continue;
            LogLine mine = key_of(e), other = best ? key_of(best) : mine;
            if (!best || compare_keys(&mine, &other) < 0) best = e;
        }
    }
    return best;
}

static SimTime gap(const World *w, SimRng *rng) {
    uint64_t r = sim_rng_below(rng, 16);
    if (r == 0) return 40 + (SimTime)sim_rng_below(rng, 200);
    return w->least + (SimTime)(r & 3);
}

static void order_event(SimRun *run, void *owner) {
    Event *e = owner;
    Node *node = e->node;
    World *w = sim_run_state(run, &order_model);
    SimTime now = sim_run_now(run);
    QUICK(e->due == now);
    if (w->search) QUICK(e == search_first(w));
    if (w->n_log < LOG_MOST) w->log[w->n_log++] = key_of(e);
    e->due = SIM_NEVER; /* disarmed before its handler runs */
    if (is_slot(e->phase))
        QUICK(!sim_slot_armed(run, e->slot));
    else
        QUICK(!sim_timer_armed(&e->timer));
    /* Sampling must not change what is sampled. */
    if (e->phase == SIM_PHASE_SAMPLE) {
        arm(run, e, now + 1 + e->order % 5);
        return;
    }
    sim_fingerprint_packet(run, node->domain, sim_rng_next(&node->rng));
    for (uint64_t k = 1 + sim_rng_below(&node->rng, 4); k > 0; k--) {
        Event *other = &node->event[sim_rng_below(&node->rng, EVENTS)];
        if (other->phase == SIM_PHASE_SAMPLE) continue;
        bool stop = sim_rng_below(&node->rng, 8) == 0;
        arm(run, other, stop ? SIM_NEVER : now + gap(w, &node->rng));
    }
    if (sim_rng_below(&node->rng, 4)) arm(run, e, now + 1 + gap(w, &node->rng));
    /* a domain never falls silent */
    if (node->event[0].due == SIM_NEVER) arm(run, &node->event[0], now + 1 + gap(w, &node->rng));
}

static void order_create(SimRun *run, const SimScenario *scenario) {
    World *w = (World *)(uintptr_t)scenario; /* opaque to the engine */
    sim_run_set_state(run, &order_model, w);
    w->n_log = 0;
    for (uint32_t d = 0; d < DOMAINS; d++) {
        Node *node = &w->node[d];
        const char *path = sim_arena_printf(&run->arena, "domain%u", d);
        *node = (Node){.domain = sim_domain_add(run, path)};
        sim_rng_init(&node->rng, w->seed, path, "actions");
    }
    /* domains take turns in adding, so that the order of adding is not that of domains */
    for (uint32_t i = 0; i < EVENTS; i++) {
        for (uint32_t d = 0; d < DOMAINS; d++) {
            Node *node = &w->node[d];
            Event *e = &node->event[i];
            *e = (Event){.node = node, .phase = phases[i], .domain = d, .order = i};
            e->due = SIM_NEVER;
            const char *label = sim_arena_printf(&run->arena, "%u", i);
            if (is_slot(e->phase))
                sim_slot_add(run, node->domain, e->phase, label, &e->slot, order_event, e);
            else
                sim_timer_add(run, node->domain, e->phase, label, &e->timer, order_event, e);
        }
    }
}

static void order_start(SimRun *run) {
    World *w = sim_run_state(run, &order_model);
    for (uint32_t d = 0; d < DOMAINS; d++)
        for (uint32_t i = 0; i < EVENTS; i++)
            arm(run, &w->node[d].event[i],
                (SimTime)sim_rng_below(&w->node[d].rng, i == 0 ? 3 : 30));
}

/* ---- the properties ---- */

static World *world_new(uint64_t seed, SimTime least, bool search) {
    World *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->seed = seed;
    w->least = least;
    w->search = search;
    return w;
}

/* Runs to the end; `step` events at a time. Returns the fingerprint. */
static uint64_t world_run(World *w, uint64_t permute, const char *ingredients, uint64_t step,
                          uint64_t *events) {
    static const SimTime boundaries[] = {0, 333, 334, 900};
    SimRunConfig config = {.scenario = (const SimScenario *)w,
                           .seed = w->seed,
                           .permute = permute,
                           .duration = 900,
                           .boundaries = boundaries,
                           .n_segments = 3,
                           .ingredients = ingredients};
    SimRun *run = sim_run_new(&config);
    while (sim_run_advance(run, step)) {
    }
    ck_assert_int_eq(sim_run_now(run), 900);
    uint64_t fingerprint = sim_run_fingerprint(run);
    if (events) *events = sim_run_events(run);
    sim_run_free(run);
    return fingerprint;
}

START_TEST(every_event_is_the_first_by_search) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        World *w = world_new(seed, 0, true);
        world_run(w, 0, NULL, UINT64_MAX, NULL);
        ck_assert_uint_gt(w->n_log, 3000);
        free(w);
    }
}
END_TEST

static int compare_lines(const void *a, const void *b) {
    return compare_keys(a, b);
}

START_TEST(log_equals_its_sort_by_key) {
    for (uint64_t seed = 20; seed <= 32; seed++) {
        World *w = world_new(seed, 1, false);
        world_run(w, 0, NULL, 100, NULL);
        ck_assert_uint_gt(w->n_log, 3000);
        ck_assert_uint_lt(w->n_log, LOG_MOST);
        LogLine *sorted = malloc(w->n_log * sizeof *sorted);
        memcpy(sorted, w->log, w->n_log * sizeof *sorted);
        qsort(sorted, w->n_log, sizeof *sorted, compare_lines);
        uint32_t ties = 0;
        for (uint32_t i = 0; i < w->n_log; i++) {
            QUICK(compare_keys(&sorted[i], &w->log[i]) == 0);
            ties += i > 0 && sorted[i].time == sorted[i - 1].time;
        }
        ck_assert_uint_gt(ties, w->n_log / 2);
        free(sorted);
        free(w);
    }
}
END_TEST

/* The lines of one domain, in the order in which they happened. */
static uint32_t log_of(const World *w, uint32_t domain, LogLine *out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_log; i++)
        if (w->log[i].domain == domain) out[n++] = w->log[i];
    return n;
}

static bool same_lines(const LogLine *a, const LogLine *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (compare_keys(&a[i], &b[i]) != 0) return false;
    return true;
}

START_TEST(order_of_domains_changes_nothing) {
    LogLine *a = malloc(LOG_MOST * sizeof *a), *b = malloc(LOG_MOST * sizeof *b);
    for (uint64_t seed = 40; seed <= 44; seed++) {
        World *plain = world_new(seed, 0, false), *permuted = world_new(seed, 0, false);
        uint64_t events, others;
        uint64_t fingerprint = world_run(plain, 0, NULL, UINT64_MAX, &events);
        bool moved = false;
        for (uint64_t permute = 1; permute <= 5; permute++) {
            ck_assert_uint_eq(world_run(permuted, permute, NULL, 1, &others), fingerprint);
            ck_assert_uint_eq(others, events);
            moved |= !same_lines(plain->log, permuted->log, plain->n_log);
            for (uint32_t d = 0; d < DOMAINS; d++) {
                uint32_t n = log_of(plain, d, a);
                ck_assert_uint_eq(log_of(permuted, d, b), n);
                ck_assert(same_lines(a, b, n));
            }
        }
        ck_assert(moved); /* else nothing was permuted */
        free(plain);
        free(permuted);
    }
    free(a);
    free(b);
}
END_TEST

/* Each ingredient counts: a run of another seed differs by each, and by seed alone not at all
 * where none is chosen. */
START_TEST(fingerprint_sees_what_it_is_asked_to_see) {
    static const char *const ingredients[] = {"t", "e", "p", "te", "tep"};
    World *w = world_new(1, 0, false), *other = world_new(2, 0, false);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_uint_ne(world_run(w, 0, ingredients[i], 1000, NULL),
                          world_run(other, 0, ingredients[i], 1000, NULL));
    ck_assert_uint_ne(world_run(w, 0, "t", 1000, NULL), world_run(w, 0, "e", 1000, NULL));
    ck_assert_uint_eq(world_run(w, 0, "tep", 7, NULL), world_run(w, 0, NULL, 1000, NULL));
    free(w);
    free(other);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("event order");
    TCase *tests = tcase_create("event order");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, every_event_is_the_first_by_search);
    tcase_add_test(tests, log_equals_its_sort_by_key);
    tcase_add_test(tests, order_of_domains_changes_nothing);
    tcase_add_test(tests, fingerprint_sees_what_it_is_asked_to_see);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
