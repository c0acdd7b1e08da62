#include "models/nic/capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/frame/frame.h"
#include "models/nic/capture_names.h"
#include "models/nic/rc.h"
#include "models/nic/tcp_transport.h"
#include "sim/base/hash.h"

enum {
    TTL = 64,        /* RFC 1700's default, at the first cable */
    HOPS_FIRST = 31, /* SimPacket.hops there */
    ROOM = 16384,
    QP_MANAGEMENT = 1, /* IBTA volume 1, 3.9.3: GSI */
    PKEY = 0xFFFF
};

typedef struct CapturePort {
    const FabricPort *port;
    uint32_t interface;
} CapturePort;

typedef struct NicCapture {
    const SimTrace *trace;
    const Nic *nic;
    SIM_RESULT_LIST(CapturePort) ports;
    SimTime window; /* a frame seen now has no stamp older than now less this */
    bool named;
    NicCaptureNames names;
    uint8_t frame[ROOM], fpdu[ROOM];
} NicCapture;

/* One frame being written, and the ends of the cable it is on. */
typedef struct Shot {
    const NicCapture *c;
    const SimPacket *p;
    const FabricPort *from, *to;
    uint8_t *out, *fpdu;
} Shot;

static inline uint32_t hash32(uint64_t x) {
    return (uint32_t)(sim_hash_mix(x) >> 32);
}

/* ---- what every frame of a host shares ---- */

static const NicConnection *shot_receiver(const Shot *s) {
    return s->c->nic->connections[s->p->qp];
}

static bool hangs_at(const Shot *s, uint32_t address, const FabricSwitch *sw) {
    const FabricPort *port = s->c->nic->fabric->addresses.items[address].port;
    return port->peer && port->peer->at == sw;
}

/* Whether the switch that a port belongs to routes the frame; within its rack it bridges. */
static bool is_routed_at(const Shot *s, const FabricPort *port) {
    const FabricSwitch *sw = port->at;
    if (!sw || !sw->routes || !(s->p->flags & SIM_PACKET_IP)) return false;
    return !hangs_at(s, s->p->from, sw) || !hangs_at(s, s->p->to, sw);
}

static void shot_macs(const Shot *s, FrameNetwork *net) {
    memcpy(net->from_mac, s->c->names.address[s->p->from].mac, 6);
    memcpy(net->to_mac, s->c->names.address[s->p->to].mac, 6);
    if (is_routed_at(s, s->from)) nic_capture_mac(s->from->name, net->from_mac);
    if (is_routed_at(s, s->to)) nic_capture_mac(s->to->name, net->to_mac);
}

static void shot_network(const Shot *s, FrameNetwork *net) {
    const SimPacket *p = s->p;
    const NicCaptureAddress *from = &s->c->names.address[p->from];
    const NicCaptureAddress *to = &s->c->names.address[p->to];
    unsigned ecn = p->flags & SIM_PACKET_CE    ? FRAME_ECN_CE
                   : p->flags & SIM_PACKET_ECT ? FRAME_ECN_ECT0
                                               : 0;
    shot_macs(s, net);
    net->tagged = p->flags & SIM_PACKET_TAGGED;
    net->pcp = p->pcp;
    net->vid = p->vlan;
    net->traffic_class = (uint8_t)(p->dscp << 2 | ecn);
    net->hop_limit = (uint8_t)(TTL - HOPS_FIRST + p->hops);
    /* same at every hop, for the ICRC covers it; RFC 6864 lets unfragmented packets choose */
    net->ip_id = (uint16_t)(hash32(p->flow) + p->psn);
    bool v1 = !(p->flags & SIM_PACKET_IP), v6 = p->flags & SIM_PACKET_V6;
    memcpy(net->from_ip, v1 ? from->link : v6 ? from->ipv6 : from->ipv4, v1 || v6 ? 16 : 4);
    memcpy(net->to_ip, v1 ? to->link : v6 ? to->ipv6 : to->ipv4, v1 || v6 ? 16 : 4);
}

/* ---- RoCE ---- */

static void shot_roce(const Shot *s, Frame *f) {
    const SimPacket *p = s->p;
    shot_network(s, &f->net);
    f->kind = !(p->flags & SIM_PACKET_IP) ? FRAME_V1
              : p->flags & SIM_PACKET_V6  ? FRAME_V2_IPV6
                                          : FRAME_V2_IPV4;
    f->udp_from = (uint16_t)(0xC000 | (hash32(p->flow) & 0x3FFF));
    f->udp_checksum = f->kind == FRAME_V2_IPV6; /* RFC 8200, 8.1: not 0 there */
    f->pkey = PKEY;
}

/* Where a message lies: memory follows the PSNs, so that a READ asked for again goes on there. */
static uint64_t shot_address(const Shot *s, uint32_t qpn) {
    const NicConnection *c = shot_receiver(s);
    return ((uint64_t)qpn << 40) + (uint64_t)s->p->psn * nic_rc_mtu(c);
}

static size_t shot_rc(const Shot *s) {
    const SimPacket *p = s->p;
    Frame f = {.opcode = p->op, .psn = p->psn & 0xFFFFFF, .migrated = p->op != FRAME_CNP};
    uint32_t has = frame_opcode_has(f.opcode), qpn = s->c->names.qpn[p->qp];
    shot_roce(s, &f);
    f.udp_from = frame_udp_source_port(s->c->names.qpn[shot_receiver(s)->remote], qpn);
    f.to_qp = qpn;
    f.ack_request = p->flags & SIM_PACKET_ACK_REQ;
    f.becn = p->op == FRAME_CNP;
    if (has & FRAME_HAS_PAYLOAD) f.payload_bytes = p->payload;
    f.address = shot_address(s, qpn);
    f.key = hash32(qpn);
    bool first = p->op == FRAME_WRITE_FIRST;
    f.length = first ? (uint32_t)p->info : p->payload;
    f.syndrome = p->op == FRAME_ACK ? (uint8_t)p->payload : FRAME_SYNDROME_ACK;
    f.msn = nic_rc_msn(p) & 0xFFFFFF;
    f.imm = hash32(p->psn);
    return frame_build(&f, s->out, ROOM);
}

/* ---- connection management ---- */

enum {
    MAD_BYTES = 256,
    MAD_HEADER = 24,
    CM_CLASS = 0x07,
    CM_METHOD_SEND = 0x03,
    CM_REQ = 0x0010,
    CM_REP = 0x0013,
    CM_REQ_PRIVATE = 140 /* where private data begins behind the header */
};

static void put(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

/* The end that sent the frame. */
static const NicConnection *shot_sender(const Shot *s) {
    return s->c->nic->connections[shot_receiver(s)->remote];
}

/* An IP address as a GID: RFC 4291, 2.5.5.2. */
static void put_gid(uint8_t *at, const uint8_t *ip, FrameKind kind) {
    if (kind != FRAME_V2_IPV4) {
        memcpy(at, ip, 16);
        return;
    }
    put(at + 10, 0xFFFF, 2);
    memcpy(at + 12, ip, 4);
}

/* IBTA volume 1, 12.6.5, and annex A11 for the private data. */
static void mad_request(uint8_t *mad, const Shot *s, const Frame *f) {
    const NicConnection *c = shot_sender(s);
    const NicAdapter *a = c->here->host->params->nic;
    uint32_t mtu_code = (uint32_t)__builtin_ctz(nic_rc_mtu(c)) - 7; /* 256: 1 */
    put(mad, hash32(c->flow), 4);
    put(mad + 8, UINT64_C(0x01060000) + FRAME_TCP_PORT_SMB, 8);    /* service: port space of TCP */
    memcpy(mad + 16, s->c->names.address[s->p->from].link + 8, 8); /* of the adapter */
    put(mad + 32, s->c->names.qpn[c->index], 3);
    mad[35] = mad[39] = (uint8_t)a->reads;
    mad[43] = 20 << 3; /* response timeout 4.096 us x 2^20 */
    mad[47] = (uint8_t)(20 << 3 | (a->retries & 7));
    put(mad + 48, PKEY, 2);
    mad[50] = (uint8_t)(mtu_code << 4);
    mad[51] = 15 << 4; /* tries */
    put_gid(mad + 56, f->net.from_ip, f->kind);
    put_gid(mad + 72, f->net.to_ip, f->kind);
    mad[93] = f->net.hop_limit;
    mad[95] = (uint8_t)(a->ack_timeout << 3);
    uint8_t *own = mad + CM_REQ_PRIVATE;
    own[1] = f->kind == FRAME_V2_IPV4 ? 0x40 : 0x60;
    put(own + 2, 0xC000 | (hash32(c->flow) & 0x3FFF), 2);
    uint32_t ip = f->kind == FRAME_V2_IPV4 ? 4 : 16;
    memcpy(own + 4 + 16 - ip, f->net.from_ip, ip);
    memcpy(own + 20 + 16 - ip, f->net.to_ip, ip);
}

/* IBTA volume 1, 12.6.8. */
static void mad_reply(uint8_t *mad, const Shot *s) {
    const NicConnection *c = shot_sender(s), *other = shot_receiver(s);
    put(mad, hash32(c->flow), 4);
    put(mad + 4, hash32(other->flow), 4);
    put(mad + 12, s->c->names.qpn[c->index], 3);
    mad[24] = mad[25] = (uint8_t)c->here->host->params->nic->reads;
}

/* A datagram between the management's queue pairs. */
static size_t shot_rc_connect(const Shot *s) {
    const NicConnection *c = shot_sender(s);
    bool request = s->p->payload == 0;
    uint8_t mad[MAD_BYTES] = {1, CM_CLASS, 2,
                              CM_METHOD_SEND}; /* base, class, its version, method */
    Frame f = {.opcode = FRAME_UD_SEND_ONLY, .migrated = true, .payload = mad};
    shot_roce(s, &f);
    uint32_t flow = s->c->nic->connections[c->index < c->remote ? c->index : c->remote]->flow;
    put(mad + 8, (uint64_t)flow << 16 | s->p->epoch, 8); /* the transaction */
    put(mad + 16, request ? CM_REQ : CM_REP, 2);
    if (request)
        mad_request(mad + MAD_HEADER, s, &f);
    else
        mad_reply(mad + MAD_HEADER, s);
    f.payload_bytes = MAD_BYTES;
    f.psn = s->p->epoch;
    f.to_qp = f.from_qp = QP_MANAGEMENT;
    f.queue_key = UINT32_C(0x80010000);
    return frame_build(&f, s->out, ROOM);
}

/* ---- TCP ---- */

enum { WINDOW_SCALE = 8, TCP_PORT_FIRST = 49152, TCP_PORTS = 16384 /* RFC 6335: dynamic */ };

/* What the sequence numbers of an end begin at; the model counts from 0. */
static uint32_t tcp_first_byte(const NicConnection *c, uint16_t epoch) {
    return hash32(((uint64_t)c->flow << 16 | epoch) ^ UINT32_MAX);
}

/* Addresses and ports: the end made first is the client. */
static void shot_tcp(const Shot *s, FrameTcp *f) {
    const NicConnection *c = shot_sender(s);
    bool client = c->index < c->remote;
    const NicConnection *first = client ? c : shot_receiver(s);
    uint16_t own = (uint16_t)(TCP_PORT_FIRST + first->flow % TCP_PORTS);
    uint16_t known = c->protocol == &nic_iwarp_protocol ? FRAME_TCP_PORT_IWARP : FRAME_TCP_PORT_SMB;
    shot_network(s, &f->net);
    f->ipv6 = s->p->flags & SIM_PACKET_V6;
    f->from_port = client ? own : known;
    f->to_port = client ? known : own;
    f->seq = tcp_first_byte(c, s->p->epoch);
}

/* What of iWARP a segment carries: an FPDU each. NULL: zeros. */
static const uint8_t *shot_fpdu(const Shot *s) {
    const NicConnection *c = shot_sender(s);
    const uint32_t bytes = s->p->payload;
    FrameIwarp f;
    if (c->protocol != &nic_iwarp_protocol || bytes == 0) return NULL;
    if (c->epoch != s->p->epoch || !nic_tcp_fpdu(c, s->p->psn, &f)) {
        /* sent again after it was acknowledged: what it was is forgotten */
        f = (FrameIwarp){.opcode = FRAME_IWARP_WRITE};
        uint32_t least = frame_iwarp_bytes(f.opcode, 0);
        f.payload_bytes = bytes > least ? bytes - least : 0;
    }
    f.tag = f.sink_tag = f.source_tag = f.invalidate = hash32(c->flow);
    if (frame_iwarp_bytes(f.opcode, f.payload_bytes) != bytes) return NULL;
    frame_build_iwarp(&f, FRAME_IWARP_UNMARKED, s->fpdu, ROOM);
    return s->fpdu;
}

static size_t shot_tcp_segment(const Shot *s) {
    const SimPacket *p = s->p;
    const SimPacketMore *more = p->more;
    FrameTcp f = {.flags = FRAME_TCP_ACK, .payload_bytes = p->payload};
    shot_tcp(s, &f);
    uint32_t theirs = tcp_first_byte(shot_receiver(s), p->epoch) + 1, ours = f.seq + 1;
    f.seq = ours + p->psn;
    f.ack = theirs + more->ack;
    if (p->flags & SIM_PACKET_LAST) f.flags |= FRAME_TCP_PSH;
    if (p->flags & SIM_PACKET_ECHO) f.flags |= FRAME_TCP_ECE;
    if (p->flags & SIM_PACKET_CWR) f.flags |= FRAME_TCP_CWR;
    uint32_t window = more->window >> WINDOW_SCALE;
    f.window = (uint16_t)(window < UINT16_MAX ? window : UINT16_MAX);
    for (; f.sacks < 3 && more->sack[f.sacks][0] != more->sack[f.sacks][1]; f.sacks++) {
        f.sack[f.sacks][0] = theirs + more->sack[f.sacks][0];
        f.sack[f.sacks][1] = theirs + more->sack[f.sacks][1];
    }
    f.payload = shot_fpdu(s);
    f.stamped = nic_tcp_stamped(shot_sender(s));
    f.stamp = more->stamp;
    f.echo = more->echo;
    return frame_build_tcp(&f, s->out, ROOM);
}

/* SYN, or SYN and ACK. */
static size_t shot_tcp_connect(const Shot *s) {
    bool request = s->p->payload == 0;
    FrameTcp f = {.flags = FRAME_TCP_SYN, .window = UINT16_MAX, .sack_permitted = true};
    shot_tcp(s, &f);
    if (!request) {
        f.flags |= FRAME_TCP_ACK;
        f.ack = tcp_first_byte(shot_receiver(s), s->p->epoch) + 1;
    }
    uint32_t stamps = nic_tcp_stamped(shot_sender(s)) ? FRAME_TCP_STAMP_BYTES : 0;
    f.mss = (uint16_t)(nic_tcp_mss(shot_sender(s)) + stamps); /* options not counted: RFC 6691 */
    f.stamped = f.scaled = true;
    f.scale = WINDOW_SCALE;
    return frame_build_tcp(&f, s->out, ROOM);
}

/* ---- what belongs to no connection ---- */

/* The cluster's heartbeat, between ports 3343 (IANA: ms-cluster-net). */
static size_t shot_datagram(const Shot *s) {
    enum { HEARTBEAT_PORT = 3343 };
    FrameUdp f = {.ipv6 = s->p->flags & SIM_PACKET_V6,
                  .from_port = HEARTBEAT_PORT,
                  .to_port = HEARTBEAT_PORT,
                  .payload_bytes = s->p->payload};
    shot_network(s, &f.net);
    return frame_build_udp(&f, s->out, ROOM);
}

static size_t shot_pause(const Shot *s) {
    const SimPacket *p = s->p;
    FramePause f = {.all = p->op == FABRIC_PAUSE, .classes = (uint8_t)p->psn};
    nic_capture_mac(s->from->name, f.from_mac);
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        if (f.all || (p->psn >> i & 1)) f.quanta[i] = (uint16_t)p->payload;
    return frame_build_pause(&f, s->out, ROOM);
}

/* Gratuitous ARP: a request for one's own address (RFC 826, 5227). */
static size_t shot_announce(const Shot *s) {
    const SimPacket *p = s->p;
    const NicCaptureAddress *a = &s->c->names.address[p->from];
    size_t bytes = FRAME_MIN_BYTES - FRAME_FCS_BYTES;
    uint8_t *at = s->out;
    memset(at, 0, bytes);
    memset(at, 0xFF, 6);
    memcpy(at + 6, a->mac, 6);
    at += 12;
    if (p->flags & SIM_PACKET_TAGGED) {
        put(at, 0x8100, 2);
        put(at + 2, (uint32_t)p->pcp << 13 | p->vlan, 2);
        at += FRAME_TAG_BYTES;
    }
    put(at, 0x0806, 2);
    put(at + 2, UINT64_C(0x0001080006040001), 8); /* Ethernet, IPv4, 6 and 4 bytes, request */
    memcpy(at + 10, a->mac, 6);
    memcpy(at + 16, a->ipv4, 4);
    memcpy(at + 26, a->ipv4, 4);
    return bytes;
}

/* Whatever has no bytes of its own here: its length under the Ethertype for experiments (IEEE 802,
 * clause 9.2.3). */
static size_t shot_other(const Shot *s) {
    size_t most = ROOM - FRAME_FCS_BYTES, bytes = s->p->line_bytes - s->c->nic->fabric->gap;
    bytes = bytes < FRAME_MIN_BYTES ? FRAME_MIN_BYTES : bytes > most ? most : bytes;
    bytes -= FRAME_FCS_BYTES;
    memset(s->out, 0, bytes);
    memset(s->out, 0xFF, 6);
    nic_capture_mac(s->from->name, s->out + 6);
    put(s->out + 12, 0x88B5, 2);
    return bytes;
}

/* ---- tap ---- */

static size_t shot_build(const Shot *s) {
    switch (s->p->op) {
    case FABRIC_PFC:
    case FABRIC_PAUSE:
        return shot_pause(s);
    case FABRIC_ANNOUNCE:
        return shot_announce(s);
    case FABRIC_DATAGRAM:
        return shot_datagram(s);
    case FABRIC_TCP:
        return shot_tcp_segment(s);
    case FABRIC_CONNECT:
        return nic_connection_is_tcp(shot_receiver(s)) ? shot_tcp_connect(s) : shot_rc_connect(s);
    default:
        return frame_opcode_known(s->p->op) ? shot_rc(s) : shot_other(s);
    }
}

/* NULL: the bytes say it all. */
static const char *shot_comment(const Shot *s, uint32_t line, char *text, size_t room) {
    const char *cnp = s->p->op == FRAME_CNP ? "CNP" : "";
    if (line == s->p->line_bytes) return *cnp ? cnp : NULL;
    snprintf(text, room, "%s%stook %" PRIu32 " bytes of the line, gap included", cnp,
             *cnp ? ", " : "", s->p->line_bytes);
    return text;
}

static void capture_tap(SimRun *run, FabricPort *port, const SimPacket *p, SimTime at,
                        bool outbound) {
    NicCapture *c = nic_of(run)->capture;
    uint32_t i = 0;
    while (i < c->ports.n && c->ports.items[i].port != port)
        i++;
    if (i == c->ports.n) return;
    if (!c->named) nic_capture_names(run, c->nic, &c->names);
    c->named = true;
    Shot s = {c, p, outbound ? port : port->peer, outbound ? port->peer : port, c->frame, c->fpdu};
    uint32_t size = (uint32_t)shot_build(&s);
    uint32_t fcs = __builtin_bswap32(frame_crc32(0, c->frame, size)); /* least byte first */
    put(c->frame + size, fcs, FRAME_FCS_BYTES);
    size += FRAME_FCS_BYTES;
    char text[64];
    const char *comment = shot_comment(&s, size + c->nic->fabric->gap, text, sizeof text);
    c->trace->frame(c->trace->sink, c->ports.items[i].interface, at, outbound, c->frame, size,
                    comment);
    c->trace->settled(c->trace->sink, run->context.now - c->window);
}

/* ---- wiring ---- */

static void capture_offer(SimRun *run, NicCapture *c, FabricPort *port, const char *name) {
    int32_t interface = c->trace->port(c->trace->sink, name, port->peer ? port->bps : 0);
    if (interface < 0) return;
    *SIM_PUSH(&run->arena, &c->ports) = (CapturePort){port, (uint32_t)interface};
    port->tapped = true;
    fabric_port_look(port);
    fabric_port_look(port->peer);
    SimTime delay = port->delay > port->peer->delay ? port->delay : port->peer->delay;
    if (delay > c->window) c->window = delay;
}

void nic_capture_wire(SimRun *run) {
    const SimTrace *trace = run->config.trace;
    if (!trace) return;
    Nic *nic = nic_of(run);
    NicCapture *c = SIM_NEW(&run->arena, NicCapture);
    c->trace = trace;
    c->nic = nic;
    nic->capture = c;
    nic->fabric->tap = capture_tap;
    for (uint32_t i = 0; i < nic->fabric->n_switches; i++) {
        FabricSwitch *sw = &nic->fabric->switches[i];
        for (uint32_t k = 0; k < sw->n_ports; k++)
            capture_offer(run, c, &sw->port[k],
                          sim_arena_printf(&run->arena, "%s/%u", sw->name, k + 1));
    }
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        for (uint32_t k = 0; k < nic->hosts[i].n_ports; k++)
            capture_offer(run, c, &nic->hosts[i].port[k].fabric, nic->hosts[i].port[k].name);
}
