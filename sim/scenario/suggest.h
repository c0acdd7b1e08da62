/* suggest.h: what the user may have meant.
 *
 * The distance is Damerau's (insert, delete, replace, swap of neighbours), letters compared
 * without case. A guess is offered up to one edit in three letters, three at most. Comparing
 * costs a budget, so that a hostile file cannot buy hours of guessing. */
#ifndef SIM_SCENARIO_SUGGEST_H
#define SIM_SCENARIO_SUGGEST_H

#include <stddef.h>
#include <stdint.h>

typedef struct SimGuess {
    const char *text; /* what was written */
    const char *best; /* the nearest candidate so far, or NULL */
    int distance;
    int64_t *budget; /* candidates that may still be compared; NULL: no limit */
} SimGuess;

void sim_guess_init(SimGuess *guess, const char *text, int64_t *budget);
void sim_guess_offer(SimGuess *guess, const char *candidate);

#endif
