/* interrupt.h: Ctrl-C during a run, without a handler and without a global.
 *
 * While held, SIGINT stays pending; the run looks between batches of events. The first one seen
 * is taken and the hold ends, so a second Ctrl-C ends the process at once. */
#ifndef SIM_APP_INTERRUPT_H
#define SIM_APP_INTERRUPT_H

#include <stdbool.h>

void sim_interrupt_hold(void);
/* True where one has arrived since; takes it and releases. */
bool sim_interrupt_seen(void);
void sim_interrupt_release(void);

#endif
