/* lint_ways.c: what the switches and cables on RDMA's way make of it; see lint.h. */
#include <stdio.h>
#include <string.h>

#include "models/fabric/params.h"
#include "models/frame/frame.h"
#include "models/nic/chain.h"
#include "models/nic/lint.h"

/* Compared by address. */
static const char W307[] = "W307", W308[] = "W308", W313[] = "W313", W314[] = "W314";

enum { TEXT_MOST = 160, SENTENCE_MOST = 1024 };

/* Endpoints fit for RDMA that are alike in all that a switch can see. */
typedef struct Voice {
    const NicHostParams *host; /* the first that has it */
    const char *vnic;          /* its vNIC; NULL: its port */
    uint32_t more;             /* further endpoints */
    uint32_t leads;            /* as nic_port_leads */
    FrameKind kind;
    bool iwarp, tagged;
    uint8_t priority;
    int64_t mtu;
} Voice;

typedef struct Ways {
    const SimScenario *scenario;
    const NicCabling *cabling;
    SimArena *arena;
    SimDiagnostics *out;
    uint8_t lossless; /* by the classes */
    const FabricSwitchParams *sw;
    const NicHostParams *host;
    uint32_t n_switches, n_hosts;
    SIM_RESULT_LIST(Voice) voices;
    const char *said; /* of cables and hosts: the last code, and where */
    uint32_t line, column;
} Ways;

/* ---- voices ---- */

static bool same_voice(const Voice *a, const Voice *b) {
    return a->leads == b->leads && a->kind == b->kind && a->iwarp == b->iwarp &&
           a->tagged == b->tagged && a->priority == b->priority && a->mtu == b->mtu;
}

static void voice_add(Ways *w, Voice v) {
    for (uint32_t i = 0; i < w->voices.n; i++) {
        if (!same_voice(&w->voices.items[i], &v)) continue;
        w->voices.items[i].more++;
        return;
    }
    *SIM_PUSH(w->arena, &w->voices) = v;
}

static Voice voice_of(const Ways *w, uint32_t host, uint32_t port) {
    const NicAdapter *a = w->host[host].nic;
    return (Voice){.host = &w->host[host],
                   .leads = port <= a->ports ? nic_port_leads(w->cabling, host, port) : 0,
                   .kind = a->roce == NIC_ROCE_V1 ? FRAME_V1
                           : a->ip == NIC_IP_V6   ? FRAME_V2_IPV6
                                                  : FRAME_V2_IPV4,
                   .iwarp = a->protocol == NIC_PROTOCOL_IWARP,
                   .mtu = a->mtu};
}

static void host_voices(Ways *w, uint32_t index) {
    const NicHostParams *h = &w->host[index];
    const NicVnic *vnic = h->vnics.items;
    for (uint32_t i = 0; i < h->vnics.n; i++) {
        Voice v = voice_of(w, index, (uint32_t)vnic[i].port);
        if (nic_rdma_broken(h, &vnic[i]) || !v.leads) continue;
        v.vnic = vnic[i].name;
        v.tagged = vnic[i].vlan != SIM_ABSENT;
        v.priority = nic_class_priority(w->scenario, &vnic[i].class);
        voice_add(w, v);
    }
    for (uint32_t port = 1; port <= h->nic->ports && !h->vnics.n && !nic_rdma_broken(h, NULL);
         port++) {
        Voice v = voice_of(w, index, port);
        v.priority = fabric_default_priority(w->scenario);
        if (v.leads) voice_add(w, v);
    }
}

/* "node1/smb and 3 more" */
static const char *voice_text(const Voice *v, char text[static TEXT_MOST]) {
    int n = snprintf(text, TEXT_MOST, "%s%s%s", v->host->item.name, v->vnic ? "/" : "",
                     v->vnic ? v->vnic : "");
    if (v->more && n > 0 && n < TEXT_MOST)
        snprintf(text + n, TEXT_MOST - (size_t)n, " and %u more", v->more);
    return text;
}

/* ---- priorities ---- */

/* "3, 4", or "none" */
static const char *mask_text(uint8_t mask, char text[static TEXT_MOST]) {
    snprintf(text, TEXT_MOST, "none");
    int n = 0;
    for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++)
        if (mask >> p & 1) n += snprintf(text + n, TEXT_MOST - (size_t)n, "%s%u", n ? ", " : "", p);
    return text;
}

static uint8_t switch_pfc(const Ways *w, const FabricSwitchParams *sw) {
    return sw->dcb ? fabric_priorities(&sw->pfc, w->lossless) : 0;
}

/* The priority that a switch reads of a DSCP. */
static uint8_t dscp_priority(const Ways *w, const FabricSwitchParams *sw, uint8_t dscp) {
    uint8_t found = (uint8_t)(dscp >> 3);
    for (uint8_t p = 0; p < FABRIC_PRIORITIES; p++)
        if (fabric_dscp(w->scenario, p) == dscp) found = p;
    const FabricDscpParams *map = sw->dscp_map.items;
    for (uint32_t i = 0; i < sw->dscp_map.n; i++)
        if (map[i].dscp == dscp) found = (uint8_t)map[i].priority;
    return found;
}

static void say(const Ways *w, const SimItem *item, const char *key, const char *code,
                const char *allowed, const char *text) {
    uint32_t line, column;
    sim_scenario_place(w->scenario, item, key, &line, &column);
    sim_diagnostics_add(w->out, code, line, column, item->name, allowed, NULL, "%s", text);
}

/* What is written once for many hosts or cables is said once, of the first of them. */
static void say_once(Ways *w, const SimItem *item, const char *key, const char *code,
                     const char *allowed, const char *text) {
    uint32_t line, column;
    sim_scenario_place(w->scenario, item, key, &line, &column);
    if (w->said == code && w->line == line && w->column == column) return;
    w->said = code;
    w->line = line;
    w->column = column;
    say(w, item, key, code, allowed, text);
}

/* ---- a switch hears a voice ---- */

/* By its tag, or by its DSCP where that is trusted; true where something is wrong with it. */
static void switch_reads(const Ways *w, const FabricSwitchParams *sw, const Voice *v) {
    char text[SENTENCE_MOST], who[TEXT_MOST], has[TEXT_MOST];
    bool v1 = v->kind == FRAME_V1 && !v->iwarp;
    voice_text(v, who);
    bool by_dscp = !v1 && sw->trust != FABRIC_TRUST_PCP;
    bool by_tag = !by_dscp && v->tagged && sw->trust != FABRIC_TRUST_DSCP;
    uint8_t dscp = fabric_dscp(w->scenario, v->priority);
    uint8_t p = by_dscp ? dscp_priority(w, sw, dscp) : by_tag ? v->priority : 0;
    mask_text(switch_pfc(w, sw), has);
    if (!by_dscp && !by_tag && p != v->priority) {
        snprintf(text, sizeof text,
                 "RDMA of %s carries no %s that %s trusts: it travels there at "
                 "priority 0, PFC is on for %s",
                 who, v->tagged ? "DSCP" : "tag", sw->item.name, has);
        say(w, &v->host->item, "vnics", "W309", "a vlan at the vNIC; or RoCE v2 and trust: dscp",
            text);
    } else if (p != v->priority) {
        snprintf(text, sizeof text,
                 "%s takes DSCP %u of RDMA of %s for priority %u, hosts send it "
                 "at %u: a pause for one does not stop the other",
                 sw->item.name, dscp, who, p, v->priority);
        say(w, &sw->item, "dscp_map", "W308", "one priority for a code point at hosts and switches",
            text);
    } else if (!(switch_pfc(w, sw) >> p & 1)) {
        snprintf(text, sizeof text, "RDMA of %s travels at priority %u, %s has PFC for %s", who, p,
                 sw->item.name, has);
        say(w, &sw->item, "pfc", "W308", "the same priorities with PFC at hosts and switches",
            text);
    }
}

static void switch_hears(const Ways *w, const FabricSwitchParams *sw, const Voice *v) {
    char text[SENTENCE_MOST], who[TEXT_MOST];
    voice_text(v, who);
    int64_t frame = frame_bytes(v->kind, v->tagged, FRAME_WRITE_ONLY_IMM, (uint32_t)v->mtu);
    if (!v->iwarp && frame > sw->mtu) {
        snprintf(text, sizeof text, "frames of %s have up to %lld bytes, %s takes %lld", who,
                 (long long)frame, sw->item.name, (long long)sw->mtu);
        say(w, &sw->item, "mtu", "W304",
            "a larger mtu at the switch, or a smaller one at the hosts", text);
    }
    if (!(w->lossless >> v->priority & 1)) return; /* a choice, or W306 */
    bool v1 = v->kind == FRAME_V1;
    if (!sw->dcb) {
        snprintf(text, sizeof text, "%s has no priority flow control, yet RDMA of %s crosses it",
                 sw->item.name, who);
        say(w, &sw->item, "dcb", "W303", "dcb: true", text);
    } else if (!v->iwarp && !(v1 ? sw->roce_v1 : sw->roce_v2)) {
        snprintf(text, sizeof text,
                 "%s is not fit for RoCE %s: RDMA of %s travels there at "
                 "priority 0, without PFC",
                 sw->item.name, v1 ? "v1" : "v2", who);
        say(w, &sw->item, v1 ? "roce_v1" : "roce_v2", "W312",
            v1 ? "another switch, or roce: v2 at all hosts" : "another switch, or roce: v1", text);
    } else {
        switch_reads(w, sw, v);
    }
}

/* ---- cables and the hosts' own settings ---- */

static bool host_fit(const NicHostParams *h) {
    const NicVnic *vnic = h->vnics.items;
    bool fit = !h->vnics.n && !nic_rdma_broken(h, NULL);
    for (uint32_t i = 0; i < h->vnics.n; i++)
        fit |= !nic_rdma_broken(h, &vnic[i]);
    return fit;
}

/* A voice at the port of a host that must not lose frames; NULL: none. */
static const Voice *port_voice(const Ways *w, const NicCableEnd *end) {
    if (!host_fit(&w->host[end->index])) return NULL;
    uint32_t leads = nic_port_leads(w->cabling, end->index, end->port);
    for (uint32_t i = 0; i < w->voices.n; i++) {
        const Voice *v = &w->voices.items[i];
        if (v->leads == leads && (w->lossless >> v->priority & 1)) return v;
    }
    return NULL;
}

/* Between switches: any voice that leads there. */
static const Voice *trunk_voice(const Ways *w, const NicCableEnd *end) {
    uint32_t leads = 1 + w->cabling->component[end->index];
    for (uint32_t i = 0; i < w->voices.n; i++) {
        const Voice *v = &w->voices.items[i];
        if (v->leads == leads && (w->lossless >> v->priority & 1)) return v;
    }
    return NULL;
}

static void lint_cable(Ways *w, const NicCable *c) {
    if (!c->cable.no_pfc && !c->cable.link_pause) return;
    const NicCableEnd *host = !c->a.is_switch ? &c->a : !c->b.is_switch ? &c->b : NULL;
    const Voice *v = host ? port_voice(w, host) : trunk_voice(w, &c->a);
    if (!v) return;
    char text[SENTENCE_MOST];
    bool of_host = strcmp(c->item->name, host ? host->name : "") == 0;
    if (c->cable.link_pause) {
        snprintf(text, sizeof text,
                 "link pause on the cable from %s/%u to %s/%u stops every class "
                 "at once, heartbeats too",
                 c->a.name, c->a.port, c->b.name, c->b.port);
        say_once(w, c->item, of_host ? "nic.link_pause" : "link_pause", W314,
                 "link_pause: false, with PFC for the lossless class", text);
        return;
    }
    snprintf(text, sizeof text,
             "PFC is off on the cable from %s/%u to %s/%u, yet RDMA at priority "
             "%u crosses it: nobody there is paused",
             c->a.name, c->a.port, c->b.name, c->b.port, v->priority);
    say_once(w, c->item, of_host ? "nic.cable_pfc" : "pfc", W307,
             of_host ? "cable_pfc: true" : "pfc: true", text);
}

/* What an adapter obeys at a port: its own settings, or, willing, the switch's. */
static void lint_adapter(Ways *w, const NicCable *c, const NicCableEnd *at,
                         const NicCableEnd *far) {
    const NicHostParams *h = &w->host[at->index];
    const NicAdapter *a = h->nic;
    if (at->is_switch || c->cable.no_pfc || c->cable.link_pause) return;
    const Voice *v = port_voice(w, at);
    if (!v) return;
    char text[SENTENCE_MOST], mine[TEXT_MOST], theirs[TEXT_MOST];
    uint8_t own = fabric_priorities(&a->pfc, w->lossless);
    uint8_t other = far->is_switch ? switch_pfc(w, &w->sw[far->index]) : own;
    mask_text(own, mine);
    mask_text(other, theirs);
    if (a->willing && other != own) {
        snprintf(text, sizeof text,
                 "%s is willing: over port %u it takes PFC for %s from %s in "
                 "place of its own for %s",
                 at->name, at->port, theirs, far->name, mine);
        say_once(w, &h->item, "nic.willing", W313, "willing: false, or the same PFC at the switch",
                 text);
    } else if (!a->willing && !(own >> v->priority & 1)) {
        snprintf(text, sizeof text, "RDMA of %s travels at priority %u, its adapter has PFC for %s",
                 at->name, v->priority, mine);
        say_once(w, &h->item, "nic.pfc", W308, "the same priorities with PFC at hosts and switches",
                 text);
    }
}

/* RoCE v1 of hosts at two switches, a router among those between them. */
static void lint_routers(const Ways *w) {
    uint32_t *first =
        SIM_NEW_N(w->arena, uint32_t, w->n_switches + 1); /* 1 + switch, by component */
    bool *several = SIM_NEW_N(w->arena, bool, w->n_switches + 1);
    for (uint32_t i = 0; i < w->cabling->cables.n; i++) {
        const NicCable *c = &w->cabling->cables.items[i];
        if (c->a.is_switch || !c->b.is_switch) continue; /* a host's cable begins at the host */
        const NicHostParams *h = &w->host[c->a.index];
        if (h->nic->roce != NIC_ROCE_V1 || h->nic->protocol != NIC_PROTOCOL_ROCE) continue;
        uint32_t at = w->cabling->component[c->b.index];
        several[at] |= first[at] && first[at] != 1 + c->b.index;
        first[at] = 1 + c->b.index;
    }
    for (uint32_t i = 0; i < w->n_switches; i++) {
        if (w->sw[i].layer != FABRIC_LAYER_3 || !several[w->cabling->component[i]]) continue;
        char text[SENTENCE_MOST];
        snprintf(text, sizeof text,
                 "RoCE v1 ends at %s, a router, and hosts with it are on both "
                 "sides: between them nothing arrives",
                 w->sw[i].item.name);
        say(w, &w->sw[i].item, "layer", "W315", "roce: v2 at the hosts, or layer: l2", text);
    }
}

void nic_lint_ways(const SimScenario *scenario, const NicCabling *cabling, SimArena *arena,
                   SimDiagnostics *out) {
    Ways w = {.scenario = scenario, .cabling = cabling, .arena = arena, .out = out};
    w.sw = sim_scenario_items(scenario, "switch", &w.n_switches);
    w.host = sim_scenario_items(scenario, "host", &w.n_hosts);
    w.lossless = fabric_lossless(scenario);
    for (uint32_t i = 0; i < w.n_hosts; i++)
        host_voices(&w, i);
    for (uint32_t i = 0; i < w.n_switches; i++)
        for (uint32_t k = 0; k < w.voices.n; k++)
            if (w.voices.items[k].leads == 1 + cabling->component[i])
                switch_hears(&w, &w.sw[i], &w.voices.items[k]);
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        lint_cable(&w, c);
        lint_adapter(&w, c, &c->a, &c->b);
        lint_adapter(&w, c, &c->b, &c->a);
    }
    lint_routers(&w);
}
