/* diagnose.h: which misconfiguration do these counters look like?
 *
 * The rules know nothing but a file of counters (pdh.h). Each looks for the mark that one mistake
 * leaves and that a healthy rack, however busy, does not: pauses, CNPs, drops of TCP and what is
 * lost while a link goes or comes are no marks. Where two mistakes leave like marks the rule asks
 * for what tells them apart: who pauses whom, in which priority frames leave one end of a cable and
 * come in at the other, where frames vanish.
 *
 * A finding's score, 0 to 100, only ranks: it is given to each rule by hand and is no measured
 * probability. From 90: a mark that only this mistake is known to leave; from 75: one that others
 * leave under conditions that were checked; below: one with a harmless reading too. Findings stand
 * in the order of score, then of the table of causes.
 *
 * assumption: the thresholds in rules_*.c (how many events are no accident, what share is clearly
 * too much) are judgement, but for the bit error ratio of IEEE 802.3. */
#ifndef SIM_REPORT_DIAGNOSE_H
#define SIM_REPORT_DIAGNOSE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/metrics/result.h"
#include "sim/report/pdh.h"
#include "sim/report/text.h"

/* A mistake that can be found, for `explain` too. */
typedef struct SimCause {
    const char *id; /* "pfc-off-on-a-hop"; NULL ends the table */
    const char *title;
    const char *doc; /* what it is and what it does */
    const char *fix;
} SimCause;

extern const SimCause sim_causes[];

typedef struct SimEvidence {
    const char *who;     /* "tor1 port 3" */
    const char *counter; /* "SAI_PORT_STAT_PFC_3_TX_PKTS", as the file names it */
    double value;        /* over the whole file; of a rate: its integral */
    const char *limit;   /* what it is held against: "0: it is lossless" */
} SimEvidence;

typedef struct SimFinding {
    const SimCause *cause;
    int score;         /* ranks only */
    double gravity;    /* within the cause: of several places the gravest is shown */
    const char *where; /* "tor1 port 3" */
    uint32_t places;   /* where it was found */
    SIM_RESULT_LIST(SimEvidence) evidence;
} SimFinding;

typedef struct SimDiagnosis {
    SimArena arena;
    SIM_RESULT_LIST(SimFinding) findings;    /* the likeliest first; none: nothing unusual */
    double seconds;                          /* between the first reading and the last */
    uint32_t n_readings, n_columns, n_known; /* n_known 0: nothing can be said */
    uint32_t n_machines, n_ports;
} SimDiagnosis;

/* Free with sim_diagnosis_free. */
SimDiagnosis *sim_diagnose(const SimPdh *pdh);
void sim_diagnosis_free(SimDiagnosis *d);

bool sim_diagnosis_text(const SimDiagnosis *d, const char *file, const SimTextOptions *options,
                        FILE *out);
bool sim_diagnosis_json(const SimDiagnosis *d, const char *file, FILE *out);

#endif
