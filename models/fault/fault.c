/* fault.c: the fault timeline: what goes down when, and what that did. */
#include "models/fault/fault.h"

#include <string.h>

#include "models/fabric/params.h"
#include "models/nic/cabling.h"
#include "models/nic/pipe.h"
#include "models/workload/workload.h"
#include "sim/scenario/scenario.h"

typedef struct FaultParams {
    SimItem item;
    SimTime at, length; /* length SIM_ABSENT: to the end */
    SimRefs down, storm;
    bool silent;
} FaultParams;

#define AT(field) offsetof(FaultParams, field)
static const SimParam fault_params[] = {
    {.key = "at",
     .type = SIM_TIME,
     .required = true,
     .min = "0ns",
     .max = "1000d",
     .offset = AT(at),
     .doc = "When it begins."},
    {.key = "for",
     .type = SIM_TIME,
     .min = "1ns",
     .max = "1000d",
     .offset = AT(length),
     .doc = "How long it lasts; without it, to the end of the run."},
    {.key = "down",
     .shape = SIM_LIST,
     .type = SIM_REF,
     .with_port = true,
     .ref = "switch|host|cable",
     .offset = AT(down),
     .doc = "A switch, a cable, all cables of a host, or the cable at a port (\"tor1/5\"); a list "
            "of ports is a line card."},
    {.key = "storm",
     .shape = SIM_LIST,
     .type = SIM_REF,
     .with_port = true,
     .ref = "switch|host",
     .offset = AT(storm),
     .doc = "Ports that pause the other end for ever, and, of a host, take nothing in: a PFC "
            "storm. The alternative to `down`.",
     .source = "Guo et al., SIGCOMM 2016, section 4.3"},
    {.key = "silent",
     .type = SIM_BOOL,
     .def = "false",
     .offset = AT(silent),
     .doc = "Frames vanish while the carrier stays up (a black hole)."},
    {0}};
#undef AT

static const SimKind fault_kinds[] = {{.section = "faults",
                                       .kind = "fault",
                                       .params = fault_params,
                                       .size = sizeof(FaultParams),
                                       .limit = 1000,
                                       .window = true,
                                       .doc = "What fails, when, and for how long."},
                                      {0}};

static const SimDiagnosticDoc diagnostics[] = {
    {"E601", "nothing to cut", "The port that a fault names has no cable."},
    {"E602", "a fault of no kind, or of two", "A fault is either `down` or `storm`."},
    {0}};

typedef struct Fault {
    const FaultParams *params;
    const char *target;
    FabricPort **cable;
    uint32_t n_cables;
    FabricSwitch **sw;
    uint32_t n_switches;
    FabricPort **storm;
    uint32_t n_storms;
    bool down;
    SimTimer timer;
} Fault;

typedef struct Faults {
    Fault *items;
    uint32_t n;
} Faults;

/* ---- targets ---- */

static bool cable_touches(const NicCable *c, SimRef ref, bool is_switch) {
    const NicCableEnd *ends[2] = {&c->a, &c->b};
    for (uint32_t i = 0; i < 2; i++)
        if (ends[i]->is_switch == is_switch && ends[i]->index == ref.index &&
            (!ref.port || ends[i]->port == ref.port))
            return true;
    return false;
}

/* True if the cable is one of those that `ref` stands for. */
static bool cable_meant(const SimScenario *s, const NicCable *c, SimRef ref) {
    if (strcmp(ref.kind->kind, "cable") != 0)
        return cable_touches(c, ref, strcmp(ref.kind->kind, "switch") == 0);
    uint32_t n;
    const FabricCableParams *cable = sim_scenario_items(s, "cable", &n);
    return c->item == &cable[ref.index].item;
}

static FabricPort *cable_port(SimRun *run, const NicCable *c) {
    if (c->a.is_switch) return &fabric_switch_at(run, c->a.index)->port[c->a.port - 1];
    return &nic_host(run, c->a.index)->port[c->a.port - 1].fabric;
}

static bool ref_is_whole_switch(SimRef ref) {
    return strcmp(ref.kind->kind, "switch") == 0 && !ref.port;
}

static void add_switch(Fault *f, FabricSwitch *sw) {
    for (uint32_t i = 0; i < f->n_switches; i++)
        if (f->sw[i] == sw) return;
    f->sw[f->n_switches++] = sw;
}

static FabricPort *ref_port(SimRun *run, SimRef ref, uint32_t i) {
    if (strcmp(ref.kind->kind, "switch") == 0) return &fabric_switch_at(run, ref.index)->port[i];
    return &nic_host(run, ref.index)->port[i].fabric;
}

static uint32_t ref_ports(SimRun *run, SimRef ref) {
    bool is_switch = strcmp(ref.kind->kind, "switch") == 0;
    return is_switch ? fabric_switch_at(run, ref.index)->n_ports
                     : nic_host(run, ref.index)->n_ports;
}

/* The cabled ports that storm, each once. */
static void fault_storms(SimRun *run, Fault *f) {
    const SimRefs *storm = &f->params->storm;
    uint32_t room = 0;
    for (uint32_t i = 0; i < storm->n; i++)
        room += ref_ports(run, storm->items[i]);
    f->storm = SIM_NEW_N(&run->arena, FabricPort *, room);
    for (uint32_t i = 0; i < storm->n; i++) {
        SimRef ref = storm->items[i];
        for (uint32_t k = 0; k < ref_ports(run, ref); k++) {
            FabricPort *port = ref_port(run, ref, k);
            bool known = !port->peer || (ref.port && ref.port != k + 1);
            for (uint32_t m = 0; m < f->n_storms; m++)
                known |= f->storm[m] == port;
            if (known) continue;
            f->storm[f->n_storms++] = port;
            if (!port->at) nic_pipe_add(run, (NicPort *)port);
        }
    }
}

static void fault_targets(SimRun *run, Fault *f, const SimScenario *s, const NicCabling *plan) {
    const SimRefs *down = &f->params->down;
    f->cable = SIM_NEW_N(&run->arena, FabricPort *, plan->cables.n);
    f->sw = SIM_NEW_N(&run->arena, FabricSwitch *, down->n);
    bool *meant = SIM_NEW_N(&run->arena, bool, plan->cables.n);
    for (uint32_t i = 0; i < down->n; i++) {
        SimRef ref = down->items[i];
        if (ref_is_whole_switch(ref) && !f->params->silent) {
            add_switch(f, fabric_switch_at(run, ref.index));
            continue;
        }
        for (uint32_t k = 0; k < plan->cables.n; k++)
            meant[k] |= cable_meant(s, &plan->cables.items[k], ref);
    }
    for (uint32_t k = 0; k < plan->cables.n; k++) /* each once, however often it was named */
        if (meant[k]) f->cable[f->n_cables++] = cable_port(run, &plan->cables.items[k]);
    fault_storms(run, f);
    f->target = f->n_switches ? f->sw[0]->name
                : f->n_cables ? f->cable[0]->name
                : f->n_storms ? f->storm[0]->name
                              : "nothing";
    uint32_t more = f->n_switches + f->n_cables + f->n_storms;
    if (more > 1) f->target = sim_arena_printf(&run->arena, "%s and %u more", f->target, more - 1);
}

/* ---- timeline ---- */

static void fault_turn(SimRun *run, void *owner) {
    Fault *f = owner;
    f->down = !f->down;
    for (uint32_t i = 0; i < f->n_switches; i++)
        fabric_switch_set(run, f->sw[i], !f->down);
    for (uint32_t i = 0; i < f->n_cables; i++) {
        if (f->params->silent)
            fabric_cable_swallow(run, f->cable[i], f->down);
        else
            fabric_cable_set(run, f->cable[i], !f->down);
    }
    for (uint32_t i = 0; i < f->n_storms; i++) {
        if (f->storm[i]->at)
            fabric_port_storm(run, f->storm[i], f->down);
        else
            nic_pipe_stick(run, ((NicPort *)f->storm[i])->pipe, f->down);
    }
    if (f->down && f->params->length != SIM_ABSENT)
        sim_timer_set(run, &f->timer, sim_time_add(run->context.now, f->params->length));
}

static void fault_wire(SimRun *run, const SimScenario *s) {
    Faults *faults = SIM_NEW(&run->arena, Faults);
    sim_run_set_state(run, &fault_model, faults);
    const FaultParams *params = sim_scenario_items(s, "fault", &faults->n);
    faults->items = SIM_NEW_N(&run->arena, Fault, faults->n);
    if (!faults->n) return;
    NicCabling *plan = nic_cabling_plan(s, &run->arena, NULL);
    SimDomain domain = sim_domain_add(run, "faults");
    for (uint32_t i = 0; i < faults->n; i++) {
        Fault *f = &faults->items[i];
        f->params = &params[i];
        fault_targets(run, f, s, plan);
        sim_timer_add(run, domain, SIM_PHASE_FAULT, params[i].item.name, &f->timer, fault_turn, f);
    }
}

static void fault_start(SimRun *run) {
    Faults *faults = sim_run_state(run, &fault_model);
    for (uint32_t i = 0; i < faults->n; i++)
        sim_timer_set(run, &faults->items[i].timer, faults->items[i].params->at);
}

/* ---- check ---- */

/* Every name must stand for something that has a cable. */
static void lint_targets(const SimScenario *s, const FaultParams *f, const SimRefs *refs,
                         const char *key, const NicCabling *plan, SimDiagnostics *out) {
    uint32_t line, column;
    sim_scenario_place(s, &f->item, key, &line, &column);
    for (uint32_t r = 0; r < refs->n; r++) {
        bool any = refs == &f->down && ref_is_whole_switch(refs->items[r]);
        for (uint32_t k = 0; k < plan->cables.n && !any; k++)
            any = cable_meant(s, &plan->cables.items[k], refs->items[r]);
        if (!any)
            sim_diagnostics_add(out, "E601", line, column, f->item.name,
                                "a switch, a cable, or a port with a cable", NULL,
                                "no cable is there to %s", key[0] == 'd' ? "go down" : "storm on");
    }
}

static void fault_lint(const SimScenario *s, SimDiagnostics *out) {
    uint32_t n, line, column;
    const FaultParams *f = sim_scenario_items(s, "fault", &n);
    if (!n) return;
    SimArena arena;
    sim_arena_init(&arena);
    NicCabling *plan = nic_cabling_plan(s, &arena, NULL);
    for (uint32_t i = 0; i < n; i++) {
        lint_targets(s, &f[i], &f[i].down, "down", plan, out);
        lint_targets(s, &f[i], &f[i].storm, "storm", plan, out);
        bool one = (f[i].down.n > 0) != (f[i].storm.n > 0);
        if (one && !(f[i].silent && f[i].storm.n)) continue;
        sim_scenario_place(s, &f[i].item, f[i].storm.n ? "storm" : "name", &line, &column);
        sim_diagnostics_add(out, "E602", line, column, f[i].item.name, "down: or storm:", NULL,
                            one ? "a storm is not silent" : "a fault is either down or a storm");
    }
    sim_arena_clear(&arena);
}

/* ---- report ---- */

static uint32_t window_named(const SimResult *result, const char *name) {
    for (uint32_t i = 0; i < result->n_windows; i++)
        if (strcmp(result->windows[i].name, name) == 0) return i;
    return 0;
}

static SimTime ticks_of(const SimResult *result, const char *entity, const char *metric,
                        uint32_t window) {
    const SimRow *row = sim_result_find(result, entity, metric);
    return row && row->value[window].den ? (SimTime)row->value[window].num : 0;
}

/* Operations completed in a bucket of the series, by workloads that go on to the end. */
static int64_t bucket_count(const Workloads *all, uint32_t bucket) {
    int64_t n = 0;
    for (uint32_t w = 0; w < all->n; w++) {
        const WorkloadParams *p = all->items[w].params;
        if (p->rdma && p->rdma->total != SIM_ABSENT) continue;
        n += all->items[w].series_count.value[bucket];
    }
    return n;
}

/* Operations that make a step of time whose rate means something. */
enum { STEP_COUNT = 100 };

/* The healthy rate: `count` operations in `buckets` buckets. Steps are `step` buckets long; the
 * slowest healthy one completed `least`, so that what chance does to a step is not taken for a
 * fault. */
typedef struct HealthyRate {
    int64_t count, least;
    uint32_t buckets, step;
} HealthyRate;

static int64_t step_count(const Workloads *all, uint32_t first, uint32_t step) {
    int64_t n = 0;
    for (uint32_t i = first; i < first + step; i++)
        n += bucket_count(all, i);
    return n;
}

static HealthyRate healthy_rate(const Workloads *all, const SimResult *result,
                                const SimSeries *axis) {
    const SimResultWindow *healthy = &result->windows[window_named(result, "healthy")];
    HealthyRate rate = {.least = INT64_MAX, .step = 1};
    uint32_t first = (uint32_t)((healthy->start - axis->start + axis->width - 1) / axis->width);
    uint32_t end = (uint32_t)((healthy->end - axis->start) / axis->width);
    if (end <= first) return rate;
    rate.buckets = end - first;
    rate.count = step_count(all, first, rate.buckets);
    while (rate.step < rate.buckets && rate.count * rate.step < (int64_t)STEP_COUNT * rate.buckets)
        rate.step++;
    for (uint32_t i = first; i + rate.step <= end; i += rate.step) {
        int64_t n = step_count(all, i, rate.step);
        if (n < rate.least) rate.least = n;
    }
    return rate;
}

/* Below 95 % of the healthy rate, and slower than any healthy step. */
static bool step_is_low(const Workloads *all, HealthyRate rate, uint32_t first) {
    int64_t n = step_count(all, first, rate.step);
    __int128 share = (__int128)n * rate.buckets * 100;
    return n < rate.least && share < (__int128)rate.count * rate.step * 95;
}

/* Time from `at` until 95 % of the healthy rate is back for two steps in a row; 0 where the rate
 * did not fall within three steps, SIM_NEVER where it was not back before `until`. */
static SimTime recovery_of(const Workloads *all, const SimResult *result, SimTime at,
                           SimTime until) {
    if (!all->n) return 0;
    const SimSeries *axis = &all->items[0].series_count;
    HealthyRate rate = healthy_rate(all, result, axis);
    if (!rate.count) return SIM_NEVER; /* nothing healthy to compare with */
    uint32_t first = (uint32_t)((at - axis->start) / axis->width), good = 0;
    bool fell = false;
    for (uint32_t i = first; i + rate.step <= axis->n; i += rate.step) {
        SimTime t = axis->start + i * axis->width;
        if (t + rate.step * axis->width > until) break;
        bool low = step_is_low(all, rate, i);
        fell |= low;
        good = low ? 0 : good + 1;
        if (!fell && good == 3) return 0;
        SimTime back = t - rate.step * axis->width;
        if (fell && good == 2) return back > at ? back - at : 0;
    }
    return fell ? SIM_NEVER : 0;
}

/* When the next fault begins after `at`, or the run ends. */
static SimTime next_fault(const Faults *faults, SimTime at, SimTime end) {
    for (uint32_t i = 0; i < faults->n; i++)
        if (faults->items[i].params->at > at && faults->items[i].params->at < end)
            end = faults->items[i].params->at;
    return end;
}

static void fault_report(SimRun *run, SimResult *result) {
    Faults *faults = sim_run_state(run, &fault_model);
    const Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < faults->n; i++) {
        const Fault *f = &faults->items[i];
        uint32_t window = window_named(result, f->params->item.name);
        SimFaultRow *row = sim_result_fault(result, f->params->item.name, f->target);
        row->at = f->params->at;
        row->until =
            f->params->length == SIM_ABSENT ? SIM_NEVER : sim_time_add(row->at, f->params->length);
        for (uint32_t w = 0; w < all->n; w++) {
            const char *name = all->items[w].name;
            SimTime outage = ticks_of(result, name, "outage", window);
            SimTime longest = ticks_of(result, name, "longest", window);
            if (outage > row->outage) row->outage = outage;
            if (longest > row->longest_stall) row->longest_stall = longest;
            row->failed += ticks_of(result, name, "failed", window);
            row->retried += ticks_of(result, name, "retried", window);
        }
        row->lost_frames = ticks_of(result, "run", "lost", window);
        SimTime until = next_fault(faults, row->at, run->context.now);
        row->recovery = recovery_of(all, result, row->at, until);
    }
}

const SimModel fault_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "fault",
    .doc = "The fault timeline: what goes down or storms, and comes back.",
    .kinds = fault_kinds,
    .diagnostics = diagnostics,
    .lint = fault_lint,
    .wire = fault_wire,
    .start = fault_start,
    .report = fault_report,
};
