#include "models/nic/cabling.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/fabric/params.h"
#include "models/nic/params.h"

/* What the plan needs to know of a switch or host. */
typedef struct Node {
    const char *name;
    bool is_switch;
    uint32_t index, n_ports, downlinks;
    int64_t rate, uplink_rate;
    const SimList *speeds;
    bool *taken;
} Node;

typedef struct Plan {
    const SimScenario *scenario;
    SimArena *arena;
    SimDiagnostics *out;
    NicCabling *cabling;
    Node *switches, *hosts;
    uint32_t n_switches, n_hosts;
    bool full; /* too many cables, and that was said */
} Plan;

static void plan_complain(const Plan *plan, const SimItem *item, const char *key, const char *code,
                          const char *allowed, const char *text) {
    if (!plan->out) return;
    uint32_t line, column;
    sim_scenario_place(plan->scenario, item, key, &line, &column);
    sim_diagnostics_add(plan->out, code, line, column, item->name, allowed, NULL, "%s", text);
}

static void plan_nodes(Plan *plan) {
    uint32_t n;
    const FabricSwitchParams *sw = sim_scenario_items(plan->scenario, "switch", &n);
    plan->n_switches = n;
    plan->switches = SIM_NEW_N(plan->arena, Node, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t ports = (uint32_t)(sw[i].ports + sw[i].uplinks);
        plan->switches[i] = (Node){sw[i].item.name,
                                   true,
                                   i,
                                   ports,
                                   (uint32_t)sw[i].ports,
                                   sw[i].rate,
                                   sw[i].uplink_rate,
                                   &sw[i].speeds,
                                   SIM_NEW_N(plan->arena, bool, ports + 1)};
    }
    const NicHostParams *host = sim_scenario_items(plan->scenario, "host", &n);
    plan->n_hosts = n;
    plan->hosts = SIM_NEW_N(plan->arena, Node, n);
    for (uint32_t i = 0; i < n; i++) {
        const NicAdapter *a = host[i].nic;
        uint32_t ports = (uint32_t)a->ports;
        plan->hosts[i] = (Node){host[i].item.name,
                                false,
                                i,
                                ports,
                                ports,
                                a->rate,
                                a->rate,
                                &a->speeds,
                                SIM_NEW_N(plan->arena, bool, ports + 1)};
    }
}

/* ---- rates ---- */

/* Rates usual ports also run at: assumption of the parameter `speeds`. */
static bool usual_speed(int64_t rate, int64_t wanted) {
    static const int64_t table[][4] = {{100, 50, 40, 25}, {50, 25, 10}, {40, 10},
                                       {25, 10},          {20, 10},     {10, 1}};
    const int64_t g = INT64_C(1000000000);
    for (uint32_t i = 0; i < sizeof table / sizeof *table; i++)
        if (rate == table[i][0] * g)
            for (uint32_t k = 1; k < 4; k++)
                if (table[i][k] && wanted == table[i][k] * g) return true;
    return false;
}

static int64_t node_rate(const Node *node, uint32_t port) {
    return port <= node->downlinks ? node->rate : node->uplink_rate;
}

static bool node_runs(const Node *node, uint32_t port, int64_t wanted) {
    int64_t rate = node_rate(node, port);
    if (rate == wanted) return true;
    const int64_t *speed = node->speeds->items;
    for (uint32_t i = 0; i < node->speeds->n; i++)
        if (speed[i] == wanted) return true;
    return node->speeds->n == 0 && usual_speed(rate, wanted);
}

/* The highest rate of a list that both ports run at and that `cap` allows, if above `best`. */
static int64_t better_rate(const Node *a, uint32_t port_a, const Node *b, uint32_t port_b,
                           int64_t cap, const int64_t *rates, uint32_t n, int64_t best) {
    for (uint32_t i = 0; i < n; i++)
        if (rates[i] > best && (cap == SIM_ABSENT || rates[i] == cap) &&
            node_runs(a, port_a, rates[i]) && node_runs(b, port_b, rates[i]))
            best = rates[i];
    return best;
}

/* The highest rate both ports run at, at most `cap`; 0: none. */
static int64_t common_rate(const Node *a, uint32_t port_a, const Node *b, uint32_t port_b,
                           int64_t cap) {
    const int64_t g = INT64_C(1000000000);
    const int64_t usual[] = {50 * g, 40 * g, 25 * g, 10 * g, g};
    const int64_t own[] = {node_rate(a, port_a), node_rate(b, port_b)};
    int64_t best = better_rate(a, port_a, b, port_b, cap, own, 2, 0);
    best = better_rate(a, port_a, b, port_b, cap, usual, 5, best);
    best = better_rate(a, port_a, b, port_b, cap, a->speeds->items, a->speeds->n, best);
    return better_rate(a, port_a, b, port_b, cap, b->speeds->items, b->speeds->n, best);
}

/* ---- ports ---- */

typedef struct Wish {
    const SimItem *item;
    const char *key_a, *key_b;
    Node *a, *b;
    uint32_t port_a, port_b; /* 0: any */
    int64_t cap;
    FabricCable cable; /* all but its rate */
} Wish;

static bool wish_port_fits(const Plan *plan, const Wish *w, const char *key, const Node *node,
                           uint32_t port) {
    char text[256], allowed[128];
    if (port > node->n_ports) {
        snprintf(text, sizeof text, "%s has no port %u", node->name, port);
        snprintf(allowed, sizeof allowed, "ports 1 to %u", node->n_ports);
        plan_complain(plan, w->item, key, "E301", allowed, text);
        return false;
    }
    if (port && node->taken[port]) {
        snprintf(text, sizeof text, "port %u of %s has a cable already", port, node->name);
        plan_complain(plan, w->item, key, "E302", "one cable a port", text);
        return false;
    }
    return true;
}

/* Tries every pair of free ports that the wish leaves open. */
static int64_t wish_best(const Wish *w, uint32_t *port_a, uint32_t *port_b, bool *any_free) {
    int64_t best = 0;
    *any_free = false;
    for (uint32_t i = 1; i <= w->a->n_ports; i++) {
        if ((w->port_a && i != w->port_a) || w->a->taken[i]) continue;
        for (uint32_t k = 1; k <= w->b->n_ports; k++) {
            if ((w->port_b && k != w->port_b) || w->b->taken[k]) continue;
            if (w->a == w->b && i == k) continue;
            *any_free = true;
            int64_t rate = common_rate(w->a, i, w->b, k, w->cap);
            if (rate <= best) continue;
            best = rate;
            *port_a = i;
            *port_b = k;
        }
        /* ports of a kind are alike: the first free one and the first free uplink decide */
        if (best && i < w->a->downlinks && !w->port_a) i = w->a->downlinks;
    }
    return best;
}

static const char *rate_text(int64_t bps, char *text) {
    const int64_t g = INT64_C(1000000000);
    if (bps % g == 0)
        snprintf(text, 24, "%" PRId64 "Gbps", bps / g);
    else
        snprintf(text, 24, "%" PRId64 "Mbps", bps / 1000000);
    return text;
}

static void wish_note_rate(const Plan *plan, const Wish *w, uint32_t port_a, uint32_t port_b,
                           int64_t rate) {
    int64_t a = node_rate(w->a, port_a), b = node_rate(w->b, port_b);
    bool uplink = w->b->is_switch && port_b > w->b->downlinks;
    if (w->cap != SIM_ABSENT || uplink || (rate == a && rate == b)) return;
    char text[256], at_a[24], at_b[24], at[24];
    snprintf(text, sizeof text, "%s/%u (%s) and %s/%u (%s) run at %s, the highest rate both share",
             w->a->name, port_a, rate_text(a, at_a), w->b->name, port_b, rate_text(b, at_b),
             rate_text(rate, at));
    plan_complain(plan, w->item, w->key_b, "W301", NULL, text);
}

/* Each cable takes four of the engine's slots. */
#define CABLES_MOST 200000

static void wish_lay(Plan *plan, const Wish *w) {
    if (plan->cabling->cables.n == CABLES_MOST) {
        if (!plan->full)
            plan_complain(plan, w->item, w->key_b, "E309", "at most 200000 cables",
                          "too many cables");
        plan->full = true;
        return;
    }
    if (!wish_port_fits(plan, w, w->key_a, w->a, w->port_a) ||
        !wish_port_fits(plan, w, w->key_b, w->b, w->port_b))
        return;
    uint32_t port_a = 0, port_b = 0;
    bool any_free;
    int64_t rate = wish_best(w, &port_a, &port_b, &any_free);
    char text[256];
    if (!any_free) {
        snprintf(text, sizeof text, "no free port for a cable between %s and %s", w->a->name,
                 w->b->name);
        plan_complain(plan, w->item, w->key_b, "E303", "fewer cables, or a switch with more ports",
                      text);
        return;
    }
    if (!rate) {
        snprintf(text, sizeof text, "%s and %s have no rate in common", w->a->name, w->b->name);
        plan_complain(plan, w->item, w->key_b, "E304",
                      "ports that share a rate; `speeds:` adds rates a port can run at", text);
        return;
    }
    w->a->taken[port_a] = w->b->taken[port_b] = true;
    wish_note_rate(plan, w, port_a, port_b, rate);
    *SIM_PUSH(plan->arena, &plan->cabling->cables) =
        (NicCable){{w->a->is_switch, w->a->index, port_a, w->a->name},
                   {w->b->is_switch, w->b->index, port_b, w->b->name},
                   w->cable,
                   w->item};
    plan->cabling->cables.items[plan->cabling->cables.n - 1].cable.rate = rate;
}

/* ---- what the scenario wishes ---- */

static Node *plan_node(Plan *plan, SimRef ref) {
    bool is_switch = strcmp(ref.kind->kind, "switch") == 0;
    return is_switch ? &plan->switches[ref.index] : &plan->hosts[ref.index];
}

static void plan_cables(Plan *plan) {
    uint32_t n;
    const FabricCableParams *c = sim_scenario_items(plan->scenario, "cable", &n);
    for (uint32_t i = 0; i < n; i++) {
        if (!c[i].from.n || !c[i].to.n) continue;
        SimRef from = c[i].from.items[0], to = c[i].to.items[0];
        Wish w = {
            &c[i].item, "from",    "to", plan_node(plan, from), plan_node(plan, to), from.port,
            to.port,    c[i].rate, {0}};
        w.cable = (FabricCable){.length = c[i].length,
                                .delay = c[i].delay,
                                .bit_errors = c[i].bit_errors,
                                .lose_every = c[i].lose_every,
                                .no_pfc = !c[i].pfc,
                                .link_pause = c[i].link_pause};
        if (w.a == w.b)
            plan_complain(plan, w.item, "to", "E305", "two different ends",
                          "a cable from a node to itself");
        else
            wish_lay(plan, &w);
    }
}

static void plan_hosts(Plan *plan) {
    uint32_t n;
    const NicHostParams *host = sim_scenario_items(plan->scenario, "host", &n);
    for (uint32_t i = 0; i < n; i++) {
        const NicAdapter *a = host[i].nic;
        for (uint32_t k = 0; k < a->cables.n; k++) {
            SimRef to = a->cables.items[k];
            Wish w = {&host[i].item,   "nic.cables",        "nic.cables",
                      &plan->hosts[i], plan_node(plan, to), k + 1,
                      to.port,         a->cable_rate,       {0}};
            w.cable = (FabricCable){.length = a->cable_length,
                                    .delay = a->cable_delay,
                                    .bit_errors = a->bit_errors,
                                    .lose_every = a->lose_every,
                                    .no_pfc = !a->cable_pfc,
                                    .link_pause = a->link_pause};
            wish_lay(plan, &w);
        }
    }
}

static uint32_t component_root(uint32_t *set, uint32_t i) {
    while (set[i] != i)
        i = set[i] = set[set[i]];
    return i;
}

static void plan_components(Plan *plan) {
    NicCabling *cabling = plan->cabling;
    cabling->n_switches = plan->n_switches;
    cabling->component = SIM_NEW_N(plan->arena, uint32_t, plan->n_switches);
    for (uint32_t i = 0; i < plan->n_switches; i++)
        cabling->component[i] = i;
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        if (!c->a.is_switch || !c->b.is_switch) continue;
        uint32_t a = component_root(cabling->component, c->a.index);
        cabling->component[a] = component_root(cabling->component, c->b.index);
    }
    for (uint32_t i = 0; i < plan->n_switches; i++)
        cabling->component[i] = component_root(cabling->component, i);
}

/* Where the cables at the hosts' ports lead. */
static void plan_leads(Plan *plan) {
    NicCabling *cabling = plan->cabling;
    cabling->first_port = SIM_NEW_N(plan->arena, uint32_t, plan->n_hosts);
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_hosts; n += plan->hosts[i++].n_ports + 1)
        cabling->first_port[i] = n; /* ports count from 1 */
    cabling->leads = SIM_NEW_N(plan->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        const NicCableEnd *ends[2] = {&c->a, &c->b};
        for (uint32_t k = 0; k < 2; k++) {
            const NicCableEnd *far = ends[1 - k];
            if (ends[k]->is_switch) continue;
            cabling->leads[cabling->first_port[ends[k]->index] + ends[k]->port] =
                far->is_switch ? 1 + cabling->component[far->index] : 1 + cabling->n_switches + i;
        }
    }
}

NicCabling *nic_cabling_plan(const SimScenario *scenario, SimArena *arena, SimDiagnostics *out) {
    Plan plan = {.scenario = scenario, .arena = arena, .out = out};
    plan.cabling = SIM_NEW(arena, NicCabling);
    plan_nodes(&plan);
    plan_cables(&plan);
    plan_hosts(&plan);
    plan_components(&plan);
    plan_leads(&plan);
    return plan.cabling;
}

uint32_t nic_port_leads(const NicCabling *cabling, uint32_t host, uint32_t port) {
    return cabling->leads[cabling->first_port[host] + port];
}

/* Cable and latencies, there and back. */
SimTime nic_cable_round_trip(const SimScenario *s, const NicCable *c) {
    uint32_t n;
    const FabricSwitchParams *sw = sim_scenario_items(s, "switch", &n);
    const NicHostParams *host = sim_scenario_items(s, "host", &n);
    SimTime wire =
        c->cable.delay != SIM_ABSENT ? c->cable.delay : fabric_propagation(c->cable.length);
    const NicCableEnd *ends[2] = {&c->a, &c->b};
    SimTime sum = 2 * wire;
    for (uint32_t i = 0; i < 2; i++) {
        const NicAdapter *a = ends[i]->is_switch ? NULL : host[ends[i]->index].nic;
        sum += a ? a->tx_latency + a->rx_latency : sw[ends[i]->index].latency;
    }
    return sum;
}
