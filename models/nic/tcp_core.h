/* tcp_core.h: the cores that do a host's TCP, private to models/nic.
 *
 * A connection keeps to one core, chosen by the Toeplitz hash of its addresses and ports, as
 * receive-side scaling does. A core is one server, first come first served: pieces to send (as much
 * as LSO hands over) and what has come in (what LRO joins), each for its time. Frames wait for
 * an interrupt, `moderation` after the first of them; a core that is busy looks after each
 * piece of work by itself, without another.
 *
 *     frame --> frames -- interrupt --> jobs --> the core --> done
 *     piece to send ---------------------^
 */
#ifndef MODELS_NIC_TCP_CORE_H
#define MODELS_NIC_TCP_CORE_H

#include "models/nic/tcp.h"
#include "models/nic/tcp_params.h"
#include "sim/core/meter.h"

typedef struct NicTcpFrame NicTcpFrame;
typedef struct NicTcpJob NicTcpJob;

/* What a core knows of a connection. */
typedef struct NicTcpLane {
    NicTcpJob *open;     /* while frames are joined: where the next one may belong */
    NicTcpFrame *newest; /* of that job */
} NicTcpLane;

/* What of a frame matters above the adapter. */
struct NicTcpFrame {
    NicTcpFrame *next;
    NicTcpLane *lane;
    TcpSegment segment;
    bool ack, ends, notifies; /* a message ends here; its reader hears of it */
    uint16_t epoch;
    uint32_t kind, length; /* of the message that ends here */
    void *token;
};

/* Work: a piece to send (no frames), or frames of one connection taken as one. */
struct NicTcpJob {
    NicTcpJob *next;
    NicTcpLane *lane;
    NicTcpFrame *frames;
    uint32_t bytes;
    uint16_t epoch;
};

typedef struct NicTcpCore {
    SimResource resource;
    SimTime busy, busy_until;
    SimTime *all_busy; /* of the host's cores together */
    const NicTcpParams *params;
    SimPool *jobs;
    /* A job is done; the frames are the caller's to give back. */
    void (*done)(SimRun *run, NicTcpJob *job);
    NicTcpJob *first, *last, *serving;
    NicTcpFrame *frames, *frames_last;
    SimTime interrupt;
    SimTimer timer;
} NicTcpCore;

/* While wiring. `params`, `jobs` and `done` are set, the rest zero. */
void nic_tcp_core_init(SimRun *run, NicTcpCore *core, SimDomain domain, const char *name);
void nic_tcp_core_send(SimRun *run, NicTcpCore *core, NicTcpLane *lane, uint16_t epoch,
                       uint32_t bytes);
void nic_tcp_core_receive(SimRun *run, NicTcpCore *core, NicTcpFrame *frame);

/* The hash of receive-side scaling over IPv4 addresses and ports, in host order, with the key of
 * Microsoft's verification suite. */
uint32_t nic_tcp_toeplitz(uint32_t from_ip, uint32_t to_ip, uint16_t from_port, uint16_t to_port);

#endif
