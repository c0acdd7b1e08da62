/* tree.h: a JSON document on its way out, in canonical form.
 *
 * Keys are sorted by byte order when an object is printed; numbers are text that the caller has
 * made by integer division; nothing depends on the locale. The layout is meant for line tools:
 * every member of the root stands on its own line, and every element of an array that is a
 * member of the root on exactly one line of its own:
 *
 *   {
 *     "audit": [
 *       {"detail": "...", "entity": "tor1", "law": "frames", "passed": true},
 *       ...
 *     ],
 *     "seed": 1
 *   }
 *
 * A tree lives in an arena and is freed with it. Adding a key twice is a programmer's error. */
#ifndef SIM_REPORT_TREE_H
#define SIM_REPORT_TREE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/base/arena.h"
#include "sim/metrics/result.h"

typedef struct SimTree SimTree;

SimTree *sim_tree_object(SimArena *arena);
SimTree *sim_tree_array(SimArena *arena);
SimTree *sim_tree_text(SimArena *arena, const char *text); /* NULL: null */
SimTree *sim_tree_bool(SimArena *arena, bool value);
SimTree *sim_tree_integer(SimArena *arena, int64_t value);
SimTree *sim_tree_value(SimArena *arena, SimValue value, int decimals);

void sim_tree_put(SimArena *arena, SimTree *object, const char *key, SimTree *value);
void sim_tree_append(SimArena *arena, SimTree *array, SimTree *value);
/* The member of that name, or NULL. */
SimTree *sim_tree_get(const SimTree *object, const char *key);

/* Prints a root object and a final newline; sorts as it goes. False where the stream failed. */
bool sim_tree_print(SimTree *root, FILE *out);

#endif
