/* links: rackcast_models */
/* timeout: 120 */
/* test_closed_network.c: N customers that go round three exponential stations and a pause, against
 * exact mean value analysis (Reiser and Lavenberg, JACM 1980):
 *   R_k(n) = D_k (1 + Q_k(n-1)),  X(n) = n / (Z + sum R_k(n)),  Q_k(n) = X(n) R_k(n) */
#include "models/storage/station.h"
#include "sim/base/rng.h"
#include "tests/analytic/estimate.h"

enum { STATIONS = 3, CUSTOMERS_MOST = 64 };
#define SECOND INT64_C(100000000) /* a scale of its own, so that ten seeds stay short */

typedef struct Traveller {
    StorageJob job; /* first */
    struct Ring *ring;
    uint32_t at;
    SimTime began;
    SimTime services; /* of this round */
} Traveller;

typedef struct Ring {
    uint32_t n, stations;
    SimTime demand[STATIONS], think;
    uint64_t seed, batch, batches;
    StorageStation station[STATIONS];
    StorageDelay pause;
    SimRng rng;
    Traveller traveller[CUSTOMERS_MOST];
    SimTimer begin;
    uint64_t rounds, done;
    SimTime batch_began, round_sum;
    double services;
    Estimate *throughput, *response;
} Ring;

static void ring_create(SimRun *run, const SimScenario *scenario);
static void ring_start(SimRun *run);
static const SimModel ring_model = {.abi = SIM_MODEL_ABI,
                                    .size = sizeof(SimModel),
                                    .name = "ring",
                                    .create = ring_create,
                                    .start = ring_start};
const SimModel *const sim_models[] = {&ring_model, NULL};

static void ring_batch_end(Ring *r, SimTime now) {
    double length = (double)(now - r->batch_began), n = (double)r->rounds;
    double x[] = {r->services / n / SECOND};
    if (r->done++ > 0) {
        estimate_add(r->throughput, length / n / SECOND, x); /* its inverse: a plain mean */
        estimate_add(r->response, (double)r->round_sum / n / SECOND, x);
    }
    r->rounds = 0;
    r->round_sum = 0;
    r->services = 0;
    r->batch_began = now;
}

static void ring_next(SimRun *run, StorageJob *job);

static void ring_go(SimRun *run, Traveller *t) {
    Ring *r = t->ring;
    t->job.service = sim_rng_exponential(&r->rng, r->demand[t->at]);
    t->job.done = ring_next;
    t->services += t->job.service;
    storage_station_submit(run, &r->station[t->at], &t->job);
}

static void ring_again(SimRun *run, StorageJob *job) {
    Traveller *t = (Traveller *)job;
    t->at = 0;
    t->began = run->context.now;
    t->services = 0;
    ring_go(run, t);
}

static void ring_next(SimRun *run, StorageJob *job) {
    Traveller *t = (Traveller *)job;
    Ring *r = t->ring;
    if (++t->at < r->stations) {
        ring_go(run, t);
        return;
    }
    r->round_sum += run->context.now - t->began;
    r->services += (double)t->services;
    if (++r->rounds == r->batch) ring_batch_end(r, run->context.now);
    t->job.done = ring_again;
    storage_delay_submit(run, &r->pause, &t->job);
}

static void ring_begin(SimRun *run, void *owner) {
    Ring *r = owner;
    for (uint32_t i = 0; i < r->n; i++) {
        r->traveller[i] = (Traveller){.ring = r};
        ring_again(run, &r->traveller[i].job);
    }
}

static void ring_create(SimRun *run, const SimScenario *scenario) {
    Ring *r = (Ring *)(uintptr_t)scenario; /* opaque to the engine */
    sim_run_set_state(run, &ring_model, r);
    SimDomain domain = sim_domain_add(run, "ring");
    sim_rng_init(&r->rng, r->seed, "ring", "services");
    for (uint32_t i = 0; i < r->stations; i++)
        storage_station_init(run, &r->station[i], domain,
                             sim_arena_printf(&run->arena, "station%u", i), "test", 1);
    storage_delay_init(run, &r->pause, domain, "pause", r->think);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, "begin", &r->begin, ring_begin, r);
    r->rounds = r->done = 0;
    r->round_sum = r->batch_began = 0;
    r->services = 0;
}

static void ring_start(SimRun *run) {
    Ring *r = sim_run_state(run, &ring_model);
    sim_timer_set(run, &r->begin, 0);
}

/* ---- mean value analysis ---- */

static double mva(const Ring *r, double *response) {
    double queue[STATIONS] = {0}, x = 0;
    for (uint32_t n = 1; n <= r->n; n++) {
        double each[STATIONS], sum = 0;
        for (uint32_t k = 0; k < r->stations; k++)
            sum += each[k] = (double)r->demand[k] / SECOND * (1 + queue[k]);
        x = n / ((double)r->think / SECOND + sum);
        for (uint32_t k = 0; k < r->stations; k++)
            queue[k] = x * each[k];
        *response = sum;
    }
    return x;
}

/* `table`: the throughput as published, to four digits. */
static void ring_check(const char *name, Ring r, double rounds, double table) {
    Estimate *throughput = calloc(1, sizeof *throughput), *response = calloc(1, sizeof *response);
    static const SimTime boundaries[] = {0, SIM_NEVER};
    double expected_response = 0, expected = mva(&r, &expected_response);
    ck_assert_double_lt(fabs(expected - table), 1e-6);
    r.throughput = throughput;
    r.response = response;
    throughput->controls = response->controls = 1;
    for (uint32_t k = 0; k < r.stations; k++)
        throughput->known[0] += (double)r.demand[k] / SECOND;
    response->known[0] = throughput->known[0];
    r.batches = 21;
    r.batch = (uint64_t)(rounds / 20);
    for (r.seed = 1; r.seed <= ESTIMATE_SEEDS; r.seed++) {
        SimRunConfig config = {.scenario = (const SimScenario *)&r,
                               .seed = r.seed,
                               .duration = SIM_NEVER,
                               .boundaries = boundaries,
                               .n_segments = 1};
        SimRun *run = sim_run_new(&config);
        while (r.done < r.batches)
            sim_run_advance(run, 1000);
        sim_run_free(run);
    }
    char text[64];
    snprintf(text, sizeof text, "closed %s 1/X", name);
    estimate_check(throughput, text, 1 / expected, 0.005);
    snprintf(text, sizeof text, "closed %s R", name);
    estimate_check(response, text, expected_response, 0.005);
    free(throughput);
    free(response);
}

START_TEST(closed_network) {
    const SimTime d1 = SECOND / 10, d2 = SECOND / 100 * 8, d3 = SECOND / 20;
    ring_check("N 8", (Ring){.n = 8, .stations = 3, .demand = {d1, d2, d3}}, 4e4, 9.463447);
    ring_check("N 32", (Ring){.n = 32, .stations = 3, .demand = {d1, d2, d3}}, 4e4, 9.997885);
    ring_check("N 32 Z 1", (Ring){.n = 32, .stations = 3, .demand = {d1, d2, d3}, .think = SECOND},
               8e4, 9.974002);
    ring_check("N 2, D 1 1", (Ring){.n = 2, .stations = 2, .demand = {SECOND, SECOND}}, 4e4,
               2.0 / 3);
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("closed network");
    TCase *tests = tcase_create("closed network");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, closed_network);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
