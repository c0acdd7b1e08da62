/* tcp_transport.c: messages on TCP's stream, and its machines within the simulator. */
#include "models/nic/tcp_transport.h"

#include <string.h>

#include "models/frame/frame.h"
#include "models/nic/tcp_congestion.h"

/* What a message is; in SimPacketMore.kind. */
enum { MESSAGE_WRITE, MESSAGE_SEND, MESSAGE_READ, MESSAGE_ANSWER };

enum {
    SMB2_READ_BYTES = 4 + 64 + 49, /* length, header, READ request: MS-SMB2 2.1, 2.2.1, 2.2.19 */
    NOTIFY_BYTES = 4,              /* as an immediate */
    SYN_OPTIONS = 24,    /* MSS 4, SACK permitted 4, timestamps 12, window scale 4; each padded */
    CONNECT_REQUEST = 0, /* as rc.c */
    CONNECT_REPLY = 1,
    QUEUED_MOST = 65536 /* bytes a connection keeps before the port: what LSO hands over */
};

/* On the stream from `start` to `end`, positions that never wrap. */
typedef struct TcpMessage {
    struct TcpMessage *next;
    uint64_t start, end;
    void *token;
    uint64_t number; /* of the operation, in order of posting */
    uint32_t kind;
    uint32_t length; /* READ: bytes asked for */
    uint32_t unit;   /* bytes of the stream that make a segment at most */
    bool operation;  /* acknowledged, it completes `token` */
} TcpMessage;

/* A READ whose data has not come; answers come in order. */
typedef struct TcpRead {
    struct TcpRead *next;
    void *token;
    uint64_t number;
} TcpRead;

/* A message whose end has come, perhaps before its time. */
typedef struct TcpNotice {
    struct TcpNotice *next;
    void *token;
    uint32_t end, kind, length;
    bool notifies;
} TcpNotice;

/* Of a host. */
typedef struct NicTcpHost {
    const NicTcpParams *params;
    NicTcpCore *core;
    SimPool jobs, frames, messages, reads, notices, pieces;
    int64_t retransmitted, expired, sent, received;
    SimTime busy; /* of all its cores */
} NicTcpHost;

typedef struct NicTcp {
    NicConnection c; /* first: a NicConnection * of these protocols is a NicTcp * */
    NicTcpLane lane;
    TcpSender sender;
    TcpReceiver receiver;
    TcpConfig config;
    TcpWindowParams start;
    const NicTcpParams *params;
    NicTcpHost *host;
    NicTcpCore *core; /* NULL: the adapter does the work */
    SimTimer timer;
    bool iwarp, handing; /* the core has a piece to send */
    uint32_t full_line, options;
    uint64_t posted;               /* end of the last message */
    uint64_t handed;               /* to the sender */
    uint64_t numbers;              /* operations posted so far */
    TcpMessage *first, *last, *at; /* not acknowledged; at: the one found last */
    TcpRead *reads, *reads_last;
    TcpNotice *notices; /* by end */
} NicTcp;

static inline NicTcp *tcp_of(const NicConnection *c) {
    return (NicTcp *)c;
}

static inline bool tcp_v6(const NicTcp *t) {
    return t->c.flags & SIM_PACKET_V6;
}

/* iWARP's part of the host's RDMA activity. */
static void tcp_rdma_activity(const NicTcp *t, uint32_t bytes, bool out) {
    NicHost *host = t->c.here->host;
    if (!t->iwarp || !bytes) return;
    *(out ? &host->rdma_out_frames : &host->rdma_in_frames) += 1;
    *(out ? &host->rdma_out_bytes : &host->rdma_in_bytes) += bytes;
}

/* ---- stream ---- */

static uint64_t tcp_position(const NicTcp *t, uint32_t seq) {
    return t->sender.position + (uint32_t)(seq - t->sender.una);
}

/* The message that holds the byte at `position`, not yet acknowledged. */
static TcpMessage *tcp_message_at(NicTcp *t, uint64_t position) {
    TcpMessage *m = t->at;
    if (!m || position < m->start) m = t->first;
    while (position >= m->end)
        m = m->next;
    t->at = m;
    return m;
}

static uint32_t tcp_cut(void *owner, uint32_t seq, uint32_t bytes) {
    NicTcp *t = owner;
    uint64_t position = tcp_position(t, seq);
    const TcpMessage *m = tcp_message_at(t, position);
    uint64_t left = m->end - position;
    if (bytes > left) bytes = (uint32_t)left;
    if (!t->iwarp) return bytes;
    uint32_t unit = m->unit - (uint32_t)((position - m->start) % m->unit);
    return bytes < unit ? bytes : unit;
}

/* iWARP: by kind of message. */
static const uint8_t opcodes[] = {FRAME_IWARP_WRITE, FRAME_IWARP_SEND, FRAME_IWARP_READ_REQUEST,
                                  FRAME_IWARP_READ_RESPONSE};

/* How many bytes of the stream a message takes, and the most of it in a segment. */
static uint64_t tcp_message_size(const NicTcp *t, uint32_t kind, uint32_t bytes, uint32_t *unit) {
    *unit = t->config.mss;
    if (!t->iwarp) return kind == MESSAGE_READ ? SMB2_READ_BYTES : bytes;
    if (kind == MESSAGE_READ) return frame_iwarp_bytes(FRAME_IWARP_READ_REQUEST, 0);
    uint32_t most = frame_iwarp_payload(opcodes[kind], t->config.mss, false), rest = bytes % most;
    *unit = frame_iwarp_bytes(opcodes[kind], most);
    return (uint64_t)(bytes / most) * *unit + (rest ? frame_iwarp_bytes(opcodes[kind], rest) : 0);
}

static TcpMessage *tcp_append(NicTcp *t, uint32_t kind, uint32_t bytes, void *token) {
    TcpMessage *m = sim_pool_get(&t->host->messages);
    *m = (TcpMessage){.start = t->posted, .token = token, .kind = kind, .length = bytes};
    m->end = t->posted + tcp_message_size(t, kind, bytes, &m->unit);
    t->posted = m->end;
    if (t->first)
        t->last->next = m;
    else
        t->first = m;
    t->last = m;
    return m;
}

/* ---- for captures ---- */

bool nic_tcp_stamped(const NicConnection *c) {
    return ((const NicTcp *)c)->params->timestamps;
}

bool nic_tcp_fpdu(const NicConnection *c, uint32_t seq, FrameIwarp *out) {
    const NicTcp *t = (const NicTcp *)c;
    if (tcp_before(seq, t->sender.una)) return false;
    uint64_t position = tcp_position(t, seq);
    const TcpMessage *m = t->first;
    while (m && position >= m->end)
        m = m->next;
    if (!m || (position - m->start) % m->unit != 0) return false;
    *out = (FrameIwarp){.opcode = opcodes[m->kind],
                        .last = m->end - position <= m->unit,
                        .msn = (uint32_t)m->number + 1,
                        .length = m->length};
    if (m->kind == MESSAGE_READ) return true;
    uint32_t most = frame_iwarp_payload(out->opcode, t->config.mss, false);
    uint64_t before = (position - m->start) / m->unit * most, left = m->length - before;
    out->offset = before;
    out->message_offset = (uint32_t)before;
    out->payload_bytes = left < most ? (uint32_t)left : most;
    return true;
}

/* ---- to the port ---- */

/* Hands pieces of the stream to the adapter, through the core where it does the work. */
static void tcp_hand_over(SimRun *run, NicTcp *t) {
    while (!t->handing && t->handed < t->posted && t->c.standing) {
        uint32_t queued = t->sender.written - t->sender.next;
        if (queued >= QUEUED_MOST) return;
        uint64_t left = t->posted - t->handed;
        if (!t->core) {
            uint32_t n = left < QUEUED_MOST ? (uint32_t)left : QUEUED_MOST;
            tcp_sender_write(&t->sender, n);
            t->handed += n;
            continue;
        }
        uint32_t segments = (uint32_t)t->params->lso / t->config.mss;
        uint32_t most = (segments ? segments : 1) * t->config.mss; /* whole ones */
        t->handing = true;
        nic_tcp_core_send(run, t->core, &t->lane, t->c.epoch, left < most ? (uint32_t)left : most);
    }
}

static void tcp_set_timer(SimRun *run, NicTcp *t) {
    SimTime due =
        t->sender.deadline < t->receiver.deadline ? t->sender.deadline : t->receiver.deadline;
    if (due == SIM_NEVER)
        sim_timer_stop(&t->timer);
    else if (due != t->timer.due)
        sim_timer_set(run, &t->timer, due);
}

/* After anything has changed: what is due is queued at the port, the timer is set. */
static void tcp_settle(SimRun *run, NicTcp *t) {
    if (!t->c.standing) return;
    tcp_hand_over(run, t);
    if (tcp_receiver_owes(&t->receiver)) nic_port_ack(run, &t->c);
    if (tcp_sender_ready(&t->sender)) nic_port_ready(run, &t->c);
    tcp_set_timer(run, t);
}

static void tcp_post(SimRun *run, TransportEnd *end, TransportVerb verb, uint32_t bytes,
                     void *token) {
    static const uint8_t kinds[] = {[TRANSPORT_WRITE] = MESSAGE_WRITE,
                                    [TRANSPORT_WRITE_NOTIFY] = MESSAGE_SEND,
                                    [TRANSPORT_READ] = MESSAGE_READ,
                                    [TRANSPORT_SEND] = MESSAGE_SEND};
    NicTcp *t = (NicTcp *)end;
    SIM_ASSERT(&run->context, end->up && bytes >= 1);
    if (t->iwarp && verb == TRANSPORT_WRITE_NOTIFY) {
        tcp_append(t, MESSAGE_WRITE, bytes, NULL);
        bytes = NOTIFY_BYTES;
    }
    TcpMessage *m = tcp_append(t, kinds[verb], bytes, token);
    m->number = t->numbers++;
    m->operation = verb != TRANSPORT_READ;
    if (verb == TRANSPORT_READ) {
        TcpRead *r = sim_pool_get(&t->host->reads);
        *r = (TcpRead){.token = token, .number = m->number};
        if (t->reads)
            t->reads_last->next = r;
        else
            t->reads = r;
        t->reads_last = r;
    }
    tcp_settle(run, t);
}

static const TransportOps tcp_ops = {tcp_post};

/* ---- frames out ---- */

static SimPacket *tcp_packet(NicTcp *t, const TcpSegment *g) {
    NicConnection *c = &t->c;
    SimPacket *p = nic_packet(c, FABRIC_TCP);
    SimPacketMore *more = fabric_packet_more(c->here->port->fabric.fabric, p);
    p->psn = g->seq;
    p->payload = g->bytes;
    p->flags |= SIM_PACKET_IP | (g->echo_ce ? SIM_PACKET_ECHO : 0) | (g->cwr ? SIM_PACKET_CWR : 0);
    *more = (SimPacketMore){.ack = g->ack, .window = g->window, .stamp = g->stamp, .echo = g->echo};
    for (uint32_t i = 0; i < g->n_sacks; i++) {
        more->sack[i][0] = g->sack[i][0];
        more->sack[i][1] = g->sack[i][1];
    }
    uint32_t options = frame_tcp_data_options(t->params->timestamps, g->n_sacks);
    p->line_bytes = g->bytes == t->config.mss && !g->n_sacks
                        ? t->full_line
                        : frame_tcp_line_bytes(tcp_v6(t), c->here->tagged, options, g->bytes);
    return p;
}

static SimPacket *tcp_next(SimRun *run, NicConnection *c) {
    NicTcp *t = tcp_of(c);
    TcpSegment g;
    if (!c->standing || !tcp_sender_next(&t->sender, run->context.now, &g)) return NULL;
    TcpReceiver *r = &t->receiver;
    if (r->n_recent || r->early_due || r->duplicate[0] != r->duplicate[1]) {
        /* what an ACK of its own has to say is left to it: options would not fit */
        g.ack = r->told;
        g.echo = r->echo;
        g.window = t->config.receive_window;
        g.echo_ce = false;
        g.n_sacks = 0;
    } else {
        tcp_receiver_ack(r, &g);
    }
    SimPacket *p = tcp_packet(t, &g);
    if (t->config.ecn != TCP_ECN_NONE && !g.again) p->flags |= SIM_PACKET_ECT;
    const TcpMessage *m = tcp_message_at(t, tcp_position(t, g.seq));
    if (tcp_position(t, g.seq) + g.bytes == m->end) {
        p->flags |= SIM_PACKET_LAST;
        if (m->kind == MESSAGE_SEND) p->flags |= SIM_PACKET_NOTIFY;
        p->more->kind = m->kind;
        p->more->end = m->kind == MESSAGE_READ ? m->length : g.seq + g.bytes;
        p->more->token = m->token;
    }
    t->host->sent++;
    tcp_rdma_activity(t, g.bytes, true);
    t->host->retransmitted += g.again;
    tcp_hand_over(run, t);
    tcp_set_timer(run, t);
    return p;
}

static SimPacket *tcp_ack(SimRun *run, NicConnection *c) {
    NicTcp *t = tcp_of(c);
    if (!c->standing || !tcp_receiver_owes(&t->receiver)) return NULL;
    TcpSegment g = {.seq = t->sender.next, .stamp = tcp_stamp(run->context.now)};
    tcp_receiver_ack(&t->receiver, &g);
    SimPacket *p = tcp_packet(t, &g);
    p->priority = c->ack_priority;
    t->host->sent++;
    if (tcp_receiver_owes(&t->receiver)) nic_port_ack_later(c);
    tcp_set_timer(run, t);
    return p;
}

static bool tcp_has_work(const NicConnection *c) {
    return c->standing && tcp_sender_ready(&tcp_of(c)->sender);
}

/* ---- what has arrived ---- */

/* Keeps the end of a message; the list is short: ends beyond a gap. */
static void tcp_note(NicTcp *t, const NicTcpFrame *f) {
    uint32_t end = f->segment.seq + f->segment.bytes;
    TcpNotice **at = &t->notices;
    while (*at && tcp_before((*at)->end, end))
        at = &(*at)->next;
    if (*at && (*at)->end == end) return;
    TcpNotice *n = sim_pool_get(&t->host->notices);
    *n = (TcpNotice){*at, f->token, end, f->kind, f->length, f->notifies};
    *at = n;
}

static void tcp_answered(SimRun *run, NicTcp *t) {
    TcpRead *r = t->reads;
    SIM_ASSERT(&run->context, r != NULL);
    void *token = r->token;
    t->reads = r->next;
    sim_pool_put(&t->host->reads, r);
    t->c.end.user->complete(run, &t->c.end, token, TRANSPORT_OK);
}

/* A message is whole and in order. */
static void tcp_message_came(SimRun *run, NicTcp *t, uint32_t kind, uint32_t length, void *token,
                             bool notifies) {
    if (kind == MESSAGE_READ)
        tcp_append(t, MESSAGE_ANSWER, length, NULL);
    else if (kind == MESSAGE_ANSWER)
        tcp_answered(run, t);
    else if (notifies)
        t->c.end.user->received(run, &t->c.end, token);
}

static void tcp_data_came(SimRun *run, NicTcp *t, const NicTcpFrame *f) {
    const TcpSegment *g = &f->segment;
    bool fresh = tcp_receiver_segment(&t->receiver, run->context.now, g, f->ends);
    if (!fresh) return;
    bool simple = !t->notices && t->receiver.next == g->seq + g->bytes;
    if (simple) {
        if (f->ends) tcp_message_came(run, t, f->kind, f->length, f->token, f->notifies);
        return;
    }
    if (f->ends) tcp_note(t, f);
    uint16_t epoch = t->c.epoch;
    while (t->c.epoch == epoch && t->notices && !tcp_before(t->receiver.next, t->notices->end)) {
        TcpNotice *n = t->notices, copy = *n;
        t->notices = n->next;
        sim_pool_put(&t->host->notices, n);
        tcp_message_came(run, t, copy.kind, copy.length, copy.token, copy.notifies);
    }
}

static void tcp_ack_came(SimRun *run, NicTcp *t, const TcpSegment *g) {
    tcp_sender_acked(&t->sender, run->context.now, g);
    uint16_t epoch = t->c.epoch;
    while (t->c.epoch == epoch && t->first && t->first->end <= t->sender.position) {
        TcpMessage *m = t->first;
        bool operation = m->operation;
        void *token = m->token;
        t->first = m->next;
        if (t->at == m) t->at = NULL;
        sim_pool_put(&t->host->messages, m);
        if (operation) t->c.end.user->complete(run, &t->c.end, token, TRANSPORT_OK);
    }
}

static void tcp_frame_came(SimRun *run, NicTcp *t, const NicTcpFrame *f) {
    if (f->epoch != t->c.epoch || !t->c.standing) {
        t->c.here->host->stale_frames++;
        return;
    }
    t->host->received++;
    tcp_rdma_activity(t, f->segment.bytes, false);
    tcp_ack_came(run, t, &f->segment);
    if (f->segment.bytes && f->epoch == t->c.epoch) tcp_data_came(run, t, f);
}

/* The core has done a piece of work. */
static void tcp_job_done(SimRun *run, NicTcpJob *job) {
    NicTcp *t = (NicTcp *)((char *)job->lane - offsetof(NicTcp, lane));
    if (!job->frames && job->epoch == t->c.epoch && t->c.standing) {
        t->handing = false;
        tcp_sender_write(&t->sender, job->bytes);
        t->handed += job->bytes;
    }
    while (job->frames) {
        NicTcpFrame *f = job->frames;
        job->frames = f->next;
        tcp_frame_came(run, t, f);
        sim_pool_put(&t->host->frames, f);
    }
    tcp_settle(run, t);
}

static void tcp_frame_read(NicTcpFrame *f, NicTcp *t, const SimPacket *p) {
    const SimPacketMore *more = p->more;
    *f = (NicTcpFrame){.lane = &t->lane, .epoch = p->epoch, .kind = more->kind};
    f->length = more->end;
    f->token = more->token;
    f->ends = p->flags & SIM_PACKET_LAST;
    f->notifies = p->flags & SIM_PACKET_NOTIFY;
    TcpSegment *g = &f->segment;
    g->seq = p->psn;
    g->bytes = p->payload;
    g->ack = more->ack;
    g->window = more->window;
    g->stamp = more->stamp;
    g->echo = more->echo;
    g->ce = p->flags & SIM_PACKET_CE;
    g->echo_ce = p->flags & SIM_PACKET_ECHO;
    g->cwr = p->flags & SIM_PACKET_CWR;
    for (uint32_t i = 0; i < TCP_SACK_BLOCKS && more->sack[i][0] != more->sack[i][1]; i++) {
        g->sack[i][0] = more->sack[i][0];
        g->sack[i][1] = more->sack[i][1];
        g->n_sacks++;
    }
}

/* ---- life ---- */

static void tcp_start(NicTcp *t) {
    t->sender = (TcpSender){.config = &t->config,
                            .congestion = t->sender.congestion,
                            .pool = &t->host->pieces,
                            .cut = tcp_cut,
                            .owner = t};
    t->receiver = (TcpReceiver){.config = &t->config, .pool = &t->host->pieces};
    NicCongestion *g = t->sender.congestion;
    const NicCongestionOps *ops = g->ops;
    memset(g, 0, ops->size);
    g->ops = ops;
    ops->start(g, &t->start, t->c.here->home->fabric.rate.bps, t->config.mss);
    tcp_sender_init(&t->sender, 0);
    tcp_receiver_init(&t->receiver, 0);
    t->posted = t->handed = t->numbers = 0;
    t->handing = false;
    t->at = NULL;
}

static void tcp_connect_send(SimRun *run, NicTcp *t, uint32_t kind) {
    NicConnection *c = &t->c;
    if (!c->here->port->fabric.up) return; /* tried again after `reconnect` */
    SimPacket *p = nic_packet(c, FABRIC_CONNECT);
    p->psn = 0;
    p->payload = kind;
    p->line_bytes = frame_tcp_line_bytes(tcp_v6(t), c->here->tagged, SYN_OPTIONS, 0);
    p->flags |= SIM_PACKET_IP;
    if (kind == CONNECT_REQUEST && !c->here->host->nic->fabric->routed)
        p->flags |= SIM_PACKET_BROADCAST; /* as rc.c: address resolution comes first */
    nic_port_control(run, c->here->port, p);
}

/* Ends the connection here: its state is new at once, then users hear, oldest operation first. */
static void tcp_flush(SimRun *run, NicTcp *t, uint16_t epoch) {
    TcpMessage *m = t->first;
    TcpRead *r = t->reads;
    t->first = t->last = NULL;
    t->reads = t->reads_last = NULL;
    while (t->notices) {
        TcpNotice *n = t->notices;
        t->notices = n->next;
        sim_pool_put(&t->host->notices, n);
    }
    tcp_sender_clear(&t->sender);
    tcp_receiver_clear(&t->receiver);
    nic_connection_stand(&t->c, false);
    t->c.epoch = epoch;
    tcp_start(t);
    t->c.here->host->connections_broken++;
    while (m || r) {
        bool read = !m || (r && m->operation && r->number < m->number);
        void *token = read ? r->token : m->token;
        bool operation = read || m->operation;
        if (read) {
            TcpRead *next = r->next;
            sim_pool_put(&t->host->reads, r);
            r = next;
        } else {
            TcpMessage *next = m->next;
            sim_pool_put(&t->host->messages, m);
            m = next;
        }
        if (operation) t->c.end.user->complete(run, &t->c.end, token, TRANSPORT_FLUSHED);
    }
    if (t->c.end.user->changed) t->c.end.user->changed(run, &t->c.end, false);
}

static void tcp_break(SimRun *run, NicConnection *c) {
    NicTcp *t = tcp_of(c);
    tcp_flush(run, t, (uint16_t)(c->epoch + 1));
    sim_timer_set(run, &t->timer, run->context.now + t->params->reconnect);
}

static void tcp_connect_came(SimRun *run, NicTcp *t, const SimPacket *p) {
    NicConnection *c = &t->c;
    bool newer = (int16_t)(p->epoch - c->epoch) > 0, request = p->payload == CONNECT_REQUEST;
    if (newer) {
        if (!request) return;
        if (c->standing)
            tcp_flush(run, t, p->epoch);
        else
            c->epoch = p->epoch;
    } else if (p->epoch != c->epoch) {
        return;
    }
    if (request) tcp_connect_send(run, t, CONNECT_REPLY);
    if (c->standing) return;
    nic_connection_stand(c, true);
    sim_timer_stop(&t->timer);
    if (c->end.user->changed) c->end.user->changed(run, &c->end, true);
}

static void tcp_handle(SimRun *run, NicConnection *c, SimPacket *p) {
    NicTcp *t = tcp_of(c);
    if (__builtin_expect(p->op == FABRIC_CONNECT, 0)) {
        tcp_connect_came(run, t, p);
        return;
    }
    if (__builtin_expect(p->epoch != c->epoch, 0)) {
        c->here->host->stale_frames++;
        return;
    }
    if (__builtin_expect(!c->standing, 0)) { /* data of the new connection says it stands */
        nic_connection_stand(c, true);
        if (c->end.user->changed) c->end.user->changed(run, &c->end, true);
    }
    if (!t->core) {
        NicTcpFrame f;
        tcp_frame_read(&f, t, p);
        tcp_frame_came(run, t, &f);
        tcp_settle(run, t);
        return;
    }
    NicTcpFrame *f = sim_pool_get(&t->host->frames);
    tcp_frame_read(f, t, p);
    nic_tcp_core_receive(run, t->core, f);
}

static void tcp_timer(SimRun *run, void *owner) {
    NicTcp *t = owner;
    SimTime now = run->context.now;
    TcpSender *s = &t->sender;
    if (!t->c.standing) {
        tcp_connect_send(run, t, CONNECT_REQUEST);
        sim_timer_set(run, &t->timer, now + t->params->reconnect);
        return;
    }
    int64_t before = s->expiries;
    if (now >= s->rto_at && s->rto_at == s->deadline && s->timeouts >= t->params->retries) {
        tcp_break(run, &t->c);
        return;
    }
    tcp_sender_timer(s, now);
    tcp_receiver_timer(&t->receiver, now);
    t->host->expired += s->expiries - before;
    tcp_settle(run, t);
}

/* ---- making ---- */

static NicTcpHost *tcp_host(SimRun *run, NicHost *host, const NicTcpParams *params) {
    if (host->tcp) return host->tcp;
    NicTcpHost *h = host->tcp = SIM_NEW(&run->arena, NicTcpHost);
    h->params = params;
    sim_pool_init(&h->jobs, &run->arena, sizeof(NicTcpJob));
    sim_pool_init(&h->frames, &run->arena, sizeof(NicTcpFrame));
    sim_pool_init(&h->messages, &run->arena, sizeof(TcpMessage));
    sim_pool_init(&h->reads, &run->arena, sizeof(TcpRead));
    sim_pool_init(&h->notices, &run->arena, sizeof(TcpNotice));
    sim_pool_init(&h->pieces, &run->arena, sizeof(TcpPiece));
    sim_meter_count(run, "host", host->name, "tcp_segments_sent", "", &h->sent);
    sim_meter_count(run, "host", host->name, "tcp_segments_received", "", &h->received);
    sim_meter_count(run, "host", host->name, "tcp_segments_retransmitted", "", &h->retransmitted);
    sim_meter_count(run, "host", host->name, "tcp_timeouts", "", &h->expired);
    return h;
}

/* The host's cores come into being with the first connection that needs them. */
static NicTcpCore *tcp_core(SimRun *run, NicTcpHost *h, NicHost *host, uint32_t index) {
    uint32_t n = (uint32_t)h->params->cores;
    if (!h->core) {
        h->core = SIM_NEW_N(&run->arena, NicTcpCore, n);
        if (run->config.sample_every)
            sim_meter_counter(run, "host", host->name, "cpu_busy", "", &h->busy);
        for (uint32_t i = 0; i < n; i++) {
            NicTcpCore *core = &h->core[i];
            core->params = h->params;
            core->all_busy = &h->busy;
            core->jobs = &h->jobs;
            core->done = tcp_job_done;
            nic_tcp_core_init(run, core, host->domain,
                              sim_arena_printf(&run->arena, "%s/core%u", host->name, i));
        }
    }
    return &h->core[index % n];
}

NicConnection *nic_tcp_new(SimRun *run, bool iwarp) {
    NicTcp *t = SIM_NEW(&run->arena, NicTcp);
    t->iwarp = iwarp;
    t->c.protocol = iwarp ? &nic_iwarp_protocol : &nic_tcp_protocol;
    return &t->c;
}

static const NicCongestionOps *tcp_algorithm(const NicTcpParams *params) {
    if (params->congestion == NIC_TCP_DCTCP) return &nic_tcp_dctcp;
    return params->congestion == NIC_TCP_CUBIC ? &nic_tcp_cubic : &nic_tcp_newreno;
}

/* The largest segment this end would take. */
static uint32_t tcp_mss(const NicTcp *t) {
    return frame_tcp_payload(tcp_v6(t), t->options, (uint32_t)t->params->mtu);
}

/* `mss`: what the ends' options agree on. */
static void tcp_configure(NicTcp *t, uint32_t mss) {
    const NicTcpParams *p = t->params;
    TcpEcn ecn = p->ecn ? TCP_ECN_CLASSIC : TCP_ECN_NONE;
    t->config = (TcpConfig){.mss = mss,
                            .receive_window = (uint32_t)p->receive_window,
                            .ecn = p->congestion == NIC_TCP_DCTCP ? TCP_ECN_EXACT : ecn,
                            .probes = p->probes,
                            .quick_acks = 16, /* Linux TCP_MAX_QUICKACKS */
                            .delayed_ack = p->delayed_ack,
                            .rto_min = p->rto_min,
                            .rto_initial = SIM_S, /* RFC 6298, 2.1 */
                            .rto_max = 120 * SIM_S,
                            .timer_grain = p->timer_grain};
    t->full_line = frame_tcp_line_bytes(tcp_v6(t), t->c.here->tagged, t->options, mss);
}

void nic_tcp_init(SimRun *run, NicConnection *c, const NicTcpParams *params, const char *label) {
    NicTcp *t = tcp_of(c);
    NicHost *host = c->here->host;
    t->params = params;
    t->host = tcp_host(run, host, params);
    t->options = frame_tcp_data_options(params->timestamps, 0);
    tcp_configure(t, tcp_mss(t));
    t->start.initial_window = params->initial_window;
    const NicCongestionOps *ops = tcp_algorithm(params);
    t->sender.congestion = sim_arena_alloc(&run->arena, ops->size);
    t->sender.congestion->ops = ops;
    c->end.ops = &tcp_ops;
    nic_connection_stand(c, true);
    tcp_start(t);
    sim_timer_add(run, host->domain, SIM_PHASE_TIMER, label, &t->timer, tcp_timer, t);
}

/* The core at this end, by where its frames come from and go to. */
static void tcp_choose_core(SimRun *run, NicTcp *t, uint16_t from_port, uint16_t to_port) {
    const NicConnection *c = &t->c;
    uint32_t hash = nic_tcp_toeplitz(c->there->address, c->here->address, from_port, to_port);
    t->core = tcp_core(run, t->host, c->here->host, hash);
}

void nic_tcp_join(SimRun *run, NicConnection *client, NicConnection *server) {
    NicTcp *a = tcp_of(client), *b = tcp_of(server);
    if (tcp_v6(a) != tcp_v6(b)) { /* one end has no IPv6: they meet in IPv4 */
        a->c.flags &= (uint16_t)~SIM_PACKET_V6;
        b->c.flags &= (uint16_t)~SIM_PACKET_V6;
    }
    uint32_t mss = tcp_mss(a) < tcp_mss(b) ? tcp_mss(a) : tcp_mss(b);
    tcp_configure(a, mss);
    tcp_configure(b, mss);
    tcp_start(a);
    tcp_start(b);
    if (a->iwarp) return;
    uint16_t port = (uint16_t)(49152 + client->flow % 16384); /* RFC 6335: dynamic ports */
    tcp_choose_core(run, a, FRAME_TCP_PORT_SMB, port);
    tcp_choose_core(run, b, port, FRAME_TCP_PORT_SMB);
}

uint32_t nic_tcp_mss(const NicConnection *c) {
    return ((const NicTcp *)c)->config.mss;
}

int64_t nic_tcp_taken(const NicHost *host) {
    const NicTcpHost *h = host->tcp;
    if (!h) return 0;
    return (int64_t)(h->messages.in_use + h->reads.in_use + h->notices.in_use + h->pieces.in_use);
}

int64_t nic_tcp_kept(const NicConnection *c) {
    const NicTcp *t = (const NicTcp *)c;
    int64_t n = 0;
    for (const TcpMessage *m = t->first; m; m = m->next)
        n++;
    for (const TcpRead *r = t->reads; r; r = r->next)
        n++;
    for (const TcpNotice *i = t->notices; i; i = i->next)
        n++;
    for (const TcpPiece *p = t->sender.board.first; p; p = p->next)
        n++;
    for (const TcpPiece *p = t->receiver.ahead.first; p; p = p->next)
        n++;
    return n;
}

const NicProtocol nic_tcp_protocol = {.name = "tcp",
                                      .handle = tcp_handle,
                                      .next = tcp_next,
                                      .ack = tcp_ack,
                                      .has_work = tcp_has_work,
                                      .give_up = tcp_break};
const NicProtocol nic_iwarp_protocol = {.name = "iwarp",
                                        .handle = tcp_handle,
                                        .next = tcp_next,
                                        .ack = tcp_ack,
                                        .has_work = tcp_has_work,
                                        .give_up = tcp_break};
