/* check.h: shape and keys of a tree against parameter tables.
 *
 * What does not fit is diagnosed once and marked bad, so that later stages take it as given but
 * without a value. An unknown key that has a near neighbour counts as that neighbour where its
 * value is a list or mapping, so that its content is checked as well. */
#ifndef SIM_SCENARIO_CHECK_H
#define SIM_SCENARIO_CHECK_H

#include "sim/core/param.h"
#include "sim/scenario/tree.h"

/* Keys beside the table that the loader handles itself. */
typedef enum SimExtras {
    SIM_EXTRA_NAME = 1,
    SIM_EXTRA_COUNT = 2,
    SIM_EXTRA_USE = 4,
    SIM_EXTRA_PART = 8,
} SimExtras;

typedef struct SimChecker {
    SimArena *arena;
    SimDiagnostics *out;
    int64_t *guesses; /* budget of suggest.h */
} SimChecker;

const SimParam *sim_param_find(const SimParam *params, const char *key);
uint32_t sim_param_count(const SimParam *params);

/* A mapping against a table. `node` must be a mapping; removes what nobody knows. */
void sim_check_map(const SimChecker *c, SimNode *node, const SimParam *params, int extras);
/* One value against its row. */
void sim_check_value(const SimChecker *c, SimNode *node, const SimParam *param);
/* Whether the node is a mapping; diagnosed and marked bad if not. `like` shows an example. */
bool sim_check_is_map(const SimChecker *c, SimNode *node, const char *what, const char *like);
/* An unknown key: diagnoses it, guesses among `known` (NULL-terminated). True where the node
 * now counts as the key that was guessed. */
bool sim_check_unknown(const SimChecker *c, SimNode *node, const char *const *known);

/* Everything that the program's own tables must obey; stops with code 70 where they do not. */
void sim_check_tables(void);

#endif
