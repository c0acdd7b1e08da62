/* rules.h: what the rules of diagnose.h share. Private to sim/report.
 *
 * A rule looks at the symptoms and reports findings; several places of one cause become one finding
 * that shows the gravest. */
#ifndef SIM_REPORT_RULES_H
#define SIM_REPORT_RULES_H

#include "sim/report/diagnose.h"
#include "sim/report/symptoms.h"

/* One or two events are an accident, as are a few pauses. */
#define RULES_FEW 3
#define RULES_MANY 100

typedef struct Rules {
    const Symptoms *s;
    SimDiagnosis *d;
    int *priority;   /* by machine: that of a host's RDMA, -1: none or not known */
    double lost;     /* RDMA frames that were lost while no link went or came */
    bool rdma;       /* some host does RDMA */
    bool link_pause; /* 802.3x is in use */
    uint32_t lame;   /* ports of hosts that pause the switch */
} Rules;

/* ---- reporting ---- */

/* A finding to add evidence to, or NULL where a graver place of this cause stands already. */
SimFinding *rules_find(Rules *r, const char *cause, int score, double gravity, const char *where);
/* `c` under its name in the file; `who`: "tor1 port 3". */
void rules_show(Rules *r, SimFinding *f, const char *who, const Count *c, double value,
                const char *limit);
/* "tor1 port 3". */
const char *rules_port(Rules *r, const SymptomPort *port);

/* ---- looking ---- */

static inline const SymptomMachine *rules_machine(const Rules *r, const SymptomPort *port) {
    return &r->s->machines.items[port->machine];
}
static inline const SymptomPort *rules_peer(const Rules *r, const SymptomPort *port) {
    return port->peer == UINT32_MAX ? NULL : &r->s->ports.items[port->peer];
}
/* Sum over hosts, of the whole time and of calm steps. */
double rules_hosts(const Rules *r, HostCount which);
double rules_hosts_calm(const Rules *r, HostCount which);
bool rules_hosts_know(const Rules *r, HostCount which);

/* ---- the rules: rules_loss.c where frames are lost, rules_flow.c the rest ---- */

void rules_oversize(Rules *r);
void rules_bad_cable(Rules *r);
void rules_swallowing_link(Rules *r);
void rules_full_headroom(Rules *r);
void rules_deaf_peer(Rules *r);
void rules_lossy_hop(Rules *r);
void rules_never_paused(Rules *r);
void rules_other_priority(Rules *r);
void rules_changed_priority(Rules *r);

void rules_link_pause(Rules *r);
void rules_pausing_host(Rules *r);
void rules_unanswered(Rules *r);
void rules_no_rdma(Rules *r);
void rules_starved_heartbeat(Rules *r);
void rules_no_cnp(Rules *r);

#endif
