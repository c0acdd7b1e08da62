/* jsontree.h: a JSON document on its way out, in canonical form.
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
#ifndef SIM_REPORT_JSONTREE_H
#define SIM_REPORT_JSONTREE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/base/arena.h"
#include "sim/metrics/result.h"

typedef struct SimJson SimJson;

SimJson *sim_json_object(SimArena *arena);
SimJson *sim_json_array(SimArena *arena);
SimJson *sim_json_text(SimArena *arena, const char *text); /* NULL: null */
SimJson *sim_json_bool(SimArena *arena, bool value);
SimJson *sim_json_integer(SimArena *arena, int64_t value);
SimJson *sim_json_value(SimArena *arena, SimValue value, int decimals);

void sim_json_put(SimArena *arena, SimJson *object, const char *key, SimJson *value);
void sim_json_append(SimArena *arena, SimJson *array, SimJson *value);
/* The member of that name, or NULL. */
SimJson *sim_json_get(const SimJson *object, const char *key);

/* Prints a root object and a final newline; sorts as it goes. False where the stream failed. */
bool sim_json_print(SimJson *root, FILE *out);

#endif
