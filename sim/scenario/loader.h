/* loader.h: what the stages of one load share. Private to this folder.
 *
 * An item as written is an entry; `count:` makes several items of one entry, which share one
 * form. A form holds, in the order of the parameter table, what each key got and from whom:
 *
 *   entry {name: node, count: 4} -> form: slot nic -> form: slot rate = "25Gbps" from the part
 *     item node1 ---------^
 *     item node2 ---------^  ...
 *
 * The effective YAML is written from the forms, libcyaml loads it, and the values are read
 * from what libcyaml loaded with the forms beside it to say where each was written. */
#ifndef SIM_SCENARIO_LOADER_H
#define SIM_SCENARIO_LOADER_H

#include <glib.h>

#include "sim/scenario/catalog.h"
#include "sim/scenario/check.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/tree.h"

enum {
    SIM_ITEMS_MOST = 100000,
    SIM_SLOTS_MOST = 4000000,
    SIM_REFS_MOST = 20000000,
    SIM_TEMPLATES_DEEP = 16,
    SIM_LAYERS_MOST = 64,
    SIM_EFFECTIVE_BYTES = 32 * 1024 * 1024,
};

typedef struct SimForm SimForm;

typedef struct SimSlot {
    const SimParam *param;
    const SimNode *node; /* the scalar, list or mapping that won; NULL: absent or by the table */
    const char *text;    /* scalar */
    SimOrigin origin;
    bool bad;       /* given, diagnosed, without a value */
    SimForm *group; /* SIM_GROUP */
    SimForm **groups;
    uint32_t n_groups;
} SimSlot;

struct SimForm {
    const SimParam *params;
    SimSlot *slots;
    uint32_t n;
    const SimNode *where;     /* the mapping of the highest layer, for places */
    const SimNode *part_node; /* the scalar after `part:`, its own or the enclosing form's */
};

typedef struct SimEntry {
    SimNode *node;
    const char *base;
    SimForm *form;
    uint32_t first, count; /* among the expanded items of the kind */
    bool counted;          /* it has `count:` */
    bool dotted;           /* copies are base.1, base.2 */
    bool open;             /* something about name or count is wrong: accept references to it */
    bool lenient;          /* do not ask for required keys: their source is wrong */
} SimEntry;

/* What a name stands for: one item, or all of an entry. */
typedef struct SimSymbol {
    uint32_t entry;
    uint32_t first, count;
} SimSymbol;

typedef struct SimSection {
    const SimKind *kind;
    SimNode *node;
    bool open; /* the section as a whole is wrong */
    bool over; /* its limit was exceeded, and that was said */
    SimEntry *items;
    uint32_t n, room;
    uint32_t total;      /* expanded items */
    const char **names;  /* of the expanded items */
    GHashTable *symbols; /* name -> SimSymbol */
    void *values;        /* `total` structs of kind->size */
} SimSection;

/* A value of a part that the scenario uses. */
typedef struct SimPartUses {
    SimPartValue *items;
    uint32_t n, room;
} SimPartUses;

/* A line of `expect:` before it is understood. */
typedef struct SimExpectLine {
    const SimNode *node;
    const char *window;
} SimExpectLine;

typedef struct SimExpectLines {
    SimExpectLine *items;
    uint32_t n, room;
} SimExpectLines;

struct SimScenarioPrivate {
    SimArena arena;
    SimSection *sections;
    uint32_t n_sections;
    SimPartUses parts;
};

typedef struct SimHeader {
    int64_t schema;
    const char *name, *description;
    int64_t seed;
    SimTime warmup, duration;
    int fidelity;
} SimHeader;

typedef struct SimLoader {
    SimArena *arena;
    SimDiagnostics *out;
    SimChecker check;
    SimScenario *scenario;
    SimSection *sections;
    uint32_t n_sections;
    SimNode *root;
    SimForm *header_form;
    SimHeader header;
    SimCatalog catalog;
    GHashTable *templates; /* name -> SimNode */
    GHashTable *part_seen; /* "part key" */
    SimPartUses *parts;
    SimExpectLines lines;
    int64_t guesses, slots, refs; /* that may still be spent */
    uint32_t total;
    bool too_large;
} SimLoader;

extern const SimParam sim_header_params[];

/* form.c: fills a table from layers, highest first; then the part, then the table. */
typedef struct SimLayers {
    const SimNode *items[SIM_LAYERS_MOST];
    int n;
    const SimNode *part_node; /* of the enclosing form */
} SimLayers;

SimForm *sim_form_fill(SimLoader *l, const SimParam *params, const SimLayers *layers,
                       const char *part_kind, const SimNode *where, bool lenient);
bool sim_slot_given(const SimSlot *slot);
const SimSlot *sim_form_slot(const SimForm *form, const char *key);
/* Where a slot was written; falls back to the part or the mapping. */
const SimNode *sim_slot_place(const SimForm *form, const SimSlot *slot);

/* expand.c */
void sim_expand_templates(SimLoader *l);
void sim_expand(SimLoader *l);

/* effective.c: with every copy of a `count:` by itself, or each item once with its count. NULL
 * where it would be too large. */
const char *sim_effective_write(SimLoader *l, bool copies);

/* load.c: libcyaml. What it loaded is an array of raw values, one for each row of a table.
 *   root:    the rows of the header, then each section, then `expect:`
 *   section: array of items (of a map: one raw value for each item)
 *   item:    its name (of a map: unused), then the rows of its table
 *   expect:  one list for each window, in the order of sim_expect_windows() */
typedef struct SimRaw {
    void *pointer; /* char *, SimRaw *, or an array of these */
    uint64_t n;    /* of an array */
} SimRaw;

typedef struct SimLoaded SimLoaded;

/* NULL with a diagnostic where the memory allowed is not enough. Any other refusal is a bug of
 * ours and stops the program with code 70. */
SimLoaded *sim_load(SimLoader *l, const char *effective);
const SimRaw *sim_loaded_root(const SimLoaded *loaded);
void sim_loaded_free(SimLoaded *loaded);

/* convert.c */
void sim_convert(SimLoader *l, const SimRaw *root);

/* refs.c: appends what `text` stands for. `report` false: finds without a word. */
typedef struct SimRefRoom {
    SimRef *items;
    uint32_t n, room;
} SimRefRoom;

void sim_refs_resolve(SimLoader *l, const SimParam *param, const char *text, const SimNode *at,
                      SimRefRoom *out);
/* Whether any section has an item or base of this name. */
const SimKind *sim_refs_known(const SimLoader *l, const char *name);

/* windows.c */
void sim_windows_make(SimLoader *l);
const SimWindow *sim_window_find(const SimScenario *s, const char *name);

/* expect.c */
void sim_expect_collect(SimLoader *l);
void sim_expect_read(SimLoader *l, const SimRaw *root);
/* The distinct windows of the lines, in the order they appear. */
const char *const *sim_expect_windows(const SimLoader *l, uint32_t *n);

#endif
