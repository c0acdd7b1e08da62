/* queueing.h: customers, a Poisson stream and stations of models/storage, in a run of their own.
 *
 *   arrivals --+--> station[0] (servers) --+--> gone when the last part is done
 *              +--> station[1] ...       --+
 *
 * A mean service takes UNIT ticks. Included by one file, whose only model it is. */
#ifndef TESTS_ANALYTIC_QUEUEING_H
#define TESTS_ANALYTIC_QUEUEING_H

#include "models/storage/station.h"
#include "sim/base/pool.h"
#include "sim/base/rng.h"
#include "tests/analytic/estimate.h"

#define UNIT INT64_C(1000000)
enum { FORKS_MOST = 4 };

typedef enum Service { EXPONENTIAL, DETERMINISTIC, HYPEREXPONENTIAL, UNIFORM } Service;

/* Two exponentials with balanced means and a squared coefficient of variation of 4:
 * p = (1 + sqrt(3/5)) / 2, means 1 / 2p and 1 / 2(1-p). */
#define H2_P 0.88729833462074168852
#define H2_MEAN_1 INT64_C(563508)
#define H2_MEAN_2 INT64_C(4436492)

typedef struct Queue {
    /* asked for */
    Service service;
    double load; /* of a server; 0: the next customer comes when the last has gone */
    uint32_t servers, forks;
    uint64_t batches, batch; /* of a run; customers a batch */
    double tail;             /* count sojourns beyond this many services; 0: do not */
    Estimate *mean, *tails;
    /* a run */
    uint64_t seed;
    StorageStation station[FORKS_MOST];
    SimTimer arrival;
    SimTime gap_mean, gap;
    SimRng gaps, services;
    SimPool customers;
    SimGauge inside;
    __int128 sojourns, came; /* of those gone; sum of the arrival times of those inside */
    __int128 services_done, services_began; /* all stations: of services over; starts of the rest */
    /* sums of the batch under way, and how many are over */
    uint64_t n, done;
    double sojourn, gaps_sum, served, squares, beyond;
} Queue;

typedef struct Part {
    StorageJob job; /* first */
    struct Customer *customer;
} Part;

typedef struct Customer {
    Part part[FORKS_MOST];
    Queue *queue;
    SimTime came, gap;
    uint32_t left;
} Customer;

static void queue_create(SimRun *run, const SimScenario *scenario);
static void queue_start(SimRun *run);

static const SimModel queue_model = {.abi = SIM_MODEL_ABI,
                                     .size = sizeof(SimModel),
                                     .name = "queue",
                                     .create = queue_create,
                                     .start = queue_start};
const SimModel *const sim_models[] = {&queue_model, NULL};

static SimTime queue_service(Queue *q) {
    if (q->service == DETERMINISTIC) return UNIT;
    if (q->service == UNIFORM) return (SimTime)sim_rng_below(&q->services, (uint64_t)UNIT + 1);
    if (q->service == EXPONENTIAL) return sim_rng_exponential(&q->services, UNIT);
    bool first = sim_rng_next(&q->services) < (uint64_t)(H2_P * 0x1p64);
    return sim_rng_exponential(&q->services, first ? H2_MEAN_1 : H2_MEAN_2);
}

static void queue_batch_end(Queue *q) {
    double n = (double)q->n;
    double x[] = {q->gaps_sum / n / UNIT, q->served / n / UNIT, q->squares / n / UNIT / UNIT};
    if (q->done++ > 0) { /* the first is warm-up */
        estimate_add(q->mean, q->sojourn / n / UNIT, x);
        if (q->tails) estimate_add(q->tails, q->beyond / n, x);
    }
    q->n = 0;
    q->sojourn = q->gaps_sum = q->served = q->squares = q->beyond = 0;
}

static void queue_come(SimRun *run, void *owner);

static void queue_gone(SimRun *run, Customer *c) {
    Queue *q = c->queue;
    SimTime now = run->context.now, sojourn = now - c->came;
    double served = (double)c->part[0].job.service;
    sim_gauge_set(&q->inside, now, q->inside.level - 1);
    q->sojourns += sojourn;
    q->came -= c->came;
    q->sojourn += (double)sojourn;
    q->gaps_sum += (double)c->gap;
    q->served += served;
    q->squares += served * served;
    q->beyond += q->tail > 0 && (double)sojourn > q->tail * UNIT;
    sim_pool_put(&q->customers, c);
    if (++q->n == q->batch) queue_batch_end(q);
    if (q->load == 0) queue_come(run, q);
}

static void queue_part_done(SimRun *run, StorageJob *job) {
    Customer *c = ((Part *)job)->customer;
    c->queue->services_done += job->service;
    if (--c->left == 0) queue_gone(run, c);
}

static void queue_come(SimRun *run, void *owner) {
    Queue *q = owner;
    SimTime now = run->context.now;
    Customer *c = sim_pool_get(&q->customers);
    c->queue = q;
    c->came = now;
    c->gap = q->gap;
    c->left = q->forks;
    sim_gauge_set(&q->inside, now, q->inside.level + 1);
    q->came += now;
    if (q->load > 0) {
        q->gap = sim_rng_exponential(&q->gaps, q->gap_mean);
        sim_timer_set(run, &q->arrival, now + q->gap);
    }
    for (uint32_t i = 0; i < q->forks; i++) {
        c->part[i].customer = c;
        c->part[i].job.service = queue_service(q);
        c->part[i].job.done = queue_part_done;
    }
    uint32_t stations = q->load > 0 ? q->forks : 1; /* without arrivals: k parts, k servers */
    for (uint32_t i = 0; i < q->forks; i++)
        storage_station_submit(run, &q->station[i % stations], &c->part[i].job);
}

static void queue_create(SimRun *run, const SimScenario *scenario) {
    Queue *q = (Queue *)(uintptr_t)scenario; /* opaque to the engine */
    sim_run_set_state(run, &queue_model, q);
    SimDomain domain = sim_domain_add(run, "queue");
    sim_rng_init(&q->gaps, q->seed, "queue", "gaps");
    sim_rng_init(&q->services, q->seed, "queue", "services");
    sim_pool_init(&q->customers, &run->arena, sizeof(Customer));
    q->inside = (SimGauge){0};
    q->sojourns = q->came = q->services_done = 0;
    q->n = q->done = 0;
    q->sojourn = q->gaps_sum = q->served = q->squares = q->beyond = 0;
    q->gap = 0;
    if (q->load > 0) q->gap_mean = (SimTime)llround((double)UNIT / q->load / q->servers);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, "arrival", &q->arrival, queue_come, q);
    for (uint32_t i = 0; i < q->forks; i++)
        storage_station_init(run, &q->station[i], domain,
                             sim_arena_printf(&run->arena, "station%u", i), "test", q->servers);
}

static void queue_start(SimRun *run) {
    Queue *q = sim_run_state(run, &queue_model);
    sim_timer_set(run, &q->arrival, 0);
}

/* L = lambda W holds on every sample path: the area under the number inside is the sum of the
 * times of those gone and of those still there. Integers, so equality. */
static void queue_check_little(SimRun *run, Queue *q) {
    SimTime now = run->context.now;
    __int128 area = q->inside.area + (__int128)q->inside.level * (now - q->inside.since);
    ck_assert(area == q->sojourns + (__int128)q->inside.level * now - q->came);
    __int128 busy = 0, under_way = 0; /* per station: utilisation is the sum of services */
    for (uint32_t i = 0; i < q->forks; i++) {
        const StorageStation *s = &q->station[i];
        const SimGauge *g = &s->resource.serving;
        busy += g->area + (__int128)g->level * (now - g->since);
        for (uint32_t u = 0; u < s->n_units; u++)
            if (s->unit[u].job) under_way += now - s->unit[u].job->began;
    }
    ck_assert(busy == q->services_done + under_way);
}

/* Ten consecutive seeds into the estimates of `q`. */
static void queue_run(Queue *q) {
    static const SimTime boundaries[] = {0, SIM_NEVER};
    q->mean->controls = q->service == EXPONENTIAL ? 2 : q->service == DETERMINISTIC ? 1 : 3;
    if (q->load == 0) q->mean->controls = 0;
    q->mean->known[0] = q->load > 0 ? 1 / q->load / q->servers : 0;
    q->mean->known[1] = 1;
    q->mean->known[2] = 5; /* SCV 4 */
    if (q->tails) {
        q->tails->controls = q->mean->controls;
        memcpy(q->tails->known, q->mean->known, sizeof q->mean->known);
    }
    for (q->seed = 1; q->seed <= ESTIMATE_SEEDS; q->seed++) {
        SimRunConfig config = {.scenario = (const SimScenario *)q,
                               .seed = q->seed,
                               .duration = SIM_NEVER,
                               .boundaries = boundaries,
                               .n_segments = 1};
        SimRun *run = sim_run_new(&config);
        while (q->done < q->batches)
            sim_run_advance(run, 5000);
        queue_check_little(run, q);
        sim_run_free(run);
    }
}

/* A queue of `customers` a seed, in 20 batches and one of warm-up, checked against the mean
 * sojourn `expected` in units of the mean service. */
static void queue_check(const char *name, Queue q, double customers, double expected, double most) {
    Estimate *mean = calloc(1, sizeof *mean), *tails = calloc(1, sizeof *tails);
    q.mean = mean;
    q.tails = q.tail > 0 ? tails : NULL;
    if (!q.servers) q.servers = 1;
    if (!q.forks) q.forks = 1;
    q.batches = 21;
    q.batch = (uint64_t)(customers / 20);
    queue_run(&q);
    estimate_check(mean, name, expected, most);
    if (q.tails) { /* 1 % of the customers stay longer than the 99th percentile */
        char text[64];
        snprintf(text, sizeof text, "%s P(T > %.3f)", name, q.tail);
        estimate_check(tails, text, 0.01, 0.08);
    }
    free(mean);
    free(tails);
}

#endif
