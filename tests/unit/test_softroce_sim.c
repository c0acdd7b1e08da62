/* test_softroce_sim.c: our connections against captures of Linux Soft-RoCE, packet by packet.
 *
 * Each capture in tests/soft-roce is run again: two hosts post the same operations, the frames at
 * host 1 are read back from their bytes, and what each side sent on each queue pair must be what
 * Soft-RoCE sent, in the same order: opcode, PSN, AckReq, payload, pad, RETH, AETH.
 *
 * Losses are replayed: a protocol in front of the real one loses the same packets behind the point
 * of capture, and holds refusals (NAKs) back until the requester has sent as many packets as
 * Soft-RoCE's had, for how far it runs ahead is a matter of time, and the count behind AckReq goes
 * on over it. Where it resumes, with what, and what is answered is the model's alone.
 *
 * Where the model means to differ, the packets are left out, and their number is in the table:
 *
 *   - Soft-RoCE's timer may fire early and send again what has been acknowledged (IBTA volume 1,
 *     9.7.6.1.3 forbids less than the timeout); so may its RNR wait end with PSNs before the one
 *     refused. The repetitions and the acknowledgements they bring are left out.
 *   - After an RNR NAK it answers the next packet by a sequence NAK of the same PSN; ours keeps
 *     silent.
 *   - Part of a READ asked for again it answers by MIDDLE...LAST; ours by FIRST...LAST, as a
 *     message of its own.
 *   - Asked for a READ again, it first sends the rest of its old answers; ours give way. Only the
 *     responses that the requester takes are compared.
 *   - M of the BTH, the UDP checksum over IPv6 and the identification of IPv4 are not compared:
 *     ours are those of adapters. Atomics and datagrams of users are not modelled. */
#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "models/fabric/fabric.h"
#include "models/fault/fault.h"
#include "models/nic/rc.h"
#include "models/storage/storage.h"
#include "models/workload/workload.h"
#include "sim/core/trace.h"
#include "tests/property/rack.h"
#include "tests/soft-roce/digest.h"

/* --- what ran --- */

enum { SIDES = 2, QPS = 4, MESSAGES = 200, SHOTS = 2 * DIGEST_PACKETS };

typedef enum Replayed {
    NOTHING,
    LOST_REQUESTS,
    LOST_RESPONSES, /* of READs */
    LOST_ACKS,
    REFUSALS /* no receive posted */
} Replayed;

typedef struct Case {
    const char *capture;
    TransportVerb verb;
    int bytes, messages;
    int mtu; /* 0: 1024 */
    int qps;
    bool both;       /* both sides post */
    bool one_by_one; /* each operation waits for the one before */
    Replayed replayed;
    int left_out;     /* packets of the capture that are not compared: see above */
    const char *keys; /* further ones of the adapters */
} Case;

static const Case cases[] = {
    {"send_size_1", TRANSPORT_SEND, 1, 5, .qps = 1},
    {"send_size_1025", TRANSPORT_SEND, 1025, 5, .qps = 1},
    {"send_size_2049", TRANSPORT_SEND, 2049, 5, .qps = 1},
    {"write_lat_64", TRANSPORT_WRITE, 64, 50, .qps = 1, .both = true, .one_by_one = true},
    {"send_lat_64", TRANSPORT_SEND, 64, 50, .qps = 1, .both = true, .one_by_one = true,
     .left_out = 2},
    {"read_lat_256", TRANSPORT_READ, 256, 50, .qps = 1, .one_by_one = true},
    {"write_bw_64k", TRANSPORT_WRITE, 65536, 20, .qps = 1},
    {"send_bw_64k", TRANSPORT_SEND, 65536, 20, .qps = 1},
    {"read_bw_64k", TRANSPORT_READ, 65536, 20, .qps = 1},
    {"write_4qp_8k", TRANSPORT_WRITE, 8192, 20, .qps = 4},
    {"write_mtu256", TRANSPORT_WRITE, 4096, 10, .qps = 1, .mtu = 256},
    {"write_ipv6", TRANSPORT_WRITE, 16384, 10, .qps = 1, .keys = "ip: v6"},
    {"loss1_write_srv_ingress", TRANSPORT_WRITE, 65536, 12, .qps = 1, .replayed = LOST_REQUESTS},
    {"loss1_read_srv_egress", TRANSPORT_READ, 65536, 12, .qps = 1, .replayed = LOST_RESPONSES,
     .left_out = 222},
    {"loss3_lat_cli_egress", TRANSPORT_WRITE, 64, 100, .qps = 1, .both = true, .one_by_one = true,
     .replayed = LOST_ACKS, .left_out = 8},
    {"loss5_ack_srv_egress", TRANSPORT_WRITE, 8192, 100, .qps = 1, .replayed = LOST_ACKS},
    {"send_rnr", TRANSPORT_SEND, 1024, 60, .qps = 1, .replayed = REFUSALS, .left_out = 38,
     .keys = "receives: 1, receive_time: 1ns"},
};

/* One end of a connection. Arrays are indexed by PSN or by the number of a request. */
typedef struct End {
    NicConnection *c;
    int left; /* operations still to post */
    SimTimer begin, resume;
    /* what Soft-RoCE did, as the side that asks */
    int asked, naks;
    int resumes[DIGEST_PACKETS];        /* by refusal: requests sent when it goes back */
    int progress[DIGEST_PACKETS];       /* by request: responses taken before */
    int goes_back[DIGEST_PACKETS];      /* by request: to which PSN; -1: it does not */
    bool request_lost[DIGEST_PACKETS];  /* by request */
    bool response_lost[DIGEST_PACKETS]; /* by PSN: the first that is wanted */
    bool refused[DIGEST_PACKETS];       /* by PSN: the first time it is expected */
    int acks_lost[DIGEST_PACKETS];      /* by PSN: so many, the first ones */
    /* what ours has done */
    int sent, came, taken, nak; /* requests out and in; responses; refusals acted on */
    int acks_dropped[DIGEST_PACKETS];
    bool response_dropped[DIGEST_PACKETS], has_refused[DIGEST_PACKETS];
    SimPacket held;
    bool holds;
} End;

typedef struct Replay {
    const Case *what;
    int packets; /* of a message */
    Packet theirs[DIGEST_PACKETS], ours[SHOTS];
    int n_theirs, n_ours, left_out, compared, mid_message;
    End end[SIDES][QPS];
    SimTrace trace;
    uint32_t qpn[SIDES][QPS]; /* as frames show them, in order of appearance, by sender */
    uint64_t address[SIDES][QPS][MESSAGES];
    uint16_t udp_from;
} Replay;

/* The loader takes no extra argument, so the replay under way stands here. */
static Replay *replay_now;

static int mtu_of(const Case *what) {
    return what->mtu ? what->mtu : 1024;
}

/* The end that asked what this packet asks or answers. */
static End *asker_of(Replay *r, const Packet *p) {
    return &r->end[p->asker - 1][p->qp];
}

/* --- the script, from the capture --- */

/* Numbers queue pairs from 0. */
static void number_qps(Packet *p, int n) {
    int qps[QPS], count = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < count && qps[k] != p[i].qp)
            k++;
        ck_assert_int_lt(k, QPS);
        if (k == count) qps[count++] = p[i].qp;
        p[i].qp = k;
    }
}

static bool same_stream(const Packet *a, const Packet *b) {
    return a->from == b->from && a->asker == b->asker && a->qp == b->qp;
}

static bool is_ack(const Packet *p) {
    return p->opcode == FRAME_ACK && p->syndrome == FRAME_SYNDROME_ACK;
}

static bool is_nak(const Packet *p) {
    return p->opcode == FRAME_ACK && p->syndrome != FRAME_SYNDROME_ACK;
}

static bool was_sent_before(const Replay *r, int i) {
    for (int k = 0; k < i; k++)
        if (same_stream(&r->theirs[k], &r->theirs[i]) && r->theirs[k].psn == r->theirs[i].psn)
            return true;
    return false;
}

/* Acknowledgements of the very PSN among the first `n` packets. */
static int acks_of(const Replay *r, const Packet *request, int n) {
    int count = 0;
    for (int k = 0; k < n; k++) {
        const Packet *p = &r->theirs[k];
        count += is_ack(p) && p->asker == request->asker && p->qp == request->qp &&
                 p->psn == request->psn;
    }
    return count;
}

/* A request sent again although it was, or soon would be, acknowledged. */
static bool is_needless(const Replay *r, int i) {
    const Packet *p = &r->theirs[i];
    if (digest_is_response(p->opcode) || !was_sent_before(r, i)) return false;
    if (r->what->replayed == REFUSALS) return acks_of(r, p, i) > 0;
    return r->what->one_by_one && acks_of(r, p, r->n_theirs) > 1;
}

/* What a needless request brings. */
static bool is_repeated_ack(const Replay *r, int i) {
    const Packet *p = &r->theirs[i];
    for (int k = 0; k < i && is_ack(p); k++)
        if (is_ack(&r->theirs[k]) && same_stream(p, &r->theirs[k]) && r->theirs[k].psn >= p->psn)
            return true;
    return false;
}

static bool is_second_refusal(const Replay *r, int i) {
    const Packet *p = &r->theirs[i];
    return r->what->replayed == REFUSALS && p->opcode == FRAME_ACK &&
           p->syndrome == FRAME_SYNDROME_SEQUENCE;
}

static void leave_out_needless(Replay *r) {
    static bool out[DIGEST_PACKETS];
    int kept = 0;
    for (int i = 0; i < r->n_theirs; i++)
        out[i] = is_needless(r, i) || is_repeated_ack(r, i) || is_second_refusal(r, i);
    for (int i = 0; i < r->n_theirs; i++)
        if (!out[i]) r->theirs[kept++] = r->theirs[i];
    r->left_out = r->n_theirs - kept;
    r->n_theirs = kept;
}

/* A request; `psn`: of those before it; `nak`: PSN refused and not sent again yet, else -1. */
static void script_request(const Case *what, End *e, const Packet *p, int *psn, int *nak) {
    bool goes_back = e->asked && p->psn <= psn[e->asked - 1];
    if (goes_back && what->replayed == LOST_REQUESTS) {
        int lost = e->asked - 1;
        while (psn[lost] != p->psn)
            lost--;
        e->request_lost[lost] = true;
    }
    if (goes_back && what->replayed == LOST_RESPONSES) {
        ck_assert_int_eq(p->psn, e->taken);
        e->response_lost[p->psn] = true;
    }
    if (goes_back && p->psn == *nak) {
        e->resumes[e->naks++] = e->asked;
        *nak = -1;
    }
    if (what->replayed == LOST_ACKS && p->ack) e->acks_lost[p->psn]++;
    e->progress[e->asked] = e->taken;
    e->goes_back[e->asked] = goes_back ? p->psn : -1;
    psn[e->asked++] = p->psn;
}

/* What one end asked, was answered, and what must have been lost for that. */
static void script_end(Replay *r, int asker, int qp) {
    static int psn[DIGEST_PACKETS];
    End *e = &r->end[asker - 1][qp];
    int nak = -1;
    for (int i = 0; i < r->n_theirs; i++) {
        const Packet *p = &r->theirs[i];
        if (p->asker != asker || p->qp != qp) continue;
        if (!digest_is_response(p->opcode)) script_request(r->what, e, p, psn, &nak);
        if (is_nak(p)) nak = p->psn;
        if (is_nak(p) && r->what->replayed == REFUSALS) e->refused[p->psn] = true;
        if (is_ack(p) && r->what->replayed == LOST_ACKS) e->acks_lost[p->psn]--;
        if (p->opcode != FRAME_ACK && digest_is_response(p->opcode) && p->psn == e->taken)
            e->taken++;
    }
    ck_assert_int_eq(nak, -1);
    e->taken = 0; /* ours begins */
}

/* --- the protocol in front --- */

/* Soft-RoCE's next request would have been sent by now. Writers wait for a refusal that is on its
 * way, readers for the responses that had come, and for the gap in them where one had been seen. */
static bool may_ask(const End *e) {
    if (e->nak < e->naks && e->sent >= e->resumes[e->nak]) return false;
    if (e->sent >= e->asked || replay_now->what->replayed != LOST_RESPONSES) return true;
    int back = e->goes_back[e->sent];
    if (back >= 0 && ((const NicQp *)e->c)->next_psn != (uint32_t)back) return false;
    return e->taken >= e->progress[e->sent];
}

static bool replay_has_work(const NicConnection *c) {
    return may_ask(c->end.owner) && nic_rc_has_work(c);
}

static SimPacket *replay_next(SimRun *run, NicConnection *c) {
    End *e = c->end.owner;
    if (!may_ask(e)) return NULL;
    SimPacket *p = nic_rc_protocol.next(run, c);
    if (!p || digest_is_response(p->op)) return p;
    e->sent++;
    if (e->holds && e->sent == e->resumes[e->nak])
        sim_timer_set(run, &e->resume, sim_run_now(run) + SIM_NS);
    return p;
}

/* The refusal that was held back. */
static void replay_resume(SimRun *run, void *owner) {
    End *e = owner;
    e->holds = false;
    e->nak++;
    nic_rc_protocol.handle(run, e->c, &e->held);
}

/* What answers this end's requests; false: lost, or held back. */
static bool answer_passes(End *e, const SimPacket *p) {
    uint32_t psn = p->psn;
    ck_assert_uint_lt(psn, DIGEST_PACKETS);
    if (p->op != FRAME_ACK) {
        if ((int)psn != e->taken) return true;
        bool lost = e->response_lost[psn] && !e->response_dropped[psn];
        e->response_dropped[psn] = lost;
        if (!lost) e->taken++;
        return !lost;
    }
    if (p->payload == FRAME_SYNDROME_ACK) {
        if (e->acks_dropped[psn] >= e->acks_lost[psn]) return true;
        e->acks_dropped[psn]++;
        return false;
    }
    ck_assert_int_lt(e->nak, e->naks); /* no more refusals than theirs */
    ck_assert(!e->holds);
    if (e->sent == e->resumes[e->nak]) {
        e->nak++;
        return true;
    }
    e->held = *p;
    e->holds = true;
    return false;
}

/* A request of the end `e` at the other one, `c`; false: lost. */
static bool request_passes(SimRun *run, End *e, NicConnection *c, const SimPacket *p) {
    NicQp *qp = (NicQp *)c;
    if (e->request_lost[e->came++]) return false;
    bool refuse = e->refused[p->psn] && !e->has_refused[p->psn] && p->psn == qp->expected_psn;
    e->has_refused[p->psn] |= refuse;
    qp->receives_until = refuse ? sim_run_now(run) + SIM_S : 0;
    return true;
}

static void replay_handle(SimRun *run, NicConnection *c, SimPacket *p) {
    End *here = c->end.owner;
    End *there = nic_of(run)->connections[c->remote]->end.owner;
    bool passes =
        digest_is_response(p->op) ? answer_passes(here, p) : request_passes(run, there, c, p);
    if (passes) nic_rc_protocol.handle(run, c, p);
}

/* --- who posts --- */

static void post_one(SimRun *run, End *e) {
    const Case *what = replay_now->what;
    e->left--;
    transport_post(run, &e->c->end, what->verb, (uint32_t)what->bytes, e);
}

static void end_begin(SimRun *run, void *owner) {
    End *e = owner;
    post_one(run, e);
    while (e->left && !replay_now->what->one_by_one)
        post_one(run, e);
}

static void end_complete(SimRun *run, TransportEnd *end, void *token, TransportStatus status) {
    End *e = end->owner;
    ck_assert_ptr_eq(token, e);
    ck_assert_int_eq(status, TRANSPORT_OK);
    if (e->left) post_one(run, e);
}

static void end_received(SimRun *run, TransportEnd *end, void *token) {
    (void)run;
    (void)end;
    (void)token;
}

static const TransportUser end_user = {end_complete, end_received, NULL};

static void replay_wire(SimRun *run, const SimScenario *scenario);
static void replay_start(SimRun *run);
static const SimModel replay_model = {.abi = SIM_MODEL_ABI,
                                      .size = sizeof(SimModel),
                                      .name = "replay",
                                      .wire = replay_wire,
                                      .start = replay_start};
const SimModel *const sim_models[] = {
    &fabric_model, &nic_model, &storage_model, &workload_model, &fault_model, &replay_model, NULL};

static const NicProtocol replay_protocol = {"replay",   replay_handle,   replay_next,
                                            nic_rc_ack, replay_has_work, nic_rc_give_up};

static void end_init(SimRun *run, End *e, TransportEnd *end, const char *label) {
    e->c = (NicConnection *)end;
    ck_assert_ptr_eq(e->c->protocol, &nic_rc_protocol);
    e->c->protocol = &replay_protocol;
    end->user = &end_user;
    end->owner = e;
    SimDomain domain = e->c->here->host->domain;
    sim_timer_add(run, domain, SIM_PHASE_TIMER, sim_arena_printf(&run->arena, "%s/begin", label),
                  &e->begin, end_begin, e);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, sim_arena_printf(&run->arena, "%s/resume", label),
                  &e->resume, replay_resume, e);
}

static void replay_wire(SimRun *run, const SimScenario *scenario) {
    (void)scenario;
    Replay *r = replay_now;
    NicEndpoint *one = &nic_host(run, 0)->endpoint[0], *two = &nic_host(run, 1)->endpoint[0];
    for (int qp = 0; qp < r->what->qps; qp++) {
        const char *label = sim_arena_printf(&run->arena, "replay%d", qp);
        TransportEnd *a, *b;
        nic_connect(run, one, two, label, NIC_WANT_RDMA, &a, &b);
        end_init(run, &r->end[0][qp], a, label);
        end_init(run, &r->end[1][qp], b, label);
    }
}

static void replay_start(SimRun *run) {
    Replay *r = replay_now;
    for (int side = r->what->both ? 0 : 1; side < SIDES; side++)
        for (int qp = 0; qp < r->what->qps; qp++) {
            End *e = &r->end[side][qp];
            e->left = r->what->messages;
            sim_timer_set(run, &e->begin, SIM_US);
        }
}

/* --- frames --- */

static int32_t tap_port(void *sink, const char *name, int64_t bps) {
    (void)sink;
    return bps && strcmp(name, "one/1") == 0 ? 0 : -1;
}

/* Which queue pair of those a side sends to. */
static int qp_of(Replay *r, int side, uint32_t qpn) {
    for (int i = 0; i < QPS; i++) {
        if (!r->qpn[side][i]) r->qpn[side][i] = qpn;
        if (r->qpn[side][i] == qpn) return i;
    }
    ck_abort_msg("more queue pairs than were made");
}

/* Where in its message a RETH points to. */
static int reth_offset(Replay *r, const Packet *p, uint64_t address) {
    int message = p->psn / r->packets;
    ck_assert_int_lt(message, MESSAGES);
    uint64_t *begin = &r->address[p->asker - 1][p->qp][message];
    if (p->psn % r->packets == 0 && !*begin) *begin = address;
    return (int)(address - *begin);
}

/* Every RoCE frame is RC, whole, and its ICRC is right: frame_parse has seen to it. */
static void tap_frame(void *sink, uint32_t interface, SimTime at, bool outbound,
                      const uint8_t *bytes, uint32_t size, const char *comment) {
    Replay *r = sink;
    Frame f;
    (void)interface;
    (void)at;
    (void)comment;
    FrameError error = frame_parse(bytes, size - FRAME_FCS_BYTES, &f);
    if (error == FRAME_OTHER) return; /* address resolution */
    ck_assert_msg(error == FRAME_OK, "%s", frame_error_text(error));
    ck_assert_int_lt(r->n_ours, SHOTS);
    Packet *p = &r->ours[r->n_ours++];
    bool v6 = r->what->keys && strstr(r->what->keys, "v6");
    ck_assert_int_eq(f.kind, v6 ? FRAME_V2_IPV6 : FRAME_V2_IPV4);
    size_t bth = FRAME_ETHERNET_BYTES + (v6 ? 40 : 20) + 8;
    uint32_t has = frame_opcode_has(f.opcode);
    int from = outbound ? 1 : 2;
    *p = (Packet){.from = from,
                  .asker = digest_is_response(f.opcode) ? 3 - from : from,
                  .qp = qp_of(r, from - 1, f.to_qp),
                  .opcode = f.opcode,
                  .psn = (int)f.psn,
                  .ack = f.ack_request,
                  .payload = (int)f.payload_bytes,
                  .pad = bytes[bth + 1] >> 4 & 3,
                  .length = -1,
                  .offset = -1,
                  .syndrome = has & FRAME_HAS_AETH ? f.syndrome : -1,
                  .msn = has & FRAME_HAS_AETH ? (int)f.msn : -1};
    if (has & FRAME_HAS_RETH) {
        p->length = (int)f.length;
        p->offset = reth_offset(r, p, f.address);
    }
    r->udp_from = f.udp_from;
    if (r->what->qps == 1 && r->qpn[0][0] && r->qpn[1][0])
        ck_assert_uint_eq(f.udp_from, frame_udp_source_port(r->qpn[0][0], r->qpn[1][0]));
    ck_assert(!f.solicited && !f.fecn && !f.becn && f.pkey == 0xFFFF);
}

static void tap_settled(void *sink, SimTime before) {
    (void)sink;
    (void)before;
}

static void run_again(Replay *r) {
    char yaml[1024];
    int mtu = mtu_of(r->what);
    /* 129 PSNs without acknowledgement are Soft-RoCE's most; of READs of 64 packets, which it
     * counts by their first, that makes three */
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: pair\ndescription: two hosts\nduration: 1s\n"
             "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
             "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s], mtu: %dB, "
             "window: %dB, reads: 3, %s}}}\n"
             "hosts: [{name: one}, {name: two}]\n",
             mtu, 129 * mtu, r->what->keys ? r->what->keys : "");
    SimScenario *s = rack_load(yaml);
    SimSessionOptions options = {.trace = &r->trace};
    SimRun *run = sim_session_begin(s, &options);
    while (sim_run_advance(run, UINT64_MAX)) {
    }
    for (int side = 0; side < SIDES; side++)
        for (int qp = 0; qp < r->what->qps; qp++) {
            ck_assert_int_eq(r->end[side][qp].left, 0);
            ck_assert_int_eq(r->end[side][qp].nak, r->end[side][qp].naks);
            r->end[side][qp].c->protocol = &nic_rc_protocol; /* the audit asks for it */
        }
    SimResult *result = sim_session_end(run, s);
    rack_check_audits(result);
    sim_result_free(result);
    sim_scenario_free(s);
}

/* --- the comparison --- */

static const char *text_of(const Packet *p) {
    return g_strdup_printf("%s psn %d ack %d payload %d pad %d length %d offset %d syndrome %x "
                           "msn %d",
                           frame_opcode_name((uint32_t)p->opcode), p->psn, p->ack, p->payload,
                           p->pad, p->length, p->offset, (unsigned)p->syndrome, p->msn);
}

/* A stream's packets that are compared, one after the other. */
typedef struct Cursor {
    const Packet *packet;
    int n, i, taken, skipped;
    bool ours;
    int acks_dropped[DIGEST_PACKETS];
    bool response_dropped[DIGEST_PACKETS];
} Cursor;

/* Lost behind our point of capture, or not wanted. */
static bool is_skipped(Replay *r, Cursor *c, const Packet *p) {
    const End *e = asker_of(r, p);
    if (r->what->replayed == LOST_ACKS && c->ours && is_ack(p))
        return c->acks_dropped[p->psn]++ < e->acks_lost[p->psn];
    if (r->what->replayed != LOST_RESPONSES || !digest_is_response(p->opcode)) return false;
    if (p->psn != c->taken) return true;
    if (c->ours && e->response_lost[p->psn] && !c->response_dropped[p->psn]) {
        c->response_dropped[p->psn] = true;
        return true;
    }
    c->taken++;
    return false;
}

static const Packet *cursor_next(Replay *r, Cursor *c, const Packet *stream) {
    while (c->i < c->n) {
        const Packet *p = &c->packet[c->i++];
        if (!same_stream(p, stream)) continue;
        if (!is_skipped(r, c, p)) return p;
        c->skipped++;
    }
    return NULL;
}

/* A READ asked for again from its middle is answered as a message of its own: see above. */
static Packet as_ours(Replay *r, const Packet *p) {
    Packet q = *p;
    bool again = r->what->replayed == LOST_RESPONSES && q.opcode == FRAME_READ_MIDDLE &&
                 asker_of(r, &q)->response_lost[q.psn];
    if (!again) return q;
    r->mid_message++;
    q.opcode = FRAME_READ_FIRST;
    q.syndrome = FRAME_SYNDROME_ACK;
    q.msn = q.psn / r->packets + 2; /* the READ behind it had been counted, too */
    return q;
}

static void compare(Replay *r, int from, int asker, int qp) {
    Packet stream = {.from = from, .asker = asker, .qp = qp};
    static Cursor theirs, ours;
    theirs = (Cursor){.packet = r->theirs, .n = r->n_theirs};
    ours = (Cursor){.packet = r->ours, .n = r->n_ours, .ours = true};
    for (;;) {
        const Packet *a = cursor_next(r, &theirs, &stream), *b = cursor_next(r, &ours, &stream);
        if (!a && !b) break;
        ck_assert_msg(a && b, "%s has %s", a ? "Soft-RoCE" : "ours", text_of(a ? a : b));
        Packet wanted = as_ours(r, a);
        Packet got = *b;
        ck_assert_msg(memcmp(&wanted, &got, sizeof got) == 0, "Soft-RoCE: %s\nours: %s",
                      text_of(&wanted), text_of(&got));
        r->compared++;
    }
    r->left_out += theirs.skipped;
}

START_TEST(same_on_the_wire) {
    static Replay replay;
    Replay *r = &replay;
    memset(r, 0, sizeof *r);
    r->what = &cases[_i];
    r->packets = (r->what->bytes + mtu_of(r->what) - 1) / mtu_of(r->what);
    r->trace = (SimTrace){r, tap_port, tap_frame, tap_settled};
    r->n_theirs = digest_read(r->what->capture, r->theirs);
    int all = r->n_theirs;
    number_qps(r->theirs, r->n_theirs);
    leave_out_needless(r);
    for (int qp = 0; qp < r->what->qps; qp++)
        for (int asker = 1; asker <= SIDES; asker++)
            script_end(r, asker, qp);
    replay_now = r;
    run_again(r);
    for (int qp = 0; qp < r->what->qps; qp++)
        for (int asker = 1; asker <= SIDES; asker++)
            for (int from = 1; from <= SIDES; from++)
                compare(r, from, asker, qp);
    printf("%-24s %4d packets of %4d equal\n", r->what->capture, r->compared, all);
    fflush(stdout);
    ck_assert_int_eq(r->compared + r->left_out, all);
    ck_assert_int_eq(r->left_out, r->what->left_out);
    ck_assert_int_eq(r->mid_message, r->what->replayed == LOST_RESPONSES ? 2 : 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("softroce_sim");
    TCase *tests = tcase_create("softroce_sim");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, same_on_the_wire, 0, (int)(sizeof cases / sizeof *cases));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
