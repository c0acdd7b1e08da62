#include "sim/core/run.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/hash.h"
#include "sim/core/audit.h"
#include "sim/core/meter.h"
#include "sim/metrics/result.h"

/* What models add before the run is sealed. */
typedef struct EventSetup {
    SimPhase phase;
    SimDomain domain;
    uint32_t order; /* of adding */
    uint64_t tag;
    uint32_t *where; /* slots */
    SimTimer *timer; /* timers */
    SimHandler handler;
    void *owner;
} EventSetup;

struct SimRunSetup {
    SIM_RESULT_LIST(EventSetup) events;
    SIM_RESULT_LIST(SimDomainInfo) domains;
    uint64_t *domain_key; /* where each domain stands in this run's order */
};

/* ---- adding ---- */

SimDomain sim_domain_add(SimRun *run, const char *path) {
    SIM_CHECK(run->setup);
    SimDomainInfo *d = SIM_PUSH(&run->arena, &run->setup->domains);
    d->path = path;
    d->tag = sim_hash_text(path);
    d->chain = d->tag;
    return run->setup->domains.n - 1;
}

static EventSetup *setup_event(SimRun *run, SimDomain domain, SimPhase phase, const char *label,
                               SimHandler handler, void *owner) {
    SIM_CHECK(run->setup && domain < run->setup->domains.n);
    EventSetup *e = SIM_PUSH(&run->arena, &run->setup->events);
    uint64_t tag = sim_hash_combine(run->setup->domains.items[domain].tag, sim_hash_text(label));
    *e = (EventSetup){.phase = phase,
                      .domain = domain,
                      .order = run->setup->events.n,
                      .tag = tag,
                      .handler = handler,
                      .owner = owner};
    return e;
}

void sim_slot_add(SimRun *run, SimDomain domain, SimPhase phase, const char *label, uint32_t *where,
                  SimHandler handler, void *owner) {
    SIM_CHECK(phase == SIM_PHASE_ARRIVAL || phase == SIM_PHASE_TRANSMIT);
    setup_event(run, domain, phase, label, handler, owner)->where = where;
}

void sim_timer_add(SimRun *run, SimDomain domain, SimPhase phase, const char *label,
                   SimTimer *timer, SimHandler handler, void *owner) {
    SIM_CHECK(phase != SIM_PHASE_ARRIVAL && phase != SIM_PHASE_TRANSMIT);
    EventSetup *e = setup_event(run, domain, phase, label, handler, owner);
    e->timer = timer;
    *timer = (SimTimer){.at = {.armed = SIM_NEVER},
                        .due = SIM_NEVER,
                        .handler = handler,
                        .owner = owner,
                        .tag = e->tag,
                        .domain = domain,
                        .phase = phase};
}

/* ---- sealing ---- */

/* Sort key: phase, place of the domain in this run's order, order of adding. */
typedef struct SealKey {
    uint64_t phase, domain_key, order;
    uint32_t index;
} SealKey;

static int seal_compare(const void *a, const void *b) {
    const SealKey *x = a, *y = b;
    if (x->phase != y->phase) return x->phase < y->phase ? -1 : 1;
    if (x->domain_key != y->domain_key) return x->domain_key < y->domain_key ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static uint64_t domain_key(const SimRun *run, SimDomain domain) {
    if (domain == 0 || run->config.permute == 0) return domain; /* 0: the run itself */
    return 1 + (sim_hash_combine(run->config.permute, run->setup->domains.items[domain].tag) >> 1);
}

static SealKey *seal_order(const SimRun *run) {
    uint32_t n = run->setup->events.n;
    SealKey *key = calloc(n ? n : 1, sizeof *key);
    if (!key) sim_out_of_memory(n * sizeof *key);
    for (uint32_t i = 0; i < n; i++) {
        const EventSetup *e = &run->setup->events.items[i];
        key[i] = (SealKey){e->phase, domain_key(run, e->domain), e->order, i};
    }
    qsort(key, n, sizeof *key, seal_compare); /* total: `order` is unique */
    return key;
}

static void queue_fire(SimRun *run, void *owner);

/* Gives a phase its stretch of the tree; returns the next free slot. */
static uint32_t seal_phase(SimRun *run, SimPhase phase, const SealKey *key, uint32_t n,
                           uint32_t slot) {
    bool slots = phase == SIM_PHASE_ARRIVAL || phase == SIM_PHASE_TRANSMIT;
    SimTimerQueue *queue = &run->queue[phase];
    if (!slots) {
        sim_heap_init(&queue->heap, &run->arena, n);
        queue->slot = slot;
        run->slot[slot++] = (SimSlotInfo){.handler = queue_fire, .owner = queue};
    }
    for (uint32_t i = 0; i < n; i++) {
        const EventSetup *e = &run->setup->events.items[key[i].index];
        if (slots) {
            *e->where = slot;
            run->slot[slot++] = (SimSlotInfo){e->handler, e->owner, e->tag, e->domain};
        } else {
            e->timer->at.rank = i;
        }
    }
    return slot;
}

static void run_seal(SimRun *run) {
    SealKey *key = seal_order(run);
    uint32_t n = run->setup->events.n;
    run->slot = SIM_NEW_N(&run->arena, SimSlotInfo, n + SIM_PHASES);
    uint32_t slot = 0, from = 0;
    for (SimPhase phase = 0; phase < SIM_PHASES; phase++) {
        uint32_t to = from;
        while (to < n && key[to].phase == phase)
            to++;
        slot = seal_phase(run, phase, key + from, to - from, slot);
        from = to;
    }
    sim_tournament_init(&run->slots, &run->arena, slot);
    run->domain = run->setup->domains.items;
    run->n_domains = run->setup->domains.n;
    free(key);
}

/* ---- timers ---- */

void sim_timer_hasten(SimRun *run, SimTimer *timer, SimTime due) {
    SimTimerQueue *queue = &run->queue[timer->phase];
    sim_heap_put(&queue->heap, &timer->at, due);
    if (queue->slot != run->current)
        sim_tournament_set(&run->slots, queue->slot, queue->heap.entry[0].time);
}

static inline void domain_step(SimRun *run, SimDomain domain, uint64_t tag) {
    SimDomainInfo *d = &run->domain[domain];
    uint64_t seen = ((uint64_t)run->context.now & run->mask_time) + (tag & run->mask_entity);
    d->chain = sim_fingerprint_step(d->chain, seen);
    run->context.entity = d->path;
}

/* The head of a heap of timers has won the tournament. */
static void queue_fire(SimRun *run, void *owner) {
    SimTimerQueue *queue = owner;
    SimHeapEntry head = sim_heap_take(&queue->heap);
    SimTimer *timer = (SimTimer *)head.item;
    if (timer->at.armed == head.time) { /* else it has been armed for an earlier time since */
        timer->at.armed = SIM_NEVER;
        if (timer->due > head.time) { /* woken early: look again later, or it was stopped */
            if (timer->due != SIM_NEVER) sim_heap_put(&queue->heap, &timer->at, timer->due);
        } else {
            timer->due = SIM_NEVER;
            if (timer->phase != SIM_PHASE_SAMPLE) {
                domain_step(run, timer->domain, timer->tag);
                run->context.events++;
            }
            timer->handler(run, timer->owner);
        }
    }
    sim_tournament_mark(&run->slots, queue->slot, sim_heap_settle(&queue->heap));
}

/* ---- life ---- */

static uint32_t model_index(const SimModel *model) {
    for (uint32_t i = 0; sim_models[i]; i++)
        if (sim_models[i] == model) return i;
    SIM_CHECK(!"a model that sim_models[] does not name");
    return 0;
}

void sim_run_set_state(SimRun *run, const SimModel *model, void *state) {
    run->state[model_index(model)] = state;
}

void *sim_run_state(const SimRun *run, const SimModel *model) {
    return run->state[model_index(model)];
}

/* A boundary of segments: everything counted so far belongs to the segment that ends. */
static void run_boundary(SimRun *run, void *owner) {
    (void)owner;
    run->segment++;
    sim_meters_copy(run, run->segment);
    for (uint32_t i = 0; sim_models[i]; i++)
        if (sim_models[i]->segment) sim_models[i]->segment(run, run->segment);
    if (run->segment + 1 < run->config.n_segments)
        sim_timer_set(run, &run->boundary, run->config.boundaries[run->segment + 1]);
}

/* Reads the counts, last of all that happens at this instant. */
static void run_sample(SimRun *run, void *owner) {
    (void)owner;
    sim_meters_sample(run);
    sim_timer_set(run, &run->sampler, run->context.now + run->config.sample_every);
}

static void run_masks(SimRun *run) {
    const char *letters = run->config.ingredients ? run->config.ingredients : "tep";
    run->mask_time = strchr(letters, 't') ? UINT64_MAX : 0;
    run->mask_entity = strchr(letters, 'e') ? UINT64_MAX : 0;
    run->mask_packet = strchr(letters, 'p') ? UINT64_MAX : 0;
}

SimRun *sim_run_new(const SimRunConfig *config) {
    SIM_CHECK(config->n_segments >= 1 && config->boundaries[0] == 0 &&
              config->boundaries[config->n_segments] == config->duration);
    SimRun *run = calloc(1, sizeof *run);
    if (!run) sim_out_of_memory(sizeof *run);
    sim_arena_init(&run->arena);
    run->config = *config;
    run->context = (SimContext){.seed = config->seed, .replay = config->replay};
    run->current = UINT32_MAX;
    run_masks(run);
    uint32_t n_models = 0;
    while (sim_models[n_models])
        n_models++;
    run->state = SIM_NEW_N(&run->arena, void *, n_models);
    run->setup = SIM_NEW(&run->arena, struct SimRunSetup);
    sim_meters_create(run);
    SimDomain self = sim_domain_add(run, "run");
    sim_timer_add(run, self, SIM_PHASE_FAULT, "boundary", &run->boundary, run_boundary, run);
    if (config->sample_every)
        sim_timer_add(run, self, SIM_PHASE_SAMPLE, "sampler", &run->sampler, run_sample, run);
    for (uint32_t i = 0; i < n_models; i++)
        if (sim_models[i]->create) sim_models[i]->create(run, config->scenario);
    for (uint32_t i = 0; i < n_models; i++)
        if (sim_models[i]->wire) sim_models[i]->wire(run, config->scenario);
    run_seal(run);
    run->setup = NULL;
    for (uint32_t i = 0; i < n_models; i++)
        if (sim_models[i]->start) sim_models[i]->start(run);
    if (config->n_segments > 1) sim_timer_set(run, &run->boundary, config->boundaries[1]);
    if (config->sample_every) run_sample(run, run);
    return run;
}

/* The end of the last segment: the run stops before the events of that instant. */
static void run_finish(SimRun *run, SimTime end) {
    run->context.now = end;
    run->finished = true;
}

bool sim_run_advance(SimRun *run, uint64_t max_events) {
    const SimTime end = run->config.duration;
    for (; max_events > 0 && !run->finished; max_events--) {
        const SimTournamentFirst first = sim_tournament_first(&run->slots);
        if (first.time >= end) {
            run_finish(run, end);
            break;
        }
        SIM_ASSERT(&run->context, first.time >= run->context.now);
        uint32_t slot = first.slot;
        const SimSlotInfo *info = &run->slot[slot];
        run->context.now = first.time;
        run->current = slot;
        sim_tournament_mark(&run->slots, slot, SIM_NEVER);
        if (info->tag) { /* the heads of the heaps step their chains themselves */
            domain_step(run, info->domain, info->tag);
            run->context.events++;
        }
        info->handler(run, info->owner);
        sim_tournament_settle(&run->slots, slot);
        run->current = UINT32_MAX;
    }
    return !run->finished;
}

static int domain_path_compare(const void *a, const void *b) {
    const SimDomainInfo *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

uint64_t sim_run_fingerprint(const SimRun *run) {
    uint32_t n = run->n_domains;
    const SimDomainInfo **order = calloc(n, sizeof *order);
    if (!order) sim_out_of_memory(n * sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = &run->domain[i];
    qsort(order, n, sizeof *order, domain_path_compare); /* paths are unique */
    uint64_t all = 0;
    for (uint32_t i = 0; i < n; i++)
        all = sim_hash_combine(all, sim_hash_combine(order[i]->tag, order[i]->chain));
    free(order);
    return all;
}

void sim_run_report(SimRun *run, SimResult *result) {
    result->complete = run->finished;
    result->stopped_at = run->context.now;
    result->seed = run->config.seed;
    for (uint32_t s = run->segment + 1; s <= run->config.n_segments; s++) {
        sim_meters_copy(run, s);
    }
    for (uint32_t i = 0; sim_models[i]; i++)
        if (sim_models[i]->segment) sim_models[i]->segment(run, run->segment + 1);
    result->fingerprint = sim_run_fingerprint(run);
    result->ingredients =
        sim_arena_strdup(&result->arena, run->config.ingredients ? run->config.ingredients : "tep");
    SimAudit audit = {result};
    for (uint32_t i = 0; sim_models[i]; i++)
        if (sim_models[i]->audit) sim_models[i]->audit(run, &audit);
    sim_meters_report(run, result);
    sim_meters_report_samples(run, result);
    for (uint32_t i = 0; sim_models[i]; i++)
        if (sim_models[i]->report) sim_models[i]->report(run, result);
    SimValue *events = sim_result_row(result, "run", "run", "events", "", 0);
    events[0] = (SimValue){(__int128)run->context.events, 1};
}

void sim_run_free(SimRun *run) {
    if (!run) return;
    sim_arena_clear(&run->arena);
    free(run);
}
