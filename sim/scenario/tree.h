/* tree.h: YAML as nodes that know where they were written.
 *
 * The prescan walks libyaml's events under limits and refuses what a scenario does not need
 * (aliases, anchors, tags, merge keys, several documents) before it can cost memory. Only a
 * file that passes reaches libcyaml. Nodes live in an arena. */
#ifndef SIM_SCENARIO_TREE_H
#define SIM_SCENARIO_TREE_H

#include "sim/base/arena.h"
#include "sim/scenario/diagnostics.h"

enum {
    SIM_TREE_DEPTH = 32,
    SIM_TREE_EVENTS = 2000000,
    SIM_TREE_BYTES = 16 * 1024 * 1024,
};

typedef enum SimNodeShape { SIM_NODE_SCALAR, SIM_NODE_LIST, SIM_NODE_MAP } SimNodeShape;

/* Who wrote a value. */
typedef enum SimOrigin { SIM_FROM_FILE, SIM_FROM_SET, SIM_FROM_PART, SIM_FROM_TABLE } SimOrigin;

typedef struct SimNode {
    SimNodeShape shape;
    SimOrigin origin;
    bool plain;       /* scalar without quotes */
    bool bad;         /* diagnosed already: counts as given, has no value */
    bool partial;     /* mapping: some of what was meant is lost, so do not ask for more keys */
    const char *text; /* scalar */
    const char *key;  /* as written, where the parent is a mapping */
    const char *as;   /* the key it counts as: `key`, or what was meant by it */
    struct SimNode *parent;
    struct SimNode **items; /* list, mapping */
    uint32_t n, room;
    uint32_t index; /* in the parent list */
    uint32_t line, column, key_line, key_column;
    const void *checked; /* the kind whose table it was last checked against */
} SimNode;

/* The root, or NULL with diagnostics in `out`. */
SimNode *sim_tree_parse(SimArena *arena, const void *bytes, size_t size, SimOrigin origin,
                        SimDiagnostics *out);

/* The member that counts as `key`, bad ones included; NULL. */
SimNode *sim_node_get(const SimNode *map, const char *key);
/* Its text where it is a good scalar; NULL. */
const char *sim_node_text(const SimNode *map, const char *key);
/* A scalar that is null: nothing, ~ or null without quotes. */
bool sim_node_null(const SimNode *node);
/* "hosts[0].nic.rate", with "--set " before it where it came from there. */
const char *sim_node_path(SimArena *arena, const SimNode *node);

/* A diagnostic about a value, or about a key. */
void sim_node_report(SimArena *arena, SimDiagnostics *out, const char *code, const SimNode *node,
                     const char *allowed, const char *meant, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
void sim_node_report_key(SimArena *arena, SimDiagnostics *out, const char *code,
                         const SimNode *node, const char *allowed, const char *meant,
                         const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Applies one "path=value". */
void sim_tree_set(SimArena *arena, SimNode *root, const char *text, SimDiagnostics *out);

#endif
