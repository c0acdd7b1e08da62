/* packet.h: one frame on its way, one cache line.
 *
 * A packet is in exactly one place: on a cable (linked by `next`, `due` = when it arrives), in
 * a queue of a port (`due` = when it may leave), or in the hands of one handler. Whoever holds
 * it last puts it back into the pool of the run.
 *
 * What few frames need lives in a second line, `more`, with SIM_PACKET_MORE set; it has a pool of
 * its own and goes back together with its packet. */
#ifndef SIM_CORE_PACKET_H
#define SIM_CORE_PACKET_H

#include <stdint.h>

#include "sim/base/pool.h"
#include "sim/base/time.h"

enum SimPacketFlag {
    SIM_PACKET_LAST = 1 << 0,    /* last packet of its message */
    SIM_PACKET_ACK_REQ = 1 << 1, /* the sender wants an acknowledgement */
    SIM_PACKET_MORE = 1 << 2,    /* `more` is in use */
    SIM_PACKET_NOTIFY = 1 << 3, /* the receiver hears of the message (SEND, WRITE with immediate) */
    SIM_PACKET_BROADCAST = 1 << 4, /* to every port of the L2 domain */
    SIM_PACKET_TAGGED = 1 << 5,    /* carries an 802.1Q tag: its PCP is `pcp` */
    SIM_PACKET_IP = 1 << 6,        /* carries an IP header: its DSCP is `dscp`; can be routed */
    SIM_PACKET_ECT = 1 << 7,       /* may be marked: ECN-capable transport (RFC 3168) */
    SIM_PACKET_CE = 1 << 8,        /* marked: congestion experienced */
    SIM_PACKET_ECHO = 1 << 9, /* an acknowledgement that reports a mark (TCP ECE, or the flag of
                                 adapters that notify by ACK) */
    SIM_PACKET_CWR = 1 << 10, /* TCP: the window was reduced */
    SIM_PACKET_V6 = 1 << 11   /* its IP header is of version 6 */
};

/* The second line: what TCP carries beyond its sequence number. */
typedef struct SimPacketMore {
    uint32_t ack;         /* next byte expected */
    uint32_t window;      /* bytes the receiver still takes */
    uint32_t stamp, echo; /* timestamps (RFC 7323), in units of the sender's clock */
    uint32_t sack[3][2];  /* [first byte, byte after the last); equal: unused */
    uint32_t end;         /* sequence number after the last byte of the message that ends here */
    uint32_t kind;        /* of the layer above: what this segment carries */
    void *token;          /* what the upper layer gets with that message */
} SimPacketMore;

_Static_assert(sizeof(SimPacketMore) <= 64, "the second line is one cache line");

typedef struct SimPacket {
    struct SimPacket *next;
    SimTime due;
    uint32_t line_bytes; /* frame with FCS, preamble and gap */
    uint32_t to, from;   /* addresses: dense index over the run */
    uint32_t flow;       /* hash of the fields that LAG and ECMP look at */
    uint32_t qp;         /* connection at the receiver, dense index over the run */
    uint32_t psn;        /* carried wider than the 24 bits on the wire; TCP: first byte */
    uint32_t payload;    /* bytes; of an acknowledgement: its AETH syndrome */
    uint16_t port;       /* in a switch: index of the port it came in by */
    uint16_t epoch;      /* incarnation of the connection */
    union {
        void *token;         /* what the upper layer gets with a message (on its last packet) */
        SimPacketMore *more; /* with SIM_PACKET_MORE */
        uint64_t info;       /* first packet: bytes of the message; ACK: see models/nic/rc.c */
    };
    uint16_t flags;            /* SimPacketFlag */
    uint16_t vlan;             /* 0: untagged, or tagged with priority alone */
    uint8_t op;                /* FrameOpcode, or one of the fabric's own (fabric.h) */
    uint8_t priority;          /* 0..7: the traffic class where it is now */
    uint8_t pcp : 3, hops : 5; /* 802.1p bits; routers it may still cross less one, modulo 32 */
    uint8_t dscp;
} SimPacket;

_Static_assert(sizeof(SimPacket) == 64, "a packet is one cache line");

#endif
