/* progress.h: one line on stderr that says how far a run is, on a terminal only.
 *
 *   four-node-rocev2  2.41 s of 6 s  40 %  12.3 M events/s  2 s left
 */
#ifndef SIM_APP_PROGRESS_H
#define SIM_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/time.h"

typedef struct SimProgress {
    bool shown; /* stderr is a terminal, and it was asked for */
    const char *name;
    SimTime duration;
    int64_t began, printed; /* us of wall clock */
    int width;              /* of the line that stands on the terminal */
} SimProgress;

void sim_progress_begin(SimProgress *p, const char *name, SimTime duration, bool wanted);
/* Prints at most five times a second. */
void sim_progress_step(SimProgress *p, SimTime now, uint64_t events);
/* Takes the line away. */
void sim_progress_end(SimProgress *p);

#endif
