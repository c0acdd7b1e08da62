/* lint.c: see lint.h. */
#include "models/fabric/lint.h"

#include "models/fabric/params.h"
#include "sim/scenario/scenario.h"

enum { WHOLE_PPM = 1000000, PERCENT_PPM = 10000 };

const SimDiagnosticDoc fabric_diagnostics[] = {
    {"E201", "one priority, two classes", "Frames of two classes could not be told apart."},
    {"E202", "XON not below XOFF", "A pause ends when less is held than when it began."},
    {"E203", "more than all of it", "The shares of the classes exceed 100 %."},
    {"W201", "buffer smaller than its promises",
     "The headroom of all cabled ports and lossless priorities, and one frame each below XOFF, "
     "exceed half the buffer: a lossless frame may be dropped."},
    {"W203", "marks begin above XOFF",
     "Senders are paused before the first frame is marked: congestion control never acts."},
    {"W204", "a class may starve the others",
     "Lossless bulk traffic that is strict, or has 99 % or more, leaves next to nothing for "
     "connection set-up, management and heartbeats."},
    {0}};

static void lint_priorities(const SimScenario *scenario, const FabricClassParams *c, uint32_t n,
                            SimDiagnostics *out) {
    uint32_t line, column;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (c[i].priority != c[k].priority) continue;
            sim_scenario_place(scenario, &c[i].item, "priority", &line, &column);
            sim_diagnostics_add(out, "E201", line, column, c[i].item.name, "a priority of its own",
                                NULL, "priority %d is that of class %s already", (int)c[i].priority,
                                c[k].item.name);
        }
    }
}

static void lint_shares(const SimScenario *scenario, const FabricClassParams *c, uint32_t n,
                        SimDiagnostics *out) {
    uint32_t line, column;
    int64_t all = 0, lossless = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (c[i].strict && c[i].pfc) {
            sim_scenario_place(scenario, &c[i].item, "strict", &line, &column);
            sim_diagnostics_add(out, "W204", line, column, c[i].item.name,
                                "a share below 100% in place of strict: true", NULL,
                                "lossless class %s is strict: while it has frames, no other class "
                                "is served",
                                c[i].item.name);
        }
        if (c[i].share == SIM_ABSENT) continue;
        all += c[i].share;
        lossless += c[i].pfc ? c[i].share : 0;
        sim_scenario_place(scenario, &c[i].item, "share", &line, &column);
        if (all > WHOLE_PPM && all - c[i].share <= WHOLE_PPM)
            sim_diagnostics_add(out, "E203", line, column, c[i].item.name, "100% in all", NULL,
                                "with class %s the shares make %lld %%", c[i].item.name,
                                (long long)(all / PERCENT_PPM));
        if (lossless >= WHOLE_PPM - PERCENT_PPM &&
            lossless - c[i].share * c[i].pfc < WHOLE_PPM - PERCENT_PPM)
            sim_diagnostics_add(out, "W204", line, column, c[i].item.name,
                                "a smaller share; for storage 50% is usual", NULL,
                                "lossless classes have %lld %%: connection set-up, management and "
                                "heartbeats share what is left",
                                (long long)(lossless / PERCENT_PPM));
    }
}

/* kmin of a class at the rate of a switch's ports, against a fixed XOFF. */
static void lint_marks(const SimScenario *scenario, const FabricSwitchParams *sw,
                       const FabricClassParams *c, SimDiagnostics *out) {
    uint32_t line, column;
    if (!c->ecn || !c->pfc || sw->xoff == SIM_ABSENT) return;
    int64_t of = c->ecn->rate == SIM_ABSENT ? sw->rate : c->ecn->rate;
    int64_t kmin = (int64_t)((__int128)c->ecn->kmin * sw->rate / of);
    if (kmin < sw->xoff) return;
    sim_scenario_place(scenario, &c->item, "ecn.kmin", &line, &column);
    sim_diagnostics_add(out, "W203", line, column, c->item.name, "kmin and kmax below xoff", NULL,
                        "frames of class %s are marked from %lld bytes on, %s pauses a sender at "
                        "%lld: pauses come first, and no notification is sent",
                        c->item.name, (long long)kmin, sw->item.name, (long long)sw->xoff);
}

void fabric_lint(const SimScenario *scenario, SimDiagnostics *out) {
    uint32_t n, n_classes, line, column;
    const FabricClassParams *c = sim_scenario_items(scenario, "class", &n_classes);
    lint_priorities(scenario, c, n_classes, out);
    lint_shares(scenario, c, n_classes, out);
    const FabricSwitchParams *sw = sim_scenario_items(scenario, "switch", &n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n_classes; k++)
            lint_marks(scenario, &sw[i], &c[k], out);
        if (sw[i].xoff == SIM_ABSENT || sw[i].xon == SIM_ABSENT || sw[i].xon < sw[i].xoff) continue;
        sim_scenario_place(scenario, &sw[i].item, "xon", &line, &column);
        sim_diagnostics_add(out, "E202", line, column, sw[i].item.name, "xon below xoff", NULL,
                            "a pause would end before it began: xon is not below xoff");
    }
}
