/* lint.c: hosts, their vNICs and the buffers of switches; see lint.h. */
#include "models/nic/lint.h"

#include <string.h>

#include "models/fabric/params.h"
#include "models/frame/frame.h"
#include "models/nic/chain.h"

const SimDiagnosticDoc nic_diagnostics[] = {
    {"E301", "no such port", "A cable names a port that the switch or adapter does not have."},
    {"E302", "port cabled twice", "A port takes one cable; two ends name the same one."},
    {"E303", "no free port", "All ports of a switch or adapter are taken."},
    {"E304", "no common rate", "The ends of a cable cannot run at the same rate."},
    {"E305", "cable to itself", "Both ends of a cable are the same switch or host."},
    {"E306", "vNIC on a port that is not there", "`port` counts the ports of the adapter from 1."},
    {"E308", "path MTU", "RDMA knows 256, 512, 1024, 2048 and 4096 bytes."},
    {"E310", "no such neighbour", "A way given by hand leads over a cable that is not there."},
    {"E309", "too many cables", "The engine has room for the events of 200,000 cables."},
    {"W202", "headroom too small for the cable",
     "What still arrives after a pause was sent is more than the headroom takes: lossless frames "
     "are dropped at full load."},
    {"W205", "ways close a ring",
     "Some frame goes from each link of a ring of switches to the next: a cyclic buffer "
     "dependency, without which PFC cannot lock up for good. Fabrics whose ways are more than some "
     "10^9 steps are not looked at."},
    {"W301", "rate taken", "The ends differ; the highest rate both share is taken."},
    {"W303", "switch is no lossless hop", "RDMA crosses a switch without DCB: PFC stops there."},
    {"W304", "frame larger than the switch takes",
     "Path MTU plus headers exceed the switch's mtu: small messages pass, larger ones never do, "
     "and nobody is told."},
    {"W305", "one name, two VLANs", "Hosts talk to the vNIC of the same name; its VLAN differs."},
    {"W306", "RDMA in a lossy priority",
     "A vNIC or port names no class, and no single class has PFC."},
    {"W307", "PFC off at a cable",
     "The class is lossless, but nobody is paused over this cable: frames are dropped behind it."},
    {"W308", "PFC for another priority",
     "An end of a cable has PFC for other priorities than the one RDMA travels at there."},
    {"W309", "priority lost with the tag",
     "RoCE v1 has no field for a priority but the 802.1Q tag, and a switch that trusts tags reads "
     "no other; untagged frames are in priority 0."},
    {"W310", "TCP in place of RDMA",
     "A link of the RDMA chain is broken at a host; its traffic falls back to TCP, and only its "
     "counters and the CPU say so."},
    {"W311", "RDMA that does not meet",
     "Two hosts have RDMA of different protocol, RoCE mode or IP version; they fall back to TCP."},
    {"W312", "switch not fit for this RoCE",
     "The switch does not know this version of RoCE: its frames travel in priority 0."},
    {"W313", "DCBX overrides the host",
     "A willing adapter takes the switch's PFC settings in place of its own."},
    {"W314", "link pause in place of PFC", "802.3x stops all classes at once, heartbeats too."},
    {"W315", "RoCE v1 at a router", "RoCE v1 has no IP header and does not leave its rack."},
    {0}};

/* ---- hosts ---- */

static void lint_host(const SimScenario *s, const NicHostParams *h, SimDiagnostics *out) {
    uint32_t line, column;
    const NicAdapter *a = h->nic;
    sim_scenario_place(s, &h->item, "nic", &line, &column);
    if ((a->mtu & (a->mtu - 1)) != 0)
        sim_diagnostics_add(out, "E308", line, column, h->item.name, "256B 512B 1024B 2048B 4096B",
                            NULL, "nic.mtu is not an RDMA path MTU");
    const NicVnic *v = h->vnics.items;
    for (uint32_t i = 0; i < h->vnics.n; i++) {
        if (v[i].port <= a->ports) continue;
        sim_scenario_place(s, &h->item, "vnics", &line, &column);
        sim_diagnostics_add(out, "E306", line, column, h->item.name, NULL, NULL,
                            "vNIC %s sits on port %d, the adapter has %d", v[i].name,
                            (int)v[i].port, (int)a->ports);
    }
}

/* RDMA without a class of its own must not fall into a lossy priority unnoticed. */
static void lint_classes(const SimScenario *s, const NicHostParams *h, SimDiagnostics *out) {
    uint32_t n_classes, line, column;
    sim_scenario_items(s, "class", &n_classes);
    uint8_t priority = fabric_default_priority(s);
    if (!n_classes || (fabric_lossless(s) >> priority & 1) || nic_rdma_broken(h, NULL)) return;
    const NicVnic *v = h->vnics.items;
    bool without = h->vnics.n == 0;
    for (uint32_t i = 0; i < h->vnics.n; i++)
        without |= v[i].rdma && !v[i].class.n;
    if (!without) return;
    sim_scenario_place(s, &h->item, h->vnics.n ? "vnics" : "nic", &line, &column);
    sim_diagnostics_add(out, "W306", line, column, h->item.name,
                        "vnics with a class, or one class with pfc: true", NULL,
                        "RDMA of %s travels at priority %u, which no class makes lossless",
                        h->item.name, priority);
}

/* vNICs of the same name talk to each other, so they must be in the same VLAN. */
static void lint_vlans(const SimScenario *s, const NicHostParams *host, uint32_t n,
                       SimDiagnostics *out) {
    for (uint32_t i = 1; i < n; i++) {
        const NicVnic *mine = host[i].vnics.items, *first = host[0].vnics.items;
        for (uint32_t a = 0; a < host[i].vnics.n; a++) {
            for (uint32_t b = 0; b < host[0].vnics.n; b++) {
                if (strcmp(mine[a].name, first[b].name) != 0 || mine[a].vlan == first[b].vlan)
                    continue;
                uint32_t line, column;
                sim_scenario_place(s, &host[i].item, "vnics", &line, &column);
                sim_diagnostics_add(out, "W305", line, column, host[i].item.name,
                                    "one VLAN for vNICs of one name", NULL,
                                    "vNIC %s of %s and of %s are in different VLANs: no frame "
                                    "passes between them",
                                    mine[a].name, host[i].item.name, host[0].item.name);
            }
        }
    }
}

/* ---- buffers ---- */

/* Half the buffer is for lossless frames: headroom and at least a frame below XOFF a port. */
static void lint_buffers(const SimScenario *s, const NicCabling *cabling, SimDiagnostics *out) {
    uint32_t n;
    const FabricSwitchParams *sw = sim_scenario_items(s, "switch", &n);
    int64_t lossless = __builtin_popcount(fabric_lossless(s));
    for (uint32_t i = 0; i < n; i++) {
        int64_t need = 0, frame = sw[i].mtu + FRAME_GAP_BYTES;
        for (uint32_t k = 0; k < cabling->cables.n && sw[i].dcb; k++) {
            const NicCable *c = &cabling->cables.items[k];
            SimTime round_trip = nic_cable_round_trip(s, c);
            int64_t room = frame + (sw[i].headroom != SIM_ABSENT
                                        ? sw[i].headroom
                                        : fabric_headroom(c->cable.rate, round_trip, frame));
            need += (c->a.is_switch && c->a.index == i) ? room : 0;
            need += (c->b.is_switch && c->b.index == i) ? room : 0;
        }
        if (need * lossless <= sw[i].buffer / 2) continue;
        uint32_t line, column;
        sim_scenario_place(s, &sw[i].item, "buffer", &line, &column);
        sim_diagnostics_add(out, "W201", line, column, sw[i].item.name,
                            "a larger buffer, fewer lossless classes, shorter cables", NULL,
                            "lossless headroom of the cabled ports needs %lld kB, half the buffer "
                            "is %lld kB: lossless frames may be dropped",
                            (long long)(need * lossless / 1000),
                            (long long)(sw[i].buffer / 2 / 1000));
    }
}

/* The most that may come over a cable after a pause was sent, of those cables at a switch whose
 * ports have `has` bytes of headroom; NULL: it fits at all. */
static const NicCable *worst_cable(const SimScenario *s, const NicCabling *cabling, uint32_t index,
                                   const FabricSwitchParams *sw, bool uplinks, int64_t *most) {
    const NicCable *worst = NULL;
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        const NicCableEnd *at = c->b.is_switch && c->b.index == index ? &c->b : &c->a;
        if (!at->is_switch || at->index != index || c->cable.no_pfc || c->cable.link_pause)
            continue;
        if ((at->port > sw->ports && sw->uplink_headroom != SIM_ABSENT) != uplinks) continue;
        int64_t need =
            fabric_headroom(c->cable.rate, nic_cable_round_trip(s, c), sw->mtu + FRAME_GAP_BYTES);
        if (need <= *most) continue;
        *most = need;
        worst = c;
    }
    return worst;
}

/* Given headroom, against what may still come after a pause. */
static void lint_headroom(const SimScenario *s, const NicCabling *cabling, SimDiagnostics *out) {
    uint32_t n, line, column;
    const FabricSwitchParams *sw = sim_scenario_items(s, "switch", &n);
    for (uint32_t i = 0; i < 2 * n; i++) {
        const FabricSwitchParams *at = &sw[i / 2];
        bool uplinks = i % 2;
        int64_t has = uplinks ? at->uplink_headroom : at->headroom, need = has;
        if (!at->dcb || has == SIM_ABSENT || !fabric_priorities(&at->pfc, fabric_lossless(s)))
            continue;
        const NicCable *c = worst_cable(s, cabling, i / 2, at, uplinks, &need);
        if (!c) continue;
        sim_scenario_place(s, &at->item, uplinks ? "uplink_headroom" : "headroom", &line, &column);
        sim_diagnostics_add(out, "W202", line, column, at->item.name,
                            "no headroom given: it is then derived; or a shorter cable", NULL,
                            "up to %lld bytes may come from %s after a pause was sent, the "
                            "headroom takes %lld",
                            (long long)need,
                            c->b.is_switch && c->b.index == i / 2 ? c->a.name : c->b.name,
                            (long long)has);
    }
}

/* Whether a cable leads from a switch to a neighbour, to the port named where one is. */
static bool leads_to(const NicCabling *cabling, uint32_t at, const SimRef *via) {
    bool to_switch = strcmp(via->kind->kind, "switch") == 0;
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        const NicCableEnd *ends[2] = {&c->a, &c->b};
        for (uint32_t k = 0; k < 2; k++) {
            const NicCableEnd *here = ends[k], *far = ends[1 - k];
            if (!here->is_switch || here->index != at) continue;
            if (far->is_switch == to_switch && far->index == via->index &&
                (!via->port || far->port == via->port))
                return true;
        }
    }
    return false;
}

static void lint_routes(const SimScenario *s, const NicCabling *cabling, SimDiagnostics *out) {
    uint32_t n, n_switches, line, column;
    const FabricRouteParams *r = sim_scenario_items(s, "route", &n);
    const FabricSwitchParams *sw = sim_scenario_items(s, "switch", &n_switches);
    for (uint32_t i = 0; i < n; i++) {
        if (!r[i].at.n || !r[i].via.n) continue;
        uint32_t at = r[i].at.items[0].index;
        if (leads_to(cabling, at, &r[i].via.items[0])) continue;
        sim_scenario_place(s, &r[i].item, "via", &line, &column);
        sim_diagnostics_add(out, "E310", line, column, r[i].item.name,
                            "a switch or host at the other end of a cable", NULL,
                            "no cable leads from %s to what `via` names", sw[at].item.name);
    }
}

void nic_lint(const SimScenario *scenario, SimDiagnostics *out) {
    SimArena arena;
    sim_arena_init(&arena);
    uint32_t n;
    const NicHostParams *host = sim_scenario_items(scenario, "host", &n);
    for (uint32_t i = 0; i < n; i++) {
        lint_host(scenario, &host[i], out);
        lint_classes(scenario, &host[i], out);
    }
    lint_vlans(scenario, host, n, out);
    const NicCabling *cabling = nic_cabling_plan(scenario, &arena, out);
    nic_lint_ways(scenario, cabling, &arena, out);
    nic_lint_cycles(scenario, cabling, &arena, out);
    lint_routes(scenario, cabling, out);
    lint_buffers(scenario, cabling, out);
    lint_headroom(scenario, cabling, out);
    sim_arena_clear(&arena);
}
