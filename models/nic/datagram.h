/* datagram.h: UDP as a transport of hosts, private to models/nic: what is posted is sent once, in
 * one frame, and nobody hears whether it came.
 *
 * SEND alone, of at most NIC_DATAGRAM_MOST bytes; `complete` is never called. An end is always up;
 * without a way out, or with NIC_DATAGRAM_ROOM datagrams waiting already, a datagram is lost. */
#ifndef MODELS_NIC_DATAGRAM_H
#define MODELS_NIC_DATAGRAM_H

#include "models/nic/nic.h"

enum { NIC_DATAGRAM_ROOM = 64 }; /* assumption: a socket buffer of 64 KiB and datagrams of 1 kB */

extern const NicProtocol nic_datagram_protocol;

NicConnection *nic_datagram_new(SimRun *run);
void nic_datagram_init(NicConnection *c);

#endif
