/* capture.h: `rackcast run --pcap`: which ports are wanted, and the file their frames go to.
 *
 * A capture is made twice. A first one hears what ports there are (sim_capture_check) and writes
 * nothing, so that a name with a mistake is found before the first run; the second one is opened
 * on a file and takes part in the run. */
#ifndef SIM_APP_CAPTURE_H
#define SIM_APP_CAPTURE_H

#include <stdbool.h>

#include "sim/core/trace.h"
#include "sim/scenario/scenario.h"

typedef struct SimCapture SimCapture;

/* Takes the words behind --pcap out of the arguments and puts each port there as an option of its
 * own, for the parser knows only options of one value. Free the vector, not the words in it. */
char **sim_capture_words(int *argc, char **argv);

/* Whether the scenario has every port of a NULL-ended list; prints each that it has not. A switch
 * or host stands for all its ports with a cable; commas may separate names. */
bool sim_capture_check(char **ports, const SimScenario *scenario);

/* Begins folder/capture.pcapng; NULL, and a sentence on stderr, where that cannot be. */
SimCapture *sim_capture_open(char **ports, const char *folder);
/* For the run. */
const SimTrace *sim_capture_trace(const SimCapture *capture);
/* Puts the file in its place and frees; false, and a sentence, where it could not be written. */
bool sim_capture_close(SimCapture *capture);

#endif
