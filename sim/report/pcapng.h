/* pcapng.h: frames of several interfaces in one capture file, as Wireshark opens it.
 *
 *   section header | interface 0 | interface 1 ... | packet | packet | ...
 *
 * Blocks are written little-endian whatever the machine, and say nothing of it: the same frames
 * give the same bytes. A packet's stamp is in whole nanoseconds of simulated time, counted from
 * 1970 as the format wants it; the exact time, whose last digit is a tick of 10 ps, is its comment,
 * because finer stamps overflow in tshark 4.0. Frames hold their FCS, and each interface says so.
 *
 * Packets stand in the order of (stamp, interface, inbound before outbound); those given since
 * sim_pcapng_settle are held back until it is known that nothing older can come.
 *
 * Source: draft-ietf-opsawg-pcapng, sections 3 and 4. */
#ifndef SIM_REPORT_PCAPNG_H
#define SIM_REPORT_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/time.h"

typedef struct SimPcapng SimPcapng;

/* Begins a section. `out` stays the caller's; what goes wrong on it is reported at the end. */
SimPcapng *sim_pcapng_new(FILE *out, const char *application);
/* Adds an Ethernet interface and returns its number, 0, 1, 2... `bps` 0: not said. */
uint32_t sim_pcapng_interface(SimPcapng *p, const char *name, int64_t bps);
/* Takes a copy of a frame with its FCS. `comment`: a second one behind the exact time, or NULL. */
void sim_pcapng_frame(SimPcapng *p, uint32_t interface, SimTime at, bool outbound,
                      const uint8_t *bytes, uint32_t size, const char *comment);
/* Writes what was before `before`; no older frame may be given any more. */
void sim_pcapng_settle(SimPcapng *p, SimTime before);
/* Writes the rest and frees; false (and errno) where anything could not be written. */
bool sim_pcapng_free(SimPcapng *p);

#endif
