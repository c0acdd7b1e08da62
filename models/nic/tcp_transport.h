/* tcp_transport.h: TCP and iWARP as transports of hosts, private to models/nic.
 *
 * A posted operation becomes a message on the byte stream of its connection; segments do not
 * cross the end of a message.
 *
 *   TCP    WRITE, SEND: their bytes. READ: a request of the size of an SMB2 READ, answered by the
 *          bytes. The hosts' cores do the work (tcp_core.h).
 *   iWARP  FPDUs, one a segment: tagged for WRITE and READ response, untagged for SEND and READ
 *          request. WRITE_NOTIFY is a WRITE and a SEND of 4 bytes behind it, for iWARP knows no
 *          immediate data of its own. The adapter does the work; markers are not used.
 *
 *     post --> message --> core, a piece at a time --> TcpSender --> port
 *     port --> core (interrupt, LRO) --> TcpReceiver --> message whole and in order --> user
 *
 * A WRITE or SEND is complete when its last byte is acknowledged, a READ when its last byte has
 * come. The end of a message makes the receiver acknowledge at once: its reader takes it whole.
 * Connections stand at the start; one that breaks (`retries` timeouts, or no way out) flushes what
 * is outstanding and is set up again by a SYN every `reconnect`, as RC does by its requests. */
#ifndef MODELS_NIC_TCP_TRANSPORT_H
#define MODELS_NIC_TCP_TRANSPORT_H

#include "models/frame/frame.h"
#include "models/nic/nic.h"
#include "models/nic/tcp_core.h"

extern const NicProtocol nic_tcp_protocol;   /* "tcp" */
extern const NicProtocol nic_iwarp_protocol; /* "iwarp" */

/* A connection is made in three steps while wiring: two ends, whose base fields (here, there,
 * index, remote, flow, priorities) the caller sets; each initialised; both joined, which settles
 * the segment size (the smaller of the two) and the cores. */
NicConnection *nic_tcp_new(SimRun *run, bool iwarp);
void nic_tcp_init(SimRun *run, NicConnection *c, const NicTcpParams *params, const char *label);
void nic_tcp_join(SimRun *run, NicConnection *client, NicConnection *server);

/* Payload bytes of a full segment. */
uint32_t nic_tcp_mss(const NicConnection *c);
/* For the audit: records of messages and ranges that a host has taken, and those that an end holds.
 */
int64_t nic_tcp_taken(const NicHost *host);
int64_t nic_tcp_kept(const NicConnection *c);

/* For captures: whether segments carry timestamps; the FPDU that a segment of this end is, but for
 * its tags. False where that is not known any more: it has been acknowledged. */
bool nic_tcp_stamped(const NicConnection *c);
bool nic_tcp_fpdu(const NicConnection *c, uint32_t seq, FrameIwarp *out);

#endif
