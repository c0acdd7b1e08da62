/* model.h: what the machine asks of a model. sim/ knows tables only; models/builtin.c, the
 * one place that names every model, defines the list. */
#ifndef SIM_CORE_MODEL_H
#define SIM_CORE_MODEL_H

#include "sim/core/param.h"

typedef struct SimRun SimRun;
typedef struct SimAudit SimAudit;             /* sim/core/audit.h */
typedef struct SimResult SimResult;           /* sim/metrics/result.h */
typedef struct SimScenario SimScenario;       /* sim/scenario/scenario.h */
typedef struct SimDiagnostics SimDiagnostics; /* sim/scenario/diagnostics.h */

#define SIM_MODEL_ABI 1

/* A catalog file compiled in: YAML, a list of parts (see models/catalog/README.md). */
typedef struct SimBlob {
    const char *name; /* "switches.yaml"; NULL ends the list */
    const char *text;
    size_t size;
} SimBlob;

/* One documented number that no source backs, printed in every report that used it. */
typedef struct SimAssumption {
    const char *id; /* "A-switch-latency"; NULL ends the table */
    const char *text;
    const char *source;
} SimAssumption;

/* A metric name with its unit and one sentence, for `explain` and the data dictionary. */
typedef struct SimMetricDoc {
    const char *kind;   /* "workload", "class", "port"... ; NULL ends the table */
    const char *metric; /* "write.p99" */
    const char *unit;
    const char *doc;
} SimMetricDoc;

/* A diagnostic the model's lint may give. */
typedef struct SimDiagnosticDoc {
    const char *code; /* "E310"; NULL ends the table */
    const char *title;
    const char *doc;
} SimDiagnosticDoc;

typedef struct SimModel {
    uint32_t abi;  /* SIM_MODEL_ABI */
    uint32_t size; /* sizeof(SimModel) */
    const char *name;
    const char *doc;
    const SimKind *kinds;                /* may be NULL; ends with section == NULL */
    const SimBlob *parts;                /* may be NULL */
    const SimAssumption *assumptions;    /* may be NULL */
    const SimMetricDoc *metrics;         /* may be NULL */
    const SimDiagnosticDoc *diagnostics; /* may be NULL */

    /* All hooks may be NULL. They are called in the order of sim_models[]. */
    void (*lint)(const SimScenario *scenario, SimDiagnostics *out);
    void (*create)(SimRun *run, const SimScenario *scenario); /* allocate, add domains, slots */
    void (*wire)(SimRun *run, const SimScenario *scenario);   /* connect to other models */
    void (*start)(SimRun *run);                               /* arm the first events */
    void (*segment)(SimRun *run, uint32_t segment); /* a boundary of windows was reached */
    void (*audit)(SimRun *run, SimAudit *audit);
    void (*report)(SimRun *run, SimResult *result); /* fill the frozen result */
} SimModel;

/* Defined in models/builtin.c; ends with NULL. */
extern const SimModel *const sim_models[];

#endif
