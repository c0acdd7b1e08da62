/* probe.h: posts operations on connections of its own and notes when each is told of, to the tick.
 * A model beside the real ones; included by one file, whose list of models it defines. */
#ifndef TESTS_ANALYTIC_PROBE_H
#define TESTS_ANALYTIC_PROBE_H

#include "models/fabric/fabric.h"
#include "models/fault/fault.h"
#include "models/nic/nic.h"
#include "models/storage/storage.h"
#include "models/workload/workload.h"
#include "tests/property/rack.h"

enum { PROBE_POSTS = 8 };

typedef struct Probe {
    /* asked for: host 0 posts to host 1, each at its time */
    TransportVerb verb;
    uint32_t bytes;
    SimTime at[PROBE_POSTS];
    uint32_t n;
    /* seen */
    SimTime completed[PROBE_POSTS], received[PROBE_POSTS];
    TransportStatus status[PROBE_POSTS];
    uint32_t n_completed, n_received;
    SimTime broke, stood; /* the last times at the posting end */
    uint32_t breaks, stands;
    /* private */
    TransportEnd *end;
    SimTimer timer;
    uint32_t next;
} Probe;

/* The loader takes no extra argument, so the probe of the test under way stands here. */
static Probe *probe_now;

static void probe_wire(SimRun *run, const SimScenario *scenario);
static void probe_start(SimRun *run);
static const SimModel probe_model = {.abi = SIM_MODEL_ABI,
                                     .size = sizeof(SimModel),
                                     .name = "probe",
                                     .wire = probe_wire,
                                     .start = probe_start};
const SimModel *const sim_models[] = {
    &fabric_model, &nic_model, &storage_model, &workload_model, &fault_model, &probe_model, NULL};

static void probe_complete(SimRun *run, TransportEnd *end, void *token, TransportStatus status) {
    Probe *p = end->owner;
    (void)token;
    ck_assert_uint_lt(p->n_completed, PROBE_POSTS);
    p->status[p->n_completed] = status;
    p->completed[p->n_completed++] = sim_run_now(run);
}

static void probe_received(SimRun *run, TransportEnd *end, void *token) {
    Probe *p = end->owner;
    (void)token;
    ck_assert_uint_lt(p->n_received, PROBE_POSTS);
    p->received[p->n_received++] = sim_run_now(run);
}

static void probe_changed(SimRun *run, TransportEnd *end, bool up) {
    Probe *p = end->owner;
    if (up) {
        p->stood = sim_run_now(run);
        p->stands++;
    } else {
        p->broke = sim_run_now(run);
        p->breaks++;
    }
}

static const TransportUser probe_poster = {probe_complete, NULL, probe_changed};
static const TransportUser probe_target = {probe_complete, probe_received, NULL};

static void probe_post(SimRun *run, void *owner) {
    Probe *p = owner;
    if (p->end->up) transport_post(run, p->end, p->verb, p->bytes, p);
    if (++p->next < p->n) sim_timer_set(run, &p->timer, p->at[p->next]);
}

static void probe_wire(SimRun *run, const SimScenario *scenario) {
    (void)scenario;
    Probe *p = probe_now;
    TransportEnd *target;
    sim_run_set_state(run, &probe_model, p);
    NicHost *from = nic_host(run, 0), *to = nic_host(run, 1);
    nic_connect(run, &from->endpoint[0], &to->endpoint[0], "probe", NIC_WANT_ANY, &p->end, &target);
    p->end->user = &probe_poster;
    target->user = &probe_target;
    p->end->owner = target->owner = p;
    sim_timer_add(run, from->domain, SIM_PHASE_TIMER, "probe", &p->timer, probe_post, p);
}

static void probe_start(SimRun *run) {
    Probe *p = sim_run_state(run, &probe_model);
    if (p->n) sim_timer_set(run, &p->timer, p->at[0]);
}

/* Runs a scenario of two hosts or more with the probe in it. Audits are checked. */
static SimResult *probe_run(Probe *p, const char *yaml) {
    probe_now = p;
    return rack_run(yaml);
}

#endif
