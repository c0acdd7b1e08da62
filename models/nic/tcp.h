/* tcp.h: the two halves of a TCP connection, as plain state machines.
 *
 * They know neither ports nor the event queue: they are given segments, ACKs and the time, and
 * give segments and ACKs when asked. tcp_transport.c drives them in the simulator, a test over a
 * path of its own.
 *
 *     write --> TcpSender  --- next ---> segment ~~~~~> TcpReceiver --> in-order bytes
 *                   ^                                        |
 *                   +------- acked <~~~~~~~ ACK <--- ack ----+
 *
 * Loss recovery follows RFC 8985 (RACK-TLP) in the form that needs no time stamp a packet: on a
 * path that keeps order, what was sent before something that has arrived is lost. Originals are
 * sent in order of their numbers; each retransmission remembers where the originals stood (`limit`)
 * and how many retransmissions came before it (`order`). With fewer than three segments reported
 * above a hole, a quarter of the smallest round trip is waited first; once a path was seen to
 * reorder, its distance is tolerated. The window goes down by proportional rate reduction (RFC
 * 6937), a lost tail is probed for (TLP), and the timer is that of RFC 6298 with a floor under its
 * variance.
 *
 * The scoreboard is a list of pieces, none while nothing is missing, so an ACK costs O(1) then:
 *
 *     una                      top             next            written
 *      | lost | sacked | plain | ... in flight  | not sent yet ... |
 *
 * Units: sequence numbers count bytes modulo 2^32; windows are bytes. Sources: RFC 793 (9293),
 * 2018, 2883, 3168, 5681, 6298, 6675, 6937, 7323, 8985; where they leave a choice, that of the
 * Linux stack (6.1), against whose transfers it is tested. Not modelled: F-RTO, undo of spurious
 * recoveries, compressed ACKs, window scaling's granularity. */
#ifndef MODELS_NIC_TCP_H
#define MODELS_NIC_TCP_H

#include "models/nic/congestion.h"
#include "sim/base/pool.h"

static inline bool tcp_before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

typedef enum TcpEcn {
    TCP_ECN_NONE,
    TCP_ECN_CLASSIC, /* RFC 3168: a mark is echoed until the sender says it has acted */
    TCP_ECN_EXACT    /* DCTCP: each mark is echoed, for a like share of ACKs */
} TcpEcn;

enum {
    TCP_SACK_BLOCKS = 3, /* beside timestamps (RFC 2018) */
    TCP_SACK_KEPT = 4    /* by the receiver: blocks that meet make room */
};

/* What both halves need to know; constant, shared by many. */
typedef struct TcpConfig {
    uint32_t mss;            /* payload bytes of a full segment */
    uint32_t receive_window; /* bytes */
    TcpEcn ecn;
    bool probes;         /* tail loss probes */
    uint32_t quick_acks; /* segments acknowledged at once at the start */
    SimTime delayed_ack; /* an ACK waits so long for a second segment */
    SimTime rto_min;     /* floor under 4 variances of the round trip */
    SimTime rto_initial, rto_max;
    SimTime timer_grain; /* two ticks of the host's timers: added to short timers */
} TcpConfig;

/* A segment, an ACK, or both in one. */
typedef struct TcpSegment {
    uint32_t seq, bytes;
    uint32_t ack, window;
    uint32_t stamp, echo; /* units of 100 ns */
    uint32_t sack[TCP_SACK_BLOCKS][2];
    uint32_t n_sacks;
    bool ce;      /* marked on the way */
    bool echo_ce; /* ECE */
    bool cwr;
    bool again; /* a retransmission */
} TcpSegment;

static inline uint32_t tcp_stamp(SimTime now) {
    return (uint32_t)(now / (100 * SIM_NS));
}

typedef enum TcpPieceState {
    TCP_PLAIN,  /* in flight, with something above it reported as arrived */
    TCP_SACKED, /* arrived */
    TCP_LOST,   /* to be sent again */
    TCP_RESENT  /* sent again, in flight */
} TcpPieceState;

/* A range of bytes with one fate. */
typedef struct TcpPiece {
    struct TcpPiece *next, *before;
    struct TcpPiece *later, *earlier; /* TCP_RESENT: by order of sending */
    uint32_t first, end;              /* end: the byte after the last */
    uint32_t order, limit;            /* of its last retransmission; order 0: there was none */
    SimTime sent;                     /* that one */
    TcpPieceState state;
} TcpPiece;

typedef struct TcpPieces {
    TcpPiece *first, *last;
} TcpPieces;

/* ---- sender ---- */

typedef enum TcpState { TCP_OPEN, TCP_DISORDER, TCP_REDUCING, TCP_RECOVERY, TCP_LOSS } TcpState;

typedef struct TcpSender TcpSender;

struct TcpSender {
    const TcpConfig *config;
    NicCongestion *congestion; /* started */
    SimPool *pool;             /* of TcpPiece */
    /* A segment from `seq` may have at most so many of `bytes`: where messages end. NULL: any. */
    uint32_t (*cut)(void *owner, uint32_t seq, uint32_t bytes);
    void *owner;
    /* sequence space */
    uint32_t una, next, written, top;
    uint64_t position; /* of `una`, never wraps */
    /* scoreboard */
    TcpPieces board;
    TcpPiece *oldest, *newest;    /* TCP_RESENT by order */
    TcpPiece *hint;               /* first TCP_LOST, NULL: none */
    TcpPiece *cursor;             /* where the last report was about */
    uint32_t sacked, lost, plain; /* bytes in these states */
    uint32_t reported;            /* segments reported above a hole */
    uint32_t arrived;             /* originals before it have arrived, or what is missing is lost */
    uint32_t resends, arrived_order, arrived_limit; /* the same of retransmissions */
    uint32_t reordering; /* segments; beyond TCP_DUPLICATES: the path reorders */
    /* window */
    TcpState state;
    uint32_t high;                         /* recovery ends when all before it is acknowledged */
    int64_t window, prior, delivered, out; /* RFC 6937: cwnd, RecoverFS, prr_delivered, prr_out */
    bool cwr_due;
    /* round trips and timers */
    SimTime srtt, variance, variance_most, smallest, rto;
    uint32_t variance_round;
    uint32_t timeouts; /* in a row */
    bool probe_due, probe_out, probe_again;
    uint32_t probe_high;
    SimTime rto_at, probe_at, reorder_at;
    SimTime deadline; /* when tcp_sender_timer wants to be called; SIM_NEVER: not */
    /* counts */
    int64_t segments, retransmissions, expiries;
};

/* `s` zeroed but for config, congestion, pool, cut and owner. Sequence numbers begin at `isn`. */
void tcp_sender_init(TcpSender *s, uint32_t isn);
/* Gives its pieces back. */
void tcp_sender_clear(TcpSender *s);
/* More to send; written - una stays below 2^31. */
static inline void tcp_sender_write(TcpSender *s, uint32_t bytes) {
    s->written += bytes;
}
/* Bytes taken and not acknowledged. */
static inline uint32_t tcp_sender_outstanding(const TcpSender *s) {
    return s->written - s->una;
}
/* Bytes held to be in the network (RFC 6675: pipe). */
static inline uint32_t tcp_sender_pipe(const TcpSender *s) {
    return s->next - s->una - s->sacked - s->lost;
}
bool tcp_sender_ready(const TcpSender *s);
/* Fills seq, bytes, stamp, cwr and again of *out; false: nothing may be sent now. */
bool tcp_sender_next(TcpSender *s, SimTime now, TcpSegment *out);
void tcp_sender_acked(TcpSender *s, SimTime now, const TcpSegment *a);
/* To be called at `deadline`; later calls and early ones do no harm. */
void tcp_sender_timer(TcpSender *s, SimTime now);

/* ---- receiver ---- */

typedef struct TcpReceiver {
    const TcpConfig *config;
    SimPool *pool;
    uint32_t next;                     /* in order up to here */
    uint32_t told;                     /* acknowledged up to here */
    TcpPieces ahead;                   /* arrived out of order */
    uint32_t recent[TCP_SACK_KEPT][2]; /* blocks to report, the newest first */
    uint32_t n_recent;
    uint32_t duplicate[2]; /* to report as RFC 2883 does; equal: none */
    uint32_t echo;         /* timestamp to echo (RFC 7323, 4.3) */
    uint32_t quick;        /* segments still acknowledged at once */
    bool ce;               /* the newest segment was marked, or, RFC 3168, one since CWR */
    bool due;              /* an ACK is to be sent now */
    bool early_due;        /* and before it one for what came with the other mark (RFC 8257, 3.2) */
    bool early_ce;
    uint32_t early;
    SimTime deadline; /* when tcp_receiver_timer wants to be called; SIM_NEVER: not */
    int64_t duplicates, out_of_order;
} TcpReceiver;

void tcp_receiver_init(TcpReceiver *r, uint32_t isn);
void tcp_receiver_clear(TcpReceiver *r);
/* Takes a segment with bytes. `pushed`: a message ends here, so its reader acknowledges at once.
 * True where bytes of it are new. */
bool tcp_receiver_segment(TcpReceiver *r, SimTime now, const TcpSegment *p, bool pushed);
void tcp_receiver_timer(TcpReceiver *r, SimTime now);
static inline bool tcp_receiver_owes(const TcpReceiver *r) {
    return r->due | r->early_due;
}
/* Fills ack, window, echo, sack and echo_ce of *out: for an ACK, or for any segment that goes. */
void tcp_receiver_ack(TcpReceiver *r, TcpSegment *out);

/* ---- ranges of bytes; within models/nic ---- */

TcpPiece *tcp_piece_new(SimPool *pool, uint32_t first, uint32_t end, TcpPieceState state);
/* After `at`, first where it is NULL. */
void tcp_pieces_insert(TcpPieces *list, TcpPiece *at, TcpPiece *p);
void tcp_pieces_remove(TcpPieces *list, TcpPiece *p);

#endif
