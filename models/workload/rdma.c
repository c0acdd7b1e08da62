/* rdma.c: RDMA operations between hosts, without storage behind them. */
#include "models/nic/chain.h"
#include "models/workload/workload.h"

typedef struct RdmaMessage {
    WorkloadIssuer *issuer;
    SimTime began;
    uint32_t bytes;
} RdmaMessage;
_Static_assert(sizeof(RdmaMessage) <= WORKLOAD_MESSAGE_BYTES, "fits its pool");

static void rdma_post(SimRun *run, WorkloadIssuer *issuer) {
    const WorkloadRdma *p = issuer->workload->params->rdma;
    static const TransportVerb verb[] = {TRANSPORT_WRITE, TRANSPORT_READ, TRANSPORT_SEND};
    while (issuer->outstanding < p->outstanding && issuer->left > 0 && issuer->end->up) {
        RdmaMessage *m = sim_pool_get(&workloads_of(run)->messages);
        uint32_t bytes = (uint32_t)(p->message < issuer->left ? p->message : issuer->left);
        *m = (RdmaMessage){issuer, run->context.now, bytes};
        if (p->total != SIM_ABSENT) issuer->left -= bytes;
        workload_began(run, issuer);
        transport_post(run, issuer->end, verb[p->verb], bytes, m);
    }
}

static void rdma_complete(SimRun *run, TransportEnd *end, void *token, TransportStatus status) {
    WorkloadIssuer *issuer = end->owner;
    const WorkloadRdma *p = issuer->workload->params->rdma;
    RdmaMessage *m = token;
    bool failed = status != TRANSPORT_OK;
    workload_ended(run, issuer, p->verb == WORKLOAD_READ ? WORKLOAD_READS : WORKLOAD_WRITES,
                   failed ? 0 : m->bytes, m->began, NULL, failed, false);
    sim_pool_put(&workloads_of(run)->messages, m);
    rdma_post(run, issuer);
}

static void rdma_changed(SimRun *run, TransportEnd *end, bool up) {
    if (up) rdma_post(run, end->owner);
}

static void rdma_received(SimRun *run, TransportEnd *end, void *token) {
    (void)run; /* perftest's receiver only counts */
    (void)end;
    (void)token;
}

static const TransportUser rdma_issuer = {rdma_complete, rdma_received, rdma_changed};
static const TransportUser rdma_target = {rdma_complete, rdma_received, NULL};

static void rdma_begin(SimRun *run, void *owner) {
    rdma_post(run, owner);
}

void workload_rdma_wire(SimRun *run, Workload *w) {
    const WorkloadRdma *p = w->params->rdma;
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        WorkloadIssuer *issuer = &w->issuer[i];
        NicHost *host = nic_host(run, issuer->host);
        NicHost *other = nic_host(run, p->to.items[i % p->to.n].index);
        TransportEnd *target;
        NicEndpoint *here, *there;
        uint8_t priority = nic_class_priority(run->config.scenario, &p->class);
        bool paired = p->class.n ? nic_endpoint_pair_at(host, other, priority, &here, &there)
                                 : nic_endpoint_pair(host, other, 0, &here, &there);
        SIM_ASSERT(&run->context, paired); /* the check has seen to it */
        nic_connect(run, here, there, w->name, NIC_WANT_ANY, &issuer->end, &target);
        issuer->end->user = &rdma_issuer;
        issuer->end->owner = issuer;
        target->user = &rdma_target;
        target->owner = NULL;
        issuer->left = p->total != SIM_ABSENT ? p->total : INT64_MAX;
        char *label = sim_arena_printf(&run->arena, "%s/begin", w->name);
        sim_timer_add(run, host->domain, SIM_PHASE_TIMER, label, &issuer->arrival, rdma_begin,
                      issuer);
    }
}

void workload_rdma_start(SimRun *run, Workload *w) {
    for (uint32_t i = 0; i < w->n_issuers; i++)
        sim_timer_set(run, &w->issuer[i].arrival, w->params->rdma->start);
}
