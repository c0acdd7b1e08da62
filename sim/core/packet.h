/* packet.h: one frame on its way, one cache line.
 *
 * A packet is in exactly one place: on a cable (linked by `next`, `due` = when it arrives), in
 * a queue of a port (`due` = when it may leave), or in the hands of one handler. Whoever holds
 * it last puts it back into the pool of the run. */
#ifndef SIM_CORE_PACKET_H
#define SIM_CORE_PACKET_H

#include <stdint.h>

#include "sim/base/pool.h"
#include "sim/base/time.h"

enum SimPacketFlag {
    SIM_PACKET_LAST = 1 << 0,    /* last packet of its message */
    SIM_PACKET_ACK_REQ = 1 << 1, /* the sender wants an acknowledgement */
    SIM_PACKET_NOTIFY = 1 << 3, /* the receiver hears of the message (SEND, WRITE with immediate) */
    SIM_PACKET_BROADCAST = 1 << 4 /* to every port of the L2 domain */
};

typedef struct SimPacket {
    struct SimPacket *next;
    SimTime due;
    uint32_t line_bytes; /* frame with FCS, preamble and gap */
    uint32_t to, from;   /* addresses: dense index over the run */
    uint32_t flow;       /* hash of the fields that LAG and ECMP look at */
    uint32_t qp;         /* queue pair at the receiver, dense index over the run */
    uint32_t psn;        /* carried wider than the 24 bits on the wire */
    uint32_t payload;    /* bytes */
    uint32_t port;       /* in a switch: index of the port it came in by */
    void *token;         /* what the upper layer gets with a message */
    uint16_t epoch;      /* incarnation of the connection */
    uint8_t op;          /* FrameOpcode, or one of the fabric's own (fabric.h) */
    uint8_t priority;    /* 0..7 */
    uint8_t flags;
    uint16_t vlan;
} SimPacket;

_Static_assert(sizeof(SimPacket) == 64, "a packet is one cache line");

#endif
