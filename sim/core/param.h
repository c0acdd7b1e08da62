/* param.h: the one description of everything a scenario may say.
 *
 * A model describes each section it understands by a SimKind and each key by a SimParam.
 * These tables are data; loading, checking, `explain`, the JSON Schema and the documents are
 * all made from them, so nothing is written twice.
 *
 * Where a value lands: at `offset` of a plain C struct, in the exact integer unit of its type.
 *
 *   type        C type          unit / form
 *   SIM_TEXT    const char *    UTF-8, owned by the scenario
 *   SIM_NAME    const char *    [a-z][a-z0-9-]*
 *   SIM_BOOL    bool            true | false
 *   SIM_COUNT   int64_t         plain decimal
 *   SIM_TIME    SimTime         ticks of 10 ps
 *   SIM_RATE    int64_t         bit/s                 10Gbps
 *   SIM_SIZE    int64_t         bytes                 4KiB
 *   SIM_SPEED   int64_t         bytes/s               3.2GB/s
 *   SIM_LENGTH  int64_t         millimetres           3m
 *   SIM_RATIO   int64_t         parts per million     70%
 *   SIM_CHANCE  int64_t         10^-18                1e-12
 *   SIM_CHOICE  int             index into `choices`
 *   SIM_REF     SimRefs         every entity that the name stands for (see below)
 *
 *   shape       C type
 *   SIM_SCALAR  the type above
 *   SIM_LIST    SimList of the type above (a SIM_REF list is one flat SimRefs, in order)
 *   SIM_GROUP   pointer to a struct described by `fields`, NULL where absent
 *   SIM_GROUPS  SimList of such structs
 *
 * An optional scalar without a default that is absent reads SIM_ABSENT (integers), -1 (choice),
 * NULL (text, name) or an empty SimRefs. A SIM_BOOL always has a default. */
#ifndef SIM_CORE_PARAM_H
#define SIM_CORE_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

#define SIM_ABSENT INT64_MIN

typedef enum SimShape { SIM_SCALAR, SIM_LIST, SIM_GROUP, SIM_GROUPS } SimShape;

typedef enum SimType {
    SIM_TEXT,
    SIM_NAME,
    SIM_BOOL,
    SIM_COUNT,
    SIM_TIME,
    SIM_RATE,
    SIM_SIZE,
    SIM_SPEED,
    SIM_LENGTH,
    SIM_RATIO,
    SIM_CHANCE,
    SIM_CHOICE,
    SIM_REF,
    SIM_TYPES
} SimType;

/* A contiguous list of `n` elements, owned by the scenario. */
typedef struct SimList {
    void *items;
    uint32_t n;
} SimList;

/* One referred entity. `port` counts from 1, 0 where the scenario leaves the choice open
 * ("tor1/5" names port 5 of tor1). */
typedef struct SimRef {
    const struct SimKind *kind;
    uint32_t index; /* among the expanded items of the kind */
    uint32_t port;
} SimRef;

typedef struct SimRefs {
    SimRef *items;
    uint32_t n;
} SimRefs;

typedef struct SimParam {
    const char *key; /* NULL ends the table */
    SimShape shape;
    SimType type;
    bool required;
    bool with_port;  /* SIM_REF: "name/port" is allowed */
    bool one;        /* SIM_REF: must stand for exactly one entity */
    bool repeats;    /* SIM_REF list: may name the same entity again */
    bool variant;    /* SIM_GROUP: exactly one group marked so must be given per item */
    const char *def; /* default, written as in YAML; NULL: none */
    const char *min; /* inclusive bounds, written as in YAML; NULL: none */
    const char *max;
    const char *choices;           /* SIM_CHOICE: "a|b|c" */
    const char *ref;               /* SIM_REF: kinds it may name, "switch|host" */
    const char *part;              /* group: kind of part that `part:` inside may name, or NULL */
    const struct SimParam *fields; /* group: its table */
    size_t size;                   /* group: sizeof its struct */
    size_t offset;
    const char *doc;    /* one sentence */
    const char *source; /* standard, datasheet, measurement, or "assumption: ..." ; NULL: a free
                           choice of the user */
} SimParam;

/* First member of every struct that describes an item of a section. */
typedef struct SimItem {
    const char *name; /* after expansion: node3 */
    const char *base; /* before: node */
    uint32_t index;   /* 1-based within its `count:`, 0 where there was none */
    uint32_t line;    /* where the item begins in the file, 0: not from the file */
    uint32_t column;
} SimItem;

/* A top-level section. With `map` the section is a mapping from names to items (classes:),
 * otherwise a list of items, each with `name:` and optionally `count:` and `use:`, which the
 * loader handles itself; they do not stand in `params`. */
typedef struct SimKind {
    const char *section; /* "switches"; NULL ends the table */
    const char *kind;    /* "switch" */
    bool map;
    const char *auto_name; /* "{from}-{to}": the name where none is given; NULL: name required */
    const char *part;      /* kind of part that `part:` may name, or NULL */
    const SimParam *params;
    size_t size;
    int64_t limit; /* most items after expansion */
    bool window;   /* each item opens a window of its name: its params have the SIM_TIME
                      keys "at" and, optional (then: to the end of the run), "for" */
    const char *doc;
} SimKind;

#endif
