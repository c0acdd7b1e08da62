/* assert.h: always-on assertions. A failed one is a bug of ours: it says when in simulated
 * time, where, with which seed, and how to see it again, and ends the process with code 70. */
#ifndef SIM_BASE_ASSERT_H
#define SIM_BASE_ASSERT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/time.h"

#define SIM_EXIT_INTERNAL 70

/* What a failed assertion prints. Lives in the run; kept current by the engine. */
typedef struct SimContext {
    SimTime now;
    uint64_t events;
    uint64_t seed;
    const char *entity; /* path of the domain whose event is being handled, or NULL */
    const char *replay; /* command that replays the run, or NULL */
} SimContext;

_Noreturn void sim_assert_failed(const SimContext *context, const char *file, int line,
                                 const char *condition);
_Noreturn void sim_out_of_memory(size_t bytes);

/* Within a run. */
#define SIM_ASSERT(context, condition)                                                             \
    ((condition) ? (void)0 : sim_assert_failed((context), __FILE__, __LINE__, #condition))
/* Where there is no run. */
#define SIM_CHECK(condition)                                                                       \
    ((condition) ? (void)0 : sim_assert_failed(NULL, __FILE__, __LINE__, #condition))

#endif
