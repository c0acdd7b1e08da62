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
 * Buffer (buffer.h). A frame that must wait is charged to (switch, port it came in by, priority)
 * and released when its transmission starts: first to what is reserved for the pair, then to the
 * pool that all share, up to a threshold T = alpha x what is free of the pool (Choudhury and Hahne,
 * 1998) or a fixed XOFF. The frame that reaches T has a pause sent back; what comes later lives in
 * headroom of its own. On a lossy priority T limits the queue of the way out, and a frame
 * beyond it is dropped.
 *
 * A frame that arrives in the very instant in which a transmission ends finds the port busy: the
 * choice of the next frame is an event of its own in that instant, after all arrivals.
 *
 * Owners: switches are here; a NIC owns its ports and brings its own handlers. */
#ifndef MODELS_FABRIC_FABRIC_H
#define MODELS_FABRIC_FABRIC_H

#include "models/fabric/params.h"
#include "sim/base/rng.h"
#include "sim/core/meter.h"
#include "sim/core/packet.h"
#include "sim/core/run.h"

#define FABRIC_PRIORITIES 8
/* Priority of RoCE, with PFC, in a scenario without classes. */
#define FABRIC_DEFAULT_PRIORITY 3
#define FABRIC_NO_ROUTE UINT16_MAX

/* Packets of the fabric's own, beside the BTH opcodes of models/frame. */
enum FabricOpcode {
    FABRIC_PFC = 0xF0,      /* psn: mask of priorities, payload: quanta (0 = XON) */
    FABRIC_ANNOUNCE = 0xF1, /* gratuitous ARP: teaches switches where an address is */
    FABRIC_CONNECT = 0xF2,  /* connection management, used by the NIC */
    FABRIC_PAUSE = 0xF3,    /* 802.3x: stops every priority; payload: quanta */
    FABRIC_TCP = 0xF4,      /* a TCP segment, plain or of iWARP */
    FABRIC_DATAGRAM = 0xF5  /* UDP: heartbeats */
};

typedef struct FabricQueue {
    SimPacket *first, *last;
} FabricQueue;

typedef struct FabricDrops {
    int64_t cut;        /* on a cable that was cut, or towards one that is down */
    int64_t error;      /* failed FCS */
    int64_t silent;     /* swallowed by a black hole */
    int64_t buffer;     /* lossy share or headroom full */
    int64_t mtu;        /* larger than the switch takes */
    int64_t no_route;   /* no port leads there, or the switch was down */
    int64_t unroutable; /* RoCE v1 at a router, or its last hop was behind it */
    int64_t watchdog;   /* for a port that the watchdog has given up */
} FabricDrops;

/* Frames and line bytes of one priority. */
typedef struct FabricFlow {
    int64_t frames, bytes;
} FabricFlow;

/* ECN of one priority at one port (RFC 3168; RED's line from kmin to kmax, all beyond). */
typedef struct FabricMarking {
    int64_t kmin, kmax; /* bytes queued; kmax 0: no marking */
    int64_t pmax;       /* chance at kmax, ppm */
    bool enqueue;       /* marked when it is queued, else when it leaves */
} FabricMarking;

/* How priorities share a port (IEEE 802.1Qaz): strict ones first, the highest first; the others by
 * deficit, in bytes on the line, or, without shares, in turns frame by frame. */
typedef struct FabricSchedule {
    uint8_t strict; /* bit p */
    bool weighted;
    int32_t quantum[FABRIC_PRIORITIES]; /* bytes a turn */
} FabricSchedule;

typedef struct FabricPort FabricPort;
typedef struct FabricSwitch FabricSwitch;

struct FabricPort {
    /* line 0: sending and taking */
    _Alignas(64) SimTime busy_until;
    SimTime delay; /* from end of serialisation (start, cut-through) to handling there */
    SimPacket *flight_first, *flight_last;
    uint32_t transmit_slot, arrival_slot;
    uint32_t ticks_a_byte; /* 0: no whole number, or an option: see fabric_line_ticks */
    uint8_t waiting;       /* bit p: queue p holds frames */
    uint8_t paused;        /* bit p: the other end has paused priority p */
    uint8_t pause_wanted;  /* bit p: this end wants the other paused */
    uint8_t pause_dirty;   /* bit p: and has not told it yet */
    bool up : 1;           /* carrier: cable intact, both ends alive */
    bool armed : 1;        /* transmit slot armed */
    bool odd : 1;          /* frames on the cable need a look: errors, a black hole, a capture */
    bool blocked : 1;      /* frames wait and all are paused */
    bool whole : 1;        /* the other end handles whole frames; else cut-through */
    uint8_t last_priority; /* served last: priorities take turns */
    uint16_t lag, far_lag; /* way of the parallel cables to the same neighbour; the peer's */
    FabricSwitch *far_at;  /* where the cable leads; NULL: to a NIC */
    /* line 1 */
    SimTime busy; /* sum of serialisations */
    FabricPort *peer;
    FabricSwitch *at; /* NULL: a NIC's */
    struct Fabric *fabric;
    int64_t bps;
    const FabricSchedule *schedule;
    const FabricMarking *marking; /* by priority; NULL: none */
    SimLevel *level;              /* bytes waiting, all priorities; with marking only */
    uint32_t number;              /* 1.. at its owner */
    SimDomain domain;
    FabricFlow sent[FABRIC_PRIORITIES];
    /* coming in: bytes of frames that came in here and wait; of these, in headroom */
    uint32_t held[FABRIC_PRIORITIES], over[FABRIC_PRIORITIES];
    int64_t xoff;     /* fixed; SIM_ABSENT: alpha rules */
    int64_t alpha;    /* ppm of what is free of the shared pool */
    int64_t reserved; /* bytes a lossless priority may hold before it takes of the pool */
    int64_t xon;      /* fixed, or how far below the threshold a pause ends */
    int64_t headroom;
    uint8_t lossless;        /* bit p: frames of it that come in here are paused, not dropped */
    uint8_t obeys;           /* bit p: a PFC frame for it is obeyed */
    uint8_t shunned;         /* bit p: the watchdog drops what would leave here */
    bool link_pause;         /* 802.3x in place of PFC */
    bool stormy;             /* a fault: this end wants the other paused for ever */
    const char *pause_cause; /* the full way out that last made this port want a pause */
    /* going out */
    FabricQueue queue[FABRIC_PRIORITIES];
    uint32_t queued[FABRIC_PRIORITIES]; /* bytes waiting */
    int32_t deficit[FABRIC_PRIORITIES];
    uint8_t turn; /* where the turns stood when a strict priority went before */
    /* cold */
    int32_t black_holes;        /* faults that swallow frames, under way */
    int32_t cuts, owner_deaths; /* faults under way; the link is up at 0 */
    SimRate rate;
    SimTime pause_until[FABRIC_PRIORITIES];
    SimTime paused_since[FABRIC_PRIORITIES]; /* without a break; SIM_NEVER: it is not */
    SimTimer refresh;                        /* repeats XOFF before it runs out */
    SimTimer watchdog;
    int64_t pauses_sent, pauses_received;
    int64_t pauses_sent_of[FABRIC_PRIORITIES], pauses_received_of[FABRIC_PRIORITIES];
    SimTime pause_time_of[FABRIC_PRIORITIES]; /* finished pauses obeyed here */
    int64_t discards_of[FABRIC_PRIORITIES];   /* dropped for want of buffer, by way in */
    int64_t discards;                         /* all of them */
    int64_t ecn_marked, watchdog_events, link_downs;
    int64_t link_pauses_sent, link_pauses_received;
    SimTime last_pause[FABRIC_PRIORITIES]; /* when the last XOFF for it came */
    FabricFlow control;                    /* PFC and PAUSE frames sent */
    SimTime pause_response;                /* between the arrival of a pause and its effect */
    int64_t kept;                          /* frames that its owner holds elsewhere */
    FabricQueue heard;                     /* pauses that have come and have no effect yet */
    SimTimer response;
    SimTime wire,
        handling;         /* parts of `delay`: of the cable, of the other end after the last bit */
    FabricFlow *received; /* by priority as classified here; NULL: as the sender has it */
    FabricDrops drops;
    SimResource resource;
    const char *name; /* "tor1/3->node2/1" */
    uint64_t *vlans;  /* bit v: broadcasts of VLAN v (0: untagged) leave here; NULL: of all */
    void (*on_link)(SimRun *run, FabricPort *port, bool up); /* carrier changed; may be NULL */
    SimHandler arrive;     /* handles the arrival of a frame AT this port; its owner argument is
                              the sending peer */
    SimHandler transmit;   /* transmitter free; owner argument is this port */
    int64_t bit_errors;    /* chance a bit, 10^-18 */
    int64_t bits_to_error; /* until the next bit error */
    int64_t lose_every, to_lose; /* every n-th frame is lost; 0: none */
    SimRng errors, marks;
    bool tapped;   /* a capture wants the frames of this port */
    bool whole_ns; /* serialisation is cut to whole nanoseconds */
};

_Static_assert(offsetof(FabricPort, busy) == 64, "what every frame needs is one cache line");

/* Several equal ways. */
typedef struct FabricGroup {
    FabricPort **live;
    uint32_t n_live, n;
    FabricPort **port; /* members, up or not */
    uint32_t room;
} FabricGroup;

/* Where an address hangs: the number of its switch as a destination, and the way there to it. */
typedef struct FabricHome {
    uint32_t destination, lag;
} FabricHome;

/* A way given by hand for frames from one address (or any) to another. */
typedef struct FabricStatic {
    uint32_t from, to; /* from: UINT32_MAX: any */
    int frames;        /* FabricFrames */
    FabricPort *port;
} FabricStatic;

struct FabricSwitch {
    FabricPort *port; /* n_ports, port[i].number == i + 1 */
    struct Fabric *fabric;
    uint32_t n_ports;
    uint32_t destination;
    uint16_t *way;     /* routed: by destination (routes.c) */
    uint16_t *learned; /* bridged: by address */
    SIM_RESULT_LIST(FabricGroup) groups;
    uint32_t groups_used, bundles, ways;
    uint32_t seed;    /* of its hash, from its path */
    uint32_t largest; /* largest line bytes taken */
    bool learning, cut_through;
    uint8_t linger; /* ticks after its last that a transmission keeps a port busy */
    bool special;   /* one of the three below: frames need a look */
    bool classify, routes;
    SIM_RESULT_LIST(FabricStatic) statics; /* sorted: to, from */
    uint8_t lossless;                      /* bit p: PFC is on for priority p */
    uint8_t counted;                       /* bit p: frames of it count against the buffer */
    int64_t used, peak_used, buffer;
    int64_t pool, pool_used;        /* of lossless frames, beyond what is reserved */
    int64_t lossy_pool, lossy_used; /* of lossy ones */
    int64_t lossy_alpha;            /* ppm: most of what is free that one lossy queue may take */
    int64_t latency;
    SimTime watchdog, watchdog_restore; /* 0: no watchdog */
    int trust;                          /* FabricTrust */
    bool roce_v1, roce_v2;
    uint8_t priority_of_dscp[64];
    FabricSchedule schedule;
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
    FabricHome *home; /* by address */
    SimDomain domain;
    SimTimer converge; /* routed fabrics: routes follow the links after a while */
    bool routed;       /* loops: static shortest paths instead of learning */
    int64_t born;      /* packets ever made */
    int64_t consumed;  /* handed to a NIC or eaten by a port (PFC, announcements) */
    int64_t dropped;   /* by cause at the ports, by priority here */
    int64_t dropped_of[FABRIC_PRIORITIES];
    int64_t hops;         /* frames but pauses that reached the other end of a cable */
    uint32_t gap;         /* bytes of the line that are not of the frame: preamble and gap */
    uint32_t pause_bytes; /* line bytes of a PFC or PAUSE frame */
    struct FabricDeadlock *deadlock; /* deadlock.h */
    bool whole_ns;
    bool classify; /* some frames carry no priority: every switch must look */
    SimPool more;  /* second lines of packets */
    /* Shown every frame that leaves or reaches a tapped port; NULL: nobody captures. `at`: when
     * its last bit did. */
    void (*tap)(SimRun *run, FabricPort *port, const SimPacket *p, SimTime at, bool outbound);
} Fabric;

extern const SimModel fabric_model;

/* Not for the hot path: a port knows its fabric. */
static inline Fabric *fabric_of(SimRun *run);

/* Bit p: PFC is on for priority p. */
uint8_t fabric_lossless(const SimScenario *scenario);
/* Priority of RDMA where no class is named: that of the only class with PFC, else 3. */
uint8_t fabric_default_priority(const SimScenario *scenario);
/* The mask of a list of priorities; `otherwise` where it is empty. */
uint8_t fabric_priorities(const SimList *list, uint8_t otherwise);
/* The DSCP that frames of a priority carry. */
uint8_t fabric_dscp(const SimScenario *scenario, uint8_t priority);
void fabric_schedule_init(FabricSchedule *schedule, const SimScenario *scenario);
/* Bytes on the line that may still arrive after XOFF is wanted at a port of this rate, `round_trip`
 * ticks of cable and latencies there and back, where frames have at most `frame` bytes on the line
 * and the other end takes the longest that IEEE 802.3 allows to obey. */
int64_t fabric_headroom(int64_t bps, SimTime round_trip, int64_t frame);
/* Ticks that a signal takes over `length` mm. */
SimTime fabric_propagation(int64_t length);

/* ---- building ---- */

typedef struct FabricCable {
    int64_t rate;       /* bit/s */
    int64_t length;     /* mm */
    SimTime delay;      /* one way; SIM_ABSENT: from the length */
    int64_t bit_errors; /* chance a bit, 10^-18 */
    int64_t lose_every; /* every n-th frame of a direction is lost; 0: none */
    bool no_pfc;        /* PFC is off at both ends */
    bool link_pause;    /* 802.3x is on in its place */
} FabricCable;

/* Prepares a port of a NIC; a switch prepares its own. `arrive` handles frames that come in. */
void fabric_port_init(SimRun *run, FabricPort *port, SimDomain domain, uint32_t number,
                      SimHandler arrive, SimHandler transmit);
/* What a port adds to a frame that comes in at it, and to one that leaves. */
typedef struct FabricLatency {
    SimTime in, out;
} FabricLatency;

/* Joins two ports. The names of the ports ("tor1->node2") are kept. */
void fabric_connect(SimRun *run, FabricPort *a, FabricPort *b, const FabricCable *cable,
                    const char *name_a, const char *name_b, FabricLatency at_a, FabricLatency at_b);
uint32_t fabric_address_add(SimRun *run, FabricPort *port);
/* Has the switch at the other end of a NIC's port pass it the broadcasts of a VLAN (0: untagged);
 * without any call it passes all. Does nothing where there is no switch. */
void fabric_port_carry(SimRun *run, FabricPort *port, uint16_t vlan);
/* Frames from one address (UINT32_MAX: any) to another leave a switch by this port of its own while
 * that is up, whatever the routes say. */
void fabric_route_add(SimRun *run, uint32_t from, uint32_t to, int frames, FabricPort *via);
/* After the last cable and address: buffers, groups, routes. */
void fabric_complete(SimRun *run);

/* ---- frames ---- */

/* A packet with every field but `next` zero. */
SimPacket *fabric_packet_new(Fabric *fabric);
SimPacket *fabric_packet_copy(Fabric *fabric, const SimPacket *p);
/* Gives a packet its second line, of any content. */
SimPacketMore *fabric_packet_more(Fabric *fabric, SimPacket *p);
void fabric_packet_consume(Fabric *fabric, SimPacket *p);
void fabric_packet_drop(Fabric *fabric, SimPacket *p, int64_t *cause);

/* Ticks that bytes take on a line whose rate has no whole ticks a byte, or that counts whole
 * nanoseconds; may advance what the port carries over. */
SimTime fabric_line_ticks(FabricPort *port, uint32_t bytes);
/* Ticks between packets of so many bytes at a rate. */
SimTime fabric_pace_ticks(const Fabric *fabric, int64_t bps, uint32_t bytes);
/* Whether the cable at a port needs a look at each frame; to be called when that changes. */
void fabric_port_look(FabricPort *port);
/* Starts transmission now; the transmitter must be idle and the port up. */
static inline void fabric_port_send(SimRun *run, FabricPort *port, SimPacket *p);
/* Has the transmit handler called when the transmitter is free (now, if it is). */
static inline void fabric_port_wake(SimRun *run, FabricPort *port);
/* For an arrive handler: takes the frame that has arrived from `sender`'s cable. NULL: it was
 * lost on the way, or was a PFC frame, which the port has obeyed. */
static inline SimPacket *fabric_port_take(SimRun *run, FabricPort *sender);
/* The rest of it, for frames of the fabric's own and where a cable needs a look. */
SimPacket *fabric_port_take_odd(SimRun *run, FabricPort *sender, SimPacket *p);
/* For a transmit handler: sends a PFC frame if one is due; true if it did. */
bool fabric_port_send_pause(SimRun *run, FabricPort *port);
/* For a transmit handler: the priorities that may be sent now; unblocks or notes the block,
 * and arms a wake-up for the first pause to run out if all that waits is paused. `waiting`: bit p
 * where frames of priority p wait. */
static inline uint8_t fabric_port_eligible(SimRun *run, FabricPort *port, uint8_t waiting);
uint8_t fabric_port_eligible_paused(SimRun *run, FabricPort *port, uint8_t waiting);

/* This port wants the other end to stop sending a priority, or no longer. */
void fabric_port_want_pause(SimRun *run, FabricPort *port, uint32_t priority, bool pause);
/* Has a NIC's or a switch's port send XOFF for ever, whatever it holds (a fault). */
void fabric_port_storm(SimRun *run, FabricPort *port, bool on);

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

static inline uint16_t fabric_way_routed(const Fabric *fabric, const FabricSwitch *sw,
                                         uint32_t to) {
    FabricHome home = fabric->home[to];
    uint32_t way = sw->way[home.destination];
    return (uint16_t)(home.destination == sw->destination ? home.lag : way);
}

static inline Fabric *fabric_of(SimRun *run) {
    return (Fabric *)sim_run_state(run, &fabric_model);
}

static inline void fabric_port_send(SimRun *run, FabricPort *port, SimPacket *p) {
    SimTime now = run->context.now;
    SimTime line = __builtin_expect(port->ticks_a_byte != 0, 1)
                       ? (SimTime)p->line_bytes * port->ticks_a_byte
                       : fabric_line_ticks(port, p->line_bytes);
    port->busy_until = now + line;
    port->busy += line;
    port->sent[p->priority].frames++;
    port->sent[p->priority].bytes += p->line_bytes;
    SimTime due = now + (port->whole ? line : 0) + port->delay;
    p->next = NULL;
    if (port->flight_first) {
        port->flight_last->next = p;
        port->flight_last->due = due;
    } else {
        port->flight_first = p;
        sim_slot_set(run, port->arrival_slot, due);
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
    if (p->next) sim_slot_again(run, p->due);
    if (__builtin_expect(sender->odd | ((p->op & ~3u) == FABRIC_PFC), 0))
        return fabric_port_take_odd(run, sender, p);
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

/* One of several eligible priorities by strictness and deficit. */
uint32_t fabric_port_weigh(FabricPort *port, uint8_t eligible);

/* The priority to serve; `eligible` is not empty. */
static inline uint32_t fabric_port_choose(FabricPort *port, uint8_t eligible) {
    if (__builtin_expect((eligible & (eligible - 1)) == 0, 1)) {
        port->last_priority = (uint8_t)__builtin_ctz(eligible);
        return port->last_priority;
    }
    return fabric_port_weigh(port, eligible);
}

/* A frame of this priority has been chosen while others waited. */
static inline void fabric_port_spend(FabricPort *port, uint32_t priority, uint32_t line_bytes) {
    if (port->schedule->weighted) port->deficit[priority] -= (int32_t)line_bytes;
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
