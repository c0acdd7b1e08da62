/* tcp_sender.c: what may be sent, what is lost, and how the window gets down. */
#include "models/nic/tcp.h"

enum { TCP_DUPLICATES = 3, REORDERING_MOST = 300 };

static inline uint32_t later_of(uint32_t a, uint32_t b) {
    return tcp_before(a, b) ? b : a;
}

void tcp_sender_init(TcpSender *s, uint32_t isn) {
    s->una = s->next = s->written = s->top = s->high = s->arrived = s->arrived_limit = isn;
    s->variance_round = isn;
    s->reordering = TCP_DUPLICATES;
    s->window = s->congestion->window;
    s->smallest = SIM_NEVER;
    s->rto = s->config->rto_initial;
    s->rto_at = s->probe_at = s->reorder_at = s->deadline = SIM_NEVER;
}

/* ---- scoreboard ---- */

static void board_unlink_resent(TcpSender *s, TcpPiece *p) {
    if (p->earlier)
        p->earlier->later = p->later;
    else
        s->oldest = p->later;
    if (p->later)
        p->later->earlier = p->earlier;
    else
        s->newest = p->earlier;
    p->earlier = p->later = NULL;
}

static void board_link_resent(TcpSender *s, TcpPiece *after, TcpPiece *p) {
    p->earlier = after;
    p->later = after ? after->later : s->oldest;
    if (p->later)
        p->later->earlier = p;
    else
        s->newest = p;
    if (after)
        after->later = p;
    else
        s->oldest = p;
}

/* Takes the bytes of a piece out of the counts of its state. */
static void board_leave(TcpSender *s, TcpPiece *p) {
    uint32_t n = p->end - p->first;
    if (p->state == TCP_PLAIN) s->plain -= n;
    if (p->state == TCP_SACKED) s->sacked -= n;
    if (p->state == TCP_RESENT) board_unlink_resent(s, p);
    if (p->state != TCP_LOST) return;
    s->lost -= n;
    if (s->hint == p) {
        s->hint = p->next;
        while (s->hint && s->hint->state != TCP_LOST)
            s->hint = s->hint->next;
    }
}

static void board_enter(TcpSender *s, TcpPiece *p, TcpPieceState state) {
    uint32_t n = p->end - p->first;
    p->state = state;
    if (state == TCP_PLAIN) s->plain += n;
    if (state == TCP_SACKED) s->sacked += n;
    if (state == TCP_RESENT) board_link_resent(s, s->newest, p);
    if (state != TCP_LOST) return;
    s->lost += n;
    if (!s->hint || tcp_before(p->first, s->hint->first)) s->hint = p;
}

static void board_drop(TcpSender *s, TcpPiece *p) {
    board_leave(s, p);
    if (s->cursor == p) s->cursor = p->before ? p->before : p->next;
    tcp_pieces_remove(&s->board, p);
    sim_pool_put(s->pool, p);
}

/* Cuts a piece in two at `at`; the first part keeps its identity. */
static void board_split(TcpSender *s, TcpPiece *p, uint32_t at) {
    TcpPiece *q = tcp_piece_new(s->pool, at, p->end, p->state);
    q->order = p->order;
    q->limit = p->limit;
    q->sent = p->sent;
    p->end = at;
    tcp_pieces_insert(&s->board, p, q);
    if (p->state == TCP_RESENT) board_link_resent(s, p, q);
}

/* Covers what lies between top and `end`. */
static TcpPiece *board_extend(TcpSender *s, uint32_t end, TcpPieceState state) {
    TcpPiece *p = tcp_piece_new(s->pool, s->top, end, state);
    tcp_pieces_insert(&s->board, s->board.last, p);
    board_enter(s, p, state);
    s->top = end;
    return p;
}

/* The piece that contains `seq`, which is in una .. top - 1; searched from the last one found. */
static TcpPiece *board_find(TcpSender *s, uint32_t seq) {
    TcpPiece *p = s->cursor ? s->cursor : s->board.first;
    while (tcp_before(seq, p->first))
        p = p->before;
    while (!tcp_before(seq, p->end))
        p = p->next;
    s->cursor = p;
    return p;
}

/* Joins p with equal neighbours of state TCP_SACKED. */
static void board_join(TcpSender *s, TcpPiece *p) {
    TcpPiece *q = p->before;
    if (q && q->state == TCP_SACKED) {
        p->first = q->first;
        s->sacked += q->end - q->first;
        board_drop(s, q);
    }
    q = p->next;
    if (q && q->state == TCP_SACKED) {
        p->end = q->end;
        s->sacked += q->end - q->first;
        board_drop(s, q);
    }
    s->cursor = p;
}

/* ---- what an acknowledgement says has arrived ---- */

/* A retransmission has, unless it came so soon that it must have been the original. */
static void sender_resent_arrived(TcpSender *s, SimTime now, const TcpPiece *p) {
    if (now - p->sent < s->smallest) return;
    if (!tcp_before(s->arrived_order, p->order)) return;
    s->arrived_order = p->order;
    s->arrived_limit = later_of(s->arrived_limit, p->limit);
}

/* An original has, with others above it before: the path reorders (RFC 8985, 6.2 step 3). */
static void sender_late(TcpSender *s, const TcpPiece *p) {
    uint32_t distance = (s->arrived - p->first + s->config->mss - 1) / s->config->mss;
    if (distance > REORDERING_MOST) distance = REORDERING_MOST;
    if (distance > s->reordering) s->reordering = distance;
}

static void sender_piece_arrived(TcpSender *s, SimTime now, TcpPiece *p) {
    if (p->state == TCP_RESENT) sender_resent_arrived(s, now, p);
    bool original = p->state == TCP_PLAIN || (p->state == TCP_LOST && !p->order);
    if (original && !tcp_before(s->arrived, p->end)) sender_late(s, p);
}

/* Everything before `ack` has arrived; bytes that were not known to. */
static uint32_t sender_advance(TcpSender *s, SimTime now, uint32_t ack) {
    uint32_t fresh = ack - s->una;
    while (s->board.first && tcp_before(s->board.first->first, ack)) {
        TcpPiece *p = s->board.first;
        if (tcp_before(ack, p->end)) board_split(s, p, ack);
        if (p->state == TCP_SACKED) fresh -= p->end - p->first;
        sender_piece_arrived(s, now, p);
        board_drop(s, p);
    }
    s->position += ack - s->una;
    s->una = ack;
    s->top = later_of(s->top, ack);
    s->arrived = later_of(s->arrived, ack);
    s->arrived_limit = later_of(s->arrived_limit, ack);
    return fresh;
}

/* [first, end) within the covered part has arrived. */
static uint32_t sender_sack_covered(TcpSender *s, SimTime now, uint32_t first, uint32_t end) {
    uint32_t fresh = 0;
    while (tcp_before(first, end)) {
        TcpPiece *p = board_find(s, first);
        if (p->state != TCP_SACKED) {
            if (tcp_before(p->first, first)) {
                board_split(s, p, first);
                p = p->next;
            }
            if (tcp_before(end, p->end)) board_split(s, p, end);
            fresh += p->end - p->first;
            sender_piece_arrived(s, now, p);
            board_leave(s, p);
            board_enter(s, p, TCP_SACKED);
            board_join(s, p);
        }
        first = p->end;
    }
    return fresh;
}

static uint32_t sender_sack(TcpSender *s, SimTime now, uint32_t first, uint32_t end) {
    uint32_t fresh = 0;
    if (tcp_before(first, s->top))
        fresh = sender_sack_covered(s, now, first, tcp_before(end, s->top) ? end : s->top);
    if (!tcp_before(s->top, end)) return fresh;
    if (tcp_before(s->top, first)) board_extend(s, first, TCP_PLAIN);
    fresh += end - s->top;
    board_join(s, board_extend(s, end, TCP_SACKED));
    s->arrived = later_of(s->arrived, end);
    return fresh;
}

static uint32_t sender_sack_sane(TcpSender *s, SimTime now, const uint32_t block[2]) {
    bool sane = tcp_before(block[0], block[1]) && tcp_before(s->una, block[0]) &&
                !tcp_before(s->next, block[1]);
    return sane ? sender_sack(s, now, block[0], block[1]) : 0;
}

/* All blocks, the lowest first: what one ACK tells of came in order as far as anybody knows.
 * *duplicate: one tells of a segment that came twice (RFC 2883). */
static uint32_t sender_sacks(TcpSender *s, SimTime now, const TcpSegment *a, bool *duplicate) {
    uint32_t fresh = 0, order[TCP_SACK_BLOCKS], n = 0;
    for (uint32_t i = 0; i < a->n_sacks; i++) {
        uint32_t k = n++;
        for (; k && tcp_before(a->sack[i][0], a->sack[order[k - 1]][0]); k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t *block = a->sack[order[k]];
        *duplicate |= !tcp_before(a->ack, block[1]);
        fresh += sender_sack_sane(s, now, block);
    }
    if (fresh) s->reported += (fresh + s->config->mss - 1) / s->config->mss;
    if (!s->sacked) s->reported = 0;
    return fresh;
}

/* ---- what is lost ---- */

static void sender_lose(TcpSender *s, TcpPiece *p) {
    board_leave(s, p);
    board_enter(s, p, TCP_LOST);
}

/* Originals with arrivals above them. `all`: the time of grace is over. */
static void sender_lose_plain(TcpSender *s, bool all) {
    bool reorders = s->reordering > TCP_DUPLICATES;
    bool enough = s->state >= TCP_RECOVERY || s->reported >= TCP_DUPLICATES;
    all |= enough && !reorders;
    uint32_t room = s->reordering * s->config->mss;
    if (!all && !reorders) return;
    for (TcpPiece *p = s->board.first; p && s->plain; p = p->next)
        if (p->state == TCP_PLAIN && (all || s->arrived - p->end >= room)) sender_lose(s, p);
}

/* Marks what must be lost; the bytes of it. */
static uint32_t sender_detect(TcpSender *s, SimTime now) {
    uint32_t before = s->lost;
    TcpPiece *p;
    while ((p = s->oldest) &&
           (tcp_before(p->limit, s->arrived) || tcp_before(p->order, s->arrived_order)))
        sender_lose(s, p);
    if (tcp_before(s->top, s->arrived_limit)) {
        s->arrived = later_of(s->arrived, s->arrived_limit);
        board_extend(s, s->arrived_limit, TCP_PLAIN);
    }
    if (s->plain) sender_lose_plain(s, false);
    if (!s->plain)
        s->reorder_at = SIM_NEVER;
    else if (s->reorder_at == SIM_NEVER)
        s->reorder_at = now + s->smallest / 4 + s->config->timer_grain;
    return s->lost - before;
}

/* ---- round trips ---- */

/* RFC 6298; the variance is the largest of the last round trip, so that many samples a round trip
 * do not forget it at once, and it has a floor. */
static void sender_measure(TcpSender *s, SimTime rtt) {
    if (rtt < s->smallest) s->smallest = rtt;
    if (!s->srtt) {
        s->srtt = rtt ? rtt : 1;
        s->variance = s->variance_most = rtt / 2;
    } else {
        SimTime off = rtt > s->srtt ? rtt - s->srtt : s->srtt - rtt;
        s->srtt += (rtt - s->srtt) / 8;
        s->variance_most = s->variance_most > off ? s->variance_most : off;
        if (!tcp_before(s->una, s->variance_round)) {
            s->variance += (s->variance_most - s->variance) / 4;
            s->variance_most = 0;
            s->variance_round = s->next;
        } else if (s->variance_most > s->variance) {
            s->variance += (s->variance_most - s->variance) / 4;
        }
    }
    SimTime spread = 4 * s->variance;
    s->rto = s->srtt + (spread > s->config->rto_min ? spread : s->config->rto_min);
    if (s->rto > s->config->rto_max) s->rto = s->config->rto_max;
}

static SimTime sender_timeout(const TcpSender *s) {
    SimTime t = s->rto;
    for (uint32_t i = 0; i < s->timeouts && t < s->config->rto_max; i++)
        t *= 2;
    return t < s->config->rto_max ? t : s->config->rto_max;
}

/* RFC 8985, 7.2: two round trips, and the receiver's patience where one segment is out. */
static void sender_arm_probe(TcpSender *s, SimTime now) {
    s->probe_at = SIM_NEVER;
    bool calm = s->state == TCP_OPEN || s->state == TCP_REDUCING;
    if (!s->config->probes || !calm || s->sacked || s->probe_out || !s->srtt) return;
    bool one = s->next - s->una <= s->config->mss;
    SimTime wait = 2 * s->srtt + (one ? s->config->rto_min : s->config->timer_grain);
    if (now + wait < s->rto_at) s->probe_at = now + wait;
}

static void sender_arm(TcpSender *s, SimTime now) {
    if (s->una == s->next) {
        s->rto_at = s->probe_at = SIM_NEVER;
        return;
    }
    s->rto_at = now + sender_timeout(s);
    sender_arm_probe(s, now);
}

static void sender_set_deadline(TcpSender *s) {
    SimTime t = s->rto_at < s->probe_at ? s->rto_at : s->probe_at;
    s->deadline = t < s->reorder_at ? t : s->reorder_at;
}

/* ---- window ---- */

static void sender_reduce(TcpSender *s, TcpState state, int64_t prior) {
    s->state = state;
    s->high = s->next;
    s->prior = prior;
    s->delivered = s->out = 0;
}

static void sender_enter_recovery(TcpSender *s, SimTime now) {
    if (s->state == TCP_REDUCING) { /* on the way down already */
        s->state = TCP_RECOVERY;
        s->high = s->next;
    } else {
        sender_reduce(s, TCP_RECOVERY, s->window);
        s->congestion->ops->lost(s->congestion, now, tcp_sender_pipe(s));
    }
    s->probe_out = s->probe_due = false;
    s->probe_at = SIM_NEVER;
}

/* Proportional rate reduction (RFC 6937), its bound the one that grows only with progress. */
static void sender_proportional(TcpSender *s, uint32_t fresh, bool advanced, uint32_t newly_lost) {
    if (!fresh) return;
    int64_t mss = s->config->mss, pipe = tcp_sender_pipe(s), goal = s->congestion->window, n;
    s->delivered += fresh;
    if (pipe > goal) {
        n = (goal * s->delivered + s->prior - 1) / s->prior - s->out;
    } else {
        n = fresh;
        if (advanced && !newly_lost) {
            n = s->delivered - s->out > fresh ? s->delivered - s->out : fresh;
            n += mss;
        }
        if (n > goal - pipe) n = goal - pipe;
    }
    if (n < 0) n = 0;
    if (!s->out && n < mss) n = mss; /* the first retransmission goes at once */
    s->window = pipe + n;
}

static void sender_leave(TcpSender *s, SimTime now) {
    if (s->state != TCP_REDUCING && s->congestion->ops->recovered)
        s->congestion->ops->recovered(s->congestion, now);
    s->state = TCP_OPEN;
    s->window = s->congestion->window;
}

/* RFC 6298, 5.4 to 5.7: all that is not known to have arrived is taken for lost. */
static void sender_expire(TcpSender *s, SimTime now) {
    s->expiries++;
    s->congestion->ops->expired(s->congestion, now, tcp_sender_pipe(s));
    s->window = s->congestion->window;
    if (tcp_before(s->top, s->next)) board_extend(s, s->next, TCP_PLAIN);
    for (TcpPiece *p = s->board.first; p; p = p->next)
        if (p->state == TCP_PLAIN || p->state == TCP_RESENT) sender_lose(s, p);
    s->state = TCP_LOSS;
    s->high = s->next;
    s->reported = 0;
    s->probe_out = s->probe_due = false;
    s->probe_at = s->reorder_at = SIM_NEVER;
    s->timeouts++;
    s->rto_at = now + sender_timeout(s);
}

/* ---- acknowledgements ---- */

/* The answer to a tail loss probe (RFC 8985, 7.4): where the probe repaired a loss, that loss
 * counts. */
static void sender_probe_answered(TcpSender *s, SimTime now, uint32_t ack, bool duplicate) {
    if (tcp_before(ack, s->probe_high)) return;
    s->probe_out = false;
    if (!s->probe_again || duplicate || s->state != TCP_OPEN) return;
    int64_t prior = s->window;
    s->congestion->ops->lost(s->congestion, now, tcp_sender_pipe(s));
    sender_reduce(s, TCP_REDUCING, prior);
    if (s->congestion->ops->recovered) s->congestion->ops->recovered(s->congestion, now);
}

/* Lets the algorithm know; in order, the window follows it. */
static void sender_tell(TcpSender *s, SimTime now, const TcpSegment *a, NicAcked *what) {
    int64_t prior = s->congestion->window;
    what->in_flight = tcp_sender_pipe(s);
    what->position = s->position;
    what->sent = s->position + (s->next - s->una);
    what->marked = a->echo_ce;
    s->congestion->ops->acked(s->congestion, now, what);
    if (s->state == TCP_REDUCING || s->state == TCP_RECOVERY) return;
    if (s->congestion->window < prior && s->state != TCP_LOSS) {
        sender_reduce(s, TCP_REDUCING, prior);
        s->cwr_due = true;
    } else {
        s->window = s->congestion->window;
    }
}

/* Which trouble there is after an ACK, and what the window becomes by it. */
static void sender_react(TcpSender *s, SimTime now, const TcpSegment *a, NicAcked *what,
                         bool advanced) {
    bool over =
        s->state == TCP_REDUCING ? tcp_before(s->high, s->una) : !tcp_before(s->una, s->high);
    if (s->state >= TCP_REDUCING && over) sender_leave(s, now);
    uint32_t newly_lost = sender_detect(s, now);
    if (s->lost && s->state < TCP_RECOVERY) sender_enter_recovery(s, now);
    if (s->state <= TCP_DISORDER) s->state = s->sacked ? TCP_DISORDER : TCP_OPEN;
    if (what->bytes && (advanced || a->echo_ce)) sender_tell(s, now, a, what);
    if (s->state == TCP_RECOVERY || s->state == TCP_REDUCING)
        sender_proportional(s, (uint32_t)what->bytes, advanced, newly_lost);
}

void tcp_sender_acked(TcpSender *s, SimTime now, const TcpSegment *a) {
    if (tcp_before(a->ack, s->una) || tcp_before(s->next, a->ack)) return; /* old, or not ours */
    NicAcked what = {.rtt = SIM_NEVER};
    what.limited = tcp_sender_pipe(s) + s->config->mss > s->window;
    bool advanced = a->ack != s->una, duplicate = false;
    if (!advanced && !a->n_sacks) return; /* says nothing new: as a rule it came with data */
    if (advanced) {
        what.rtt = (SimTime)(tcp_stamp(now) - a->echo) * (100 * SIM_NS);
        what.bytes = sender_advance(s, now, a->ack);
        s->timeouts = 0;
        sender_measure(s, what.rtt);
    }
    if (__builtin_expect(a->n_sacks || s->sacked || s->board.first, 0))
        what.bytes += sender_sacks(s, now, a, &duplicate);
    if (s->probe_out) sender_probe_answered(s, now, a->ack, duplicate);
    sender_react(s, now, a, &what, advanced);
    if (advanced) sender_arm(s, now);
    sender_set_deadline(s);
}

/* ---- sending ---- */

static uint32_t sender_length(const TcpSender *s, uint32_t seq, uint32_t end) {
    uint32_t n = end - seq;
    if (n > s->config->mss) n = s->config->mss;
    return s->cut ? s->cut(s->owner, seq, n) : n;
}

/* Room for a new segment in the receiver's window, and one to send. */
static bool sender_has_new(const TcpSender *s) {
    return s->next != s->written && s->next - s->una < s->config->receive_window;
}

/* Bytes of the segment that is next and may go, 0: none. What is lost goes first. */
static uint32_t sender_choice(const TcpSender *s) {
    uint32_t n;
    if (s->lost)
        n = sender_length(s, s->hint->first, s->hint->end);
    else if (sender_has_new(s))
        n = sender_length(s, s->next, s->written);
    else
        return 0;
    return (int64_t)tcp_sender_pipe(s) + n <= s->window ? n : 0;
}

bool tcp_sender_ready(const TcpSender *s) {
    return (s->probe_due && s->una != s->next) || sender_choice(s);
}

static void sender_emit(TcpSender *s, SimTime now, TcpSegment *out, uint32_t seq, uint32_t n,
                        bool again) {
    out->seq = seq;
    out->bytes = n;
    out->stamp = tcp_stamp(now);
    out->again = again;
    out->cwr = false;
    s->segments++;
    s->retransmissions += again;
    s->out += n;
    if (s->congestion->ops->sent) s->congestion->ops->sent(s->congestion, now, n);
}

static void sender_send_again(TcpSender *s, SimTime now, TcpSegment *out, uint32_t n) {
    TcpPiece *p = s->hint;
    if (n < p->end - p->first) board_split(s, p, p->first + n);
    TcpPiece *rest = p->next;
    s->hint = NULL; /* the rest of it is next */
    p->state = TCP_RESENT;
    s->lost -= n;
    while (rest && rest->state != TCP_LOST)
        rest = rest->next;
    s->hint = rest;
    p->order = ++s->resends;
    p->limit = s->next;
    p->sent = now;
    board_link_resent(s, s->newest, p);
    sender_emit(s, now, out, p->first, n, true);
    if (p->first == s->una) {
        s->rto_at = now + sender_timeout(s);
        sender_set_deadline(s);
    }
}

static void sender_send_new(TcpSender *s, SimTime now, TcpSegment *out, uint32_t n) {
    bool first = s->next == s->una;
    sender_emit(s, now, out, s->next, n, false);
    out->cwr = s->cwr_due;
    s->cwr_due = false;
    s->next += n;
    if (first) s->rto_at = now + sender_timeout(s);
    sender_arm_probe(s, now);
    sender_set_deadline(s);
}

/* RFC 8985, 7.3: a new segment where there is one, else the last one again. */
static bool sender_send_probe(TcpSender *s, SimTime now, TcpSegment *out) {
    s->probe_due = false;
    if (s->una == s->next) return false;
    s->probe_again = !sender_has_new(s);
    s->probe_out = true;
    if (s->probe_again) {
        uint32_t left = s->next - s->una, n = left < s->config->mss ? left : s->config->mss;
        uint32_t from = s->next - n;
        uint32_t cut = sender_length(s, from, s->next);
        while (from + cut != s->next) { /* begin where the last message does */
            from += cut;
            cut = sender_length(s, from, s->next);
        }
        sender_emit(s, now, out, from, cut, true);
    } else {
        sender_send_new(s, now, out, sender_length(s, s->next, s->written));
    }
    s->probe_high = s->next;
    s->probe_at = SIM_NEVER;
    s->rto_at = now + sender_timeout(s);
    sender_set_deadline(s);
    return true;
}

bool tcp_sender_next(TcpSender *s, SimTime now, TcpSegment *out) {
    if (__builtin_expect(s->probe_due, 0) && sender_send_probe(s, now, out)) return true;
    uint32_t n = sender_choice(s);
    if (!n) return false;
    if (s->lost)
        sender_send_again(s, now, out, n);
    else
        sender_send_new(s, now, out, n);
    return true;
}

/* ---- timers ---- */

void tcp_sender_timer(TcpSender *s, SimTime now) {
    if (now < s->deadline) return;
    if (now >= s->reorder_at) {
        s->reorder_at = SIM_NEVER;
        sender_lose_plain(s, true);
        if (s->lost && s->state < TCP_RECOVERY) {
            sender_enter_recovery(s, now);
            s->window = tcp_sender_pipe(s) + s->config->mss;
        }
    } else if (now >= s->rto_at) {
        sender_expire(s, now);
    } else if (now >= s->probe_at) {
        s->probe_at = SIM_NEVER;
        s->probe_due = true;
        s->rto_at = now + sender_timeout(s);
    }
    sender_set_deadline(s);
}

void tcp_sender_clear(TcpSender *s) {
    while (s->board.first)
        board_drop(s, s->board.first);
}
