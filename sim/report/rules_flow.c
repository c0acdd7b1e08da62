/* rules_flow.c: mistakes that stop frames, keep RDMA from being used, or starve others. */
#include <string.h>

#include "sim/report/rules.h"

void rules_link_pause(Rules *r) {
    double flat = 0;
    for (uint32_t i = 0; i < r->s->ports.n; i++)
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
            flat += r->s->ports.items[i].by_priority[TX_PAUSE][p].total;
    for (uint32_t i = 0; i < r->s->ports.n && r->rdma; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        double sent = port->count[TX_LINK_PAUSE].total, got = port->count[RX_LINK_PAUSE].total;
        if (sent + got < RULES_FEW) continue;
        SimFinding *f = rules_find(r, "link-pause", flat < sent + got ? 95 : 90, sent + got,
                                   rules_port(r, port));
        if (!f) continue;
        if (sent > 0)
            rules_show(r, f, rules_port(r, port), &port->count[TX_LINK_PAUSE], sent,
                       "0: PFC pauses by priority");
        if (got > 0)
            rules_show(r, f, rules_port(r, port), &port->count[RX_LINK_PAUSE], got,
                       "0: PFC pauses by priority");
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
            const Count *pauses = &port->by_priority[TX_PAUSE][p];
            if (count_known(pauses) && port->by_priority[RX_BYTES][p].total > 0)
                rules_show(r, f, rules_port(r, port), pauses, pauses->total, "PFC stays flat");
        }
    }
}

/* ---- hosts that pause the switch ---- */

/* The longest row of readings through which a host pauses and takes nothing of the priority. */
static uint32_t longest_stop(const Rules *r, const Count *pauses, const Count *taken) {
    uint32_t row = 0, longest = 0;
    for (uint32_t i = 0; i < r->s->n_steps; i++) {
        bool stopped = pauses->step[i] > 0 && (!taken->step || taken->step[i] <= 0);
        row = stopped ? row + 1 : 0;
        if (row > longest) longest = row;
    }
    return longest;
}

static void pausing_host(Rules *r, const SymptomPort *host, int p) {
    const SymptomPort *at = rules_peer(r, host);
    const Count *pauses = &host->by_priority[TX_PAUSE][p];
    const Count *taken = &host->by_priority[RX_BYTES][p];
    if (!count_known(pauses) && at) pauses = &at->by_priority[RX_PAUSE][p];
    if (!count_known(taken) && at) taken = &at->by_priority[TX_BYTES][p];
    if (!count_known(pauses) || pauses->total < RULES_FEW) return;
    double caught = at ? at->count[WATCHDOG].total : 0;
    bool storm = caught > 0 || longest_stop(r, pauses, taken) >= RULES_FEW;
    r->lame++;
    SimFinding *f = rules_find(r, storm ? "pfc-storm" : "slow-receiver", storm ? 96 : 91,
                               pauses->total, rules_port(r, host));
    if (!f) return;
    rules_show(r, f, rules_port(r, host), pauses, pauses->total, "0: adapters keep up");
    if (count_known(taken))
        rules_show(r, f, rules_port(r, host), taken, taken->total,
                   storm ? "nothing while it pauses" : "it takes frames, slowly");
    if (caught > 0)
        rules_show(r, f, rules_port(r, at), &at->count[WATCHDOG], caught, "the watchdog saw it");
    const SymptomMachine *m = rules_machine(r, host);
    if (m->count[OUT_OF_BUFFER].total > 0)
        rules_show(r, f, m->name, &m->count[OUT_OF_BUFFER], m->count[OUT_OF_BUFFER].total,
                   "0: receives are posted");
}

void rules_pausing_host(Rules *r) {
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        for (int p = 0; p < SYMPTOM_PRIORITIES && rules_machine(r, port)->host; p++)
            pausing_host(r, port, p);
    }
}

/* ---- connections without an answer ---- */

static double failures(const Rules *r, const SymptomMachine *host) {
    return symptoms_calm(r->s, &host->count[RDMA_FAILED]) +
           symptoms_calm(r->s, &host->count[RDMA_ERRORS]) +
           symptoms_calm(r->s, &host->count[CQE_ERROR]) +
           symptoms_calm(r->s, &host->count[ACK_TIMEOUT]);
}

/* It goes on from the first third of the file to the last: no fault that came and went. */
static bool lasts(const Rules *r, const SymptomMachine *host) {
    static const HostCount which[] = {RDMA_FAILED, RDMA_ERRORS, CQE_ERROR, ACK_TIMEOUT};
    bool begins = false, ends = false;
    uint32_t third = (r->s->n_steps + 2) / 3;
    for (uint32_t i = 0; i < r->s->n_steps; i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(which); k++) {
            const Count *c = &host->count[which[k]];
            if (!c->step || c->step[i] <= 0) continue;
            begins |= i < third;
            ends |= i + third >= r->s->n_steps;
        }
    }
    return begins && ends;
}

/* The switch port that drops most frames while nothing is congested: nobody pauses, nobody NAKs. */
static const SymptomPort *refusing_port(const Rules *r) {
    const SymptomPort *worst = NULL;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        if (rules_machine(r, port)->host) continue;
        double n = symptoms_calm(r->s, &port->count[RX_DISCARDS]);
        if (n >= RULES_FEW && (!worst || n > worst->count[RX_DISCARDS].total)) worst = port;
    }
    return worst;
}

void rules_unanswered(Rules *r) {
    double naks = rules_hosts_calm(r, PACKET_SEQ_ERR) + rules_hosts_calm(r, OUT_OF_SEQUENCE) +
                  rules_hosts_calm(r, IMPLIED_NAK);
    double oversize = 0, broken = 0, worst = 0;
    const SymptomMachine *victim = NULL;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        oversize += r->s->ports.items[i].count[OVERSIZE].total;
        broken += r->s->ports.items[i].count[CRC_ERRORS].total;
    }
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        const SymptomMachine *host = &r->s->machines.items[m];
        if (host->host && failures(r, host) > worst && lasts(r, host)) {
            worst = failures(r, host);
            victim = host;
        }
    }
    /* losses make NAKs too; frames nobody takes make none */
    if (!victim || worst < RULES_FEW || oversize > 0 || broken > 0 || r->lame || naks > worst / 10)
        return;
    const SymptomPort *refusing = refusing_port(r);
    SimFinding *f = rules_find(r, refusing ? "tor-without-roce-v2" : "roce-version-mismatch", 90,
                               worst, refusing ? rules_machine(r, refusing)->name : victim->name);
    if (!f) return;
    static const HostCount which[] = {RDMA_FAILED, RDMA_ERRORS, CQE_ERROR, ACK_TIMEOUT};
    for (size_t k = 0; k < G_N_ELEMENTS(which); k++)
        if (victim->count[which[k]].total > 0)
            rules_show(r, f, victim->name, &victim->count[which[k]], victim->count[which[k]].total,
                       "0: peers answer");
    if (refusing)
        rules_show(r, f, rules_port(r, refusing), &refusing->count[RX_DISCARDS],
                   refusing->count[RX_DISCARDS].total, "the frames end here");
    if (count_known(&victim->count[PACKET_SEQ_ERR]))
        rules_show(r, f, victim->name, &victim->count[PACKET_SEQ_ERR],
                   victim->count[PACKET_SEQ_ERR].total, "no NAK: not a loss");
}

/* ---- TCP in place of RDMA ---- */

static double rdma_of(const SymptomMachine *host) {
    return host->count[RDMA_IN].total + host->count[RDMA_OUT].total;
}

/* Only control traffic: a thousand segments are a megabyte and a half. */
static bool carries_tcp(const SymptomMachine *host) {
    return host->count[TCP_SENT].total + host->count[TCP_RECEIVED].total >= 1000;
}

/* Both ends offered RDMA, tried, and did not come together: their versions differ. Nobody tries
 * where an adapter does not offer it. */
static bool rdma_refused(Rules *r, uint32_t machine) {
    const SymptomMachine *host = &r->s->machines.items[machine], *tried = NULL;
    double attempts = 0;
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        const Count *c = &r->s->machines.items[m].count[RDMA_FAILED];
        double first = c->column ? c->column->value[0] : 0; /* most fail before the first reading */
        double n = c->total + (first > 0 ? first : 0);
        if (n <= attempts) continue;
        attempts = n;
        tried = &r->s->machines.items[m];
    }
    if (!tried) return false;
    SimFinding *f = rules_find(r, "roce-version-mismatch", 93, attempts, host->name);
    if (!f) return true;
    rules_show(r, f, tried->name, &tried->count[RDMA_FAILED], attempts, "0: RDMA comes about");
    rules_show(r, f, host->name, &host->count[TCP_SENT], host->count[TCP_SENT].total,
               "TCP carries the work");
    return true;
}

void rules_no_rdma(Rules *r) {
    uint32_t with = 0;
    for (uint32_t m = 0; m < r->s->machines.n; m++)
        with += rdma_of(&r->s->machines.items[m]) > 0;
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        const SymptomMachine *host = &r->s->machines.items[m];
        if (!count_known(&host->count[RDMA_IN]) || rdma_of(host) > 0 || !carries_tcp(host))
            continue;
        if (host->count[RDMA_ACTIVE].total > 0 || rdma_refused(r, m) || failures(r, host) > 0)
            continue;
        SimFinding *f =
            rules_find(r, "rdma-disabled", with ? 93 : 85, host->count[TCP_SENT].total, host->name);
        if (!f) continue;
        rules_show(r, f, host->name, &host->count[RDMA_IN], 0, "its adapter can do RDMA");
        rules_show(r, f, host->name, &host->count[TCP_SENT], host->count[TCP_SENT].total,
                   "TCP carries the work");
        if (count_known(&host->count[CPU_BUSY]))
            rules_show(r, f, host->name, &host->count[CPU_BUSY], host->count[CPU_BUSY].total,
                       "seconds of CPU");
    }
}

/* ---- the class that gets nothing ---- */

void rules_starved_heartbeat(Rules *r) {
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        const SymptomMachine *host = &r->s->machines.items[m];
        const Count *missed = &host->count[BEATS_MISSED];
        double n = symptoms_calm(r->s, missed);
        if (n < RULES_FEW) continue;
        if (r->link_pause) continue; /* that stops heartbeats too */
        SimFinding *f = rules_find(r, "ets-starves-heartbeat", 89, n, host->name);
        if (!f) continue;
        rules_show(r, f, host->name, missed, n, "0 while links stand");
        for (uint32_t i = 0; i < r->s->ports.n; i++) {
            const SymptomPort *port = &r->s->ports.items[i];
            if (port->machine != m) continue;
            for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
                const Count *c = &port->by_priority[TX_BYTES][p];
                if (c->total > 0 && f->evidence.n < 6)
                    rules_show(r, f, rules_port(r, port), c, c->total, "shares of the port");
            }
        }
    }
}

/* ---- congestion nobody tells of ---- */

void rules_no_cnp(Rules *r) {
    double pauses = 0, frames = 0, marks = 0;
    const SymptomPort *most = NULL;
    int at = 0;
    if (!rules_hosts_know(r, CNP_SENT) || r->lame || r->link_pause) return;
    for (uint32_t i = 0; i < r->s->ports.n; i++) {
        const SymptomPort *port = &r->s->ports.items[i];
        if (rules_machine(r, port)->host) continue;
        marks += port->count[ECN_MARKED].total;
        for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
            double n = port->by_priority[TX_PAUSE][p].total;
            pauses += n;
            frames += n > 0 ? port->by_priority[RX_PACKETS][p].total : 0;
            if (n > (most ? most->by_priority[TX_PAUSE][at].total : 0)) {
                most = port;
                at = p;
            }
        }
    }
    double cnps = rules_hosts(r, CNP_SENT);
    /* a CNP answers many marked packets: far fewer than pauses means that pauses come first */
    if (pauses < RULES_MANY || pauses * 10000 < frames || cnps * 100 > pauses) return;
    /* marks that are answered show a threshold below XOFF, if a weak one */
    if (marks >= RULES_FEW && cnps * 1000 >= marks) return;
    SimFinding *f =
        rules_find(r, "ecn-above-xoff", marks > RULES_MANY ? 85 : 75, pauses, rules_port(r, most));
    if (!f) return;
    rules_show(r, f, rules_port(r, most), &most->by_priority[TX_PAUSE][at],
               most->by_priority[TX_PAUSE][at].total, "100, 1 in 10 000 frames");
    for (uint32_t m = 0; m < r->s->machines.n; m++) {
        const Count *c = &r->s->machines.items[m].count[CNP_SENT];
        if (!count_known(c) || f->evidence.n > 2) continue;
        rules_show(r, f, r->s->machines.items[m].name, c, c->total, "1 for 100 pauses or more");
    }
    if (count_known(&most->count[ECN_MARKED]))
        rules_show(r, f, rules_port(r, most), &most->count[ECN_MARKED],
                   most->count[ECN_MARKED].total, "marks come before pauses");
}
