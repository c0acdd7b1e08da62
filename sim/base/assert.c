#include "sim/base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void sim_assert_failed(const SimContext *context, const char *file, int line,
                       const char *condition) {
    fprintf(stderr, "rackcast: internal error, please report it: %s:%d: %s\n", file, line,
            condition);
    if (context) {
        fprintf(stderr, "  at %" PRId64 ".%02d ns, event %" PRIu64 ", in %s, seed %" PRIu64 "\n",
                context->now / SIM_NS, (int)(context->now % SIM_NS), context->events,
                context->entity ? context->entity : "the run", context->seed);
        if (context->replay) fprintf(stderr, "  again: %s\n", context->replay);
    }
    fflush(stderr);
    _Exit(SIM_EXIT_INTERNAL);
}

void sim_out_of_memory(size_t bytes) {
    fprintf(stderr, "rackcast: out of memory: the machine did not give %zu bytes\n", bytes);
    exit(5);
}
