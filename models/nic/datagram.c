/* datagram.c: see datagram.h. */
#include "models/nic/datagram.h"

#include "models/frame/frame.h"

typedef struct Waiting {
    void *token;
    uint32_t bytes;
} Waiting;

typedef struct Datagrams {
    NicConnection c; /* first */
    Waiting waiting[NIC_DATAGRAM_ROOM];
    uint32_t first, n;
} Datagrams;

static void datagram_post(SimRun *run, TransportEnd *end, TransportVerb verb, uint32_t bytes,
                          void *token) {
    Datagrams *d = (Datagrams *)end;
    SIM_ASSERT(&run->context, verb == TRANSPORT_SEND && bytes <= NIC_DATAGRAM_MOST);
    if (d->n == NIC_DATAGRAM_ROOM || !d->c.here->port->fabric.up) return;
    d->waiting[(d->first + d->n++) % NIC_DATAGRAM_ROOM] = (Waiting){token, bytes};
    nic_port_ready(run, &d->c);
}

static const TransportOps datagram_ops = {datagram_post};

static void datagram_handle(SimRun *run, NicConnection *c, SimPacket *p) {
    if (p->op != FABRIC_DATAGRAM) return;
    if (c->end.user && c->end.user->received) c->end.user->received(run, &c->end, p->token);
}

static SimPacket *datagram_next(SimRun *run, NicConnection *c) {
    (void)run;
    Datagrams *d = (Datagrams *)c;
    if (!d->n) return NULL;
    Waiting w = d->waiting[d->first];
    d->first = (d->first + 1) % NIC_DATAGRAM_ROOM;
    d->n--;
    SimPacket *p = nic_packet(c, FABRIC_DATAGRAM);
    p->payload = w.bytes;
    p->token = w.token;
    p->line_bytes =
        frame_udp_bytes(c->flags & SIM_PACKET_V6, c->here->tagged, w.bytes) + c->fabric->gap;
    return p;
}

static SimPacket *datagram_ack(SimRun *run, NicConnection *c) {
    (void)run;
    (void)c;
    return NULL;
}

static bool datagram_has_work(const NicConnection *c) {
    return ((const Datagrams *)c)->n > 0;
}

static void datagram_give_up(SimRun *run, NicConnection *c) {
    (void)run;
    ((Datagrams *)c)->n = 0;
}

const NicProtocol nic_datagram_protocol = {"udp",        datagram_handle,   datagram_next,
                                           datagram_ack, datagram_has_work, datagram_give_up};

NicConnection *nic_datagram_new(SimRun *run) {
    Datagrams *d = SIM_NEW(&run->arena, Datagrams);
    d->c.protocol = &nic_datagram_protocol;
    return &d->c;
}

void nic_datagram_init(NicConnection *c) {
    c->end.ops = &datagram_ops;
    c->end.up = c->standing = true;
}
