/* session.h: from a scenario's file to a frozen result; what every verb that runs shares.
 *
 *   file --load--> SimScenario --begin--> SimRun --advance--> --end--> SimResult
 *
 * A session owns nothing: the caller frees the scenario after the result's run has ended; the
 * result lives by itself. */
#ifndef SIM_APP_SESSION_H
#define SIM_APP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/run.h"
#include "sim/metrics/result.h"
#include "sim/scenario/scenario.h"

typedef struct SimSessionOptions {
    const char *ingredients; /* letters of the fingerprint, NULL: all */
    uint64_t permute;        /* 0: domains in declaration order */
    bool series;             /* keep series over time */
    SimTime sample_every;    /* read every count so often, for the counters; 0: never */
    bool progress;           /* show a line on a terminal */
    bool interruptible;      /* Ctrl-C ends the run and leaves a partial result */
    const SimTrace *trace;   /* who wants to see frames, NULL: nobody */
    const char *replay;      /* command that a failed assertion prints */
} SimSessionOptions;

/* What the machine took; never part of a result. */
typedef struct SimSessionFacts {
    int64_t started_s; /* Unix time */
    int64_t wall_us;   /* building the run and running it */
    int64_t run_us;    /* handling events alone */
    uint64_t events;
    int64_t peak_bytes; /* of the process so far */
    bool interrupted;
} SimSessionFacts;

/* Loads a scenario and prints every diagnostic to stderr. `sets` is a NULL-ended list of
 * "path=value", or NULL. On failure returns NULL and sets *code: 4 where the file cannot be
 * read, 3 where it is not right. */
SimScenario *sim_session_load(const char *file, char **sets, int *code);
/* The same of a file known to be readable, or of its text, without printing. */
SimScenario *sim_session_load_into(const char *file, char **sets, SimDiagnostics *found);
SimScenario *sim_session_load_text(const char *file, const char *text, char **sets,
                                   SimDiagnostics *found);

/* Whether a file can be read; prints why not. */
bool sim_session_readable(const char *file);

/* Where `sets` may be NULL, "seed=<seed>" is added at the end if seed is not NULL. Free with
 * g_strfreev. */
char **sim_session_sets(char **sets, const char *seed);

SimRun *sim_session_begin(const SimScenario *scenario, const SimSessionOptions *options);
/* Audits, rows, bottleneck; frozen. Frees the run. */
SimResult *sim_session_end(SimRun *run, const SimScenario *scenario);
/* Both, with progress and Ctrl-C in between. `facts` may be NULL. */
SimResult *sim_session_run(const SimScenario *scenario, const SimSessionOptions *options,
                           SimSessionFacts *facts);

/* Prints every audit that failed to stderr; returns how many. */
int sim_session_audits(const SimResult *result);

#endif
