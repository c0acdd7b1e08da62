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

#define SIM_MODEL_ABI 2

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

/* How a counter is shown of what a model counts. */
typedef enum SimCounterForm {
    SIM_COUNTER_TOTAL, /* the count since the beginning */
    SIM_COUNTER_RATE,  /* the difference of two readings a second: names that end in "/sec" */
    SIM_COUNTER_SHARE, /* percent of the time: the model counts ticks */
    SIM_COUNTER_LEVEL  /* the value at the instant, up and down */
} SimCounterForm;

/* Whose counter it is: one kind of the model's ("port") may stand at either place. */
typedef enum SimCounterPlace {
    SIM_COUNTER_ANYWHERE,
    SIM_COUNTER_HOST,
    SIM_COUNTER_SWITCH
} SimCounterPlace;

/* A counter by the name under which an operator finds it, for `run --counters`, its CSV and
 * `diagnose`, which knows a column by object and name. Several may show one count. `metric` is what
 * the model registers with sim_meter_count; '#' in it, in `name` and in `instance` stands for a
 * priority, 0 to 7. An alias is a name that others export: `diagnose` reads it, nothing writes it.
 */
typedef struct SimCounterDoc {
    const char *kind;     /* "port", "host"; NULL ends the table */
    const char *metric;   /* "rx_prio#_bytes" */
    const char *object;   /* "Mellanox WinOF-2 Port QoS" */
    const char *instance; /* what follows the entity's own in the instance: "Priority #"; or NULL */
    const char *name;     /* "Bytes Received" */
    SimCounterForm form;
    SimCounterPlace place;
    int64_t scale;       /* what is shown = what is counted / scale; 0 is 1 */
    bool telling, alias; /* telling: shown where it is zero too */
    const char *doc;
} SimCounterDoc;

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
    const SimCounterDoc *counters;       /* may be NULL */

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
