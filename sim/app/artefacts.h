/* artefacts.h: the folder of a result.
 *
 *   result.json      the same bytes for the same scenario, seed and version
 *   metrics.csv      every metric
 *   effective.yaml   the scenario, with everything filled in
 *   *.gp *.dat *.svg pictures
 *   capture.pcapng   frames of the ports that --pcap names (capture.h)
 *   run.json         what the machine took: the one file with wall-clock facts */
#ifndef SIM_APP_ARTEFACTS_H
#define SIM_APP_ARTEFACTS_H

#include <stdbool.h>

#include "sim/app/session.h"
#include "sim/metrics/result.h"

/* Makes the folder and tries to write in it, so that a long run is not made in vain. Prints
 * what is wrong. */
bool sim_artefacts_prepare(const char *folder);

/* Writes everything; prints every file that could not be written and goes on with the next.
 * True where all were. */
bool sim_artefacts_write(const char *folder, const SimResult *result, const SimSessionFacts *facts,
                         bool plots);

#endif
