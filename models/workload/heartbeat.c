/* heartbeat.c: what a cluster does to know that its members live: a datagram at each period, which
 * is missed where it does not come in time. */
#include "models/nic/chain.h"
#include "models/workload/workload.h"

/* A datagram under way, by its number. */
typedef struct Beat {
    SimTime sent;
    bool open; /* neither come nor missed */
} Beat;

struct WorkloadBeats {
    Beat *beat; /* by number modulo room: those not yet due */
    uint32_t room;
    uint64_t next, due; /* number of the next one sent, of the next one whose time runs out */
    SimTimer deadline;
};

static void beat_ends(SimRun *run, WorkloadIssuer *issuer, Beat *beat, bool missed) {
    Workload *w = issuer->workload;
    beat->open = false;
    w->missed += missed;
    workload_ended(run, issuer, WORKLOAD_WRITES, (uint32_t)w->params->heartbeat->bytes, beat->sent,
                   NULL, missed, false);
}

static void heartbeat_came(SimRun *run, TransportEnd *end, void *token) {
    WorkloadIssuer *issuer = end->owner;
    struct WorkloadBeats *b = issuer->beats;
    uint64_t number = (uintptr_t)token;
    Beat *beat = &b->beat[number % b->room];
    if (number >= b->due && beat->open) beat_ends(run, issuer, beat, false);
}

/* The time of the oldest has run out. */
static void heartbeat_deadline(SimRun *run, void *owner) {
    WorkloadIssuer *issuer = owner;
    struct WorkloadBeats *b = issuer->beats;
    Beat *beat = &b->beat[b->due++ % b->room];
    if (beat->open) beat_ends(run, issuer, beat, true);
    if (b->due < b->next)
        sim_timer_set(run, &b->deadline,
                      b->beat[b->due % b->room].sent + issuer->workload->params->heartbeat->late);
}

static void heartbeat_send(SimRun *run, void *owner) {
    WorkloadIssuer *issuer = owner;
    const WorkloadHeartbeat *p = issuer->workload->params->heartbeat;
    struct WorkloadBeats *b = issuer->beats;
    SimTime now = run->context.now;
    b->beat[b->next % b->room] = (Beat){now, true};
    if (b->due == b->next) sim_timer_set(run, &b->deadline, now + p->late);
    issuer->workload->sent++;
    workload_began(run, issuer);
    transport_post(run, issuer->end, TRANSPORT_SEND, (uint32_t)p->bytes,
                   (void *)(uintptr_t)b->next++);
    sim_timer_set(run, &issuer->arrival, now + p->period);
}

static const TransportUser heartbeat_sender = {NULL, NULL, NULL};
static const TransportUser heartbeat_listener = {NULL, heartbeat_came, NULL};

static void issuer_wire(SimRun *run, Workload *w, uint32_t i) {
    const WorkloadHeartbeat *p = w->params->heartbeat;
    WorkloadIssuer *issuer = &w->issuer[i];
    NicHost *host = nic_host(run, issuer->host);
    NicHost *other = nic_host(run, p->to.items[i % p->to.n].index);
    NicEndpoint *here, *there;
    TransportEnd *listener;
    uint8_t priority = nic_class_priority(run->config.scenario, &p->class);
    bool paired = nic_endpoint_pair_at(host, other, priority, &here, &there);
    SIM_ASSERT(&run->context, paired); /* the check has seen to it */
    if (!p->class.n) priority = here->priority;
    nic_connect_datagrams(run, here, there, w->name, priority, &issuer->end, &listener);
    issuer->end->user = &heartbeat_sender;
    listener->user = &heartbeat_listener;
    issuer->end->owner = listener->owner = issuer;
    issuer->beats = SIM_NEW(&run->arena, struct WorkloadBeats);
    issuer->beats->room = (uint32_t)(p->late / p->period + 2);
    issuer->beats->beat = SIM_NEW_N(&run->arena, Beat, issuer->beats->room);
    sim_timer_add(run, host->domain, SIM_PHASE_TIMER,
                  sim_arena_printf(&run->arena, "%s/beat", w->name), &issuer->arrival,
                  heartbeat_send, issuer);
    sim_timer_add(run, host->domain, SIM_PHASE_TIMER,
                  sim_arena_printf(&run->arena, "%s/deadline", w->name), &issuer->beats->deadline,
                  heartbeat_deadline, issuer);
}

void workload_heartbeat_wire(SimRun *run, Workload *w) {
    for (uint32_t i = 0; i < w->n_issuers; i++)
        issuer_wire(run, w, i);
    sim_meter_count(run, "workload", w->name, "sent", "", &w->sent);
    sim_meter_count(run, "workload", w->name, "missed", "", &w->missed);
}

/* The hosts of a cluster do not beat in step. */
void workload_heartbeat_start(SimRun *run, Workload *w) {
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        WorkloadIssuer *issuer = &w->issuer[i];
        uint64_t period = (uint64_t)w->params->heartbeat->period;
        sim_timer_set(run, &issuer->arrival, 1 + (SimTime)sim_rng_below(&issuer->rng, period));
    }
}
