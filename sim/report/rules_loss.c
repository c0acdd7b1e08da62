/* rules_loss.c: mistakes by which frames of RDMA get lost, or would under load. */
#include <string.h>

#include "sim/report/rules.h"

/* ---- frames refused or broken: the port says so itself ---- */

void rules_oversize(Rules *r) {
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        double n = port->count[OVERSIZE].total;
        if (n < RULES_FEW) continue;
        SimFinding *f = rules_find(r, "mtu-mismatch", 95, n, rules_port(r, port));
        if (!f) continue;
        rules_show(r, f, rules_port(r, port), &port->count[OVERSIZE], n, "none should be");
        for (uint32_t m = 0; m < r->s->machines.n; m++) {
            const Count *c = &r->s->machines.items[m].count[ACK_TIMEOUT];
            if (c->total > 0)
                rules_show(r, f, r->s->machines.items[m].name, c, c->total,
                           "their senders hear nothing");
        }
    }
}

void rules_bad_cable(Rules *r) {
    /* IEEE 802.3 allows one wrong bit in 10^12; ten times that is a cable or a transceiver */
    const double allowed = 1e-12, clearly = 10;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        double n = symptoms_calm(r->s, &port->count[CRC_ERRORS]), bits = 0;
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
            bits += 8 * port->by_priority[RX_BYTES][p].total;
        if (n < RULES_FEW || n < clearly * allowed * bits) continue;
        SimFinding *f = rules_find(r, "bad-cable", 94, n, rules_port(r, port));
        if (f)
            rules_show(r, f, rules_port(r, port), &port->count[CRC_ERRORS], n,
                       "3, or 10 in 10^12 bits");
    }
}

/* What one end of a cable sent in the priorities that came at the other, and neither received nor
 * found broken. Some devices count their pauses among the frames they send. */
static double swallowed(const Rules *r, const SymptomPort *from, const SymptomPort *to,
                        double *sent) {
    double gone = 0;
    *sent = 0;
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
        double came = symptoms_calm(r->s, &to->by_priority[RX_PACKETS][p]);
        gone -= symptoms_calm(r->s, &from->by_priority[TX_PAUSE][p]);
        if (came <= 0) continue;
        *sent += symptoms_calm(r->s, &from->by_priority[TX_PACKETS][p]);
        gone += symptoms_calm(r->s, &from->by_priority[TX_PACKETS][p]) - came;
    }
    return gone - symptoms_calm(r->s, &to->count[CRC_ERRORS]) -
           symptoms_calm(r->s, &to->count[OVERSIZE]) - symptoms_calm(r->s, &to->count[RX_DISCARDS]);
}

static void show_both_ends(Rules *r, SimFinding *f, const SymptomPort *from,
                           const SymptomPort *to) {
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
        const Count *left = &from->by_priority[TX_PACKETS][p];
        const Count *came = &to->by_priority[RX_PACKETS][p];
        if (left->total <= 0 || came->total <= 0) continue;
        rules_show(r, f, rules_port(r, from), left, left->total, "left here");
        rules_show(r, f, rules_port(r, to), came, came->total, "came there");
    }
}

void rules_swallowing_link(Rules *r) {
    const double share = 0.001; /* beyond frames under way at the readings */
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *from = &r->s->ports.items[i], *to = rules_peer(r, from);
        double sent, gone = to ? swallowed(r, from, to, &sent) : 0;
        if (gone < RULES_MANY || gone < sent * share) continue;
        SimFinding *f = rules_find(r, "link-swallows-frames", 90, gone, rules_port(r, from));
        if (f) show_both_ends(r, f, from, to);
    }
}

/* ---- lossless priorities that lose ---- */

static void show_pauses(Rules *r, SimFinding *f, const SymptomPort *port, int p,
                        const char *sent_limit, const char *received_limit) {
    const SymptomPort *peer = rules_peer(r, port);
    const Count *sent = &port->by_priority[TX_PAUSE][p];
    if (count_known(sent)) rules_show(r, f, rules_port(r, port), sent, sent->total, sent_limit);
    if (!peer) return;
    const Count *received = &peer->by_priority[RX_PAUSE][p];
    if (count_known(received))
        rules_show(r, f, rules_port(r, peer), received, received->total, received_limit);
}

/* The other end has its counters here and shows hardly any of the pauses it was sent. */
static bool peer_is_deaf(const Rules *r, const SymptomPort *port, int p) {
    const SymptomPort *peer = rules_peer(r, port);
    if (!peer || !count_known(&peer->by_priority[RX_PAUSE][p])) return false;
    double sent = symptoms_calm(r->s, &port->by_priority[TX_PAUSE][p]);
    double received = symptoms_calm(r->s, &peer->by_priority[RX_PAUSE][p]);
    return sent >= 2 * RULES_FEW && received < sent / 2;
}

static void full_headroom(Rules *r, const SymptomPort *port, int p) {
    const Count *drops = &port->by_priority[BUF_DISCARD][p];
    double n = symptoms_calm(r->s, drops);
    if (n < 1 || peer_is_deaf(r, port, p)) return;
    bool pauses =
        !count_known(&port->by_priority[TX_PAUSE][p]) || port->by_priority[TX_PAUSE][p].total > 0;
    if (r->link_pause || !pauses) return;
    SimFinding *f = rules_find(r, "headroom-too-small", 92, n, rules_port(r, port));
    if (!f) return;
    rules_show(r, f, rules_port(r, port), drops, n, "0: it is lossless");
    show_pauses(r, f, port, p, "it asked to stop", "and was heard");
}

void rules_full_headroom(Rules *r) {
    for (uint32_t i = 0; i < r->s->ports.n; i++)
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
            full_headroom(r, &r->s->ports.items[i], p);
}

void rules_deaf_peer(Rules *r) {
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
            const SymptomPort *peer = rules_peer(r, port);
            if (!peer || !peer_is_deaf(r, port, p)) continue;
            double sent = port->by_priority[TX_PAUSE][p].total;
            SimFinding *f = rules_find(r, "pfc-off-on-a-hop", 95, sent, rules_port(r, peer));
            if (!f) continue;
            show_pauses(r, f, port, p, "it asks to stop", "as many, if PFC were on");
            const Count *drops = &port->by_priority[BUF_DISCARD][p];
            if (drops->total > 0)
                rules_show(r, f, rules_port(r, port), drops, drops->total, "0: it is lossless");
        }
    }
}

/* ---- lossy hops ---- */

/* Frames a port dropped for want of buffer: not for their length, not for their checksum. */
static double dropped(const Rules *r, const SymptomPort *port) {
    double n = symptoms_calm(r->s, &port->count[RX_DISCARDS]);
    n -= symptoms_calm(r->s, &port->count[OVERSIZE]);
    n -= symptoms_calm(r->s, &port->count[CRC_ERRORS]);
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
        n += symptoms_calm(r->s, &port->by_priority[TX_DISCARD][p]);
    return n > 0 ? n : 0;
}

/* Pauses of a priority that a machine, or all but it, sent at all its ports. */
static double pauses_of(const Rules *r, int p, uint32_t machine, bool others) {
    double n = 0;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        if ((port->machine == machine) != others) n += port->by_priority[TX_PAUSE][p].total;
    }
    return n;
}

/* The priority of RDMA in which most comes into a port; -1: none does. */
static int rdma_into(const Rules *r, const SymptomPort *port) {
    int best = -1;
    double most = 0;
    bool rdma[SYMPTOM_PRIORITIES] = {false};
    for (uint32_t m = 0; m < r->s->machines.n; m++)
        if (r->priority[m] >= 0) rdma[r->priority[m]] = true;
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
        double n = port->by_priority[RX_BYTES][p].total;
        if (rdma[p] && n > most) {
            most = n;
            best = p;
        }
    }
    return best;
}

static void show_losses(Rules *r, SimFinding *f) {
    static const HostCount which[] = {OUT_OF_SEQUENCE, PACKET_SEQ_ERR, ACK_TIMEOUT};
    for (size_t k = 0; k < G_N_ELEMENTS(which); k++) {
        const SymptomMachine *worst = NULL;
        for (uint32_t m = 0; m < r->s->machines.n; m++) {
            const SymptomMachine *host = &r->s->machines.items[m];
            if (host->count[which[k]].total > (worst ? worst->count[which[k]].total : 0))
                worst = host;
        }
        if (worst)
            rules_show(r, f, worst->name, &worst->count[which[k]], worst->count[which[k]].total,
                       "0 where nothing is lost");
    }
}

static void lossy_port(Rules *r, const SymptomPort *port) {
    double n = dropped(r, port);
    int p = rdma_into(r, port);
    if (n < RULES_FEW || p < 0) return;
    const Count *pauses = &port->by_priority[TX_PAUSE][p];
    if (!count_known(pauses) || pauses->total > 0) return;
    double here = pauses_of(r, p, port->machine, false),
           there = pauses_of(r, p, port->machine, true);
    const char *cause = here + there >= RULES_FEW ? "pfc-off-on-a-hop"
                        : p == 0                  ? "vlan-tag-missing"
                                                  : "priority-mismatch";
    const char *where = here > 0 ? rules_port(r, port) : rules_machine(r, port)->name;
    SimFinding *f = rules_find(r, cause, here + there >= RULES_FEW ? 90 : 86, n, where);
    if (!f) return;
    rules_show(r, f, rules_port(r, port), &port->count[RX_DISCARDS], n, "0 in front of RDMA");
    rules_show(r, f, rules_port(r, port), pauses, 0, "it lets frames drop unpaused");
    const Count *in = &port->by_priority[RX_PACKETS][p];
    if (count_known(in)) rules_show(r, f, rules_port(r, port), in, in->total, "RDMA comes in here");
    show_losses(r, f);
}

void rules_lossy_hop(Rules *r) {
    if (r->lost < RULES_FEW || r->link_pause) return;
    for (uint32_t i = 0; i < r->s->ports.n; i++)
        if (!rules_machine(r, &r->s->ports.items[i])->host) lossy_port(r, &r->s->ports.items[i]);
}

/* ---- a port that nobody stops ---- */

/* Two ports with the like to do: within a factor, in both directions. */
static bool like(const SymptomPort *a, const SymptomPort *b, int p) {
    const double factor = 1.5;
    static const PriorityCount which[] = {RX_BYTES, TX_BYTES};
    for (size_t k = 0; k < G_N_ELEMENTS(which); k++) {
        double x = a->by_priority[which[k]][p].total, y = b->by_priority[which[k]][p].total;
        if (x <= 0 || y <= 0 || x > y * factor || y > x * factor) return false;
    }
    return true;
}

/* While the switch paused `other`, `port` brought more than it, and most of that had to leave by
 * the port where nearly all leaves: the two met there. */
static bool meets(const Rules *r, const SymptomPort *port, const SymptomPort *other, int p) {
    const Count *mine = &port->by_priority[RX_BYTES][p], *its = &other->by_priority[RX_BYTES][p];
    const Count *pauses = &other->by_priority[TX_PAUSE][p];
    double in = 0, beside = 0, out = 0, most = 0;
    if (!mine->step || !its->step || !pauses->step) return false;
    for (uint32_t i = 0; i < r->s->n_steps; i++) {
        if (pauses->step[i] <= 0) continue;
        in += mine->step[i];
        beside += its->step[i];
    }
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *exit = &r->s->ports.items[i];
        if (exit->machine != port->machine) continue;
        out += exit->by_priority[TX_BYTES][p].total;
        if (exit->by_priority[TX_BYTES][p].total > most)
            most = exit->by_priority[TX_BYTES][p].total;
    }
    return in > beside && out - most < in / 2;
}

/* The switch pauses all ports like this one, often, and this one never. Where RDMA goes but one
 * way a port may have been spared because its frames went elsewhere; so both directions must carry
 * data, or all go to one target. */
static void never_paused(Rules *r, const SymptomPort *port, int p) {
    const SymptomPort *most = NULL;
    const Count *pauses = &port->by_priority[TX_PAUSE][p];
    double in = port->by_priority[RX_BYTES][p].total, out = port->by_priority[TX_BYTES][p].total;
    uint32_t paused = 0;
    bool both_ways = in > out / 10 && out > in / 10;
    if (!count_known(pauses) || pauses->total > 0 || in <= 0) return;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *other = &r->s->ports.items[i];
        if (other == port || other->machine != port->machine) continue;
        if (!(both_ways && like(port, other, p)) && !meets(r, port, other, p)) continue;
        if (other->by_priority[TX_PAUSE][p].total < RULES_MANY) return;
        paused++;
        if (!most || other->by_priority[TX_PAUSE][p].total > most->by_priority[TX_PAUSE][p].total)
            most = other;
    }
    if (paused < RULES_FEW) return;
    SimFinding *f = rules_find(r, "pfc-off-on-a-hop", 80, in, rules_port(r, port));
    if (!f) return;
    rules_show(r, f, rules_port(r, port), pauses, 0, "it never asks to stop");
    rules_show(r, f, rules_port(r, most), &most->by_priority[TX_PAUSE][p],
               most->by_priority[TX_PAUSE][p].total, "ports with the like to do do");
}

void rules_never_paused(Rules *r) {
    if (r->link_pause) return;
    for (uint32_t i = 0; i < r->s->ports.n; i++)
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
            if (!rules_machine(r, &r->s->ports.items[i])->host)
                never_paused(r, &r->s->ports.items[i], p);
}

/* ---- one priority here, another there ---- */

/* The priority in which a switch's port takes what the host at the other end sends in `p`. */
static int taken_as(const SymptomPort *at, const SymptomPort *from, int p) {
    double sent = from->by_priority[TX_BYTES][p].total, most = 0;
    int best = p;
    if (at->by_priority[RX_BYTES][p].total >= sent / 2) return p;
    for (int q = 0; q < SYMPTOM_PRIORITIES; q++) {
        double more = at->by_priority[RX_BYTES][q].total - from->by_priority[TX_BYTES][q].total;
        if (more > sent / 2 && more > most) {
            most = more;
            best = q;
        }
    }
    return best;
}

/* A switch takes the RDMA of all its hosts as priority 0, and it comes to them in p: what marks the
 * frames is intact, and that switch does not look at it. */
static bool mark_ignored(const Rules *r, uint32_t machine, int p) {
    double marked = 0, bare = 0;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *host = &r->s->ports.items[i], *at = rules_peer(r, host);
        if (!rules_machine(r, host)->host || !at || at->machine != machine) continue;
        if (r->priority[host->machine] != p || host->by_priority[TX_BYTES][p].total <= 0) continue;
        if (taken_as(at, host, p) != 0) return false;
        marked += host->by_priority[RX_BYTES][p].total;
        bare += host->by_priority[RX_BYTES][0].total;
    }
    return marked > bare;
}

static void taken_otherwise(Rules *r, const SymptomPort *host) {
    const SymptomPort *at = rules_peer(r, host);
    int p = r->priority[host->machine];
    if (!at || p < 0 || host->by_priority[TX_BYTES][p].total <= 0) return;
    int q = taken_as(at, host, p);
    if (q == p) return;
    double sent = host->by_priority[TX_BYTES][p].total;
    bool ignored = q == 0 && mark_ignored(r, at->machine, p);
    const char *cause = ignored  ? "tor-without-roce-v2"
                        : q == 0 ? "vlan-tag-missing"
                                 : "priority-mismatch";
    SimFinding *f = rules_find(r, cause, 94, sent, rules_port(r, ignored ? at : host));
    if (!f) return;
    rules_show(r, f, rules_port(r, host), &host->by_priority[TX_BYTES][p], sent, "RDMA leaves so");
    if (count_known(&at->by_priority[RX_BYTES][p]))
        rules_show(r, f, rules_port(r, at), &at->by_priority[RX_BYTES][p],
                   at->by_priority[RX_BYTES][p].total, "as much");
    rules_show(r, f, rules_port(r, at), &at->by_priority[RX_BYTES][q],
               at->by_priority[RX_BYTES][q].total, "and comes in so");
}

/* The priority of most hosts; -1 where they are too few to be a majority. */
static int common_priority(const Rules *r) {
    uint32_t n[SYMPTOM_PRIORITIES] = {0}, all = 0;
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        if (r->priority[m] < 0) continue;
        n[r->priority[m]]++;
        all++;
    }
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
        if (n[p] >= 2 && n[p] * 2 > all) return p;
    return -1;
}

static const SymptomPort *busiest_port(const Rules *r, uint32_t machine, int p) {
    const SymptomPort *best = NULL;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        if (port->machine != machine) continue;
        if (!best || port->by_priority[TX_BYTES][p].total > best->by_priority[TX_BYTES][p].total)
            best = port;
    }
    return best;
}

static void odd_host(Rules *r, uint32_t machine, int common) {
    int p = r->priority[machine];
    const SymptomPort *port = busiest_port(r, machine, p);
    if (!port) return;
    double sent = port->by_priority[TX_BYTES][p].total;
    SimFinding *f = rules_find(r, p == 0 ? "vlan-tag-missing" : "priority-mismatch", 91, sent,
                               r->s->machines.items[machine].name);
    if (!f) return;
    rules_show(r, f, rules_port(r, port), &port->by_priority[TX_BYTES][p], sent,
               "its RDMA goes here");
    const Count *theirs = &port->by_priority[TX_BYTES][common];
    if (count_known(theirs))
        rules_show(r, f, rules_port(r, port), theirs, theirs->total, "that of the others here");
}

void rules_other_priority(Rules *r) {
    int common = common_priority(r);
    for (uint32_t i = 0; i < r->s->ports.n; i++)
        if (rules_machine(r, &r->s->ports.items[i])->host)
            taken_otherwise(r, &r->s->ports.items[i]);
    for (uint32_t m = 0; m < r->s->machines.n && common >= 0; m++)
        if (r->priority[m] >= 0 && r->priority[m] != common) odd_host(r, m, common);
}

/* ---- a host that changes its mind ---- */

/* In a step nearly all RDMA of a host goes in priority p and hardly any in q. */
static bool goes_in(const Rules *r, uint32_t machine, uint32_t step, int p, int q, double rdma) {
    double in_p = 0, in_q = 0;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        if (port->machine != machine) continue;
        const Count *a = &port->by_priority[TX_BYTES][p], *b = &port->by_priority[TX_BYTES][q];
        if (a->step) in_p += a->step[step];
        if (b->step) in_q += b->step[step];
    }
    return in_p >= 0.9 * rdma && in_q < 0.1 * in_p;
}

/* Steps with RDMA before which it goes in p and from which it goes in q: 2 of each at least. */
static bool changes(const Rules *r, uint32_t machine, int p, int q) {
    const Count *out = &r->s->machines.items[machine].count[RDMA_OUT];
    uint32_t before = 0, after = 0, neither = 0;
    for (uint32_t i = 0; i < r->s->n_steps; i++) {
        double rdma = out->step[i];
        if (rdma * r->s->n_steps < out->total / 10) continue; /* next to nothing */
        if (goes_in(r, machine, i, p, q, rdma)) {
            if (after) return false;
            before++;
        } else if (goes_in(r, machine, i, q, p, rdma)) {
            after++;
        } else {
            neither++;
        }
    }
    return before >= 2 && after >= 2 && neither <= 2;
}

void rules_changed_priority(Rules *r) {
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        const SymptomMachine *host = &r->s->machines.items[m];
        if (!host->host || !count_known(&host->count[RDMA_OUT])) continue;
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
            for (int q = 0; q < SYMPTOM_PRIORITIES; q++) {
                if (p == q || !r->s->used[p] || !r->s->used[q] || !changes(r, m, p, q)) continue;
                const SymptomPort *port = busiest_port(r, m, q);
                const Count *from = &port->by_priority[TX_BYTES][p];
                const Count *to = &port->by_priority[TX_BYTES][q];
                SimFinding *f = rules_find(r, "dcbx-override", 96, to->total, host->name);
                if (!f) continue;
                rules_show(r, f, rules_port(r, port), from, from->total, "RDMA goes here at first");
                rules_show(r, f, rules_port(r, port), to, to->total, "and here from then on");
            }
        }
    }
}
