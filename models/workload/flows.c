/* flows.c: flows of drawn sizes between hosts drawn at random, as network papers load a fabric.
 *
 * Each host offers `load` of its line by flows that come as a Poisson process; each is one RDMA
 * WRITE to another host of `to`, all equally likely, of a size drawn from `sizes`. Slowdown is the
 * time of a flow over `empty` + its bytes at line rate. */
#include "models/workload/workload.h"

typedef struct FlowMessage {
    WorkloadIssuer *issuer;
    SimTime began;
    uint32_t bytes;
} FlowMessage;
_Static_assert(sizeof(FlowMessage) <= WORKLOAD_MESSAGE_BYTES, "fits its pool");

enum { PPM = 1000000 };

/* The sum of the chances: what does not make up 1 is meant in proportion. */
static int64_t chances(const WorkloadFlows *p) {
    const WorkloadFlowSize *size = p->sizes.items;
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->sizes.n; i++)
        sum += size[i].chance;
    return sum;
}

static uint32_t draw_bytes(const WorkloadFlows *p, SimRng *rng) {
    const WorkloadFlowSize *size = p->sizes.items;
    int64_t at = (int64_t)sim_rng_below(rng, (uint64_t)chances(p));
    uint32_t i = 0;
    for (; at >= size[i].chance; i++)
        at -= size[i].chance;
    return (uint32_t)size[i].bytes;
}

/* Mean time between two flows of a host whose line has `bps`. */
static SimTime mean_gap(const WorkloadFlows *p, int64_t bps) {
    const WorkloadFlowSize *size = p->sizes.items;
    __int128 weighted = 0; /* bytes x chance; sizes are at most 1 GiB: it fits */
    for (uint32_t i = 0; i < p->sizes.n; i++)
        weighted += (__int128)size[i].bytes * size[i].chance;
    __int128 gap = weighted * SIM_BYTE_TICKS_AT_1BPS / chances(p) * PPM / p->load / bps;
    return gap < 1 ? 1 : gap > SIM_S * 3600 ? SIM_S * 3600 : (SimTime)gap;
}

static void flow_ended(SimRun *run, FlowMessage *m, bool failed) {
    WorkloadIssuer *issuer = m->issuer;
    Workload *w = issuer->workload;
    const WorkloadFlows *p = w->params->flows;
    workload_ended(run, issuer, WORKLOAD_WRITES, failed ? 0 : m->bytes, m->began, NULL, failed,
                   false);
    if (!failed) {
        SimTime line = (SimTime)((__int128)m->bytes * SIM_BYTE_TICKS_AT_1BPS / issuer->bps);
        SimTime least = p->empty + line;
        SimTime took = run->context.now - m->began;
        w->segment[run->segment].slowdown += (__int128)took * PPM / (least > 0 ? least : 1);
    }
    sim_pool_put(&workloads_of(run)->messages, m);
}

static void flow_complete(SimRun *run, TransportEnd *end, void *token, TransportStatus status) {
    (void)end;
    flow_ended(run, token, status != TRANSPORT_OK);
}

static void flow_received(SimRun *run, TransportEnd *end, void *token) {
    (void)run; /* a WRITE tells nobody */
    (void)end;
    (void)token;
}

static const TransportUser flow_user = {flow_complete, flow_received, NULL};

/* A flow comes. */
static void flow_begin(SimRun *run, void *owner) {
    WorkloadIssuer *issuer = owner;
    const WorkloadFlows *p = issuer->workload->params->flows;
    TransportEnd *end = issuer->ends[sim_rng_below(&issuer->rng, issuer->n_ends)];
    FlowMessage *m = sim_pool_get(&workloads_of(run)->messages);
    *m = (FlowMessage){issuer, run->context.now, draw_bytes(p, &issuer->rng)};
    workload_began(run, issuer);
    SimTime gap = sim_rng_exponential(&issuer->rng, mean_gap(p, issuer->bps));
    sim_timer_set(run, &issuer->arrival, run->context.now + (gap > 0 ? gap : 1));
    if (end->up)
        transport_post(run, end, TRANSPORT_WRITE, m->bytes, m);
    else
        flow_ended(run, m, true);
}

static void issuer_connect(SimRun *run, Workload *w, WorkloadIssuer *issuer) {
    const SimRefs *to = &w->params->flows->to;
    NicHost *host = nic_host(run, issuer->host);
    issuer->ends = SIM_NEW_N(&run->arena, TransportEnd *, to->n);
    for (uint32_t i = 0; i < to->n; i++) {
        if (to->items[i].index == issuer->host) continue;
        NicEndpoint *here, *there;
        bool paired = nic_endpoint_pair(host, nic_host(run, to->items[i].index), 0, &here, &there);
        SIM_ASSERT(&run->context, paired); /* the check has seen to it */
        TransportEnd *end, *target;
        nic_connect(run, here, there, w->name, NIC_WANT_ANY, &end, &target);
        end->user = target->user = &flow_user;
        end->owner = issuer;
        target->owner = NULL;
        issuer->bps = here->home->fabric.bps;
        issuer->ends[issuer->n_ends++] = end;
    }
}

void workload_flows_wire(SimRun *run, Workload *w) {
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        WorkloadIssuer *issuer = &w->issuer[i];
        issuer_connect(run, w, issuer);
        sim_timer_add(run, nic_host(run, issuer->host)->domain, SIM_PHASE_TIMER,
                      sim_arena_printf(&run->arena, "%s/flow", w->name), &issuer->arrival,
                      flow_begin, issuer);
    }
}

void workload_flows_start(SimRun *run, Workload *w) {
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        WorkloadIssuer *issuer = &w->issuer[i];
        SimTime gap = sim_rng_exponential(&issuer->rng, mean_gap(w->params->flows, issuer->bps));
        sim_timer_set(run, &issuer->arrival, gap > 0 ? gap : 1);
    }
}
