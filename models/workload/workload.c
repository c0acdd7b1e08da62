/* workload.c: workloads as a model: building, check, audit. */
#include "models/workload/workload.h"

#include <stdio.h>

#include "models/nic/chain.h"
#include "models/storage/params.h"
#include "models/workload/counters.h"
#include "sim/core/audit.h"
#include "sim/scenario/scenario.h"

#define LATENCY_DOCS(prefix, what)                                                                 \
    {"workload", prefix ".p50", "ns", "Median latency of " what "."},                              \
        {"workload", prefix ".p90", "ns", "90th percentile of the latency of " what "."},          \
        {"workload", prefix ".p99", "ns", "99th percentile of the latency of " what "."},          \
        {"workload", prefix ".p999", "ns", "99.9th percentile of the latency of " what "."},       \
        {"workload", prefix ".mean", "ns", "Mean latency of " what "."},                           \
        {"workload", prefix ".max", "ns", "Largest latency of " what "."}, {                       \
        "workload", prefix ".count", "", "How many " what " ended with success."                   \
    }

static const SimMetricDoc metrics[] = {
    {"workload", "iops", "1/s", "Operations completed a second, all hosts together."},
    {"workload", "throughput", "bps", "Payload of the operations completed, in bits a second."},
    {"workload", "bytes", "bytes", "Payload of the operations completed."},
    LATENCY_DOCS("read", "reads"),
    LATENCY_DOCS("write", "writes"),
    LATENCY_DOCS("all", "all operations"),
    {"workload", "outage", "ns",
     "Longest time in which one issuer with operations outstanding completed none."},
    {"workload", "longest", "ns", "Longest single operation that ended in the window."},
    {"workload", "failed", "", "Operations that ended without success."},
    {"workload", "retried", "", "Operations of which a part was sent again on another path."},
    {"workload", "slowdown", "",
     "Flows: mean of the time of a flow over the time it would take on an idle fabric."},
    {"workload", "offered", "1/s", "Open loop: operations offered a second."},
    {"workload", "outstanding", "", "Closed loop: operations kept under way."},
    {"workload", "think", "ns", "Closed loop: pause between an operation and the next."},
    {"workload", "sent", "", "Heartbeats sent."},
    {"workload", "missed", "", "Heartbeats that did not come in time."},
    {"workload", "part.software", "ns", "Mean time of an operation in the hosts' software."},
    {"workload", "part.network", "ns",
     "Mean time of an operation on the network, queues included."},
    {"workload", "part.drive-wait", "ns", "Mean time of an operation queued at its drive."},
    {"workload", "part.drive-service", "ns", "Mean time of an operation in its drive."},
    {0}};

static const SimDiagnosticDoc diagnostics[] = {
    {"E501", "no volume to work on", "A diskspd workload needs a volume."},
    {"E502", "no path",
     "An rdma workload needs cabled ports or vNICs of one name at both ends, joined by cables."},
    {"E504", "no path to the volume", "A host works on a volume that it cannot reach."},
    {"E505", "too many packets outstanding",
     "A connection tells 2^23 unacknowledged packets apart."},
    {"E506", "too many connections", "Hosts x owners of their volumes exceed what fits memory."},
    {"E503", "talking to itself", "Both ends of an rdma or heartbeat workload are the same host."},
    {"E507", "too many heartbeats on the way", "`late` is at most 1000 periods."},
    {0}};

Workloads *workloads_of(SimRun *run) {
    return sim_run_state(run, &workload_model);
}

/* ---- check ---- */

static void lint_heartbeat(const SimScenario *s, const WorkloadParams *w, SimDiagnostics *out) {
    uint32_t line, column;
    if (w->heartbeat->late / w->heartbeat->period <= 1000) return;
    sim_scenario_place(s, &w->item, "heartbeat.late", &line, &column);
    sim_diagnostics_add(out, "E507", line, column, w->item.name, "at most 1000 periods", NULL,
                        "late is %lld periods",
                        (long long)(w->heartbeat->late / w->heartbeat->period));
}

/* Hosts that talk to hosts: by RDMA, or by heartbeats. */
static void lint_rdma(const SimScenario *s, const WorkloadParams *w, const NicCabling *cabling,
                      SimDiagnostics *out) {
    uint32_t line, column, n;
    const NicHostParams *host = sim_scenario_items(s, "host", &n);
    const SimRefs *to = w->rdma ? &w->rdma->to : &w->heartbeat->to;
    sim_scenario_place(s, &w->item, w->rdma ? "rdma.to" : "heartbeat.to", &line, &column);
    char whose[128];
    snprintf(whose, sizeof whose, "workload %s", w->item.name);
    for (uint32_t i = 0; i < w->hosts.n && to->n; i++) {
        uint32_t ends[2] = {w->hosts.items[i].index, to->items[i % to->n].index};
        const char *a = host[ends[0]].item.name, *b = host[ends[1]].item.name;
        if (ends[0] == ends[1])
            sim_diagnostics_add(out, "E503", line, column, w->item.name, NULL, NULL,
                                "host %s would talk to itself", a);
        else if (!nic_reaches(s, cabling, ends[0], ends[1]))
            sim_diagnostics_add(out, "E502", line, column, w->item.name,
                                "cabled ports, or vNICs of one name", NULL,
                                "hosts %s and %s have no path to each other", a, b);
        else if (w->rdma && !w->rdma->class.n)
            nic_lint_pair(s, cabling, ends[0], ends[1], whose, out);
    }
}

/* Every host of a flow load sends to every other. */
static void lint_flows(const SimScenario *s, const WorkloadParams *w, const NicCabling *cabling,
                       SimDiagnostics *out) {
    uint32_t line, column, n;
    const NicHostParams *host = sim_scenario_items(s, "host", &n);
    const SimRefs *to = &w->flows->to;
    sim_scenario_place(s, &w->item, "flows.to", &line, &column);
    for (uint32_t i = 0; i < w->hosts.n; i++) {
        uint32_t from = w->hosts.items[i].index, others = 0;
        for (uint32_t k = 0; k < to->n; k++) {
            if (to->items[k].index == from) continue;
            others++;
            if (nic_reaches(s, cabling, from, to->items[k].index)) continue;
            sim_diagnostics_add(out, "E502", line, column, w->item.name,
                                "cabled ports, or vNICs of one name", NULL,
                                "hosts %s and %s have no path to each other", host[from].item.name,
                                host[to->items[k].index].item.name);
            return;
        }
        if (others) continue;
        sim_diagnostics_add(out, "E503", line, column, w->item.name, NULL, NULL,
                            "host %s would talk to itself", host[from].item.name);
        return;
    }
}

/* Packets unacknowledged on one connection must stay within half the 24-bit PSNs (IBTA volume 1,
 * 9.7.1): comparison would fail beyond. */
#define PACKETS_MOST (INT64_C(1) << 23)

static void lint_psns(const SimScenario *s, const WorkloadParams *w, SimDiagnostics *out) {
    uint32_t n, line, column;
    const NicHostParams *host = sim_scenario_items(s, "host", &n);
    int64_t bytes = w->rdma ? w->rdma->message : w->diskspd->block;
    int64_t outstanding = w->rdma ? w->rdma->outstanding : w->diskspd->outstanding;
    for (uint32_t i = 0; i < w->hosts.n; i++) {
        int64_t mtu = host[w->hosts.items[i].index].nic->mtu;
        if ((bytes + mtu - 1) / mtu * outstanding <= PACKETS_MOST) continue;
        sim_scenario_place(s, &w->item, w->rdma ? "rdma.outstanding" : "diskspd.outstanding", &line,
                           &column);
        sim_diagnostics_add(out, "E505", line, column, w->item.name, "at most 8388608 packets",
                            NULL,
                            "%lld operations of %lld packets are more than PSNs can tell apart",
                            (long long)outstanding, (long long)((bytes + mtu - 1) / mtu));
        return;
    }
}

static bool volume_is_on(const StorageVolumeParams *v, uint32_t host) {
    for (uint32_t i = 0; i < v->owner.n; i++)
        if (v->owner.items[i].index == host) return true;
    return false;
}

/* A host that holds no part of a volume it works on needs a path to those that do. */
static void lint_diskspd(const SimScenario *s, const WorkloadParams *w, const NicCabling *cabling,
                         SimDiagnostics *out) {
    uint32_t n, n_hosts, line, column;
    const StorageVolumeParams *v = sim_scenario_items(s, "volume", &n);
    const NicHostParams *host = sim_scenario_items(s, "host", &n_hosts);
    sim_scenario_place(s, &w->item, "hosts", &line, &column);
    if (w->volumes.n) n = w->volumes.n;
    for (uint32_t i = 0; i < w->hosts.n; i++) {
        uint32_t index = w->hosts.items[i].index;
        for (uint32_t k = 0; k < n; k++) {
            const StorageVolumeParams *on = &v[w->volumes.n ? w->volumes.items[k].index : k];
            uint32_t at = on->owner.items[0].index;
            if (volume_is_on(on, index)) continue;
            if (nic_reaches(s, cabling, index, at)) {
                nic_lint_pair(s, cabling, index, at, "storage", out);
                continue;
            }
            sim_diagnostics_add(out, "E504", line, column, w->item.name,
                                "cabled ports, or vNICs of one name", NULL,
                                "host %s has no path to volume %s on %s", host[index].item.name,
                                on->item.name, host[at].item.name);
            break;
        }
    }
}

/* Connections are made for each pair of hosts that work together; each takes about 2 kB. */
#define CONNECTIONS_MOST 500000

static void lint_connections(const SimScenario *s, SimDiagnostics *out) {
    uint32_t n, n_volumes;
    const WorkloadParams *w = sim_scenario_items(s, "workload", &n);
    const StorageVolumeParams *v = sim_scenario_items(s, "volume", &n_volumes);
    int64_t widest = 0, total = 0;
    for (uint32_t i = 0; i < n_volumes; i++)
        if (v[i].owner.n > widest) widest = v[i].owner.n;
    for (uint32_t i = 0; i < n; i++)
        total += w[i].hosts.n * (w[i].flows ? w[i].flows->to.n : w[i].diskspd ? widest : 1);
    if (total <= CONNECTIONS_MOST) return;
    sim_diagnostics_add(out, "E506", 0, 0, NULL, "at most 500000 pairs of hosts", NULL,
                        "workloads and volumes join %lld pairs of hosts, more than fit a run",
                        (long long)total);
}

static void workload_lint(const SimScenario *scenario, SimDiagnostics *out) {
    uint32_t n, volumes, line, column;
    const WorkloadParams *w = sim_scenario_items(scenario, "workload", &n);
    sim_scenario_items(scenario, "volume", &volumes);
    SimArena arena;
    sim_arena_init(&arena);
    const NicCabling *cabling = nic_cabling_plan(scenario, &arena, NULL);
    lint_connections(scenario, out);
    for (uint32_t i = 0; i < n; i++) {
        if (w[i].flows) lint_flows(scenario, &w[i], cabling, out);
        if (!w[i].heartbeat && !w[i].flows) lint_psns(scenario, &w[i], out);
        if (w[i].heartbeat) lint_heartbeat(scenario, &w[i], out);
        if (!w[i].diskspd && !w[i].flows) lint_rdma(scenario, &w[i], cabling, out);
        if (w[i].diskspd && volumes) lint_diskspd(scenario, &w[i], cabling, out);
        if (!w[i].diskspd || volumes) continue;
        sim_scenario_place(scenario, &w[i].item, "diskspd", &line, &column);
        sim_diagnostics_add(out, "E501", line, column, w[i].item.name, "a section volumes:", NULL,
                            "the scenario has no volume");
    }
    sim_arena_clear(&arena);
}

/* ---- building ---- */

static void workload_create(SimRun *run, const SimScenario *scenario) {
    Workloads *all = SIM_NEW(&run->arena, Workloads);
    sim_run_set_state(run, &workload_model, all);
    sim_pool_init(&all->ios, &run->arena, WORKLOAD_IO_BYTES);
    sim_pool_init(&all->messages, &run->arena, WORKLOAD_MESSAGE_BYTES);
    const WorkloadParams *params = sim_scenario_items(scenario, "workload", &all->n);
    all->items = SIM_NEW_N(&run->arena, Workload, all->n);
    for (uint32_t i = 0; i < all->n; i++) {
        Workload *w = &all->items[i];
        w->params = &params[i];
        w->name = params[i].item.name;
        w->n_issuers = params[i].hosts.n;
        w->issuer = SIM_NEW_N(&run->arena, WorkloadIssuer, w->n_issuers);
        workload_tally_create(run, w);
        for (uint32_t k = 0; k < w->n_issuers; k++) {
            WorkloadIssuer *issuer = &w->issuer[k];
            issuer->workload = w;
            issuer->host = params[i].hosts.items[k].index;
            const char *path =
                sim_arena_printf(&run->arena, "%s/%s", w->name, nic_host(run, issuer->host)->name);
            sim_rng_init(&issuer->rng, run->config.seed, path, "arrivals");
        }
    }
}

static void workload_wire(SimRun *run, const SimScenario *scenario) {
    (void)scenario;
    Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < all->n; i++) {
        if (all->items[i].params->diskspd)
            workload_diskspd_wire(run, &all->items[i]);
        else if (all->items[i].params->flows)
            workload_flows_wire(run, &all->items[i]);
        else if (all->items[i].params->heartbeat)
            workload_heartbeat_wire(run, &all->items[i]);
        else
            workload_rdma_wire(run, &all->items[i]);
    }
}

static void workload_start(SimRun *run) {
    Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < all->n; i++) {
        if (all->items[i].params->diskspd)
            workload_diskspd_start(run, &all->items[i]);
        else if (all->items[i].params->flows)
            workload_flows_start(run, &all->items[i]);
        else if (all->items[i].params->heartbeat)
            workload_heartbeat_start(run, &all->items[i]);
        else
            workload_rdma_start(run, &all->items[i]);
    }
}

static void workload_audit(SimRun *run, SimAudit *audit) {
    Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < all->n; i++) {
        const Workload *w = &all->items[i];
        int64_t issued = 0, parts[3] = {0};
        for (uint32_t k = 0; k < w->n_issuers; k++) {
            issued += w->issuer[k].issued;
            parts[2] += w->issuer[k].outstanding;
        }
        for (uint32_t s = 0; s < run->config.n_segments; s++) {
            const WorkloadSegment *seg = &w->segment[s];
            parts[0] += (int64_t)(seg->latency[0]->count + seg->latency[1]->count);
            parts[1] += seg->failed;
        }
        sim_audit_balance(audit, "io", w->name, issued,
                          (const char *[]){"completed", "failed", "outstanding"}, parts, 3);
    }
}

const SimModel workload_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "workload",
    .doc = "What hosts do: storage I/O as DISKSPD makes it, RDMA operations as perftest does, "
           "heartbeats.",
    .kinds = workload_kinds,
    .metrics = metrics,
    .counters = workload_counters,
    .diagnostics = diagnostics,
    .lint = workload_lint,
    .create = workload_create,
    .wire = workload_wire,
    .start = workload_start,
    .segment = workload_segment,
    .audit = workload_audit,
    .report = workload_report,
};
