/* fabric.h: cables, ports and switches.
 *
 *          FabricPort A                                   FabricPort B
 *   queue[7] ------+                                    +------ queue[7]
 *   ...            +--> transmitter ==== cable ====>    +
 *   queue[0] ------+    busy_until       A.flight       +------ queue[0]
 *
 * A port is one end of a full-duplex cable: its transmitter, its queues, and the frames it has
 * put on the cable (`flight`). Two events serve it: the arrival of the first frame in flight at
 * the other end, and the moment its transmitter is free while frames wait. A frame that finds
 * the transmitter idle leaves at once, so an uncontended hop costs one event.
 *
 * Equations. Serialisation = line bytes x 8 / rate. A frame that starts at t is handled at the
 * other end at
 *   t + serialisation + propagation + latency   store and forward, and every NIC (last bit)
 *   t + propagation + latency                   cut-through (first bit in to first bit out,
 *                                               RFC 1242 section 3.8)
 * and, cut-through, leaves not before its last bit came in where the way out is faster.
 *
 * Buffer. A frame that must wait is charged to (switch, port it came in by, priority) and
 * released when its transmission starts. On a lossless priority the count crossing XOFF sends a
 * PFC frame back, falling to XON another; beyond XOFF frames live in that port's headroom. On a
 * lossy priority the frame is dropped when the lossy share of the buffer is full.
 *
 * Owners: switches are here; a NIC owns its ports and brings its own handlers. */
#ifndef MODELS_FABRIC_FABRIC_H
#define MODELS_FABRIC_FABRIC_H

#include "sim/base/rng.h"
#include "sim/core/meter.h"
#include "sim/core/packet.h"
#include "sim/core/run.h"

#define FABRIC_PRIORITIES 8
/* Priority of RoCE, with PFC, in a scenario without classes. */
#define FABRIC_DEFAULT_PRIORITY 3
#define FABRIC_NO_ROUTE UINT32_MAX

/* Packets of the fabric's own, beside the BTH opcodes of models/frame. */
enum FabricOpcode {
    FABRIC_PFC = 0xF0,      /* psn: mask of priorities, payload: quanta (0 = XON) */
    FABRIC_ANNOUNCE = 0xF1, /* gratuitous ARP: teaches switches where an address is */
    FABRIC_CONNECT = 0xF2   /* connection management, used by the NIC */
};

typedef struct FabricQueue {
    SimPacket *first, *last;
} FabricQueue;

typedef struct FabricDrops {
    int64_t cut;      /* on a cable that was cut, or towards one that is down */
    int64_t error;    /* failed FCS */
    int64_t silent;   /* swallowed by a black hole */
    int64_t buffer;   /* lossy share or headroom full */
    int64_t mtu;      /* larger than the switch takes */
    int64_t no_route; /* no port leads there, or the switch was down */
} FabricDrops;

typedef struct FabricPort FabricPort;
typedef struct FabricSwitch FabricSwitch;

struct FabricPort {
    /* first cache line: sending */
    SimTime busy_until;
    SimTime delay;     /* from end of serialisation (start, cut-through) to handling there */
    int64_t full_mask; /* -1: the other end handles whole frames, 0: cut-through */
    int64_t ticks_a_byte;
    SimPacket *flight_first, *flight_last;
    uint32_t transmit_slot, arrival_slot;
    uint8_t waiting;      /* bit p: queue p holds frames */
    uint8_t paused;       /* bit p: the other end has paused priority p */
    uint8_t pause_wanted; /* bit p: this end wants the other paused */
    uint8_t pause_dirty;  /* bit p: and has not told it yet */
    bool up;              /* carrier: cable intact, both ends alive */
    bool armed;           /* transmit slot armed */
    bool lossy;           /* the cable loses frames: bit errors or a black hole */
    bool blocked;         /* frames wait and all are paused */
    /* second: receiving and counting */
    FabricPort *peer;
    FabricSwitch *at;     /* NULL: a NIC's */
    FabricSwitch *far_at; /* the peer's */
    struct Fabric *fabric;
    SimTime busy; /* sum of serialisations */
    int64_t sent_frames, sent_bytes;
    int64_t bps;
    uint32_t lag;          /* group of the parallel cables to the same neighbour */
    uint8_t last_priority; /* served last: priorities take turns */
    /* then: waiting frames; bytes held of frames that came in here (a switch's) */
    int64_t held[FABRIC_PRIORITIES];
    FabricQueue queue[FABRIC_PRIORITIES];
    int64_t xoff, xon, headroom;
    /* cold */
    uint32_t number; /* 1.. at its owner */
    SimDomain domain;
    int32_t black_holes;        /* faults that swallow frames, under way */
    int32_t cuts, owner_deaths; /* faults under way; the link is up at 0 */
    SimRate rate;
    SimTime pause_until[FABRIC_PRIORITIES];
    SimTimer refresh; /* repeats XOFF before it runs out */
    int64_t pauses_sent, pauses_received;
    FabricDrops drops;
    SimResource resource;
    const char *name; /* "tor1/3->node2/1" */
    uint64_t *vlans;  /* bit v: broadcasts of VLAN v (0: untagged) leave here; NULL: of all */
    const char *pause_cause; /* the full way out that last made this port want a pause */
    void (*on_link)(SimRun *run, FabricPort *port, bool up); /* carrier changed; may be NULL */
    SimHandler arrive;     /* handles the arrival of a frame AT this port; its owner argument is
                              the sending peer */
    SimHandler transmit;   /* transmitter free; owner argument is this port */
    int64_t bit_errors;    /* chance a bit, 10^-18 */
    int64_t bits_to_error; /* until the next bit error */
    SimRng errors;
};

/* Where frames for an address go: one or several equal ways. */
typedef struct FabricGroup {
    FabricPort **port; /* members, up or not */
    FabricPort **live;
    uint32_t n, n_live;
} FabricGroup;

struct FabricSwitch {
    FabricPort *port; /* n_ports, port[i].number == i + 1 */
    uint32_t n_ports;
    uint32_t *route; /* by address: index in group[], FABRIC_NO_ROUTE */
    FabricGroup *group;
    uint32_t n_groups;
    uint32_t seed;    /* of its hash, from its path */
    uint32_t largest; /* largest line bytes taken */
    bool learning, cut_through;
    uint8_t lossless; /* bit p: PFC is on for priority p */
    int64_t lossy_used, lossy_limit;
    int64_t used, peak_used;
    int64_t buffer, latency;
    const char *name;
    SimDomain domain;
    uint32_t index;
};

/* A place a frame can be sent to. Lives at one port at a time. */
typedef struct FabricAddress {
    FabricPort *port;
} FabricAddress;

typedef struct Fabric {
    SimPool packets;
    FabricSwitch *switches;
    uint32_t n_switches;
    SIM_RESULT_LIST(FabricPort *) ports; /* every cabled port */
    SIM_RESULT_LIST(FabricAddress) addresses;
    SimDomain domain;
    SimTimer converge; /* routed fabrics: routes follow the links after a while */
    bool routed;       /* loops: static shortest paths instead of learning */
    int64_t born;      /* packets ever made */
    int64_t consumed;  /* handed to a NIC or eaten by a port (PFC, announcements) */
    int64_t dropped;   /* by cause at the ports, by priority here */
    int64_t dropped_of[FABRIC_PRIORITIES];
    int64_t hops; /* frames but pauses that reached the other end of a cable */
} Fabric;

extern const SimModel fabric_model;

/* Not for the hot path: a port knows its fabric. */
static inline Fabric *fabric_of(SimRun *run);

/* Bit p: PFC is on for priority p. */
uint8_t fabric_lossless(const SimScenario *scenario);
/* Priority of RDMA where no class is named: that of the only class with PFC, else 3. */
uint8_t fabric_default_priority(const SimScenario *scenario);
/* Bytes that may still arrive after XOFF at a port of this rate, with `one_way` ticks between
 * the ends and frames of at most `frame` bytes on the line. */
int64_t fabric_headroom(int64_t bps, SimTime one_way, int64_t frame);
/* Ticks that a signal takes over `length` mm. */
SimTime fabric_propagation(int64_t length);

/* ---- building ---- */

typedef struct FabricCable {
    int64_t rate;       /* bit/s */
    int64_t length;     /* mm */
    int64_t bit_errors; /* chance a bit, 10^-18 */
} FabricCable;

/* Prepares a port of a NIC; a switch prepares its own. `arrive` handles frames that come in. */
void fabric_port_init(SimRun *run, FabricPort *port, SimDomain domain, uint32_t number,
                      SimHandler arrive, SimHandler transmit);
/* Joins two ports. latency_a: what port a adds to a frame that comes in at it. The names of the
 * ports ("tor1->node2") are kept. */
void fabric_connect(SimRun *run, FabricPort *a, FabricPort *b, const FabricCable *cable,
                    const char *name_a, const char *name_b, SimTime latency_a, SimTime latency_b);
uint32_t fabric_address_add(SimRun *run, FabricPort *port);
/* Has the switch at the other end of a NIC's port pass it the broadcasts of a VLAN (0: untagged);
 * without any call it passes all. Does nothing where there is no switch. */
void fabric_port_carry(SimRun *run, FabricPort *port, uint16_t vlan);
/* After the last cable and address: buffers, groups, routes. */
void fabric_complete(SimRun *run);

/* ---- frames ---- */

/* A packet with every field but `next` zero. */
SimPacket *fabric_packet_new(Fabric *fabric);
void fabric_packet_consume(Fabric *fabric, SimPacket *p);
void fabric_packet_drop(Fabric *fabric, SimPacket *p, int64_t *cause);

/* Starts transmission now; the transmitter must be idle and the port up. */
static inline void fabric_port_send(SimRun *run, FabricPort *port, SimPacket *p);
/* Has the transmit handler called when the transmitter is free (now, if it is). */
static inline void fabric_port_wake(SimRun *run, FabricPort *port);
/* For an arrive handler: takes the frame that has arrived from `sender`'s cable. NULL: it was
 * lost on the way, or was a PFC frame, which the port has obeyed. */
static inline SimPacket *fabric_port_take(SimRun *run, FabricPort *sender);
/* The rest of it, for frames that are lost or are pauses. */
SimPacket *fabric_port_take_odd(SimRun *run, FabricPort *sender, SimPacket *p);
/* For a transmit handler: sends a PFC frame if one is due; true if it did. */
bool fabric_port_send_pause(SimRun *run, FabricPort *port);
/* For a transmit handler: the priorities that may be sent now; unblocks or notes the block,
 * and arms a wake-up for the first pause to run out if all that waits is paused. `waiting`: bit p
 * where frames of priority p wait. */
static inline uint8_t fabric_port_eligible(SimRun *run, FabricPort *port, uint8_t waiting);
uint8_t fabric_port_eligible_paused(SimRun *run, FabricPort *port, uint8_t waiting);

/* ---- faults, on both ends of the cable ---- */
/* Routed fabrics: have the routes follow an address that moved. */
void fabric_address_moved(SimRun *run, uint32_t address, FabricPort *port);

void fabric_cable_set(SimRun *run, FabricPort *port, bool intact);
void fabric_cable_swallow(SimRun *run, FabricPort *port, bool silent);
void fabric_switch_set(SimRun *run, FabricSwitch *sw, bool alive);
/* The owner of a NIC port went away or came back. */
void fabric_port_owner_set(SimRun *run, FabricPort *port, bool alive);

FabricSwitch *fabric_switch_at(SimRun *run, uint32_t index);

/* ---- inline ---- */

static inline Fabric *fabric_of(SimRun *run) {
    return (Fabric *)sim_run_state(run, &fabric_model);
}

static inline void fabric_port_send(SimRun *run, FabricPort *port, SimPacket *p) {
    SimTime now = run->context.now;
    SimTime line = __builtin_expect(port->ticks_a_byte != 0, 1)
                       ? p->line_bytes * port->ticks_a_byte
                       : sim_rate_ticks(&port->rate, p->line_bytes);
    port->busy_until = now + line;
    port->busy += line;
    port->sent_frames++;
    port->sent_bytes += p->line_bytes;
    p->due = now + (line & port->full_mask) + port->delay;
    p->next = NULL;
    if (port->flight_first) {
        port->flight_last->next = p;
    } else {
        port->flight_first = p;
        sim_slot_set(run, port->arrival_slot, p->due);
    }
    port->flight_last = p;
}

static inline uint8_t fabric_port_eligible(SimRun *run, FabricPort *port, uint8_t waiting) {
    if (__builtin_expect(!((port->paused & waiting) | port->blocked), 1)) return waiting;
    return fabric_port_eligible_paused(run, port, waiting);
}

static inline SimPacket *fabric_port_take(SimRun *run, FabricPort *sender) {
    SimPacket *p = sender->flight_first;
    sender->flight_first = p->next;
    if (p->next) sim_slot_again(run, p->next->due);
    if (__builtin_expect(sender->lossy | (p->op == FABRIC_PFC), 0))
        return fabric_port_take_odd(run, sender, p);
    sender->fabric->hops++;
    return p;
}

static inline void fabric_queue_push(FabricQueue *q, SimPacket *p) {
    p->next = NULL;
    if (q->first)
        q->last->next = p;
    else
        q->first = p;
    q->last = p;
}

/* The queue must not be empty. */
static inline SimPacket *fabric_queue_pop(FabricQueue *q) {
    SimPacket *p = q->first;
    q->first = p->next;
    return p;
}

/* The priority whose turn it is: the next eligible one after the last served; frame by frame. */
static inline uint32_t fabric_turn(uint32_t last, uint8_t eligible) {
    uint32_t twice = eligible | (uint32_t)eligible << 8;
    uint32_t from = last + 1u;
    return (from + (uint32_t)__builtin_ctz(twice >> from)) & 7;
}

static inline void fabric_port_wake(SimRun *run, FabricPort *port) {
    if (!port->up) return;
    SimTime now = run->context.now;
    SimTime free = port->busy_until > now ? port->busy_until : now;
    if (port->armed && sim_tournament_time(&run->slots, port->transmit_slot) <= free) return;
    port->armed = true;
    sim_slot_set(run, port->transmit_slot, free);
}

#endif
